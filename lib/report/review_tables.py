"""Tables of a plan beside the run, and what stands out in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import h_mm_ss, in_words, m_ss, signed
from lib.plan.race_plan import RacePlan
from lib.plan.review import (
    Review,
    Verdict,
    ground_review,
    intended,
    mean_of,
    moving_verdict,
    race_verdict,
    stops,
    stretch_review,
)
from lib.plan.splits import even_splits, legs, ups_and_downs
from lib.report.tables import Text, course_text, ends_column, ground_columns, up_and_down

_NOTHING: Final = "-"
_SLASH: Final = "\u00a0/\u00a0"
"""Between two numbers of a cell, which stay on one line."""
_WORTH_SAYING_S: Final = 20.0
_SMALL_SHARE: Final = 0.01
_FEW: Final = 4


def _beside(planned: np.ndarray, actual: np.ndarray) -> Text:
    return [
        f"{p:.0f}{_SLASH}{f'{a:.0f}' if np.isfinite(a) else _NOTHING}" for p, a in zip(planned, actual, strict=True)
    ]


def _verdict(verdict: Verdict) -> str:
    inside = "inside" if verdict.within else "outside"
    return (
        f"{h_mm_ss(verdict.actual_s)} instead of {h_mm_ss(verdict.predicted_s)} "
        f"({signed(verdict.actual_s - verdict.predicted_s)}, {verdict.actual_s / verdict.predicted_s - 1:+.1%}); "
        f"{inside} the 80% interval, {h_mm_ss(verdict.low_s)} to {h_mm_ss(verdict.high_s)}; "
        f"{_faster(verdict.faster)}"
    )


def _faster(share: float) -> str:
    if share < 0.01:
        return "hardly any run was expected to be faster"
    if share > 0.99:
        return "almost all runs were expected to be faster"
    return f"{share:.0%} of runs were expected to be faster"


def review_lines(review: Review) -> dict[str, str]:
    """Say plan and run in a few lines, for the head of a report."""
    units, reached_m = review.race.config.units, review.steps * c.STEP_M
    end = f"{units.long} {units.distance(reached_m, 2)}"
    whole = "" if review.actual.whole else f"; the recording ends at {end}, and what follows is of the way there"
    by_hundred = 100.0 * (review.level - 1.0)
    lines = {
        "Course": course_text(review.race.course, units) + whole,
        "Planned for": intended(review.race),
        "Moving": _verdict(moving_verdict(review)),
        "Race time": _verdict(race_verdict(review)),
        "Stops": f"{in_words(review.actual.standing_s)}; {in_words(_expected_wait_s(review))} were in the plan",
        "Level": "as planned"
        if abs(by_hundred) < 0.05
        else f"{abs(by_hundred):.1f}% {'slower' if by_hundred > 0 else 'faster'}",
        "Shape": shape_text(review),
    }
    for name, label, unit, factor in (
        (c.HEART_RATE, "Mean heart rate", "bpm", 1.0),
        (c.CADENCE, "Mean cadence", "spm", c.STEPS_OF_A_STRIDE),
    ):
        means = mean_of(review, name)
        if means is not None:
            run, planned = (round(factor * mean) for mean in means)
            lines[label] = f"{run} {unit} instead of {planned} ({run - planned:+d})"
    return lines


def _expected_wait_s(review: Review) -> float:
    """Stops and standing that the plan had before the last place reached (s)."""
    return float(review.race.arrival_s[review.steps - 1] - review.predicted_s.sum())


def shape_errors(review: Review) -> tuple[float, float]:
    """Mean absolute error of a kilometre or mile (s) once the run's level is known: the plan's, and an even pace's."""
    table = stretch_review(review, even_splits(review.race))
    lengths = table[c.DISTANCE] / review.race.config.units.long_m
    even_s = table[c.ACTUAL] - review.actual_s.mean() * table[c.DISTANCE] / c.STEP_M
    if not lengths.size:
        return np.nan, np.nan
    ours, even = (float(np.abs(x).sum() / lengths.sum()) for x in (table[c.LOST_AT_LEVEL], even_s))
    return ours, even


