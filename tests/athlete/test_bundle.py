"""What is refused as an athlete profile, and what is as good as any."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from lib.athlete.bundle import MAX_BYTES, load_bundle
from lib.core.errors import InputError
from lib.course.course import load_course
from lib.recordings.activities import load_activity
from tests.support.races import COURSES, MODEL

PROFILE = MODEL / "normalizers.json"
COURSE = COURSES / "powell_valley_5km.gpx"


def test_a_profile_that_an_editor_indented_is_as_good_as_any(tmp_path: Path) -> None:
    indented = tmp_path / "me.json"
    indented.write_text(json.dumps(json.loads(PROFILE.read_text()), indent=4))
    assert indented.stat().st_size > MAX_BYTES
    assert load_bundle(indented) == load_bundle(PROFILE)


def test_course_and_profile_swapped_are_told_apart() -> None:
    with pytest.raises(InputError, match=r"a GPX file; expected an athlete profile.*Give the course as GPX"):
        load_bundle(COURSE)
    with pytest.raises(InputError, match=r"an athlete profile; expected a GPX, TCX or FIT file. Give the course"):
        load_course(PROFILE)
    with pytest.raises(InputError, match="an athlete profile; expected a recording"):
        load_activity(PROFILE)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0" + 50 * b"x", "a JPEG picture"),
        (b"", "an empty file"),
        (gzip.compress(b"\x89PNG picture", mtime=0), "a gzip archive|a PNG picture"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for load in (load_bundle, load_course):
        with pytest.raises(InputError, match=kind):
            load(path)


def test_the_remedy_is_the_command_that_makes_profiles(tmp_path: Path) -> None:
    path = tmp_path / "me.json"
    path.write_text(json.dumps(json.loads(PROFILE.read_text()) | {"schema_version": 99}))
    with pytest.raises(InputError, match="trailcast athlete"):
        load_bundle(path)
