"""How much an athlete slows down in long runs, as a share of what is usual."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from lib.athlete.pacing_law import CourseCost, PacingLaw

LONG_RUN_S: Final = 3.5 * 3600.0
"""Shorter runs say nothing of races: at 2 to 3.5 h athletes' medians lie from -0.5 to 0.8, from 5 h on above 1.2."""
BETWEEN_RUNNERS: Final = 0.147
"""Variance of the share between runners: covariance of 3,929 pairs of races of the same runner (correlation 0.25)."""
BETWEEN_DAYS: Final = 0.43
"""Variance of one race or long run of a runner: what is left of 0.57 in those races; 0.36 in runs of 5 h and more."""
_SHARE_HELD: Final = (-1.0, 3.0)


def fading_of_run(law: PacingLaw, cost: CourseCost, duration_s: ArrayLike) -> float:
    """Fading of a recorded run, as a share of the usual: 1 as the law has it, 0 none.

    A weighted least-squares line of the pace per metre of flat road on the law's own curve of the moving hours, over
    segments of 200 m; paces beyond half and twice the median are held there.

    Parameters
    ----------
    law : PacingLaw
    cost : CourseCost
        Of the run's own course.
    duration_s : array_like, shape (T,)
        Moving time of each step.
    """
    segment_s = np.add.reduceat(np.asarray(duration_s, dtype=np.float64), cost.edge[:-1])
    hours = (np.cumsum(segment_s) - 0.5 * segment_s) / 3600.0
    curve = law.fading * (hours / 10.0) ** law.fading_power
    pace = segment_s / cost.segment_m
    middle = float(np.median(pace))
    pace = np.clip(pace, 0.5 * middle, 2.0 * middle)
    design = np.stack([np.ones_like(curve), curve], axis=1)
    weighted = design * cost.segment_m[:, None]
    fresh, grown = np.linalg.solve(weighted.T @ design, weighted.T @ pace)
    return float(np.clip(grown / max(fresh, 0.1 * middle), *_SHARE_HELD))


def own_fading(runs: int, summed: float) -> float:
    """Share of the usual fading to expect of an athlete, from the sum of `fading_of_run` over long runs.

    Mean of a normal with prior 1 and variance `BETWEEN_RUNNERS`, each run with variance `BETWEEN_DAYS`: with n runs of
    mean m it is 1 + n (m - 1) / (n + 2.9).
    """
    return max(1.0 + (summed - runs) / (runs + BETWEEN_DAYS / BETWEEN_RUNNERS), 0.0)
