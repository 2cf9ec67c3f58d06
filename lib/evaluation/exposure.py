"""What the training of a model had seen of the sessions that it is judged by.

A prediction of a session that the network learned from says little of the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.recordings.sessions import split_by_date
from lib.training.training_data import fingerprint

UNSEEN: Final = "kept from training"
CHECKED: Final = "held back for checks"
LEARNED: Final = "learned from"
_SHORTEST_STEPS: Final = 300
"""Sessions of less than 1.5 km, or with gaps, teach the profile only (`lib.training.dataset.athlete_frame`)."""


def _first_checked(sessions: pd.DataFrame, held_back: float) -> int:
    """Number of the first session that checks of a training were made with."""
    by_session = sessions.groupby(c.SESSION_ID)
    complete = np.isfinite(sessions[list(c.TARGETS)]).all(axis=1).groupby(sessions[c.SESSION_ID]).all()
    usable = complete.index[complete & (by_session.size() >= _SHORTEST_STEPS)]
    frame = sessions.loc[sessions[c.SESSION_ID].isin(usable), [c.SESSION_ID]]
    return int(split_by_date(frame, held_back)[1][c.SESSION_ID].min())


def exposure(
    manifest: Mapping[str, Any], athletes: Mapping[str, pd.DataFrame], predicted: Iterable[tuple[str, int]]
) -> pd.DataFrame | None:
    """Count, of the predicted sessions of each athlete, how many the training of a model has seen, and how.

    Parameters
    ----------
    manifest : mapping
        `lib.training.checkpoint.MANIFEST`, read.
    athletes : mapping of str to DataFrame
        All sessions of each athlete.
    predicted : iterable of (str, int)
        Athlete and number of each predicted session.

    Returns
    -------
    DataFrame or None
        A row for each athlete, a column each for `UNSEEN`, `CHECKED` (its weights were not learned from these, but the
        best of them were chosen by these, and what is believed of anybody was measured on these too) and `LEARNED`.
        None if the model was trained on other sessions than `athletes`: then nothing is known of it.
    """
    shares = manifest["config"]
    known = {
        name: split_by_date(sessions, shares["test_share"])[0] if shares["test_share"] > 0 else sessions
        for name, sessions in athletes.items()
    }
    if fingerprint(known) != manifest["data"]:
        return None
    counts = pd.DataFrame(0, index=list(athletes), columns=[UNSEEN, CHECKED, LEARNED])
    first_checked = {name: _first_checked(sessions, shares["held_back"]) for name, sessions in known.items()}
    last_known = {name: int(sessions[c.SESSION_ID].max()) for name, sessions in known.items()}
    for name, number in predicted:
        how = UNSEEN if number > last_known[name] else CHECKED if number >= first_checked[name] else LEARNED
        counts.loc[name, how] += 1
    return counts
