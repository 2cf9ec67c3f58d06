"""In: plans made by hand. Out: that their words and tables say what they hold."""

from __future__ import annotations

import numpy as np
import pytest

from lib.plan.moving_plan import plan_from
from lib.report.plan_tables import format_duration, format_pace, summary, trust
from tests.support.plans import BAND, flat_plan, make_course, make_prediction


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00:00"),
        (6127, "1:42:07"),
        (59.5, "0:01:00"),
        (3599.4, "0:59:59"),
        (3599.5, "1:00:00"),
        (90_000, "25:00:00"),
    ],
)
def test_durations_as_a_watch_shows_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("pace", "text"), [(5.0, "5:00"), (6.51, "6:31"), (5.9999, "6:00"), (61.5, "61:30")])
def test_paces_as_runners_say_them(pace: float, text: str) -> None:
    assert format_pace(pace) == text


def test_the_summary_says_what_matters() -> None:
    said = summary(flat_plan(500, 1.5))
    assert said["Course"] == "Made up"
    assert said["Finish, moving time"] == "0:12:30"
    low_s, high_s = flat_plan(500, 1.5).finish_interval_s
    assert said["80% interval"] == f"{format_duration(low_s)} to {format_duration(high_s)}"
    assert said["Mean pace"] == "5:00 min/km"
    assert said["Mean heart rate"] == "140 bpm"


@pytest.mark.parametrize(
    ("runs", "word"), [(0, "nobody in particular"), (1, "1 known run."), (9, "few"), (10, "Level")]
)
def test_trust_depends_on_how_many_runs_are_known(runs: int, word: str) -> None:
    course = make_course(np.full(200, 0.0))
    assert word in trust(plan_from(course, make_prediction(np.full(200, 2.0)), BAND, runs))
