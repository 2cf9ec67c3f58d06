"""What an athlete profile has learned of its athlete, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.conformal import interval
from lib.athlete.expected_pace import covariance, expect, one_ahead
from lib.athlete.own_fading import LONG_RUN_S, own_fading
from lib.athlete.profile import LONG_DAYS, grade_curve
from lib.athlete.results_level import Result
from lib.athlete.run_history import Kind, Runs
from lib.athlete.stopped_time import standing
from lib.core import schema as c
from lib.core.durations import m_ss
from lib.core.text import counted_noun
from lib.core.units import METRIC, Units
from lib.course.grade_factors import SLOPE_KNOTS
from lib.race.results_text import result_text

TYPICAL: Final = Kind(distance=0.0, climb=0.0, net=0.0)
"""The run that form is told of: 10 km on the flat."""
_HOUR_S: Final = 3600.0
_MIN_PER_KM: Final = 1000.0 / c.STEP_M / 60.0
_LEAST_S: Final = 120.0
"""Time on a slope below which nothing is said of it."""
_MOMENTS: Final = 60
"""Days at which form is told."""
_RECENT: Final = 20
_STEEP: Final = 0.13
_DAYS_A_YEAR: Final = 365.25


@dataclass(frozen=True, eq=False)
class ProfileCard:
    """What a profile has learned.

    Parameters
    ----------
    runs, long_runs : int
        Known runs, and those of 3.5 h and more.
    days : int
        From the first to the last of them.
    longest_km, km_per_week : float
        The longest of them, and the mean of the last weeks before the last run.
    day, flat_pace : ndarray, shape (N,)
        Of each remembered run: day, and what its pace was worth on the flat (min/km).
    heart_rate_bpm : ndarray, shape (N,)
        Its mean heart rate; NaN where unknown.
    expected_error : ndarray, shape (N,)
        Its time over the one expected from the remembered runs before it, less 1; NaN for the first.
    form_day, form_pace : ndarray, shape (M,)
        Days, and the pace (min/km) to expect of 10 km on the flat, from the runs up to each.
    slope, slope_pace, everybody_pace : ndarray, shape (K,)
        Slopes with some time on them, the athlete's pace there, and that of runners in general who are as fast on the
        flat (min/km).
    slope_s : ndarray, shape (K,)
        Time on each (s), that of recent runs counting most.
    held80 : float
        Share of the latest runs that ended within the 80% interval which was known before them; NaN without any.
    scored : int
        How many runs that is of.
    fading : float
        How much the athlete slows down in long races, over what is usual; 1 without long runs.
    stop_min_per_hour, everybody_stop_min_per_hour : float
        Stopped time (min) that goes with one hour of moving.
    cadence_spm : float
        Mean cadence of the latest runs (steps of both feet a minute); NaN if unknown.
    results : tuple of Result
        Race results.
    """

    runs: int
    long_runs: int
    days: int
    longest_km: float
    km_per_week: float
    day: np.ndarray
    flat_pace: np.ndarray
    heart_rate_bpm: np.ndarray
    expected_error: np.ndarray
    form_day: np.ndarray
    form_pace: np.ndarray
    slope: np.ndarray
    slope_pace: np.ndarray
    everybody_pace: np.ndarray
    slope_s: np.ndarray
    held80: float
    scored: int
    fading: float
    stop_min_per_hour: float
    everybody_stop_min_per_hour: float
    cadence_spm: float
    results: tuple[Result, ...]

    @property
    def mean_error(self) -> float:
        """Mean absolute error of what was expected of the latest runs; NaN without any."""
        known = np.abs(self.expected_error[np.isfinite(self.expected_error)])[-_RECENT:]
        return float(known.mean()) if known.size else float("nan")


def profile_card(bundle: Bundle) -> ProfileCard:
    """Read what a profile has learned of its athlete."""
    athlete, prior = bundle.athlete, bundle.prior
    runs = athlete.memory.runs
    level = float(np.exp(_expected(bundle, runs, athlete.last_day, TYPICAL))) * _MIN_PER_KM
    form_day = np.unique(np.linspace(runs.day[0], runs.day[-1], _MOMENTS).round()) if runs.day.size else np.zeros(0)
    form = [_expected(bundle, _chosen(runs, runs.day <= day), day, TYPICAL) for day in form_day]
    on_slope = np.array(athlete.curve_actual_s) >= _LEAST_S
    own, everybody = grade_curve(athlete, prior), np.array(prior.curve)
    cadence = runs.cadence_rpm[np.isfinite(runs.cadence_rpm)][-_RECENT:]
    return ProfileCard(
        runs=athlete.runs,
        long_runs=athlete.long_runs,
        days=athlete.last_day,
        longest_km=athlete.longest_km if athlete.runs else 0.0,
        km_per_week=athlete.load_long_km / LONG_DAYS * 7.0,
        day=runs.day,
        flat_pace=np.exp(runs.log_pace) * _MIN_PER_KM,
        heart_rate_bpm=runs.heart_rate_bpm,
        expected_error=_errors(bundle, runs),
        form_day=form_day,
        form_pace=np.exp(np.array(form)) * _MIN_PER_KM,
        slope=SLOPE_KNOTS[on_slope],
        slope_pace=(own * level)[on_slope],
        everybody_pace=(everybody / np.interp(0.0, SLOPE_KNOTS, everybody) * level)[on_slope],
        slope_s=np.array(athlete.curve_actual_s)[on_slope],
        held80=_held(bundle),
        scored=len(athlete.scores),
        fading=own_fading(athlete.long_runs, athlete.fading_sum),
        stop_min_per_hour=standing(athlete.standing_at_one_hour_s, prior.standing, _HOUR_S).expected_s / 60.0,
        everybody_stop_min_per_hour=standing((), prior.standing, _HOUR_S).expected_s / 60.0,
        cadence_spm=c.STEPS_OF_A_STRIDE * float(cadence.mean()) if cadence.size else float("nan"),
        results=athlete.results,
    )


def _chosen(runs: Runs, which: np.ndarray | slice) -> Runs:
    return Runs(*(getattr(runs, item.name)[which] for item in fields(Runs)))


def _expected(bundle: Bundle, past: Runs, day: float, kind: Kind) -> float:
    """Median of the logarithm of the pace on the flat (s per 5 m) that the past lets expect."""
    return expect(bundle.prior.pace, past, past.log_pace, float(day), kind)[0]


def _errors(bundle: Bundle, runs: Runs) -> np.ndarray:
    """Time of each run over what was to be expected of it, less 1, shape (N,)."""
    kernel = bundle.prior.pace
    expected = one_ahead(kernel, covariance(kernel, runs, runs), runs.log_pace).expected
    out = np.exp(runs.log_pace - expected) - 1.0
    out[:1] = np.nan  # nothing is known before the first
    return out


def _held(bundle: Bundle) -> float:
    """Share of the scores that lie in the 80% interval of those before them."""
    scores = bundle.athlete.scores
    held = []
    for i, score in enumerate(scores):
        low, high = (np.log(x) for x in interval(1.0, 1.0, scores[:i], bundle.prior.calibration))
        held.append(low <= score <= high)
    return float(np.mean(held)) if held else float("nan")


def years_or_days(days: int) -> str:
    """Write a stretch of time as its size suggests."""
    if days >= 2 * _DAYS_A_YEAR:
        return f"{days / _DAYS_A_YEAR:.1f} years"
    return counted_noun(days, "day") if days < 60 else f"{days / _DAYS_A_YEAR * 12:.0f} months"


def typical_run(units: Units) -> str:
    """Say what `TYPICAL` is: ``"10 km on the flat"``."""
    return f"{units.distance(10_000.0).removesuffix('.0')} {units.long} on the flat"


def card_lines(card: ProfileCard, units: Units = METRIC) -> dict[str, str]:
    """Say what a profile has learned, a line each; what is unknown is left out."""
    lines: dict[str, str] = {}
    if card.runs:
        longest = units.distance(1000.0 * card.longest_km)
        lines["Runs"] = f"{card.runs} in {years_or_days(card.days)}, the longest {longest} {units.long}"
        lines["Last weeks"] = f"{units.distance(1000.0 * card.km_per_week, 0)} {units.long} a week"
        pace_s = float(units.pace_s(60.0 * card.form_pace[-1:])[0])
        lines["Form"] = f"{typical_run(units)} at {m_ss(pace_s)} {units.pace}, as usual"
    if np.isfinite(card.mean_error):
        lines["Past predictions"] = f"the latest {_RECENT} runs were {card.mean_error:.1%} off on average"
    if card.scored:
        lines["80% intervals"] = f"held {card.held80:.0%} of the latest {counted_noun(card.scored, 'run')}"
    if card.slope.size:
        lines.update(_slope_lines(card))
    known = card.heart_rate_bpm[np.isfinite(card.heart_rate_bpm)]
    if known.size:
        lines["Heart rate"] = (
            f"{np.median(known[-_RECENT:]):.0f} bpm in the middle of the latest runs "
            f"({known[-_RECENT:].min():.0f} to {known[-_RECENT:].max():.0f})"
        )
    if np.isfinite(card.cadence_spm):
        lines["Cadence"] = f"{card.cadence_spm:.0f} spm"
    if card.long_runs:
        lines["Long runs"] = (
            f"{card.long_runs} of {LONG_RUN_S / _HOUR_S:g} h and more; in races slows down {card.fading:.0%} as much "
            "as is usual"
        )
    if card.runs:
        lines["Stops"] = (
            f"{card.stop_min_per_hour:.1f} min an hour of moving (usual: {card.everybody_stop_min_per_hour:.1f})"
        )
    if card.results:
        lines["Race results"] = "; ".join(result_text(result, units) for result in card.results)
    return lines


def _slope_lines(card: ProfileCard) -> dict[str, str]:
    """Climbs and descents against runners in general, weighed by the time on them."""
    out = {}
    for name, chosen in (("Uphill", card.slope >= 0.07), ("Downhill", card.slope <= -0.07)):
        if chosen.any():
            log_ratio = np.log(card.slope_pace[chosen] / card.everybody_pace[chosen])
            against = float(np.exp(np.average(log_ratio, weights=card.slope_s[chosen])))
            much = f"{abs(against - 1.0):.0%} {'slower than' if against > 1 else 'faster than'}"
            out[name] = f"{'as fast as' if much.startswith('0%') else much} others of the same pace on the flat"
    return out


def missing(card: ProfileCard) -> list[str]:
    """Say what a profile does not know, and what would help."""
    said = []
    if card.runs < 20:
        said.append(
            f"{counted_noun(card.runs, 'run')}: level and interval lean on runners in general. "
            "Twenty and more recorded runs change that."
        )
    steep_s = float(card.slope_s[np.abs(card.slope) >= _STEEP].sum())
    if card.runs and steep_s < 0.5 * _HOUR_S:
        said.append("Little time on steep ground: climbs are paced as others pace them. Record some hilly runs.")
    if card.runs and not card.long_runs:
        said.append(
            f"No run of {LONG_RUN_S / _HOUR_S:g} h: how much a long race slows this athlete down is that of others. "
            "Race results (RESULTS=…) help most."
        )
    without = int((~np.isfinite(card.heart_rate_bpm)).sum())
    if card.day.size and without > 0.5 * card.day.size:
        said.append(f"{without} of {counted_noun(card.day.size, 'remembered run')} lack heart rate.")
    if not card.results:
        said.append("No race results: how hard this athlete races is that of others. State some (RESULTS=…).")
    if card.scored >= 10 and not 0.6 <= card.held80 <= 0.95:
        said.append("The 80% intervals held too " + ("few" if card.held80 < 0.8 else "many") + " of the latest runs.")
    return said
