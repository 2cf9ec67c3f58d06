"""The demo athlete's next run: what is known before it, and its recording by a watch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd

from lib.athlete.bundle import Bundle
from lib.athlete.profile import profile_after
from lib.core import schema as c
from lib.core.gpx import GPX_HEAD, XML_HEAD, instants, track_points, xml_text
from lib.course.course import Course
from lib.demo.season import RUN, SimulationConfig, form_on, session_days, stream
from lib.demo.simulate import simulate_athlete, simulate_run

START: Final = datetime(2026, 6, 20, 11, tzinfo=UTC)


def demo_bundle(bundle: Bundle, config: SimulationConfig) -> Bundle:
    """The model's bundle for the demo athlete, as ``make athlete`` would make it of all sessions (seconds)."""
    return bundle.for_athlete(profile_after(simulate_athlete(config), bundle.prior))


def demo_run(course: Course, config: SimulationConfig, effort: float = 1.0, days_after: int = 3) -> pd.DataFrame:
    """Draw the athlete's next run, on a course.

    Parameters
    ----------
    course : Course
        What is run, T steps.
    config : SimulationConfig
        The athlete.
    effort : float
        Factor on power (1): 1 is usual, 1.05 a good day or a race.
    days_after : int
        Days after the last of the athlete's sessions, for the form.

    Returns
    -------
    DataFrame, T rows
        The columns of a session but for its number and day: what truly happened, as a watch sees it.
    """
    day = float(session_days(config)[-1]) + days_after
    # A stream of its own: the athlete's sessions have the numbers before it.
    rng = stream(config, RUN, config.n_sessions)
    return simulate_run(rng, course.columns[c.ALTITUDE], config, float(form_on(config, day)), effort)


def recording_bytes(course: Course, run: pd.DataFrame, start: datetime = START) -> bytes:
    """Write a run as the GPX that a watch would export: a point each 5 m, and one at the end of every stop.

    Parameters
    ----------
    course : Course
        What was run, T steps.
    run : DataFrame, T rows
        From `demo_run`.
    start : datetime
        When, with its zone.
    """
    values = {
        name: run[name].to_numpy(np.float64) for name in (c.DURATION, c.STOP, c.ALTITUDE, c.HEART_RATE, c.CADENCE)
    }
    reached_s = np.cumsum(values[c.DURATION]) + np.cumsum(values[c.STOP]) - values[c.STOP]
    left_s = reached_s + values[c.STOP]
    # Each step once where it is reached, once more where somebody stood; before them the start line, a step back.
    row = np.concatenate([[0], np.repeat(np.arange(len(run)), 1 + (values[c.STOP] > 0))])
    again = np.append(False, row[1:] == row[:-1])
    again[1] = False
    seconds = np.where(again, left_s[row], reached_s[row])
    seconds[0] = 0.0
    lat, lon = (course.columns[name][row].copy() for name in (c.LATITUDE, c.LONGITUDE))
    for place, name in ((lat, c.LATITUDE), (lon, c.LONGITUDE)):
        ends = course.columns[name]
        place[0] = 2.0 * ends[0] - ends[1]
    points = track_points(
        lat, lon, values[c.ALTITUDE][row], instants(start, seconds), values[c.HEART_RATE][row], values[c.CADENCE][row]
    )
    name = f"<trk><name>{xml_text(course.name)}</name><type>running</type><trkseg>\n"
    return "".join([XML_HEAD, GPX_HEAD, name, *points, "</trkseg></trk>\n</gpx>\n"]).encode()
