"""A batch predicts all pairs once, and says what failed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest
from distributed import LocalCluster

from lib.athlete.bundle import load_bundle, save_bundle
from lib.core import schema as c
from lib.recordings.sessions import write_sessions
from tests.support.batches import athletes_in, courses_in, gpx, model_in
from tests.support.browser import metric_lengths, text_of
from tests.support.command import command
from tests.support.small import small_sessions
from utils.batch import run as run_batch
from utils.batch.files import STEP_COLUMNS, SUMMARY
from utils.batch.predict_pairs import Network
from utils.batch.run import pairs_at_once, report

pytestmark = pytest.mark.slow

main = command("batch")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="module")
def network(model: Path) -> Network:
    return model_in(model)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a cluster that all tests share: starting one takes seconds."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as here:
        yield here.scheduler_address


class Folders:
    """Two athletes, three courses, one of them in a folder of its own."""

    def __init__(self, root: Path, network: Network, model: Path, scheduler: str) -> None:
        self.scheduler = scheduler
        self.athletes = athletes_in(root / "athletes", network, 2)
        self.courses = courses_in(root / "courses", 2)
        (self.courses / "hills").mkdir()
        (self.courses / "hills" / "steep one.gpx").write_bytes(gpx(0.9, 5))
        self.out, self.model = root / "out", model

    def run(self, *more: str) -> int:
        folders = (self.courses, self.athletes, self.out)
        workers = () if {"--workers", "--scheduler"} & {*more} else ("--scheduler", self.scheduler)
        return main([*map(str, folders), "--model-dir", str(self.model), *workers, *more])

    def written(self) -> dict[str, int]:
        """When each file of steps was written."""
        return {
            path.relative_to(self.out).as_posix(): path.stat().st_mtime_ns for path in self.out.glob("*/**/*.parquet")
        }

    def rows(self) -> list[dict[str, object]]:
        return pq.read_table(self.out / SUMMARY).to_pylist()


@pytest.fixture
def folders(tmp_path: Path, network: Network, model: Path, scheduler: str) -> Folders:
    return Folders(tmp_path, network, model, scheduler)


PAIRS = {f"{athlete}/{course}.parquet" for athlete in ("a0", "a1") for course in ("c0", "c1", "hills/steep one")}


def test_every_athlete_runs_every_course(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    assert folders.run("--workers", "1") == 0
    captured = capsys.readouterr()
    assert captured.out == f"{folders.out / SUMMARY}: 6 predicted, 0 already there, 0 failed\n"
    assert "6/6" in captured.err  # the progress bar
    assert set(folders.written()) == PAIRS
    rows = folders.rows()
    assert {row[c.FILE] for row in rows} == PAIRS
    for row in rows:
        steps = pq.read_table(folders.out / str(row[c.FILE]))
        assert tuple(steps.column_names) == STEP_COLUMNS
        assert row[c.FINISH] == steps[c.ELAPSED][-1].as_py()
        assert row[c.DISTANCE] == steps[c.DISTANCE][-1].as_py()
        assert row[c.LOW] < row[c.HIGH]
    assert not [path for path in folders.out.rglob("*") if path.name.startswith(".")]


def test_what_is_there_stays_and_only_what_changed_is_made_again(
    folders: Folders, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folders.run() == 0
    before, summary = folders.written(), (folders.out / SUMMARY).read_bytes()

    with monkeypatch.context() as patch:
        patch.setattr(run_batch, "cluster", None)  # no cluster is started where nothing is to be predicted
        assert folders.run() == 0
    assert "0 predicted, 6 already there, 0 failed" in capsys.readouterr().out
    assert folders.written() == before
    assert (folders.out / SUMMARY).read_bytes() == summary

    def again() -> set[str]:
        now = folders.written()
        changed = {name for name in now if now[name] != before.get(name)}
        before.update(now)
        return changed

    (folders.courses / "c0.gpx").write_bytes(gpx(0.6, 9))
    assert folders.run() == 0
    assert again() == {"a0/c0.parquet", "a1/c0.parquet"}

    bundle = load_bundle(folders.athletes / "a1.json")
    save_bundle(replace(bundle, athlete=replace(bundle.athlete, scores=())), folders.athletes / "a1.json")
    assert folders.run() == 0
    assert again() == {name for name in PAIRS if name.startswith("a1/")}

    damaged = folders.out / "a0" / "c1.parquet"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    (folders.out / "a1" / "c1.parquet").unlink()
    assert folders.run() == 0
    assert again() == {"a0/c1.parquet", "a1/c1.parquet"}

    assert folders.run("--effort", "race") == 0
    assert again() == PAIRS
    assert folders.run("--effort", "race") == 0
    assert again() == set()


def test_the_summary_is_read_by_people_and_spreadsheets(folders: Folders) -> None:
    (folders.courses / "c0.csv").write_text("name,km,cutoff_after\nHut,0.3,0:01\n")
    assert folders.run("--start", "2026-06-20T05:30", "--zone", "Europe/Paris", "--stop", "2") == 0
    rows = {(row[c.ATHLETE], row[c.COURSE]): row for row in folders.rows()}
    for (_, course), row in rows.items():
        assert row[c.RACE_LOW] < row[c.MEDIAN] < row[c.RACE_HIGH]
        assert (row[c.CHANCE] is not None) == (row[c.MARGIN] is not None) == (course == "c0")
        assert row[c.PLANNED_STOP] == (120.0 if course == "c0" else 0.0) and row[c.PAGE] is None
    assert len((folders.out / "summary.csv").read_text().splitlines()) == 7
    page = (folders.out / "summary.html").read_text()
    said = text_of(page)
    assert said.index("c0") < said.index("c1") < said.index("hills/steep one") and "all cut\u2011offs" in said
    assert "<a " not in page and "a0" in said
    (folders.courses / "c0.csv").write_text("who,km\nHut,0.3\n")
    assert folders.run() == 1
    assert "c0.csv: the column 'who'" in text_of((folders.out / "summary.html").read_text())


def test_pages_of_a_batch_are_in_the_units_that_are_asked_for(folders: Folders) -> None:
    (folders.courses / "c1.gpx").unlink()
    (folders.courses / "hills" / "steep one.gpx").unlink()
    assert folders.run("--units", "imperial", "--plans", "yes") == 0
    summary, plan = (text_of((folders.out / name).read_text()) for name in ("summary.html", "a0/c0.html"))
    (row, _) = folders.rows()
    assert f"{row[c.DISTANCE] / 1609.344:.1f} mi, {row[c.CLIMB] / 0.3048:.0f} ft up" in summary
    assert "min/mi" in plan and metric_lengths(summary) == []
    assert "distance_m" in (folders.out / "summary.csv").read_text()
    assert folders.run("--units", "furlongs") == 2


def test_plans_are_made_on_demand_and_none_is_out_of_date(folders: Folders) -> None:
    assert folders.run() == 0
    before = folders.written()
    assert folders.run("--plans", "yes") == 0
    pages = {path.relative_to(folders.out).as_posix() for path in folders.out.glob("*/**/*.html")}
    assert pages == {name.replace(".parquet", ".html") for name in PAIRS}
    assert "a1" in text_of((folders.out / "a1" / "c0.html").read_text())
    assert (folders.out / "a1" / "hills" / "steep one.fit").read_bytes()[8:12] == b".FIT"
    links = re.findall(r'<a href="([^"]+)"', (folders.out / "summary.html").read_text())
    assert {unquote(link) for link in links} == pages
    now = folders.written()
    assert folders.run("--plans", "yes") == 0 and folders.run() == 0
    assert folders.written() == now != before  # neither makes anything again
    assert folders.run("--effort", "race") == 0
    assert not list(folders.out.glob("*/**/*.html")) and not list(folders.out.glob("*/**/*.fit"))


def test_another_network_makes_all_again(folders: Folders, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folders.run() == 0
    before = folders.written()
    content = network.content + b"\x1a\x00"  # an empty field more: the same network
    named = replace(network.bundle, onnx_sha256=hashlib.sha256(content).hexdigest())
    other = Network(content, named.to_json())
    monkeypatch.setattr("utils.cli.batch.load_network", lambda folder, name: other)
    assert folders.run() == 0
    now = folders.written()
    assert set(now) == PAIRS and all(now[name] != before[name] for name in PAIRS)


def test_a_pair_that_fails_is_reported_and_the_others_are_finished(
    folders: Folders, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folders.courses / "flat.gpx").write_bytes(gpx().replace(b"ele", b"x"))
    (folders.courses / "huge.gpx").write_bytes(b" " * 300_000)
    monkeypatch.setattr(run_batch, "MAX_COURSE_BYTES", 200_000)
    bundle = load_bundle(folders.athletes / "a0.json")
    save_bundle(replace(bundle, checkpoint_sha256="1" * 64), folders.athletes / "stranger.json")
    assert folders.run() == 1
    captured = capsys.readouterr()
    assert "6 predicted, 0 already there, 9 failed" in captured.out
    assert "a0 on flat and 1 more: flat.gpx: no elevation at any point" in captured.err
    assert "a0 on huge and 2 more: huge.gpx: 300000 bytes" in captured.err
    assert "stranger on " in captured.err and "stranger.json: an athlete profile of another model" in captured.err
    assert set(folders.written()) == PAIRS
    rows = {(row[c.ATHLETE], row[c.COURSE]): row for row in folders.rows()}
    assert len(rows) == 15
    for (athlete, course), row in rows.items():
        failed = athlete == "stranger" or course in ("flat", "huge")
        assert (row[c.ERROR] is not None) == failed == (row[c.FILE] is None) == (row[c.FINISH] is None)


def test_athletes_may_be_given_as_sessions_and_their_bundles_are_made_once(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sessions(small_sessions(2, 150, seed=1), folders.athletes / "b.parquet")
    (folders.athletes / "bad.parquet").write_bytes(b"PAR1")
    write_sessions(small_sessions(3, 150), folders.athletes / "a0.parquet")  # there is a bundle of that name
    assert folders.run() == 1
    captured = capsys.readouterr()
    assert "9 predicted, 0 already there, 3 failed" in captured.out
    assert "bad.parquet: parquet that cannot be read" in captured.err
    (kept,) = (folders.out / "b").glob("*.json")
    # the same past as that of the bundle a1
    assert kept.read_bytes() == (folders.athletes / "a1.json").read_bytes()
    for name in ("c0", "hills/steep one"):
        one, other = (pq.read_table(folders.out / who / f"{name}.parquet") for who in ("a1", "b"))
        assert one[c.ELAPSED][-1].as_py() == pytest.approx(other[c.ELAPSED][-1].as_py(), abs=0.1)
    made, before = kept.stat().st_mtime_ns, folders.written()
    assert folders.run() == 1
    assert "0 predicted, 9 already there, 3 failed" in capsys.readouterr().out
    assert kept.stat().st_mtime_ns == made and folders.written() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.courses.rename(f.courses.parent / "elsewhere"), "No such file: "),
        (lambda f: [path.unlink() for path in f.athletes.iterdir()], "no file *.json or *.parquet"),
        (lambda f: (f.courses / "C0.gpx").write_bytes(b""), "c0.gpx; expected names that differ by more"),
        (lambda f: f.out.write_bytes(b""), "out: a file; expected a folder"),
        (lambda f: (f.out / "a1" / "hills" / "steep one.parquet").mkdir(parents=True), "steep one.parquet: a folder"),
        (lambda f: (f.out / SUMMARY).mkdir(parents=True), "summary.parquet: a folder"),
    ],
)
def test_what_cannot_be_begun_is_said_in_a_line(
    folders: Folders,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: object,
    said: str,
) -> None:
    change(folders)  # type: ignore[operator]
    monkeypatch.setattr(run_batch, "cluster", None)  # none is started
    assert folders.run() == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not [path for path in folders.out.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--effort", "hard"], "--effort: the effort 'hard'"),
        (["--effort", "²"], "--effort: the effort '²'"),
        (["--effort", "1000"], "--effort: the effort '1000'"),
        (["--workers", "0"], "0 workers"),
        (["--scheduler", "nowhere"], "The scheduler 'nowhere'"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_leaves_nothing(
    folders: Folders, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert folders.run(*arguments) == 2
    assert said in capsys.readouterr().err
    assert not folders.out.exists()


def test_an_interrupt_keeps_what_is_done(
    folders: Folders, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = run_batch.write_together, 0

    def stopping(contents: Mapping[Path, bytes]) -> None:
        nonlocal count
        if count == 4:
            raise KeyboardInterrupt
        count += 1
        real(contents)

    with monkeypatch.context() as patch:
        patch.setattr(run_batch, "write_together", stopping)
        assert folders.run() == 130
    assert "the same command goes on" in capsys.readouterr().err
    assert len(folders.written()) == 4
    assert folders.run() == 0
    assert "2 predicted, 4 already there" in capsys.readouterr().out


@pytest.mark.parametrize(("pairs", "workers", "at_once"), [(6, 1, 1), (120, 2, 15), (6_000, 2, 32), (600, 32, 4)])
def test_tasks_are_large_and_there_are_some_for_every_worker(pairs: int, workers: int, at_once: int) -> None:
    assert pairs_at_once(pairs, workers) == at_once


def test_many_reasons_are_cut_short() -> None:
    rows = [{c.ATHLETE: "a", c.COURSE: f"c{i}", c.ERROR: f"reason {i}"} for i in range(30)]
    lines = report([*rows, {c.ATHLETE: "a", c.COURSE: "x", c.ERROR: None}])
    assert lines[0] == "a on c0: reason 0"
    assert lines[-1] == "10 more reasons stand in summary.parquet"
    assert len(lines) == 21


def test_real_courses_of_real_athletes(shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    athletes = tmp_path / "athletes"
    athletes.mkdir()
    os.symlink(shared_data / "sessions" / "a05.parquet", athletes / "a05.parquet")
    courses = shared_data / "courses" / "trail-running-predictor"
    assert main([str(courses), str(athletes), str(tmp_path / "out"), "--workers", "1"]) == 0
    rows = pq.read_table(tmp_path / "out" / SUMMARY).to_pylist()
    assert [row[c.COURSE] for row in rows] == ["Berkeley-50K", "lake-sonoma-55k", "shasta"]
    assert all(row[c.LOW] < row[c.FINISH] < row[c.HIGH] for row in rows)
    assert "3 predicted" in capsys.readouterr().out
