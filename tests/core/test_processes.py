"""Work in processes of their own comes back in order, and one that ends or hangs costs one thing."""

from __future__ import annotations

import os
import time

import pytest

from lib.core.processes import in_processes


def _work(x: int) -> tuple[int, int]:
    if x == 3:
        os._exit(7)
    if x == 5:
        time.sleep(60)
    if x == 9:
        print("no answer")
    return x, os.getpid()


def _lost(x: int, why: str) -> tuple[int, str]:
    return x, why


def _refuse(x: int) -> int:
    raise ValueError(f"{x} is refused")


def test_results_come_in_order_and_what_is_lost_is_said() -> None:
    found = list(in_processes(_work, range(12), _lost, limit_s=10.0, processes=2))
    assert [x for x, _ in found] == list(range(12))
    assert found[3] == (3, "its process ended (status 7)")
    assert found[5] == (5, "it took longer than 10 s")
    pids = {who for x, who in found if x not in (3, 5)}
    assert os.getpid() not in pids and 2 <= len(pids) <= 4


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="0 is refused"):
        list(in_processes(_refuse, range(3), _lost, limit_s=60.0, processes=1))


def test_items_are_taken_a_few_at_a_time() -> None:
    taken: list[int] = []

    def items() -> object:
        for i in range(100):
            taken.append(i)
            yield i

    results = in_processes(_work, items(), _lost, limit_s=60.0, processes=1)  # type: ignore[arg-type]
    assert next(results)[0] == 0
    assert len(taken) < 10
    results.close()  # type: ignore[attr-defined]
