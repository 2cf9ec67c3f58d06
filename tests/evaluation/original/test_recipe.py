"""Each switch of the original pipeline shows its own defect, and nothing else."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd
import pytest
import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet
from pytorch_forecasting.data import NaNLabelEncoder

from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.original.recipe import (
    GROUP_ENCODER,
    PLACEHOLDERS,
    RELATIVE_TIME,
    UNSEEN,
    OriginalConfig,
    observed,
    original_dataset,
    original_frame,
    original_state,
    own_normalizer,
    placeholder_frame,
    session_statistics,
    train_original,
)
from lib.evaluation.original.rollout import (
    Defects,
    crafted_pickle,
    largest_difference,
    opened,
    pickle_instructions,
    rollout,
    teacher_errors,
)

pytestmark = pytest.mark.slow  # trains a replica

pytestmark = pytest.mark.filterwarnings("ignore")  # advice of the training library on loaders and loggers
VARIABLE = "TRAILCAST_TEST_PICKLE"
CONFIG = OriginalConfig(encoder_length=12, decoder_length=6, hidden_size=4, hidden_continuous_size=2, steps=25, seed=3)


def session(session_id: int, pace_s: float, steps: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(session_id)
    altitude = 100.0 + 15.0 * np.sin(np.arange(steps) / 7.0 + session_id)
    return pd.DataFrame(
        {
            c.SESSION_ID: np.int32(session_id),
            c.STEP: np.arange(steps),
            c.ALTITUDE: altitude,
            c.DURATION: pace_s * np.exp(0.05 * rng.standard_normal(steps) + np.gradient(altitude) / 10.0),
            c.HEART_RATE: 135.0 + 6.0 * session_id + rng.standard_normal(steps),
            c.CADENCE: 78.0 + session_id + rng.standard_normal(steps),
        }
    )


@dataclass
class Replica:
    frame: pd.DataFrame
    dataset: TimeSeriesDataSet
    model: TemporalFusionTransformer
    altitude_m: np.ndarray
    done: dict[Defects, pd.DataFrame] = field(default_factory=dict)

    def run(self, **switches: bool) -> pd.DataFrame:
        defects = Defects(**switches)
        if defects not in self.done:
            self.done[defects] = rollout(self.model, original_state(self.dataset), self.altitude_m, defects)
        return self.done[defects].copy()


@pytest.fixture(scope="module")
def replica() -> Replica:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    frame = original_frame(pd.concat([session(i, 1.6 + 0.25 * i) for i in range(5)]))
    dataset = original_dataset(frame, CONFIG)
    model = train_original(dataset, CONFIG)
    torch.set_num_threads(threads)
    return Replica(frame, dataset, model, 200.0 + 10.0 * np.sin(np.arange(32) / 5.0))


@pytest.fixture
def clean_environment() -> Iterator[None]:
    os.environ.pop(VARIABLE, None)
    yield
    os.environ.pop(VARIABLE, None)


# --- the recipe --------------------------------------------------------------------------------------------------
def test_what_follows_from_the_targets_is_derived_as_by_hand() -> None:
    derived = observed(np.array([[2.0, 120.0, 80.0], [4.0, 140.0, 80.0], [2.5, 130.0, 80.0]]))
    assert derived[c.SPEED].tolist() == [2.5, 1.25, 2.0]
    assert derived[c.MEAN_HEART_RATE].tolist() == [120.0, 130.0, 130.0]
    assert derived[c.ELAPSED].tolist() == [2.0, 6.0, 8.5]


def test_a_course_before_the_start_holds_placeholders_and_one_row_of_history() -> None:
    rows = placeholder_frame(np.linspace(10.0, 20.0, 7))
    assert len(rows) == 8
    assert rows[c.TIME_IDX].tolist() == list(range(8))
    for name, value in PLACEHOLDERS.items():
        assert set(rows[name]) == {value}
    assert set(rows[c.SPEED]) == {1.25}
    assert rows[c.ELAPSED].tolist() == [4.0 * i for i in range(1, 9)]
    assert rows[c.DISTANCE].tolist() == [5.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0]


def test_a_session_with_gaps_is_refused() -> None:
    broken = session(1, 2.0)
    broken.loc[5, c.HEART_RATE] = np.nan
    with pytest.raises(InputError, match="Session 1 with gaps"):
        original_frame(broken)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"seed": 1.5}, {"batch_size": True}, {"learning_rate": float("nan")}])
def test_a_configuration_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        OriginalConfig(**wrong)


def test_heads_that_do_not_divide_the_network_are_refused() -> None:
    with pytest.raises(InputError, match="divisible"):
        OriginalConfig(hidden_size=5, attention_head_size=2)


@pytest.mark.slow
def test_training_again_gives_the_same_network(replica: Replica) -> None:
    short = replace(CONFIG, steps=2)
    one, two = (train_original(replica.dataset, short).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_both_encoders_of_the_session_id_agree_and_number_from_zero(replica: Replica) -> None:
    encoders = original_state(replica.dataset)["categorical_encoders"]
    assert {k: v for k, v in encoders[c.SESSION_ID].classes_.items() if k != UNSEEN} == encoders[GROUP_ENCODER].classes_
    assert list(encoders[GROUP_ENCODER].classes_.values()) == [0, 1, 2, 3, 4]


def test_with_add_nan_the_two_encoders_would_be_off_by_one() -> None:
    ids = np.arange(5)
    assert NaNLabelEncoder(add_nan=True).fit(ids).transform(ids).tolist() == [1, 2, 3, 4, 5]
    assert NaNLabelEncoder().fit(ids).transform(ids).tolist() == [0, 1, 2, 3, 4]


# --- no defect ---------------------------------------------------------------------------------------------------
def test_with_all_fitted_state_the_prediction_equals_the_training_datasets_exactly(replica: Replica) -> None:
    v1 = rollout(replica.model, replica.dataset, replica.altitude_m)
    assert largest_difference(replica.run(), v1) == dict.fromkeys(c.TARGETS, 0.0)
    assert len(v1) == 32


def test_a_prediction_leaves_the_fitted_state_as_it_was(replica: Replica) -> None:
    before = pickle.dumps(original_state(replica.dataset)["scalers"])
    defects = Defects(missing_scalers=True, missing_group_encoder=True)
    rollout(replica.model, original_state(replica.dataset), replica.altitude_m, defects)
    assert pickle.dumps(original_state(replica.dataset)["scalers"]) == before
    assert list(replica.dataset._categorical_encoders[GROUP_ENCODER].classes_) == [0, 1, 2, 3, 4]


# --- each defect by itself ------------------------------------------------------------------------------------------
def test_fitted_on_placeholders_the_answer_is_the_placeholder(replica: Replica) -> None:
    flat, sound = replica.run(placeholder_normalizer=True), replica.run()
    for name, value in PLACEHOLDERS.items():
        assert np.abs(flat[name] - value).max() < 0.05
    assert np.abs(sound[c.DURATION] - 4.0).min() > 0.5
    assert np.ptp(sound[c.DURATION]) > 100 * np.ptp(flat[c.DURATION])


@pytest.mark.parametrize(
    "missing",
    [
        {"missing_scalers": True},
        {"missing_group_encoder": True},
        {"missing_scalers": True, "missing_group_encoder": True},
    ],
)
def test_whatever_is_missing_from_the_bundle_moves_every_target(replica: Replica, missing: dict[str, bool]) -> None:
    moved = largest_difference(replica.run(**missing), replica.run())
    assert all(value > 1e-3 for value in moved.values()), moved


def test_without_the_group_encoder_the_course_takes_a_training_sessions_statistics(replica: Replica) -> None:
    first = replica.frame[replica.frame[c.SESSION_ID] == 0]
    state = original_state(replica.dataset)
    center, _ = state["target_normalizer"].get_parameters((0,), [c.SESSION_ID])[0]
    unknown, _ = state["target_normalizer"].get_parameters((5,), [c.SESSION_ID])[0]
    assert center == pytest.approx(first[c.DURATION].mean())
    assert unknown == pytest.approx(replica.frame.groupby(c.SESSION_ID)[c.DURATION].mean().median())
    # session 0 is the fastest, so is the prediction that wrongly takes its scale
    assert replica.run(missing_group_encoder=True)[c.DURATION].mean() < replica.run()[c.DURATION].mean()


def test_the_geometry_of_the_chunk_tells_times_that_training_never_saw(replica: Replica) -> None:
    shifted, sound = replica.run(shifted_geometry=True), replica.run()
    assert shifted[RELATIVE_TIME][:6].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert shifted[RELATIVE_TIME][6:12].tolist() == pytest.approx([i / 7 for i in range(6)])
    assert sound[RELATIVE_TIME][:6].tolist() == pytest.approx([i / 12 for i in range(6)])
    assert shifted[RELATIVE_TIME][12:].tolist() == sound[RELATIVE_TIME][12:].tolist()
    assert (shifted[c.DURATION] - sound[c.DURATION])[1:6].abs().max() > 1e-3


def test_the_geometry_goes_wrong_with_the_training_dataset_too(replica: Replica) -> None:
    v1 = rollout(replica.model, replica.dataset, replica.altitude_m, Defects(shifted_geometry=True))
    assert largest_difference(v1, replica.run(shifted_geometry=True)) == dict.fromkeys(c.TARGETS, 0.0)


def test_half_of_the_feedback_leaves_elapsed_time_at_the_placeholders(replica: Replica) -> None:
    half, sound = replica.run(half_feedback=True), replica.run()
    assert half[c.ELAPSED].tolist() == [4.0 * i for i in range(2, 34)]
    assert sound[c.ELAPSED].to_numpy() == pytest.approx(4.0 + sound[c.DURATION].cumsum().to_numpy())
    # the first chunk has no history of its own yet
    assert largest_difference(half[:6], sound[:6]) == dict.fromkeys(c.TARGETS, 0.0)
    assert max(largest_difference(half, sound).values()) > 1e-5


def test_training_is_told_the_mean_of_the_very_session(replica: Replica) -> None:
    told = session_statistics(replica.dataset, replica.frame)
    assert told["told_s"].to_numpy() == pytest.approx(told["own_s"].to_numpy(), abs=1e-5)
    assert told["own_s"].is_monotonic_increasing


def test_its_own_statistics_help_on_a_session_unlike_the_others(replica: Replica) -> None:
    fast = original_frame(session(9, 1.2))
    state = original_state(replica.dataset)
    honest = teacher_errors(replica.model, state, fast)
    leaked = teacher_errors(replica.model, state, fast, Defects(own_statistics=True))
    assert honest.index.tolist() == leaked.index.tolist() == [9]
    assert leaked.loc[9, c.HEART_RATE] < honest.loc[9, c.HEART_RATE]
    assert leaked.loc[9, c.DURATION] < honest.loc[9, c.DURATION]


def test_own_statistics_are_mean_and_spread_of_the_rows(replica: Replica) -> None:
    rows = replica.frame[replica.frame[c.SESSION_ID] == 2]
    center, scale = own_normalizer(rows).get_parameters((5,), [c.SESSION_ID])[1]
    assert center == pytest.approx(rows[c.HEART_RATE].mean())
    assert scale == pytest.approx(rows[c.HEART_RATE].std(), abs=2e-3)


@pytest.mark.usefixtures("clean_environment")
def test_a_crafted_pickle_runs_only_where_pickles_are_trusted(replica: Replica) -> None:
    crafted = crafted_pickle(original_state(replica.dataset), VARIABLE)
    with pytest.raises(InputError, match="pickle"):
        rollout(replica.model, crafted, replica.altitude_m)
    assert VARIABLE not in os.environ
    obeyed = rollout(replica.model, crafted, replica.altitude_m, Defects(trusted_pickle=True))
    assert os.environ[VARIABLE] == "ran"
    assert largest_difference(obeyed, replica.run()) == dict.fromkeys(c.TARGETS, 0.0)


@pytest.mark.usefixtures("clean_environment")
def test_instructions_of_a_pickle_are_counted_without_following_them(replica: Replica) -> None:
    state = original_state(replica.dataset)
    plain = pickle_instructions(pickle.dumps(state, protocol=pickle.HIGHEST_PROTOCOL))
    crafted = pickle_instructions(crafted_pickle(state, VARIABLE))
    assert VARIABLE not in os.environ
    assert crafted["imports"] > plain["imports"] > 0
    assert crafted["calls"] > plain["calls"] > 0
    assert pickle_instructions(pickle.dumps([1.0, "a"]))["calls"] == 0


# --- switches ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [switch.name for switch in fields(Defects)])
def test_a_switch_is_true_or_false(name: str) -> None:
    with pytest.raises(InputError, match=name):
        Defects(**{name: 1})


def test_two_target_normalizers_at_once_are_refused() -> None:
    with pytest.raises(InputError, match="one target normalizer"):
        Defects(placeholder_normalizer=True, own_statistics=True)


def test_a_course_has_no_statistics_of_its_own(replica: Replica) -> None:
    with pytest.raises(InputError, match="own_statistics on a course"):
        replica.run(own_statistics=True)


def test_nothing_can_be_left_out_of_a_whole_training_dataset(replica: Replica) -> None:
    with pytest.raises(InputError, match="training dataset"):
        rollout(replica.model, replica.dataset, replica.altitude_m, Defects(missing_scalers=True))


def test_switches_leave_out_only_their_own_part(replica: Replica) -> None:
    state = original_state(replica.dataset)
    assert opened(state, Defects()) == state
    assert opened(state, Defects(missing_scalers=True)) == state | {"scalers": {}}
    assert list(opened(state, Defects(missing_group_encoder=True))["categorical_encoders"]) == [c.SESSION_ID]
