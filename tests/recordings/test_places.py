"""Places of a recorded way along a course."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.recordings.places import Places, PlacesConfig, places_by_distance, places_by_position, without_waiting
from tests.support.recorded import Way, course_along, degrees, every

OUT: Way = [(0, 0), (1500, 0), (1500, 1000)]
COURSE = course_along(OUT)
CONFIG = PlacesConfig()


def places(way: Way) -> Places:
    return places_by_position(np.stack(degrees(every(way, 5.0)), axis=1), COURSE, CONFIG, "run.gpx")


def test_the_course_itself_is_where_it_is() -> None:
    said = places(OUT)
    np.testing.assert_allclose(said.place_m, np.arange(501) * 5.0, atol=1e-6)
    np.testing.assert_allclose(said.way_m, said.place_m, atol=1e-6)
    assert said.away_m.max() < 0.1 and (said.late_m, said.skips, said.notes) == (0.0, (), ())


def test_a_detour_waits_and_then_comes_as_far_as_its_way() -> None:
    said = places([(0, 0), (500, 0), (500, 300), (600, 300), (600, 0), *OUT[1:]])
    # 700 m of way for 100 m of course: all within the last 100 m, but for the first and the last 60 m beside it.
    at = np.interp([500, 900, 1150, 1300, 3100], said.way_m, said.place_m)
    assert at == pytest.approx([500, 500, 550, 700, 2500], abs=62)
    assert (np.diff(said.place_m) >= 0).all()
    assert len(said.notes) == 1 and "for 100 m of it" in said.notes[0]


def test_many_detours_are_summed() -> None:
    way: Way = [(0, 0)]
    for x in (300, 600, 900, 1200):
        way += [(x, 0), (x, 200), (x, 0)]
    (note,) = places([*way, *OUT[1:]]).notes
    assert note.startswith("4 ways off the course, 1")


def test_a_start_missed_by_little_is_the_start_and_by_more_is_missing() -> None:
    near = places([(30, 0), *OUT[1:]])
    assert near.late_m == 0 and near.place_m[0] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(near.place_m[20:] - near.way_m[20:], 30.0, atol=1e-6)
    assert places([(200, 0), *OUT[1:]]).late_m == 200
    with pytest.raises(InputError, match=r"begins 0\.4 km after the start"):
        places([(400, 0), *OUT[1:]])


def test_a_finish_missed_by_little_is_the_finish() -> None:
    assert places([*OUT[:2], (1500, 970)]).place_m[-1] == pytest.approx(2500)
    assert places([*OUT[:2], (1500, 900)]).place_m[-1] == pytest.approx(2400)


def test_standing_at_the_start_and_the_finish_is_no_part_of_the_run() -> None:
    run = Places(np.arange(101) * 5.0, np.arange(101) * 5.0, np.zeros(101))
    said = without_waiting(run, np.array([0.0, 7.0, 250.0, 493.0]), 500.0)
    assert (said.way_m[0], said.way_m[-1]) == (7.0, 493.0)
    assert (said.place_m[0], said.place_m[-1]) == (0.0, 500.0)
    assert np.interp(250, said.way_m, said.place_m) == 250
    on_the_way = without_waiting(run, np.array([493.0]), 800.0)
    assert on_the_way.way_m[-1] == 500.0


def test_distance_alone_is_scaled_only_if_it_may_be_the_whole_course() -> None:
    assert places_by_distance(2400.0, COURSE, CONFIG).place_m.tolist() == [0, 2500]
    assert places_by_distance(2300.0, COURSE, CONFIG).place_m.tolist() == [0, 2300]
    longer = places_by_distance(3000.0, COURSE, CONFIG)
    assert (longer.way_m[-1], longer.place_m[-1]) == (2500, 2500)


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="late_m"):
        PlacesConfig(late_m=0.0)
