"""Errors of predictions made when a part of a run is done."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lib.athlete.bundle import Bundle, load_bundle
from lib.athlete.reference import Reference, reference
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.files import write_atomically
from lib.evaluation.backtest import MIN_KM
from lib.evaluation.cases import Case, walk
from lib.evaluation.metrics import HILLY_M_PER_KM
from lib.evaluation.race_tables import course_of
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend, Start, predict_many
from lib.plan.day_table import day_table
from lib.plan.on_the_day import TimesAhead
from lib.plan.race_plan import plan_race
from lib.plan.underway import rest_of
from lib.race.config import RaceConfig
from lib.recordings.sessions import read_athletes, split_by_date
from lib.training.checkpoint import BUNDLE, WEIGHTS
from utils.studies.command import run_study, study_options
from utils.studies.fit_underway import KNOWN_RUNS

logger = logging.getLogger(__name__)

FRACTIONS: Final = (0.25, 0.5, 0.75)
COLD, SCALED, BLIND, NETWORK, OURS = "cold", "scaled", "carried, network blind", "network alone", "carried"
CLOCKS: Final = "clocks"
"""The cold prediction and the time so far; its rest times the ratio so far; moved by `lib.plan.underway` without
seeing what happened; seeing it and not moved; both; and clock times at each eighth of the way alone, as check-ins."""
WAYS: Final = (COLD, SCALED, NETWORK, BLIND, OURS, CLOCKS)
_CLOCKS: Final = 8

Table = dict[str, np.ndarray]


def _off_bpm(said: np.ndarray, was: np.ndarray) -> float:
    known = np.isfinite(was)
    return float(np.abs(said[known] - was[known]).mean()) if known.any() else float("nan")


def _settled(said: Table, ref: Reference, done: int) -> Table:
    """A cold prediction whose rest takes the reference's time for it, as that of a network that sees what happened."""
    rest_s = said[c.DURATION][done:]
    rest_s = rest_s * (ref.duration_s[done:].sum() / rest_s.sum())
    return said | {c.DURATION: np.concatenate([said[c.DURATION][:done], rest_s])}


def _scaled(said: Table, so_far: Table, done: int) -> Table:
    """The rest off by what the first part was off: times a ratio, plus means."""
    ratio = so_far[c.DURATION].sum() / said[c.DURATION][:done].sum()
    columns = {c.DURATION: said[c.DURATION] * ratio}
    for name in (c.HEART_RATE, c.CADENCE):
        off = so_far[name] - said[name][:done]
        columns[name] = said[name] + (np.nanmean(off) if np.isfinite(off).any() else 0.0)
    return columns


def _record(case: Case, fraction: float, way: str, said: Table, done: int, band: Any) -> dict[str, Any]:
    was = {name: case.session[name].to_numpy(np.float64) for name in c.TARGETS}
    done_s, rest_s = float(was[c.DURATION][:done].sum()), float(was[c.DURATION][done:].sum())
    said_s = float(said[c.DURATION][done:].sum())
    low_s, high_s = band.interval(done_s + said_s)
    return case.about() | {
        "fraction": fraction,
        "way": way,
        "finish_error_pct": 100.0 * (said_s - rest_s) / (done_s + rest_s),
        "rest_error_pct": 100.0 * (said_s - rest_s) / rest_s,
        "heart_rate_mae_bpm": _off_bpm(said[c.HEART_RATE][done:], was[c.HEART_RATE][done:]),
        "cadence_mae_rpm": _off_bpm(said[c.CADENCE][done:], was[c.CADENCE][done:]),
        "held": float(low_s <= done_s + rest_s <= high_s),
        "width_pct": 100.0 * float(high_s - low_s) / (done_s + said_s),
    }


def records_of(case: Case, backend: Backend, bundle: Bundle) -> Iterator[dict[str, Any]]:
    """Predict one run at each of `FRACTIONS` of its way, by each of `WAYS`."""
    ref = reference(case.profile, bundle.prior, case.course, case.day)
    band = TimeDistribution(ref.log_sd, case.profile.scores, bundle.prior.calibration)
    was = {name: case.session[name].to_numpy(np.float64) for name in c.TARGETS}
    parts = [round(fraction * len(case.session)) for fraction in FRACTIONS]
    so_far = [{name: values[:done] for name, values in was.items()} for done in parts]
    start = Start(case.course, case.day, athlete=case.profile)
    starts = [start, *(Start(case.course, case.day, athlete=case.profile, so_far=part) for part in so_far)]
    cold, *seeing = predict_many(backend, bundle, starts)
    by_clocks = _by_clocks(case, backend, bundle)
    for fraction, done, part, seen in zip(FRACTIONS, parts, so_far, seeing, strict=True):
        blind = {name: np.concatenate([seen[name][:done], cold[name][done:]]) for name in c.TARGETS}
        blind = _settled(blind, ref, done)
        ways = {
            COLD: (cold, band),
            SCALED: (_scaled(cold, part, done), band),
            NETWORK: (seen, band),
            BLIND: rest_of(blind, part, ref, band),
            OURS: rest_of(seen, part, ref, band),
            CLOCKS: by_clocks[fraction],
        }
        for way in WAYS:
            yield _record(case, fraction, way, ways[way][0], done, ways[way][1])


