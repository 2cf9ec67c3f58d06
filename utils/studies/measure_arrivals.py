"""How often race times, stops included, were within their 80% interval."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from lib.athlete.bundle import Bundle, load_bundle
from lib.athlete.reference import reference
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.evaluation.backtest import MIN_KM
from lib.evaluation.cases import Case, walk
from lib.plan.arrivals import ArrivalDistribution, standing_of
from lib.race.config import RaceConfig
from lib.recordings.sessions import read_athletes, split_by_date
from lib.training.checkpoint import BUNDLE
from utils.studies.command import run_study, study_options

_LAST_SHARE: Final = 0.2


def race_times(cases: Iterable[Case], bundle: Bundle) -> pd.DataFrame:
    """Compare race times with what was expected of them before the start.

    The total is the causal reference's, which the network does not change (`lib.inference.features.settled`), so the
    network is not run.

    Parameters
    ----------
    cases : iterable of Case
        N sessions, each with what was known before it.
    bundle : Bundle
        What is believed of anybody.

    Returns
    -------
    DataFrame, N rows
        Athlete, race time and what was expected of it (s), its 80% interval (s), and the chance that was given to a
        race time as short: evenly spread from 0 to 1 if all chances are honest.
    """
    rows = []
    for case in cases:
        ref = reference(case.profile, bundle.prior, case.course, case.day)
        moving_s = float(ref.duration_s.sum())
        standing_s = standing_of(bundle.for_athlete(case.profile), RaceConfig(), moving_s, 0.0)
        band = ArrivalDistribution(
            TimeDistribution(ref.log_sd, case.profile.scores, bundle.prior.calibration), standing_s
        )
        race_s = case.moving_s + float(case.session[c.STOP].to_numpy(np.float64).sum())
        low_s, high_s = band.interval(moving_s, 0.0, 1.0, 1.0)
        rows.append(
            {
                c.ATHLETE: case.athlete,
                c.FINISH: race_s,
                c.ARRIVAL: moving_s + float(np.median(standing_s)),
                c.ARRIVAL_LOW: float(low_s[0]),
                c.ARRIVAL_HIGH: float(high_s[0]),
                c.CHANCE: float(band.chance(race_s, moving_s, 0.0, 1.0, 1.0)[0]),
            }
        )
    return pd.DataFrame(rows)


def summary(times: pd.DataFrame) -> pd.DataFrame:
    """Runs, share in the interval (%), its mean width and the mean error (%), by athlete and over all."""
    inside = times[c.FINISH].between(times[c.ARRIVAL_LOW], times[c.ARRIVAL_HIGH])
    width = (times[c.ARRIVAL_HIGH] - times[c.ARRIVAL_LOW]) / times[c.ARRIVAL]
    error = (times[c.ARRIVAL] / times[c.FINISH] - 1).abs()
    table = pd.DataFrame({"in 80% interval": inside, "width": width, "error": error}).astype(float) * 100
    by_athlete = table.groupby(times[c.ATHLETE]).mean()
    by_athlete.loc["all runs"] = table.mean()
    by_athlete.insert(0, "runs", [*times.groupby(c.ATHLETE).size(), len(times)])
    return by_athlete.round(1)


def _measure(options: argparse.Namespace) -> None:
    bundle = load_bundle(options.model_dir / BUNDLE)
    tables = []
    for name, sessions in read_athletes(options.sessions).items():
        first = int(split_by_date(sessions, _LAST_SHARE)[1][c.SESSION_ID].min())
        cases = (case for case in walk(name, sessions, bundle.prior, first) if case.km >= MIN_KM)
        tables.append(race_times(cases, bundle))
    sys.stdout.write(summary(pd.concat(tables, ignore_index=True)).to_string() + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_study(_measure, study_options("Race times and intervals."), arguments)


if __name__ == "__main__":
    sys.exit(main())
