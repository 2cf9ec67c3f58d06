"""Given clients that mean no good: others are served, and what was given up does not go on."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.service import Asked
from api.settings import Settings
from api.workers import StoppedError, TimeUpError, Workers
from lib.core.errors import InputError
from tests.hostile import soak
from tests.support.gpx_files import long_course
from tests.support.served import SHORT, server

pytestmark = pytest.mark.slow

HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
PATIENCE_S = 60.0


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


def status_of(url: str, path: str) -> int:
    connection = http.client.HTTPConnection(*address(url), timeout=PATIENCE_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


# --- processes that predict -----------------------------------------------------------------------------------------
@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(Settings(), 1)
    yield made
    made.stop()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_what_was_given_up_stops_working_and_its_place_is_free(workers: Workers) -> None:
    short = Asked(SHORT.read_bytes(), form="csv")
    assert workers.answer(short, time.monotonic() + PATIENCE_S)
    (worker,) = workers._all
    assert worker._process is not None and worker._process.pid is not None
    pid = worker._process.pid
    begin = time.monotonic()
    with pytest.raises(TimeUpError):
        workers.answer(Asked(long_course(700.0)), begin + 0.5)
    assert time.monotonic() - begin < 5.0
    assert not alive(pid)
    assert workers.answer(short, time.monotonic() + PATIENCE_S)


def test_a_process_that_is_killed_is_made_again(workers: Workers) -> None:
    short = Asked(SHORT.read_bytes(), form="csv")
    first = workers.answer(short, time.monotonic() + PATIENCE_S)
    (worker,) = workers._all
    assert worker._process is not None
    worker._process.kill()
    worker._process.join()
    with pytest.raises(StoppedError):
        workers.answer(short, time.monotonic() + PATIENCE_S)
    assert workers.answer(short, time.monotonic() + PATIENCE_S) == first


def test_what_takes_more_memory_than_it_may_is_refused() -> None:
    small = Workers(Settings(max_memory_mb=30), 1)
    try:
        assert small.answer(Asked(SHORT.read_bytes(), form="csv"), time.monotonic() + PATIENCE_S)
        with pytest.raises(InputError, match="more than 30 MB of memory"):
            small.answer(Asked(long_course(500.0)), time.monotonic() + PATIENCE_S)
        assert small.answer(Asked(SHORT.read_bytes(), form="csv"), time.monotonic() + PATIENCE_S)
    finally:
        small.stop()


# --- connections ----------------------------------------------------------------------------------------------------
def test_heads_that_come_too_slowly_are_cut_also_of_a_second_request() -> None:
    with server(Settings().model_dir, head_limit_s=1.0) as url:
        for first in (b"", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"):
            with socket.create_connection(address(url), timeout=PATIENCE_S) as raw:
                if first:
                    raw.sendall(first)
                    assert raw.recv(65_536).startswith(b"HTTP/1.1 200")
                begin = time.monotonic()
                with pytest.raises(OSError):  # which one depends on who notices first
                    for letter in b"GET /health HTTP/1.1\r\nX-Slow: " + b"x" * 1_000:
                        raw.sendall(bytes([letter]))
                        time.sleep(0.1)
                assert time.monotonic() - begin < PATIENCE_S
        with socket.create_connection(address(url), timeout=PATIENCE_S) as silent:
            assert silent.recv(1) == b""
        assert status_of(url, "/health") == 200


def test_health_answers_while_all_places_are_taken() -> None:
    with server(Settings().model_dir, max_requests=20) as url, ExitStack() as stack:
        for _ in range(60):
            raw = stack.enter_context(socket.create_connection(address(url), timeout=PATIENCE_S))
            raw.sendall(HEAD + b"Content-Length: 500\r\n\r\n--b\r\n")
        assert [status_of(url, "/health") for _ in range(20)] == [200] * 20
        assert status_of(url, "/presets") == 503


def test_bodies_together_are_bounded() -> None:
    with server(Settings().model_dir, max_upload_bytes=100_000, workers=1, waiting=1) as url, ExitStack() as stack:
        opened = []
        for _ in range(8):
            raw = stack.enter_context(socket.create_connection(address(url), timeout=PATIENCE_S))
            part = b'--b\r\nContent-Disposition: form-data; name="gpx"; filename="x"\r\n\r\n'
            raw.sendall(HEAD + b"Content-Length: 99000\r\n\r\n" + part + b"x" * 90_000)
            opened.append(raw)
        opened[-1].settimeout(PATIENCE_S)
        assert opened[-1].recv(100).startswith(b"HTTP/1.1 503")
        assert status_of(url, "/health") == 200


def test_a_course_of_the_longest_kind_is_answered_or_refused_in_words() -> None:
    with server(Settings().model_dir, time_limit_s=2.0) as url:
        connection = http.client.HTTPConnection(*address(url), timeout=PATIENCE_S)
        body = b'--b\r\nContent-Disposition: form-data; name="gpx"; filename="x.gpx"\r\n\r\n'
        body += long_course(700.0) + b"\r\n--b--\r\n"
        connection.request("POST", "/predict", body, {"Content-Type": "multipart/form-data; boundary=b"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        assert answer.status == 504 and said["remedy"]
        begin = time.monotonic()
        while json.loads(_body(url, "/health"))["busy"]:
            assert time.monotonic() - begin < PATIENCE_S, "the place stays taken"
            time.sleep(0.1)


def _body(url: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(*address(url), timeout=PATIENCE_S)
    connection.request("GET", path)
    return connection.getresponse().read()


def test_a_short_soak_ends_without_a_fault() -> None:
    soaked = soak.soak(6.0, 4)
    assert soaked.answers.total() >= 4
    assert [fault for fault in soaked.faults if not fault.startswith("memory")] == []  # too short to tell


def test_a_soak_says_what_must_not_be() -> None:
    answers = {("noise", "500"): 1, ("valid 5 km", "422"): 2, ("valid legs", "503"): 1, ("noise", "422"): 9}
    soaked = soak.Soaked(Counter(answers))
    soaked.memory_mb, soaked.peak_mb = [100.0] * 5 + [150.0] * 5, 500.0
    assert soaked.faults == ["noise: 500", "valid 5 km: 422", "memory from 100 to 150 MB", "a process of 500 MB"]
