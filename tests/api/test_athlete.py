"""Tests of profiles over HTTP: recordings, archives and results make one, within limits, and nothing stays behind."""

from __future__ import annotations

import io
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.athlete import Importer, Recorded
from api.main import create_app
from api.schemas import Fault
from api.settings import Settings
from api.workers import TimeUpError, Workers
from lib.athlete.bundle import load_bundle, parse_profile
from lib.course.course import load_course
from lib.demo.demo_run import demo_run, recording_bytes
from lib.demo.season import SimulationConfig
from tests.support.served import ROOT, SHORT
from tests.support.waiting import wait_until
from utils.cli.main import main

RESULTS = "50 km, 2300 m, 6:41, 2025-06-14; 20 km, 900 m, 2:12, 2024"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workers=1))) as made:
        yield made


@pytest.fixture(scope="module")
def recording() -> bytes:
    course = load_course(SHORT)
    return recording_bytes(course, demo_run(course, SimulationConfig()))


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def send(client: TestClient, *files: tuple[str, bytes], query: str = "", **fields: str):  # type: ignore[no-untyped-def]
    return client.post(f"/athlete{query}", files=[("data", file) for file in files] or None, data=fields)


def refused(answer, status: int = 422) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code == status, answer.text[:300]
    fault = Fault.model_validate(answer.json())
    assert tempfile.gettempdir() not in answer.text
    return f"{fault.found}; {fault.expected}; {fault.remedy}"


def test_results_make_the_profile_that_the_command_makes(client: TestClient, tmp_path: Path) -> None:
    answer = send(client, results=RESULTS)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert main(["athlete", "--results", RESULTS, "--out", str(tmp_path / "me.json")]) == 0
    assert answer.content == (tmp_path / "me.json").read_bytes()
    files = {"gpx": SHORT.read_bytes(), "athlete": ("me.json", answer.content)}
    assert client.post("/predict?steps=no", files=files).json()["athlete"].startswith("a runner with 2 race results")


def test_an_archive_makes_the_profile_that_the_command_makes(
    client: TestClient, recording: bytes, tmp_path: Path
) -> None:
    archive = zipped({"activities/1.gpx": recording, "activities/2.fit": b"broken", "media/me.jpg": b"x"})
    answer = send(client, ("export.zip", archive), query="?format=report", results=RESULTS)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["made_of"] == "1 run and 2 race results" and said["runs"] == 1
    assert said["files"].startswith("1 of 3 files became 1 session") and "no recording" in said["files"]
    assert "2.fit" in said["problems"][0]["file"]
    (tmp_path / "export.zip").write_bytes(archive)
    out = tmp_path / "me.json"
    assert main(["athlete", str(tmp_path / "export.zip"), "--results", RESULTS, "--out", str(out)]) == 0
    assert said["profile"].encode() == out.read_bytes()


def test_recordings_are_sent_as_they_are_and_names_lead_nowhere(client: TestClient, recording: bytes) -> None:
    answer = send(client, ("../../../etc/a.gpx", recording), ("..\\..\\a.gpx", b"no run"), query="?format=report")
    assert answer.status_code == 200, answer.text
    assert answer.json()["runs"] == 1
    assert {problem["file"] for problem in answer.json()["problems"]} == {"1_a.gpx"}


def test_names_that_are_long_odd_or_alike_are_no_error_of_ours(client: TestClient, recording: bytes) -> None:
    names = [
        "2_a.gpx",
        "a.gpx",
        "a.gpx",
        "\U0001d400" * 79 + ".gpx",
        "..",
        "...gpx",
        " ",
        "/",
        "\x00.gpx",
        "a" * 300 + ".gpx",
    ]
    answer = send(client, *((name, recording) for name in names), query="?format=report")
    assert answer.status_code == 200, answer.text
    assert answer.json()["runs"] == 1 and "the same run as another" in answer.json()["files"]


def test_a_profile_is_called_after_the_one_file_it_is_made_of(client: TestClient, recording: bytes) -> None:
    assert 'filename="anna.json"' in send(client, ("anna.gpx", recording)).headers["content-disposition"]
    assert 'filename="athlete.json"' in send(client, results=RESULTS).headers["content-disposition"]


def test_it_is_of_the_model_that_is_served(client: TestClient, recording: bytes) -> None:
    model = load_bundle(ROOT / "checkpoints_v2" / "normalizers.json")
    assert parse_profile(send(client, ("a.gpx", recording)).content, model, "x").athlete.runs == 1


