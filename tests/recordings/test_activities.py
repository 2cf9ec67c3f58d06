"""Recordings of every format are read, whole and damaged."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, SAMPLE_COLUMNS, TEMPERATURE, TIME
from lib.recordings import activities
from lib.recordings.activities import Activity, is_recording, load_activity, read_activity
from lib.recordings.formats.activity import NoRecordingError, sport_name

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="watch" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:g="http://www.garmin.com/xmlschemas/TrackPointExtension/v1" xmlns:d="http://www.cluetrust.com/XML/GPXDATA/1/0">
{tracks}</gpx>"""


def point(second: int, ext: str = "", lat: float | None = None, time: str | None = None) -> str:
    stamp = time or f"2024-05-01T06:{second // 60:02d}:{second % 60:02d}Z"
    place = 46.0 + second * 3 / 111_195 if lat is None else lat
    return (
        f'<trkpt lat="{place:.7f}" lon="7.0"><ele>{500 + second}</ele><time>{stamp}</time>'
        f"<extensions>{ext}</extensions></trkpt>"
    )


def track(points: str, kind: str = "running") -> str:
    return f"<trk><type>{kind}</type><trkseg>{points}</trkseg></trk>"


def gpx(tracks: str) -> bytes:
    return GPX.format(tracks=tracks).encode()


GARMIN = "<g:TrackPointExtension><g:atemp>21</g:atemp><g:hr>150</g:hr><g:cad>85</g:cad></g:TrackPointExtension>"
CLUETRUST = "<d:hr>151</d:hr><d:cadence>86</d:cadence>"


def tcx(activities: str) -> bytes:
    return (
        '<?xml version="1.0"?><TrainingCenterDatabase '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        f'xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>{activities}</Activities>'
        "</TrainingCenterDatabase>"
    ).encode()


def tcx_activity(sport: str = "Running", minute: int = 0, cadence: str = "") -> str:
    points = "".join(
        f"<Trackpoint><Time>2024-05-01T06:{minute:02d}:{s:02d}.123456789Z</Time><Position><LatitudeDegrees>46.0"
        f"</LatitudeDegrees><LongitudeDegrees>7.0</LongitudeDegrees></Position><AltitudeMeters>{s}</AltitudeMeters>"
        f"<DistanceMeters>{3 * s}</DistanceMeters><HeartRateBpm><Value>140</Value></HeartRateBpm>{cadence}</Trackpoint>"
        for s in range(5)
    )
    lap = (
        "<Lap StartTime='2024-05-01T06:00:00Z'><Extensions><x:LX><x:Steps/></x:LX></Extensions>"
        f"<Track>{points}<Trackpoint/></Track></Lap>"
    )
    return f'<Activity Sport="{sport}">{lap}<Creator><Name>Watch 1</Name></Creator></Activity>'


def polar_older() -> dict[str, object]:
    def stamp(s: int) -> str:
        return f"2024-05-01T06:00:{s:02d}.000"

    series = {"heartRate": 140, "altitude": 500.0, "cadence": 84, "distance": 12.5}
    samples: dict[str, object] = {
        name: [{"dateTime": stamp(s), "value": value} for s in range(3)] for name, value in series.items()
    }
    samples["recordedRoute"] = [
        {"dateTime": stamp(s), "latitude": 46.0, "longitude": 7.0, "altitude": 9.0} for s in (1, 2, 3)
    ]
    return {"exercises": [{"sport": "TRAIL_RUNNING", "startTime": stamp(0), "samples": samples}], "deviceId": "AB12"}


def polar_newer() -> dict[str, object]:
    return {
        "startTime": "2024-05-01T06:00:00Z",
        "exercises": [
            {
                "sport": {"id": "27"},
                "samples": {
                    "samples": [{"type": "HEART_RATE", "intervalMillis": 1000, "values": [140, 141, None, "NaN"]}]
                },
                "routes": {
                    "route": {
                        "startTime": "2024-05-01T06:00:00Z",
                        "wayPoints": [
                            {"latitude": 46.0, "longitude": 7.0, "altitude": 500, "elapsedMillis": 0},
                            {"latitude": 46.1, "longitude": 7.0, "altitude": 501, "elapsedMillis": 1000},
                        ],
                    }
                },
            }
        ],
    }