def shape_text(review: Review) -> str:
    """Say how far the plan was off once it is scaled to the level of the day."""
    ours_s, even_s = shape_errors(review)
    each = review.race.config.units.long_name
    if not np.isfinite(ours_s):
        return f"less than a {each} was run"
    return f"once the level is known, {ours_s:.0f} s a {each} off; an even pace would be {even_s:.0f} s off"


def _stretch_columns(review: Review, table: Mapping[str, np.ndarray]) -> dict[str, Text]:
    return {
        "planned": [m_ss(s) for s in table[c.DURATION]],
        "actual": [m_ss(s) for s in table[c.ACTUAL]],
        "lost": [signed(s) for s in table[c.LOST]],
        "shape": [signed(s) for s in table[c.LOST_AT_LEVEL]],
        "so far": [signed(s) for s in table[c.GAP]],
        "bpm": _beside(table[c.HEART_RATE], table[c.ACTUAL_HEART_RATE]),
        "spm": _beside(*(c.STEPS_OF_A_STRIDE * table[name] for name in (c.CADENCE, c.ACTUAL_CADENCE))),
    }


def even_review_table(review: Review) -> dict[str, Text]:
    """Kilometre by kilometre, or mile by mile: moving, planned and actual."""
    table = stretch_review(review, even_splits(review.race))
    ground = ends_column(review.race, table) | up_and_down(table, review.race.config.units)
    return ground | _stretch_columns(review, table)


def leg_review_table(review: Review) -> dict[str, Text]:
    """From aid station to aid station: moving as for kilometres, and when each was reached in race time."""
    table, units = stretch_review(review, legs(review.race)), review.race.config.units
    return (
        {"to": [str(name) for name in table[c.WAYPOINT]], units.long: [units.distance(m) for m in table[c.END]]}
        | _stretch_columns(review, table)
        | {
            "stood": [m_ss(s) for s in table[c.STOP]],
            "there at": [
                f"{h_mm_ss(a)}\u00a0({signed(gap)})"
                for a, gap in zip(table[c.ACTUAL_ARRIVAL], table[c.RACE_GAP], strict=True)
            ],
        }
    )


def climb_review_table(review: Review) -> dict[str, Text]:
    """Climbs and descents, in the order of the course."""
    table = stretch_review(review, ups_and_downs(review.race))
    return ground_columns(table, review.race.config.units) | _stretch_columns(review, table)


def ground_review_table(review: Review) -> dict[str, Text]:
    """By kind of ground: where the plan was too fast or too slow."""
    table, units = ground_review(review), review.race.config.units
    pace_s = {name: table[name] / (table[c.DISTANCE] / units.long_m) for name in (c.DURATION, c.ACTUAL)}
    return {
        "ground": [str(name) for name in table[c.GROUND]],
        "of the way": [f"{share:.0%}" for share in table[c.DISTANCE] / table[c.DISTANCE].sum()],
        f"planned ({units.pace})": [m_ss(s) for s in pace_s[c.DURATION]],
        f"actual ({units.pace})": [m_ss(s) for s in pace_s[c.ACTUAL]],
        "lost": [signed(s) for s in table[c.LOST]],
        "shape": [signed(s) for s in table[c.LOST_AT_LEVEL]],
    }


def stops_table(review: Review) -> dict[str, Text]:
    """Where somebody stood, and which planned stop it was."""
    table, units = stops(review), review.race.config.units
    return {
        units.long: [units.distance(m) for m in table[c.DISTANCE]],
        "stood": [m_ss(s) for s in table[c.STOP]],
        "at": [str(name) for name in table[c.WAYPOINT]],
        "planned": ["" if s == 0 else m_ss(s) for s in table[c.PLANNED_STOP]],
    }


