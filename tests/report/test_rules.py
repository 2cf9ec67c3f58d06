"""Given courses and runners by hand: simple rules say what their formulas say, at the pace of the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.bundle import Bundle
from lib.athlete.profile import flat_steps, grade_curve
from lib.athlete.run_history import Memory
from lib.course.grade_factors import SLOPE_KNOTS
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.report.rules import flat_pace_s, rules
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import race_of, shipped


def said(race: RacePlan, bundle: Bundle | None = None) -> dict[str, float]:
    return {rule.name: rule.moving_s for rule in rules(race, bundle or shipped()[1])}


def uphill(slope: float, steps: int = 2_000, duration_s: float = 2.0) -> RacePlan:
    course = make_course(1_000.0 + slope * 5.0 * np.arange(1, steps + 1))
    return race_of(plan_from(course, make_prediction(np.full(steps, duration_s)), BAND))


def test_on_the_flat_all_rules_but_the_hiker_agree_with_the_plan() -> None:
    found = said(race_of(flat_plan(2_000)))  # 10 km in 4,000 s
    hiker_s = found.pop("Naismith-Langmuir, a hiker at 5 km/h")
    assert hiker_s == pytest.approx(7_200.0)
    assert list(found.values()) == pytest.approx([4_000.0] * 6)


def test_the_pace_on_the_flat_is_that_of_the_plan_over_the_grade_curve() -> None:
    bundle, race = shipped()[1], uphill(0.07)
    factor = grade_curve(bundle.athlete, bundle.prior)[SLOPE_KNOTS.tolist().index(0.07)]
    assert factor > 1.1
    assert flat_pace_s(race, bundle) == pytest.approx(2.0 / factor, rel=1e-3)


def test_naismith_by_hand() -> None:
    """10 km and 1,000 m up at 10%: 2 h and 1 h 40 min for the hiker; 100 m of climb are a kilometre: 20 of them."""
    race = uphill(0.1)
    found, pace_s = said(race), flat_pace_s(race, shipped()[1])
    assert found["Naismith-Langmuir, a hiker at 5 km/h"] == pytest.approx(7_200.0 + 6_000.0, rel=1e-3)
    assert found["Naismith-Langmuir, at your flat pace"] == pytest.approx(2_000 * pace_s * 13.2 / 7.2, rel=1e-3)
    assert found["100 m of climb are a kilometre"] == pytest.approx(4_000 * pace_s, rel=2e-3)
    assert found["every km at your flat pace"] == pytest.approx(2_000 * pace_s)


def test_langmuir_is_faster_down_gentle_slopes_and_slower_down_steep_ones() -> None:
    flat_s = said(race_of(flat_plan(2_000)))["Naismith-Langmuir, a hiker at 5 km/h"]
    gentle, steep = (said(uphill(s))["Naismith-Langmuir, a hiker at 5 km/h"] for s in (-0.15, -0.3))
    assert gentle == pytest.approx(flat_s - 2 * 1_500, rel=2e-3) and steep == pytest.approx(
        flat_s + 2 * 3_000, rel=2e-3
    )


def test_riegel_goes_from_the_longest_run_that_is_remembered() -> None:
    """Of 5 km and 20 km the latter, at 2 s for 5 m: half as far is faster by 2^0.06."""
    bundle = shipped()[1]
    assert not [name for name in said(race_of(flat_plan(2_000))) if name.startswith("Riegel")]
    memory = Memory(
        day=(1, 5), distance=(-69, 69), climb=(0, 0), net=(0, 0), pace=(500, 693), heart_rate=(0, 0), cadence=(0, 0)
    )
    known = replace(bundle, athlete=replace(bundle.athlete, runs=2, memory=memory))
    race = race_of(flat_plan(2_000), bundle=known)
    assert flat_steps(known.prior, race.course.columns) == pytest.approx(2_000.0)
    expected_s = 2_000 * np.exp(0.693) / np.exp(0.69 * 0.06)
    assert said(race, known)["Riegel, from your run of 20 km"] == pytest.approx(expected_s, rel=1e-3)


def test_the_slowest_comes_first() -> None:
    times = [rule.moving_s for rule in rules(uphill(0.12), shipped()[1])]
    assert times == sorted(times, reverse=True) and len(times) == 7
