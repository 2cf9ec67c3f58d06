"""Race tables are read whole, or refused with what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import InputError
from lib.evaluation.race_tables import course_of, read_races, sections
from tests.support.fields import small_field


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_field(), tmp_path / "field"))


def change(path: Path, **columns: object) -> None:
    """Write values into the table's sixth row."""
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    for name, value in columns.items():
        table.loc[5, name] = value
    table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path)


def test_every_race_and_finisher_is_there() -> None:
    found = read_races(small_field())
    assert found.notes == ()
    assert [race.name for race in found] == ["hills 2023", "hills 2024", "plain 2023", "plain 2024"]
    for race in found:
        assert race.elapsed_s.shape == (24, race.distance_km.size)
        assert np.all(np.diff(race.elapsed_s, axis=1) > 0)
        assert race.course.length_km == pytest.approx(race.distance_km[-1], rel=1e-3)
        assert race.source == "track"


def test_a_checkpoint_that_is_unknown_is_refused(folder: Path) -> None:
    change(folder / "splits.parquet", checkpoint=99)
    with pytest.raises(InputError, match="splits at checkpoint 99"):
        read_races(folder)


def test_times_that_fall_are_refused_with_runner_and_checkpoint(folder: Path) -> None:
    change(folder / "splits.parquet", elapsed_s=1.0)
    with pytest.raises(InputError, match=r"hills 2023.*runner 0 at checkpoint 5 before an earlier one"):
        read_races(folder)


def test_a_course_shorter_than_its_checkpoints_is_refused(folder: Path) -> None:
    path = folder / "courses" / "hills.parquet"
    track = pd.read_parquet(path)
    track.iloc[: len(track) // 2].to_parquet(path)
    with pytest.raises(InputError, match="shorter than its checkpoints"):
        read_races(folder)


def test_checkpoints_that_do_not_rise_are_refused(folder: Path) -> None:
    change(folder / "checkpoints.csv", distance_km=1.0)
    with pytest.raises(InputError, match="no farther"):
        read_races(folder)


@pytest.mark.parametrize("name", ["races.csv", "checkpoints.csv", "splits.parquet", "courses/plain.parquet"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=Path(name).name):
        read_races(folder)


def test_a_column_that_is_missing_is_named(folder: Path) -> None:
    pd.read_csv(folder / "checkpoints.csv").drop(columns="aid").to_csv(folder / "checkpoints.csv", index=False)
    with pytest.raises(InputError, match="no column aid"):
        read_races(folder)


def test_without_a_track_the_course_is_made_of_its_sections(folder: Path) -> None:
    table = pd.read_csv(folder / "races.csv")
    table["course"] = ""
    table.to_csv(folder / "races.csv", index=False)
    found = read_races(folder)
    assert {race.source for race in found} == {"sections"}
    assert len(found.notes) == 4
    hills = found.races[0]
    assert hills.course.climb_m > 1_000


def test_sections_climb_what_is_stated() -> None:
    notes: list[str] = []
    altitude_m, ground, source = sections(
        np.array([0.0, 10.0, 20.0]),
        np.array([0.0, 600.0, 700.0]),
        np.array([0.0, 100.0, 700.0]),
        np.full(3, np.nan),
        "made",
        notes,
    )
    assert source == "sections"
    assert ground is None
    rises_m = np.diff(altitude_m, prepend=0.0)
    assert rises_m[rises_m > 0].sum() == pytest.approx(700.0, rel=0.01)


def test_who_did_not_finish_is_left_out(folder: Path) -> None:
    table = pd.read_parquet(folder / "splits.parquet")
    table.loc[(table.race == "hills") & (table.runner == 3), "finished"] = False
    table.to_parquet(folder / "splits.parquet")
    assert [race.elapsed_s.shape[0] for race in read_races(folder)] == [23, 23, 24, 24]


def test_a_course_of_altitudes_lies_at_one_place() -> None:
    course = course_of("made", np.linspace(0, 100, 400), None, 46.0, 7.0)
    assert set(course.columns["lat"]) == {46.0}


def test_the_real_tables_are_read(shared_data: Path) -> None:
    found = read_races(shared_data / "races")
    assert len(found.races) == 41
    assert sum("left out" in note for note in found.notes) == 2
