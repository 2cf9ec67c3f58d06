"""A cold start predicts a whole course, feeds everything back and refits nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import read_course
from lib.inference.features import WindowConfig
from lib.model import (
    ORIGINAL_FIELDS,
    TrailRunningTFT,
    evaluate_full_session_sequential,
    require_fitted,
    window_of,
)
from lib.training import sequential
from tests.support.batches import gpx
from tests.support.small import small_data, small_model, small_sessions

pytestmark = pytest.mark.slow


def course(steps: int) -> pd.DataFrame:
    return pd.DataFrame({c.ALTITUDE: 40 * np.sin(np.arange(steps) / 30)})


@pytest.mark.parametrize("steps", [1, 20, 21, 45])
def test_any_length_is_predicted_whole(steps: int) -> None:
    model, fitted = small_model()
    said = evaluate_full_session_sequential(model, course(steps), fitted)
    assert len(said) == steps
    assert said[c.STEP].tolist() == list(range(steps))
    assert np.isfinite(said[list(c.TARGETS)].to_numpy()).all()
    assert (said[c.DURATION] > 0).all()


def test_the_whole_training_dataset_and_what_was_extracted_from_it_say_the_same() -> None:
    model, fitted = small_model()
    data = small_data()
    v2 = evaluate_full_session_sequential(model, course(45), fitted)
    v1 = evaluate_full_session_sequential(
        model, course(45), training_dataset=data.dataset, prior=data.prior, athlete=data.athlete
    )
    pd.testing.assert_frame_equal(v1, v2, check_exact=True)


def test_without_the_scalers_the_answer_is_another_and_is_refused_unless_asked_for() -> None:
    model, fitted = small_model()
    incomplete = {name: fitted[name] for name in (*ORIGINAL_FIELDS, "prior", "athlete")}
    with pytest.raises(InputError, match="No fitted scaler of 'slope_25m'"):
        evaluate_full_session_sequential(model, course(45), incomplete)
    whole = evaluate_full_session_sequential(model, course(45), fitted)
    refitted = evaluate_full_session_sequential(model, course(45), incomplete, refit_missing=True)
    assert (whole[list(c.TARGETS)] - refitted[list(c.TARGETS)]).abs().max().min() > 1e-4


def test_an_unfitted_target_normalizer_is_refused() -> None:
    from lib.training.dataset import target_normalizer

    _, fitted = small_model()
    with pytest.raises(InputError, match="target normalizer"):
        require_fitted(fitted | {"target_normalizer": target_normalizer()})


def test_every_chunk_has_the_geometry_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    model, fitted = small_model()
    seen = []
    original = sequential._predict

    def watched(network: TrailRunningTFT, chunk: object) -> np.ndarray:
        x = chunk[0][0]  # type: ignore[index]
        relative = x["x_cont"][:, chunk.reals.index("relative_time_idx")]  # type: ignore[attr-defined]
        seen.append((x["encoder_length"], x["decoder_length"], float(relative[-1])))
        return original(network, chunk)  # type: ignore[arg-type]

    monkeypatch.setattr(sequential, "_predict", watched)
    evaluate_full_session_sequential(model, course(67), fitted)
    assert [(e, d) for e, d, _ in seen] == [(1, 20), (21, 20), (40, 20), (40, 7)]
    assert [r for *_, r in seen] == pytest.approx([19 / 40, 19 / 40, 19 / 40, 6 / 40])


def test_predictions_and_all_that_follows_from_them_become_the_next_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    model, fitted = small_model()
    encoders = []
    original = sequential.chunk_dataset

    def watched(frame: pd.DataFrame, first: int, state: dict) -> object:
        encoders.append(frame[frame[c.TIME_IDX] < first])
        return original(frame, first, state)

    monkeypatch.setattr(sequential, "chunk_dataset", watched)
    said = evaluate_full_session_sequential(model, course(60), fitted)
    last = encoders[2]
    ratio = said[c.DURATION].to_numpy()[:40] / last[c.REFERENCE_DURATION].to_numpy()[-40:]
    settled = last[c.DURATION_RATIO].to_numpy()[-40:] / ratio  # the whole is scaled at the end, by one factor
    assert settled == pytest.approx(np.full(40, settled[0]))
    assert last[c.FED_DURATION].to_numpy()[-40:] == pytest.approx(np.log(ratio * settled))
    for name in c.OBSERVED_REALS:
        assert last[name].std() > 0, f"{name} stayed at its placeholder"


def test_nothing_but_altitude_is_read_of_the_course() -> None:
    model, fitted = small_model()
    session = small_sessions(1)
    plain = evaluate_full_session_sequential(model, session[[c.ALTITUDE]], fitted)
    pd.testing.assert_frame_equal(plain, evaluate_full_session_sequential(model, session, fitted))


def test_a_course_is_cleaned_once() -> None:
    model, fitted = small_model()
    run = read_course(gpx(0.6))
    said = evaluate_full_session_sequential(model, run, fitted)
    recorded = pd.DataFrame({c.ALTITUDE: run.recorded_m})
    pd.testing.assert_frame_equal(said, evaluate_full_session_sequential(model, recorded, fitted), check_exact=True)
    twice = evaluate_full_session_sequential(model, run.table, fitted)
    assert (said[c.DURATION] - twice[c.DURATION]).abs().max() > 1e-4


@pytest.mark.parametrize("both", [True, False])
def test_fitted_state_comes_one_way_and_no_other(both: bool) -> None:
    model, fitted = small_model()
    state = {"normalizers_data": fitted, "training_dataset": small_data().dataset} if both else {}
    with pytest.raises(InputError, match="one of the two"):
        evaluate_full_session_sequential(model, course(30), **state)


def test_a_course_without_altitude_is_refused() -> None:
    model, fitted = small_model()
    holed = course(30)
    holed.loc[4, c.ALTITUDE] = np.nan
    for table in (holed, pd.DataFrame({c.STEP: range(30)})):
        with pytest.raises(InputError, match="No altitude"):
            evaluate_full_session_sequential(model, table, fitted)


def test_the_window_is_that_of_the_fitted_state() -> None:
    assert window_of(small_model()[1]) == WindowConfig(40, 20)
