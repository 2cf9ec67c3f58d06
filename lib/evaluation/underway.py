"""How good forecasts on the day are: the finish from the clocks at checkpoints of real races."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.bundle import Bundle
from lib.athlete.profile import AthleteProfile
from lib.core.schema import STEP_M
from lib.evaluation.baselines.paceforge import paceforge_times
from lib.evaluation.day_fit import AT, evenly, last_known
from lib.evaluation.race_tables import RaceYear
from lib.evaluation.races import EDITION, EVEN, OURS, PACEFORGE_LAW, Planner, earlier_years, edition_of, still
from lib.inference.rollout import Backend
from lib.plan.day_state import SPREAD, DaySpread
from lib.plan.day_table import DayTable, day_table, place_of
from lib.plan.pacing import night_of
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.edition import Edition

Floats = NDArray[np.float64]

SHIFTED: Final = "the plan shifted"
UNDERWAY_PREDICTORS: Final = (OURS, EDITION, PACEFORGE_LAW, EVEN, SHIFTED)
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
    coverage80, next_coverage80 : float, optional
        Share (%) of finishes, and of times at the next checkpoint, within their 80% interval.
    course : str
        What the course is made of: track, sections or flat.
    scheme : str
        ``"shipped"``, or ``"left out"`` where law and spreads were fitted on other events.
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
    next_coverage80: float | None
    course: str
    scheme: str = "shipped"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def score_underway(
    backend: Backend,
    bundle: Bundle,
    race: RaceYear,
    earlier: Sequence[RaceYear] = (),
    spread: DaySpread = SPREAD,
    scheme: str = "shipped",
) -> list[UnderwayRow]:
    """Rows of all predictors of one race and year, for runners of whom nothing else is known.

    Every checkpoint up to the last known one is a check-in, by its arrival.

    Parameters
    ----------
    backend, bundle : callable, Bundle
        The model.
    race : RaceYear
        What was run.
    earlier : sequence of RaceYear
        Earlier years of the race, the latest first.
    spread : DaySpread
    scheme : str
        See `UnderwayRow`; left out, what needs no fit is not scored again.
    """
    planner = Planner(backend, replace(bundle, athlete=AthleteProfile()), race)
    plan = _plan(planner, ())
    tables = {OURS: _table(planner, plan, spread)}
    if earlier:
        plan_of_edition = _plan(planner, [edition_of(year, race.year) for year in earlier])
        tables[EDITION] = _table(planner, plan_of_edition, spread)
    finishes_s = np.exp(np.linspace(np.log(0.4 * race.finish_s.min()), np.log(2.0 * race.finish_s.max()), _FINISHES))
    at_m = race.share * race.course.steps * STEP_M
    by_law_s = paceforge_times(race.course, finishes_s, at_m, night_of(planner.config, race.course))  # (G, K)
    by_plan_s = np.concatenate([[0.0], plan.arrival_s[planner.steps[1:]]])
    rows: list[UnderwayRow] = []
    for at in AT:
        last = last_known(race.share, at)
        known = np.isfinite(race.elapsed_s[:, last])
        if known.sum() < _FEWEST:
            continue
        real_s = evenly(race.elapsed_s[known], _MOST)
        there_s, pair = real_s[:, last], [last + 1, race.share.size - 1]
        predicted = {name: _ours(*table, real_s, last) for name, table in tables.items()}
        if scheme == "shipped":
            solved_s = np.interp(there_s, by_law_s[:, last], finishes_s)
            on_s = {
                PACEFORGE_LAW: np.stack([np.interp(solved_s, finishes_s, by_law_s[:, last + 1]), solved_s], axis=1),
                EVEN: there_s[:, None] / race.share[last] * race.share[pair],
                SHIFTED: by_plan_s[pair] + (there_s - by_plan_s[last])[:, None],
            }
            predicted |= {name: times_s[None] for name, times_s in on_s.items()}
        for predictor, times_s in predicted.items():
            rows.append(_row(race, predictor, at, times_s, real_s[:, pair], scheme))
    return rows


def _row(race: RaceYear, predictor: str, at: float, times_s: Floats, real_s: Floats, scheme: str) -> UnderwayRow:
    """Row of predicted times (1, N, 2), or with the ends of their 80% intervals (3, N, 2), middle second."""
    low_s, said_s, high_s = times_s[0], times_s[len(times_s) // 2], times_s[-1]
    off = said_s[:, 1] / real_s[:, 1] - 1.0
    gap_min: float | None = None
    held: list[float | None] = [None, None]
    seen = np.isfinite(real_s)
    to_come = bool(seen[:, 0].any()) and not np.array_equal(real_s[:, 0], real_s[:, 1])
    if to_come:
        gap_min = float(np.abs(said_s - real_s)[seen[:, 0], 0].mean() / 60.0)
    if len(times_s) == 3:
        inside = (real_s >= low_s) & (real_s <= high_s)
        held = [float(100.0 * inside[seen[:, k], k].mean()) if k or to_come else None for k in (0, 1)]
    return UnderwayRow(
        "underway", race.race, race.year, race.event, predictor, at, len(real_s),
        float(100.0 * np.abs(off).mean()), float(100.0 * off.mean()), gap_min, held[1], held[0], race.source, scheme,
    )  # fmt: skip


def _plan(planner: Planner, editions: Sequence[Edition]) -> RacePlan:
    """A plan without a goal."""
    config = replace(planner.config, editions=tuple(editions))
    plan = plan_race(still, planner.bundle, planner.race.course, config)
    # Where the law alone decides the times, the network has no say in them.
    return plan if plan.law_weight == 1.0 else plan_race(planner.backend, planner.bundle, planner.race.course, config)


def _table(planner: Planner, plan: RacePlan, spread: DaySpread) -> tuple[DayTable, list[int]]:
    """The table of a plan, and which of its places the checkpoints after the start are."""
    steps = planner.steps[1:].tolist()
    table = day_table(plan, planner.bundle, steps, spread)
    return table, [place_of(table, (step + 1) * STEP_M, plan.course.steps) for step in steps]


def _ours(table: DayTable, places: Sequence[int], elapsed_s: Floats, last: int) -> Floats:
    """Lower end, median, upper end of the next checkpoint and the finish, shape (3, N, 2)."""
    found = []
    for arrived in elapsed_s:
        seen = [(places[k - 1], float(arrived[k]), None) for k in range(1, last + 1) if arrived[k] > 0]
        forecast = table.ahead(seen)
        pair = [int(np.flatnonzero(forecast.place == places[last])[0]), -1]
        found.append([forecast.low_s[pair], forecast.arrival_s[pair], forecast.high_s[pair]])
    return np.array(found).transpose(1, 0, 2)


def score_all_underway(
    backend: Backend,
    races: Sequence[RaceYear],
    model: Callable[[RaceYear], tuple[Bundle, DaySpread]],
    earlier: Sequence[RaceYear] = (),
    scheme: str = "shipped",
    progress: Callable[[str], None] = lambda _: None,
) -> list[UnderwayRow]:
    """Rows of all races.

    Parameters
    ----------
    backend : callable
        Runs the network.
    races : sequence of RaceYear
        From `lib.evaluation.race_tables.read_races`.
    model : callable
        Gives the model and the spreads for a race.
    earlier : sequence of RaceYear
        Races of another folder, for earlier years.
    scheme : str
        See `UnderwayRow`.
    progress : callable
        Told each race's name before it is scored.
    """
    rows: list[UnderwayRow] = []
    known = [*earlier, *races]
    for race in races:
        progress(race.name)
        bundle, spread = model(race)
        rows += score_underway(backend, bundle, race, earlier_years(race, known), spread, scheme)
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
    lines = []
    for scheme in dict.fromkeys(row.scheme for row in rows):
        of_scheme = [row for row in rows if row.scheme == scheme]
        with_edition = {(row.race, row.year) for row in of_scheme if row.predictor == EDITION}
        known = [row for row in of_scheme if (row.race, row.year) in with_edition]
        alone = [row for row in of_scheme if row.predictor != EDITION]
        for title, part in ((scheme, alone), (f"{scheme}, with an earlier edition", known)):
            if part:
                lines += [f"Error of the finish (%) from the clocks at 25, 50 and 75% of the way, {title}:"]
                lines += _summary_lines(part)
    return "\n".join(lines)


def _summary_lines(rows: Sequence[UnderwayRow]) -> list[str]:
    """A line for each predictor: errors, and what its 80% intervals hold at the finish and the next checkpoint."""
    covered, next_covered = (underway_means(rows, key) for key in ("coverage80", "next_coverage80"))
    lines = []
    for predictor, by_share in underway_means(rows).items():
        held = ""
        if predictor in covered:
            shares = (" ".join(f"{x:.0f}" for x in found[predictor].values()) for found in (covered, next_covered))
            held = ", 80% interval holds {} (next checkpoint {})".format(*shares)
        lines.append(f"  {predictor:27s} {' '.join(f'{error:6.2f}' for error in by_share.values())}{held}")
    return lines
