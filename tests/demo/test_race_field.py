"""A simulated field runs as its law says, and its tables are tables of races."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.athlete.pacing_law import (
    SLOPES,
    PacingLaw,
    course_cost,
    segment_times,
    smoothed_slope,
    time_at,
)
from lib.core import schema as c
from lib.core.errors import InputError
from lib.demo.race_field import FieldConfig, write_field
from tests.support.long_race import rolling_course

COURSE = rolling_course(10.0, 300.0, 5.0)
LAW = PacingLaw(fading=0.7)
CONFIG = FieldConfig(finishers=5, years=(2023, 2024), laps=3, checkpoint_km=6.0, scatter=0.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("field") / "deep" / "races"
    write_field(place, {"loop": COURSE}, LAW, CONFIG)
    return place


def test_there_is_a_race_for_each_course_and_year(folder: Path) -> None:
    races = pd.read_csv(folder / "races.csv")
    assert races[["race", "year", "event", "course"]].to_numpy().tolist() == [
        ["loop", 2023, "loop", "loop"], ["loop", 2024, "loop", "loop"],
    ]  # fmt: skip
    assert races.course_km.tolist() == [30.0, 30.0]
    assert races.start_local.tolist() == ["2023-06-15T05:00:00", "2024-06-16T05:00:00"]
    assert races.utc_offset_h.tolist() == [0, 0]  # 6.9 degrees east
    assert races.lat.tolist() == pytest.approx([COURSE.columns[c.LATITUDE][0]] * 2)


def test_laps_go_there_and_back_without_a_step_between(folder: Path) -> None:
    track = pd.read_parquet(folder / "courses" / "loop.parquet")
    assert track.distance_m.iloc[-1] == 30_000.0
    assert np.abs(np.diff(track.altitude_m)).max() <= np.abs(np.diff(COURSE.columns[c.ALTITUDE])).max() + 1e-6
    lap = COURSE.steps
    there, back, again = (track.altitude_m.to_numpy()[1 + i * lap : 1 + (i + 1) * lap] for i in range(3))
    assert back == pytest.approx(there[::-1])
    assert again == pytest.approx(there)


def test_checkpoints_add_up_to_the_course(folder: Path) -> None:
    points = pd.read_csv(folder / "checkpoints.csv")
    points = points[points.year == 2023]
    assert points.distance_km.tolist() == [0.0, 6.0, 12.0, 18.0, 24.0, 30.0]
    # Three laps of two hills of 300 m each.
    assert points.gain_m.iloc[-1] == pytest.approx(3 * 600.0, rel=0.01)
    assert points.loss_m.iloc[-1] == pytest.approx(3 * 600.0, rel=0.01)
    assert not points.aid.any()


def test_everybody_without_scatter_runs_by_the_law(folder: Path) -> None:
    track = pd.read_parquet(folder / "courses" / "loop.parquet")
    slope = smoothed_slope(track.altitude_m, LAW.smoothing_m)
    cost = course_cost(LAW, np.interp(slope, SLOPES, LAW.slope_factor), slope)
    splits = pd.read_parquet(folder / "splits.parquet")
    times_s = (
        splits[splits.year == 2024].pivot_table(index="runner", columns="checkpoint", values="elapsed_s").to_numpy()
    )
    edges_s, base_pace = segment_times(LAW, cost, times_s[:, -1])
    assert base_pace == pytest.approx(np.linspace(3.6, 7.0, 5), rel=1e-3)
    assert times_s == pytest.approx(time_at(cost, edges_s, np.arange(6) * 6_000.0), abs=1.0)


def test_a_field_fades_more_where_its_law_does(tmp_path: Path) -> None:
    halves = {}
    for fading in (0.2, 1.2):
        write_field(tmp_path / str(fading), {"loop": COURSE}, replace(LAW, fading=fading), CONFIG)
        splits = pd.read_parquet(tmp_path / str(fading) / "splits.parquet")
        times_s = splits.pivot_table(index=["year", "runner"], columns="checkpoint", values="elapsed_s").to_numpy()
        halves[fading] = times_s[:, 2] / times_s[:, -1]
    assert np.all(halves[1.2] < halves[0.2])


def test_the_same_seed_makes_the_same_field_and_another_makes_another(tmp_path: Path) -> None:
    config = replace(CONFIG, scatter=0.2)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_field(tmp_path / name, {"loop": COURSE}, LAW, replace(config, seed=seed))
    a, b, other = (pd.read_parquet(tmp_path / name / "splits.parquet").elapsed_s for name in "abc")
    assert a.equals(b)
    assert not a.equals(other)


@pytest.mark.parametrize(
    "change",
    [
        {"finishers": 0},
        {"years": ()},
        {"laps": 0},
        {"checkpoint_km": 0.0},
        {"fastest": 1.0},
        {"slowest": 3.0},
        {"scatter": 0.5},
        {"scatter": -0.1},
    ],
)
def test_a_field_that_cannot_be_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(CONFIG, **change)
