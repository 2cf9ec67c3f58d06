"""Chances of finishing within round times."""

from __future__ import annotations

import numpy as np

from lib.plan.race_plan import RacePlan


def round_times_s(low_s: float, high_s: float, count: int = 6) -> list[float]:
    """Round times (s) between two, a few of them."""
    steps = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
    step = next((s for s in steps if (high_s - low_s) / s <= count), 86_400)
    return [float(x) for x in np.arange(np.ceil(low_s / step) * step, high_s + 1e-6, step)]


def finish_chances(race: RacePlan, count: int = 6) -> list[tuple[float, float]]:
    """Round finish times (s of race time) and the chance of each, over the range that matters."""
    low_s, high_s = race.finish_interval_s
    times = np.array(round_times_s(low_s - 0.35 * (high_s - low_s), high_s + 0.1 * (high_s - low_s), count))
    times = times[times > 0]
    last = np.full(times.size, race.course.steps - 1)
    return list(zip(times.tolist(), race.chance(times, last).tolist(), strict=True))
