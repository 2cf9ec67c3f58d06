"""The rollout in arrays equals the one in tables, alone or many at once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from lib.athlete.bundle import Bundle
from lib.athlete.profile import AthleteProfile, profile_after
from lib.athlete.reference import Reference, reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table
from lib.inference.features import AS_REFERENCE, fed_columns, to_residuals
from lib.inference.rollout import Start, predict, predict_many, rollout
from lib.model import TrailRunningTFT, chunk_dataset, evaluate_full_session_sequential, normalizers_data
from lib.training import sequential as model_module
from lib.training.checkpoint import save_model
from lib.training.dataset import course_frame
from lib.training.normalizers import extract
from lib.training.torch_backend import torch_backend
from lib.training.training_data import training_data
from tests.support.small import CONFIG, small_model, small_sessions

pytestmark = pytest.mark.slow


def altitude(steps: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.4, steps).cumsum()
    return 300 + 40 * np.sin(np.arange(steps) / (30 + seed)) + noise


def course(steps: int, seed: int = 0) -> pd.DataFrame:
    return course_table(altitude(steps, seed))


def extracted(model: TrailRunningTFT, fitted: dict[str, Any]) -> Bundle:
    with TemporaryDirectory() as folder:
        return extract(fitted, save_model(model, Path(folder)))


@cache
def small() -> tuple[TrailRunningTFT, Bundle]:
    """Encoders of 1, 21 and 40 steps, decoders of 20."""
    return small_model()[0], extracted(*small_model())


@cache
def full_window() -> tuple[TrailRunningTFT, Bundle]:
    """Encoders of 1, 41 and 80 rows of 5 steps, decoders of 40, as the shipped network has them."""
    torch.manual_seed(3)
    config = replace(CONFIG, encoder_length=80, decoder_length=40, row_steps=5)
    data = training_data({"small": small_sessions(4, 450)}, config)
    model = TrailRunningTFT.for_dataset(data.dataset, config.network, {}, learning_rate=1e-3).eval()
    return model, extracted(model, data.fitted)


def stranger(bundle: Bundle) -> AthleteProfile:
    return profile_after(small_sessions(3, 300, seed=11), bundle.prior)


def asked(bundle: Bundle, what: str, steps: int, seed: int = 0) -> Start:
    given_s = 1.9 + 0.3 * np.sin(np.arange(steps) / 25)
    more: dict[str, dict[str, Any]] = {
        "nothing": {},
        "day": {"day": 40},
        "effort": {"effort": 1.5},
        "pace": {"given_s": given_s},
        "nobody": {"athlete": AthleteProfile()},
        "runs": {"athlete": stranger(bundle), "day": 12},
    }
    return Start(course(steps, seed), **more[what])


def reference_of(bundle: Bundle, start: Start) -> Reference:
    athlete = start.athlete or bundle.athlete
    return reference(athlete, bundle.prior, start.course, start.day, effort=start.effort, given_s=start.given_s)


def gap(bundle: Bundle, start: Start, said: dict[str, np.ndarray], other: dict[str, Any]) -> float:
    """Largest difference of any target, in its scale."""
    ref = reference_of(bundle, start)
    units = (ref.duration_s, ref.heart_rate_spread_bpm, ref.cadence_spread_rpm)
    differences = [
        np.abs(said[name] - np.asarray(other[name])).max() / np.min(unit) / scale
        for name, unit, (_, scale, _) in zip(c.TARGETS, units, bundle.target_normalizer.values(), strict=True)
    ]
    return float(max(differences))


def in_tables(model: TrailRunningTFT, bundle: Bundle, start: Start, recorded_m: np.ndarray) -> pd.DataFrame:
    return evaluate_full_session_sequential(
        model,
        pd.DataFrame({c.ALTITUDE: recorded_m}),
        normalizers_data(bundle),
        athlete=start.athlete,
        day=start.day,
        effort=start.effort,
        given_s=start.given_s,
    )


@pytest.mark.parametrize("made", [small, full_window])
def test_covariates_stand_in_the_order_in_which_the_network_reads_them(made: Any) -> None:
    model, bundle = made()
    assert list(bundle.x_reals) == list(model.hparams.x_reals)
    assert bundle.target_names == c.TARGET_RESIDUALS


@pytest.mark.parametrize("what", ["nothing", "day", "effort", "pace", "nobody", "runs"])
@pytest.mark.parametrize("steps", [1, 7, 20, 21, 67])
def test_small_windows_say_what_the_tables_say(what: str, steps: int) -> None:
    model, bundle = small()
    start = asked(bundle, what, steps)
    said = predict_many(torch_backend(model), bundle, [start])[0]
    assert gap(bundle, start, said, in_tables(model, bundle, start, altitude(steps))) < 1e-5


@pytest.mark.parametrize(
    ("what", "steps"), [("nothing", 3), ("nothing", 133), ("effort", 200), ("pace", 530), ("runs", 831)]
)
def test_full_windows_say_what_the_tables_say(what: str, steps: int) -> None:
    model, bundle = full_window()
    start = asked(bundle, what, steps)
    said = predict_many(torch_backend(model), bundle, [start])[0]
    assert said[c.DURATION].shape == (steps,)
    assert gap(bundle, start, said, in_tables(model, bundle, start, altitude(steps))) < 1e-5


def test_the_network_gets_what_pytorch_forecasting_makes_of_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    model, bundle = small()
    tables: list[tuple[np.ndarray, np.ndarray]] = []
    arrays: list[tuple[np.ndarray, np.ndarray]] = []
    original, backend = model_module._predict, torch_backend(model)

    def watched(network: TrailRunningTFT, chunk: Any) -> np.ndarray:
        x, _ = next(iter(chunk.to_dataloader(train=False, batch_size=1, num_workers=0)))
        assert x["encoder_cat"].shape[-1] == 0
        tables.append((x["encoder_cont"].numpy(), x["decoder_cont"].numpy()))
        return original(network, chunk)

    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        arrays.append((encoder_cont, decoder_cont))
        return backend(encoder_cont, decoder_cont)

    monkeypatch.setattr(model_module, "_predict", watched)
    start = asked(bundle, "effort", 67)
    in_tables(model, bundle, start, altitude(67))
    predict(run, bundle, start.course, effort=start.effort)
    assert [(e.shape[1], d.shape[1]) for e, d in arrays] == [(1, 20), (21, 20), (40, 20), (40, 7)]
    for ours, theirs in zip(arrays, tables, strict=True):
        for mine, other in zip(ours, theirs, strict=True):
            assert mine.dtype == np.float32
            assert mine.flags.c_contiguous
            assert mine == pytest.approx(other, abs=2e-5)
    # Before anything is fed back there is nothing that rounding could have moved.
    assert all(np.array_equal(a, b) for a, b in zip(arrays[0], tables[0], strict=True))
    # What is predicted is not told to the decoder beforehand.
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(arrays, tables, strict=True))


def test_many_courses_at_once_get_what_each_gets_alone() -> None:
    model, bundle = small()
    backend = torch_backend(model)
    whats = ("nothing", "day", "effort", "pace", "nobody", "runs")
    starts = [asked(bundle, what, n, i) for i, (what, n) in enumerate(zip(whats, (45, 7, 20, 67, 21, 90), strict=True))]
    together = predict_many(backend, bundle, starts)
    for start, said in zip(starts, together, strict=True):
        assert all(said[name].shape == (len(start.course),) for name in c.TARGETS)
        assert gap(bundle, start, said, predict_many(backend, bundle, [start])[0]) < 1e-5
    others = [gap(bundle, starts[0], together[0], predict(backend, bundle, course(45, seed))) for seed in (1, 2)]
    assert min(others) > 1e-3, "every course gets the same answer, so that this test could not fail"


def test_courses_that_are_done_drop_out() -> None:
    _, bundle = small()
    shapes = []

    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        shapes.append((encoder_cont.shape[:2], decoder_cont.shape[1]))
        return np.zeros((*decoder_cont.shape[:2], 3), np.float32)

    predict_many(run, bundle, [Start(course(n)) for n in (45, 7, 20, 47)])
    assert shapes == [((4, 1), 20), ((2, 21), 20), ((2, 40), 7)]


def test_padding_at_the_end_of_a_decoder_reaches_no_earlier_step() -> None:
    model, bundle = small()
    rng = np.random.default_rng(0)
    encoder, decoder = (rng.normal(size=(2, n, len(bundle.x_reals))).astype(np.float32) for n in (21, 20))
    backend = torch_backend(model)
    short = backend(encoder, np.ascontiguousarray(decoder[:, :13]))
    for rubbish in (0.0, 1e3):
        decoder[:, 13:] = rubbish
        padded = backend(encoder, decoder)
        assert padded[:, :13] == pytest.approx(short, abs=1e-6)
    decoder[:, 5] += 1.0
    assert np.abs(backend(encoder, decoder)[:, 6:13] - short[:, 6:]).max() > 1e-4


def test_a_network_that_says_nothing_leaves_the_reference_with_the_mean_offsets() -> None:
    _, bundle = small()
    start = Start(course(47))
    ref = reference_of(bundle, start)
    said = predict(lambda e, d: np.zeros((*d.shape[:2], 3), np.float32), bundle, start.course)
    assert said[c.DURATION] == pytest.approx(ref.duration_s)
    for name, target, at, spread in (
        (c.HEART_RATE, c.HEART_RATE_OFFSET, ref.heart_rate_bpm, ref.heart_rate_spread_bpm),
        (c.CADENCE, c.CADENCE_OFFSET, ref.cadence_rpm, ref.cadence_spread_rpm),
    ):
        assert said[name] == pytest.approx(at + spread * bundle.target_normalizer[target][0])


def test_time_is_the_references_and_a_given_pace_stays() -> None:
    model, bundle = small()
    free, given = asked(bundle, "nothing", 45), asked(bundle, "pace", 45)
    said, told = predict_many(torch_backend(model), bundle, [free, given])
    assert said[c.DURATION].sum() == pytest.approx(reference_of(bundle, free).duration_s.sum())
    assert np.array_equal(told[c.DURATION], given.given_s)


def test_the_callers_network_goes_on_to_give_denormalized_outputs() -> None:
    model, bundle = small()
    before = in_tables(model, bundle, Start(course(30)), altitude(30))
    predict(torch_backend(model), bundle, course(30))
    pd.testing.assert_frame_equal(before, in_tables(model, bundle, Start(course(30)), altitude(30)))


def happened(bundle: Bundle, start: Start, steps: int, seed: int = 5) -> dict[str, np.ndarray]:
    """Time, heart rate and cadence of the first steps, unlike the reference."""
    ref, rng = reference_of(bundle, start), np.random.default_rng(seed)
    return {
        c.DURATION: ref.duration_s[:steps] * np.exp(0.2 + rng.normal(0, 0.1, steps)),
        c.HEART_RATE: ref.heart_rate_bpm[:steps] + rng.normal(9, 4, steps),
        c.CADENCE: ref.cadence_rpm + rng.normal(-3, 2, steps),
    }


def spy(seen: list[tuple[np.ndarray, np.ndarray]]) -> Any:
    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        seen.append((encoder_cont, decoder_cont))
        return np.zeros((*decoder_cont.shape[:2], 3), np.float32)

    return run


@pytest.mark.parametrize(
    ("done", "chunks"),
    [
        (5, [(1, 20), (21, 20), (40, 20), (40, 2)]),
        (20, [(21, 20), (40, 20), (40, 7)]),
        (38, [(21, 20), (40, 9)]),
        (39, [(40, 20), (40, 8)]),
        (66, [(40, 1)]),
        (67, []),
    ],
)
def test_on_the_way_encoders_have_the_lengths_that_were_trained(done: int, chunks: list[tuple[int, int]]) -> None:
    _, bundle = small()
    start = Start(course(67))
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    predict_many(spy(seen), bundle, [replace(start, so_far=happened(bundle, start, done))])
    assert [(e.shape[1], d.shape[1]) for e, d in seen] == chunks


def test_on_the_way_a_row_that_is_not_done_as_a_whole_is_still_to_come() -> None:
    model, bundle = full_window()
    start = Start(course(331))
    ref, so_far = reference_of(bundle, start), happened(bundle, start, 48)
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    predict_many(spy(seen), bundle, [replace(start, so_far=so_far)])
    assert [(e.shape[1], d.shape[1]) for e, d in seen] == [(1, 40), (41, 18)]  # 9 rows are done, of 67
    said = predict_many(torch_backend(model), bundle, [replace(start, so_far=so_far)])[0]
    assert all(np.array_equal(said[name][:48], so_far[name]) for name in c.TARGETS)
    assert said[c.DURATION][48:].sum() == pytest.approx(ref.duration_s[48:].sum())


@pytest.mark.parametrize("done", [25, 45])
def test_on_the_way_the_network_sees_what_pytorch_forecasting_makes_of_what_happened(done: int) -> None:
    _, bundle = small()
    start = Start(course(67))
    ref, so_far = reference_of(bundle, start), happened(bundle, start, done)
    residuals = np.tile(AS_REFERENCE, (67, 1))
    residuals[:done] = to_residuals(so_far, ref)
    encoder_length = 21 if done < 39 else 40
    rows = course_frame(start.course, ref, "any", residuals).iloc[done + 1 - encoder_length : done + 21]
    data = chunk_dataset(rows, done + 1, normalizers_data(bundle))
    x, _ = next(iter(data.to_dataloader(train=False, batch_size=1, num_workers=0)))
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    predict_many(spy(seen), bundle, [replace(start, so_far=so_far)])
    assert seen[0][0] == pytest.approx(x["encoder_cont"].numpy(), abs=2e-5)
    known = [i for i, name in enumerate(bundle.x_reals) if name not in c.OBSERVED_REALS]
    assert seen[0][1][..., known] == pytest.approx(x["decoder_cont"].numpy()[..., known], abs=2e-5)


def test_what_is_done_stays_and_what_is_to_come_takes_the_references_time() -> None:
    model, bundle = small()
    start = Start(course(90))
    ref, so_far = reference_of(bundle, start), happened(bundle, start, 50)
    so_far[c.HEART_RATE][3:9] = np.nan
    said = predict_many(torch_backend(model), bundle, [replace(start, so_far=so_far)])[0]
    assert np.array_equal(said[c.DURATION][:50], so_far[c.DURATION])
    assert np.array_equal(said[c.CADENCE][:50], so_far[c.CADENCE])
    assert said[c.HEART_RATE][3:9] == pytest.approx(ref.heart_rate_bpm[3:9])
    assert np.array_equal(said[c.HEART_RATE][9:50], so_far[c.HEART_RATE][9:])
    assert said[c.DURATION][50:].sum() == pytest.approx(ref.duration_s[50:].sum())
    cold = predict(torch_backend(model), bundle, start.course)
    assert np.abs(said[c.HEART_RATE][50:] - cold[c.HEART_RATE][50:]).max() > 0.01


def test_what_was_not_measured_is_shown_as_the_reference() -> None:
    _, bundle = small()
    start = Start(course(67))
    whole, bare = happened(bundle, start, 45), happened(bundle, start, 45)
    bare |= {c.HEART_RATE: np.full(45, np.nan), c.CADENCE: np.full(45, np.nan)}
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    for so_far in (whole, bare):
        predict_many(spy(seen), bundle, [replace(start, so_far=so_far)])
    complete, lacking = (seen[i][0][0] for i in (0, len(seen) // 2))
    for name in (c.FED_HEART_RATE, c.FED_CADENCE, c.FED_MEAN_HEART_RATE):
        at, (center, scale) = bundle.x_reals.index(name), bundle.scalers[name]
        assert lacking[:, at] == pytest.approx(-center / scale)
        assert np.abs(complete[:, at] + center / scale).max() > 0.1
    at = bundle.x_reals.index(c.FED_DURATION)
    assert np.array_equal(complete[:, at], lacking[:, at])


def test_runs_on_their_way_and_cold_ones_get_together_what_each_gets_alone() -> None:
    model, bundle = small()
    backend = torch_backend(model)
    starts = [Start(course(n, i)) for i, n in enumerate((45, 67, 90, 30))]
    done = (0, 12, 45, 30)
    starts = [replace(s, so_far=happened(bundle, s, n)) if n else s for s, n in zip(starts, done, strict=True)]
    for start, said in zip(starts, predict_many(backend, bundle, starts), strict=True):
        assert gap(bundle, start, said, predict_many(backend, bundle, [start])[0]) < 1e-5


def test_no_step_done_is_a_cold_start_to_the_last_bit() -> None:
    model, bundle = small()
    start = Start(course(67))
    nothing = {name: np.empty(0) for name in c.TARGETS}
    said = predict_many(torch_backend(model), bundle, [replace(start, so_far=nothing)])[0]
    cold = predict(torch_backend(model), bundle, start.course)
    assert all(np.array_equal(said[name], cold[name]) for name in c.TARGETS)


def test_what_cannot_have_been_done_is_refused() -> None:
    model, bundle = small()
    start = Start(course(30))
    ref = reference_of(bundle, start)
    for residuals in (np.ones((31, 3)), np.ones((5, 2)), np.zeros((5, 3)), np.full((5, 3), np.nan)):
        with pytest.raises(InputError):
            rollout(torch_backend(model), bundle, [start.course], [ref], [residuals])
    both = replace(asked(bundle, "pace", 30), so_far=happened(bundle, start, 5))
    with pytest.raises(InputError, match="A pace and what is done"):
        predict_many(torch_backend(model), bundle, [both])


def test_many_courses_are_fed_back_as_one() -> None:
    rng = np.random.default_rng(0)
    residuals, ref_s = np.exp(rng.normal(size=(4, 30, 3))), np.exp(rng.normal(size=(4, 30)))
    together = fed_columns(residuals, ref_s)
    for i in range(4):
        for name, values in fed_columns(residuals[i], ref_s[i]).items():
            assert np.array_equal(values, together[name][i])


def test_no_courses_have_no_predictions() -> None:
    model, bundle = small()
    assert predict_many(torch_backend(model), bundle, []) == []


def test_a_course_that_is_no_number_somewhere_is_refused() -> None:
    model, bundle = small()
    holed = course(30)
    ref = reference(bundle.athlete, bundle.prior, holed)
    holed.loc[4, c.SLOPE_500M] = np.nan
    with pytest.raises(InputError, match="No usable slope_500m"):
        rollout(torch_backend(model), bundle, [holed], [ref])


def test_a_transformation_that_nobody_can_take_back_is_refused() -> None:
    _, bundle = small()
    odd = {name: (center, scale, "logit") for name, (center, scale, _) in bundle.target_normalizer.items()}
    with pytest.raises(InputError, match="= 'logit'; expected 'log'"):
        replace(bundle, target_normalizer=odd)


def test_serving_needs_neither_torch_nor_what_stands_on_it() -> None:
    heavy = ("torch", "pytorch_forecasting", "lightning", "sklearn", "matplotlib")
    code = f"import sys, lib.inference.rollout; print([n for n in {heavy!r} if n in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