def test_garmin_and_cluetrust_extensions_give_heart_rate_and_cadence() -> None:
    (activity,) = read_activity("a.gpx", gpx(track(point(0, GARMIN) + point(1, CLUETRUST))))
    samples = activity.samples
    assert list(samples.columns[: len(SAMPLE_COLUMNS)]) == list(SAMPLE_COLUMNS)
    assert samples[HEART_RATE].tolist() == [150, 151]
    assert samples[CADENCE].tolist() == [85, 86]
    assert samples[TEMPERATURE].iloc[0] == 21
    assert samples[TIME].tolist() == [0, 1]
    assert activity.start == datetime(2024, 5, 1, 6, tzinfo=UTC)
    assert (activity.sport, activity.device, activity.warnings) == ("running", "watch", ())


def test_each_track_of_a_gpx_is_an_activity() -> None:
    both = track(point(0) + point(1)) + track(point(60) + point(61), "1")
    first, second = read_activity("a.gpx", gpx(both))
    assert (first.sport, second.sport, second.source) == ("running", "cycling", "a.gpx #2")


def test_an_unreadable_track_beside_a_good_one_is_told() -> None:
    (activity,) = read_activity("a.gpx", gpx(track(point(0) + point(1)) + track(point(90) + point(10))))
    assert "run backwards by 80 s" in activity.warnings[0]


@pytest.mark.parametrize("time", ["2024-05-01T08:00:01+02:00", "2024-05-01T06:00:01", "2024-05-01T06:00:01.000000Z"])
def test_times_with_an_offset_without_a_zone_and_with_fractions_are_utc(time: str) -> None:
    (activity,) = read_activity("a.gpx", gpx(track(point(0) + point(1, time=time))))
    assert activity.samples[TIME].tolist() == [0, 1]


def test_times_that_run_backwards_are_refused_and_a_small_step_is_sorted_and_told() -> None:
    with pytest.raises(InputError, match="run backwards by 20 s"):
        read_activity("a.gpx", gpx(track(point(0) + point(30) + point(10))))
    (activity,) = read_activity("a.gpx", gpx(track(point(0) + point(10) + point(8))))
    assert activity.samples[TIME].tolist() == [0, 8, 10]
    assert "samples sorted" in activity.warnings[0]


def test_impossible_values_are_left_out_and_told_but_no_contact_is_not() -> None:
    high = "<g:TrackPointExtension><g:hr>300</g:hr></g:TrackPointExtension>"
    none = "<g:TrackPointExtension><g:hr>0</g:hr></g:TrackPointExtension>"
    (activity,) = read_activity("a.gpx", gpx(track(point(0, high) + point(1, none) + point(2, lat=95.0) + point(3))))
    assert activity.samples[HEART_RATE].isna().all()
    assert np.isnan(activity.samples[LATITUDE].iloc[2])
    assert activity.warnings == ("1 point without a position, 1 heart rate that cannot be left out",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_read(encoding: str) -> None:
    text = gpx(track(point(0) + point(1))).decode().replace("watch", "Genève")
    name = "ISO-8859-1" if encoding == "latin-1" else encoding.removesuffix("-sig")
    (activity,) = read_activity("a", text.replace("UTF-8", name, 1).encode(encoding))
    assert activity.device == "Genève"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["a.gpx", "a.tcx"])
def test_a_document_type_is_refused_in_every_encoding(name: str, encoding: str) -> None:
    body = '<!DOCTYPE gpx [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><gpx><trk><name>&c;</name></trk></gpx>'
    with pytest.raises(InputError, match="document type"):
        read_activity(name, body.encode(encoding))


def test_a_route_is_no_recording() -> None:
    route = '<rte><rtept lat="1" lon="2"/></rte>'
    with pytest.raises(NoRecordingError, match="1 routes"):
        read_activity("a.gpx", gpx(route))
    with pytest.raises(NoRecordingError, match="times at 0 of 2"):
        read_activity("a.gpx", gpx(track('<trkpt lat="1" lon="2"/><trkpt lat="1" lon="3"/>')))


