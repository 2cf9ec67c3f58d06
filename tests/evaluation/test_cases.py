"""Each case knows what came before it, and no more."""

from __future__ import annotations

import pytest

from lib.athlete.prior import Prior
from lib.athlete.profile import profile_after
from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.cases import joined, walk
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow

SESSIONS = small_sessions(6)


def part(first: int, last: int) -> object:
    return SESSIONS[(SESSIONS[c.SESSION_ID] >= first) & (SESSIONS[c.SESSION_ID] <= last)]


def test_a_case_knows_all_sessions_before_it_and_none_after() -> None:
    cases = list(walk("a", SESSIONS, Prior(), first=3))
    assert [case.number for case in cases] == [3, 4, 5]
    for case in cases:
        assert case.past == case.number
        assert case.profile == profile_after(part(0, case.number - 1), Prior())


def test_sessions_before_the_first_come_along_if_asked_for() -> None:
    assert [case.number for case in walk("a", SESSIONS, Prior(), first=3, before=2)] == [1, 2, 3, 4, 5]
    assert [case.number for case in walk("a", SESSIONS, Prior(), first=1, before=9)] == [0, 1, 2, 3, 4, 5]


def test_history_and_test_are_joined_in_order() -> None:
    athletes = joined({"a": part(0, 3), "b": part(0, 1)}, {"a": part(4, 5), "new": part(0, 2)})
    assert list(athletes) == ["a", "new"]
    sessions, first = athletes["a"]
    assert sessions[c.SESSION_ID].unique().tolist() == [0, 1, 2, 3, 4, 5]
    assert first == 4
    assert athletes["new"][1] == 0


@pytest.mark.parametrize("last", [4, 5])
def test_a_history_that_reaches_into_the_test_is_refused(last: int) -> None:
    with pytest.raises(InputError, match=f"Session 4 of a in TEST, session {last} in HISTORY"):
        joined({"a": part(0, last)}, {"a": part(4, 5)})


def test_what_is_said_of_a_case() -> None:
    (case,) = walk("a", SESSIONS, Prior(), first=5)
    about = case.about()
    assert about["km"] == pytest.approx(1.6)
    assert about["moving_s"] == pytest.approx(case.session[c.DURATION].sum(), rel=1e-6)
    assert about[c.DAY] == 15
    assert about["known_sessions"] == 5