def reading(review: Review, told: RacePlan | None = None) -> tuple[str, ...]:
    """Say what stands out, in sentences.

    Parameters
    ----------
    review : Review
        Plan and run.
    told : RacePlan, optional
        The plan as if the mean heart rate had been known (`lib.plan.review.with_heart_rate`).
    """
    return tuple(
        line
        for line in (
            _level(review),
            _effort(review, told),
            _ground(review),
            _standing_out(review),
            _pacing(review),
            _standing(review),
        )
        if line
    )


def _level(review: Review) -> str:
    verdict = moving_verdict(review)
    off = review.level - 1.0
    if abs(off) < _SMALL_SHARE:
        return f"The level was right: {signed(review.gap_s[-1])} of moving time over the whole run."
    word = "slower" if off > 0 else "faster"
    inside = "which the interval allowed for" if verdict.within else "more than the interval allowed for"
    return f"The whole run was {abs(off):.1%} {word} than planned, {inside}."


def _effort(review: Review, told: RacePlan | None) -> str:
    means = mean_of(review, c.HEART_RATE)
    if means is None or told is None:
        return ""
    known_s = float(told.plan.columns[c.DURATION][: review.steps].sum())
    off = review.actual_s.sum() / known_s - 1.0
    line = f"Had the mean heart rate been known ({means[0]:.0f} bpm), the plan would have said {h_mm_ss(known_s)}"
    before = abs(review.level - 1.0)
    if before < _SMALL_SHARE:
        return ""
    if abs(off) < before - 0.005:
        return f"{line}, {abs(off):.1%} off instead of {before:.1%}: part of the difference was effort."
    return f"{line}, {abs(off):.1%} off: it was not for the effort that the level differed."


def _ground(review: Review) -> str:
    table = ground_review(review)
    lost = table[c.LOST_AT_LEVEL]
    most, least = int(np.argmax(lost)), int(np.argmin(lost))
    if lost[most] < _WORTH_SAYING_S:
        return "At the level of the day no kind of ground was slower than planned by much."
    return (
        f"At the level of the day, most was lost where it goes {table[c.GROUND][most]} ({signed(lost[most])}), and won "
        f"where it goes {table[c.GROUND][least]} ({signed(lost[least])})."
    ).replace("goes within", "stays within")


def _standing_out(review: Review) -> str:
    """Say it where a single kilometre or mile stands out of the rest."""
    table = stretch_review(review, even_splits(review.race))
    lost = table[c.LOST_AT_LEVEL]
    if lost.size < _FEW:
        return ""
    worst = int(np.argmax(lost))
    if lost[worst] < max(3.0 * float(np.median(np.abs(lost))), 60.0):
        return ""
    each = review.race.config.units.long_name
    return f"One {each} stands out, number {worst + 1}: {signed(lost[worst])} at the level of the day."


def _pacing(review: Review) -> str:
    """Whether the run began faster than its shape in the plan, by where half of its time was spent."""
    shape_s = np.cumsum(review.shape_s)
    half = int(np.searchsorted(np.cumsum(review.predicted_s), review.predicted_s.sum() / 2))
    at = shape_s[half]
    if abs(at) < max(_WORTH_SAYING_S, 0.004 * review.actual_s.sum()):
        return "The two halves were run as evenly as the plan has them."
    early = "fast" if at < 0 else "slowly"
    then = "lost" if at < 0 else "won back"
    units = review.race.config.units
    place = f"{units.long} {units.distance((half + 1) * c.STEP_M)}"
    return (
        f"It began {early} for its level: at half of the time, {place}, {in_words(abs(at))} "
        f"{'ahead of' if at < 0 else 'behind'} the scaled plan, which were {then} in the second half."
    )


def _standing(review: Review) -> str:
    more_s = review.actual.standing_s - _expected_wait_s(review)
    if abs(more_s) < 60.0:
        return ""
    return f"Stops took {in_words(abs(more_s))} {'more' if more_s > 0 else 'less'} than was in the plan."
