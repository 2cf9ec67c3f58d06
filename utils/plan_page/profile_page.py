"""The page that tells what an athlete profile has learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from lib.athlete.bundle import Bundle
from lib.core.files import write_atomically
from lib.report.profile_card import ProfileCard, card_lines, missing, profile_card
from utils.plan_page.base import render, source
from utils.plan_page.figures import NARROW_IN, drawing, svg_bytes
from utils.plots.profile_plots import plot_form, plot_heart_rate_by_pace, plot_past_predictions, plot_slope_paces

_HEIGHT_IN: Final = 3.2
Plot = Callable[..., Axes]


def _pictures(card: ProfileCard) -> dict[str, dict[str, object]]:
    """What can be drawn of a profile, each wide and narrow."""
    wanted: dict[str, tuple[Plot, bool, str]] = {
        "Pace by slope": (
            plot_slope_paces,
            card.slope.size > 1,
            "At the level of this athlete; where the lines part, climbs or descents are a strength or a weakness.",
        ),
        "Form": (
            plot_form,
            card.day.size > 1,
            "Each dot is a remembered run, without its slopes; of older runs, those are kept whose kind is rare.",
        ),
        "Heart rate by pace": (
            plot_heart_rate_by_pace,
            int(np.isfinite(card.heart_rate_bpm).sum()) > 1,
            "Mean heart rate of each remembered run; the stronger the colour, the later.",
        ),
        "Past predictions": (
            plot_past_predictions,
            card.day.size > 1,
            "Time of each remembered run against what the ones before it suggested; above 0 it took longer.",
        ),
    }
    return {
        name: {"wide": _svg(plot, card, 6.2), "narrow": _svg(plot, card, NARROW_IN), "reading": said}
        for name, (plot, enough, said) in wanted.items()
        if enough
    }


def _svg(plot: Plot, card: ProfileCard, width_in: float) -> bytes:
    return svg_bytes(plot(card, ax=plt.subplots(figsize=(width_in, _HEIGHT_IN), layout="constrained")[1]).figure)


def profile_page(bundle: Bundle, name: str) -> str:
    """Return the page that tells what the profile of `name` has learned."""
    card = profile_card(bundle)
    with drawing():
        pictures = _pictures(card)
    return render(
        "profile.html.j2",
        name=name,
        lines=card_lines(card),
        missing=missing(card),
        pictures=pictures,
        **{key: value for key, value in source(bundle).items() if key != "course_hash"},
    )


def write_profile_page(bundle: Bundle, path: Path, name: str) -> None:
    """Write the page, whole or not at all; see `profile_page`."""
    write_atomically(path, profile_page(bundle, name).encode())
