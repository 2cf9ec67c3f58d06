"""Prediction of pairs of an athlete and a course, all as bytes.

The work of one task of many. It knows neither folders nor a cluster, so it gives the same wherever it runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from lib.athlete.bundle import Bundle, load_bundle, parse_bundle
from lib.athlete.effort import effort_for
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import reference
from lib.athlete.time_distribution import TimeDistribution
from lib.core.errors import InputError
from lib.course.course import Course, read_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend, Start, predict_many
from lib.plan.moving_plan import Plan, plan_from
from utils.batch.files import Source, encoded, one_line, totals

T = TypeVar("T")

SCHEMA: Final = 1
"""Version of a pair's file and of how it is predicted: another one is computed again."""

AT_ONCE: Final = 8
"""Pairs of one task, run through the network together: as many as it takes at once."""


@dataclass(frozen=True)
class Network:
    """An exported network on its way to those who run it.

    Parameters
    ----------
    content : bytes
        The ONNX file.
    bundle_text : str
        The model's own bundle.
    """

    content: bytes
    bundle_text: str

    @cached_property
    def bundle(self) -> Bundle:
        """What was fitted with it."""
        return parse_bundle(self.bundle_text)

    @cached_property
    def sha256(self) -> str:
        """Hash of the file, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Pair:
    """An athlete about to run a course, and the `fingerprint` of both."""

    athlete: Source
    course: Source
    inputs: str


@dataclass(frozen=True)
class Outcome:
    """What became of a pair.

    Parameters
    ----------
    athlete, course : str
        Labels.
    totals : dict, optional
        `utils.batch.files.totals`, if it could be predicted.
    content : bytes, optional
        `utils.batch.files.encoded`, if it was predicted just now.
    error : str, optional
        Why it could not be.
    """

    athlete: str
    course: str
    totals: dict[str, Any] | None = None
    content: bytes | None = None
    error: str | None = None


def load_network(folder: Path, bundle_name: str) -> Network:
    """The network of a model folder, known to load and to belong to the bundle beside it."""
    bundle = load_bundle(folder / bundle_name)
    onnx_backend(folder / ONNX, bundle)
    return Network((folder / ONNX).read_bytes(), bundle.to_json())


@lru_cache(maxsize=1)
def backend_of(network: Network) -> Backend:
    """Backend that runs it; made once in a process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / ONNX
        path.write_bytes(network.content)
        return onnx_backend(path, network.bundle)


def loads(network: Network) -> bool:
    """Whether this process can run it; raises what stands in the way."""
    return callable(backend_of(network))


def fingerprint(athlete: Source, course: Source, network: Network, effort: str | None) -> str:
    """Hash of everything that a prediction follows from, in hexadecimal; not of names."""
    parts = [SCHEMA, athlete.sha256, course.sha256, network.sha256, effort]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _or_error(call: Callable[..., T], *arguments: Any) -> T | InputError:
    try:
        return call(*arguments)
    except InputError as error:
        return error


def _bundle(source: Source, network: Network) -> Bundle:
    """The bundle, known to belong to the network."""
    name = f"{source.label}.json"
    try:
        text = source.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("no text", "a bundle in JSON", "Make the bundle again: make athlete.", name) from error
    bundle = parse_bundle(text, name)
    weights = network.bundle.checkpoint_sha256
    if bundle.checkpoint_sha256 != weights:
        raise InputError(
            f"a bundle for the weights {bundle.checkpoint_sha256[:12]}…",
            f"one for the network's ({weights[:12]}…)",
            "Make the athlete's bundle again with this model: make athlete.",
            name,
        )
    return bundle


def _predictions(backend: Backend, bundle: Bundle, starts: Sequence[Start]) -> list[dict[str, Any] | InputError]:
    """`predict_many`; if it refuses, each by itself, so that one does not stop the others."""
    try:
        return list(predict_many(backend, bundle, starts))
    except InputError as error:
        if len(starts) == 1:
            return [error]
        return [said for start in starts for said in _predictions(backend, bundle, [start])]


def forecasts(backend: Backend, asked: Sequence[tuple[Bundle, Course, float | None]]) -> list[Plan | InputError]:
    """`lib.plan.forecast.forecast` of many, through the network together.

    Parameters
    ----------
    backend : callable
        Runs the network.
    asked : sequence of (Bundle, Course, float or None)
        Athlete, course, and the intended effort (`lib.athlete.prior.Effort`).

    Returns
    -------
    list of Plan or InputError
        In their order. The last bits of a prediction depend on what went through the network beside it: less than
        1e-5 of a second a step, bpm or rpm.
    """
    alike: dict[str, list[int]] = {}
    for i, (bundle, _, _) in enumerate(asked):
        # Bundles of one network may still have been fitted at different times.
        alike.setdefault(replace(bundle, athlete=AthleteProfile()).to_json(), []).append(i)
    plans: dict[int, Plan | InputError] = {}
    for indices in alike.values():
        starts = [Start(asked[i][1].columns, effort=asked[i][2], athlete=asked[i][0].athlete) for i in indices]
        said = _predictions(backend, asked[indices[0]][0], starts)
        for i, prediction in zip(indices, said, strict=True):
            plans[i] = prediction if isinstance(prediction, InputError) else _or_error(_plan, *asked[i], prediction)
    return [plans[i] for i in range(len(asked))]


def _plan(bundle: Bundle, course: Course, effort: float | None, prediction: dict[str, Any]) -> Plan:
    before = reference(bundle.athlete, bundle.prior, course.columns, effort=effort)
    band = TimeDistribution(before.log_sd, bundle.athlete.scores, bundle.prior.calibration)
    return plan_from(course, prediction, band, bundle.athlete.runs)


def predict_pairs(network: Network, pairs: Sequence[Pair], effort: str | None = None) -> list[Outcome]:
    """Predict pairs together.

    Parameters
    ----------
    network : Network
        What predicts.
    pairs : sequence of Pair
        Best `AT_ONCE` of them or fewer, and pairs of the same course beside each other: it is read once.
    effort : str, optional
        See `lib.athlete.effort.effort_for`.

    Returns
    -------
    list of Outcome
        In their order. A bundle, a course, or an effort that cannot be used fails its own pairs only.
    """
    athletes = {source: _or_error(_bundle, source, network) for source in {pair.athlete for pair in pairs}}
    courses = {
        source: _or_error(read_course, source.content, f"{source.label}.gpx")
        for source in {pair.course for pair in pairs}
    }
    found: list[Plan | InputError | None] = []
    asked: list[tuple[Bundle, Course, float | None]] = []
    for pair in pairs:
        bundle, course = athletes[pair.athlete], courses[pair.course]
        if isinstance(bundle, InputError) or isinstance(course, InputError):
            found.append(bundle if isinstance(bundle, InputError) else course)
            continue
        meant = _or_error(effort_for, bundle, course.columns, effort)
        found.append(meant if isinstance(meant, InputError) else None)
        if not isinstance(meant, InputError):
            asked.append((bundle, course, meant))
    plans = iter(forecasts(backend_of(network), asked))
    return [_outcome(pair, next(plans) if one is None else one) for pair, one in zip(pairs, found, strict=True)]


def _outcome(pair: Pair, plan: Plan | InputError) -> Outcome:
    if isinstance(plan, InputError):
        return Outcome(pair.athlete.label, pair.course.label, error=one_line(str(plan)))
    return Outcome(pair.athlete.label, pair.course.label, totals(plan), encoded(plan, pair.inputs))
