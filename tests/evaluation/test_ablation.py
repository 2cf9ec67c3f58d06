"""Parts of a prediction are measured on the same runs; the curve counts runs by what was known before them."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.prior import Prior
from lib.core import schema as c
from lib.course.terrain_features import course_table
from lib.evaluation import ablation as parts
from lib.inference.rollout import Start
from lib.training.interpretation import PARTS, interpretation
from lib.training.torch_backend import torch_backend
from tests.support.exported import loaded
from tests.support.small import small_folder, small_sessions

pytestmark = pytest.mark.slow
ATHLETES = {"small": small_sessions(9, 1050)}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    return loaded(small_folder(tmp_path_factory.mktemp("model")))


def test_every_part_is_measured_and_nobody_is_measured_by_what_was_told(shipped: tuple) -> None:
    model, bundle = shipped
    table = parts.ablation(torch_backend(model), bundle, ATHLETES, 2)
    assert list(table.index) == [
        parts.LAW, parts.CURVE, parts.REFERENCE, parts.NETWORK, parts.EFFORT_GIVEN, parts.PACE_GIVEN
    ]  # fmt: skip
    finish = table["finish_error_pct"]
    # All but the effort leave the total to the reference.
    assert finish.to_numpy()[:4] == pytest.approx(np.full(4, finish.iloc[0]), rel=1e-5)
    assert finish[parts.EFFORT_GIVEN] != pytest.approx(finish[parts.NETWORK])
    assert np.isnan(table.loc[parts.PACE_GIVEN, ["finish_error_pct", "split_mae_pct", "arrival_mae_pct"]]).all()
    assert np.isfinite(table.drop(index=parts.PACE_GIVEN)).all().all()


def test_runs_are_grouped_by_how_many_came_before() -> None:
    curve = parts.learning_curve(ATHLETES, Prior(), known=(2, 5))
    assert list(curve.index) == [2, 5] and list(curve["runs"]) == [3, 4]
    assert ((curve["coverage80"] >= 0) & (curve["coverage80"] <= 1)).all()
    assert (curve["width80_pct"] > 0).all()


def test_weights_sum_to_one_and_attention_reaches_over_a_full_encoder(shipped: tuple) -> None:
    weights, attention = interpretation(*shipped, [Start(course_table(np.linspace(0, 90, 70)))])
    assert list(weights) == list(PARTS)
    assert all(series.sum() == pytest.approx(1.0, abs=1e-4) for series in weights.values())
    assert c.SLOPE_25M in weights["decoder"].index and c.FED_DURATION not in weights["decoder"].index
    assert list(attention.index) == list(range(40, 0, -1)) and attention.sum() <= 1.0 + 1e-5
