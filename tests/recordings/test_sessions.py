"""The session table follows from samples, and keeps its contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.core.schema import (
    ALTITUDE,
    CADENCE,
    DAY,
    DISTANCE,
    DURATION,
    HEART_RATE,
    SAMPLE_COLUMNS,
    SESSION_COLUMNS,
    SESSION_ID,
    STEP,
    STOP,
    TEMPERATURE,
    TIME,
)
from lib.recordings.activities import read_activity
from lib.recordings.formats.activity import Activity
from lib.recordings.sessions import (
    GridConfig,
    read_athletes,
    read_sessions,
    session_from_activity,
    split_by_date,
    validate_sessions,
    write_sessions,
)


def activity_of(time: object, way: object, altitude: object = 100.0, **columns: object) -> Activity:
    frame = pd.DataFrame({TIME: np.asarray(time, float), DISTANCE: way, ALTITUDE: altitude} | columns)
    names = [*SAMPLE_COLUMNS, *([TEMPERATURE] if TEMPERATURE in frame else [])]
    return Activity("a.gpx", "running", datetime(2024, 5, 1, tzinfo=UTC), frame.reindex(columns=names).astype(float))


def total(table: pd.DataFrame, *names: str) -> float:
    return sum(float(table[name].to_numpy(np.float64).sum()) for name in names)


def test_an_even_run_gives_even_steps() -> None:
    time = np.arange(0, 401.0)
    table = session_from_activity(activity_of(time, 2.5 * time, 100 + 0.25 * time))
    assert list(table.columns) == list(SESSION_COLUMNS)
    assert table[STEP].tolist() == list(range(200))
    np.testing.assert_allclose(table[DURATION], 2.0, atol=1e-5)
    assert total(table, STOP) == 0
    # altitude at the end of the step: 2 s later is 0.5 m higher
    np.testing.assert_allclose(table[ALTITUDE], 100 + 0.5 * np.arange(1, 201), atol=1e-4)
    assert table[HEART_RATE].isna().all()
    assert [str(t) for t in table.dtypes] == ["int32"] * 3 + ["float32"] * 5


def test_a_step_between_sparse_samples_is_interpolated() -> None:
    time = np.arange(0, 401.0, 4.0)
    table = session_from_activity(activity_of(time, 2.5 * time, 100.0, **{HEART_RATE: 100 + time / 4}))
    np.testing.assert_allclose(table[DURATION], 2.0, atol=1e-5)
    # 0.25 bpm a second; the mean of a step of 2 s is the value in its middle
    np.testing.assert_allclose(table[HEART_RATE], 100.25 + 0.5 * np.arange(200), atol=1e-3)


def test_a_stop_lies_in_the_step_where_the_runner_stood() -> None:
    time = np.r_[np.arange(0, 101.0), np.arange(161, 262.0)]
    way = 3 * np.r_[np.arange(0, 101.0), np.arange(100, 201.0)]
    table = session_from_activity(activity_of(time, way))
    # 300 m of 600: the stop is at the beginning of step 60
    assert table.loc[table[STOP] > 0, STEP].tolist() == [60]
    assert table[STOP].max() == pytest.approx(61)
    assert total(table, DURATION) == pytest.approx(200, abs=1e-4)


def test_standing_before_the_start_and_after_the_finish_is_kept() -> None:
    time = np.arange(0, 301.0)
    way = np.interp(time, [0, 50, 250, 300], [0, 0, 600, 600])
    table = session_from_activity(activity_of(time, way))
    assert table[STOP].iloc[0] == pytest.approx(50, abs=1)
    assert table[STOP].iloc[-1] == pytest.approx(50, abs=1)
    assert total(table, DURATION, STOP) == pytest.approx(300, abs=1e-4)


def test_heart_rate_is_weighted_by_moving_time_only() -> None:
    time = np.r_[np.arange(0, 101.0), np.arange(401, 502.0)]
    way = 3 * np.r_[np.arange(0, 101.0), np.arange(100, 201.0)]
    heart = np.full(202, 150.0)
    heart[101] = 90  # after 300 s of rest
    table = session_from_activity(activity_of(time, way, **{HEART_RATE: heart}))
    assert table[HEART_RATE].iloc[59] == 150
    assert 120 < table[HEART_RATE].iloc[60] < 150
    assert (table[HEART_RATE].iloc[62:] == 150).all()


def test_steps_per_minute_are_halved_and_strides_are_not() -> None:
    time = np.arange(0, 401.0)
    both = session_from_activity(activity_of(time, 2.5 * time, **{CADENCE: 170.0}))
    one = session_from_activity(activity_of(time, 2.5 * time, **{CADENCE: 85.0}))
    assert (both[CADENCE] == 85).all() and (one[CADENCE] == 85).all()


def test_a_cadence_of_zero_while_moving_is_no_reading() -> None:
    time = np.arange(0, 401.0)
    cadence = np.where((time >= 100) & (time <= 200), 0.0, 85.0)
    table = session_from_activity(activity_of(time, 2.5 * time, **{CADENCE: cadence}))
    assert table[CADENCE].iloc[[0, -1]].tolist() == [85, 85]
    assert table[CADENCE].iloc[60:90].isna().all()


def test_short_losses_of_the_heart_rate_are_drawn_across_and_long_ones_are_not() -> None:
    time = np.arange(0, 401.0)
    heart = np.full(401, 150.0)
    heart[50:70] = np.nan
    heart[200:300] = np.nan
    table = session_from_activity(activity_of(time, 2.5 * time, **{HEART_RATE: heart}))
    assert table[HEART_RATE].iloc[:99].notna().all()
    assert table[HEART_RATE].iloc[101:149].isna().all()


def test_temperature_comes_along_where_known() -> None:
    time = np.arange(0, 401.0)
    table = session_from_activity(activity_of(time, 2.5 * time, **{TEMPERATURE: 21.0}))
    assert (table[TEMPERATURE] == 21).all()


def test_altitude_is_drawn_across_a_short_way_and_refused_across_a_long_one() -> None:
    time = np.arange(0, 401.0)
    altitude = 100 + 0.25 * time
    altitude[100:200] = np.nan  # 252.5 m
    table = session_from_activity(activity_of(time, 2.5 * time, altitude))
    np.testing.assert_allclose(table[ALTITUDE], 100 + 0.5 * np.arange(1, 201), atol=1e-4)
    altitude[100:230] = np.nan
    with pytest.raises(InputError, match=r"328 m of way without altitude"):
        session_from_activity(activity_of(time, 2.5 * time, altitude))
    with pytest.raises(InputError, match="1000 m of way without altitude"):
        session_from_activity(activity_of(time, 2.5 * time, np.nan))


def test_a_gap_in_the_recording_between_two_known_altitudes_is_drawn_across() -> None:
    time = np.r_[np.arange(0, 101.0), np.arange(300, 401.0)]  # 497.5 m without a sample
    table = session_from_activity(activity_of(time, 2.5 * time, 100 + 0.25 * time))
    np.testing.assert_allclose(table[ALTITUDE], 100 + 0.5 * np.arange(1, 201), atol=1e-4)


def test_altitude_missing_at_an_end_counts_as_missing() -> None:
    time = np.arange(0, 401.0)
    for gone in (slice(0, 150), slice(250, None)):
        altitude = 100 + 0.25 * time
        altitude[gone] = np.nan
        with pytest.raises(InputError, match=r"37[58] m of way without altitude"):
            session_from_activity(activity_of(time, 2.5 * time, altitude))


def test_less_than_a_step_is_refused() -> None:
    with pytest.raises(InputError, match=r"2\.0 m of way"):
        session_from_activity(activity_of([0, 1, 2], [0, 1, 2]))


@st.composite
def recordings(draw: st.DrawFn) -> Activity:
    n = draw(st.integers(3, 25))
    dt = draw(st.lists(st.floats(0.5, 120.0), min_size=n, max_size=n))
    speed = draw(st.lists(st.one_of(st.just(0.0), st.floats(0.0, 8.0)), min_size=n, max_size=n))
    speed[0] = max(speed[0], 3.0)
    dt[0] = max(dt[0], 10.0)
    climb = draw(st.lists(st.floats(-0.4, 0.4), min_size=n, max_size=n))
    ds = np.array(dt) * np.array(speed)
    heart = draw(st.lists(st.one_of(st.none(), st.floats(60, 200)), min_size=n + 1, max_size=n + 1))
    return activity_of(
        np.r_[0, np.cumsum(dt)],
        np.r_[0, np.cumsum(ds)],
        500 + np.r_[0, np.cumsum(ds * climb)],
        **{HEART_RATE: np.array(heart, float)},
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(recordings())
def test_the_grid_conserves_time_and_is_contiguous(activity: Activity) -> None:
    table = session_from_activity(activity)
    validate_sessions(table)
    elapsed = float(activity.samples[TIME].iloc[-1])
    assert total(table, DURATION, STOP) == pytest.approx(elapsed, rel=1e-6)
    assert table[STEP].tolist() == list(range(len(table)))
    assert (table[DURATION] > 0).all()
    assert table[ALTITUDE].min() >= activity.samples[ALTITUDE].min() - 0.01
    assert table[ALTITUDE].max() <= activity.samples[ALTITUDE].max() + 0.01
    heart, known = table[HEART_RATE].dropna(), activity.samples[HEART_RATE].dropna()
    if len(heart):
        assert known.min() - 0.01 <= heart.min() and heart.max() <= known.max() + 0.01
    way = activity.samples[DISTANCE].iloc[-1]
    assert len(table) <= way / 5 + 1


@settings(max_examples=50, deadline=None, derandomize=True)
@given(recordings(), st.floats(1.1, 3.0))
def test_slower_is_never_faster(activity: Activity, factor: float) -> None:
    time = activity.samples[TIME].to_numpy()
    slower = activity_of(time * factor, activity.samples[DISTANCE], 500.0)
    table, base = session_from_activity(slower), session_from_activity(activity)
    assert total(table, DURATION, STOP) > total(base, DURATION, STOP)


@pytest.fixture
def table() -> pd.DataFrame:
    time = np.arange(0, 401.0)
    one = session_from_activity(activity_of(time, 2.5 * time, **{HEART_RATE: 150.0, CADENCE: 85.0}))
    two = one.assign(**{SESSION_ID: 1, DAY: 3})
    return pd.concat([one, two], ignore_index=True).astype({SESSION_ID: "int32", DAY: "int32"})


def put(column: str, row: int, value: object):  # type: ignore[no-untyped-def]
    def change(df: pd.DataFrame) -> pd.DataFrame:
        df = df.copy()
        df.loc[row, column] = value
        return df

    return change


BROKEN = {
    "a missing column": (lambda df: df.drop(columns=DURATION), "column duration_s: missing"),
    "ids as numbers with fractions": (lambda df: df.astype({DAY: float}), "column day: of type float64"),
    "texts": (lambda df: df.astype({HEART_RATE: str}), "column heart_rate_bpm: of type"),
    "nothing": (lambda df: df.iloc[:0], "an empty table"),
    "an altitude that is not finite": (put(ALTITUDE, 7, np.nan), "column altitude_m: 1 values .* row 7"),
    "an infinite heart rate": (put(HEART_RATE, 3, np.inf), "column heart_rate_bpm: 1 values"),
    "a negative duration": (put(DURATION, 9, -1.0), "column duration_s: a negative value in row 9"),
    "a negative cadence": (put(CADENCE, 9, -1.0), "column cadence_rpm: a negative"),
    "steps with a hole": (lambda df: df.drop(index=5).reset_index(drop=True), "column step: 6 in row 5"),
    "ids out of order": (lambda df: df.iloc[::-1].reset_index(drop=True), "column session_id: 0 after 1"),
    "days that fall": (lambda df: df.assign(day=(3 - df[DAY]).astype("int32")), "column day: 0 after 3"),
    "a day that changes within a session": (lambda df: df.assign(day=np.arange(400)), "column day: different"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_table_that_breaks_the_contract_is_refused_by_column(table: pd.DataFrame, name: str) -> None:
    change, message = BROKEN[name]
    with pytest.raises(InputError, match=message) as caught:
        validate_sessions(change(table), "me.parquet")
    assert str(caught.value).startswith("me.parquet: ")


def test_unknown_heart_rate_and_further_columns_are_allowed(table: pd.DataFrame) -> None:
    validate_sessions(table.assign(heart_rate_bpm=np.float32(np.nan), note="x"))


def test_sessions_are_written_whole_and_read_back(table: pd.DataFrame, tmp_path: Path) -> None:
    write_sessions(table, tmp_path / "me.parquet")
    pd.testing.assert_frame_equal(read_sessions(tmp_path / "me.parquet"), table)
    assert [p.name for p in tmp_path.iterdir()] == ["me.parquet"]
    assert list(read_athletes(tmp_path)) == ["me"]
    assert list(read_athletes(tmp_path / "me.parquet")) == ["me"]


def test_a_refused_table_leaves_what_was_there(table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "me.parquet"
    path.write_bytes(b"old")
    with pytest.raises(InputError):
        write_sessions(table.drop(columns=DAY), path)
    assert path.read_bytes() == b"old"
    with pytest.raises(InputError, match="no folder"):
        write_sessions(table, tmp_path / "none" / "me.parquet")


def test_a_failing_write_leaves_what_was_there(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    path = tmp_path / "me.parquet"
    path.write_bytes(b"old")
    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.raises(InputError, match="disk full"):
        write_sessions(table, path)
    assert [p.name for p in tmp_path.iterdir()] == ["me.parquet"]
    assert path.read_bytes() == b"old"


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("nothing")
    with pytest.raises(InputError, match="cannot be read"):
        read_sessions(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="No such file"):
        read_sessions(tmp_path / "b.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no parquet"):
        read_athletes(tmp_path / "empty")


@pytest.mark.parametrize("name", ["altitude_gap_m", "hold_s", "steps_per_min_from"])
def test_a_grid_that_makes_no_sense_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=name):
        GridConfig(**{name: 0.0})


def test_the_shared_sessions_keep_the_contract(shared_data: Path) -> None:
    assert list(read_athletes(shared_data / "sessions" / "a05.parquet")) == ["a05"]


@pytest.mark.parametrize(
    ("name", "km", "elapsed_s", "cadence"),
    [
        ("mansfield-double-up/mansfield-double-up-course.gpx", 17.5, 12_089, True),
        ("gpx-data-analysis/Morning_Run_with_H10.gpx", 13.6, 4_798, True),
        ("runpandas/tcx/run.tcx", 4.8, 1_423, False),
        ("runpandas/fit/run.fit", 5.8, 3_167, True),
    ],
)
def test_known_runs_have_their_length_and_time(
    shared_data: Path, name: str, km: float, elapsed_s: float, cadence: bool
) -> None:
    (activity,) = read_activity(name, (shared_data / "activities" / name).read_bytes())
    table = session_from_activity(activity)
    validate_sessions(table)
    assert len(table) * 5 / 1000 == pytest.approx(km, abs=0.05)
    assert total(table, DURATION, STOP) == pytest.approx(elapsed_s, abs=0.01)
    if cadence:
        assert 55 < table[CADENCE].median() < 95
    else:
        assert table[CADENCE].isna().all()


def numbered(count: int) -> pd.DataFrame:
    return pd.DataFrame({SESSION_ID: np.repeat(np.arange(count), 3)})


def test_the_split_is_by_date_and_never_cuts_a_session() -> None:
    earlier, later = split_by_date(numbered(10), 0.2)
    assert earlier[SESSION_ID].tolist() == numbered(8)[SESSION_ID].tolist()
    assert later[SESSION_ID].tolist() == [8, 8, 8, 9, 9, 9]


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("last_share", [0.0, 0.01, 0.9, 1.0])
def test_a_split_leaves_a_session_on_either_side(count: int, last_share: float) -> None:
    earlier, later = split_by_date(numbered(count), last_share)
    assert len(earlier) >= 3 and len(later) >= 3 and len(earlier) + len(later) == 3 * count


def test_one_session_is_not_split() -> None:
    with pytest.raises(InputError, match="1 session"):
        split_by_date(numbered(1))
