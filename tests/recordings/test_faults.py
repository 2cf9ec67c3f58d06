"""Each kind of file that is a little wrong, in each format that can have it, is read as it should be."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.core.schema import ALTITUDE, CADENCE, HEART_RATE
from lib.recordings.activities import read_activity
from lib.recordings.formats.activity import NoRecordingError
from tests.support.faulty import (
    WRITERS,
    Sample,
    as_fit,
    as_gpx,
    as_tcx,
    at_place,
    changed,
    rows_of,
    run,
    session_of,
)  # fmt: skip
from tests.support.fit_files import CLOCK, fit

every_format = pytest.mark.parametrize("name", WRITERS)
anywhere = pytest.mark.parametrize("at", [0, 1, 40, -1])


def check(name: str, samples: list[Sample], km: float = 0.8, moving_s: float = 320.0, standing_s: float = 0.0) -> str:
    made = session_of(name, WRITERS[name](samples))
    assert made.km == pytest.approx(km, abs=0.0101)
    assert made.moving_s == pytest.approx(moving_s, abs=4.1)
    assert made.standing_s == pytest.approx(standing_s, abs=4.1)
    return made.said


@every_format
def test_the_sound_run_is_read_whole_in_silence(name: str) -> None:
    assert check(name, run()) == check(name, run(distance=True)) == ""


# --- a: plans, motion, pauses ------------------------------------------------------------------------------------
def test_a_planned_course_is_no_recording() -> None:
    course = fit(("running", rows_of(run())), kind=6)
    exported = as_gpx(run(), kind="", creator="trailcast")
    tcx = as_tcx(run()).replace(b"Activities>", b"Courses>").replace(b"Activity", b"Course")
    for name, content in (("a.fit", course), ("a.gpx", exported), ("a.tcx", tcx)):
        with pytest.raises(NoRecordingError, match="a planned course"):
            read_activity(name, content)


def planners_track(same_s: bool) -> list[Sample]:
    """Points at the bends of a way, 5 to 80 m apart, with made-up times and without sensors."""
    rng = np.random.default_rng(1)
    along = np.cumsum(rng.uniform(5.0, 80.0, 60))
    times = 10.0 * np.arange(60) if same_s else np.round(along / 2.5)
    return [replace(at_place(float(t), float(m)), bpm=None, rpm=None) for t, m in zip(times, along, strict=True)]


@pytest.mark.parametrize("name", ["a.gpx", "a.tcx"])
@pytest.mark.parametrize("same_s", [True, False])
def test_a_planners_track_with_made_up_times_is_no_recording(name: str, same_s: bool) -> None:
    with pytest.raises(NoRecordingError, match="times that a planner made up"):
        read_activity(name, WRITERS[name](planners_track(same_s)))


def test_a_run_without_sensors_at_an_even_rate_is_no_plan() -> None:
    rng = np.random.default_rng(2)
    samples = [replace(at_place(float(t), 2.6 * t + rng.normal(0, 0.4)), bpm=None, rpm=None) for t in range(400)]
    assert session_of("a.gpx", as_gpx(samples)).km == pytest.approx(1.04, abs=0.03)


@every_format
@pytest.mark.parametrize("holds", [1, 8, 60])
def test_a_position_held_and_caught_up_with_is_no_jump(name: str, holds: int) -> None:
    samples = run(every_s=1.0, mps=3.2)
    for k in range(holds):
        for i in range(4):
            at = 10 + 4 * k * (1 if holds > 8 else 7) + i
            if i and at < len(samples) - 1:
                samples[at] = replace(samples[at], lat=samples[at - i].lat, lon=samples[at - i].lon)
    check(name, samples, moving_s=250.0)


def test_a_jump_far_beyond_the_speed_around_is_still_one() -> None:
    samples = run(every_s=1.0)
    samples[100:] = [replace(x, lat=x.lat + 0.001) for x in samples[100:]]  # 111 m in a second, after no hold
    made = session_of("a.gpx", as_gpx(samples))
    assert made.km == pytest.approx(0.8, abs=0.011)


@every_format
def test_a_bus_in_a_pause_is_neither_way_nor_moving_time(name: str) -> None:
    there = run(400.0)
    back = [replace(at_place(900.0 + x.time_s + 160.0, 400.0 + 2_000.0 + 2.5 * x.time_s), part=1) for x in run(400.0)]
    check(name, there + back, standing_s=900.0)


@every_format
def test_a_short_break_between_laps_is_no_pause(name: str) -> None:
    samples = [replace(x, part=i // 20) for i, x in enumerate(run())]
    if name != "a.fit":  # where the timer does stop
        check(name, samples)


def test_records_while_the_timer_is_stopped_are_not_run() -> None:
    for distance in (False, True):
        content = fit(("running", rows_of(run(distance=distance))), timer=[(CLOCK, True), (CLOCK + 240, False)])
        made = session_of("a.fit", content)
        assert (made.km, made.moving_s, made.standing_s) == pytest.approx((0.6, 240.0, 80.0), abs=0.01)


@pytest.mark.parametrize("name", ["a.fit", "a.tcx"])
@pytest.mark.parametrize("step_m", [2.0, 5.0, 10.0, 11.0])
@pytest.mark.parametrize("mps", [0.35, 0.6, 1.2])
def test_slow_climbing_told_in_coarse_steps_is_moving(name: str, step_m: float, mps: float) -> None:
    samples = [
        replace(at_place(float(t), mps * t), distance_m=float(step_m * int(mps * t / step_m))) for t in range(1_500)
    ]
    made = session_of(name, WRITERS[name](samples))
    assert made.moving_s == pytest.approx(1_499.0, rel=0.02)


def test_a_stop_among_coarse_steps_is_found() -> None:
    way = np.interp(np.arange(1_500.0), [0, 600, 900, 1_499], [0, 720, 720, 720 + 719])
    samples = [replace(at_place(float(t), m), distance_m=float(10 * int(m / 10))) for t, m in enumerate(way)]
    made = session_of("a.fit", as_fit(samples))
    assert made.standing_s == pytest.approx(300.0, abs=20.0)


# --- b: what stands in the file ----------------------------------------------------------------------------------
@pytest.mark.parametrize("version", ["5.8", "", "1.0"])
def test_a_gpx_of_any_version_is_read_with_its_extensions(version: str) -> None:
    content = as_gpx(run(), version=version)
    for given in (content, content.replace(b' version=""', b"")):
        made = session_of("a.gpx", given)
        assert made.activity.sport == "running"
        assert made.table[HEART_RATE].mean() == pytest.approx(150) and made.table[CADENCE].mean() == pytest.approx(85)


@every_format
@anywhere
def test_a_position_of_0_0_is_left_out(name: str, at: int) -> None:
    assert check(name, changed(run(), at, lat=0.0, lon=0.0)) == "1 point without a position left out"
    measured = changed(run(distance=True), at, lat=0.0, lon=0.0)
    assert check(name, measured) == "1 point without a position left out"


@every_format
@anywhere
def test_a_point_without_a_position_is_left_out(name: str, at: int) -> None:
    assert check(name, changed(run(), at, lat=None, lon=None)) == "1 point without a position left out"


@every_format
@pytest.mark.parametrize(("lat", "lon"), [(95.0, 7.0), (46.0, 181.0), (-46.0, 7.0)])
def test_a_position_nowhere_near_is_left_out(name: str, lat: float, lon: float) -> None:
    if name == "a.fit" and max(lat, lon) > 90.0:
        pytest.skip("semicircles have no such values")
    assert "1 point without a position" in check(name, changed(run(), 30, lat=lat, lon=lon))


def test_a_tcx_time_without_a_zone_is_utc() -> None:
    made = session_of("a.tcx", as_tcx(run()).replace(b"Z</Time>", b"</Time>"))
    assert made.km == pytest.approx(0.8) and made.activity.start == read_activity("a.tcx", as_tcx(run()))[0].start


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b' xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"', b""),
        (b"TrainingCenterDatabase/v2", b"TrainingCenterDatabase/v1"),
        (b' xmlns:n="http://www.garmin.com/xmlschemas/ActivityExtension/v2"', b""),
    ],
)
def test_a_tcx_is_read_whatever_its_namespaces(old: bytes, new: bytes) -> None:
    made = session_of("a.tcx", as_tcx(run()).replace(old, new))
    assert (made.km, made.said) == (0.8, "")
    assert made.table[CADENCE].mean() == pytest.approx(85)


@pytest.mark.parametrize("name", ["a.gpx", "a.tcx"])
@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_file_cut_off_is_read_as_far_as_it_goes(name: str, share: float, cut: int) -> None:
    content = WRITERS[name](run())
    made = session_of(name, content[: int(share * len(content)) + cut])
    assert made.km == pytest.approx(0.8 * share, abs=0.03)
    assert made.said == "the file is cut off; what stands before was read"


@pytest.mark.parametrize("name", ["a.gpx", "a.tcx"])
def test_a_bare_ampersand_and_zeros_at_the_end_are_no_obstacle(name: str) -> None:
    content = WRITERS[name](run()).replace(b"<trk>", b"<trk><desc>Up & down &nbsp;</desc>")
    content = content.replace(b"<Lap ", b"<Notes>Up & down</Notes><Lap ")
    assert session_of(name, content + bytes(512)).km == 0.8


@pytest.mark.parametrize("name", ["a.gpx", "a.tcx"])
@anywhere
@pytest.mark.parametrize("text", ["null", "NaN", "inf", "-32768", "-9999", "", "--"])
def test_an_altitude_that_is_none_is_left_out(name: str, at: int, text: str) -> None:
    made = session_of(name, WRITERS[name](changed(run(), at, altitude_m=text)))
    assert made.km == 0.8 and 955 < made.table[ALTITUDE].min() < made.table[ALTITUDE].max() < 1_045
    if text not in ("", "NaN"):
        assert made.said == "1 altitude that cannot be left out"


@pytest.mark.parametrize("at", [0, 1, 40, -1])
@every_format
@pytest.mark.parametrize("height", [0.0, -500.0])
def test_an_altitude_of_0_among_mountains_is_left_out(name: str, at: int, height: float) -> None:
    made = session_of(name, WRITERS[name](changed(run(), at, altitude_m=height)))
    assert made.table[ALTITUDE].min() > 955 and made.said == "1 altitude that cannot be left out"


@every_format
@pytest.mark.parametrize("shift_s", [7_200.0, 86_400.0, -86_400.0 * 5, -86_400.0 * 3_000, 86_400.0 * 400])
def test_what_was_recorded_before_the_clock_was_set_is_left_out(name: str, shift_s: float) -> None:
    samples = [replace(x, time_s=x.time_s + shift_s) if i < 5 else x for i, x in enumerate(run())]
    assert check(name, samples, 0.75, 300.0) == "5 points before the clock was set left out"


@every_format
@pytest.mark.parametrize("shift_s", [7_200.0, -7_200.0, 86_400.0 * 30])
def test_a_clock_that_jumps_and_comes_back_costs_its_points_only(name: str, shift_s: float) -> None:
    samples = [replace(x, time_s=x.time_s + shift_s) if 40 <= i < 43 else x for i, x in enumerate(run())]
    assert "3 points" in check(name, samples)


@every_format
def test_a_clock_wrong_at_half_of_the_samples_is_refused(name: str) -> None:
    samples = [replace(x, time_s=x.time_s - 7_200.0) if i >= 40 else x for i, x in enumerate(run())]
    with pytest.raises(InputError, match="run backwards by"):
        read_activity(name, WRITERS[name](samples))


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 7, 200])
def test_a_header_that_says_0_bytes_is_filled_in(cut: int) -> None:
    content = as_fit(run())
    content = content[:4] + struct.pack("<I", 0) + content[8 : len(content) - cut]
    assert session_of("a.fit", content).km == pytest.approx(0.8, abs=0.011 + 0.001 * cut)


@pytest.mark.parametrize("name", ["a.gpx", "a.tcx"])
def test_parts_out_of_order_are_sorted_by_time(name: str) -> None:
    samples = [replace(x, part=i // 27) for i, x in enumerate(run())]
    for order in ((1, 0, 2), (2, 1, 0), (1, 2, 0)):
        mixed = [x for part in order for x in samples if x.part == part]
        assert check(name, mixed) == "parts of the track sorted by time"


def test_heart_rate_in_messages_of_its_own_is_read() -> None:
    samples = [replace(x, bpm=None) for x in run()]
    beats = [(round(CLOCK + x.time_s), 140 + i % 20) for i, x in enumerate(samples)]
    made = session_of("a.fit", fit(("running", rows_of(samples)), beats=beats))
    assert made.table[HEART_RATE].mean() == pytest.approx(149.4, abs=0.3)


@every_format
def test_several_faults_at_once_are_said_in_one_sentence(name: str) -> None:
    samples = [replace(x, time_s=x.time_s + 7_200.0) if i < 5 else x for i, x in enumerate(run())]
    samples = changed(changed(samples, 30, lat=0.0, lon=0.0), 50, altitude_m=-500.0)
    samples = changed(samples, 60, bpm=254)
    said = check(name, samples, 0.75, 300.0)
    assert said == (
        "5 points before the clock was set, 1 without a position, 1 altitude that cannot be, "
        "1 heart rate that cannot be left out"
    )
