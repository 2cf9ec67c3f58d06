"""In: the list of columns. Out: that every column has one name, one unit and one role."""

from __future__ import annotations

from lib.core import schema as c


def test_every_column_is_described_once() -> None:
    names = [column.name for column in c.COLUMNS]
    assert len(names) == len(set(names))
    constants = {value for name, value in vars(c).items() if name.isupper() and isinstance(value, str)}
    assert set(names) <= constants


def test_lists_hold_columns_of_their_role() -> None:
    role = {column.name: column.role for column in c.COLUMNS}
    for names, expected in (
        (c.KNOWN_REALS, "known"),
        (c.STATIC_REALS, "static"),
        (c.OBSERVED_REALS, "observed"),
        (c.TARGETS, "target"),
        (c.TARGET_RESIDUALS, "target"),
    ):
        assert {role[name] for name in names} == {expected}


def test_the_unit_stands_in_the_name() -> None:
    endings = {"m": "_m", "s": "_s", "bpm": "_bpm", "rpm": "_rpm", "km": "_km", "°C": "_c"}
    for column in c.COLUMNS:
        if column.unit in endings:
            assert column.name.endswith(endings[column.unit]), column.name
