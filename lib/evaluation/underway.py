"""How good forecasts on the day are: the finish from the clocks at checkpoints of real races."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.bundle import Bundle
from lib.athlete.profile import AthleteProfile
from lib.core.schema import STEP_M
from lib.evaluation.baselines.paceforge import paceforge_times
from lib.evaluation.race_tables import RaceYear
from lib.evaluation.races import EVEN, OURS, PACEFORGE_LAW, Planner, still
from lib.inference.rollout import Backend
from lib.plan.day_table import DayTable, day_table, place_of
from lib.plan.pacing import night_of
from lib.plan.race_plan import plan_race

Floats = NDArray[np.float64]

SHIFTED: Final = "the plan shifted"
UNDERWAY_PREDICTORS: Final = (OURS, PACEFORGE_LAW, EVEN, SHIFTED)
AT: Final = (0.25, 0.5, 0.75)
_FINISHES: Final = 60
_FEWEST: Final = 20
_MOST: Final = 400
"""Of more finishers so many are taken, evenly over their order: each forecast takes a millisecond."""


@dataclass(frozen=True)
class UnderwayRow:
    """One race, year, predictor, and share of the way.

    Parameters
    ----------
    part : str
        ``"underway"``.
    race, year, event, predictor : str, int, str, str
        What was run, and what it was predicted by.
    at : float
        Share of the way; the checkpoint nearest to it is the last that is known.
    n : int
        Finishers with a time there that were predicted, 400 at most.
    mape : float
        Mean absolute error of the finish (%).
    bias_pct : float
        Mean error of the finish (%); above 0 it is predicted too late.
    next_gap_min : float, optional
        Mean absolute gap at the next checkpoint (min), if there is one before the finish.
    coverage80 : float, optional
        Share (%) of finishes within their 80% interval.
    course : str
        What the course is made of: track, sections or flat.
    scheme : str
        ``"shipped"``.
    """

    part: str
    race: str
    year: int
    event: str
    predictor: str
    at: float
    n: int
    mape: float
    bias_pct: float
    next_gap_min: float | None
    coverage80: float | None
    course: str
    scheme: str = "shipped"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def score_underway(backend: Backend, bundle: Bundle, race: RaceYear) -> list[UnderwayRow]:
    """Rows of all predictors of one race and year, for runners of whom nothing else is known.

    Every checkpoint up to the last known one is a check-in, by its arrival.
    """
    planner = Planner(backend, replace(bundle, athlete=AthleteProfile()), race)
    plan = plan_race(still, planner.bundle, race.course, planner.config)
    if plan.law_weight < 1.0:  # where the law alone decides the times, the network has no say in them
        plan = plan_race(backend, planner.bundle, race.course, planner.config)
    steps = planner.steps
    table = day_table(plan, planner.bundle, steps[1:].tolist())
    places = [place_of(table, (step + 1) * STEP_M, race.course.steps) for step in steps[1:].tolist()]
    at_m = race.share * race.course.steps * STEP_M
    by_plan_s = np.concatenate([[0.0], plan.arrival_s[steps[1:]]])
    finishes_s = np.exp(np.linspace(np.log(0.4 * race.finish_s.min()), np.log(2.0 * race.finish_s.max()), _FINISHES))
    by_law_s = paceforge_times(race.course, finishes_s, at_m, night_of(planner.config, race.course))  # (G, K)
    rows: list[UnderwayRow] = []
    for at in AT:
        last = 1 + int(np.argmin(np.abs(race.share[1:-1] - at)))
        known = np.isfinite(race.elapsed_s[:, last])
        if known.sum() < _FEWEST:
            continue
        real_s = race.elapsed_s[known]
        order = np.argsort(real_s[:, -1], kind="stable")
        real_s = real_s[order[np.unique(np.linspace(0, order.size - 1, _MOST).round().astype(int))]]
        there_s = real_s[:, last]
        after = last + 1
        solved_s = np.interp(there_s, by_law_s[:, last], finishes_s)
        low_s, ours_s, high_s = _ours(table, places, real_s, last)
        late_s = there_s - by_plan_s[last]
        predicted = {
            OURS: ours_s,
            PACEFORGE_LAW: np.stack([np.interp(solved_s, finishes_s, by_law_s[:, after]), solved_s], axis=1),
            EVEN: there_s[:, None] / race.share[last] * race.share[[after, -1]],
            SHIFTED: by_plan_s[[after, -1]] + late_s[:, None],
        }
        finish_s = real_s[:, -1]
        covered = float(100.0 * np.mean((finish_s >= low_s) & (finish_s <= high_s)))
        for predictor, times_s in predicted.items():
            off = times_s[:, 1] / finish_s - 1.0
            gap_min = np.abs(times_s[:, 0] - real_s[:, after]) / 60.0
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # where the next checkpoint saw nobody
                gap = float(np.nanmean(gap_min)) if after < race.share.size - 1 else np.nan
            rows.append(
                UnderwayRow(
                    "underway", race.race, race.year, race.event, predictor, at, len(real_s),
                    float(100.0 * np.abs(off).mean()), float(100.0 * off.mean()),
                    gap if np.isfinite(gap) else None, covered if predictor == OURS else None, race.source,
                )
            )  # fmt: skip
    return rows


def _ours(table: DayTable, places: Sequence[int], elapsed_s: Floats, last: int) -> tuple[Floats, Floats, Floats]:
    """Lower end of the finish (N,), next checkpoint and finish (N, 2), upper end of the finish (N,)."""
    low_s, both_s, high_s = [], [], []
    for arrived in elapsed_s:
        seen = [(places[k - 1], float(arrived[k]), None) for k in range(1, last + 1) if arrived[k] > 0]
        forecast = table.ahead(seen)
        following = forecast.place == places[last]
        both_s.append((forecast.arrival_s[following][0], forecast.arrival_s[-1]))
        low_s.append(forecast.low_s[-1])
        high_s.append(forecast.high_s[-1])
    return np.array(low_s), np.array(both_s), np.array(high_s)


def score_all_underway(
    backend: Backend, bundle: Bundle, races: Sequence[RaceYear], progress: Callable[[str], None] = lambda _: None
) -> list[UnderwayRow]:
    """Rows of all races."""
    rows: list[UnderwayRow] = []
    for race in races:
        progress(race.name)
        rows += score_underway(backend, bundle, race)
    return rows


def underway_means(rows: Sequence[UnderwayRow], key: str = "mape") -> dict[str, dict[float, float]]:
    """Mean over events of a figure, by predictor and share of the way; every event counts alike."""
    found: dict[str, dict[float, float]] = {}
    for predictor in UNDERWAY_PREDICTORS:
        for at in AT:
            by_event: dict[str, list[float]] = {}
            for row in rows:
                if row.predictor == predictor and row.at == at and getattr(row, key) is not None:
                    by_event.setdefault(row.event, []).append(getattr(row, key))
            if by_event:
                found.setdefault(predictor, {})[at] = float(np.mean([np.mean(x) for x in by_event.values()]))
    return found


def underway_summary(rows: Sequence[UnderwayRow]) -> str:
    """Error of the finish (%) by predictor and share of the way, as text."""
    lines = ["Error of the finish (%) from the clocks at 25, 50 and 75% of the way:"] if rows else []
    covered = underway_means(rows, "coverage80").get(OURS, {})
    for predictor, by_share in underway_means(rows).items():
        held = ", 80% interval holds " + " ".join(f"{x:.0f}" for x in covered.values()) if predictor == OURS else ""
        lines.append(f"  {predictor:27s} {' '.join(f'{error:6.1f}' for error in by_share.values())}{held}")
    return "\n".join(lines)
