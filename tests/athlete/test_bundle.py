"""What is refused as an athlete profile, and what is as good as any."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lib.athlete.bundle import MAX_BYTES, load_bundle, save_bundle
from lib.athlete.profile import KEPT_RESULTS, with_results
from lib.athlete.results_level import Result
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


LINE = Result(2026.45, 50.0, 2_300.0, 200 * "a long name ", time_s=24_060.0, rank=12, finishers=300)


def test_results_stay_in_a_profile_that_stays_small(tmp_path: Path) -> None:
    bundle = load_bundle(PROFILE)
    results = [replace(LINE, year=2000.5 + i) for i in range(KEPT_RESULTS + 3)]
    kept = bundle.for_athlete(with_results(bundle.athlete, results))
    assert save_bundle(kept, tmp_path / "me.json") <= MAX_BYTES
    read = load_bundle(tmp_path / "me.json")
    assert read == kept and [r.year for r in read.athlete.results] == [2003.5 + i for i in range(KEPT_RESULTS)]
    assert with_results(kept.athlete, read.athlete.results) == kept.athlete


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"time_s": -1.0}, "time_s = -1.0 in results in athlete"),
        ({"time_s": "6:41"}, "time_s = '6:41' in results"),
        ({"rank": 1.5}, "rank = 1.5 in results"),
        ({"race": ["Alp"]}, "race = a list of 1 in results"),
        ({"km": 0.0}, "km = 0.0 in results"),
        ({"shoes": 1}, "an unknown field 'shoes' in results"),
    ],
)
def test_results_that_cannot_be_are_refused_in_a_profile(tmp_path: Path, change: dict[str, object], said: str) -> None:
    content = json.loads(PROFILE.read_text())
    content["athlete"]["results"] = [asdict(replace(LINE, race="Alp")) | change]
    (tmp_path / "me.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=said):
        load_bundle(tmp_path / "me.json")
