"""The page that tells what an athlete profile has learned."""

from __future__ import annotations

from pathlib import Path

from lib.athlete.bundle import Bundle
from lib.core.files import write_atomically
from lib.core.units import METRIC, Units
from lib.report.profile_card import ProfileCard, card_lines, missing
from utils.plan_page.base import render, source
from utils.plan_page.profile_charts import profile_charts


def profile_page(card: ProfileCard, bundle: Bundle, name: str, units: Units = METRIC) -> str:
    """Return the page that tells what the profile of `name` has learned."""
    return render(
        "profile.html.j2",
        name=name,
        lines=card_lines(card, units),
        missing=missing(card),
        charts={title: (chart.html(), said) for title, (chart, said) in profile_charts(card, units).items()},
        **{key: value for key, value in source(bundle).items() if key != "course_hash"},
    )


def write_profile_page(card: ProfileCard, bundle: Bundle, path: Path, name: str, units: Units = METRIC) -> None:
    """Write the page, whole or not at all; see `profile_page`."""
    write_atomically(path, profile_page(card, bundle, name, units).encode())
