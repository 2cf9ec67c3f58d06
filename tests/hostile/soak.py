"""A soak of the API: clients that mean well and clients that do not, for minutes; no answer is 500, memory stays flat.

make soak
python -m tests.hostile.soak --seconds 30 --clients 4
"""

from __future__ import annotations

import argparse
import http.client
import io
import os
import random
import socket
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from urllib.parse import urlsplit

from api.settings import Settings
from lib.course.course import load_course
from lib.demo.demo_run import START, demo_run, recording_bytes
from lib.demo.season import SimulationConfig
from tests.support.bounded import peak_mb, resident_mb
from tests.support.gpx_files import long_course
from tests.support.served import COURSES, serving

BOUNDARY: Final = "soak"
FLAT: Final = 0.2
"""Share by which memory may change from the second fifth of the time to the last."""
MOST_MB: Final = 400.0
"""Memory of a process that predicts or reads recordings."""

_SHORT: Final = (COURSES / "powell_valley_5km.gpx").read_bytes()
_MIDDLE: Final = (COURSES / "jacksboro_17_8km.gpx").read_bytes()
_LONG: Final = long_course(150.0)
_PROFILE: Final = (Settings().model_dir / "normalizers.json").read_bytes()


def simulated_recording(day: int) -> bytes:
    """A run of the demo athlete."""
    course = load_course(COURSES / "powell_valley_5km.gpx")
    return recording_bytes(course, demo_run(course, SimulationConfig()), START + timedelta(days=day))


_GPX: Final = b'<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
_END: Final = b"</trkseg></trk></gpx>"
_POINT: Final = b'<trkpt lat="46" lon="11"><ele>5</ele></trkpt>'


def form(gpx: bytes | None = _SHORT, athlete: bytes | None = None, data: bytes | None = None, **fields: str) -> bytes:
    """Body of a request."""
    parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
    files = [("gpx", "x", gpx), ("athlete", "x", athlete), ("data", "x.zip", data)]
    parts += [(f'name="{name}"; filename="{file}"', content) for name, file, content in files if content is not None]
    lines = [
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (BOUNDARY.encode(), head.encode(), content)
        for head, content in parts
    ]
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def _mutated(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(changed))
        changed[at : at + dice.randrange(4)] = dice.randbytes(dice.randrange(4))
    return bytes(changed)


def _doctype(encoding: str) -> bytes:
    text = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><gpx>&b;&b;</gpx>'
    escaped = text.encode() if encoding == "utf-8" else "".join(f"\\x{ord(x):02x}" for x in text).encode()
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + escaped


