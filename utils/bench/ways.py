"""One way of predicting, measured in a fresh process."""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

ORIGINAL, TABLES, TORCH, ONNX_WAY = "original", "tables", "torch", "onnx"
WAYS: Final = (ORIGINAL, TABLES, TORCH, ONNX_WAY)


class _Network:
    """A backend, and the seconds that were spent in it."""

    def __init__(self, backend: Callable[..., Any]) -> None:
        self.backend, self.seconds = backend, 0.0

    def __call__(self, *window: Any) -> Any:
        begin = time.perf_counter()
        said = self.backend(*window)
        self.seconds += time.perf_counter() - begin
        return said


def _peak_mb() -> float:
    """Most memory that this process had. What getrusage says may be what its parent had when it was started."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_tables(way: str, gpx: Path, model_dir: Path, v1: Path) -> Callable[[], float]:
    from lib.athlete.bundle import load_bundle
    from lib.core import schema as c
    from lib.course.course import load_course
    from lib.training.checkpoint import BUNDLE, load_model
    from lib.training.normalizers import normalizers_data
    from lib.training.sequential import evaluate_full_session_sequential

    model, course = load_model(model_dir), load_course(gpx)
    if way == ORIGINAL:
        kept = pickle.loads(v1.read_bytes())  # made by utils.bench.bench a moment ago
        arguments = {"training_dataset": kept["dataset"], "prior": kept["prior"], "athlete": kept["athlete"]}
    else:
        arguments = {"normalizers_data": normalizers_data(load_bundle(model_dir / BUNDLE))}
    return lambda: float(evaluate_full_session_sequential(model, course, **arguments)[c.DURATION].sum())


def _in_arrays(way: str, gpx: Path, model_dir: Path, network: list[_Network]) -> Callable[[], float]:
    from lib.athlete.bundle import load_bundle
    from lib.course.course import load_course
    from lib.plan.forecast import forecast

    bundle = load_bundle(model_dir / "normalizers.json")
    if way == TORCH:
        from lib.training.checkpoint import load_model
        from lib.training.torch_backend import torch_backend

        network.append(_Network(torch_backend(load_model(model_dir))))
    else:
        from lib.inference.onnx_backend import ONNX, onnx_backend

        network.append(_Network(onnx_backend(model_dir / ONNX, bundle)))
    course = load_course(gpx)
    return lambda: forecast(network[0], bundle, course).finish_s


def measure(way: str, gpx: Path, model_dir: Path, v1: Path, repeats: int, began_s: float) -> dict[str, float]:
    """Predict a course again and again.

    Parameters
    ----------
    way : str
        One of `WAYS`.
    gpx, model_dir, v1 : Path
        Course, model folder, whole-dataset pickle (for the original way).
    repeats : int
        Predictions after the first.
    began_s : float
        `time.time` at which this process was started.

    Returns
    -------
    dict
        Seconds to the first answer, median of the others, of these within the network, MB at most, finish (s).
    """
    network: list[_Network] = []
    predict = (
        _in_tables(way, gpx, model_dir, v1) if way in (ORIGINAL, TABLES) else _in_arrays(way, gpx, model_dir, network)
    )
    finish_s = predict()
    first_s = time.time() - began_s
    taken, inside = [], []
    for _ in range(repeats):
        before, begin = sum(n.seconds for n in network), time.perf_counter()
        predict()
        taken.append(time.perf_counter() - begin)
        inside.append(sum(n.seconds for n in network) - before)
    return {
        "first_s": first_s,
        "warm_s": median(taken),
        "network_s": median(inside),
        "peak_mb": _peak_mb(),
        "finish_s": finish_s,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Measure one way of predicting; utils.bench.bench measures them all.")
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("gpx", type=Path)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("v1", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--began", type=float, default=None, help="time.time() when the process was started")
    options = parser.parse_args(arguments)
    began_s = time.time() if options.began is None else options.began
    done = measure(options.way, options.gpx, options.model_dir, options.v1, options.repeats, began_s)
    sys.stdout.write(json.dumps(done) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
