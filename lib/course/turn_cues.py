"""Tells cues of route planners, at turns and climbs, from places where something is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from lib.core.gpx import Place
from lib.core.text import counted_noun

_TURN: Final = re.compile(
    r"(?:(?:turn|slight|sharp|bear|keep|hard|fork|exit)[ _-]*)*(?:left|right|straight|u[ _-]?turn|uturn)"
    r"(?:[ _-]*(?:turn|fork|exit))?|(?:turn|go|continue)[ _-]*(?:straight|ahead)?|roundabout.*|"
    r"(?:hors|first|second|third|fourth|1st|2nd|3rd|4th)[ _-]category|climb cue|"
    r"(?:\w+ )?(?:links|rechts|geradeaus|gauche|droite|izquierda|derecha|sinistra|destra)",
    re.IGNORECASE,
)
_FEWEST: Final = 20
_EVERY_KM: Final = 0.5
"""Nobody sets up stations as close as this all along a course."""


def without_cues(places: Sequence[Place], length_km: float, repairs: list[str]) -> list[Place]:
    """Leave out waypoints that say where to turn, which are no stations, and say how many.

    Known by their kind, as TCX and FIT have it (``Left``, ``slight right``), by a name that says no more, or, where
    they say nothing of themselves, by their number: more than one every 500 m.

    Parameters
    ----------
    places : sequence of Place
        Waypoints of a file.
    length_km : float
        Length of the course (km).
    repairs : list of str
        What was left out is added in words.
    """
    kept = [place for place in places if not _turns(place)]
    plain = [place for place in kept if not (place.kind or place.symbol or place.description or place.comment)]
    if len(plain) > max(_FEWEST, length_km / _EVERY_KM):
        kept = [place for place in kept if place.kind or place.symbol or place.description or place.comment]
    if len(kept) < len(places):
        repairs.append(f"{counted_noun(len(places) - len(kept), 'turn cue')} among the waypoints left out")
    return kept


def _turns(place: Place) -> bool:
    return any(_TURN.fullmatch(text.strip()) for text in (place.kind, place.symbol, place.name) if text.strip())