def _by_clocks(case: Case, backend: Backend, bundle: Bundle) -> dict[float, tuple[Table, TimesAhead]]:
    """What check-ins say at each of `FRACTIONS`: columns whose rest sums up to it, and how sure it is."""
    known = replace(bundle, athlete=case.profile)
    course = course_of(case.athlete, case.session[c.ALTITUDE].to_numpy(np.float64), None)
    plan = plan_race(backend, known, course, RaceConfig(day=case.day, standing_s=0.0))
    ends = np.rint(np.arange(1, _CLOCKS) / _CLOCKS * course.steps).astype(int)
    table = day_table(plan, known, (ends - 1).tolist())
    elapsed_s = np.cumsum(case.session[c.DURATION].to_numpy(np.float64))
    found = {}
    for fraction in FRACTIONS:
        last = round(fraction * _CLOCKS)
        forecast = table.ahead([(k, float(elapsed_s[ends[k] - 1]), None) for k in range(last)])
        finish_s, done = float(forecast.arrival_s[-1]), round(fraction * course.steps)
        rest_s = plan.plan.columns[c.DURATION][done:]
        rest_s = rest_s * ((finish_s - elapsed_s[done - 1]) / rest_s.sum())
        said = {name: np.asarray(plan.plan.columns[name], np.float64) for name in c.TARGETS}
        said[c.DURATION] = np.concatenate([case.session[c.DURATION].to_numpy(np.float64)[:done], rest_s])
        reach = finish_s - forecast.low_s[-1:], forecast.high_s[-1:] - finish_s
        found[fraction] = said, TimesAhead(np.array([finish_s]), *reach)
    return found


def measure_underway(
    athletes: Mapping[str, pd.DataFrame], backend: Backend, bundle: Bundle, earlier: bool = False
) -> pd.DataFrame:
    """Predict the last fifth of each athlete's runs when parts of them are done, each knowing only what came before.

    Parameters
    ----------
    earlier : bool
        Predict the runs before those instead, on which `lib.plan.underway.Carry` was fitted; of beginners none.

    Returns
    -------
    DataFrame
        A row for each run of 5 km or more, fraction and way.
    """
    records: list[dict[str, Any]] = []
    for name, sessions in athletes.items():
        before, later = split_by_date(sessions, 0.2)
        if earlier:
            cases = (case for case in walk(name, before, bundle.prior, 0) if case.past >= KNOWN_RUNS)
        else:
            cases = walk(name, sessions, bundle.prior, int(later[c.SESSION_ID].min()))
        for case in cases:
            if case.km >= MIN_KM:
                records += records_of(case, backend, bundle)
        logger.info("%s: done", name)
    if not records:
        raise InputError("no session to predict", f"one of {MIN_KM:g} km or more", "Give longer sessions.")
    return pd.DataFrame(records)


def summary(records: pd.DataFrame) -> pd.DataFrame:
    """Means over all runs by fraction and way."""
    errors = ["finish_error_pct", "rest_error_pct"]
    table = records.assign(**{name: records[name].abs() for name in errors}, bias_pct=records["rest_error_pct"])
    table["hilly_rest_error_pct"] = table["rest_error_pct"].where(table[c.CLIMB_PER_KM] >= HILLY_M_PER_KM)
    columns = [
        *errors,
        "bias_pct",
        "hilly_rest_error_pct",
        "heart_rate_mae_bpm",
        "cadence_mae_rpm",
        "held",
        "width_pct",
    ]
    table["way"] = pd.Categorical(table["way"], WAYS)
    return table.groupby(["fraction", "way"], observed=True)[columns].mean()


def _measure(options: argparse.Namespace) -> None:
    bundle = load_bundle(options.model_dir / BUNDLE, options.model_dir / WEIGHTS)
    backend = onnx_backend(options.model_dir / ONNX, bundle)
    records = measure_underway(read_athletes(options.sessions), backend, bundle, options.earlier)
    if options.out is not None:
        write_atomically(options.out, records.to_csv(index=False).encode())
    runs = records[["athlete", c.SESSION_ID]].drop_duplicates()
    sys.stdout.write(f"{len(runs)} runs of {MIN_KM:g} km or more\n{summary(records).round(2).to_string()}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = study_options("Measure how far off predictions are when a part of a run is done.")
    parser.add_argument("--earlier", action="store_true", help="the runs on which constants were fitted, not the last")
    parser.add_argument("--out", type=Path, help="where to write every prediction (.csv)")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return run_study(_measure, parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
