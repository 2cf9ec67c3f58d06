"""Ways of loading normalizers compared: file size, load time, predictions."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from pytorch_forecasting import TemporalFusionTransformer

from lib.athlete.bundle import load_bundle
from lib.core import schema as c
from lib.course.course import Course
from lib.training.checkpoint import WEIGHTS
from lib.training.normalizers import ORIGINAL_FIELDS, normalizers_data
from lib.training.sequential import evaluate_full_session_sequential

V1, V2, JSON, ORIGINAL = "v1 whole dataset", "v2 pickle", "JSON bundle", "the original pipeline's fields only"
FILES: Final = {V1: "training_dataset_normalizers.pkl", V2: "normalizers.pkl", JSON: "normalizers.json"}

ORIGINAL_FIGURES: Final = {
    "v1 size": "45 MB",
    "v2 size": "9.59 KB",
    "load": "< 1 s",
    c.DURATION: "2.09 to 9.96, sd 1.34",
    c.HEART_RATE: "128.7 to 140.6, sd 2.31",
    c.CADENCE: "55.4 to 85.0",
    "difference v1, v2": '"identical"',
}
"""What the original pipeline's document reports of itself, on another course of 17.8 km and another athlete."""


@dataclass(frozen=True)
class Route:
    """One way of carrying fitted state to inference.

    Parameters
    ----------
    name : str
        Which.
    size_bytes : int
        Of its file; 0 for one that is made up for comparison.
    load_ms : float
        Time to load it (ms), the best of three.
    arguments : dict
        What `evaluate_full_session_sequential` takes for it.
    """

    name: str
    size_bytes: int
    load_ms: float
    arguments: dict[str, Any]


def _read_pickle(path: Path) -> dict[str, Any]:
    """Read a pickle that this project wrote beside its model a moment ago; never one from elsewhere."""
    return pickle.loads(path.read_bytes())


def _timed(load: Callable[[], Any], repeats: int = 3) -> tuple[Any, float]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = load()
        times.append(1000 * (time.perf_counter() - start))
    return result, min(times)


def load_routes(model_dir: Path) -> dict[str, Route]:
    """Load all three files of a model folder, and cut the fourth, incomplete route out of the second."""
    paths = {name: model_dir / file for name, file in FILES.items()}
    v1, v1_ms = _timed(lambda: _read_pickle(paths[V1]))
    v2, v2_ms = _timed(lambda: _read_pickle(paths[V2]))
    bundle, json_ms = _timed(lambda: normalizers_data(load_bundle(paths[JSON], model_dir / WEIGHTS)))
    who = {name: v2[name] for name in ("prior", "athlete", "row_steps")}
    incomplete = {name: v2[name] for name in ORIGINAL_FIELDS} | who
    arguments = {
        V1: {"training_dataset": v1["dataset"], "prior": v1["prior"], "athlete": v1["athlete"]},
        V2: {"normalizers_data": v2},
        JSON: {"normalizers_data": bundle},
        ORIGINAL: {"normalizers_data": incomplete, "refit_missing": True},
    }
    milliseconds = {V1: v1_ms, V2: v2_ms, JSON: json_ms, ORIGINAL: float("nan")}
    return {
        name: Route(name, paths[name].stat().st_size if name in paths else 0, milliseconds[name], arguments[name])
        for name in arguments
    }


def predict_by_route(
    model: TemporalFusionTransformer, course: Course, routes: Mapping[str, Route]
) -> dict[str, pd.DataFrame]:
    """Predict a course by each route."""
    return {name: evaluate_full_session_sequential(model, course, **route.arguments) for name, route in routes.items()}


def largest_differences(predictions: Mapping[str, pd.DataFrame], against: str = V1) -> pd.DataFrame:
    """Largest absolute difference of each route from one of them, over all steps; a row a route, a column a target."""
    base = predictions[against][list(c.TARGETS)]
    rows = {name: (table[list(c.TARGETS)] - base).abs().max() for name, table in predictions.items() if name != against}
    return pd.DataFrame(rows).T


def prediction_ranges(prediction: pd.DataFrame) -> pd.DataFrame:
    """Smallest and largest value and standard deviation of each target; a row a target."""
    return prediction[list(c.TARGETS)].agg(["min", "max", "std"]).T
