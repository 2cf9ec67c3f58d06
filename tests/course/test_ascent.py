"""Ascent is counted, and noise is not."""

from __future__ import annotations

import warnings
from pathlib import Path

import fitdecode
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.ascent import THRESHOLD_M, count
from lib.course.course import load_course
from lib.course.terrain_features import cumulative_climb, smooth_altitude

FLAT = 2_000
"""Steps of 10 km."""


def total(altitude_m: np.ndarray, threshold_m: float = THRESHOLD_M) -> tuple[float, float]:
    counted = count(altitude_m, threshold_m)
    return float(counted.ascent_m[-1]), float(counted.descent_m[-1])


def noise(sd_m: float, lasting_m: float, seed: int, steps: int = FLAT) -> np.ndarray:
    """Errors of an altitude whose correlation falls to 1/e within `lasting_m`; white if that is 0."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-c.STEP_M / lasting_m) if lasting_m else 0.0
    fresh = rng.normal(0.0, sd_m * np.sqrt(1 - keep**2), steps)
    out = np.zeros(steps)
    out[0] = rng.normal(0.0, sd_m)
    for i in range(1, steps):
        out[i] = keep * out[i - 1] + fresh[i]
    return out


def test_a_climb_and_a_descent_by_hand() -> None:
    counted = count([100, 102, 105, 103, 109, 110, 100, 101], threshold_m=3.0)
    # The dip of 2 m is no descent, and the way out of it adds nothing before 105 m are reached again.
    assert counted.ascent_m.tolist() == [0, 2, 5, 5, 9, 10, 10, 10]
    assert counted.descent_m.tolist() == [0, 0, 0, 0, 0, 0, 10, 10]


@pytest.mark.parametrize(("rise", "counts"), [(2.99, 0.0), (3.0, 3.0), (40.0, 40.0)])
def test_a_rise_counts_whole_from_the_threshold_on(rise: float, counts: float) -> None:
    up = np.linspace(0.0, rise, 50)
    assert total(up) == (pytest.approx(counts), 0.0)
    assert total(up[::-1]) == (0.0, pytest.approx(counts))
    assert total(np.concatenate([up, up[::-1]])) == (pytest.approx(counts), pytest.approx(counts))


def test_ripples_below_the_threshold_are_level_ground() -> None:
    assert total(200.0 + np.tile([0.0, 2.9], 500)) == (0.0, 0.0)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_hardly_a_course_has_no_ascent(steps: int) -> None:
    counted = count(np.full(steps, 7.0))
    assert counted.ascent_m.tolist() == counted.descent_m.tolist() == [0.0] * steps


@pytest.mark.parametrize("threshold_m", [0.0, -1.0, np.nan, np.inf])
def test_a_threshold_that_makes_no_sense_is_refused(threshold_m: float) -> None:
    with pytest.raises(InputError, match="threshold_m"):
        count([1.0, 2.0], threshold_m)


def test_a_missing_altitude_is_refused() -> None:
    with pytest.raises(InputError, match="No altitude at 1 of 3 steps"):
        count([1.0, np.nan, 2.0])


LINES = st.lists(st.integers(-40, 40), min_size=1, max_size=80).map(lambda x: np.cumsum(x) / 4.0)


@settings(max_examples=300, deadline=None)
@given(LINES, st.sampled_from([0.25, 1.0, 3.0, 10.0]))
def test_counted_figures_never_fall_and_keep_the_net_rise(line: np.ndarray, threshold_m: float) -> None:
    counted = count(line, threshold_m)
    for values, rises in ((counted.ascent_m, line), (counted.descent_m, -line)):
        assert values[0] == 0.0 and (np.diff(values) >= 0).all()
        assert values[-1] <= cumulative_climb(rises)[-1]
        assert values[-1] == 0.0 or values[-1] >= threshold_m
    net = counted.ascent_m[-1] - counted.descent_m[-1]
    assert abs(net - (line[-1] - line[0])) < 2 * threshold_m
    # A step is part of a rise or of a fall, never of both, and none counts against its own direction.
    up, down = np.diff(counted.ascent_m), np.diff(counted.descent_m)
    assert (up * down == 0).all()
    assert (up <= np.maximum(np.diff(line), 0)).all() and (down <= np.maximum(-np.diff(line), 0)).all()


@settings(max_examples=200, deadline=None)
@given(LINES, st.sampled_from([0.25, 1.0, 3.0, 10.0]))
def test_the_way_back_descends_what_was_climbed(line: np.ndarray, threshold_m: float) -> None:
    assert total(line[::-1], threshold_m) == total(line, threshold_m)[::-1]
    assert total(-line, threshold_m) == total(line, threshold_m)[::-1]


@settings(max_examples=100, deadline=None)
@given(LINES)
def test_a_lower_threshold_never_counts_less(line: np.ndarray) -> None:
    sums = [total(line, threshold_m)[0] for threshold_m in (0.25, 1.0, 2.0, 5.0)]
    assert sums == sorted(sums, reverse=True)
    assert sums[0] == pytest.approx(cumulative_climb(line)[-1])  # all rises: they are multiples of 0.25


@settings(max_examples=100, deadline=None)
@given(LINES, st.data())
def test_stretches_that_make_up_a_course_sum_to_it(line: np.ndarray, data: st.DataObject) -> None:
    counted = count(line)
    cuts = sorted(data.draw(st.sets(st.integers(1, line.size))) | {line.size})
    up, down = counted.over(np.array([0, *cuts[:-1]]), np.array(cuts))
    assert (up >= 0).all() and (down >= 0).all()
    assert up.sum() == pytest.approx(counted.ascent_m[-1], abs=1e-9)
    assert down.sum() == pytest.approx(counted.descent_m[-1], abs=1e-9)


# --- known figures -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(5))
def test_a_flat_noisy_track_has_none(seed: int) -> None:
    noisy = 300.0 + noise(1.0, 0.0, seed)
    assert cumulative_climb(noisy)[-1] > 1_000.0
    cleaned = smooth_altitude(noisy)
    assert cumulative_climb(cleaned)[-1] > 20.0  # what the sum of all rises says
    assert total(cleaned) == (0.0, 0.0)


def test_a_flat_track_of_a_worse_sensor_has_hardly_any() -> None:
    climbed = [total(smooth_altitude(noise(2.0, 0.0, seed)))[0] for seed in range(10)]
    assert np.mean(climbed) < 5.0  # in 10 km; all rises sum to more than 60 m
    wandering = [total(smooth_altitude(noise(2.0, 200.0, seed)))[0] for seed in range(10)]
    assert np.mean(wandering) < 65.0  # errors that last look like hills


@pytest.mark.parametrize(
    ("name", "known_m", "within"),
    [
        # As its description says.
        ("activities/mansfield-double-up/mansfield-double-up-course.gpx", 1_390.0, 0.02),
        # 7,600 feet (travelerted.com/2015/late-season-adventures-on-mount-shasta).
        ("courses/trail-running-predictor/shasta.gpx", 7_600 * 0.3048, 0.02),
        # 6,800 feet (freeradical.me/2013/10/01/crash-burn-2013-berkeley-trail-adventure-50k).
        ("courses/trail-running-predictor/Berkeley-50K.gpx", 6_800 * 0.3048, 0.08),
    ],
)
def test_courses_whose_ascent_is_known(shared_data: Path, name: str, known_m: float, within: float) -> None:
    assert load_course(shared_data / name).climb_m == pytest.approx(known_m, rel=within)


def recording(path: Path) -> tuple[np.ndarray, float, float]:
    """Altitude of every 5 m (m) of a FIT recording, with the ascent and descent (m) that the device stated."""
    rows, stated = [], (0.0, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fitdecode.FitReader(str(path), check_crc=fitdecode.CrcCheck.DISABLED) as reader:
            for frame in reader:
                if not isinstance(frame, fitdecode.FitDataMessage):
                    continue
                if frame.name == "record":
                    rows.append([frame.get_value(x, fallback=None) for x in ("distance", "altitude")])
                elif frame.name == "session":
                    stated = tuple(float(frame.get_value(x)) for x in ("total_ascent", "total_descent"))
    along, altitude = np.array([row for row in rows if None not in row], dtype=np.float64).T
    moved = np.concatenate([[True], np.diff(along) > 0])
    ends = np.arange(1, int((along[-1] - along[0]) / c.STEP_M) + 1) * c.STEP_M
    return np.interp(ends, along[moved] - along[0], altitude[moved]), *stated


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("python-fitparse/2013-02-06-12-11-14.fit", 0.04),  # 168 m in 4.8 km
        ("python-fitparse/Edge810-Vector-2013-08-16-15-35-10.fit", 0.05),  # 514 m in 41 km
        ("python-fitparse/garmin-edge-500-activity.fit", 0.07),  # 541 m in 93 km
        ("python-fitparse/coros-pace-2-cycling-misaligned-fields.fit", 0.06),  # 938 m in 32 km
        ("runpandas/fit/run.fit", 0.10),  # 234 m in 5.8 km
    ],
)
def test_devices_count_about_the_same(shared_data: Path, name: str, within: float) -> None:
    altitude_m, ascent_m, descent_m = recording(shared_data / "activities" / name)
    assert total(smooth_altitude(altitude_m)) == pytest.approx((ascent_m, descent_m), rel=within)
