"""Tests that a review takes its options from the plan."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lib.core.errors import InputError
from lib.core.units import IMPERIAL
from lib.race.config import race_texts
from lib.race.words import read_words
from tests.support.races import COURSES
from utils.cli.plan import asked_for
from utils.cli.plan_options import options_of_plan, options_to_keep
from utils.cli.review import complete

SHORT = COURSES / "powell_valley_5km.gpx"


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan's JSON with its course and its stations, and a recording beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(SHORT, tmp_path / "a.gpx")
    (tmp_path / "run.fit").touch()
    words = read_words(
        "plan", [("gpx", "a.gpx"), ("effort", "race"), ("stop", "3"), ("out", "o"), ("so_far", "run.fit")]
    )
    (tmp_path / "o").mkdir()
    path = tmp_path / "o" / "a.json"
    path.write_text(json.dumps({"options": options_to_keep(words, {"stations": "name,km\nHut,2\n", "edition": ""})}))
    return path


def review(plan: Path, **more: str) -> dict[str, object]:
    words = complete(read_words("review", {"plan": str(plan), "recording": "run.fit", **more}.items()))
    return dict(words.values)


def test_options_of_the_plan_are_taken_and_what_is_said_wins(plan: Path) -> None:
    values = review(plan)
    assert (values["gpx"], values["effort"], values["stop_min"]) == (Path("a.gpx"), "race", "3")
    assert values["stations"] == "name,km\nHut,2\n" and values["out"] == Path("reports/plans")
    assert review(plan, effort="easy")["effort"] == "easy"


def test_a_list_of_stations_in_miles_is_one_for_the_review_too(plan: Path) -> None:
    words = read_words("plan", [("gpx", "a.gpx"), ("stations", "1,2"), ("units", "imperial")])
    plan.write_text(json.dumps({"options": options_to_keep(words, race_texts(words.race))}))
    config = asked_for(complete(read_words("review", [("plan", str(plan)), ("recording", "run.fit")]))).config
    assert [station.distance_m for station in config.stations] == pytest.approx([1609.344, 3218.688])
    assert config.units is IMPERIAL


def test_check_ins_of_the_plan_are_what_happened(plan: Path) -> None:
    Path("clocks.csv").write_text("name,in\nkm 2,0:20\n")
    words = read_words("plan", [("gpx", "a.gpx"), ("checkins", "clocks.csv")])
    plan.write_text(json.dumps({"options": options_to_keep(words, race_texts(words.race))}))
    Path("clocks.csv").unlink()
    values = complete(read_words("review", [("plan", str(plan))])).values
    assert values["checkins"] == "name,in\nkm 2,0:20\n" and values["recording"] is None
    said = complete(read_words("review", [("plan", str(plan)), ("checkins", "km 3 0:30")])).values
    assert said["checkins"] == "km 3 0:30"


def test_a_course_beside_the_plan_is_found(plan: Path) -> None:
    Path("a.gpx").rename("o/a.gpx")
    assert review(plan)["gpx"] == plan.parent / "a.gpx"


def test_a_course_that_is_gone_or_another_now_is_said_with_what_to_do(plan: Path) -> None:
    Path("a.gpx").write_text("other")
    with pytest.raises(InputError, match=r"another file than a.json was made of.*GPX="):
        review(plan)
    Path("a.gpx").unlink()
    with pytest.raises(InputError, match=r"No such file.*GPX="):
        review(plan)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"options": 3}', "[" * 100_000])
def test_what_is_no_plan_is_refused(plan: Path, content: str) -> None:
    plan.write_text(content)
    with pytest.raises(InputError, match="the JSON of a plan, with its options"):
        options_of_plan(plan, {})


def test_neither_plan_nor_course_is_asked_for(plan: Path) -> None:
    with pytest.raises(InputError, match="Neither a plan nor a course"):
        complete(read_words("review", [("recording", "run.fit")]))
