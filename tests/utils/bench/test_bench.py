"""All ways of predicting agree, and the table's ratios are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.training.normalizers import save_training_pickle
from tests.support.batches import gpx
from tests.support.served import small_settings
from tests.support.small import small_data
from utils.bench import bench
from utils.bench import ways as bench_ways

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_settings(tmp_path_factory.mktemp("model")).model_dir


def test_every_way_predicts_the_same(model_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course, v1, data = tmp_path / "course.gpx", tmp_path / "v1.pkl", small_data()
    course.write_bytes(gpx(km=1.0))
    save_training_pickle(data.dataset, data.fitted, v1)
    said = {}
    for way in bench_ways.WAYS:
        assert bench_ways.main([way, str(course), str(model_dir), str(v1), "--repeats", "1"]) == 0
        said[way] = json.loads(capsys.readouterr().out.splitlines()[-1])
    finishes = [cost["finish_s"] for cost in said.values()]
    assert max(finishes) == pytest.approx(min(finishes), abs=0.5)
    for cost in said.values():
        assert cost["warm_s"] > 0 and cost["first_s"] > 0 and cost["peak_mb"] > 10
    assert 0 < said[bench_ways.ONNX_WAY]["network_s"] <= said[bench_ways.ONNX_WAY]["warm_s"]


def test_the_table_has_the_ratios_and_the_figures() -> None:
    ways = {
        way: {"warm_s": 3.0 / (i + 1), "first_s": 9.0 - i, "network_s": 0.5, "peak_mb": 100.0 * i}
        for i, way in enumerate(bench_ways.WAYS)
    }
    growth = dict.fromkeys(bench.LENGTHS_KM, 1.5) | {0.0: 8.0}
    sizes = {"serve": 180.0, "all": 1400.0, "bundle": 0.005, "network": 1.83, "v1": 54.0}
    text = bench.report(ways, (0.5, 90.0), (1.1, 7.0), growth, sizes)
    assert "4.0x | 750 | 6.00 | 300 | 180 |" in text
    assert "ONNX Runtime): 1.50." in text
    assert "1.3 alone, 8.0 in a batch of 64" in text


def test_growth_has_every_length_and_the_batch(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "LENGTHS_KM", (1.0, 2.0))
    monkeypatch.setattr(bench, "BATCH", 2)
    growth = bench.measure_growth(model_dir, 1)
    assert set(growth) == {0.0, 1.0, 2.0} and all(seconds > 0 for seconds in growth.values())
