"""Moving and stopped time, jumps and the sport are told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import InputError
from lib.core.geodesy import EARTH_RADIUS_M
from lib.core.schema import CADENCE, DISTANCE, LATITUDE, LONGITUDE, SAMPLE_COLUMNS, TIME
from lib.recordings.stops import MotionConfig, motion_of, sport_by_motion


def samples_of(time: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({TIME: np.asarray(time, float), **columns})
    return frame.reindex(columns=list(SAMPLE_COLUMNS)).astype(float)


def run_with_stop(every_s: float) -> tuple[np.ndarray, np.ndarray]:
    """600 s at 3 m/s, 60 s standing, 600 s at 3 m/s."""
    time = np.arange(0.0, 1260.0 + every_s / 2, every_s)
    return time, np.interp(time, [0, 600, 660, 1260], [0, 1800, 1800, 3600])


def degrees_north(metres: np.ndarray) -> np.ndarray:
    return 46.0 + np.degrees(metres / EARTH_RADIUS_M)


@pytest.mark.parametrize("every_s", [1.0, 4.0, 5.0])
@pytest.mark.parametrize("by_position", [False, True])
def test_a_stop_is_found_at_every_rate_of_recording(every_s: float, by_position: bool) -> None:
    time, way = run_with_stop(every_s)
    where = {LATITUDE: degrees_north(way), LONGITUDE: np.full_like(way, 7.0)} if by_position else {DISTANCE: way}
    motion = motion_of(samples_of(time, **where))
    assert motion.standing_s.sum() == pytest.approx(60, abs=every_s)
    assert motion.distance_m[-1] == pytest.approx(3600, abs=0.01)


def test_a_pause_in_the_recording_is_standing() -> None:
    time = np.r_[np.arange(0, 300.0), np.arange(900, 1200.0)]
    way = 3.0 * np.r_[np.arange(0, 300.0), np.arange(299, 599.0)]
    motion = motion_of(samples_of(time, **{DISTANCE: way}))
    assert motion.standing_s.sum() == 601


def test_a_gap_crossed_on_the_run_is_moving() -> None:
    time = np.r_[np.arange(0, 300.0), np.arange(400, 700.0)]
    assert motion_of(samples_of(time, **{DISTANCE: 3 * time})).standing_s.sum() == 0


def test_the_jitter_of_standing_adds_no_way() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(0, 900.0)
    north = np.interp(time, [0, 300, 600, 900], [0, 900, 900, 1800])
    still = (time > 300) & (time < 600)
    north = north + np.where(still, rng.normal(0, 0.3, len(time)), 0)
    motion = motion_of(samples_of(time, **{LATITUDE: degrees_north(north), LONGITUDE: np.full(900, 7.0)}))
    assert motion.distance_m[-1] == pytest.approx(1797, abs=12)
    assert motion.standing_s.sum() == pytest.approx(300, abs=12)


def test_a_turning_point_is_no_stop() -> None:
    time = np.arange(0, 600.0)
    north = 3 * np.minimum(time, 600 - time)
    motion = motion_of(samples_of(time, **{LATITUDE: degrees_north(north), LONGITUDE: np.full(600, 7.0)}))
    assert motion.standing_s.sum() == 0


def test_slow_climbing_is_moving() -> None:
    time = np.arange(0, 600.0)
    assert motion_of(samples_of(time, **{DISTANCE: 0.3 * time})).standing_s.sum() == 0


def test_a_jump_of_the_position_is_left_out_and_told() -> None:
    time = np.arange(0, 1000.0)
    north = 3 * time
    north[500] += 200
    motion = motion_of(samples_of(time, **{LATITUDE: degrees_north(north), LONGITUDE: np.full(1000, 7.0)}))
    assert motion.distance_m[-1] == pytest.approx(997 * 3, abs=0.1)
    assert "2 jumps, 400 m" in motion.notes[0]


def test_a_device_that_catches_up_keeps_its_way() -> None:
    time = np.arange(0, 1000.0)
    way = 3 * time
    way[500:505] = way[499]
    motion = motion_of(samples_of(time, **{DISTANCE: way}))
    assert motion.distance_m[-1] == 2997
    assert motion.notes == ()


def test_a_vehicle_is_refused() -> None:
    time = np.arange(0, 1000.0)
    with pytest.raises(InputError, match="faster than"):
        motion_of(samples_of(time, **{DISTANCE: 25 * time}))


def test_a_device_distance_that_disagrees_with_the_positions_is_not_used() -> None:
    time = np.arange(0, 1000.0)
    frame = samples_of(
        time, **{DISTANCE: 3000 * time, LATITUDE: degrees_north(3 * time), LONGITUDE: np.full(1000, 7.0)}
    )
    motion = motion_of(frame)
    assert motion.distance_m[-1] == pytest.approx(2997, abs=0.1)
    assert "not sane" in motion.notes[0]


def test_the_antimeridian_is_crossed() -> None:
    time = np.arange(0, 100.0)
    east = 179.999 + np.degrees(3 * time / EARTH_RADIUS_M)
    lon = (east + 180) % 360 - 180
    motion = motion_of(samples_of(time, **{LATITUDE: np.zeros(100), LONGITUDE: lon}))
    assert motion.distance_m[-1] == pytest.approx(297, abs=0.1)


@pytest.mark.parametrize(
    ("mps", "rpm", "sport"),
    [
        (3.0, None, "running"),
        (1.3, None, "walking, by its speed"),
        (8.0, None, "riding, by its speed"),
        (3.0, 85.0, "running"),
        (3.0, 0.0, "no strides"),
    ],
)
def test_the_sport_is_told_by_speed_and_strides(mps: float, rpm: float | None, sport: str) -> None:
    time = np.arange(0, 1800.0)
    columns = {DISTANCE: mps * time} | ({} if rpm is None else {CADENCE: np.full(1800, rpm)})
    frame = samples_of(time, **columns)
    assert sport_by_motion(frame, motion_of(frame)) == sport


def test_one_glitch_does_not_make_a_ride_of_a_run() -> None:
    time = np.arange(0, 1800.0)
    frame = samples_of(time, **{DISTANCE: np.cumsum(np.where((time >= 900) & (time < 930), 8.0, 3.0))})
    assert sport_by_motion(frame, motion_of(frame)) == "running"


def test_a_mountain_race_that_is_mostly_walked_is_a_run() -> None:
    time = np.arange(0, 3600.0)
    frame = samples_of(time, **{DISTANCE: np.cumsum(np.where(time % 600 < 90, 3.0, 1.0))})
    assert sport_by_motion(frame, motion_of(frame)) == "running"


@pytest.mark.parametrize("change", [{"standing_mps": 0.0}, {"window_s": -1.0}, {"top_share": 2.0}])
def test_a_configuration_that_makes_no_sense_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        MotionConfig(**change)
