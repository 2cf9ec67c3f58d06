"""A small model, athletes, courses and a Dask cluster, for several test files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from lib.athlete.bundle import save_bundle
from lib.athlete.profile import AthleteProfile, profile_after
from lib.training.onnx_export import export_network
from tests.support.exported import shaken_folder
from tests.support.small import small_sessions
from tests.support.waiting import wait_until
from utils.batch.predict_pairs import Network, load_network

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = "normalizers.json"


def gpx(km: float = 0.6, seed: int = 0) -> bytes:
    """A track due north, over rolling ground."""
    n = round(km * 100) + 1
    lat = 46.0 + np.arange(n) * 10.0 / 111_195.0
    altitude = 500 + 30 * np.sin(np.arange(n) / (9 + seed)) + np.random.default_rng(seed).normal(0, 0.2, n).cumsum()
    points = "".join(
        f'<trkpt lat="{at:.7f}" lon="11"><ele>{m:.2f}</ele></trkpt>' for at, m in zip(lat, altitude, strict=True)
    )
    head = '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}<trk><trkseg>{points}</trkseg></trk></gpx>".encode()


def model_in(folder: Path) -> Network:
    """An exported network with all its weights moved, decoders of 20 steps, and its bundle."""
    export_network(shaken_folder(folder))
    return load_network(folder, BUNDLE)


def athletes_in(folder: Path, network: Network, count: int) -> Path:
    """Bundles ``a0.json``…: the first of nobody, the others of different pasts."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        profile = profile_after(small_sessions(i + 1, 150, seed=i), network.bundle.prior) if i else AthleteProfile()
        save_bundle(network.bundle.for_athlete(profile), folder / f"a{i}.json")
    return folder


def courses_in(folder: Path, count: int, km: float = 0.6) -> Path:
    """Courses ``c0.gpx``…, all of one length."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        (folder / f"c{i}.gpx").write_bytes(gpx(km, i))
    return folder


class Cluster:
    """Processes of a Dask cluster on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def _start(self, tool: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{tool}-{len(self.processes)}.log").open("wb")
        command = [sys.executable, "-m", f"distributed.cli.dask_{tool}", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
        process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def scheduler(self, **environment: str) -> str:
        """Start it; returns its address."""
        where = self.folder / "scheduler.json"
        arguments = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where))
        self.process = self._start("scheduler", *arguments, **environment)
        wait_until(lambda: where.exists() and b'"address"' in where.read_bytes())
        self.address = json.loads(where.read_text())["address"]
        return self.address

    def worker(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start one, with one thread."""
        given = ("--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", *arguments)
        return self._start("worker", self.address, *given, **environment)


@contextmanager
def processes(folder: Path) -> Iterator[Cluster]:
    """A cluster whose processes end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        for process in reversed(cluster.processes):
            process.terminate()
        for process in cluster.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
