"""The original pipeline learns from the history alone, and predicts what it is asked."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.prior import Prior
from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.cases import walk
from lib.evaluation.metrics import leaderboard_rows
from lib.evaluation.original.baseline import ORIGINAL, SESSIONS, original_records, original_sessions
from lib.evaluation.original.recipe import OriginalConfig
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow  # trains networks

CONFIG = OriginalConfig(encoder_length=40, decoder_length=20, hidden_size=4, hidden_continuous_size=2, steps=2)
ALL = small_sessions(6, steps=160)
HISTORY = ALL[ALL[c.SESSION_ID] < 4]


def test_each_case_is_predicted_without_an_interval_and_without_a_look_at_it() -> None:
    cases = list(walk("a", ALL, Prior(), first=4))
    changed = ALL.assign(**{c.DURATION: np.where(ALL[c.SESSION_ID] == 5, 3.0, 1.0) * ALL[c.DURATION]})
    others = list(walk("a", changed, Prior(), first=4))
    one, two = (original_records({"a": HISTORY}, {"a": some}, CONFIG) for some in (cases, others))
    assert [record[c.SESSION_ID] for record in one] == [4, 5]
    assert [record["predicted_s"] for record in one] == [record["predicted_s"] for record in two]
    assert two[1]["moving_s"] == pytest.approx(3 * one[1]["moving_s"])
    (row,) = leaderboard_rows(one)
    assert (row["predictor"], row["n"]) == (ORIGINAL, 2)
    assert row["coverage80"] is None
    assert row["width80_pct"] is None
    assert row["mape"] > 0


def test_an_athlete_without_history_is_left_out() -> None:
    assert original_records({}, {"new": list(walk("new", ALL, Prior(), first=5))}, CONFIG) == []


def test_it_learns_from_the_latest_complete_sessions() -> None:
    many = small_sessions(SESSIONS + 3, steps=70)
    many.loc[many[c.SESSION_ID] == SESSIONS + 2, c.HEART_RATE] = np.nan
    ids = original_sessions(many, CONFIG)[c.SESSION_ID].unique()
    assert (ids.min(), ids.max(), ids.size) == (2, SESSIONS + 1, SESSIONS)


def test_a_history_of_short_sessions_is_refused() -> None:
    with pytest.raises(InputError, match="longer than a window"):
        original_sessions(small_sessions(3, steps=50), CONFIG)
