"""The fit finds a known persistence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib.plan.persistence import NOTHING, Persistence
from lib.recordings.sessions import write_sessions
from tests.support.small import small_sessions
from utils.studies.fit_underway import fit, main, partly

pytestmark = pytest.mark.slow

TRUE = Persistence(0.08, 0.04, 2.0, 0.06, restless_sd=0.2, finish_sd=0.0, limit=2.0)


def drawn(n: int, steps: int = 2000) -> list[np.ndarray]:
    """Deviations of every step: a level, and noise of blocks."""
    rng, blocks = np.random.default_rng(0), steps // 100
    middle = (np.arange(blocks) + 0.5) / 2
    wander = TRUE.wander_sd**2 * np.exp(-np.abs(middle[:, None] - middle) / TRUE.wander_km)
    of_block = [
        rng.normal(0, TRUE.level_sd)
        + rng.multivariate_normal(np.zeros(blocks), wander)
        + rng.normal(0, TRUE.noise_sd / np.sqrt(0.5), blocks)
        for _ in range(n)
    ]
    return [np.repeat(values, 100) for values in of_block]


def test_the_level_that_runs_were_drawn_with_is_found() -> None:
    runs = [partly(values, np.ones(2000), f, log=False) for values in drawn(80) for f in (0.0, 0.1, 0.5)]
    start = Persistence(0.02, 0.1, 2.0, 0.02, restless_sd=0.2, finish_sd=0.0, limit=2.0)
    found = fit([[run for run in runs if run is not None]], start, rounds=60)
    assert found.level_sd == pytest.approx(TRUE.level_sd, rel=0.35)
    assert (found.finish_sd, found.limit) == (0.0, 2.0)


def test_a_part_and_its_rest() -> None:
    values = np.r_[np.full(100, 0.8), np.full(300, 1.25)]
    run = partly(values, np.ones(400), 0.25, log=True)
    assert run is not None
    assert run.deviation == pytest.approx(np.log([0.8]))
    assert run.rest == pytest.approx(np.log(1.25)) and run.weights == pytest.approx([1 / 3] * 3)
    whole = partly(values, np.ones(400), 0.0, log=False)
    assert whole is not None and whole.done is NOTHING and whole.rest == pytest.approx(values.mean())
    values[100:] = np.nan
    assert partly(values, np.ones(400), 0.25, log=False) is None
    assert partly(values[::-1].copy(), np.ones(400), 0.25, log=False) is None


def test_beginners_alone_are_too_little(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sessions(small_sessions(6, 1010), tmp_path / "a.parquet")
    assert main([str(tmp_path)]) == 2
    assert "after 20 others" in capsys.readouterr().err
