"""Pairs predicted together equal each pair predicted alone."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.athlete.bundle import parse_bundle
from lib.athlete.effort import USUAL
from lib.athlete.profile import AthleteProfile
from lib.athlete.results_level import Result
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import read_course
from lib.inference.onnx_backend import ONNX
from lib.plan.moving_plan import Plan
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig
from tests.support.batches import BUNDLE, athletes_in, gpx, model_in
from utils.batch.files import STEP_COLUMNS, Source
from utils.batch.identity import identity
from utils.batch.predict_pairs import Network, Pair, backend_of, fingerprint, load_network, predict_pairs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batch")


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    return model_in(folder / "model")


@pytest.fixture(scope="module")
def athletes(folder: Path, network: Network) -> list[Source]:
    made = athletes_in(folder / "athletes", network, 3)
    return [Source(path.stem, path.read_bytes()) for path in sorted(made.iterdir())]


@pytest.fixture(scope="module")
def courses() -> list[Source]:
    return [Source(f"c{i}", gpx(km, i)) for i, km in enumerate((0.61, 0.6, 1.3))]


def pairs_of(athletes: list[Source], courses: list[Source]) -> list[Pair]:
    return [Pair(athlete, course, "inputs") for course in courses for athlete in athletes]


def table(content: bytes | None) -> pa.Table:
    assert content is not None
    return pq.read_table(pa.BufferReader(content))


def alone(network: Network, pair: Pair, effort: str = USUAL) -> Plan:
    bundle = parse_bundle(pair.athlete.content.decode())
    course = read_course(pair.course.content)
    return plan_race(backend_of(network), bundle, course, RaceConfig(effort=effort)).plan


@pytest.mark.parametrize("effort", ["usual", "race"])
def test_many_pairs_get_what_each_gets_alone(
    network: Network, athletes: list[Source], courses: list[Source], effort: str
) -> None:
    pairs = pairs_of(athletes, courses)
    outcomes = predict_pairs(network, pairs, {"effort": effort})
    assert [(one.athlete, one.course) for one in outcomes] == [(p.athlete.label, p.course.label) for p in pairs]
    finishes = set()
    for outcome, pair in zip(outcomes, pairs, strict=True):
        plan, steps = alone(network, pair, effort), table(outcome.content)
        assert tuple(steps.column_names) == STEP_COLUMNS
        for name in STEP_COLUMNS:
            np.testing.assert_allclose(steps[name].to_numpy(), plan.columns[name], rtol=1e-4, atol=1e-3)
        assert outcome.error is None and outcome.totals is not None
        assert outcome.totals[c.FINISH] == steps[c.ELAPSED].to_numpy()[-1]
        low_s, high_s = outcome.totals[c.LOW], outcome.totals[c.HIGH]
        assert (low_s, high_s) == pytest.approx(plan.finish_interval_s, rel=1e-4)
        assert outcome.totals[c.DISTANCE] == plan.course.length_km * 1000 == steps.num_rows * c.STEP_M
        assert outcome.totals[c.CLIMB] == plan.course.climb_m
        finishes.add(outcome.totals[c.FINISH])
    assert len(finishes) == len(pairs)


def test_a_pair_is_the_plan_to_the_last_bit_whatever_stands_beside_it(
    network: Network, athletes: list[Source], courses: list[Source]
) -> None:
    pairs = pairs_of(athletes, courses)
    for pair, among in zip(pairs, predict_pairs(network, pairs), strict=True):
        (by_itself,) = predict_pairs(network, [pair])
        assert by_itself == among
        plan = alone(network, pair)
        for name in STEP_COLUMNS:
            np.testing.assert_array_equal(table(among.content)[name].to_numpy(), plan.columns[name])


def test_the_same_pairs_give_the_same_bytes_also_after_a_journey(
    network: Network, athletes: list[Source], courses: list[Source]
) -> None:
    pairs = pairs_of(athletes, courses)
    sent = pickle.loads(pickle.dumps((network, pairs)))
    backend_of.cache_clear()
    assert predict_pairs(*sent) == predict_pairs(network, pairs)


def test_results_of_a_profile_set_the_level(network: Network, athletes: list[Source]) -> None:
    bundle, course = parse_bundle(athletes[0].content.decode()), Source("c", gpx(1.3, 1))
    pairs = [Pair(athletes[0], course, "i")]
    for time_s in (24_060.0, 36_090.0):
        athlete = AthleteProfile(results=(Result(2026.45, 50.0, 2_300.0, time_s=time_s),))
        content = replace(bundle, athlete=athlete).to_json().encode()
        pairs.append(Pair(Source(f"{time_s:.0f}", content), course, "i"))
    _, fast, slow = (outcome.totals for outcome in predict_pairs(network, pairs))
    assert fast is not None and slow is not None
    assert 1.3 < slow[c.FINISH] / fast[c.FINISH] < 1.5
    assert fast[c.LOW] < fast[c.FINISH] < fast[c.HIGH]


def test_a_course_travels_once_in_a_task(athletes: list[Source]) -> None:
    course = Source("long", gpx(8))
    one, three = (len(pickle.dumps(pairs_of(who, [course]))) for who in (athletes[:1], athletes))
    assert three - one < len(course.content) / 2


def test_what_cannot_be_used_fails_its_own_pairs_only(
    network: Network, athletes: list[Source], courses: list[Source]
) -> None:
    bundle = parse_bundle(athletes[1].content.decode())
    others = [
        Source("stranger", replace(bundle, checkpoint_sha256="1" * 64).to_json().encode()),
        Source("text", b"{"),
        Source("bytes", b"{\xff\xfe"),
    ]
    roads = [Source("flat", gpx().replace(b"ele", b"x")), Source("x/y", b"\x1b[2J no XML")]
    outcomes = predict_pairs(network, pairs_of([*athletes, *others], [*courses, *roads]))
    good = {(one.athlete, one.course) for one in outcomes if one.error is None}
    assert good == {(athlete.label, course.label) for athlete in athletes for course in courses}
    said = {(one.athlete, one.course): one.error for one in outcomes if one.error is not None}
    assert all(one.totals is None and one.content is None for one in outcomes if one.error is not None)
    assert "stranger.json: an athlete profile of another model (111111111111…)" in str(said["stranger", "c0"])
    assert "text.json: JSON that is damaged" in str(said["text", "c0"])
    assert "bytes.json: bytes that are no text" in str(said["bytes", "c0"])
    assert "flat.gpx: no elevation at any point" in str(said["a0", "flat"])
    assert "x/y.gpx: XML that is not well-formed" in str(said["a0", "x/y"])
    assert all(error.isprintable() for error in said.values())


def test_an_effort_that_one_athlete_cannot_be_asked_fails_that_one(
    network: Network, athletes: list[Source], courses: list[Source]
) -> None:
    bundle = parse_bundle(athletes[1].content)
    memory = replace(bundle.athlete.memory, heart_rate=(205,) * len(bundle.athlete.memory))
    hot = Source("hot", replace(bundle, athlete=replace(bundle.athlete, memory=memory)).to_json().encode())
    steady, able = predict_pairs(network, pairs_of([athletes[1], hot], courses[:1]), {"effort": "215"})
    assert "mean heart rate of 215 bpm" in str(steady.error)
    assert able.error is None
    assert np.average(table(able.content)[c.HEART_RATE], weights=table(able.content)[c.DURATION]) > 180


def test_nothing_but_the_athlete_of_a_profile_counts(
    network: Network, athletes: list[Source], courses: list[Source]
) -> None:
    content = json.loads(athletes[1].content)
    content["scalers"][c.SLOPE_25M][1] *= 2
    content["max_encoder_length"] = 10_000
    later = Source("later", json.dumps(content).encode())
    one, other = predict_pairs(network, pairs_of([athletes[1], later], courses[:1]))
    assert one.totals == other.totals is not None


def test_the_fingerprint_follows_all_that_counts_and_no_name(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    athlete, course = Source("a", b"athlete"), Source("b", b"course")
    first = fingerprint(athlete, course, network, {})
    assert first == fingerprint(Source("x", b"athlete"), Source("y", b"course"), network, {})
    others = [
        fingerprint(Source("a", b"other"), course, network, {}),
        fingerprint(athlete, Source("b", b"other"), network, {}),
        fingerprint(course, athlete, network, {}),
        fingerprint(athlete, course, replace(network, content=b"other"), {}),
        fingerprint(athlete, course, replace(network, bundle_text="other"), {}),
        fingerprint(athlete, course, network, {"effort": "race"}),
        fingerprint(athlete, replace(course, stations="name,km\nA,0.3"), network, {}),
    ]
    monkeypatch.setattr("utils.batch.predict_pairs.identity", lambda: identity() | {"numpy": "0.0"})
    others.append(fingerprint(athlete, course, network, {}))
    assert len({first, *others}) == 1 + len(others)


def test_a_network_that_is_not_its_bundles_is_refused(folder: Path, network: Network, tmp_path: Path) -> None:
    (tmp_path / ONNX).write_bytes(network.content)
    stranger = replace(network.bundle, onnx_sha256="1" * 64)
    (tmp_path / BUNDLE).write_text(stranger.to_json())
    with pytest.raises(InputError, match="a network with the hash"):
        load_network(tmp_path, BUNDLE)
    assert load_network(folder / "model", BUNDLE) == network