def _zipped(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in files.items():
            archive.writestr(name, inner)
    return content.getvalue()


_ARCHIVE: Final = _zipped({f"{i}.gpx": simulated_recording(i) for i in range(3)})
_BOMB: Final = _zipped({"a.gpx": b"0" * 60_000_000, "b.json": b"[" * 20_000_000})
Ask = Callable[[random.Random], tuple[str, bytes]]
"""Path and body of a request."""

ASKED: Final[dict[str, Ask]] = {
    "valid 5 km": lambda _: ("/predict", form()),
    "valid 18 km, csv": lambda _: ("/predict?format=csv", form(_MIDDLE, effort="race")),
    "valid legs": lambda _: ("/predict?format=legs", form(start="2026-06-20T05:30+02:00", stations="1.5, 3")),
    "valid goal": lambda _: ("/predict", form(goal="0:40")),
    "valid profile": lambda _: ("/predict", form(athlete=_PROFILE)),
    "valid 150 km": lambda _: ("/predict", form(_LONG)),
    "valid page": lambda _: ("/predict?format=html", form(start="2026-06-20T05:30+02:00")),
    "valid for a watch": lambda _: ("/predict?format=fit", form(_MIDDLE)),
    "valid course": lambda _: ("/course", form(_MIDDLE)),
    "valid results": lambda _: ("/athlete", form(None, results="50 km, 2300 m, 6:41, 2025")),
    "recordings": lambda _: ("/athlete", form(None, data=_ARCHIVE)),
    "damaged archive": lambda dice: ("/athlete?format=report", form(None, data=_mutated(_ARCHIVE, dice))),
    "bomb": lambda _: ("/athlete", form(None, data=_BOMB)),
    "damaged course": lambda dice: ("/predict", form(_mutated(_SHORT, dice))),
    "damaged profile": lambda dice: ("/predict", form(athlete=_mutated(_PROFILE, dice))),
    "noise": lambda dice: ("/predict", form(dice.randbytes(50_000))),
    "no form": lambda dice: ("/predict", dice.randbytes(5_000)),
    "cut form": lambda dice: ("/predict", form()[: dice.randrange(20_000)]),
    "entities": lambda dice: (
        "/predict",
        form(_doctype(dice.choice(("utf-8", "unicode_escape", "raw_unicode_escape")))),
    ),
    "deep": lambda _: ("/predict", form(_GPX + b"<a>" * 100_000 + _END)),
    "empty elements": lambda _: ("/predict", form(_GPX + b"<a/>" * 500_000 + _END)),
    "prefixes": lambda _: (
        "/predict",
        form(_GPX + b"".join(b'<a xmlns:p%d="u%d">' % (i, i) for i in range(20_000)) + _END),
    ),
    "one place": lambda _: ("/predict", form(_GPX + _POINT * 20_000 + _END)),
    "unknown words": lambda dice: ("/predict?x=1", form(**{dice.choice(("efort", "__class__", "gpx2")): "x"})),
    "odd words": lambda dice: (
        "/predict",
        form(
            effort=dice.choice(("\u00b2", "1e999", "nan", "9" * 4_300, "=1+1")),
            start=dice.choice(("", "0000", "9" * 99)),
        ),
    ),
}


def _slow_head(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as raw:
        raw.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nX-")
        time.sleep(1.0)


def _left_alone(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as raw:
        body = form(_MIDDLE)
        head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        raw.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


ODD: Final = {"slow head": _slow_head, "gone before the answer": _left_alone}
"""What no answer is waited for."""


@dataclass
class Soaked:
    """What came of a soak.

    Parameters
    ----------
    answers : Counter
        How many of each kind and status.
    took_s : list of float
        Time of each answer.
    memory_mb : list of float
        Of all processes of the server that stay, once a second.
    peak_mb : float
        Largest of any process that predicts or reads recordings.
    """

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    peak_mb: float = 0.0

    @property
    def fifths_mb(self) -> tuple[float, float]:
        """Memory in the middle of the second fifth of the time, and of the last."""
        n = max(1, len(self.memory_mb) // 5)
        return median(self.memory_mb[n : 2 * n] or self.memory_mb), median(self.memory_mb[-n:])

    @property
    def faults(self) -> list[str]:
        """What must not be."""
        early_mb, late_mb = self.fifths_mb
        busy = {"503", "504"}
        good = {"valid": busy | {"200"}, "other": busy | {"200", "400", "408", "413", "422", "-"}}
        found = [
            f"{kind}: {status}"
            for kind, status in self.answers
            if status not in good["valid" if kind.startswith("valid") else "other"]
        ]
        if abs(late_mb - early_mb) > FLAT * early_mb:
            found.append(f"memory from {early_mb:.0f} to {late_mb:.0f} MB")
        if self.peak_mb > MOST_MB:
            found.append(f"a process of {self.peak_mb:.0f} MB")
        return found


def _children(pid: int) -> list[int]:
    """Processes below a process."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _watch(pid: int, soaked: Soaked, until: float) -> None:
    while time.monotonic() < until:
        total_mb = 0.0
        for process in (pid, *_children(pid)):
            try:
                if os.getpriority(os.PRIO_PROCESS, process) == os.getpriority(os.PRIO_PROCESS, pid):
                    total_mb += resident_mb(process)  # what reads recordings gives way to others, and ends
                if process != pid:
                    soaked.peak_mb = max(soaked.peak_mb, peak_mb(process))
            except (OSError, LookupError):
                continue  # it has ended
        soaked.memory_mb.append(total_mb)
        time.sleep(1.0)


def _client(url: str, number: int, soaked: Soaked, until: float) -> None:
    dice = random.Random(number)
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 0)
    kinds = [*ASKED, *ODD]
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    while time.monotonic() < until:
        kind = dice.choice(kinds)
        begin = time.monotonic()
        try:
            if kind in ODD:
                ODD[kind](address)
                soaked.answers[kind, "-"] += 1
                continue
            path, body = ASKED[kind](dice)
            connection = http.client.HTTPConnection(*address, timeout=120)
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            status = str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        soaked.answers[kind, status] += 1
        soaked.took_s.append(time.monotonic() - begin)


def soak(seconds: float, clients: int, settings: Settings | None = None) -> Soaked:
    """Let clients ask a server for so long."""
    soaked = Soaked()
    with serving((settings or Settings()).model_dir) as (url, pid):
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=_watch, args=(pid, soaked, until))]
        threads += [threading.Thread(target=_client, args=(url, i, soaked, until)) for i in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return soaked


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 1 if something was as it must not be."""
    parser = argparse.ArgumentParser(description="Soak the API in valid and hostile requests.")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args(arguments)
    done = soak(options.seconds, options.clients)
    early_mb, late_mb = done.fifths_mb
    cuts = quantiles(done.took_s, n=20)
    for (kind, status), count in sorted(done.answers.items()):
        sys.stdout.write(f"{kind:24s}{status:>6s}{count:7d}\n")
    sys.stdout.write(
        f"{done.answers.total()} requests by {options.clients} clients in {options.seconds:g} s; half within "
        f"{cuts[9]:.2f} s, 95% within {cuts[18]:.2f} s, all within {max(done.took_s):.2f} s\n"
        f"memory of the server and its processes {early_mb:.0f} MB, at the end {late_mb:.0f} MB; "
        f"largest of a process {done.peak_mb:.0f} MB\n"
    )
    sys.stdout.write("".join(f"fault: {fault}\n" for fault in done.faults) or "no fault\n")
    return int(bool(done.faults))


if __name__ == "__main__":
    sys.exit(main())
