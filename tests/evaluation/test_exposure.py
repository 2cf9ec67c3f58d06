"""What a training has seen of a session is neither hidden nor invented."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from lib.athlete.prior import Prior
from lib.core import schema as c
from lib.evaluation.exposure import CHECKED, LEARNED, UNSEEN, exposure
from lib.recordings.sessions import split_by_date
from lib.training.config import TrainingConfig
from lib.training.dataset import athlete_frame
from lib.training.training_data import fingerprint
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow

ATHLETES = {"a": small_sessions(10, seed=1), "b": small_sessions(5, seed=2)}
EVERY = [(name, number) for name, sessions in ATHLETES.items() for number in sessions[c.SESSION_ID].unique()]


def manifest(held_back: float, test_share: float) -> dict[str, object]:
    seen = ATHLETES
    if test_share:
        seen = {name: split_by_date(sessions, test_share)[0] for name, sessions in ATHLETES.items()}
    config = TrainingConfig(held_back=held_back, test_share=test_share)
    return {"config": asdict(config), "data": fingerprint(seen)}


@pytest.mark.parametrize(
    ("held_back", "test_share", "expected"),
    [
        (0.2, 0.0, {"a": (0, 2, 8), "b": (0, 1, 4)}),
        (0.25, 0.2, {"a": (2, 2, 6), "b": (1, 1, 3)}),
    ],
)
def test_every_session_is_kept_checked_or_learned_from(
    held_back: float, test_share: float, expected: dict[str, tuple[int, int, int]]
) -> None:
    counts = exposure(manifest(held_back, test_share), ATHLETES, EVERY)
    assert counts is not None
    assert list(counts.columns) == [UNSEEN, CHECKED, LEARNED]
    assert {name: tuple(row) for name, row in counts.T.items()} == expected


def test_only_predicted_sessions_count() -> None:
    counts = exposure(manifest(0.25, 0.2), ATHLETES, [("a", 9), ("a", 7), ("b", 0)])
    assert counts is not None
    assert counts.loc["a"].tolist() == [1, 1, 0]
    assert counts.loc["b"].tolist() == [0, 0, 1]


def test_of_a_model_trained_on_other_sessions_nothing_is_known() -> None:
    other = manifest(0.2, 0.0) | {"data": "0" * 16}
    assert exposure(other, ATHLETES, EVERY) is None


def test_sessions_are_held_back_as_training_does_with_incomplete_ones_left_out() -> None:
    sessions = ATHLETES["a"].copy()
    sessions.loc[sessions[c.SESSION_ID] == 8, c.HEART_RATE] = np.nan
    frame, _ = athlete_frame(sessions, Prior(), "a")
    held = sorted(split_by_date(frame, 0.2)[1][c.SESSION_ID].unique())
    config = {"config": asdict(TrainingConfig(held_back=0.2)), "data": fingerprint({"a": sessions})}
    said = {n: exposure(config, {"a": sessions}, [("a", n)]) for n in held}
    assert held == [7, 9]
    assert all(isinstance(row, pd.DataFrame) and row.loc["a", CHECKED] == 1 for row in said.values())
    before = exposure(config, {"a": sessions}, [("a", 6)])
    assert before is not None and before.loc["a", LEARNED] == 1
