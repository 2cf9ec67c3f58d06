"""The page that lists the plans of several runners, course by course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.core.units import METRIC, Units
from lib.report.summary import summary_table
from utils.plan_page.base import render, source


def index_page(title: str, rows: Sequence[Mapping[str, Any]], bundle: Bundle, units: Units = METRIC) -> str:
    """Make the page.

    Parameters
    ----------
    title : str
        What it is called.
    rows : sequence of mapping
        A plan each: `lib.core.schema.ATHLETE`, `COURSE`, and `lib.report.summary.totals` or an `ERROR`; where its page
        lies, seen from this one, under `PAGE`.
    bundle : Bundle
        Of the model.
    units : Units
        How lengths are shown.
    """
    by_course: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_course.setdefault(row[c.COURSE], []).append(row)
    courses = []
    for course, plans in sorted(by_course.items()):
        made = sorted((row for row in plans if row.get(c.ERROR) is None), key=lambda row: row[c.RACE_TIME])
        table = summary_table(made)
        courses.append({
            "name": course,
            "way": _way(made[0], units) if made else "",
            "head": ["athlete", *table],
            "rows": [
                {"athlete": row[c.ATHLETE], "page": _link(row.get(c.PAGE)), "cells": cells}
                for row, cells in zip(made, zip(*table.values(), strict=True), strict=True)
            ],
            "errors": [f"{row[c.ATHLETE]}: {row[c.ERROR]}" for row in plans if row.get(c.ERROR) is not None],
        })  # fmt: skip
    return render("index.html.j2", name=title, courses=courses, **source(bundle))


def _way(row: Mapping[str, Any], units: Units) -> str:
    length, up = units.distance(row[c.DISTANCE]), units.height(row[c.CLIMB])
    return f"{length} {units.long}, {up} {units.high} up"


def _link(page: str | None) -> str:
    return "" if page is None else quote(page)
