"""In: predictions chosen by hand, and a small model. Out: the errors by hand, and that each start is cold."""

from __future__ import annotations

import pandas as pd
import pytest

from lib import columns as c
from lib.backtest import OURS, REFERENCE, cold_starts, prediction_errors
from lib.errors import InputError
from tests.small import small_model, small_sessions


def table(duration: list[float], heart_rate: list[float], cadence: list[float]) -> pd.DataFrame:
    return pd.DataFrame({c.DURATION: duration, c.HEART_RATE: heart_rate, c.CADENCE: cadence})


def test_errors_by_hand() -> None:
    errors = prediction_errors(table([2.0, 2.0], [140, 150], [80, 80]), table([1.0, 4.0], [150, 150], [81, 82]))
    assert errors["finish_error_pct"] == pytest.approx(-20.0)
    assert errors["step_mae_s"] == pytest.approx(1.5)
    assert errors["shape_mae_s"] == pytest.approx(1.5)  # scaled to 2.5, 2.5
    assert errors["heart_rate_mae_bpm"] == pytest.approx(5.0)
    assert errors["cadence_mae_rpm"] == pytest.approx(1.5)


def test_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="1 and 2 steps"):
        prediction_errors(table([2.0], [140], [80]), table([1.0, 4.0], [150, 150], [81, 82]))


def test_each_of_the_last_sessions_is_predicted_cold() -> None:
    model, fitted = small_model()
    sessions = small_sessions(4)
    rows = cold_starts(model, fitted, {"a": sessions}, last=2)
    assert rows[[c.SESSION_ID, "predictor"]].to_numpy().tolist() == [
        [2, OURS], [2, REFERENCE], [3, OURS], [3, REFERENCE],
    ]  # fmt: skip
    changed = sessions.copy()
    changed.loc[changed[c.SESSION_ID] == 3, [c.HEART_RATE, c.CADENCE]] += 30
    changed.loc[changed[c.SESSION_ID] == 3, c.DURATION] *= 2
    again = cold_starts(model, fitted, {"a": changed}, last=2)
    # The last session took twice as long as before, the prediction of it stayed the same.
    before, after = ((1 + t["finish_error_pct"].iloc[2] / 100) for t in (rows, again))
    assert after == pytest.approx(before / 2)
