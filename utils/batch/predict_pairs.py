"""Prediction of pairs of an athlete and a course, all as bytes.

The work of one task of many. It knows neither folders nor a cluster, so it gives the same wherever it runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from lib.athlete.bundle import Bundle, load_bundle, parse_bundle, parse_profile
from lib.athlete.effort import USUAL, effort_for
from lib.core.errors import InputError, NoSuchFileError
from lib.course.course import Course, read_course
from lib.inference.onnx_backend import ONNX, backend_from
from lib.inference.rollout import Backend
from lib.plan.forecast import forecast
from lib.plan.moving_plan import Plan
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig
from utils.batch.files import Source, encoded, one_line, totals
from utils.batch.identity import identity

T = TypeVar("T")

AT_ONCE: Final = 8
"""Pairs of one task."""


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
    bundle, path = load_bundle(folder / bundle_name), folder / ONNX
    if not path.is_file():
        raise NoSuchFileError(path, "Export it: python -m utils.studies.export_model.")
    network = Network(path.read_bytes(), bundle.to_json())
    backend_from(network.content, path, bundle)
    return network


@lru_cache(maxsize=1)
def backend_of(network: Network) -> Backend:
    """Backend that runs it; made once in a process."""
    return backend_from(network.content, ONNX, network.bundle)


def loads(network: Network) -> bool:
    """Whether this process can run it; raises what stands in the way."""
    return callable(backend_of(network))


def fingerprint(athlete: Source, course: Source, network: Network, effort: str | None) -> str:
    """Hash of everything that a prediction follows from, in hexadecimal; not of names."""
    parts = [identity(), athlete.sha256, course.sha256, network.sha256, network.bundle_text, effort]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _or_error(call: Callable[..., T], *arguments: Any) -> T | InputError:
    try:
        return call(*arguments)
    except InputError as error:
        return error


def _bundle(source: Source, network: Network) -> Bundle:
    """The network's bundle, with the athlete of a profile that belongs to it."""
    return parse_profile(source.content, network.bundle, f"{source.label}.json")


def predict_pairs(network: Network, pairs: Sequence[Pair], effort: str | None = None) -> list[Outcome]:
    """Predict pairs, each as if it were alone: what a pair gets does not depend on what is predicted beside it.

    Parameters
    ----------
    network : Network
        What predicts.
    pairs : sequence of Pair
        Best some of one course beside each other: it is read once.
    effort : str, optional
        See `lib.athlete.effort.effort_for`.

    Returns
    -------
    list of Outcome
        In their order. A bundle, a course, or an effort that cannot be used fails its own pairs only.
    """
    backend = backend_of(network)
    athletes = {source: _or_error(_bundle, source, network) for source in {pair.athlete for pair in pairs}}
    courses = {
        source: _or_error(read_course, source.content, f"{source.label}.gpx")
        for source in {pair.course for pair in pairs}
    }
    return [
        _outcome(pair, _or_error(_plan, backend, athletes[pair.athlete], courses[pair.course], effort))
        for pair in pairs
    ]


def _plan(backend: Backend, bundle: Bundle | InputError, course: Course | InputError, effort: str | None) -> Plan:
    for one in (bundle, course):
        if isinstance(one, InputError):
            raise one
    if bundle.athlete.results:
        return plan_race(backend, bundle, course, RaceConfig(effort=effort or USUAL)).plan
    return forecast(backend, bundle, course, effort=effort_for(bundle, course.columns, effort))


def _outcome(pair: Pair, plan: Plan | InputError) -> Outcome:
    if isinstance(plan, InputError):
        return Outcome(pair.athlete.label, pair.course.label, error=one_line(str(plan)))
    return Outcome(pair.athlete.label, pair.course.label, totals(plan), encoded(plan, pair.inputs))
