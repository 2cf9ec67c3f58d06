"""On a real scheduler nothing is lost with a worker that is killed, and nothing is taken from one of other code."""

from __future__ import annotations

import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from distributed import Client

from lib.core import schema as c
from lib.core.errors import InputError
from tests.support.batches import ROOT, athletes_in, courses_in, model_in, processes
from tests.support.waiting import wait_until
from utils.batch.files import files_in
from utils.batch.predict_pairs import Network
from utils.batch.run import run_batch

pytestmark = pytest.mark.slow


class Alone(NamedTuple):
    """A batch, and the folder of what one worker made of it."""

    network: Network
    athletes: dict[str, Path]
    courses: dict[str, Path]
    out: Path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    root = tmp_path_factory.mktemp("alone")
    network = model_in(root / "model")
    athletes = files_in(athletes_in(root / "athletes", network, 4), ".json")
    courses = files_in(courses_in(root / "courses", 16, km=4.0), ".gpx")
    run_batch(courses, athletes, root / "out", network, workers=1)
    return Alone(network, athletes, courses, root / "out")


def same_files(one: Path, other: Path) -> bool:
    return all(path.read_bytes() == (other / path.relative_to(one)).read_bytes() for path in one.glob("*/*.parquet"))


def test_a_worker_killed_in_the_middle_loses_nothing(alone: Alone, tmp_path: Path) -> None:
    network, athletes, courses, _ = alone
    together = tmp_path / "together"
    with processes(tmp_path / "cluster") as cluster, ThreadPoolExecutor(1) as pool:
        address = cluster.scheduler()
        doomed, _ = cluster.worker(), cluster.worker()
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2)
        running = pool.submit(run_batch, courses, athletes, together, network, {}, address)
        wait_until(lambda: any(together.rglob("*.parquet")) or running.done())
        done = len(list(together.rglob("*.parquet")))
        doomed.send_signal(signal.SIGKILL)
        assert 0 < done < len(courses) * len(athletes), "it was killed before or after, not in the middle"
        rows, predicted = running.result()
        assert doomed.wait(20) == -signal.SIGKILL
    assert predicted == len(rows) == len(courses) * len(athletes)
    assert all(row[c.ERROR] is None for row in rows)
    assert same_files(together, alone.out)


def other_code(folder: Path) -> str:
    """A copy of the project that predicts something else."""
    for name in ("lib", "utils"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    plan = folder / "lib" / "plan" / "moving_plan.py"
    plan.write_text(plan.read_text().replace("def plan_from(", "TICKS_PER_S = 1.0\n\n\ndef plan_from(", 1))
    return str(folder)


def test_a_worker_of_other_code_is_refused_by_name_and_the_others_do_it_right(
    alone: Alone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network, athletes, courses = alone.network, alone.athletes, dict(list(alone.courses.items())[:3])
    together = tmp_path / "together"
    other = other_code(tmp_path / "other")
    with processes(tmp_path / "cluster") as cluster:
        address = cluster.scheduler()
        cluster.worker("--name", "stranger", PYTHONPATH=other)
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(1)
        with pytest.raises(
            InputError, match=r"The worker stranger \(tcp://.*\) runs something else: code \w{12} where"
        ):
            run_batch(courses, athletes, together, network, {}, address)
        assert not together.exists()
        cluster.worker("--name", "friend")
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2)
        capsys.readouterr()
        rows, predicted = run_batch(courses, athletes, together, network, {}, address)
    assert capsys.readouterr().err.count("refused: the worker stranger") == 1
    assert predicted == len(rows) == len(courses) * len(athletes) and all(row[c.ERROR] is None for row in rows)
    assert same_files(together, alone.out)
