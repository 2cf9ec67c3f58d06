"""The page of an athlete profile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.athlete.profile import AthleteProfile
from lib.core.units import IMPERIAL
from lib.race.results_text import results_from_text
from lib.report.profile_card import card_lines, profile_card
from tests.report.test_profile_card import MODEL, bundle_of, card_of
from tests.support.browser import metric_lengths, text_of
from utils.notebooks.render import loaded_resources
from utils.plan_page.profile_page import profile_page, write_profile_page

pytestmark = pytest.mark.slow


def test_it_shows_what_was_learned_and_requests_nothing() -> None:
    html = profile_page(card_of(12), bundle_of(12), "Anna <b>")
    said = text_of(html)
    assert "Anna <b>" in said and "12 in 33 days" in said and "Pace by slope" in said and "Past predictions" in said
    assert html.count("<figure") == 4
    assert loaded_resources(html) == []


def test_imperial_units_are_on_all_of_the_page() -> None:
    card, bundle = card_of(12), bundle_of(12)
    results = results_from_text("31 mi, 7500 ft, 6:41, 2026-06-14")
    said = text_of(profile_page(replace(card, results=results), bundle, "Anna", IMPERIAL))
    assert "the longest 6.2 mi" in said and "6.2 mi on the flat at " in said and "min/mi, as usual" in said
    assert "6:41 for 31 mi and 7,500 ft" in said
    assert metric_lengths(said) == [] and len(metric_lengths(" ".join(card_lines(card).values()))) == 2


def test_a_profile_of_nobody_has_no_figures_but_advice(tmp_path: Path) -> None:
    nobody = MODEL.for_athlete(AthleteProfile())
    write_profile_page(profile_card(nobody), nobody, tmp_path / "me.html", "me")
    html = (tmp_path / "me.html").read_text()
    assert "<figure" not in html and "would help" in text_of(html)
