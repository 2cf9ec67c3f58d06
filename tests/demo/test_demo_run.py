"""A recording of the demo athlete, read as anybody's, gives back what happened."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from lib.core import schema as c
from lib.demo.demo_run import START, demo_bundle, demo_run, recording_bytes
from lib.demo.season import SimulationConfig
from lib.recordings.activities import read_activity
from lib.recordings.align import Followed, follow
from tests.support.races import course_of, shipped

CONFIG = SimulationConfig(n_sessions=3)
COURSE = "powell_valley_5km"


@cache
def run() -> pd.DataFrame:
    table = demo_run(course_of(COURSE), CONFIG)
    table.loc[[0, 200, 700], c.STOP] = [20.0, 45.0, 60.0]  # so that there are stops, one of them in the first step
    return table


@cache
def followed() -> Followed:
    (activity,) = read_activity("demo.gpx", recording_bytes(course_of(COURSE), run()))
    assert activity.sport == "running"
    assert activity.warnings == ()
    return follow(activity, course_of(COURSE))


def test_the_recording_is_one_of_the_whole_course() -> None:
    found = followed()
    assert found.whole
    (note,) = found.notes
    assert note.endswith("before the start line left out")
    assert np.nanmax(found.off_course_m) < 5.0
    assert found.start_unix_s == pytest.approx(START.timestamp(), abs=25.0)  # who stands at the start has not begun


def test_time_heart_rate_and_cadence_come_back() -> None:
    found, truth = followed(), run()
    assert found.moving_s == pytest.approx(truth[c.DURATION].sum(), rel=0.01)
    assert found.columns[c.STOP].sum() == pytest.approx(truth[c.STOP].sum(), abs=25.0)
    at = np.cumsum(found.columns[c.DURATION])
    np.testing.assert_allclose(at, np.cumsum(truth[c.DURATION]), atol=20.0)
    assert np.abs(found.columns[c.HEART_RATE] - truth[c.HEART_RATE]).mean() < 1.0
    assert np.abs(found.columns[c.CADENCE] - truth[c.CADENCE]).mean() < 1.5


def test_a_watch_records_both_ends_of_a_stop() -> None:
    (activity,) = read_activity("demo.gpx", recording_bytes(course_of(COURSE), run()))
    samples = activity.samples
    still = np.flatnonzero((samples[c.LATITUDE].diff() == 0) & (samples[c.LONGITUDE].diff() == 0))
    waits_s = samples[c.TIME].diff().to_numpy()[still]
    np.testing.assert_allclose(waits_s, run()[c.STOP][run()[c.STOP] > 0], atol=0.01)
    assert {20.0, 45.0, 60.0} <= set(np.round(waits_s).tolist())


def test_a_stop_is_where_it_was() -> None:
    stood = followed().columns[c.STOP]
    assert stood[198:203].sum() == pytest.approx(45.0, abs=5.0)
    assert stood[698:703].sum() == pytest.approx(60.0, abs=5.0)


def test_the_same_athlete_runs_the_same_and_more_power_is_faster() -> None:
    course = course_of(COURSE)
    pd.testing.assert_frame_equal(demo_run(course, CONFIG), demo_run(course, CONFIG))
    assert demo_run(course, CONFIG, 1.1)[c.DURATION].sum() < demo_run(course, CONFIG)[c.DURATION].sum()


def test_the_bundle_knows_the_sessions_before() -> None:
    bundle = demo_bundle(shipped()[1], CONFIG)
    assert bundle.athlete.runs == 3
    assert bundle.checkpoint_sha256 == shipped()[1].checkpoint_sha256
