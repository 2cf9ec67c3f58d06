"""A load test of a running API: answers per second, latency, refusals."""

from __future__ import annotations

import argparse
import http.client
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

_BOUNDARY = "trailcast-load-test"
CONTENT_TYPE = f"multipart/form-data; boundary={_BOUNDARY}"
NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Load:
    """What came of a load: seconds in all, seconds of each answer, how many of each status."""

    wall_s: float
    answers_s: tuple[float, ...]
    statuses: dict[str, int]


def body_of(gpx: bytes) -> bytes:
    """A request's body with a course in it."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="gpx"; filename="course.gpx"\r\n\r\n'
    return head.encode() + gpx + f"\r\n--{_BOUNDARY}--\r\n".encode()


def load(url: str, gpx: bytes, clients: int, requests: int) -> Load:
    """Send `requests` predictions of a course by `clients` at once, each waiting for its answer."""
    parts, body = urlsplit(url), body_of(gpx)
    left, lock = iter(range(requests)), threading.Lock()
    answers_s: list[float] = []
    statuses: Counter[str] = Counter()

    def client() -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        while True:
            with lock:
                if next(left, None) is None:
                    return
            begin = time.perf_counter()
            try:
                connection.request("POST", "/predict", body, {"Content-Type": CONTENT_TYPE})
                answer = connection.getresponse()
                answer.read()
                status = str(answer.status)
            except (OSError, http.client.HTTPException):
                connection.close()
                status = NO_ANSWER
            with lock:
                statuses[status] += 1
                answers_s.append(time.perf_counter() - begin)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(time.perf_counter() - begin, tuple(answers_s), dict(statuses))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 1 if any request had no answer, or one of ours failed."""
    parser = argparse.ArgumentParser(description="Put a load on a running API (make serve).")
    parser.add_argument("url", help="its address, as http://127.0.0.1:8000")
    parser.add_argument("gpx", type=Path, help="course to send")
    parser.add_argument("--clients", type=int, default=8, help="at once")
    parser.add_argument("--requests", type=int, default=100, help="in all")
    options = parser.parse_args(arguments)
    done = load(options.url, options.gpx.read_bytes(), options.clients, options.requests)
    cuts = quantiles(done.answers_s, n=20) if len(done.answers_s) > 1 else [done.answers_s[0]] * 19
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(done.statuses.items()))
    sys.stdout.write(
        f"{options.requests} requests by {options.clients} clients in {done.wall_s:.1f} s: "
        f"{options.requests / done.wall_s:.1f} a second, half within {cuts[9]:.2f} s, 95% within {cuts[18]:.2f} s\n"
        f"{counts}\n"
    )
    return int(not done.statuses.keys() <= {"200", "408", "413", "422", "503", "504"})


if __name__ == "__main__":
    sys.exit(main())
