"""A whole athlete profile is exact, each piece of it matters, and faults are refused."""

from __future__ import annotations

import json
import pickle
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.bundle import MAX_BYTES, MAX_FILE_BYTES, Bundle, load_bundle, parse_bundle, save_bundle
from lib.athlete.conformal import SCORES_KEPT, Calibration
from lib.athlete.profile import AthleteProfile
from lib.athlete.response import FEATURES, Response
from lib.athlete.run_history import CAPACITY, Memory
from lib.athlete.stopped_time import KEPT_RUNS
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS
from lib.model import evaluate_full_session_sequential, normalizers_data
from lib.training.checkpoint import BUNDLE, WEIGHTS
from lib.training.normalizers import extract, save_pickle, save_training_pickle
from tests.support.small import small_data, small_folder, small_model

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints_v2"
COURSE = pd.DataFrame({c.ALTITUDE: 40 * np.sin(np.arange(45) / 30)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return load_bundle(folder / "normalizers.json", folder / WEIGHTS)


def predict(fitted: dict[str, Any], given_s: np.ndarray | None = None) -> np.ndarray:
    said = evaluate_full_session_sequential(small_model()[0], COURSE, fitted, given_s=given_s)
    return said[list(c.TARGETS)].to_numpy()


@pytest.fixture(scope="module")
def said(bundle: Bundle) -> np.ndarray:
    """Prediction with the whole bundle."""
    return predict(normalizers_data(bundle))


def test_the_shipped_pickle_is_that_of_the_shipped_profile() -> None:
    # It names modules: move a class that it holds, and it is to be written again (trailcast normalizers).
    content = pickle.loads((SHIPPED / "normalizers.pkl").read_bytes())
    shipped = load_bundle(SHIPPED / BUNDLE, SHIPPED / WEIGHTS)
    assert extract(content, SHIPPED / WEIGHTS) == replace(shipped, onnx_sha256="")


def test_dataset_pickle_and_json_predict_the_same_to_the_last_bit(folder: Path, bundle: Bundle) -> None:
    model, fitted = small_model()
    save_pickle(fitted, folder / "normalizers.pkl")
    save_training_pickle(small_data().dataset, fitted, folder / "v1.pkl")
    v2 = pickle.loads((folder / "normalizers.pkl").read_bytes())
    v1 = pickle.loads((folder / "v1.pkl").read_bytes())
    old_way = evaluate_full_session_sequential(
        model, COURSE, training_dataset=v1["dataset"], prior=v1["prior"], athlete=v1["athlete"]
    )[list(c.TARGETS)].to_numpy()
    assert np.array_equal(predict(v2), old_way)
    assert np.array_equal(predict(normalizers_data(bundle)), old_way)


def test_the_bundle_comes_back_from_json_unchanged(bundle: Bundle) -> None:
    assert parse_bundle(bundle.to_json()) == bundle


def long_past(net: int) -> AthleteProfile:
    """Memory full, every number as long as those of a real athlete of ten years."""
    n, digits = SLOPE_KNOTS.size, 12_345.6
    sums = ("heart_rate_spread_sum", "heart_rate_weight", "cadence_spread_sum", "cadence_weight")
    return AthleteProfile(
        runs=1000,
        last_day=4000,
        **dict.fromkeys(("gap_days", "load_short_km", "load_long_km", "longest_km", *sums), 100 / 7),
        curve_actual_s=(digits,) * n,
        curve_flat_s=(digits,) * n,
        standing_at_one_hour_s=(1000,) * KEPT_RUNS,
        scores=(-0.123,) * SCORES_KEPT,
        response=Response(41.234, (-0.01234,) * 36, (-0.01234,) * FEATURES),
        pace_response=Response(41.234, (-0.01234,) * 36, (-0.01234,) * FEATURES),
        memory=Memory(
            day=tuple(range(3000, 3000 + CAPACITY)),
            distance=(2 * net,) * CAPACITY,
            climb=(111 - net,) * CAPACITY,
            net=(net,) * CAPACITY,
            pace=(588,) * CAPACITY,
            heart_rate=(155,) * CAPACITY,
            cadence=(843,) * CAPACITY,
        ),
    )


@pytest.mark.parametrize(("net", "least"), [(-12, 0.8), (-4_999, 0.65)])
def test_the_largest_bundle_stays_within_the_size_of_the_original(bundle: Bundle, net: int, least: float) -> None:
    prior = replace(
        bundle.prior,
        response=Response(1.0, (-0.01234,) * 36, (-0.01234,) * FEATURES),
        pace_response=Response(1.0, (-0.01234,) * 36, (-0.01234,) * FEATURES),
        calibration=Calibration(tuple(-1.234 + i / 1000 for i in range(25)), 0.1234),
    )
    full = replace(bundle, prior=prior).for_athlete(long_past(net))
    assert 0.9 * MAX_BYTES < len(full.to_json().encode()) <= MAX_BYTES
    assert least * CAPACITY < len(full.athlete.memory) < CAPACITY  # it forgets as many runs as it must


def _moved(value: Any) -> Any:
    """A number a little beside what it was."""
    return value * 1.07 + 0.01 if isinstance(value, float) else value + 3


def pieces() -> list[str]:
    fitted = small_model()[1]
    scalers = [f"scalers/{name}" for name in fitted["scalers"] if name not in ("relative_time_idx", "encoder_length")]
    return scalers + [f"target_normalizer/{name}" for name in fitted["target_names"]]


@pytest.mark.parametrize("piece", pieces())
@pytest.mark.parametrize("part", [0, 1])
def test_every_centre_and_scale_moves_the_predictions(bundle: Bundle, said: np.ndarray, piece: str, part: int) -> None:
    """A number that could be left out would move nothing."""
    kind, name = piece.split("/")
    entries = dict(getattr(bundle, kind))
    entry = list(entries[name])
    entry[part] = _moved(entry[part])
    other = replace(bundle, **{kind: entries | {name: tuple(entry)}})
    if name in (c.PACE_KNOWN, c.GIVEN_PACE):  # in no other prediction they are anything but 0, whatever the scale
        given_s = np.full(len(COURSE), 2.5)
        said = predict(normalizers_data(bundle), given_s)
        assert not np.array_equal(predict(normalizers_data(other), given_s), said)
    else:
        assert not np.array_equal(predict(normalizers_data(other)), said)


WITHOUT_EFFECT_ON_A_NEXT_RUN = {"results", "longest_km", "long_runs", "fading_sum", "standing_at_one_hour_s", "scores"}
"""The longest run counts on a longer one, standing and scores in the plan; tested there."""


def _moved_part(value: Any) -> Any:
    if isinstance(value, Memory):
        return replace(value, pace=tuple(p + 50 for p in value.pace))
    if isinstance(value, Response):
        return replace(value, cross=tuple(x + 0.05 for x in value.cross))
    if isinstance(value, tuple):
        return tuple(int(_moved(v)) if isinstance(v, int) else _moved(v) * (1 + i / 50) for i, v in enumerate(value))
    return _moved(value)


@pytest.mark.parametrize("name", [f.name for f in fields(AthleteProfile)])
def test_every_number_of_the_profile_moves_the_predictions(bundle: Bundle, said: np.ndarray, name: str) -> None:
    other = bundle.for_athlete(replace(bundle.athlete, **{name: _moved_part(getattr(bundle.athlete, name))}))
    same = np.array_equal(predict(normalizers_data(other)), said)
    assert same == (name in WITHOUT_EFFECT_ON_A_NEXT_RUN)


def broken(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the content with one value replaced, or taken out where it is ``...``."""
    copy = json.loads(json.dumps(content))
    *parents, last = path.split("/")
    at = copy
    for parent in parents:
        at = at[int(parent) if parent.isdigit() else parent]
    last = int(last) if last.isdigit() else last
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return copy


REFUSED = {
    "another version": ("schema_version", 1, "schema version 1"),
    "no version": ("schema_version", ..., "schema version None"),
    "an unknown field": ("surprise", 1, "unknown field 'surprise'"),
    "an unknown field of the profile": ("athlete/weight_kg", 70.0, "unknown field 'weight_kg'"),
    "infinity": ("athlete/gap_days", float("inf"), "the number Infinity"),
    "no number": ("scalers/slope_25m", [float("nan"), 1.0], "the number NaN"),
    "no scaler of a covariate": ("scalers/slope_25m", ..., "no 'slope_25m' in scalers"),
    "a scaler of nothing": ("scalers/phase_of_the_moon", [0.0, 1.0], "unknown 'phase_of_the_moon'"),
    "a scale of 0": ("scalers/slope_25m", [0.0, 0.0], "scalers.slope_25m[1] = 0.0"),
    "no target": ("target_normalizer/duration_ratio", ..., "no 'duration_ratio'"),
    "no vocabulary": ("categorical_encoders/series", ..., "no 'series'"),
    "a short curve": ("athlete/curve_actual_s", [1.0], "curve_actual_s = a list of 1 in athlete"),
    "a word for a number": ("athlete/gap_days", "fast", "gap_days = 'fast' in athlete; expected a number from 0"),
    "a half of a run": ("athlete/memory", [[1.5], *[[]] * 6], "day[0] = 1.5 in memory in athlete"),
    "a memory of other lengths": ("athlete/memory", [[], [1], *[[]] * 5], "runs remembered"),
    "a memory that is no text of one": ("athlete/memory", "day", "runs that cannot be read in athlete"),
    "a kernel too short": ("prior/6", [0.5], "pace of 1 values"),
    "an unknown field of the calibration": ("prior/13", {"mood": 1.0}, "no field 'multipliers' in calibration"),
    "a list for an object": ("prior", 1, "prior is 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_bundle_that_is_not_whole_is_refused_with_the_reason(bundle: Bundle, what: str) -> None:
    path, value, sentence = REFUSED[what]
    text = json.dumps(broken(json.loads(bundle.to_json()), path, value))
    with pytest.raises(InputError) as caught:
        parse_bundle(text, "me.json")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("me.json: ")


@pytest.mark.parametrize("name", [f.name for f in fields(Bundle)])
def test_a_bundle_without_any_one_field_is_refused(bundle: Bundle, name: str) -> None:
    with pytest.raises(InputError, match=name if name != "schema_version" else "schema version"):
        parse_bundle(json.dumps(broken(json.loads(bundle.to_json()), name, ...)))


def test_a_bundle_of_other_weights_is_refused(folder: Path, bundle: Bundle, tmp_path: Path) -> None:
    other = tmp_path / WEIGHTS
    other.write_bytes((folder / WEIGHTS).read_bytes() + b" ")
    with pytest.raises(InputError, match="a bundle for the weights"):
        parse_bundle(bundle.to_json(), "me.json", other)


def test_a_bundle_that_is_too_large_or_no_text_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "normalizers.json"
    path.write_bytes(b"{" + b" " * MAX_FILE_BYTES)
    with pytest.raises(InputError, match="at most"):
        load_bundle(path)
    path.write_bytes(b"{\x80\x04\x95")
    with pytest.raises(InputError, match="no text"):
        load_bundle(path)
    with pytest.raises(InputError, match="No such file"):
        load_bundle(tmp_path / "none.json")


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_other_json_is_refused_in_a_sentence(content: Any) -> None:
    with pytest.raises(InputError):
        parse_bundle(json.dumps(content))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_bundle_with_any_value_replaced_is_whole_or_refused(data: st.DataObject) -> None:
    text = _whole_text()
    content = json.loads(text)
    name = data.draw(st.sampled_from(sorted(content)))
    content[name] = data.draw(
        st.none() | st.integers() | st.text() | st.lists(st.floats()) | st.dictionaries(st.text(), st.none())
    )
    try:
        parse_bundle(json.dumps(content))
    except InputError:
        return
    assert (
        name
        in (
            "checkpoint_sha256",
            "onnx_sha256",
            "max_encoder_length",
            "max_prediction_length",
            "row_steps",
            "schema_version",
        )
        or content[name] == json.loads(text)[name]
    )


def _whole_text() -> str:
    import tempfile

    global _TEXT
    if not _TEXT:
        with tempfile.TemporaryDirectory() as folder:
            _TEXT = (small_folder(Path(folder)) / "normalizers.json").read_text()
    return _TEXT


_TEXT = ""


def test_a_failed_save_leaves_the_bundle_that_was_there(tmp_path: Path, bundle: Bundle) -> None:
    path = tmp_path / "normalizers.json"
    save_bundle(bundle, path)
    before = path.read_bytes()
    with pytest.raises((InputError, ValueError)):
        save_bundle(replace(bundle, max_encoder_length=float("nan")), path)  # type: ignore[arg-type]
    assert path.read_bytes() == before


def test_the_bundle_is_extracted_for_one_checkpoint(folder: Path) -> None:
    assert len(extract(small_model()[1], folder / WEIGHTS).checkpoint_sha256) == 64
