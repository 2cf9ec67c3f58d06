"""Tests of the words for sports in many languages, and of what becomes of a word that is none of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.recordings.importer import sessions_from_path
from lib.recordings.sports import is_known, sport_name
from tests.support.faulty import as_gpx, run

WORDS = {
    "English": ("Trail Run|Track Run|run|track|trail|TrailRunning", "Mountain Biking", "Hike"),
    "German": ("Laufen|Läufe|Berglauf|Geländelauf", "Radfahren", "Wandern"),
    "French": ("Course à pied|Course sur route|Trail", "Vélo", "Randonnée"),
    "Spanish": ("Correr|Carrera|Trail running", "Ciclismo", "Senderismo"),
    "Italian": ("Corsa|Corsa in montagna|Podismo", "Bicicletta", "Escursionismo"),
    "Portuguese": ("Corrida|Corrida de trilha", "Ciclismo", "Trilha"),
    "Dutch": ("Hardlopen|Trail hardlopen", "Fietsen", "Trekking"),
    "Swedish": ("Löpning|Terränglöpning", "Cykling", "Vandring"),
    "Polish": ("Bieganie|Bieg górski", "Rower", "Wędrówka"),
    "Russian": ("Бег|Пробежка|Трейлраннинг", "Велосипед", "Поход"),
    "Chinese": ("跑步|越野跑", "骑行", "徒步"),
    "Japanese": ("ランニング|トレイルラン", "サイクリング", "ハイキング"),
    "Korean": ("달리기|트레일런", "자전거", "등산"),
}
"""By language: running, cycling and hiking."""


@pytest.mark.parametrize("language", list(WORDS))
def test_running_cycling_and_hiking_are_told_apart(language: str) -> None:
    running, cycling, hiking = WORDS[language]
    for word in running.split("|"):
        for written in (word, word.upper(), word.replace(" ", "_")):
            assert sport_name(written) == "running", written
    assert (sport_name(cycling), sport_name(hiking)) == ("cycling", "hiking")
    assert all(map(is_known, map(sport_name, (cycling, hiking))))


@pytest.mark.parametrize(
    ("word", "sport"),
    [
        ("Trail Ride", "cycling"),
        ("track_cycling", "cycling"),
        ("Fell Walking", "walking"),
        ("Trail Hike", "hiking"),
        ("Run/Walk", "running"),
        ("Brunch", "brunch"),
    ],
)
def test_trail_track_and_fell_are_running_unless_another_sport_stands_beside_them(word: str, sport: str) -> None:
    assert sport_name(word) == sport


@pytest.mark.parametrize(("mps", "status"), [(2.8, "session"), (1.3, "other sport"), (9.0, "other sport")])
def test_an_unknown_word_is_judged_by_the_motion(tmp_path: Path, mps: float, status: str) -> None:
    next_day = [replace(sample, time_s=sample.time_s + 86_400.0) for sample in run()]
    (tmp_path / "sound.gpx").write_bytes(as_gpx(next_day))  # a folder without any run is refused
    (tmp_path / "unknown.gpx").write_bytes(as_gpx(run(mps=mps), kind="Quidditch"))
    assert not is_known(sport_name("Quidditch"))
    _, summary = sessions_from_path(tmp_path, progress=False)
    outcome = summary.by_file()["unknown.gpx"]
    assert outcome.status == status, outcome
    said = "the sport 'quidditch' is not known; taken for running by its speed"
    assert (said in outcome.warnings) == (status == "session")
