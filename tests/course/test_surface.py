"""Ground of a course: tags that planners write at points become words of the pacing law."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.pacing_law import GROUNDS
from lib.course.course import read_course
from lib.course.surface import ground_of

_ATTRIBUTES = (
    "<extensions><gpxtpx:TrackPointExtension><gpxtpx:Extensions {}/></gpxtpx:TrackPointExtension></extensions>"
)


def course_with(extensions: list[str]) -> bytes:
    """A course of points 100 m apart, each with its extensions."""
    points = "".join(
        f'<trkpt lat="{47 + i * 100 / 111_195:.6f}" lon="11"><ele>500</ele>{text}</trkpt>'
        for i, text in enumerate(extensions)
    )
    return f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>".encode()


@pytest.mark.parametrize(
    ("tags", "ground"),
    [
        ({"surface": "asphalt"}, "road"),
        ({"surface": "fine_gravel"}, "track"),
        ({"surface": "ground"}, "trail"),
        ({"surface": "bare_rock"}, "technical"),
        ({"surface": "technical"}, "technical"),
        ({"surface": "asphalt", "sac_scale": "alpine_hiking"}, "technical"),
        ({"surface": "ground", "sac_scale": "mountain_hiking"}, "trail"),
        ({"highway": "path"}, "trail"),
        ({"highway": "residential"}, "road"),
        ({"surface": "unknown", "highway": "track"}, "track"),
        ({"surface": "lava"}, ""),
        ({}, ""),
    ],
)
def test_tags_become_words(tags: dict[str, str], ground: str) -> None:
    assert ground_of(tags) == ground
    assert ground in GROUNDS


@pytest.mark.parametrize(
    "write",
    [
        lambda word: _ATTRIBUTES.format(f'surface="{word}"'),
        lambda word: f"<extensions><surface> {word.upper()} </surface></extensions>",
    ],
)
def test_a_course_has_the_ground_of_its_points(write) -> None:
    course = read_course(course_with([write("asphalt")] * 6 + [write("rock")] * 5))
    assert course.ground is not None
    assert course.ground.shape == (course.steps,)
    assert np.flatnonzero(course.ground == "technical").min() == pytest.approx(120, abs=1)
    assert set(course.ground) == {"road", "technical"}


def test_where_nothing_is_said_nothing_is_known() -> None:
    heart_rate = "<extensions><hr>150</hr></extensions>"
    assert read_course(course_with([heart_rate] * 11)).ground is None
    course = read_course(course_with([heart_rate] * 6 + ["<extensions><surface>sett</surface></extensions>"] * 5))
    assert set(course.ground) == {"", "road"}
