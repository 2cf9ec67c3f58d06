"""The recordings that are read to measure the reader are sound."""

from __future__ import annotations

import pytest

from utils.bench.reading import files_per_second, hour, reading_line


def test_an_hour_is_read_in_each_format(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = files_per_second(1, seconds=600)
    assert set(rates) == set(hour(10)) == {"FIT", "GPX"} and min(rates.values()) > 0
    monkeypatch.setattr("utils.bench.reading.files_per_second", lambda repeats: {"FIT": 3.04, "GPX": 17.0})
    assert reading_line(1) == "- Recordings of an hour at 1 Hz read, files a second: FIT 3.0, GPX 17.0.\n"