def test_tcx_gives_run_cadence_before_cadence_and_every_activity() -> None:
    run = "<Cadence>80</Cadence><Extensions><x:TPX><x:RunCadence>88</x:RunCadence></x:TPX></Extensions>"
    content = tcx(tcx_activity(cadence=run) + tcx_activity("Biking", 30, "<Cadence>70</Cadence>"))
    first, second = read_activity("a.tcx", content)
    assert (first.sport, second.sport, first.device) == ("running", "cycling", "Watch 1")
    assert first.samples[CADENCE].tolist() == [88] * 5
    assert second.samples[CADENCE].tolist() == [70] * 5
    assert first.samples[DISTANCE].tolist() == [0, 3, 6, 9, 12]
    assert first.warnings == ("1 point without a time left out",)


def test_a_tcx_time_may_lack_its_zone_and_a_bad_one_costs_its_point_only() -> None:
    content = tcx(tcx_activity()).replace(b":00.123456789Z", b":00").replace(b":03.123456789Z", b":what")
    (activity,) = read_activity("a.tcx", content)
    assert activity.start == datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
    assert activity.samples[TIME].tolist() == pytest.approx([0, 1.123456, 2.123456, 4.123456], abs=1e-5)
    assert activity.warnings == ("2 points without a time left out",)


def test_a_tcx_course_is_no_recording() -> None:
    with pytest.raises(NoRecordingError, match="no activity"):
        read_activity("a.tcx", tcx(""))


def test_polar_series_are_joined_by_time_and_the_barometer_goes_first() -> None:
    (activity,) = read_activity("training-session-1.json", json.dumps(polar_older()).encode())
    assert activity.sport == "running"
    assert activity.samples[HEART_RATE].tolist()[:3] == [140, 140, 140]
    assert activity.samples[ALTITUDE].tolist() == [500, 500, 500, 9]
    assert np.isnan(activity.samples[LATITUDE].iloc[0])
    assert activity.device == "AB12"


def test_the_newer_form_of_polar_is_read() -> None:
    (activity,) = read_activity("training-session-1.json", json.dumps(polar_newer()).encode())
    assert activity.sport == "running"
    assert activity.samples[HEART_RATE].tolist() == [140, 141]
    assert activity.samples[ALTITUDE].tolist() == [500, 501]


@pytest.mark.parametrize("text", ["{}", "[1]", '{"exercises": [1]}', '{"exercises": "x"}', "{"])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_activity("a.json", text.encode())


def test_gzip_is_unwrapped_and_a_bomb_is_refused() -> None:
    content = gpx(track(point(0) + point(1)))
    assert len(read_activity("a.gpx.gz", gzip.compress(content))[0].samples) == 2
    with pytest.raises(InputError, match="after unpacking"):
        read_activity("a.gpx.gz", gzip.compress(bytes(3_000_000)), max_bytes=1_000_000)
    with pytest.raises(InputError, match="damaged"):
        read_activity("a.gpx.gz", gzip.compress(content)[:-20])


def test_sports_of_many_spellings() -> None:
    names = ["Running", "TRAIL_RUNNING", "Trail Run", "trailRunning", "jogging", "VirtualRun", "track_running"]
    assert {sport_name(name) for name in names} == {"running"}
    assert {sport_name(name) for name in ["", None, "Other", "generic"]} == {""}
    assert sport_name("Biking") == sport_name("cycling") == "cycling"
    assert sport_name("Brunch") == "brunch"


def test_names_of_recordings() -> None:
    assert is_recording("x/1.FIT.gz")
    assert not is_recording("x/1.jpg")


def test_of_several_activities_the_one_of_most_samples_is_loaded(tmp_path: Path) -> None:
    parts = [track("".join(point(s) for s in range(first, last))) for first, last in ((0, 5), (600, 640), (900, 920))]
    (tmp_path / "many.gpx").write_bytes(gpx("".join(parts)))
    assert len(load_activity(tmp_path / "many.gpx").samples) == 40


def test_a_recording_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.fit", tmp_path, tmp_path / ("x" * 5_000)):
        with pytest.raises(InputError, match="No such file"):
            load_activity(path)


