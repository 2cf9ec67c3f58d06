"""Time, memory and disk of each way of predicting, measured in one run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle, load_bundle
from lib.core.files import write_atomically
from lib.course.course import load_course
from lib.course.terrain_features import course_columns
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Start, predict, predict_many
from utils.bench.footprint import closure, requirements_of, size_bytes
from utils.bench.load_test import CONTENT_TYPE, body_of, load
from utils.bench.reading import reading_line
from utils.bench.ways import ONNX_WAY, ORIGINAL, TABLES, TORCH, WAYS

ROOT: Final = Path(__file__).resolve().parents[2]
COURSE: Final = ROOT / "data" / "courses" / "jacksboro_17_8km.gpx"
LENGTHS_KM: Final = (5.0, 17.8, 50.0, 100.0, 330.0)
BATCH: Final = 64
CLIENTS: Final = 8
NAMES: Final = {
    ORIGINAL: "the original way: a dataset per chunk, from the whole-dataset pickle",
    TABLES: "`evaluate_full_session_sequential`, from the bundle",
    TORCH: "rollout in arrays, torch",
    ONNX_WAY: "rollout in arrays, ONNX Runtime",
}
_PORT: Final = 8971


def _environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def make_v1(folder: Path, bundle: Bundle) -> Path:
    """The whole-dataset pickle of the demo athlete, with windows as the model has them; kept in `folder`."""
    window = (bundle.max_encoder_length, bundle.max_prediction_length, bundle.row_steps)
    path = folder / f"v1_{'_'.join(map(str, window))}.pkl"
    if not path.is_file():
        from lib.training.config import TrainingConfig
        from lib.training.normalizers import save_training_pickle
        from lib.training.training_data import training_athletes, training_data

        config = TrainingConfig(**dict(zip(("encoder_length", "decoder_length", "row_steps"), window, strict=True)))
        data = training_data(training_athletes("demo", folder), config)
        save_training_pickle(data.dataset, data.fitted, path)
    return path


def measure_ways(model_dir: Path, v1: Path, processes: int, repeats: int) -> dict[str, dict[str, float]]:
    """Medians over fresh processes of each way, the ways taking turns."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(processes):
        for way in WAYS:
            command = [sys.executable, "-m", "utils.bench.ways", way, str(COURSE), str(model_dir), str(v1)]
            began = ["--repeats", str(repeats), "--began", repr(time.time())]
            done = subprocess.run([*command, *began], cwd=ROOT, env=_environment(), capture_output=True, check=True)
            runs[way].append(json.loads(done.stdout.splitlines()[-1]))
    return {way: {name: median(run[name] for run in some) for name in some[0]} for way, some in runs.items()}


def measure_command(processes: int) -> tuple[float, float]:
    """Seconds and MB of `trailcast predict` on the course, medians."""
    code = (
        "import resource, subprocess, sys, time; begin = time.perf_counter(); "
        f"subprocess.run([sys.executable, '-m', 'utils.cli', 'predict', {str(COURSE)!r}], stdout=-3, check=True); "
        "print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_environment(), capture_output=True, check=True)
        for _ in range(processes)
    ]
    seconds, megabytes = zip(*([float(x) for x in run.stdout.split()] for run in runs), strict=True)
    return median(seconds), median(megabytes)


def measure_api(processes: int, requests: int) -> tuple[float, float]:
    """Seconds from the start of the API to its first prediction, median; predictions a second by `CLIENTS` clients."""
    gpx, firsts, rate = COURSE.read_bytes(), [], 0.0
    for number in range(processes):
        begin = time.perf_counter()
        environment = _environment() | {"TRAILCAST_PORT": str(_PORT + number)}
        server = subprocess.Popen([sys.executable, "-m", "api.main"], cwd=ROOT, env=environment, stdout=-3, stderr=-3)
        url = f"http://127.0.0.1:{_PORT + number}"
        try:
            request = urllib.request.Request(f"{url}/predict", body_of(gpx), {"Content-Type": CONTENT_TYPE})
            while True:
                assert server.poll() is None
                try:
                    urllib.request.urlopen(request, timeout=60).read()
                    break
                except OSError:
                    time.sleep(0.02)
            firsts.append(time.perf_counter() - begin)
            if number == processes - 1:
                done = load(url, gpx, CLIENTS, requests)
                assert done.statuses == {"200": requests}, done.statuses
                rate = requests / done.wall_s
        finally:
            server.terminate()
            server.wait(timeout=30)
    return median(firsts), rate


