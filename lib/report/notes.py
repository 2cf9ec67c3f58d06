"""What does not fit together in a race plan, in words: cut-offs, stops, goals, efforts."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from lib.athlete.prior import Effort
from lib.core import schema as c
from lib.core.durations import h_mm_ss, in_words
from lib.core.note import Note
from lib.core.text import counted_noun
from lib.plan.goal import harder_than
from lib.plan.race_plan import SAME_START_S, RacePlan, stopping
from lib.plan.splits import legs
from lib.race.clock import clock_text, date_text
from lib.race.results_text import result_text

_UNLIKELY: Final = 0.05
_RARE_EFFORT: Final = 0.975
_LISTED: Final = 5
_ALIKE_LOG_SIZE: Final = 0.3
_NEW_YEARS: Final = 1.6
_CHANCE_FALLS: Final = 0.01


def when(race: RacePlan, race_s: float) -> str:
    """A race time, and on the clock where the start is known: ``"3:12:00 (08:42)"``."""
    text = h_mm_ss(race_s)
    return text if race.start is None else f"{text} ({clock_text(race.start, race_s)})"


def percent(chance: float) -> str:
    """A chance as readers say it; the outermost ones rest on an assumed tail and have no digits."""
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"


def odds(chance: float) -> str:
    """A chance as readers say it, a small one as one in so many: ``"about 1 in 200"``."""
    if chance >= 0.01:
        return percent(chance)
    if chance < 0.001:
        return "less than 1 in 1,000"
    return f"about 1 in {round(1.0 / chance, -1):,.0f}"


def cutoff_notes(race: RacePlan) -> tuple[Note, ...]:
    """Say which cut-offs are missed, close or out of order, and which stops are longer than they allow."""
    table = legs(race)
    found = []
    known = np.flatnonzero(np.isfinite(table[c.CUTOFF]))
    for before, i in pairwise(known):
        if table[c.CUTOFF][i] < table[c.CUTOFF][before]:
            found.append(
                Note(
                    "cutoffs_out_of_order",
                    f"{table[c.WAYPOINT][i]}: cut-off {when(race, table[c.CUTOFF][i])} is before that of "
                    f"{table[c.WAYPOINT][before]}, {when(race, table[c.CUTOFF][before])}: check both",
                    {"cutoff_s": table[c.CUTOFF][i], "before_s": table[c.CUTOFF][before]},
                )
            )
    chance_before = 1.0
    for i in known:
        name, arrival_s, stop_s, cutoff_s, margin_s, chance = (
            table[key][i] for key in (c.WAYPOINT, c.ARRIVAL, c.PLANNED_STOP, c.CUTOFF, c.MARGIN, c.CHANCE)
        )
        at, arrival = f"{name}: cut-off {when(race, cutoff_s)}", f"the expected arrival {when(race, arrival_s)}"
        values = {"late_s": arrival_s - cutoff_s, "margin_s": margin_s, "stop_s": stop_s, "chance": chance}
        falls, which = chance < chance_before - _CHANCE_FALLS, "it" if chance_before > 0.99 else "it or one before"
        chance_before = chance
        if arrival_s > cutoff_s and chance < 0.01:
            code, text = "cutoff_out_of_reach", "out of reach on anything like a usual day"
            text = f"{at} comes {in_words(arrival_s - cutoff_s)} before {arrival}: {text}"
        elif arrival_s > cutoff_s:
            code, text = "cutoff_missed", f"a chance of {percent(chance)} to leave in time"
            text = f"{at} comes {in_words(arrival_s - cutoff_s)} before {arrival}: {text}"
        elif margin_s < 0:
            code = "stop_too_long"
            text = (
                f"{at} is reached in time, but the planned stop of {in_words(stop_s)} ends {in_words(-margin_s)} after "
                f"it: {in_words(cutoff_s - arrival_s)} are left for it"
            )
        elif chance < 0.8 and falls:  # chances are those of all cut-offs so far: a missed one is said once
            code = "cutoff_close"
            text = f"{at}: a margin of {in_words(margin_s)}, but a chance of {percent(1 - chance)} to miss {which}"
        else:
            continue
        found.append(Note(code, text, values))
    return tuple(found)


def _goal_notes(race: RacePlan, effort: Effort) -> list[Note]:
    found = []
    if race.goal is not None and race.goal.chance < _UNLIKELY:
        text = f"The goal {h_mm_ss(race.goal.race_s)} has a chance of {odds(race.goal.chance)} on a usual day"
        found.append(Note("goal_unlikely", text, {"goal_s": race.goal.race_s, "chance": race.goal.chance}))
    if race.effort is not None and harder_than(race.effort, effort) > _RARE_EFFORT:
        usual_bpm, mean_bpm = race.usual_heart_rate_bpm, race.mean_heart_rate_bpm
        text = (
            f"It takes an effort (mean heart rate {mean_bpm:.0f} bpm, usual for such a run {usual_bpm:.0f}) that fewer "
            "than 1 in 40 past runs had: it may not be held"
        )
        found.append(Note("effort_rare", text, {"heart_rate_bpm": mean_bpm, "usual_heart_rate_bpm": usual_bpm}))
    return found


def _pacing_notes(race: RacePlan) -> list[Note]:
    """Say what the plan of a long race assumes."""
    found = []
    if race.goal is not None and not race.results and race.plan.runs == 0 and race.plan.done == 0:
        text = "Nothing is known of you: the goal time sets the level, its chance is that of a typical finisher"
        found.append(Note("goal_sets_level", text, {"goal_s": race.goal.race_s}))
    if race.assumed_stops_s > 0:
        text = (
            f"No stops are stated: {in_words(race.assumed_stops_s)} in all are assumed at aid stations, as finishers "
            "of long races make them"
        )
        found.append(Note("stops_assumed", text, {"stops_s": race.assumed_stops_s}))
    if race.config.editions:
        runners = sum(len(edition.elapsed_s) for edition in race.config.editions)
        text = (
            f"Arrivals are corrected by {counted_noun(runners, 'finisher')} of an earlier edition, which count "
            f"{race.edition_weight:.0%}"
        )
        found.append(Note("edition", text, {"runners": runners, "weight": race.edition_weight}))
    return found


def _results_notes(race: RacePlan) -> list[Note]:
    """Say which results were read, and what would narrow the interval."""
    level, stated = race.level, race.results
    if not stated or race.plan.done:
        return []
    read = "; ".join(result_text(result, race.config.units) for result in stated[:_LISTED])
    more = "" if len(stated) <= _LISTED else f"; and {len(stated) - _LISTED} more"
    found = Note("results_read", f"Read: {read}{more}", {"results": len(stated)})
    if level is None or level.results == 0:
        text = (
            "The race results do not count here: beside recorded runs they move races and goals, by older results only"
        )
        return [found, Note("results_unused", text)]
    used, apart = level.results, level.nearest_log_size
    wanted = []
    if used == 1:
        wanted.append("a second result")
    if apart > _ALIKE_LOG_SIZE:
        wanted.append("one of about this length and climb")
    if level.age_years > _NEW_YEARS:
        wanted.append("one of the last year")
    if not level.race_known:
        wanted.append("the name of this race")
    if level.results_known < used:
        wanted.append("the names of past races or ranks in them")
    runs = f" and {counted_noun(race.plan.runs, 'recorded run')}" if race.plan.runs else ""
    text = f"The level rests on {counted_noun(used, 'result')}{runs}"
    text += f"; what would narrow the interval: {', '.join(wanted)}" if wanted else ""
    values = {"results": used, "results_known": level.results_known, "race_known": float(level.race_known)}
    return [
        found,
        Note("level_from_results", text, values | {"age_years": level.age_years}),
    ]


def _start_notes(race: RacePlan) -> list[Note]:
    """Say it where the recording so far began at quite another time than the start that was given."""
    if race.start is None or race.recorded_start is None:
        return []
    off_s = (race.recorded_start - race.start).total_seconds()
    if abs(off_s) <= SAME_START_S:
        return []
    recorded = date_text(race.recorded_start.astimezone(race.start.tzinfo))
    text = f"The recording so far begins {recorded}, the start is {date_text(race.start)}: check both"
    return [Note("start_differs", text, {"off_s": off_s})]


def notes(race: RacePlan, effort: Effort) -> tuple[Note, ...]:
    """Say everything that does not fit together; nothing if all is well.

    Parameters
    ----------
    race : RacePlan
        The plan.
    effort : Effort
        Of the bundle's prior, to tell how rare an effort is.
    """
    counted = {(s.name, s.distance_m) for s in stopping(race.config, race.course)}
    idle = [s for s in race.config.stations if s.stop_s > 0 and (s.name, s.distance_m) not in counted]
    ahead = [s for s in race.config.stations if s.cutoff_s is not None and s.last_step(race.course.steps) < 0]
    no_change = "at the start or the finish changes no arrival"
    return (
        *(Note("waypoint_left_out", text) for text in race.config.notes),
        *_start_notes(race),
        *_results_notes(race),
        *_pacing_notes(race),
        *(
            Note("stop_without_effect", f"{s.name}: a stop of {in_words(s.stop_s)} {no_change}", {"stop_s": s.stop_s})
            for s in idle
        ),
        *(Note("cutoff_at_start", f"{s.name}: a cut-off at the start is left out") for s in ahead),
        *cutoff_notes(race),
        *_goal_notes(race, effort),
    )
