"""The HTML frame of every page: one file that reads on a screen, prints on A4 and requests nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

if TYPE_CHECKING:
    from lib.athlete.bundle import Bundle

SHEETS: Final = ("page.css", "chart.css", "dark.css", "map.css", "plan.css")
"""Style sheets of a page."""
TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def style(*names: str) -> str:
    """Return style sheets of `TEMPLATES` as one text."""
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["transposed"] = lambda columns: list(zip(*columns, strict=True))
    return environment


def render(template: str, *, scripts: Sequence[str] = (), sheets: Sequence[str] = SHEETS, **values: Any) -> str:
    """Render a page from a template that extends ``base.html.j2``.

    Parameters
    ----------
    template : str
        Name of a file in `TEMPLATES`.
    scripts : sequence of str
        Names of scripts there, joined to one: the only one that may run, as its hash stands in the page's security
        policy.
    sheets : sequence of str
        Names of its style sheets.
    **values : object
        What the template shows; text is escaped.
    """
    code = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in scripts)
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style(*sheets)),
            script=Markup(code),
            script_hash=base64.b64encode(hashlib.sha256(code.encode()).digest()).decode("ascii") if code else "",
            **values,
        )
    )


def source(bundle: Bundle, course_sha256: str = "") -> dict[str, str]:
    """Return what a page says of its origin: model, hash of the course's file, day and version."""
    return {
        "model": bundle.checkpoint_sha256[:12],
        "course_hash": course_sha256[:12] or "unknown",
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": _version(),
    }


def _version() -> str:
    try:
        return metadata.version("trailcast")
    except metadata.PackageNotFoundError:  # an image holds its files, and installs none
        return "unknown"