@pytest.mark.parametrize(
    ("files", "fields", "word"),
    [
        ([], {}, "neither data nor results"),
        ([("a.gpx", b"hello")], {}, "no run"),
        ([("a.zip", b"PK\x03\x04 no zip")], {}, "no run"),
        ([], {"results": "2300 km, 50 m, 6:41, 2025"}, "They look swapped"),
        ([], {"result": RESULTS, "results": RESULTS}, "which is the same"),
        ([], {"gpx": "x"}, "gpx, which is unknown"),
        ([], {"results": "x" * 100_001}, "100001 characters"),
    ],
)
def test_what_makes_no_profile_is_refused_with_a_reason(
    client: TestClient, files: list[tuple[str, bytes]], fields: dict[str, str], word: str
) -> None:
    assert word in refused(send(client, *files, **fields))


def test_options_in_the_query_are_refused(client: TestClient) -> None:
    assert "name in the query" in refused(send(client, query="?name=x", results=RESULTS))


def test_more_files_than_it_takes_are_refused_with_a_remedy(client: TestClient) -> None:
    said = refused(send(client, *[(f"{i}.gpx", b"x") for i in range(101)]), 400)
    assert "files" in said


# --- limits ---------------------------------------------------------------------------------------------------------
def bounded(**limits: object) -> TestClient:
    return TestClient(create_app(replace(Settings(workers=1), **limits)))  # type: ignore[arg-type]


def test_an_archive_may_be_larger_than_a_course_and_has_its_own_limit(recording: bytes) -> None:
    with bounded(max_upload_bytes=2_000, max_archive_bytes=len(recording) + 2_000) as client:
        assert send(client, ("a.gpx", recording)).status_code == 200
        assert "bytes" in refused(send(client, ("a.gpx", recording + b" " * 2_000)), 413)
        refused(client.post("/predict", files={"gpx": SHORT.read_bytes()}), 413)


def test_zip_bombs_and_a_thousand_files_are_bounded_and_the_rest_is_read(recording: bytes) -> None:
    bomb = zipped({"a.gpx": recording, "b.gpx": b"0" * 60_000_000})
    with bounded() as client:
        said = send(client, ("export.zip", bomb), query="?format=report").json()
        assert said["runs"] == 1 and "MB" in said["problems"][0]["text"]
    with bounded(max_recordings=50) as client:
        many = zipped({f"{i}.gpx": b"x" for i in range(1_000)})
        assert "no run" in refused(send(client, ("export.zip", many)))
    with bounded(max_unpacked_bytes=len(recording) // 2) as client:
        assert "no run" in refused(send(client, ("export.zip", zipped({"a.gpx": recording}))))


def of_group(group: int) -> list[int]:
    """Processes of a group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(parts[2]) == group and parts[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
def test_an_import_that_is_given_up_stops_on_all_cores(recording: bytes, tmp_path: Path) -> None:
    (tmp_path / "0.gpx").write_bytes(recording)
    for i in range(1, 10_000):  # more than any machine reads in the time
        os.link(tmp_path / "0.gpx", tmp_path / f"{i}.gpx")
    several, limit_s = False, 4.0
    while not several:  # a busy machine starts no second process so soon
        importers = Workers(Settings(), 1, Importer, kept=False)
        (worker,) = importers._all
        worker.start()
        assert worker._process is not None and worker._process.pid is not None
        group = worker._process.pid
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(importers.answer, Recorded(tmp_path), time.monotonic() + limit_s)
            while not work.done():
                several |= len(of_group(group)) > 1
                time.sleep(0.05)
            with pytest.raises(TimeUpError):
                work.result()
        wait_until(lambda group=group: not of_group(group))  # the system ends a killed process when it gets to it
        limit_s *= 2.0
        assert limit_s < 100.0, "it reads everything in one process"


@pytest.mark.slow
def test_an_import_that_takes_too_long_is_stopped_and_nothing_stays(recording: bytes) -> None:
    before = set(Path(tempfile.gettempdir()).glob("trailcast-*"))
    archive = zipped({f"{i}.gpx": recording for i in range(200)})
    with bounded(import_limit_s=2.0) as client:
        said = refused(send(client, ("export.zip", archive)), 504)
        assert "latest" in said
        assert send(client, results=RESULTS).status_code in (200, 504)  # its place is free again
        assert client.get("/health").status_code == 200
    assert set(Path(tempfile.gettempdir()).glob("trailcast-*")) <= before


@pytest.mark.slow
def test_an_import_that_takes_too_much_memory_is_refused(recording: bytes) -> None:
    points = recording.replace(b"</trkseg>", b"<trkpt lat='1' lon='1'><ele>1</ele></trkpt>" * 400_000 + b"</trkseg>")
    with bounded(max_memory_mb=60) as client:
        answer = send(client, ("a.gpx", points))
        assert answer.status_code == 422 and ("memory" in answer.text or "large" in answer.text)


def test_a_server_without_pandas_still_reads_results() -> None:
    importer = Importer(Settings())
    importer.missing = "pandas"
    assert json.loads(importer.answer(Recorded(results=RESULTS)).content)["athlete"]
    with pytest.raises(Exception, match="no pandas on this server"):
        importer.answer(Recorded(Path("x")))
