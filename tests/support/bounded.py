"""Code in a process of its own, bounded in memory and time: hostile input must not take the tests down.

    outcome = bounded(read, content, memory_mb=200, cpu_s=5)
    assert outcome.refused and outcome.peak_mb < 100

The function is one of a module (a test file, say): the process imports that module first, and what it imports does not
count. `bound` does the same to a server that runs already.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from operator import attrgetter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_OWN_THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


@dataclass(frozen=True)
class Outcome:
    """How a bounded call ended.

    Parameters
    ----------
    value : object
        What it returned; None if it did not.
    error : str
        Kind of the exception that ended it: ``"InputError"``, ``"MemoryError"``; ``"SIGXCPU"`` if its time was up, or
        another signal; ``""`` if none.
    said : str
        Message of the exception.
    cpu_s, peak_mb : float
        What it took, above what the process held before.
    """

    value: object = None
    error: str = ""
    said: str = ""
    cpu_s: float = 0.0
    peak_mb: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether it ended in a refusal, not in anything else."""
        return self.error.endswith(("InputError", "NoRecordingError", "NoSuchFileError"))


def _held_mb(pid: int | str, what: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024.0
    raise ProcessLookupError(f"process {pid} has ended")


def resident_mb(pid: int | str = "self") -> float:
    """Memory of a process now."""
    return _held_mb(pid, "VmRSS")


def peak_mb(pid: int | str = "self") -> float:
    """Largest memory of a process since its start, or since `forget_peak`."""
    return _held_mb(pid, "VmHWM")


def forget_peak(pid: int | str = "self") -> None:
    """Count `peak_mb` from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def bound(pid: int, memory_mb: float) -> None:
    """Let a running process take so much memory more than it has now; what is above fails in it (RLIMIT_AS)."""
    limit = int((_held_mb(pid, "VmSize") + memory_mb) * 2**20)
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))


def bounded(
    function: Callable[..., object], *args: object, memory_mb: float = 400.0, cpu_s: float = 10.0, wall_s: float = 120.0
) -> Outcome:
    """Call a function of a module in a process that has so much memory and time, and say how it ended.

    Parameters
    ----------
    function : callable
        Of a module, as `pickle` names it.
    *args
        Its arguments; they and what it returns are pickled.
    memory_mb, cpu_s : float
        Above what the process holds and has used when the call begins.
    wall_s : float
        By the clock; what takes longer is an error of the test.
    """
    asked = pickle.dumps((function.__module__, function.__qualname__, memory_mb, cpu_s, args))
    environment = os.environ | _OWN_THREADS | {"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, "-c", "from tests.support.bounded import answer; answer()"]
    done = subprocess.run(command, input=asked, capture_output=True, cwd=ROOT, env=environment, timeout=wall_s)
    if done.returncode < 0:
        return Outcome(error=signal.Signals(-done.returncode).name, cpu_s=cpu_s)
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


def answer() -> None:
    """Make the call that stands on the standard input, and write its outcome to the standard output."""
    module, name, memory_mb, cpu_s, args = pickle.loads(sys.stdin.buffer.read())
    function = attrgetter(name)(import_module(module))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the function prints is no answer
    forget_peak()
    held, used = resident_mb(), time.process_time()
    bound(os.getpid(), memory_mb)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(used + cpu_s), ceil(used + cpu_s) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    value, error, said = None, "", ""
    try:
        value = function(*args)
    except Exception as caught:
        error, said = type(caught).__name__, str(caught)
    took, peak = time.process_time() - used, peak_mb() - held
    out.write(pickle.dumps(Outcome(value, error, said, took, peak)))
    out.close()
