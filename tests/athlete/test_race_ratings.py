"""Races are found by name, however it is written; where several answer, all are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.athlete.race_ratings import (
    AmbiguousRaceError,
    RaceRating,
    RaceTable,
    log_effort_km,
    plain,
    race_key,
    read_ratings,
    shipped_ratings,
)
from lib.core.errors import InputError


def rating(name: str, km: float, climb_m: float, n: int = 10) -> RaceRating:
    return RaceRating((race_key(name),), km, climb_m, 0.05, 0.03, 0.02, n)


LONG, SHORT, RELAY = rating("Saintélyon", 80.0, 2_200), rating("SaintéLyon 44", 44.0, 1_200), rating("Relais", 20, 100)
TABLE = RaceTable((SHORT, LONG, RELAY))


# --- names -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Grand Trail des Templiers 2024", "grand trail templiers"),
        ("L'Échappée Belle - 85 km", "echappee belle 85k"),
        ("HOKA UTMB® Mont-Blanc by UTMB", "utmb mont blanc"),
        ("Œuvre  ™ Straße 50K", "oeuvre strasse 50k"),
        ("The Race of the Race", "race"),
        ("2024", ""),
    ],
)
def test_a_name_is_told_by_its_words(written: str, key: str) -> None:
    assert race_key(written) == key


@given(st.text(max_size=60))
def test_a_key_is_plain_and_stays_as_it_is_in_other_dress(name: str) -> None:
    key = race_key(name)
    assert key == key.lower() and key.isascii() and key == " ".join(key.split())
    assert race_key(f"  {name} ") == key
    assert len(set(key.split())) == len(key.split())


@given(st.sampled_from(shipped_ratings().ratings), st.integers(1990, 2030), st.booleans())
def test_every_race_answers_to_its_names_of_any_year(race: RaceRating, year: int, loud: bool) -> None:
    for name in race.names:
        said = f"{name.upper() if loud else name} {year}"
        assert race in shipped_ratings().find(said)
        found = shipped_ratings().get(said, race.km, race.climb_m)
        assert found is not None and name in found.names
        assert abs(float(log_effort_km(found.km, found.climb_m) - log_effort_km(race.km, race.climb_m))) < 1e-9


@given(st.text(max_size=60))
def test_whatever_is_asked_for_is_found_or_not_but_never_fails(name: str) -> None:
    found = shipped_ratings().find(name)
    assert len(set(map(id, found))) == len(found)
    assert bool(plain(name)) or not found


# --- which race is meant -----------------------------------------------------------------------------------------
def test_the_exact_name_comes_first_and_size_tells_races_of_one_name() -> None:
    assert TABLE.find("saintelyon") == [LONG, SHORT]
    assert TABLE.get("Saintelyon 2025", 78.0, 2_150) is LONG
    assert TABLE.get("SainteLyon", 44.0, 1_200) is SHORT
    assert TABLE.get("sainte lyon", 44.0, 1_200) is SHORT


def test_another_size_is_another_race() -> None:
    assert TABLE.get("Saintélyon", 160.0, 2_200) is None
    assert TABLE.get("Nobody's race", 80.0, 2_200) is None
    assert TABLE.get(None, 80.0, 2_200) is None
    assert RaceTable().get("Saintélyon", 80.0, 2_200) is None


def test_several_races_of_about_that_size_are_asked_back() -> None:
    table = RaceTable((rating("Alp Trail North", 50.0, 2_000), rating("Alp Trail South", 52.0, 2_050)))
    with pytest.raises(AmbiguousRaceError, match=r"alp trail north \(50 km, 2,000 m\); alp trail south") as caught:
        table.get("Alp Trail", 47.0, 2_000)
    assert len(caught.value.candidates) == 2
    assert table.get("Alp Trail", 50.0, 2_000) is table.ratings[0]


def test_of_many_candidates_a_few_are_listed() -> None:
    table = RaceTable(tuple(rating(f"Alp {letter}x", 50.0 + i / 10, 2_000) for i, letter in enumerate("bcfghijkm")))
    with pytest.raises(AmbiguousRaceError, match=r"9 races called 'alp'.*and 1 more"):
        table.get("alp", 50.4, 2_000)


# --- the file ----------------------------------------------------------------------------------------------------
def test_the_shipped_ratings_are_small_and_sound() -> None:
    path = Path(__file__).resolve().parents[2] / "checkpoints_v2" / "races.csv"
    assert path.stat().st_size <= 300_000
    ratings = shipped_ratings().ratings
    assert len(ratings) > 1_000
    assert all(abs(r.effect) < 0.5 and 0 < r.sd < 0.2 and r.shared_sd <= r.sd + 1e-9 and r.n >= 2 for r in ratings)
    assert all(race_key(name) == name for r in ratings for name in r.names)


def test_a_table_that_is_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "races.csv"
    head = "names,km,climb_m,effect,sd,shared_sd,n,editions\n"
    path.write_text(head + "alp,50,2000,0.1,0.05,0.03,12,2023:0.08:0.04|2024:0.12:0.03\n", encoding="utf-8")
    read = read_ratings(path)
    assert read.ratings[0].editions == {2023: (0.08, 0.04), 2024: (0.12, 0.03)}
    for text in ("name\nx\n", head + "alp,far,2000,0.1,0.05,0.03,12,\n", head + "alp,50,2000,nan,0.05,0.03,12,\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError):
            read_ratings(path)
    with pytest.raises(InputError, match="No such file"):
        read_ratings(tmp_path / "none.csv")
