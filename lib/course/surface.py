"""Ground of a course, from the tags of OpenStreetMap that planners write at its points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SURFACES: Final = {
    "road": "asphalt paved concrete concrete:plates concrete:lanes paving_stones sett chipseal metal tartan",
    "track": "compacted fine_gravel gravel pebblestone cobblestone unhewn_cobblestone wood",
    "trail": "unpaved ground dirt earth grass grass_paver mud sand soil woodchips",
    "technical": "rock stone bare_rock scree boulders shingle snow ice",
}
_TECHNICAL_SCALES: Final = (
    "demanding_mountain_hiking",
    "alpine_hiking",
    "demanding_alpine_hiking",
    "difficult_alpine_hiking",
)
_ROADS: Final = ("primary", "secondary", "tertiary", "residential", "living_street", "unclassified", "service")
_WORD_OF: Final = {tag: word for word, tags in _SURFACES.items() for tag in (word, *tags.split())}


def ground_of(tags: Mapping[str, str]) -> str:
    """Ground as the pacing law knows it: road, track, trail, technical, or empty where the tags do not say it.

    Parameters
    ----------
    tags : mapping of str to str
        ``surface``, ``sac_scale``, ``highway``; see
        https://wiki.openstreetmap.org/wiki/Key:surface and https://wiki.openstreetmap.org/wiki/Key:sac_scale.
    """
    if tags.get("sac_scale") in _TECHNICAL_SCALES:
        return "technical"
    highway = tags.get("highway", "")
    usual = {"path": "trail", "track": "track"} | dict.fromkeys(_ROADS, "road")
    return _WORD_OF.get(tags.get("surface", ""), "") or usual.get(highway, "")