def test_a_recording_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large.gpx").write_bytes(b"x" * 2_000_001)
    monkeypatch.setattr(activities, "MAX_FILE_BYTES", 2_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    with pytest.raises(InputError, match=r"large.gpx: 2 MB; expected at most 2 MB"):
        load_activity(tmp_path / "large.gpx")


ORIGINALS = {
    "a.gpx": gpx(track(point(0, GARMIN) + point(1, CLUETRUST))),
    "a.tcx": tcx(tcx_activity()),
    "a.json": json.dumps(polar_older()).encode(),
    "b.json": json.dumps(polar_newer()).encode(),
    "a.gpx.gz": gzip.compress(gpx(track(point(0) + point(1)))),
}


def mutated(original: bytes, changes: list[tuple[int, bytes]], cut: int) -> bytes:
    content = bytearray(original)
    for where, piece in changes:
        content[where % len(content) : where % len(content) + len(piece)] = piece
    return bytes(content[: len(content) - cut % len(content)])


def only_input_errors(name: str, content: bytes) -> None:
    try:
        for activity in read_activity(name, content):
            time = activity.samples[TIME].to_numpy()
            assert time[0] == 0 and (np.diff(time) > 0).all()
            assert not np.isinf(activity.samples.to_numpy()).any()
    except InputError as error:
        assert name in str(error)


CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=6)), max_size=5)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(ORIGINALS)), CHANGES, st.one_of(st.just(0), st.integers(0, 10**6)))
def test_readers_of_damaged_text_raise_nothing_but_input_errors(
    name: str, changes: list[tuple[int, bytes]], cut: int
) -> None:
    only_input_errors(name, mutated(ORIGINALS[name], changes, cut))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.sampled_from(["a.fit", "a.gpx", "a.tcx", "a.json", "a.xyz"]), st.binary(max_size=200))
def test_readers_of_any_bytes_raise_nothing_but_input_errors(name: str, content: bytes) -> None:
    only_input_errors(name, content)


FIT_SEEDS = ("Activity.fit", "activity-settings.fit", "garmin-fenix-5-run.fit", "DeveloperData.fit")


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(FIT_SEEDS), CHANGES, st.one_of(st.just(0), st.integers(0, 10**6)))
def test_the_reader_of_damaged_fit_raises_nothing_but_input_errors(
    shared_data: Path, name: str, changes: list[tuple[int, bytes]], cut: int
) -> None:
    original = (shared_data / "activities" / "python-fitparse" / name).read_bytes()
    only_input_errors(name, mutated(original, changes, cut))


def read_shared(folder: Path, name: str) -> list[Activity]:
    return read_activity(name, (folder / "activities" / name).read_bytes())


def test_a_multisport_fit_holds_its_sessions(shared_data: Path) -> None:
    sports = [a.sport for a in read_shared(shared_data, "python-fitparse/sample_mulitple_header.fit")]
    assert sports == ["swimming", "transition", "cycling", "transition", "running"]


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("activity-filecrc.fit", "checksum"),
        ("activity-unexpected-eof.fit", "cut off"),
        ("activity-settings-corruptheader.fit", "no FIT"),
        ("coros-pace-2-cycling-misaligned-fields.fit", "wrong form"),
    ],
)
def test_an_imperfect_fit_is_read_and_the_imperfection_told(shared_data: Path, name: str, warning: str) -> None:
    (activity,) = read_shared(shared_data, f"python-fitparse/{name}")
    assert any(warning in text for text in activity.warnings)


def test_a_fit_damaged_in_the_middle_or_cut_short_of_its_distance_is_refused(shared_data: Path) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_shared(shared_data, "python-fitparse/strava-android-app-201.10-b1218918.fit")


def test_a_fit_without_a_clock_has_no_start(shared_data: Path) -> None:
    (activity,) = read_shared(shared_data, "python-fitparse/compressed-speed-distance.fit")
    assert activity.start is None
    assert activity.samples[DISTANCE].max() - activity.samples[DISTANCE].min() == pytest.approx(10_249, abs=1)


def test_the_same_activity_as_gpx_and_tcx_has_the_same_samples(shared_data: Path) -> None:
    (one,) = read_shared(shared_data, "sweatpy/activity_5039744860.gpx")
    (two,) = read_shared(shared_data, "sweatpy/activity_5039744860.tcx")
    assert one.sport == two.sport == "cycling"
    assert one.start == two.start
    for column in (TIME, ALTITUDE, HEART_RATE, CADENCE, LATITUDE):
        np.testing.assert_allclose(one.samples[column], two.samples[column], atol=0.51)
