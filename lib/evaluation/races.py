"""How good plans of races are: each finisher of a race is planned at the own finish."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.bundle import Bundle
from lib.athlete.profile import AthleteProfile
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.schema import STEP_M
from lib.course.cost import running_cost
from lib.course.course import Course
from lib.evaluation.baselines.paceforge import paceforge_times
from lib.evaluation.race_tables import RaceYear
from lib.inference.rollout import Backend
from lib.plan.pacing import night_of
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import RaceConfig
from lib.race.edition import Edition
from lib.race.stations import Station

Floats = NDArray[np.float64]

OURS: Final = "trailcast"
EDITION: Final = "trailcast, earlier edition"
THREE: Final = "trailcast, three finishers"
PACEFORGE_LAW: Final = "PaceForge law"
MINETTI: Final = "Minetti"
EVEN: Final = "even pace"
PREDICTORS: Final = (OURS, EDITION, THREE, PACEFORGE_LAW, MINETTI, EVEN)

_GOALS: Final = 16
_FEW_GOALS: Final = 24
_NEAR: Final = 0.1
_SEED: Final = 12


@dataclass(frozen=True)
class RaceRow:
    """One race, year and predictor.

    Parameters
    ----------
    part : str
        ``"splits"``.
    race, year, event, predictor : str, int, str, str
        What was planned, and by what.
    n : int
        Finishers with a time between start and finish.
    gap_min, gap_pct : float
        Mean absolute gap at checkpoints between start and finish, first per finisher (minutes; % of the own finish).
    bias_pct : float
        Mean gap (% of the own finish); above 0 plans are late.
    coverage80 : float, optional
        Share (%) of arrivals within their 80% interval.
    course : str
        What the course is made of: track, sections or flat.
    scheme : str
        ``"shipped"``, or ``"left out"`` where the law was fitted on other events.
    """

    part: str
    race: str
    year: int
    event: str
    predictor: str
    n: int
    gap_min: float
    gap_pct: float
    bias_pct: float
    coverage80: float | None
    course: str
    scheme: str = "shipped"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Planner:
    """Plans of a race without a profile, by the code path of `lib.plan.race_plan.plan_race`.

    Parameters
    ----------
    backend : callable
        Runs the network.
    bundle : Bundle
        The model's.
    race : RaceYear
        What is run.
    """

    backend: Backend
    bundle: Bundle
    race: RaceYear

    @property
    def steps(self) -> NDArray[np.int64]:
        """Steps at whose end the checkpoints lie, shape (K,); the start's is -1."""
        return np.rint(self.race.share * self.race.course.steps).astype(np.int64) - 1

    @property
    def config(self) -> RaceConfig:
        """What is known of the race: start, aid stations without a stated stop."""
        last = self.race.course.steps - 1
        stations = [
            Station(f"checkpoint {i}", (step + 1) * STEP_M, stop_stated=False)
            for i, step in enumerate(self.steps.tolist())
            if self.race.aid[i] and 0 <= step < last
        ]
        located = np.isfinite(self.race.course.columns[c.LATITUDE][0])
        return RaceConfig(start=self.race.start if located else None, stations=tuple(stations))

    def plan(self, goal_s: float, editions: Sequence[Edition] = ()) -> RacePlan:
        """Plan a goal time."""
        config = replace(self.config, goal_s=goal_s, editions=tuple(editions))
        profile = replace(self.bundle, athlete=AthleteProfile())
        plan = plan_race(still, profile, self.race.course, config)
        # Where the law alone decides the times, the network has no say in them: it need not run.
        return plan if plan.law_weight == 1.0 else plan_race(self.backend, profile, self.race.course, config)

    def shares(self, goal_s: float, editions: Sequence[Edition] = ()) -> Floats:
        """Arrival and the ends of its 80% interval at each checkpoint, as shares of the goal, shape (3, K)."""
        plan = self.plan(goal_s, editions)
        step = np.maximum(self.steps, 0)
        times_s = np.stack([plan.arrival_s[step], *plan.interval(step)])  # (3, K)
        return np.where(self.steps < 0, 0.0, times_s) / goal_s


def still(encoder: np.ndarray, decoder: np.ndarray) -> np.ndarray:
    """A network that says the same everywhere."""
    return np.zeros((*decoder.shape[:2], len(c.TARGETS)), np.float32)


