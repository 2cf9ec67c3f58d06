"""Rollout of the original pipeline, with each of its six defects on or off."""

from __future__ import annotations

import os
import pickle
import pickletools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet

from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.original.recipe import (
    GROUP_ENCODER,
    RELATIVE_TIME,
    UNSEEN,
    observed,
    own_normalizer,
    placeholder_frame,
)

_IMPORTS: Final = ("GLOBAL", "STACK_GLOBAL", "INST")
_CALLS: Final = ("REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ", "BUILD", "INST")


@dataclass(frozen=True)
class Defects:
    """What is wrong with a rollout; all off, the replica's state is complete, its geometry fixed, its feedback whole.

    Parameters
    ----------
    placeholder_normalizer : bool
        1: the target normalizer is fitted on the course's own placeholders.
    missing_scalers, missing_group_encoder : bool
        2: scalers of the covariates, or the second encoder of the session id, are fitted on every chunk anew.
    shifted_geometry : bool
        3: `max_encoder_length` is what the chunk happens to have.
    half_feedback : bool
        4: only the targets are fed back; speed, running mean heart rate and elapsed time keep their placeholders.
    own_statistics : bool
        5: a session is told its own mean and spread, as in training; only for sessions that have been run.
    trusted_pickle : bool
        6: fitted state is taken as a pickle, which runs whatever it says.
    """

    placeholder_normalizer: bool = False
    missing_scalers: bool = False
    missing_group_encoder: bool = False
    shifted_geometry: bool = False
    half_feedback: bool = False
    own_statistics: bool = False
    trusted_pickle: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isinstance(getattr(self, field.name), bool):
                raise InputError(f"{field.name} = {getattr(self, field.name)!r}", "True or False", "Change the switch.")
        if self.placeholder_normalizer and self.own_statistics:
            raise InputError(
                "both placeholder_normalizer and own_statistics",
                "one of them: there is one target normalizer",
                "Turn one off.",
            )


def opened(state: Mapping[str, Any] | bytes, defects: Defects) -> dict[str, Any]:
    """Fitted state with the parts left out that `defects` leave out.

    Raises
    ------
    InputError
        If it is a pickle and `Defects.trusted_pickle` is off.
    """
    if isinstance(state, bytes):
        if not defects.trusted_pickle:
            raise InputError("fitted state as a pickle", "values", "Load it by lib.athlete.bundle.load_bundle.")
        state = pickle.loads(state)
    fitted = dict(state)
    if defects.missing_scalers:
        fitted["scalers"] = {}
    if defects.missing_group_encoder:
        encoders = fitted["categorical_encoders"]
        fitted["categorical_encoders"] = {name: encoders[name] for name in encoders if name != GROUP_ENCODER}
    return fitted


def _dataset(frame: pd.DataFrame, fitted: Mapping[str, Any], **geometry: Any) -> TimeSeriesDataSet:
    """Use what is in `fitted`; whatever is not there the library fits on `frame`, and says nothing."""
    return TimeSeriesDataSet(
        frame,
        time_idx=c.TIME_IDX,
        target=list(fitted["target_names"]),
        group_ids=list(fitted["group_ids"]),
        min_encoder_length=1,
        max_prediction_length=fitted["max_prediction_length"],
        time_varying_known_reals=list(fitted["time_varying_known_reals"]),
        time_varying_unknown_reals=list(fitted["time_varying_unknown_reals"]),
        target_normalizer=fitted["target_normalizer"],
        categorical_encoders=fitted["categorical_encoders"],
        scalers=fitted["scalers"],
        add_target_scales=True,
        add_relative_time_idx=True,
        add_encoder_length=True,
        **geometry,
    )


def network_input(chunk: TimeSeriesDataSet, name: str) -> np.ndarray:
    """One real input of a chunk's only window as the network sees it, encoder and decoder, shape (E + T,)."""
    x, _ = chunk[0]
    return x["x_cont"][:, chunk.reals.index(name)].numpy()


def _predict(model: TemporalFusionTransformer, x: Mapping[str, Any]) -> np.ndarray:
    """Targets of a batch's decoders in their units, shape (B, T, 3)."""
    with torch.inference_mode():
        prediction = model(x)["prediction"]  # 3 x (B, T, 1)
    return torch.cat(list(prediction), dim=2).double().numpy()


