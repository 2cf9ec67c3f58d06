"""Folders and archives become one session table, and every file is accounted for."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.core.schema import DAY, DURATION, SESSION_ID, STOP
from lib.recordings.importer import ImportConfig, ImportSummary, Outcome, sessions_from_path
from lib.recordings.sessions import read_sessions
from tests.support.command import command

main = command("sessions")


def gpx(
    day: int = 1, *, hour: int = 6, metres: int = 900, kind: str = "running", heart: bool = False, mps: float = 3.0
) -> bytes:
    points = []
    for s in range(0, round(metres / mps) + 1, 3):
        hr = "<extensions><g:hr>150</g:hr></extensions>" if heart else ""
        stamp = f"2024-05-{day:02d}T{hour:02d}:{s // 60:02d}:{s % 60:02d}Z"
        lat = 46 + s * mps / 111_194.93
        points.append(f'<trkpt lat="{lat:.8f}" lon="7"><ele>{500 + s}</ele><time>{stamp}</time>{hr}</trkpt>')
    return (
        '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:g="http://g">'
        f"<trk><type>{kind}</type><trkseg>{''.join(points)}</trkseg></trk></gpx>"
    ).encode()


def folder_of(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


MIXED = {
    "1.gpx": gpx(5),
    "2.gpx.gz": gzip.compress(gpx(2)),
    "2-again.gpx": gpx(2, heart=True),
    "ride.gpx": gpx(3, kind="cycling"),
    "short.gpx": gpx(4, metres=300),
    "broken.gpx": gpx(6).replace(b"</trkseg>", b"</trk>"),
    "route.gpx": b'<gpx version="1.1"><rte><rtept lat="1" lon="2"/></rte></gpx>',
    "notes.txt": b"x",
}


def statuses(summary: ImportSummary) -> dict[str, str]:
    return {name: outcome.status for name, outcome in summary.by_file().items()}


def check_mixed(table, summary, prefix: str = "") -> None:  # type: ignore[no-untyped-def]
    assert statuses(summary) == {
        prefix + "1.gpx": "session",
        prefix + "2-again.gpx": "session",
        prefix + "2.gpx.gz": "duplicate",
        prefix + "broken.gpx": "unreadable",
        prefix + "notes.txt": "no recording",
        prefix + "ride.gpx": "other sport",
        prefix + "route.gpx": "no recording",
        prefix + "short.gpx": "too short",
    }
    assert table.groupby(SESSION_ID)[DAY].first().tolist() == [0, 3]
    assert len(table) == 2 * 180
    assert summary.line() == (
        "2 of 8 files became 2 sessions; left out: 1 other sport (cycling 1), 1 the same run as another, "
        "1 too short, 1 unreadable, 2 no recording"
    )


def test_a_folder_gives_its_runs_in_order_of_date_and_counts_the_rest(tmp_path: Path) -> None:
    check_mixed(*sessions_from_path(folder_of(tmp_path, MIXED), progress=False))


def test_a_zip_gives_the_same(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in MIXED.items():
            archive.writestr(f"activities/{name}", content)
    (tmp_path / "export.zip").write_bytes(buffer.getvalue())
    check_mixed(*sessions_from_path(tmp_path / "export.zip", progress=False), prefix="export.zip/activities/")


def test_the_richer_of_two_recordings_is_kept_whatever_their_order(tmp_path: Path) -> None:
    for names in (("a.gpx", "b.gpx"), ("b.gpx", "a.gpx")):
        folder_of(tmp_path, {names[0]: gpx(heart=True), names[1]: gpx()})
        _, summary = sessions_from_path(tmp_path, progress=False)
        assert statuses(summary) == {names[0]: "session", names[1]: "duplicate"}
        assert names[0] in summary.by_file()[names[1]].reason


@pytest.mark.parametrize("other", [{"hour": 7}, {"metres": 1500}])
def test_runs_at_another_time_or_of_another_length_are_no_duplicates(tmp_path: Path, other: dict[str, int]) -> None:
    _, summary = sessions_from_path(folder_of(tmp_path, {"a.gpx": gpx(), "b.gpx": gpx(**other)}), progress=False)
    assert summary.n_sessions == 2


def test_a_sport_that_is_not_stated_is_told_by_speed(tmp_path: Path) -> None:
    files = {"run.gpx": gpx(1, kind=""), "walk.gpx": gpx(2, kind="", mps=1.3), "ride.gpx": gpx(3, kind="", mps=9.0)}
    _, summary = sessions_from_path(folder_of(tmp_path, files), progress=False)
    assert statuses(summary) == {"ride.gpx": "other sport", "run.gpx": "session", "walk.gpx": "other sport"}
    assert "not stated" in summary.by_file()["run.gpx"].warnings[-1]


def test_the_shortest_distance_can_be_set(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.gpx": gpx(metres=300)})
    table, _ = sessions_from_path(tmp_path, progress=False, config=ImportConfig(min_distance_m=200.0))
    assert len(table) == 59  # the last sample is at 99 s, 297 m


def test_nothing_but_refusals_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.gpx": MIXED["broken.gpx"]})
    with pytest.raises(InputError, match="not well-formed"):
        sessions_from_path(tmp_path / "a.gpx", progress=False)
    folder_of(tmp_path, {"b.gpx": gpx(kind="cycling")})
    with pytest.raises(InputError, match="0 of 2 files"):
        sessions_from_path(tmp_path, progress=False)


def test_a_file_with_several_activities_counts_once() -> None:
    summary = ImportSummary(
        (Outcome("a", "other sport", "swimming"), Outcome("a", "session", session_id=0), Outcome("b", "duplicate"))
    )
    assert summary.line() == "1 of 2 files became 1 session; left out: 1 the same run as another"


@pytest.mark.parametrize(
    "change", [{"min_distance_m": 1.0}, {"min_distance_m": float("nan")}, {"same_start_s": 0.0}, {"same_time": 1.5}]
)
def test_a_configuration_that_makes_no_sense_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        ImportConfig(**change)


def test_the_script_writes_a_table_and_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder_of(tmp_path / "in", MIXED)
    assert main([str(tmp_path / "in"), str(tmp_path / "me.parquet")]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("2 of 8 files became 2 sessions") and captured.out.count("\n") == 1
    assert "broken.gpx: XML" in captured.err
    assert len(read_sessions(tmp_path / "me.parquet")) == 360


def test_a_csv_beside_the_output_has_a_line_for_each_file_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder_of(tmp_path / "in", MIXED | {"=1+1.gpx": gpx(8, kind="cycling")})
    assert main([str(tmp_path / "in"), str(tmp_path / "me.parquet")]) == 0
    assert command("athlete")([str(tmp_path / "in"), str(tmp_path / "you.json")]) == 0
    captured = capsys.readouterr()
    assert "me.files.csv says why" in captured.out and "you.files.csv says why" in captured.err
    for name in ("me.files.csv", "you.files.csv"):
        rows = list(csv.DictReader((tmp_path / name).open(encoding="utf-8")))
        assert [(row["file"], row["became"], row["session_id"]) for row in rows] == [
            *(("1.gpx", "session", "1"), ("2-again.gpx", "session", "0"), ("2.gpx.gz", "duplicate", "")),
            *(("'=1+1.gpx", "other sport", ""), ("broken.gpx", "unreadable", ""), ("notes.txt", "no recording", "")),
            *(("ride.gpx", "other sport", ""), ("route.gpx", "no recording", ""), ("short.gpx", "too short", "")),
        ]
        assert all(row["reason"] for row in rows if row["became"] != "session")


def test_the_reasons_are_there_even_if_there_is_no_run(tmp_path: Path) -> None:
    folder_of(tmp_path / "in", {"ride.gpx": gpx(kind="cycling"), "notes.txt": b"x"})
    assert main([str(tmp_path / "in"), str(tmp_path / "me.parquet")]) == 2
    assert "ride.gpx,other sport,,cycling," in (tmp_path / "me.files.csv").read_text()


def test_the_script_refuses_in_one_line_and_leaves_what_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "me.parquet"
    out.write_bytes(b"old")
    assert main([str(tmp_path / "none"), str(out)]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "No such file" in said
    assert out.read_bytes() == b"old"


# file → what becomes of it: s session, o other sport, d duplicate, t too short, u unreadable, n no recording
EXPECTED = {
    "gpx-data-analysis": {"Afternoon_Walk_Polar_Watch.gpx": "o", "LICENSE": "n", "Morning_Run_with_H10.gpx": "s"},
    "mansfield-double-up": {"LICENSE": "n", "mansfield-double-up-course.gpx": "s"},
    "python-fitparse": {
        "2013-02-06-12-11-14.fit": "s",
        "2015-10-13-08-43-15.fit": "o",
        "20170518-191602-1740899583.fit": "o",
        "2019-02-17-062644-ELEMNT-297E-195-0.fit": "o",
        "Activity.fit": "t",
        "DeveloperData.fit": "n",  # three records without a time
        "Edge810-Vector-2013-08-16-15-35-10.fit": "o",
        "LICENSE": "n",
        "MonitoringFile.fit": "n",
        "Settings.fit": "n",
        "Settings2.fit": "n",
        "WeightScaleMultiUser.fit": "n",
        "WeightScaleSingleUser.fit": "n",
        "WorkoutCustomTargetValues.fit": "n",
        "WorkoutIndividualSteps.fit": "n",
        "WorkoutRepeatGreaterThanStep.fit": "n",
        "WorkoutRepeatSteps.fit": "n",
        "activity-activity-filecrc.fit": "t",
        "activity-filecrc.fit": "t",
        "activity-large-fenxi2-multisport.fit": "s",
        "activity-settings-corruptheader.fit": "t",
        "activity-settings-nodata.fit": "t",
        "activity-settings.fit": "t",
        "activity-small-fenix2-run.fit": "s",
        "activity-unexpected-eof.fit": "t",
        "antfs-dump.63.fit": "u",  # heart rate alone
        "compressed-speed-distance.fit": "u",  # no clock, no altitude
        "coros-pace-2-cycling-misaligned-fields.fit": "o",
        "developer-types-sample.fit": "s",
        "elemnt-bolt-no-application-id-inside-developer-data-id.fit": "o",
        "event_timestamp.fit": "o",
        "garmin-edge-500-activity.fit": "o",
        "garmin-edge-820-bike.fit": "o",
        "garmin-fenix-5-bike.fit": "o",
        "garmin-fenix-5-run.fit": "t",
        "garmin-fenix-5-walk.fit": "o",
        "nametest.FIT": "n",
        "nick.fit": "o",
        "null_compressed_speed_dist.fit": "o",
        "sample-activity-indoor-trainer.fit": "u",  # neither positions nor distances
        "sample-activity.fit": "o",
        "sample_mulitple_header.fit": "s",
        "strava-android-app-201.10-b1218918.fit": "u",  # damaged after 928 of 11,274 m
    },
    "runpandas": {
        "LICENSE": "n",
        "fit/garmin-fenix-5-basic.fit": "t",
        "fit/run.fit": "s",
        "gpx/garmin_connect.gpx": "t",
        "gpx/nike_run.gpx": "s",
        "gpx/run.gpx": "d",
        "gpx/stopped_example.gpx": "d",
        "gpx/strava_export.gpx": "d",
        "samples/2020-12-02T06_08_29-300_Running.tcx": "s",
        "samples/2020-12-04T19_09_21-300_Running.tcx": "s",
        "samples/2020-12-06T06_36_21-300_Running.tcx": "s",
        "samples/2020-12-08T06_36_12-300_Running.tcx": "s",
        "samples/2020-12-13T07_25_55-300_Running.tcx": "s",
        "samples/2020-12-16T05_44_18-300_Running.tcx": "s",
        "samples/2020-12-26T06_03_49-300_Running.tcx": "s",
        "tcx/basic.tcx": "s",
        "tcx/malformed.tcx": "d",
        "tcx/run.tcx": "s",
        "tcx/run_garmin.tcx": "s",
        "tcx/stopped_example.tcx": "s",
    },
    "sport-activities-features": {
        "LICENSE": "n",
        "broken1.gpx": "o",  # four rides on mountain bikes that do not say so
        "broken2.gpx": "o",
        "broken3.gpx": "o",
        "broken4.gpx": "o",
        "broken5.gpx": "o",
        "test.gpx": "n",  # no times
    },
    "sweatpy": {
        "2020-06-01-16-52-40.fit": "o",
        "4801048867.fit": "o",
        "LICENSE": "n",
        "activity_5039744860.gpx": "o",
        "activity_5039744860.tcx": "o",
    },
}
STATUS = {
    "s": "session", "o": "other sport", "d": "duplicate", "t": "too short", "u": "unreadable", "n": "no recording",
}  # fmt: skip


@pytest.mark.slow
def test_every_real_recording_has_the_outcome_that_is_expected(shared_data: Path) -> None:
    table, summary = sessions_from_path(shared_data / "activities", progress=False)
    expected = {f"{folder}/{name}": STATUS[s] for folder, files in EXPECTED.items() for name, s in files.items()}
    assert statuses(summary) == expected
    assert (summary.n_files, summary.n_sessions) == (80, 21)  # the multisport file holds two runs
    assert all(outcome.reason for outcome in summary.outcomes if outcome.status != "session")
    assert table[SESSION_ID].nunique() == 21
    mansfield = summary.by_file()["mansfield-double-up/mansfield-double-up-course.gpx"].session_id
    rows = table[table[SESSION_ID] == mansfield]
    assert len(rows) == 3498
    assert float(np.sum(rows[[DURATION, STOP]].to_numpy(float))) == pytest.approx(12_089, abs=0.01)
