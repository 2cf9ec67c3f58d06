"""Tests of the guess of a course's time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lib.race import zones
from lib.race.zones import zone_near

PLACES = {
    "Chamonix": (45.92, 6.87, 2.0),
    "Millau": (44.10, 3.08, 2.0),
    "Réunion": (-21.34, 55.48, 4.0),
    "Leadville": (39.25, -106.29, -6.0),
    "Western States": (39.19, -120.23, -7.0),
    "Knoxville": (35.96, -83.92, -4.0),
    "Blue Mountains": (-33.71, 150.31, 10.0),
    "Hardrock": (37.81, -107.66, -6.0),
    "Comrades": (-29.6, 30.4, 2.0),
    "Hong Kong": (22.4, 114.2, 8.0),
    "Canary Islands": (27.96, -15.59, 1.0),
    "Lavaredo": (46.54, 12.14, 2.0),
    "Mont-Tremblant": (46.2, -74.6, -4.0),
    "Fuji": (35.5, 138.8, 9.0),
    "Tarawera": (-38.1, 176.3, 12.0),
    "Madeira": (32.74, -17.0, 1.0),
}


@pytest.mark.parametrize("name", PLACES)
def test_clocks_of_well_known_races_are_right(name: str) -> None:
    lat, lon, hours = PLACES[name]
    found = zone_near(lat, lon)
    assert found is not None
    offset = datetime(2026, 6, 20, 12, tzinfo=ZoneInfo(found)).utcoffset()
    assert offset is not None and offset.total_seconds() / 3600.0 == hours


def test_the_open_sea_and_a_machine_without_zones_have_no_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    assert zone_near(-48.9, -123.4) is None  # Point Nemo
    monkeypatch.setattr(zones, "_text", lambda: "")
    zones._cities.cache_clear()
    assert zone_near(45.9, 6.9) is None
    zones._cities.cache_clear()
