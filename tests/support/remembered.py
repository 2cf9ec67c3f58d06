"""Past runs as the level model sees them, for several test files."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from lib.athlete.expected_pace import Kernel
from lib.athlete.run_history import Kind, Runs

KERNEL = Kernel(mean=float(np.log(1.8)))


def some_runs(n: int, seed: int = 0) -> Runs:
    """Runs of any kind, a few days apart; every number known."""
    rng = np.random.default_rng(seed)
    return Runs(
        day=np.cumsum(rng.integers(1, 6, n)).astype(np.float64),
        distance=rng.normal(0, 0.5, n),
        climb=rng.uniform(0.2, 2.5, n),
        net=rng.normal(0, 0.3, n),
        log_pace=rng.normal(np.log(1.8), 0.1, n),
        heart_rate_bpm=rng.normal(145, 8, n),
        cadence_rpm=rng.normal(82, 2, n),
    )


def first(runs: Runs, n: int) -> Runs:
    """The first `n` of them."""
    return Runs(**{field.name: getattr(runs, field.name)[:n] for field in fields(Runs)})


def kind_at(runs: Runs, i: int) -> Kind:
    """Kind of run `i`."""
    return Kind(float(runs.distance[i]), float(runs.climb[i]), float(runs.net[i]))


def with_levels(runs: Runs, log_pace: np.ndarray) -> Runs:
    """The same runs at other levels."""
    return replace(runs, log_pace=log_pace)
