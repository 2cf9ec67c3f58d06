"""Errors and rows of the leaderboard, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.metrics import (
    HEART_RATE_GIVEN_PACE,
    leaderboard,
    leaderboard_rows,
    prediction_errors,
    shape_errors,
)


def table(duration: list[float], heart_rate: list[float], cadence: list[float]) -> pd.DataFrame:
    return pd.DataFrame({c.DURATION: duration, c.HEART_RATE: heart_rate, c.CADENCE: cadence})


def record(athlete: str, predictor: str, error_pct: float, climb: float = 5.0, **other: float) -> dict[str, object]:
    """A session of 1000 s, predicted with this error, and 900 to 1100 s."""
    return {
        "athlete": athlete,
        "predictor": predictor,
        c.CLIMB_PER_KM: climb,
        "moving_s": 1000.0,
        "predicted_s": 1000.0 + 10.0 * error_pct,
        "low_s": 900.0,
        "high_s": 1100.0,
        "low50_s": 950.0,
        "high50_s": 1050.0,
        "low95_s": 800.0,
        "high95_s": 1250.0,
        "finish_error_pct": error_pct,
        "step_mae_s": 0.2,
        "shape_mae_s": 0.1,
        "heart_rate_mae_bpm": 10.0,
        "cadence_mae_rpm": 3.0,
        "split_mae_pct": 4.0,
        "arrival_mae_pct": 1.0,
        "heart_rate_shape_mae_bpm": 5.0,
    } | other


def test_errors_by_hand() -> None:
    errors = prediction_errors(table([2.0, 2.0], [140, 150], [80, 80]), table([1.0, 4.0], [150, 150], [81, 82]))
    assert errors["finish_error_pct"] == pytest.approx(-20.0)
    assert errors["step_mae_s"] == pytest.approx(1.5)
    assert errors["shape_mae_s"] == pytest.approx(1.5)  # scaled to 2.5, 2.5
    assert errors["heart_rate_mae_bpm"] == pytest.approx(5.0)
    assert errors["cadence_mae_rpm"] == pytest.approx(1.5)


def test_steps_without_heart_rate_are_not_judged() -> None:
    errors = prediction_errors(
        table([2.0, 2.0], [140, 150], [80, 80]), table([2.0, 2.0], [float("nan"), 147], [80, 80])
    )
    assert errors["heart_rate_mae_bpm"] == pytest.approx(3.0)


def test_shapes_by_hand() -> None:
    was = table([1.0] * 200 + [3.0] * 200, [140.0] * 200 + [160.0] * 200, [80.0] * 400)
    said = table([1.0] * 400, [150.0] * 200 + [152.0] * 200, [80.0] * 400)
    errors = shape_errors(said, was)  # scaled to 2 s a step: 400 and 400 s where 200 and 600 s were
    assert errors["split_mae_pct"] == pytest.approx(100 * 200 / 400)
    assert errors["arrival_mae_pct"] == pytest.approx(100 * (100 + 200 + 100) / 3 / 800)
    assert errors["heart_rate_shape_mae_bpm"] == pytest.approx(9.0)


def test_a_scaled_prediction_has_no_error_of_shape() -> None:
    was = table([1.0, 2.0] * 300, [140.0, 150.0] * 300, [80.0] * 600)
    said = was.assign(**{c.DURATION: 0.7 * was[c.DURATION], c.HEART_RATE: was[c.HEART_RATE] - 12})
    assert list(shape_errors(said, was).values()) == pytest.approx([0.0, 0.0, 0.0])


def test_less_than_two_kilometres_have_no_splits() -> None:
    short = table([1.0] * 399, [float("nan")] * 399, [80.0] * 399)
    errors = shape_errors(short, short)
    assert np.isnan(errors["split_mae_pct"])
    assert np.isnan(errors["heart_rate_shape_mae_bpm"])
    assert errors["arrival_mae_pct"] == 0.0


def test_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="1 and 2 steps"):
        prediction_errors(table([2.0], [140], [80]), table([1.0, 4.0], [150, 150], [81, 82]))


def test_a_row_by_hand() -> None:
    sessions = [record("a", "x", 10.0), record("a", "x", -4.0, climb=30.0, heart_rate_mae_bpm=float("nan"))]
    sessions[1]["moving_s"] = 1200.0
    (row,) = leaderboard_rows(sessions)
    assert row["n"] == 2
    assert row["mape"] == pytest.approx(7.0)
    assert row["bias"] == pytest.approx(3.0)
    assert (row["n_hilly"], row["mape_hilly"]) == (1, pytest.approx(4.0))
    assert row["heart_rate_mae_bpm"] == pytest.approx(10.0)  # of the one that has it
    assert (row["coverage50"], row["coverage80"], row["coverage95"]) == (0.5, 0.5, 1.0)
    assert row["width80_pct"] == pytest.approx(100 * (200 / 1100 + 200 / 960) / 2)
    assert row[HEART_RATE_GIVEN_PACE] is None


def test_what_was_not_there_is_none_and_not_zero() -> None:
    (row,) = leaderboard_rows([record("a", "x", 10.0)])
    assert row["mape_hilly"] is None


def test_the_leaderboard_counts_athletes_alike_and_puts_the_best_first() -> None:
    sessions = [record("a", "x", 2.0)] * 9 + [record("b", "x", 10.0)] + [record(n, "y", 5.0) for n in "ab"]
    means = leaderboard(leaderboard_rows(sessions))
    assert means.index.tolist() == ["y", "x"]
    assert means.loc["x", "mape"] == pytest.approx(6.0)
