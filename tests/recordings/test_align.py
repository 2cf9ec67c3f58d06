"""A recording is aligned with the course that was run, or refused."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.geodesy import gaps_m
from lib.course.course import Course, load_course
from lib.recordings.activities import read_activity
from lib.recordings.align import Followed, follow
from lib.recordings.formats.activity import Activity
from lib.recordings.sessions import session_from_activity
from tests.support.recorded import SPEED_MPS, START, Leg, Way, course_along, recording

OUT: Way = [(0, 0), (1500, 0), (1500, 1000)]
THERE_AND_BACK: Way = [*OUT, (1500, 0), (0, 0)]  # 5 km
LAP: Way = [(0, 0), (800, 0), (800, 600), (0, 600), (0, 0)]  # 2.8 km
LAPS: Way = [*LAP, *LAP[1:], *LAP[1:]]
EIGHT: Way = [(0, 0), (600, 400), (600, -400), (0, 0), (-600, 400), (-600, -400), (0, 0)]


def followed(way: Way, *legs: Leg, **how: float) -> tuple[Followed, np.ndarray]:
    lon = {"lon": how["lon"]} if "lon" in how else {}
    activity, ends = recording(*legs, **how)
    said = follow(activity, course_along(way, **lon))
    assert_nothing_lost(said, activity)
    return said, ends


def assert_nothing_lost(said: Followed, activity: Activity) -> None:
    """Time before the start, on the course and after it is all of the time."""
    assert said.start_unix_s is not None and activity.start is not None
    before_s = said.start_unix_s - activity.start.timestamp()
    total_s = float(activity.samples[c.TIME].iloc[-1])
    assert before_s + said.elapsed_s[-1] + said.after_s == pytest.approx(total_s, abs=1e-3)
    assert said.elapsed_s[-1] == pytest.approx(said.moving_s + said.standing_s)
    assert (said.columns[c.DURATION] > 0).all()


def at_km(said: Followed, km: float) -> float:
    return float(said.elapsed_s[round(km * 200) - 1])


# --- runs of the whole course ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", [THERE_AND_BACK, LAPS, EIGHT], ids=["there and back", "laps", "eight"])
@pytest.mark.parametrize("every_s", [1.0, 5.0])
@pytest.mark.parametrize("noise_m", [0.0, 3.0, 10.0])
def test_an_even_run_reaches_every_place_when_it_did(way: Way, every_s: float, noise_m: float) -> None:
    said, ends = followed(way, (way, SPEED_MPS), every_s=every_s, noise_m=noise_m)
    assert said.whole and said.notes == ()
    reached_s = np.arange(1, said.steps + 1) * 5.0 / SPEED_MPS
    assert np.abs(said.elapsed_s - reached_s).max() < 5.0 + 2 * noise_m / SPEED_MPS
    assert said.elapsed_s[-1] == pytest.approx(ends[0], abs=3.0 + every_s)
    assert np.nanmedian(said.off_course_m) < 3.0 + noise_m


def test_heart_rate_stands_where_it_was_and_both_feet_are_halved() -> None:
    activity, _ = recording((THERE_AND_BACK, SPEED_MPS), noise_m=1.0)
    rising = activity.samples[c.TIME] / 20.0 + 80.0
    said = follow(replace(activity, samples=activity.samples.assign(**{c.HEART_RATE: rising})), course_along(OUT))
    assert said.whole  # the way back is after the finish
    np.testing.assert_allclose(said.columns[c.HEART_RATE], 80.0 + 0.1 * np.arange(500), atol=0.4)
    np.testing.assert_allclose(said.columns[c.CADENCE], 85.0)


def test_what_no_sensor_measured_stays_open() -> None:
    activity, _ = recording((OUT, SPEED_MPS))
    bare = activity.samples.assign(**{c.HEART_RATE: np.nan, c.CADENCE: np.nan})
    said = follow(replace(activity, samples=bare), course_along(OUT))
    assert np.isnan(said.columns[c.HEART_RATE]).all() and np.isnan(said.columns[c.CADENCE]).all()


def test_a_fast_half_is_fast_where_it_was() -> None:
    said, _ = followed(THERE_AND_BACK, (OUT, 2.0), (OUT[::-1], 4.0))
    assert at_km(said, 2.5) == pytest.approx(1250, abs=5)
    assert at_km(said, 5) == pytest.approx(1875, abs=5)
    assert said.columns[c.DURATION][:450].mean() == pytest.approx(2.5, rel=0.03)
    assert said.columns[c.DURATION][550:].mean() == pytest.approx(1.25, rel=0.03)


def test_across_the_antimeridian() -> None:
    said, ends = followed(THERE_AND_BACK, (THERE_AND_BACK, SPEED_MPS), lon=179.99)
    assert said.whole and at_km(said, 5) == pytest.approx(ends[0], abs=3)


def test_a_coarsely_drawn_course_is_followed_too() -> None:
    bends = [(40.0 * i, 25.0 * (-1) ** i) for i in range(60)]  # 64 m for 40 m of course
    activity, ends = recording((bends, SPEED_MPS))
    said = follow(activity, course_along([(0.0, 0.0), (2360.0, 0.0)], metres=200.0))
    assert said.whole and said.elapsed_s[-1] == pytest.approx(ends[0], abs=15)
    assert np.diff(said.elapsed_s[::40]) == pytest.approx(ends[0] / 472 * 40, rel=0.15)


# --- stops, detours, ends -------------------------------------------------------------------------------------------
def test_a_pause_is_a_stop_where_it_was() -> None:
    said, ends = followed(THERE_AND_BACK, (OUT, SPEED_MPS), 300.0, (OUT[::-1], SPEED_MPS), noise_m=0.5)
    assert said.standing_s == pytest.approx(300, abs=20)
    assert said.moving_s == pytest.approx(2000, abs=20)
    where = np.flatnonzero(said.columns[c.STOP] > 30)
    assert (np.abs(where - 500) <= 4).all()
    assert said.elapsed_s[-1] == pytest.approx(ends[-1], abs=3)


def test_a_detour_waits_where_the_course_was_left() -> None:
    aside: Way = [(1000, 0), (1000, 250), (1000, 0)]
    rest: Way = [(1000, 0), *THERE_AND_BACK[1:]]
    said, _ = followed(THERE_AND_BACK, ([(0, 0), (1000, 0)], SPEED_MPS), (aside, SPEED_MPS), (rest, SPEED_MPS))
    assert at_km(said, 0.9) == pytest.approx(360, abs=5)
    assert at_km(said, 1.1) == pytest.approx(640, abs=5)
    longest = int(np.argmax(said.columns[c.DURATION]))
    assert abs(longest - 200) <= 14 and said.columns[c.DURATION][longest] > 120
    assert 240 < said.off_course_m[longest] < 260
    assert said.whole and len(said.notes) == 1 and "off the course at km 1.0" in said.notes[0]


def test_another_way_round_waits_for_what_it_was_longer() -> None:
    around: Way = [(0, 0), (700, 0), (700, 200), (1000, 200), (1000, 0), *THERE_AND_BACK[1:]]
    said, ends = followed(THERE_AND_BACK, (around, SPEED_MPS))
    assert said.whole and said.elapsed_s[-1] == pytest.approx(ends[0], abs=3)
    assert at_km(said, 0.6) == pytest.approx(240, abs=5)
    assert at_km(said, 1.1) == pytest.approx(600, abs=5)  # 400 m more
    assert at_km(said, 0.9) - at_km(said, 0.8) == pytest.approx(40, abs=8)  # at its pace
    assert "off the course" in said.notes[0]


def test_a_turn_too_early_is_a_piece_not_run() -> None:
    short: Way = [(0, 0), (1500, 0), (1500, 900), (1500, 0), (0, 0)]
    said, ends = followed(THERE_AND_BACK, (short, SPEED_MPS))
    assert said.whole and said.elapsed_s[-1] == pytest.approx(ends[0], abs=3)
    assert at_km(said, 2.3) == pytest.approx(920, abs=10)
    assert at_km(said, 2.8) == pytest.approx(1040, abs=10)
    assert "not run" in said.notes[0]


def test_what_comes_before_the_start_and_after_the_finish_is_left_out() -> None:
    said, ends = followed(
        THERE_AND_BACK, ([(-250, -150), (0, 0)], 1.5), 240.0, (THERE_AND_BACK, SPEED_MPS), 120.0,
        ([(0, 0), (-300, 50)], 1.2), noise_m=1.0,
    )  # fmt: skip
    assert said.start_unix_s == pytest.approx(START.timestamp() + ends[1], abs=6)
    assert said.elapsed_s[-1] == pytest.approx(ends[2] - ends[1], abs=8)
    assert said.standing_s < 30
    assert said.after_s == pytest.approx(ends[-1] - ends[2], abs=8)
    assert any("before the start line" in note for note in said.notes)
    assert any("after the finish" in note for note in said.notes)


def test_waiting_on_the_start_line_and_behind_the_finish_is_no_part_of_the_run() -> None:
    said, ends = followed(OUT, ([(-57, 0), (0, 0)], 1.5), 240.0, (OUT, SPEED_MPS), 120.0, noise_m=0.0)
    assert said.start_unix_s == pytest.approx(START.timestamp() + ends[1], abs=4)
    assert said.elapsed_s[-1] == pytest.approx(1000, abs=4)
    assert said.standing_s == 0 and said.after_s == pytest.approx(120, abs=4)


@pytest.mark.parametrize(("part", "steps"), [([*OUT[:2], (1500, 700)], 440), ([*OUT, (1500, 400)], 620)])
def test_a_recording_that_ends_on_the_way_reaches_no_further(part: Way, steps: int) -> None:
    said, ends = followed(THERE_AND_BACK, (part, SPEED_MPS), 100.0)
    assert abs(said.steps - steps) <= 8 and not said.whole and said.of == 1000
    assert said.elapsed_s[-1] + said.after_s == pytest.approx(ends[0] + 100, abs=1)
    assert at_km(said, 2) == pytest.approx(800, abs=5)


def test_half_of_three_laps_is_half_and_not_the_last_lap() -> None:
    said, _ = followed(LAPS, (LAP + LAP[1:3], SPEED_MPS))
    assert said.of == 1680 and abs(said.steps - 840) <= 3


def test_who_leaves_the_course_for_good_has_come_as_far_as_there() -> None:
    said, _ = followed(THERE_AND_BACK, ([(0, 0), (1500, 0), (1500, 300), (2400, 300)], SPEED_MPS))
    assert abs(said.steps - 360) <= 12
    assert any("left the course at km 1.8" in note for note in said.notes)


def test_a_button_pressed_late_is_filled_and_said() -> None:
    late: Way = [(150, 0), *THERE_AND_BACK[1:]]
    activity, ends = recording((late, SPEED_MPS), noise_m=1.0)
    said = follow(activity, course_along(THERE_AND_BACK))
    assert said.whole and said.moving_s == pytest.approx(2000, abs=5)
    assert said.start_unix_s == pytest.approx(START.timestamp() - 60, abs=5)
    assert np.isnan(said.columns[c.HEART_RATE][:28]).all() and np.isnan(said.off_course_m[:28]).all()
    assert np.isfinite(said.columns[c.HEART_RATE][32:]).all()
    assert any(note.startswith("recorded from 150 m") for note in said.notes)
    assert ends[0] + 60 == pytest.approx(said.elapsed_s[-1], abs=5)


def test_a_lost_fix_is_moving_time_over_what_was_passed() -> None:
    activity, ends = recording((THERE_AND_BACK, SPEED_MPS), noise_m=0.0)
    stuck = activity.samples.copy()
    stuck.loc[200:259, [c.LATITUDE, c.LONGITUDE]] = stuck.loc[200, [c.LATITUDE, c.LONGITUDE]].to_numpy()
    said = follow(replace(activity, samples=stuck), course_along(THERE_AND_BACK))
    assert said.standing_s == 0 and said.moving_s == pytest.approx(ends[0], abs=3)
    np.testing.assert_allclose(said.columns[c.DURATION][105:125], 2.0, atol=0.2)
    assert not any("not run" in note for note in said.notes)


def test_the_first_steps_are_those_of_a_shorter_recording() -> None:
    said, _ = followed(OUT, (OUT, SPEED_MPS))
    part = said.first(200)
    assert (part.steps, part.of, part.whole) == (200, 500, False)
    assert part.elapsed_s[-1] == said.elapsed_s[199]


# --- without positions ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("length_m", "steps", "scaled", "note"),
    [(2450, 500, 2500 / 2450, "times 1.020"), (1500, 300, 1, "as it is"), (2900, 500, 1, "0.40 km after it left out")],
)
def test_without_positions_the_distance_is_taken(length_m: float, steps: int, scaled: float, note: str) -> None:
    activity, _ = recording(([(0, 0), (length_m, 0)], SPEED_MPS), positions=False)
    said = follow(activity, course_along(OUT))
    assert said.steps == steps and np.isnan(said.off_course_m).all()
    np.testing.assert_allclose(said.columns[c.DURATION], 2.0 / scaled, atol=1e-6)
    assert said.notes[0].startswith("no positions") and note in said.notes[0]


# --- refusals -------------------------------------------------------------------------------------------------------
def refusal(course: Course, activity: Activity) -> InputError:
    with pytest.raises(InputError) as raised:
        follow(activity, course)
    assert raised.value.source == "run.gpx"
    return raised.value


def test_a_course_run_backwards_is_refused_as_that() -> None:
    assert refusal(course_along(LAP), recording((LAP[::-1], SPEED_MPS))[0]).found == "the course run backwards"


def test_another_course_is_refused() -> None:
    beside: Way = [(x + 3000, y) for x, y in LAP]
    assert "100% of the way" in refusal(course_along(LAP), recording((beside, SPEED_MPS))[0]).found


def test_a_course_that_shares_its_beginning_is_another() -> None:
    elsewhere: Way = [(0, 0), (500, 0), (500, -4000)]
    assert "of this course" in refusal(course_along(THERE_AND_BACK), recording((elsewhere, SPEED_MPS))[0]).expected


def test_a_recording_that_begins_on_the_way_is_refused() -> None:
    late: Way = [(1200, 0), *THERE_AND_BACK[1:]]
    assert refusal(course_along(THERE_AND_BACK), recording((late, SPEED_MPS))[0]).found.startswith(
        "a recording that begins 1.2 km after the start"
    )


def test_too_little_way_is_refused() -> None:
    assert "200 m of way" in refusal(course_along(OUT), recording(([(0, 0), (200, 0)], SPEED_MPS), noise_m=0)[0]).found
    around: Way = [(0, 0), (20, 0), (20, 20), (0, 20)] * 20
    refusal(course_along(OUT), recording((around, SPEED_MPS))[0])


def test_a_way_far_longer_than_the_course_is_refused() -> None:
    far: Way = [(0, 0), (60_000, 0)]
    assert "of 60 km, of a course of 2" in refusal(course_along(OUT), recording((far, 8.0), every_s=10.0)[0]).found


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(-800, 2000), st.floats(-800, 2000)), min_size=2, max_size=12), st.integers(0, 9))
def test_any_way_is_followed_or_refused_and_no_time_is_lost(way: Way, seed: int) -> None:
    activity, _ = recording(([(0, 0), *way], 3.0), every_s=4.0, seed=seed)
    try:
        said = follow(activity, course_along(OUT))
    except InputError as error:
        assert str(error)
        return
    assert_nothing_lost(said, activity)


def test_columns_that_do_not_belong_together_are_refused() -> None:
    said, _ = followed(OUT, (OUT, SPEED_MPS))
    for broken in ({c.DURATION: np.zeros(500)}, {c.STOP: np.full(500, np.nan)}, {c.CADENCE: np.ones(3)}):
        with pytest.raises(InputError):
            replace(said, columns=dict(said.columns) | broken)
    with pytest.raises(InputError):
        replace(said, of=499)


# --- real recordings ------------------------------------------------------------------------------------------------
REAL = ["gpx-data-analysis/Morning_Run_with_H10", "mansfield-double-up/mansfield-double-up-course"]
REAL += [f"sport-activities-features/broken{i}" for i in range(1, 6)]


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_recording_follows_its_own_course(shared_data: Path, name: str) -> None:
    path = shared_data / "activities" / f"{name}.gpx"
    activity, course = read_activity(path.name, path.read_bytes())[0], load_course(path)
    said = follow(activity, course)
    assert said.whole
    assert_nothing_lost(said, activity)
    session = session_from_activity(activity)
    assert said.moving_s == pytest.approx(float(session[c.DURATION].sum()), rel=0.011)
    assert np.nanmax(said.off_course_m) < 12
    # As the course was made of these samples, when each place was reached can be read from them.
    time_s, lat, lon = (activity.samples[name].to_numpy() for name in (c.TIME, c.LATITUDE, c.LONGITUDE))
    along_m = np.concatenate([[0.0], np.cumsum(gaps_m(lat, lon))]) + 1e-9 * np.arange(time_s.size)
    assert said.start_unix_s is not None and activity.start is not None
    begun_s = said.start_unix_s - activity.start.timestamp()
    late_s = np.abs(begun_s + said.elapsed_s - np.interp(np.arange(1, said.steps + 1) * 5.0, along_m, time_s))
    assert np.median(late_s) < 2.0 and np.quantile(late_s, 0.9) < 3.0


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL[:2])
def test_the_first_third_of_a_real_recording_is_the_first_third(shared_data: Path, name: str) -> None:
    path = shared_data / "activities" / f"{name}.gpx"
    activity, course = read_activity(path.name, path.read_bytes())[0], load_course(path)
    whole = follow(activity, course)
    third = replace(activity, samples=activity.samples.iloc[: len(activity.samples) // 3])
    said = follow(third, course)
    assert said.steps < 0.5 * course.steps
    np.testing.assert_allclose(said.elapsed_s[:-20], whole.elapsed_s[: said.steps - 20], atol=1.0)
    np.testing.assert_allclose(said.columns[c.CADENCE][:-20], whole.columns[c.CADENCE][: said.steps - 20], atol=0.5)


@pytest.mark.slow
def test_half_a_day_is_followed_in_seconds() -> None:
    turns = np.linspace(0.0, 40 * np.pi, 4000)
    spiral: Way = [((300 + 8 * a) * np.cos(a), (300 + 8 * a) * np.sin(a)) for a in turns]
    activity, _ = recording((spiral, 2.4))
    course = course_along(spiral)
    assert course.length_km > 95 and len(activity.samples) > 39_000
    before = clock.process_time()
    said = follow(activity, course)
    assert said.whole
    assert clock.process_time() - before < 60  # some 2 s; a search over all pairs would take minutes
