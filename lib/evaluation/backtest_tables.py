"""Tables of a backtest for reading: errors by predictor, athlete and run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from lib.core import schema as c
from lib.core.durations import h_mm
from lib.evaluation.backtest import OURS, REFERENCE
from lib.evaluation.metrics import HEART_RATE_GIVEN_PACE, leaderboard

GIVEN_PACE: Final = f"{OURS}, true pace given"
USUAL: Final = "mean of the last 20 runs"
"""What stands for heart rate and cadence, which no baseline predicts."""

_BOARD: Final = {
    "mape": ("finish error (%)", 1.0, 1),
    "bias": ("signed (%)", 1.0, 1),
    "mape_hilly": ("hilly runs (%)", 1.0, 1),
    "step_mae_s": ("5 m step (s)", 1.0, 3),
    "shape_mae_s": ("step, true total (s)", 1.0, 3),
    "split_mae_pct": ("kilometre, true total (%)", 1.0, 1),
    "arrival_mae_pct": ("quarters, true total (%)", 1.0, 2),
    "coverage80": ("held by 80% interval (%)", 100.0, 0),
    "width80_pct": ("its width (%)", 1.0, 1),
}
"""Title, factor and decimals of each column."""


def predictions_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """Predictions of a backtest, a row each: its records, and whether the interval held the time."""
    table = pd.DataFrame(list(result["sessions"].values()))
    texts = ["athlete", "predictor"]
    table = table.assign(**{name: pd.to_numeric(table[name]) for name in table.columns if name not in texts})
    return table.assign(held=(table["moving_s"] >= table["low_s"]) & (table["moving_s"] <= table["high_s"]))


def board(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """`lib.evaluation.metrics.leaderboard` for reading: means over athletes, the smallest error of the finish first."""
    means = leaderboard(rows)
    columns = {title: (means[name] * unit).round(digits) for name, (title, unit, digits) in _BOARD.items()}
    whole = {title: "Int64" for title, _, digits in _BOARD.values() if digits == 0}
    return pd.DataFrame(columns).astype(whole).rename_axis(None)


def board_by_athlete(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Mean absolute error of the finish (%), a row for each predictor and a column for each athlete.

    Titles say how many runs each number is a mean of; predictors are in the order of `board`.
    """
    table = pd.DataFrame(list(rows))
    order = leaderboard(table.to_dict("records")).index
    errors = table.pivot(index="predictor", columns="athlete", values="mape").astype(float).loc[order]
    runs = table.groupby("athlete")["n"].max()
    titles = {name: f"{name}, {runs[name]} run{'' if runs[name] == 1 else 's'}" for name in errors.columns}
    return errors.rename(columns=titles).rename_axis(index=None, columns=None)


def body_rows(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Errors of heart rate (bpm) and cadence (rpm) by athlete, for each way of predicting these.

    Ours once more with the true pace given, the reference, and the constant that all baselines share.
    """
    table = pd.DataFrame(list(rows))
    names = ["heart_rate_mae_bpm", "cadence_mae_rpm"]
    ours = table[table["predictor"] == OURS]
    given = ours.assign(predictor=GIVEN_PACE, heart_rate_mae_bpm=ours[HEART_RATE_GIVEN_PACE], cadence_mae_rpm=None)
    baselines = table[~table["predictor"].isin([OURS, REFERENCE])]
    usual = baselines.drop_duplicates("athlete").assign(predictor=USUAL)
    every = pd.concat([given, ours, table[table["predictor"] == REFERENCE], usual], ignore_index=True)
    return every[["athlete", "predictor"]].assign(**{name: pd.to_numeric(every[name]) for name in names})


def body_board(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """`body_rows` for reading: means over athletes, in the same order."""
    means = body_rows(rows).groupby("predictor", sort=False).mean(numeric_only=True)
    return means.set_axis(["heart rate (bpm)", "cadence (rpm)"], axis=1).rename_axis(None)


def worst(predictions: pd.DataFrame, count: int = 8) -> pd.DataFrame:
    """Our worst predictions of the finish, for reading, with what is known about each.

    Parameters
    ----------
    predictions : DataFrame
        From `predictions_table`.
    count : int
        How many.

    Returns
    -------
    DataFrame
        Run (athlete and session), what was known, course, times, interval, and two hints at the reason: the baselines'
        median error (%), and how far heart rate was off with the true pace given (bpm).
    """
    key = ["athlete", c.SESSION_ID]
    ours = predictions[predictions["predictor"] == OURS]
    others = predictions[~predictions["predictor"].isin([OURS, REFERENCE])]
    median = others.groupby(key)["finish_error_pct"].median().rename("baselines")
    shown = (
        ours.join(median, on=key).sort_values("finish_error_pct", key=abs, ascending=False, kind="stable").head(count)
    )
    return pd.DataFrame(
        {
            "run": [f"{name}/{number}" for name, number in zip(shown["athlete"], shown[c.SESSION_ID], strict=True)],
            "runs known": shown["known_sessions"],
            "km": shown["km"].round(1),
            "climb (m/km)": shown[c.CLIMB_PER_KM].round().astype(int),
            "actual": shown["moving_s"].map(h_mm),
            "predicted": shown["predicted_s"].map(h_mm),
            "80% interval": [
                f"{h_mm(low)}\u00a0to\u00a0{h_mm(high)}"  # in one line: spaces that do not break
                for low, high in zip(shown["low_s"], shown["high_s"], strict=True)
            ],
            "held": ["yes" if held else "no" for held in shown["held"]],
            "error (%)": shown["finish_error_pct"].round(1),
            "baselines (%)": shown["baselines"].round(1),
            "heart rate off (bpm)": shown[HEART_RATE_GIVEN_PACE].round(1),
        }
    ).reset_index(drop=True)