def rollout(
    model: TemporalFusionTransformer,
    state: Mapping[str, Any] | TimeSeriesDataSet | bytes,
    altitude_m: np.ndarray,
    defects: Defects | None = None,
) -> pd.DataFrame:
    """Predict a course from placeholders, chunk by chunk, as the original pipeline does.

    Parameters
    ----------
    model : TemporalFusionTransformer
        From `lib.evaluation.original.recipe.train_original`.
    state : mapping, TimeSeriesDataSet or bytes
        `lib.evaluation.original.recipe.original_state` (v2), or a pickle of it, or the training dataset itself (v1).
    altitude_m : ndarray, shape (T,)
        Of every 5 m (m).
    defects : Defects, optional
        None of them without it.

    Returns
    -------
    DataFrame, T rows
        Step, distance (m), duration (s), heart rate (bpm), cadence (rpm); elapsed time (s) and relative time as the
        network sees them.

    Raises
    ------
    InputError
        If the defects do not go with the rest.
    """
    defects = defects or Defects()
    if defects.own_statistics:
        raise InputError("own_statistics on a course", "a session that was run", "Use `teacher_errors`.")
    whole = isinstance(state, TimeSeriesDataSet)
    if whole and defects not in (Defects(), Defects(shifted_geometry=True), Defects(half_feedback=True)):
        raise InputError("parts left out of a training dataset", "fitted state", "Pass `original_state` of it.")
    frame = placeholder_frame(altitude_m)
    fitted: dict[str, Any] = {} if whole else opened(state, defects)
    if defects.placeholder_normalizer:
        fitted["target_normalizer"] = own_normalizer(frame)
    size = state.max_prediction_length if whole else fitted["max_prediction_length"]
    history = state.max_encoder_length if whole else fitted["max_encoder_length"]
    targets, relative = frame[list(c.TARGETS)].to_numpy(copy=True), np.zeros(len(frame))
    for first in range(1, len(frame), size):
        last = min(first + size, len(frame))
        window = frame.iloc[max(0, first - history) : last].copy()
        geometry = {
            "max_encoder_length": len(window) - (last - first) if defects.shifted_geometry else history,
            "min_prediction_length": last - first,
            "min_prediction_idx": first,
        }
        chunk = (
            TimeSeriesDataSet.from_dataset(state, window, predict=True, stop_randomization=True, **geometry)
            if whole
            else _dataset(window, fitted, predict_mode=True, **geometry)
        )
        relative[first:last] = network_input(chunk, RELATIVE_TIME)[first - last :]
        x, _ = next(iter(chunk.to_dataloader(train=False, batch_size=1, num_workers=0)))
        targets[first:last] = _predict(model, x)[0]
        frame.loc[: last - 1, list(c.TARGETS)] = targets[:last]
        if not defects.half_feedback:
            for name, values in observed(targets[:last]).items():
                frame.loc[: last - 1, name] = values
    told = frame.iloc[1:].reset_index(drop=True)
    columns = {c.STEP: np.arange(len(told)), c.DISTANCE: told[c.DISTANCE]} | {name: told[name] for name in c.TARGETS}
    return pd.DataFrame(columns | {c.ELAPSED: told[c.ELAPSED], RELATIVE_TIME: relative[1:]})


def largest_difference(one: pd.DataFrame, other: pd.DataFrame) -> dict[str, float]:
    """Largest absolute difference of two predictions of a course, for each target, in its unit."""
    return {name: float((one[name] - other[name]).abs().max()) for name in c.TARGETS}


def teacher_errors(
    model: TemporalFusionTransformer,
    state: Mapping[str, Any],
    frame: pd.DataFrame,
    defects: Defects | None = None,
    batch_size: int = 16,
) -> pd.DataFrame:
    """Errors on sessions that training has not seen, with the true past in the encoder (as validation has it).

    Parameters
    ----------
    frame : DataFrame
        From `lib.evaluation.original.recipe.original_frame`; windows lie end to end, as in a rollout.
    defects : Defects, optional
        With `Defects.own_statistics` each session is told its own mean and spread, else the median of training.

    Returns
    -------
    DataFrame, a row for each session
        Mean absolute error of each target, in its unit.
    """
    defects = defects or Defects()
    fitted, errors = opened(state, defects), {}
    steps, history = fitted["max_prediction_length"], fitted["max_encoder_length"]
    for session_id, session in frame.groupby(c.SESSION_ID, sort=True):
        if defects.own_statistics:
            fitted["target_normalizer"] = own_normalizer(session)
        windows = _dataset(
            session.assign(**{c.SESSION_ID: UNSEEN}),
            fitted,
            max_encoder_length=history,
            min_prediction_length=steps,
        )
        index = windows.index
        end = index["time"] + index["sequence_length"]
        # The longest history there is, and a decoder where a rollout has one.
        wanted = ((end - 1) % steps == 0) & (index["sequence_length"] == np.minimum(end, history + steps))
        chosen = np.flatnonzero(wanted)
        batches = [chosen[i : i + batch_size].tolist() for i in range(0, chosen.size, batch_size)]
        missed = [
            np.abs(_predict(model, x) - torch.stack(y, dim=2).double().numpy())
            for x, (y, _) in windows.to_dataloader(train=False, batch_sampler=batches, num_workers=0)
        ]
        errors[session_id] = np.concatenate(missed).mean(axis=(0, 1))
    return pd.DataFrame.from_dict(errors, orient="index", columns=list(c.TARGETS)).rename_axis(c.SESSION_ID)


class _Payload:
    """Something that runs when it is unpickled: harmless here, anything in a file from elsewhere."""

    def __init__(self, variable: str, value: str) -> None:
        self.code = f"import os; os.environ[{variable!r}] = {value!r}"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, (self.code,)


def crafted_pickle(state: Mapping[str, Any], variable: str, value: str = "ran") -> bytes:
    """Make a `normalizers.pkl` that loads as it should, and in passing sets an environment variable of the loader."""
    os.environ.pop(variable, None)
    return pickle.dumps(dict(state) | {"comment": _Payload(variable, value)}, protocol=pickle.HIGHEST_PROTOCOL)


def pickle_instructions(content: bytes) -> dict[str, int]:
    """Count what a pickle tells its reader to do, without doing it: imports, calls, and plain data."""
    names = [operation.name for operation, _, _ in pickletools.genops(content)]
    imports = sum(name in _IMPORTS for name in names)
    calls = sum(name in _CALLS for name in names)
    return {"imports": imports, "calls": calls, "data": len(names) - imports - calls}
