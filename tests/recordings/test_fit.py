"""FIT recordings as devices write them, whole and faulty, made byte by byte."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, TIME
from lib.recordings.activities import read_activity
from lib.recordings.formats.activity import Activity, NoRecordingError
from tests.recordings.test_activities import CHANGES, mutated, only_input_errors
from tests.support.fit_files import CLOCK, EPOCH, fit, records


def read(content: bytes) -> list[Activity]:
    return read_activity("a.fit", content)


def test_a_run_is_read_with_all_that_was_measured() -> None:
    (run,) = read(fit(("running", records(600))))
    assert run.sport == "running" and run.start is not None and run.warnings == ()
    samples = run.samples
    assert samples[TIME].iloc[-1] == 600 and samples[DISTANCE].iloc[-1] == pytest.approx(1_800)
    for column, value in ((ALTITUDE, 500), (HEART_RATE, 140), (CADENCE, 85), (LATITUDE, 46)):
        np.testing.assert_allclose(samples[column], value, atol=1e-6)


def test_a_multisport_file_holds_its_sessions() -> None:
    legs, start, sports = [], CLOCK, ("swimming", "transition", "running")
    for sport in sports:
        legs.append((sport, records(120, start)))
        start += 200
    assert [activity.sport for activity in read(fit(*legs))] == list(sports)


def test_a_wrong_checksum_is_told() -> None:
    content = fit(("running", records(60)))
    (run,) = read(content[:-2] + b"\x12\x34")
    assert any("checksum" in text for text in run.warnings) and len(run.samples) == 61


def test_a_file_cut_off_near_its_end_is_read_and_that_is_told() -> None:
    (run,) = read(fit(("running", records(600)), stated_m=1_800)[:-300])
    assert any("cut off" in text for text in run.warnings)
    assert 1_700 < run.samples[DISTANCE].max() < 1_800


def test_a_file_cut_short_of_the_distance_that_it_states_is_refused() -> None:
    with pytest.raises(InputError, match="cut off after"):
        read(fit(("running", records(600)), stated_m=3_600)[:-300])


def test_what_follows_a_whole_file_and_is_no_fit_is_left_out_and_told() -> None:
    (run,) = read(fit(("running", records(60))) + b"no FIT at all, but text of some length")
    assert any("no FIT" in text for text in run.warnings)


def test_a_field_of_a_wrong_form_is_passed_over_and_told() -> None:
    (run,) = read(fit(("running", records(60)), odd=True))
    assert any("wrong form" in text for text in run.warnings) and len(run.samples) == 61


def test_a_file_damaged_in_the_middle_is_refused() -> None:
    content = bytearray(fit(("running", records(600))))
    content[2_000:2_400] = b"\x0f" * 400  # messages of a kind that was never defined
    with pytest.raises(InputError, match="damaged"):
        read(bytes(content))


def test_a_device_without_a_clock_gives_no_start() -> None:
    (run,) = read(fit(("running", records(300, start=50))))
    assert run.start is None
    assert run.samples[DISTANCE].max() == pytest.approx(900)


def test_settings_hold_no_recording() -> None:
    with pytest.raises(NoRecordingError, match="without records"):
        read(fit(kind=2))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(CHANGES, st.one_of(st.just(0), st.integers(0, 10**6)))
def test_damage_anywhere_raises_nothing_but_input_errors(changes: list[tuple[int, bytes]], cut: int) -> None:
    only_input_errors("a.fit", mutated(fit(("running", records(60))), changes, cut))


def test_the_same_run_as_fit_gpx_and_tcx_has_the_same_samples() -> None:
    rows = records(120)
    gpx = tcx = ""
    for row in rows:
        lat, lon = (row[f"position_{name}"] * 180 / 2**31 for name in ("lat", "long"))
        at, heart_rate, cadence = datetime.fromtimestamp(EPOCH + row["timestamp"], UTC).isoformat(), 140, 85
        gpx += (
            f'<trkpt lat="{lat:.8f}" lon="{lon:.8f}"><ele>500</ele><time>{at}</time><extensions>'
            f"<g:hr>{heart_rate}</g:hr><g:cad>{cadence}</g:cad></extensions></trkpt>"
        )
        tcx += (
            f"<Trackpoint><Time>{at}</Time><Position><LatitudeDegrees>{lat:.8f}</LatitudeDegrees><LongitudeDegrees>"
            f"{lon:.8f}</LongitudeDegrees></Position><AltitudeMeters>500</AltitudeMeters><HeartRateBpm><Value>"
            f"{heart_rate}</Value></HeartRateBpm><Cadence>{cadence}</Cadence></Trackpoint>"
        )
    extension = "http://www.garmin.com/xmlschemas/TrackPointExtension/v1"
    gpx = (
        f'<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1" xmlns:g="{extension}">'
        f"<trk><type>running</type><trkseg>{gpx}</trkseg></trk></gpx>"
    )
    tcx = (
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
        f'<Activity Sport="Running"><Lap><Track>{tcx}</Track></Lap></Activity></Activities></TrainingCenterDatabase>'
    )
    (one,), (two,), (three,) = (
        read_activity(name, content)
        for name, content in (("a.fit", fit(("running", rows))), ("a.gpx", gpx.encode()), ("a.tcx", tcx.encode()))
    )
    assert one.sport == two.sport == three.sport == "running"
    assert one.start == two.start == three.start
    for column in (TIME, ALTITUDE, HEART_RATE, CADENCE, LATITUDE):
        np.testing.assert_allclose(two.samples[column], one.samples[column], atol=1e-6)
        np.testing.assert_allclose(three.samples[column], one.samples[column], atol=1e-6)
