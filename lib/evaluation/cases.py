"""Cases of a backtest: a session to predict, and what was known before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lib.athlete.expected_pace import spread_when_short
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile, update
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table


@dataclass(frozen=True, eq=False)
class Case:
    """A session to be predicted, and what was known before it.

    Parameters
    ----------
    athlete : str
        Who.
    session, course : DataFrame, T rows
        What happened, and the course that was known.
    profile : AthleteProfile
        The athlete before the start.
    past : int
        How many of the athlete's sessions came before.
    """

    athlete: str
    session: pd.DataFrame = field(repr=False)
    course: pd.DataFrame = field(repr=False)
    profile: AthleteProfile = field(repr=False)
    past: int

    @property
    def day(self) -> int:
        """Day of the start."""
        return int(self.session[c.DAY].iloc[0])

    @property
    def number(self) -> int:
        """Number of the session."""
        return int(self.session[c.SESSION_ID].iloc[0])

    @property
    def km(self) -> float:
        """Length of the course (km)."""
        return len(self.session) * c.STEP_M / 1000.0

    @property
    def spread(self) -> float:
        """Standard deviation, up to a factor, of a predictor that has none of its own."""
        return spread_when_short(self.km)

    @property
    def moving_s(self) -> float:
        """Moving time (s)."""
        return float(self.session[c.DURATION].to_numpy(np.float64).sum())

    def about(self) -> dict[str, Any]:
        """What a reader wants to know of it."""
        return {
            "athlete": self.athlete,
            c.SESSION_ID: self.number,
            c.DAY: self.day,
            "known_sessions": self.past,
            "km": self.km,
            c.CLIMB_PER_KM: float(self.course[c.CLIMB].iloc[-1] / self.km),
            "moving_s": self.moving_s,
        }


def joined(
    history: Mapping[str, pd.DataFrame], test: Mapping[str, pd.DataFrame]
) -> dict[str, tuple[pd.DataFrame, int]]:
    """All sessions of each athlete in `test`, and the number of the first to predict.

    Raises
    ------
    InputError
        If sessions of the test do not follow those of the history.
    """
    athletes = {}
    for name, later in test.items():
        first = int(later[c.SESSION_ID].min())
        earlier = history.get(name)
        if earlier is not None:
            last = int(earlier[c.SESSION_ID].max())
            if last >= first or int(earlier[c.DAY].max()) > int(later[c.DAY].min()):
                raise InputError(
                    f"session {first} of {name} in TEST, session {last} in HISTORY",
                    "sessions of TEST after those of HISTORY",
                    "Number and date them in order.",
                )
        athletes[name] = (later if earlier is None else pd.concat([earlier, later], ignore_index=True), first)
    return athletes


def walk(name: str, sessions: pd.DataFrame, prior: Prior, first: int, before: int = 0) -> Iterator[Case]:
    """Go through an athlete's sessions in order, each with what was known before it.

    Yields the sessions from number `first` on, and the last `before` ones before them.
    """
    profile = AthleteProfile()
    ids = np.sort(sessions[c.SESSION_ID].unique())
    start = max(0, int(np.searchsorted(ids, first)) - before)
    for past, (_, session) in enumerate(sessions.groupby(c.SESSION_ID, sort=True)):
        course = course_table(session[c.ALTITUDE].to_numpy())
        if past >= start:
            yield Case(name, session, course, profile, past)
        profile = update(profile, prior, session, course)
