"""Fit of the kernel that expects each run best from those before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import Final

import numpy as np
import torch

from lib.athlete.expected_pace import Kernel, covariance, one_ahead
from lib.athlete.run_history import Runs

MIN_RUNS: Final = 40
"""Fewer runs than this do not tell what makes runs alike: the kernel stays as it was."""

_STEPS, _RATE = 60, 0.05
_PULL: Final = 2e-3
"""Weight of staying near the start: of lengths that no run speaks of, none is made up."""
_SHORT_KM: Final = 3.0
_ROUND: Final = 0.01
_LATEST: Final = 250


@dataclass(frozen=True)
class Surprises:
    """What came about each run, and was not expected, shape (N,); NaN where the level is unknown."""

    log_error: np.ndarray
    sd: np.ndarray


def _known(runs: Runs, level: np.ndarray) -> tuple[Runs, np.ndarray]:
    known = np.isfinite(level)
    return Runs(**{f.name: getattr(runs, f.name)[known] for f in fields(Runs)}), known


def _loss(kernel: SimpleNamespace, runs: Runs, level: torch.Tensor, judged: torch.Tensor, lean: float) -> torch.Tensor:
    ahead = one_ahead(kernel, covariance(kernel, runs, runs, torch), level, torch)
    error = torch.exp(ahead.expected - lean * ahead.variance - level) - 1.0
    return torch.sqrt(error[judged] ** 2 + _ROUND**2).mean()


def fit_kernel(
    athletes: Mapping[str, Runs], levels: Mapping[str, np.ndarray], start: Kernel, lean: float = 0.0
) -> Kernel:
    """Fit a kernel by gradient descent on the mean absolute relative error of what is expected one run ahead.

    Parameters
    ----------
    athletes : mapping of str to Runs
        Past runs, oldest first. Athletes count alike, however many runs they have.
    levels : mapping of str to ndarray
        Logarithm of each run's level, NaN where unknown.
    start : Kernel
        Where to begin, and what to stay near.
    lean : float
        1 to expect exp(mean - variance), the value of least relative error of a lognormal; 0 for its median.

    Returns
    -------
    Kernel
        Values rounded to five digits. The mean is the athletes'; all else stays as in `start` where there are fewer
        than `MIN_RUNS` runs.
    """
    sets = []
    for name, runs in athletes.items():
        past, known = _known(runs, levels[name])
        level = levels[name][known]
        latest = slice(max(0, level.size - _LATEST), None)
        tensors = Runs(**{f.name: torch.as_tensor(getattr(past, f.name)[latest]) for f in fields(Runs)})
        km = 10.0 * np.exp(past.distance[latest])
        judged = (km >= _SHORT_KM) & (np.arange(km.size) >= min(8, km.size // 3))
        if judged.any():
            sets.append((tensors, torch.as_tensor(level[latest]), torch.as_tensor(judged)))
    # Not fitted with the rest: runs after the first few hardly depend on it, so it would go anywhere.
    mean = float(np.mean([level.numpy().mean() for _, level, _ in sets])) if sets else start.mean
    names = [field.name for field in fields(Kernel) if field.name != "mean"]
    begin = {name: float(np.log(getattr(start, name))) for name in names}
    if sum(level.numel() for _, level, _ in sets) >= MIN_RUNS:
        free = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in begin.items()}
        optimizer = torch.optim.Adam(free.values(), lr=_RATE)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, _STEPS)
        for _ in range(_STEPS):
            optimizer.zero_grad()
            kernel = SimpleNamespace(mean=mean, **{name: torch.exp(value) for name, value in free.items()})
            loss = sum(_loss(kernel, *one, lean) for one in sets) / len(sets)
            loss = loss + _PULL * sum((free[name] - begin[name]) ** 2 for name in names)
            loss.backward()
            optimizer.step()
            schedule.step()
        begin = {name: float(value.detach()) for name, value in free.items()}
    values = {"mean": mean} | {name: np.exp(value) for name, value in begin.items()}
    return Kernel(**{name: float(f"{value:.5g}") for name, value in values.items()})


def surprises(kernel: Kernel, runs: Runs, level: np.ndarray) -> Surprises:
    """How each run went against what those before it had led to expect."""
    past, known = _known(runs, level)
    error, sd = np.full(level.size, np.nan), np.full(level.size, np.nan)
    if known.any():
        ahead = one_ahead(kernel, covariance(kernel, past, past), level[known])
        error[known], sd[known] = level[known] - ahead.expected, np.sqrt(ahead.variance)
    return Surprises(error, sd)
