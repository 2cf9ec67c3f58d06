"""Nothing of a batch is lost on a real scheduler when one of two workers is killed."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from lib.core import schema as c
from tests.support.batches import athletes_in, courses_in, model_in, processes, wait_until
from utils.batch.files import files_in
from utils.batch.run import file_of, run_batch

pytestmark = pytest.mark.slow


def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    network = model_in(tmp_path / "model")
    athletes = files_in(athletes_in(tmp_path / "athletes", network, 4), ".json")
    courses = files_in(courses_in(tmp_path / "courses", 16, km=4.0), ".gpx")
    alone, together = tmp_path / "alone", tmp_path / "together"
    expected, _ = run_batch(courses, athletes, alone, network, workers=1)
    with processes(tmp_path / "cluster") as cluster, ThreadPoolExecutor(1) as pool:
        address = cluster.scheduler()
        doomed, _ = cluster.worker(), cluster.worker()
        running = pool.submit(run_batch, courses, athletes, together, network, None, address)
        wait_until(lambda: any(together.rglob("*.parquet")) or running.done())
        done = len(list(together.rglob("*.parquet")))
        doomed.send_signal(signal.SIGKILL)
        assert 0 < done < len(expected), "it was killed before or after, not in the middle"
        rows, predicted = running.result()
        assert doomed.wait(20) == -signal.SIGKILL
    assert predicted == len(rows) == len(courses) * len(athletes)
    assert all(row[c.ERROR] is None for row in rows)
    for row in rows:
        file = file_of(row[c.ATHLETE], row[c.COURSE])
        pd.testing.assert_frame_equal(pd.read_parquet(together / file), pd.read_parquet(alone / file), check_exact=True)
