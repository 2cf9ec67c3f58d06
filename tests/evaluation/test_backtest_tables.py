"""Tables of a backtest, worked out by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lib.core import schema as c
from lib.evaluation.backtest import OURS, REFERENCE
from lib.evaluation.backtest_tables import (
    GIVEN_PACE,
    USUAL,
    board,
    board_by_athlete,
    body_board,
    body_rows,
    predictions_table,
    worst,
)
from lib.evaluation.metrics import HEART_RATE_GIVEN_PACE, leaderboard_rows

pytestmark = pytest.mark.slow

BASELINES = ("Tobler", "Minetti")


def record(athlete: str, session: int, predictor: str, error_pct: float) -> dict[str, Any]:
    said_s = 3600.0 * (1 + error_pct / 100)
    ours = {HEART_RATE_GIVEN_PACE: 4.0 + session} if predictor == OURS else {}
    heart_rate = {OURS: 7.0, REFERENCE: 8.0}.get(predictor, 9.0)
    return {
        "athlete": athlete, c.SESSION_ID: session, c.DAY: 3 * session, "known_sessions": session, "km": 10.0,
        c.CLIMB_PER_KM: 30.0, "moving_s": 3600.0, "predictor": predictor, "predicted_s": said_s,
        "low_s": 0.95 * said_s, "high_s": 1.05 * said_s, "finish_error_pct": error_pct, "step_mae_s": 0.3,
        "shape_mae_s": 0.2, "heart_rate_mae_bpm": heart_rate, "cadence_mae_rpm": 2.0 if predictor == OURS else 3.0,
        "low50_s": 0.98 * said_s, "high50_s": 1.02 * said_s, "low95_s": 0.9 * said_s, "high95_s": 1.1 * said_s,
        "split_mae_pct": 6.0, "arrival_mae_pct": 1.5, "heart_rate_shape_mae_bpm": 5.0,
    } | ours  # fmt: skip


def result() -> dict[str, Any]:
    records = [
        record(athlete, session, predictor, factor * error)
        for athlete, errors in (("a", (2.0, -20.0)), ("b", (6.0,)))
        for session, error in enumerate(errors)
        for predictor, factor in ((OURS, 1.0), (REFERENCE, 1.0), ("Tobler", 0.5), ("Minetti", 1.5))
    ]
    sessions = {f"{r['athlete']}/{r[c.SESSION_ID]}/{r['predictor']}": r for r in records}
    return {"rows": leaderboard_rows(records), "sessions": sessions}


def test_each_prediction_is_a_row_that_says_whether_its_interval_held() -> None:
    table = predictions_table(result())
    assert len(table) == 3 * 4
    ours = table[table["predictor"] == OURS].set_index(["athlete", c.SESSION_ID])
    assert ours["held"].to_dict() == {("a", 0): True, ("a", 1): False, ("b", 0): False}


def test_what_was_not_there_to_measure_is_a_missing_number() -> None:
    changed = result()
    for one in changed["sessions"].values():
        one["heart_rate_mae_bpm"] = None
    assert predictions_table(changed)["heart_rate_mae_bpm"].isna().all()
    assert predictions_table(changed)["heart_rate_mae_bpm"].dtype == float


def test_athletes_count_alike_on_the_board_and_the_smallest_error_is_first() -> None:
    table = board(result()["rows"])
    assert list(table.index) == ["Tobler", OURS, REFERENCE, "Minetti"]
    assert table.loc[OURS, "finish error (%)"] == pytest.approx((11.0 + 6.0) / 2)
    assert table.loc[OURS, "signed (%)"] == pytest.approx((-9.0 + 6.0) / 2)
    assert table.loc[OURS, "held by 80% interval (%)"] == 25


def test_the_board_by_athlete_says_of_how_many_runs() -> None:
    table = board_by_athlete(result()["rows"])
    assert list(table.columns) == ["a, 2 runs", "b, 1 run"]
    assert list(table.index) == list(board(result()["rows"]).index)
    assert table.loc[OURS].tolist() == pytest.approx([11.0, 6.0])


def test_ways_to_predict_heart_rate_are_ours_with_and_without_pace_the_reference_and_one_constant() -> None:
    rows = body_rows(result()["rows"])
    assert rows.groupby("athlete", sort=False)["predictor"].apply(list).to_dict() == {
        athlete: [GIVEN_PACE, OURS, REFERENCE, USUAL] for athlete in "ab"
    }
    table = body_board(result()["rows"])
    assert list(table.index) == [GIVEN_PACE, OURS, REFERENCE, USUAL]
    assert table["heart rate (bpm)"].tolist() == pytest.approx([(4.5 + 4.0) / 2, 7.0, 8.0, 9.0])
    assert pd.isna(table.loc[GIVEN_PACE, "cadence (rpm)"])
    assert table.loc[USUAL, "cadence (rpm)"] == 3.0


def test_the_worst_come_first_with_what_the_baselines_said() -> None:
    table = worst(predictions_table(result()), count=2)
    assert table["run"].tolist() == ["a/1", "b/0"]
    assert table["error (%)"].tolist() == [-20.0, 6.0]
    assert table["baselines (%)"].tolist() == [-20.0, 6.0]  # the median of half and one and a half times as much
    assert table["predicted"].tolist() == ["0:48", "1:04"]
    assert table["actual"].tolist() == ["1:00", "1:00"]
    assert table["held"].tolist() == ["no", "no"]
    assert table["heart rate off (bpm)"].tolist() == [5.0, 4.0]
    assert table["80% interval"].iloc[0] == "0:46\u00a0to\u00a00:50"