def goals_of(race: RaceYear, goals: int = _GOALS) -> Floats:
    """Goals (s) at quantiles of the finish times, the fastest and the slowest among them."""
    levels = np.concatenate([[0.0, 0.01], np.linspace(0.03, 0.97, max(goals - 4, 2)), [0.99, 1.0]])
    return np.unique(np.quantile(race.finish_s, levels))


def between_goals(goals_s: Floats, shares: Floats, finish_s: Floats) -> Floats:
    """Shares (N, K) at each finish (N,), of shares (G, K) at goals (G,): linear in the logarithm."""
    if goals_s.size == 1:
        return np.repeat(shares, finish_s.size, axis=0)
    log_goal, log_finish = np.log(goals_s), np.log(finish_s)
    left = np.clip(np.searchsorted(log_goal, log_finish) - 1, 0, goals_s.size - 2)
    part = ((log_finish - log_goal[left]) / (log_goal[left + 1] - log_goal[left]))[:, None]
    return shares[left] * (1.0 - part) + shares[left + 1] * part


def errors(race: RaceYear, planned_s: Floats) -> tuple[int, float, float, float]:
    """Finishers with a time on the way, mean gap (min), gap (%) and bias (%), of planned times (N, K)."""
    off_s = (planned_s - race.elapsed_s)[:, 1:-1]
    seen = np.isfinite(off_s).any(axis=1)
    off_s, finish_s = off_s[seen], race.finish_s[seen, None]
    gap_s, bias = np.nanmean(np.abs(off_s), axis=1), np.nanmean(off_s / finish_s, axis=1)
    gap = np.nanmean(np.abs(off_s) / finish_s, axis=1)
    return int(seen.sum()), float(gap_s.mean() / 60.0), float(100.0 * gap.mean()), float(100.0 * bias.mean())


def coverage(race: RaceYear, low_s: Floats, high_s: Floats) -> float:
    """Share (%) of times on the way between bounds (N, K); finishers count alike."""
    real = race.elapsed_s[:, 1:-1]
    inside = np.where(np.isfinite(real), (real >= low_s[:, 1:-1]) & (real <= high_s[:, 1:-1]), np.nan)
    seen = np.isfinite(inside).any(axis=1)
    return float(100.0 * np.nanmean(inside[seen], axis=1).mean())


def minetti_shares(course: Course, at_m: Floats) -> Floats:
    """Share of an even effort by Minetti's cost of running that is done at places (K,)."""
    summed = np.concatenate([[0.0], np.cumsum(running_cost(course.columns[c.SLOPE_25M]))])
    return np.interp(at_m / STEP_M, np.arange(summed.size), summed) / summed[-1]


def edition_of(race: RaceYear, year: int, runners: NDArray[np.int64] | None = None) -> Edition:
    """An earlier year of a race, or some of its runners, as what a plan of a later year reads."""
    elapsed_s = race.elapsed_s if runners is None else race.elapsed_s[runners]
    return Edition(race.distance_km, elapsed_s, float(year - race.year))


def score_race(
    backend: Backend,
    bundle: Bundle,
    race: RaceYear,
    earlier: Sequence[RaceYear] = (),
    baselines: bool = True,
    scheme: str = "shipped",
) -> list[RaceRow]:
    """Rows of all predictors of one race and year.

    Parameters
    ----------
    backend, bundle : callable, Bundle
        The model.
    race : RaceYear
        What was run.
    earlier : sequence of RaceYear
        Earlier years of the race, the latest first.
    baselines : bool
        Also score what plans are compared with.
    scheme : str
        See `RaceRow`.
    """
    planner, finish_s, goals_s = Planner(backend, bundle, race), race.finish_s, goals_of(race)
    rows: list[RaceRow] = []

    def add(predictor: str, planned_s: Floats, low_s: Floats | None = None, high_s: Floats | None = None) -> None:
        covered = None if low_s is None or high_s is None else coverage(race, low_s, high_s)
        found = errors(race, planned_s)
        rows.append(
            RaceRow("splits", race.race, race.year, race.event, predictor, *found, covered, race.source, scheme)
        )

    def add_goals(predictor: str, at_s: Floats, shares: Floats) -> None:
        """Add a row of shares (G, 3, K) at goals (G,)."""
        add(predictor, *(between_goals(at_s, shares[:, i], finish_s) * finish_s[:, None] for i in range(3)))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing, where a checkpoint saw nobody
        add_goals(OURS, goals_s, np.stack([planner.shares(s) for s in goals_s.tolist()]))
        if earlier:
            editions = [edition_of(year, race.year) for year in earlier]
            add_goals(EDITION, goals_s, np.stack([planner.shares(s, editions) for s in goals_s.tolist()]))
            add_goals(THREE, *_three(planner, earlier[0]))
        if baselines:
            at_m = race.share * race.course.steps * STEP_M
            night = night_of(planner.config, race.course)
            add(
                PACEFORGE_LAW,
                between_goals(goals_s, paceforge_times(race.course, goals_s, at_m, night) / goals_s[:, None], finish_s)
                * finish_s[:, None],
            )
            add(MINETTI, minetti_shares(race.course, at_m) * finish_s[:, None])
            add(EVEN, race.share * finish_s[:, None])
    return rows


