"""Prediction of pairs of an athlete and a course, all as bytes.

The work of one task of many. It knows neither folders nor a cluster, so it gives the same wherever it runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from lib.athlete.bundle import Bundle, load_bundle, parse_bundle, parse_profile
from lib.core.errors import InputError, NoSuchFileError
from lib.course.course import Course, read_course
from lib.inference.onnx_backend import ONNX, backend_from
from lib.inference.rollout import Backend
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import race_config
from lib.report.summary import totals
from utils.batch.files import Source, encoded, one_line
from utils.batch.identity import identity

T = TypeVar("T")

AT_ONCE: Final = 32
"""Pairs of one task at most."""


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
        `lib.report.summary.totals`, if it could be predicted.
    content : bytes, optional
        `utils.batch.files.encoded`, if it was predicted just now.
    files : mapping of str to bytes
        Files of the plan beside that, if they are wanted, by their endings.
    error : str, optional
        Why it could not be.
    """

    athlete: str
    course: str
    totals: dict[str, Any] | None = None
    content: bytes | None = None
    error: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


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


def fingerprint(athlete: Source, course: Source, network: Network, said: Mapping[str, str]) -> str:
    """Hash of everything that a prediction follows from, in hexadecimal; not of names."""
    files = [athlete.sha256, course.sha256, course.stations, network.sha256, network.bundle_text]
    parts = [identity(), *files, dict(said)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _or_error(call: Callable[..., T], *arguments: Any) -> T | InputError:
    try:
        return call(*arguments)
    except InputError as error:
        return error


def _bundle(source: Source, network: Network) -> Bundle:
    """The network's bundle, with the athlete of a profile that belongs to it."""
    return parse_profile(source.content, network.bundle, f"{source.label}.json")


def races(
    network: Network, pairs: Sequence[Pair], said: Mapping[str, str]
) -> Iterator[tuple[Pair, RacePlan | InputError, Bundle | InputError]]:
    """Plan pairs, each as if it were alone: what a pair gets does not depend on what is predicted beside it.

    Parameters
    ----------
    network : Network
        What predicts.
    pairs : sequence of Pair
        Best some of one course beside each other: it is read once.
    said : mapping of str to str
        What is the same for all, as `lib.race.config.race_config` takes it.

    Yields
    ------
    Pair, RacePlan, Bundle
        In their order. A bundle, a course, or an effort that cannot be used fails its own pairs only.
    """
    backend = backend_of(network)
    athletes = {source: _or_error(_bundle, source, network) for source in {pair.athlete for pair in pairs}}
    courses = {
        source: _or_error(read_course, source.content, f"{source.label}.gpx")
        for source in {pair.course for pair in pairs}
    }
    for pair in pairs:
        bundle, course = athletes[pair.athlete], courses[pair.course]
        yield pair, _or_error(_planned, backend, bundle, course, pair.course, said), bundle


def predict_pairs(network: Network, pairs: Sequence[Pair], said: Mapping[str, str] | None = None) -> list[Outcome]:
    """Predict pairs: an outcome for each of `races`."""
    return [outcome_of(pair, race) for pair, race, _ in races(network, pairs, said or {})]


def _planned(
    backend: Backend,
    bundle: Bundle | InputError,
    course: Course | InputError,
    source: Source,
    said: Mapping[str, str],
) -> RacePlan:
    if isinstance(bundle, InputError):
        raise bundle
    if isinstance(course, InputError):
        raise course
    config = race_config(course, stations=source.stations, stations_source=f"{source.label}.csv", **said)
    return plan_race(backend, bundle, course, config)


def outcome_of(pair: Pair, race: RacePlan | InputError) -> Outcome:
    """What became of a pair."""
    if isinstance(race, InputError):
        return Outcome(pair.athlete.label, pair.course.label, error=one_line(str(race)))
    return Outcome(pair.athlete.label, pair.course.label, totals(race), encoded(race, pair.inputs))
