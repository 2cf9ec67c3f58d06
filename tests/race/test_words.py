"""Tests of how words are read: unknown, twice, missing, of another kind, and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core.errors import InputError
from lib.race.options import Surface
from lib.race.words import race_words, read_words


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.gpx", "me.json", "run.fit", "me.parquet"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("surface", "said"),
    [
        (Surface.MAKE, "ATHLET is unknown; did you mean ATHLETE?"),
        (Surface.COMMAND, "--athlet is unknown; did you mean --athlete?"),
        (Surface.API, "athlet is unknown; did you mean athlete?"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(surface: Surface, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_words("plan", [("athlet", "x")], surface)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("command", "pairs", "said"),
    [
        ("plan", [], "plan: no --gpx; expected trailcast plan --gpx course.gpx"),
        ("plan", [("gpx", "none.gpx")], "No such file: none.gpx."),
        ("plan", [("gpx", ".")], "a folder"),
        ("plan", [("gpx", "a.gpx"), ("dem", "none")], "No such file: none."),
        ("plan", [("gpx", "a.gpx"), ("goal", "3:30"), ("TARGET", "3:30")], "--goal and --target, which is the same"),
        ("plan", [("gpx", "a.gpx"), ("effort", "1"), ("effort", "1")], "--effort: two values"),
        ("plan", [("gpx", "a.gpx"), ("start", "2" * 65)], "--start: 65 characters; expected 64 at most"),
        ("plan", [("gpx", "a.gpx"), ("notebook", "maybe")], "--notebook: 'maybe'; expected yes or no"),
        ("serve", [("port", "-1")], "--port: '-1'; expected a whole number"),
        ("athlete", [("data", "me.parquet"), ("out", "me.parquet")], "expected a name that ends in .json"),
        ("sessions", [("data", "me.parquet"), ("out", "me.json")], "expected a name that ends in .parquet"),
        ("sessions", [("data", "me.parquet"), ("out", "./me.parquet")], "--data and --out of the same name"),
        ("athlete", [("data", "me.json"), ("out", "me.json")], "--data and --out of the same name"),
    ],
)
def test_a_mistake_is_named(here: Path, command: str, pairs: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_words(command, pairs)
    assert said in str(caught.value)


def test_an_empty_value_leaves_an_option_open(here: Path) -> None:
    words = read_words("plan", [("GPX", "a.gpx"), ("GOAL", ""), ("EFFORT", " ")])
    assert (words["goal"], words["effort"], words.given) == ("", "usual", {"gpx": "a.gpx"})


def test_words_are_read_as_their_kinds(here: Path) -> None:
    words = read_words("compare", [("gpx", "a.gpx"), ("athletes", "me.json"), ("starts", "x, y"), ("notebook", "yes")])
    assert (words["athletes"], words["starts"], words["notebook"]) == ((Path("me.json"),), ("x", "y"), True)
    assert words["efforts"] == () and words["elevation_model"] is None


def test_words_of_a_race_have_defaults_and_former_names() -> None:
    said = race_words({"target": "3:30", "stop_min": "2"})
    assert (said["goal"], said["other_stops"], said["effort"], said["stop_min"]) == ("3:30", "habit", "usual", "2")
    with pytest.raises(InputError, match=r"stop_mim is unknown; did you mean stop_min\?"):
        race_words({"stop_mim": "2"})
