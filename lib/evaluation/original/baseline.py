"""The original pipeline as a baseline, trained on each athlete's history.

A network per athlete, its targets normalized by session; a session that is not known gets the median of all, as the
original notebooks did it. State is complete, geometry and feedback are whole: of its defects only those remain that the
recipe consists of.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.cases import Case
from lib.evaluation.metrics import LEVELS, prediction_errors
from lib.evaluation.original.recipe import (
    OriginalConfig,
    original_dataset,
    original_frame,
    original_state,
    train_original,
)
from lib.evaluation.original.rollout import rollout

logger = logging.getLogger(__name__)

ORIGINAL: Final = "the original pipeline"
SESSIONS: Final = 75
"""Latest sessions that a network learns from: the original pipeline had 101, and memory is not endless."""


_SHORTEST_S: Final = 0.5
"""Some recorded steps take no time: the recipe's speed would be infinite."""


def original_sessions(history: pd.DataFrame, config: OriginalConfig) -> pd.DataFrame:
    """The latest `SESSIONS` sessions of a history that are complete and longer than a window.

    Raises
    ------
    InputError
        If there is none.
    """
    by_session = history.groupby(c.SESSION_ID)
    complete = np.isfinite(history[list(c.TARGETS)]).all(axis=1).groupby(history[c.SESSION_ID]).all()
    long_enough = by_session.size() > config.encoder_length + config.decoder_length
    usable = complete.index[complete & long_enough][-SESSIONS:]
    if usable.empty:
        raise InputError("no complete session longer than a window", "one or more", "Leave the original pipeline out.")
    chosen = history[history[c.SESSION_ID].isin(usable)]
    return chosen.assign(**{c.DURATION: chosen[c.DURATION].clip(lower=_SHORTEST_S)})


def original_records(
    history: Mapping[str, pd.DataFrame], cases: Mapping[str, Sequence[Case]], config: OriginalConfig
) -> list[dict[str, Any]]:
    """Predictions of the recipe by case; it has no interval.

    Parameters
    ----------
    history : mapping of str to DataFrame
        Session tables of each athlete; of one without, nothing is predicted.
    cases : mapping of str to sequence of Case
        What to predict of each athlete.
    config : OriginalConfig
        Size and training of the network.
    """
    records = []
    for name, of_one in cases.items():
        if name not in history:
            continue
        logger.info("%s: training %s", name, ORIGINAL)
        dataset = original_dataset(original_frame(original_sessions(history[name], config)), config)
        model, state = train_original(dataset, config), original_state(dataset)
        for case in of_one:
            said = rollout(model, state, case.session[c.ALTITUDE].to_numpy(np.float64))
            said[c.DURATION] = said[c.DURATION].clip(lower=_SHORTEST_S)  # nothing in the recipe keeps it above 0
            total_s = float(said[c.DURATION].sum())
            none = {end: float("nan") for ends in LEVELS.values() for end in ends}
            about = case.about() | {"predictor": ORIGINAL, "predicted_s": total_s} | none
            records.append(about | prediction_errors(said, case.session))
    return records
