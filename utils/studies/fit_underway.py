"""Fit of the constants of `lib.plan.underway.Carry`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import t as students_t

from lib.athlete.bundle import load_bundle
from lib.athlete.prior import Prior
from lib.athlete.reference import reference
from lib.athlete.time_distribution import COVERAGE, TimeDistribution
from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.backtest import MIN_KM
from lib.evaluation.cases import walk
from lib.inference.features import to_residuals
from lib.plan.persistence import NOTHING, Blocks, Persistence, block_edges, block_means, blocks, expect_rest
from lib.plan.underway import Carry, rest_of
from lib.recordings.sessions import read_athletes, split_by_date
from lib.training.checkpoint import BUNDLE, WEIGHTS
from utils.studies.command import run_study, study_options

FRACTIONS: Final = (0.0, 0.04, 0.1, 0.25, 0.5, 0.75, 0.9)
"""How much of the way is done; nothing too, so that the model knows how unsure a cold start is."""
KNOWN_RUNS: Final = 20
"""Runs that are known before one counts: references of beginners are off for another reason."""
_PER_ATHLETE: Final = 550
_DEGREES: Final = 4.0


@dataclass(frozen=True, eq=False)
class Partly:
    """A run of which a part is done: deviations of the done blocks, those to come with weights, and how it came."""

    deviation: np.ndarray
    done: Blocks
    ahead: Blocks
    weights: np.ndarray
    rest: float

    def expected(self, p: Persistence) -> tuple[float, float]:
        """Mean and standard deviation of `rest`."""
        said = expect_rest(p, self.deviation, self.done, self.ahead)
        return float(self.weights @ said.mean), float(said.sd(self.weights[None])[0])


def partly(values: np.ndarray, weights: np.ndarray, fraction: float, log: bool) -> Partly | None:
    """One run, of a deviation (T,) with weights (T,), logarithms of means if `log`; None if a part has no value."""
    steps = values.size
    done = round(fraction * steps)
    rest, weight = values[done:], weights[done:]
    known = np.isfinite(rest)
    if not known.any():
        return None
    mean, part = block_means(values[:done], weights[:done]) if done else (np.empty(0), NOTHING)
    if done and not mean.size:
        return None
    edges = block_edges(done, steps)
    of_block = np.add.reduceat(weight, edges[:-1] - done)
    average = float((rest[known] * weight[known]).sum() / weight[known].sum())
    return Partly(
        np.log(mean) if log else mean,
        part,
        blocks(edges),
        of_block / of_block.sum(),
        np.log(average) if log else average,
    )


def earlier_runs(athletes: Mapping[str, pd.DataFrame], prior: Prior, target: int) -> list[list[Partly]]:
    """For each athlete the earlier runs, partly done, of one of `schema.TARGETS`; as many as `_PER_ATHLETE`, drawn."""
    found = []
    for name, sessions in athletes.items():
        earlier, _ = split_by_date(sessions, 0.2)
        runs = []
        for case in walk(name, earlier, prior, 0):
            if case.km < MIN_KM or case.past < KNOWN_RUNS:
                continue
            ref = reference(case.profile, prior, case.course, case.day)
            values = to_residuals(case.session, ref)[:, target]
            weights = ref.duration_s if target == 0 else np.ones(values.size)
            runs += [run for f in FRACTIONS if (run := partly(values, weights, f, target == 0)) is not None]
        drawn = np.random.default_rng(0).permutation(len(runs))[:_PER_ATHLETE]
        found.append([runs[i] for i in drawn])
    return [runs for runs in found if runs]


def fit(athletes: Sequence[Sequence[Partly]], start: Persistence, rounds: int = 250) -> Persistence:
    """The persistence that gives the rests of these runs the highest density, as Student's t, each athlete alike."""
    free = [f.name for f in fields(Persistence) if f.name != "limit" and getattr(start, f.name) > 0]
    rest = [np.array([run.rest for run in runs]) for runs in athletes]

    def made(logs: np.ndarray) -> Persistence:
        return replace(start, **dict(zip(free, np.exp(logs).tolist(), strict=True)))

    def loss(logs: np.ndarray) -> float:
        p = made(logs)
        scores = []
        for runs, came in zip(athletes, rest, strict=True):
            mean, sd = np.array([run.expected(p) for run in runs]).T
            scores.append(students_t.logpdf(came, _DEGREES, mean, sd * np.sqrt(1.0 - 2.0 / _DEGREES)).mean())
        return -float(np.mean(scores))

    begin = np.log([getattr(start, name) for name in free])
    options = {"maxiter": rounds, "xatol": 0.02, "fatol": 1e-5}
    return made(minimize(loss, begin, method="Nelder-Mead", options=options).x)


def caution_for(athletes: Mapping[str, pd.DataFrame], prior: Prior, carry: Carry) -> float:
    """The least caution (in steps of 0.05) with which intervals hold 80% of the earlier runs, mean of all fractions."""
    cautions = np.arange(1.0, 2.01, 0.05)
    held = []
    for name, sessions in athletes.items():
        for case in walk(name, split_by_date(sessions, 0.2)[0], prior, 0):
            if case.km < MIN_KM or case.past < KNOWN_RUNS:
                continue
            ref = reference(case.profile, prior, case.course, case.day)
            band = TimeDistribution(ref.log_sd, case.profile.scores, prior.calibration)
            was = {target: case.session[target].to_numpy(np.float64) for target in c.TARGETS}
            usual = {c.HEART_RATE: ref.heart_rate_bpm, c.CADENCE: np.full(len(case.session), ref.cadence_rpm)}
            for done in (round(f * len(case.session)) for f in FRACTIONS[1:]):
                so_far = {target: values[:done] for target, values in was.items()}
                said = usual | {c.DURATION: np.concatenate([so_far[c.DURATION], ref.duration_s[done:]])}
                for caution in cautions:
                    columns, left = rest_of(said, so_far, ref, band, replace(carry, caution=float(caution)))
                    low_s, high_s = left.interval(columns[c.DURATION].sum())
                    held.append(low_s <= was[c.DURATION].sum() <= high_s)
    share = np.array(held, np.float64).reshape(-1, cautions.size).mean(axis=0)
    return float(cautions[min(int(np.argmax(share >= COVERAGE)), cautions.size - 1)])


def _fit(options: argparse.Namespace) -> None:
    athletes = read_athletes(options.sessions)
    prior = load_bundle(options.model_dir / BUNDLE, options.model_dir / WEIGHTS).prior
    carry = Carry()
    names = [f.name for f in fields(Carry)][: len(c.TARGETS)]
    for target, name in enumerate(names):
        runs = earlier_runs(athletes, prior, target)
        if not runs:
            found = f"no athlete with a run of {MIN_KM:g} km after {KNOWN_RUNS} others"
            raise InputError(found, "one or more", "Give more sessions.", options.sessions)
        carry = replace(carry, **{name: fit(runs, getattr(carry, name))})
        values = ", ".join(f"{value:.3g}" for value in astuple(getattr(carry, name)))
        sys.stdout.write(f"{name}: {values} (on {sum(map(len, runs))} parts of runs)\n")
        sys.stdout.flush()
    sys.stdout.write(f"caution: {caution_for(athletes, prior, carry):.2f}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = study_options("Fit how much of the first part of a run is carried over to the rest.")
    return run_study(_fit, parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