def measure_growth(model_dir: Path, repeats: int) -> dict[float, float]:
    """Seconds of a prediction by length (km) of a course, medians; and of `BATCH` courses at once, by 0."""
    bundle = load_bundle(model_dir / "normalizers.json")
    backend = onnx_backend(model_dir / ONNX, bundle)
    course = load_course(COURSE)
    there = np.concatenate([course.recorded_m, course.recorded_m[::-1]])
    taken: dict[float, list[float]] = {}
    for _ in range(repeats):
        for km in LENGTHS_KM:
            begin = time.perf_counter()
            predict(backend, bundle, course_columns(np.resize(there, round(km * 200))))
            taken.setdefault(km, []).append(time.perf_counter() - begin)
        begin = time.perf_counter()
        predict_many(backend, bundle, [Start(course.columns)] * BATCH)
        taken.setdefault(0.0, []).append(time.perf_counter() - begin)
    return {km: median(seconds) for km, seconds in taken.items()}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def report(
    ways: Mapping[str, Mapping[str, float]],
    command: tuple[float, float],
    api: tuple[float, float],
    growth: Mapping[float, float],
    sizes_mb: Mapping[str, float],
) -> str:
    """The table in Markdown; a ratio says how many times less than the original way."""
    original = ways[ORIGINAL]
    head = f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, one thread each, 17.8 km"
    lines = [
        head,
        "",
        "| way | faster | warm (ms) | to the first answer (s) | at most (MB) | installed (MB) |",
        "|---|---|---|---|---|---|",
    ]
    for way, cost in ways.items():
        faster, size = original["warm_s"] / cost["warm_s"], sizes_mb["serve" if way == ONNX_WAY else "all"]
        costs = f"{1000 * cost['warm_s']:.0f} | {cost['first_s']:.2f} | {cost['peak_mb']:.0f} | {size:.0f}"
        lines.append(f"| {NAMES[way]} | {faster:.1f}x | {costs} |")
    onnx = ways[ONNX_WAY]
    lines += [
        "",
        f"- Rollout over its calls of the network (ONNX Runtime): {onnx['warm_s'] / onnx['network_s']:.2f}.",
        f"- `trailcast predict`, a fresh process: {command[0]:.2f} s, {command[1]:.0f} MB.",
        f"- API: first answer {api[0]:.2f} s after its start; {api[1]:.1f} courses a second with {CLIENTS} clients.",
        f"- Courses a second: {1 / onnx['warm_s']:.1f} alone, {BATCH / growth[0.0]:.1f} in a batch of {BATCH}.",
        "- By length: " + ", ".join(f"{km:g} km {growth[km]:.2f} s" for km in LENGTHS_KM) + ".",
        f"- Bundle {sizes_mb['bundle'] * 1000:.1f} KB, network {sizes_mb['network']:.2f} MB, whole-dataset pickle "
        f"{sizes_mb['v1']:.1f} MB.",
    ]
    return "\n".join(lines) + "\n"


def measure(model_dir: Path, work: Path, out: Path | None, processes: int, repeats: int) -> int:
    """Measure everything, print the table and write it to `out`; returns the exit status.

    Parameters
    ----------
    model_dir : Path
        Folder of the model.
    work : Path
        Folder for the whole-dataset pickle.
    out : Path, optional
        File that gets the table too.
    processes, repeats : int
        Fresh processes of each way, and predictions in each.
    """
    v1 = make_v1(work, load_bundle(model_dir / "normalizers.json"))
    sizes_mb = {
        "serve": size_bytes(closure(requirements_of(ROOT / "requirements-serve.txt"))) / 1e6,
        "all": size_bytes(closure(["torch", "pytorch-forecasting", "lightning", "safetensors"])) / 1e6,
        "bundle": (model_dir / "normalizers.json").stat().st_size / 1e6,
        "network": (model_dir / ONNX).stat().st_size / 1e6,
        "v1": v1.stat().st_size / 1e6,
    }
    text = report(
        measure_ways(model_dir, v1, processes, repeats),
        measure_command(processes),
        measure_api(processes, 48),
        measure_growth(model_dir, processes),
        sizes_mb,
    )
    text += reading_line(repeats)
    sys.stdout.write(text)
    if out:
        write_atomically(out, text.encode())
    return 0
