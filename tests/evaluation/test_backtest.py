"""The backtest is cold, complete, and the same for every baseline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.athlete.bundle import load_bundle
from lib.athlete.prior import Prior
from lib.athlete.reference import reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.evaluation.backtest import OURS, REFERENCE, backtest, cold_starts, predictor, reference_prediction
from lib.evaluation.baselines.baseline import baselines_of
from lib.evaluation.cases import Case, walk
from lib.evaluation.metrics import HEART_RATE_GIVEN_PACE
from lib.model import evaluate_full_session_sequential
from lib.recordings.sessions import write_sessions
from lib.training.torch_backend import torch_backend
from tests.support.command import command
from tests.support.small import small_folder, small_model, small_sessions

pytestmark = pytest.mark.slow  # trains all baselines

main = command("backtest")

PRIOR = Prior()


def by_reference(cases: Sequence[Case], paced: bool) -> list[pd.DataFrame]:
    """A model that says what the reference says."""
    return [reference_prediction(reference(case.profile, PRIOR, case.course, case.day)) for case in cases]


def two_parts(n: int = 6, first: int = 4, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    sessions = small_sessions(n, seed=seed)
    later = sessions[c.SESSION_ID] >= first
    return sessions[~later], sessions[later]


def run(change: float = 1.0) -> dict[str, object]:
    history, test = {}, {}
    for name, seed in (("a", 7), ("b", 8)):
        history[name], test[name] = two_parts(seed=seed)
    last = test["a"][c.SESSION_ID] == 5
    test["a"] = test["a"].assign(**{c.DURATION: np.where(last, change, 1.0) * test["a"][c.DURATION]})
    return backtest(history, test, PRIOR, by_reference, min_km=1.0)


def test_every_predictor_predicts_every_session_of_the_test() -> None:
    result = run()
    predictors = {OURS, *(baseline.name for baseline in baselines_of([[]]))}
    assert {(row["athlete"], row["predictor"]) for row in result["rows"]} == {(a, p) for a in "ab" for p in predictors}
    assert all(row["n"] == 2 for row in result["rows"])
    assert [(row["athlete"], row["predictor"]) for row in result["reference"]] == [("a", REFERENCE), ("b", REFERENCE)]
    assert set(result["sessions"]) == {f"{a}/{i}/{p}" for a in "ab" for i in (4, 5) for p in predictors}


def test_no_prediction_depends_on_what_happened_in_its_own_session() -> None:
    one, other = run(), run(change=2.0)
    for name, record in one["sessions"].items():
        again = other["sessions"][name]
        assert again["predicted_s"] == record["predicted_s"], name
        assert (again["low_s"], again["high_s"]) == (record["low_s"], record["high_s"]), name
    assert other["sessions"][f"a/5/{OURS}"]["moving_s"] == 2 * one["sessions"][f"a/5/{OURS}"]["moving_s"]


def test_later_sessions_know_the_earlier_ones_of_the_test() -> None:
    history, test = two_parts()
    slow = test.assign(**{c.DURATION: np.where(test[c.SESSION_ID] == 4, 3.0, 1.0) * test[c.DURATION]})
    one, other = (backtest({"a": history}, {"a": t}, PRIOR, by_reference, min_km=1.0)["sessions"] for t in (test, slow))
    for name in (OURS, "LightGBM, own past"):
        assert other[f"a/5/{name}"]["low_s"] != one[f"a/5/{name}"]["low_s"], name
    assert other[f"a/5/{OURS}"]["predicted_s"] > one[f"a/5/{OURS}"]["predicted_s"]


def test_an_athlete_without_history_is_predicted_too() -> None:
    history, test = two_parts()
    known = backtest({"a": history, "b": history}, {"a": test, "new": test}, PRIOR, by_reference, min_km=1.0)
    assert {row["athlete"] for row in known["rows"]} == {"a", "new"}


def test_nobody_needs_a_history_nor_a_heart_rate() -> None:
    _, test = two_parts()
    bare = test.assign(**{c.HEART_RATE: np.float32("nan"), c.CADENCE: np.float32("nan")})
    result = backtest({}, {"new": bare}, PRIOR, by_reference, min_km=1.0)
    assert all(row["heart_rate_mae_bpm"] is None and row["cadence_mae_rpm"] is None for row in result["rows"])
    assert all(0 < record["low_s"] < record["high_s"] for record in result["sessions"].values())


def test_a_test_without_a_session_long_enough_is_refused() -> None:
    history, test = two_parts()
    with pytest.raises(InputError, match="No session to predict"):
        backtest({"a": history}, {"a": test}, PRIOR, by_reference, min_km=50.0)


def test_the_model_predicts_a_case_as_it_would_alone(tmp_path: Path) -> None:
    model, fitted = small_model()
    bundle = load_bundle(small_folder(tmp_path) / "normalizers.json")
    cases = list(walk("a", small_sessions(4), bundle.prior, first=2))
    for case, said in zip(cases, predictor(torch_backend(model), bundle, batch_size=2)(cases, False), strict=True):
        alone = evaluate_full_session_sequential(model, case.session, fitted, athlete=case.profile, day=case.day)
        for name in c.TARGETS:
            assert said[name].to_numpy() == pytest.approx(alone[name].to_numpy(), rel=1e-4)


def test_with_its_pace_given_a_case_keeps_it(tmp_path: Path) -> None:
    model, _ = small_model()
    bundle = load_bundle(small_folder(tmp_path) / "normalizers.json")
    cases = list(walk("a", small_sessions(3), bundle.prior, first=2))
    predict = predictor(torch_backend(model), bundle)
    (cold,), (paced,) = predict(cases, False), predict(cases, True)
    assert paced[c.DURATION].to_numpy() == pytest.approx(cases[0].session[c.DURATION].to_numpy(np.float64))
    assert not np.allclose(paced[c.HEART_RATE], cold[c.HEART_RATE])


def test_each_of_the_last_sessions_is_predicted_cold() -> None:
    rows = cold_starts(by_reference, PRIOR, {"a": small_sessions(4)}, last=2)
    assert rows[[c.SESSION_ID, "predictor"]].to_numpy().tolist() == [
        [2, OURS], [2, REFERENCE], [3, OURS], [3, REFERENCE],
    ]  # fmt: skip
    assert rows.loc[rows["predictor"] == OURS, HEART_RATE_GIVEN_PACE].notna().all()


def test_the_command_writes_json_and_says_the_leaderboard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_dir = small_folder(tmp_path / "model")
    for name, table in zip(("history", "test"), two_parts(), strict=True):
        long = pd.concat([_longer(session) for _, session in table.groupby(c.SESSION_ID)], ignore_index=True)
        (tmp_path / name).mkdir()
        write_sessions(long, tmp_path / name / "a.parquet")
    out = tmp_path / "out.json"
    arguments = [str(tmp_path / "history"), str(tmp_path / "test"), str(out), "--model-dir", str(model_dir)]
    assert main(arguments) == 0
    result = json.loads(out.read_text(), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert {row["predictor"] for row in result["rows"]} > {OURS, "Minetti"}
    assert OURS in capsys.readouterr().out


def _longer(session: pd.DataFrame) -> pd.DataFrame:
    """The same run four times over: long enough to be judged."""
    return pd.concat([session] * 4, ignore_index=True).assign(**{c.STEP: np.arange(4 * len(session), dtype=np.int32)})


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_dir = small_folder(tmp_path / "model")
    assert main([str(tmp_path / "none"), str(tmp_path), str(tmp_path / "o.json"), "--model-dir", str(model_dir)]) == 2
    assert "none" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
