"""Tests of `trailcast plan` for one athlete and for several: whose plan it is stands in titles and names of files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.athlete.bundle import save_bundle
from lib.core import schema as c
from lib.report.summary import summary_table, totals
from tests.support.browser import text_of
from tests.support.command import command
from tests.support.plans import flat_plan
from tests.support.races import known_bundle, race_of
from tests.support.served import SHORT

main = command("plan")


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profiles")
    for name in ("Anna", "Zoë & Max"):
        save_bundle(known_bundle(), folder / f"{name}.json")
    (folder / "notes.txt").write_text("none")
    return folder


def run(tmp_path: Path, *words: str) -> int:
    return main([str(SHORT), "--out", str(tmp_path), *words])


def test_a_plan_is_called_after_its_athlete(profiles: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "--athlete", str(profiles / "Zoë & Max.json")) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert "powell_valley_5km_Zoë_Max.html" in names and all(
        name.startswith("powell_valley_5km_Zoë_Max") for name in names
    )
    page = (tmp_path / "powell_valley_5km_Zoë_Max.html").read_text()
    assert "<title>Powell Valley 5 km · Zoë &amp; Max" in page


@pytest.mark.slow
def test_several_athletes_get_a_plan_each_and_an_index(
    profiles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--athletes", str(profiles)) == 0
    index = tmp_path / "powell_valley_5km_index.html"
    said = capsys.readouterr().out
    assert said.endswith(f"→ {index}\n") and said.count("→") == 3
    links = re.findall(r'<a href="([^"]+)"', index.read_text())
    assert links == ["powell_valley_5km_Anna.html", "powell_valley_5km_Zo%C3%AB_Max.html"]
    assert text_of(index.read_text()).count("5.0 km") == 1 and "<h2>" not in index.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--athletes", "{}", "--athlete", "{}/Anna.json"), "athletes and athlete"),
        (("--athletes", "{}", "--notebook", "yes"), "athletes and notebook"),
        (("--athletes", str(SHORT.parent)), "no *.json in it"),
    ],
)
def test_what_is_of_one_athlete_is_refused_for_several(
    profiles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert run(tmp_path, *(word.format(profiles) for word in words)) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("names", [("a b", "a_b"), ("index", "a")])
def test_athletes_whose_files_would_have_one_name_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, str]
) -> None:
    for name in names:
        save_bundle(known_bundle(), tmp_path / f"{name}.json")
    assert run(tmp_path / "out", "--athletes", str(tmp_path)) == 2
    assert "files would have one name" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_totals_and_their_table_say_the_same() -> None:
    race = race_of(flat_plan(400, 2.0, Hut=500.0))
    found = totals(race)
    assert found[c.RACE_TIME] == race.finish_s and found[c.CHANCE] is None and found[c.DISTANCE] == 2_000.0
    table = summary_table([found, found | {c.CHANCE: 0.4, c.MARGIN: -90.0}])
    assert table["race time"][0] == "0:13:20" and table["all cut-offs"] == ["", "40%"]
    assert table["least margin"] == ["", "-2 min"]
