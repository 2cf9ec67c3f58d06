from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.core.units import IMPERIAL, METRIC, units_of


def test_lengths_and_paces_by_hand() -> None:
    assert (IMPERIAL.distance(42_195.0, 2), IMPERIAL.height(304.8), IMPERIAL.pace) == ("26.22", "1000", "min/mi")
    assert (METRIC.distance(42_195.0), METRIC.height(304.8), METRIC.pace) == ("42.2", "305", "min/km")
    assert IMPERIAL.pace_s(np.array([300.0]))[0] == pytest.approx(482.8, abs=0.01)


def test_a_word_for_units_is_read() -> None:
    assert [units_of(text) for text in ("", "metric", " Imperial ")] == [METRIC, METRIC, IMPERIAL]
    with pytest.raises(InputError, match="metric or imperial"):
        units_of("furlongs")
