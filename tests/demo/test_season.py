"""A demo athlete's months are consistent."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.demo.season import SimulationConfig, form_on, session_days, session_efforts, session_trails

DEFAULT = SimulationConfig()


def test_the_default_athlete_has_101_sessions_and_about_450_000_steps() -> None:
    steps = [len(path) - 1 for path in session_trails(DEFAULT)]
    assert len(steps) == 101
    assert 425_000 <= sum(steps) <= 475_000
    assert 5 * min(steps) > 6_000 and 5 * max(steps) < 50_000


def test_days_increase_over_18_to_24_months() -> None:
    days = session_days(DEFAULT)
    assert days[0] == 0
    assert (np.diff(days) > 0).all()
    assert 540 < days[-1] < 740


def test_form_spans_its_range_smoothly() -> None:
    form = form_on(DEFAULT, np.arange(session_days(DEFAULT)[-1] + 1))
    assert np.ptp(form) == pytest.approx(0.13, abs=0.001)
    assert form.mean() == pytest.approx(1, abs=0.01)
    assert np.abs(np.diff(form)).max() < 0.005


def test_form_goes_on_after_the_last_session() -> None:
    last = session_days(DEFAULT)[-1]
    assert np.abs(form_on(DEFAULT, last + 1) - form_on(DEFAULT, last)) < 0.005
    assert 0.5 < float(form_on(DEFAULT, last + 10_000)) < 1.5


def test_effort_costs_and_gains_as_much_time() -> None:
    efforts = session_efforts(SimulationConfig(n_sessions=2_000))
    assert (1 / efforts).mean() == pytest.approx(1, abs=0.01)
    assert 0.04 < np.log(efforts).std() < 0.1
    assert np.corrcoef(efforts[1:], efforts[:-1])[0, 1] > 0.05


def test_a_key_names_the_configuration() -> None:
    assert SimulationConfig().key == DEFAULT.key
    assert SimulationConfig(seed=1).key != DEFAULT.key
    assert len(DEFAULT.key) == 16


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("seed", 1.5),
        ("seed", True),
        ("n_sessions", 0),
        ("mean_km", 5.0),
        ("mean_km", "far"),
        ("max_km", 100.0),
        ("days_between", 0.5),
        ("form_range", float("nan")),
        ("new_watch", 2.0),
        ("athlete", None),
    ],
)
def test_an_impossible_configuration_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(InputError) as refused:
        SimulationConfig(**{field: value})  # type: ignore[arg-type]
    assert refused.value.source in (field, "min_km")
