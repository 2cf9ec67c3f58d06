"""What a batch wrote is read back, and damaged files are not."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.report.summary import totals
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import race_of
from utils.batch.files import (
    STEP_COLUMNS,
    SUMMARY_SCHEMA,
    Source,
    encoded,
    files_in,
    one_line,
    read_source,
    stored,
    write_summary,
)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_labels_are_paths_without_suffix_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.GPX", "a.b.gpx", "hills/c d.gpx", "hills/é.gpx", "notes.txt", "gpx")
    assert files_in(tmp_path, ".gpx", deep=True) == {
        label: tmp_path / name
        for label, name in (
            ("a.b", "a.b.gpx"),
            ("b", "b.GPX"),
            ("hills/c d", "hills/c d.gpx"),
            ("hills/é", "hills/é.gpx"),
        )
    }
    assert list(files_in(tmp_path, ".gpx")) == ["a.b", "b"]


def test_what_is_hidden_and_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.gpx", "._a.gpx", ".git/b.gpx", "...gpx")
    (tmp_path / "folder.gpx").mkdir()
    os.mkfifo(tmp_path / "pipe.gpx")
    assert list(files_in(tmp_path, ".gpx", deep=True)) == ["a"]


@pytest.mark.parametrize(
    "names", [("a.gpx", "A.gpx"), ("a.gpx", "a.GPX"), ("é.gpx", "e\u0301.gpx"), ("x/a.gpx", "X/a.gpx")]
)
def test_names_that_would_replace_each_other_are_refused_with_both(tmp_path: Path, names: tuple[str, str]) -> None:
    touch(tmp_path, *names)
    if len([*tmp_path.rglob("*.[gG][pP][xX]")]) < 2:
        pytest.skip("this file system does not tell them apart")
    with pytest.raises(InputError, match="names that differ by more") as refused:
        files_in(tmp_path, ".gpx", deep=True)
    assert all(name in str(refused.value) for name in names)


@pytest.mark.parametrize(
    "name",
    ["a\nb.gpx", "a\x1b[2Jb.gpx", "a\\..\\b.gpx", "a\u202eb.gpx", os.fsdecode(b"a\xff.gpx"), "x" * 210 + ".gpx"],
)
def test_a_name_that_could_not_be_printed_or_written_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    touch(tmp_path, name)
    with pytest.raises(InputError, match="the name") as refused:
        files_in(tmp_path, ".gpx")
    assert str(refused.value).isprintable()


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_a_file_is_called_its_output_stays_in_its_folder(name: str) -> None:
    with TemporaryDirectory() as made:
        folder, out = Path(made) / "in", Path(made) / "out"
        touch(folder, f"{name}.gpx")
        try:
            labels = list(files_in(folder, ".gpx"))
        except InputError:
            return
        assert len(labels) == 1
        path = out / labels[0] / f"{labels[0]}.parquet"
        assert path.resolve().relative_to(out.resolve()).parts == (labels[0], f"{labels[0]}.parquet")


def test_of_two_kinds_the_first_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "me.parquet", "me.json", "you.parquet")
    assert files_in(tmp_path, ".json", ".parquet") == {
        "me": tmp_path / "me.json",
        "you": tmp_path / "you.parquet",
    }


def test_an_empty_folder_and_none_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file \*.json or \*.parquet"):
        files_in(tmp_path, ".json", ".parquet")
    with pytest.raises(InputError, match="no such folder"):
        files_in(tmp_path / "no", ".gpx")


def test_a_file_is_read_or_its_reason_given(tmp_path: Path) -> None:
    touch(tmp_path, "a.gpx")
    assert read_source(tmp_path / "a.gpx", "a", 1) == Source("a", b"x")
    assert "1 bytes; expected 0 at most" in str(read_source(tmp_path / "a.gpx", "a", 0).error)
    assert "b.gpx: cannot be read" in str(read_source(tmp_path / "b.gpx", "b", 9).error)


def test_text_for_a_terminal_is_one_printable_line() -> None:
    assert one_line("a\nb\x1b[2J\ud800é") == r"a\nb\x1b[2J\ud800é"
    assert len(one_line("x" * 9_999)) < 1_000


@pytest.fixture(scope="module")
def race() -> RacePlan:
    rng = np.random.default_rng(2)
    course = make_course(300 + rng.normal(0, 1, 240).cumsum())
    prediction = make_prediction(2 * np.exp(rng.normal(0, 0.1, 240)), rng.normal(150, 5, 240))
    return race_of(plan_from(course, prediction, BAND))


@pytest.fixture(scope="module")
def whole(race: RacePlan) -> bytes:
    return encoded(race, "inputs")


def test_a_plan_comes_back_from_its_file(race: RacePlan, whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(whole)
    assert stored(path, "inputs") == totals(race)
    steps = pq.read_table(path)
    assert tuple(steps.column_names) == STEP_COLUMNS
    for name in STEP_COLUMNS:
        np.testing.assert_array_equal(steps[name].to_numpy(), race.plan.columns[name])


def test_the_same_plan_gives_the_same_bytes(race: RacePlan, whole: bytes) -> None:
    assert encoded(race, "inputs") == whole


def test_a_file_of_other_inputs_or_none_counts_as_none(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    assert stored(path, "inputs") is None
    path.write_bytes(whole)
    assert stored(path, "others") is None
    pq.write_table(pa.table({"distance_m": [5.0]}), path)
    assert stored(path, "inputs") is None
    path.unlink()
    path.mkdir()
    assert stored(path, "inputs") is None


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_counts_as_none_or_still_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, race: RacePlan, whole: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.parquet"
    content = bytearray(whole)
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    said = stored(path, "inputs")
    if said is not None:
        assert said == totals(race)
        steps = pq.read_table(path)
        assert all(np.array_equal(steps[name].to_numpy(), race.plan.columns[name]) for name in STEP_COLUMNS)


def test_a_changed_number_in_the_metadata_is_noticed(race: RacePlan, whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    finish = f'"finish_s": {totals(race)[c.FINISH]}'.encode()
    assert whole.count(finish) >= 1
    path.write_bytes(whole.replace(finish, finish[:-1] + (b"1" if finish[-1:] != b"1" else b"2")))
    assert pq.read_table(path).num_rows == race.course.steps
    assert stored(path, "inputs") is None


def test_the_summary_has_a_row_for_every_pair_in_order(race: RacePlan, tmp_path: Path) -> None:
    path = tmp_path / "out" / "summary.parquet"
    good = {c.ATHLETE: "b", c.COURSE: "x", c.FILE: "b/x.parquet", c.PAGE: None, c.ERROR: None} | totals(race)
    write_summary([good, {c.ATHLETE: "a", c.COURSE: "y", c.FILE: None, c.ERROR: "found nothing"}], path)
    table = pq.read_table(path)
    assert table.schema.equals(SUMMARY_SCHEMA)
    first, second = table.to_pylist()
    assert (first[c.ATHLETE], first[c.ERROR], first[c.FINISH]) == ("a", "found nothing", None)
    assert second == good
    head, *lines = (tmp_path / "out" / "summary.csv").read_text().splitlines()
    assert (
        head == ",".join(SUMMARY_SCHEMA.names) and lines[0].startswith("a,y,") and lines[0].endswith(",found nothing")
    )
    assert f"{good[c.RACE_TIME]:.1f}" in lines[1]


def test_names_in_the_csv_are_no_formulas(tmp_path: Path) -> None:
    write_summary([{c.ATHLETE: "=a", c.COURSE: "+c", c.FILE: None, c.ERROR: "-e"}], tmp_path / "summary.parquet")
    assert "'=a,'+c," in (tmp_path / "summary.csv").read_text()