def _three(planner: Planner, year: RaceYear) -> tuple[Floats, Floats]:
    """Goals (G,), and shares (G, 3, K) of plans that three finishers near each goal correct."""
    goals_s = goals_of(planner.race, _FEW_GOALS)
    rng, shares = np.random.default_rng(_SEED), []
    for goal_s in goals_s.tolist():
        near = np.flatnonzero(np.abs(year.finish_s / goal_s - 1.0) <= _NEAR)
        drawn = np.sort(rng.choice(near, min(3, near.size), replace=False)) if near.size else near
        editions = [edition_of(year, planner.race.year, drawn)] if drawn.size else []
        shares.append(planner.shares(goal_s, editions))
    return goals_s, np.stack(shares)


def earlier_years(race: RaceYear, others: Iterable[RaceYear]) -> list[RaceYear]:
    """Earlier years of a race among others, the latest first."""
    found = {year.year: year for year in others if year.race == race.race and year.year < race.year}
    return [found[year] for year in sorted(found, reverse=True)]


def score_races(
    backend: Backend,
    bundle: Bundle | Callable[[RaceYear], Bundle],
    races: Sequence[RaceYear],
    earlier: Sequence[RaceYear] = (),
    scheme: str = "shipped",
    progress: Callable[[str], None] = lambda _: None,
) -> list[RaceRow]:
    """Rows of all races.

    Parameters
    ----------
    backend : callable
        Runs the network.
    bundle : Bundle or callable
        The model's, or what gives that of a race.
    races : sequence of RaceYear
        From `lib.evaluation.race_tables.read_races`.
    earlier : sequence of RaceYear
        Races of another folder, for earlier years.
    scheme : str
        See `RaceRow`.
    progress : callable
        Told each race's name before it is scored.
    """
    if not races:
        raise InputError("no race with finishers", "one or more", "Check the folder.")
    known = [*earlier, *races]
    rows = []
    for race in races:
        progress(race.name)
        used = bundle if isinstance(bundle, Bundle) else bundle(race)
        rows += score_race(backend, used, race, earlier_years(race, known), scheme == "shipped", scheme)
    return rows


def with_earlier(rows: Iterable[RaceRow]) -> list[RaceRow]:
    """Rows of the races that have an earlier edition, on which it can be compared."""
    rows = list(rows)
    known = {(row.race, row.year) for row in rows if row.predictor == EDITION}
    return [row for row in rows if (row.race, row.year) in known]


def by_event(rows: Iterable[RaceRow], predictor: str, key: str = "gap_min") -> dict[str, float]:
    """Mean of a figure over the races of each event."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.predictor == predictor and getattr(row, key) is not None:
            found.setdefault(row.event, []).append(getattr(row, key))
    return {event: float(np.mean(values)) for event, values in found.items()}


def mean_of_events(rows: Sequence[RaceRow], key: str = "gap_min") -> Mapping[str, float]:
    """Mean over events of each predictor's figure; every event counts alike."""
    means = {predictor: by_event(rows, predictor, key) for predictor in PREDICTORS}
    return {predictor: float(np.mean(list(found.values()))) for predictor, found in means.items() if found}
