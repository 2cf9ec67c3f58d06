"""The figures of a race plan as SVG, and where places of the course are on them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.core import schema as c
from lib.plan.race_plan import RacePlan
from lib.report.assumptions import fades
from utils.plots.race_plots import plane_m, plot_chance, plot_fading, plot_map, race_figure

_PIECES: Final = 500
NARROW_IN: Final = 4.8
"""Width of a figure for a phone."""
_SVG: Final = {"svg.hashsalt": "trailcast", "svg.fonttype": "none", "path.simplify_threshold": 0.3}


def svg_bytes(figure: Figure) -> bytes:
    """Return a figure as SVG, the same bytes for the same figure; the figure is closed."""
    content = io.BytesIO()
    laid_out(figure)
    with mpl.rc_context(_SVG):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": "trailcast"})
    plt.close(figure)
    return content.getvalue()


def laid_out(figure: Figure) -> None:
    """Lay a figure out once and for all: saving it would do so again, which takes most of the time."""
    if figure.get_layout_engine() is not None:
        figure.draw_without_rendering()
        figure.set_layout_engine(None)


def _places(ax: Axes, race: RacePlan, at_steps: np.ndarray) -> np.ndarray:
    """Where steps are drawn on a map that is laid out, as fractions of its figure from the upper left, shape (N, 2)."""
    columns = race.course.columns
    drawn = ax.transData.transform(plane_m(columns[c.LATITUDE], columns[c.LONGITUDE])[at_steps])
    shares = drawn / np.array([ax.figure.bbox.width, ax.figure.bbox.height])
    return np.column_stack([shares[:, 0], 1.0 - shares[:, 1]])


@dataclass(frozen=True, eq=False)
class Drawn:
    """The figures of a race plan, as SVG, and where places of the course are on them.

    Parameters
    ----------
    along, narrow, map, chance : bytes
        Profile, pace, heart rate and cadence, and the same for a phone; the map; the chances of a finish, empty for a
        plan to a goal.
    ends, narrow_ends : pair of float
        Where the distance axes of the first two begin and end, as fractions of their width.
    steps : ndarray of int, shape (N,)
        Steps whose values the page can say.
    places : ndarray, shape (N, 2)
        Where these are on the map, as fractions of its width and height from the upper left.
    map_aspect : float
        Width over height of the map.
    fading : bytes
        What hours cost; empty for a short run.
    """

    along: bytes
    narrow: bytes
    map: bytes
    chance: bytes
    ends: tuple[float, float]
    narrow_ends: tuple[float, float]
    steps: np.ndarray
    places: np.ndarray
    map_aspect: float
    fading: bytes = b""


@contextmanager
def drawing() -> Iterator[None]:
    """Draw without warnings that letters are missing here: they are text in these figures."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing|Matplotlib currently does not support")
        yield


def draw(race: RacePlan) -> Drawn:
    """Draw the figures of a race plan."""
    with drawing():
        return _draw(race)


def _draw(race: RacePlan) -> Drawn:
    steps = np.unique(np.linspace(0, race.course.steps - 1, _PIECES).round().astype(int))
    along, narrow, plan_map = race_figure(race, 10.0, 9.0), race_figure(race, NARROW_IN, 7.6), plot_map(race)
    for figure in (along, narrow, plan_map.figure):
        laid_out(figure)  # then places are known
    ends = [tuple(map(float, figure.axes[0].get_position().intervalx)) for figure in (along, narrow)]
    width, height = plan_map.figure.get_size_inches()
    places = _places(plan_map, race, steps)
    svg = [svg_bytes(figure) for figure in (along, narrow, plan_map.figure)]
    chance = b"" if race.to_a_goal else _small(plot_chance, race, 3.3)
    fading = _small(plot_fading, race, 2.4) if fades(race) else b""
    return Drawn(*svg, chance, *ends, steps, places, float(width / height), fading)


def _small(plot: Callable[..., Axes], race: RacePlan, height_in: float) -> bytes:
    """A figure for half of the page's width."""
    return svg_bytes(plot(race, ax=plt.subplots(figsize=(6.2, height_in), layout="constrained")[1]).figure)
