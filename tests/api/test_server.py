"""Given a real server on loopback, and clients that behave badly: limits hold and everybody else is served."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.served import COURSES, SHORT, server, small_settings
from utils.bench import load_test

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_settings(tmp_path_factory.mktemp("model")).model_dir


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


def healthy(url: str) -> bool:
    connection = http.client.HTTPConnection(*address(url), timeout=30)
    connection.request("GET", "/health")
    return bool(json.loads(connection.getresponse().read())["status"] == "ok")


def test_a_body_that_never_says_its_length_is_cut_off_at_the_limit(model_dir: Path) -> None:
    with server(model_dir, max_upload_bytes=100_000) as url:
        connection = http.client.HTTPConnection(*address(url), timeout=60)
        connection.putrequest("POST", "/predict")
        connection.putheader("Content-Type", "multipart/form-data; boundary=b")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        sent = 0
        try:
            for _ in range(1_000):
                connection.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                sent += 0x10000
        except OSError:
            pass
        assert sent < 50_000_000
        assert healthy(url)


def test_a_length_beyond_the_limit_is_answered_before_the_body(model_dir: Path) -> None:
    with server(model_dir, max_upload_bytes=100_000) as url, socket.create_connection(address(url), timeout=60) as raw:
        raw.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9000000\r\n\r\n")
        assert raw.recv(200).startswith(b"HTTP/1.1 413")


def test_a_body_that_stops_coming_is_given_up(model_dir: Path) -> None:
    with server(model_dir, body_limit_s=0.5) as url, socket.create_connection(address(url), timeout=60) as raw:
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        raw.sendall(head + b"Content-Length: 500\r\n\r\n--b\r\n")
        assert raw.recv(200).startswith(b"HTTP/1.1 408")
        assert healthy(url)


def test_more_requests_than_places_get_503_and_when_to_come_back(model_dir: Path) -> None:
    content = load_test.body_of((COURSES / "cumberland_50km.gpx").read_bytes())
    with server(model_dir, workers=1, waiting=0) as url:
        answers: list[tuple[int, str | None]] = []
        together = threading.Barrier(12)

        def one() -> None:
            connection = http.client.HTTPConnection(*address(url), timeout=120)
            together.wait()
            connection.request("POST", "/predict", content, {"Content-Type": load_test.CONTENT_TYPE})
            answer = connection.getresponse()
            answer.read()
            answers.append((answer.status, answer.getheader("Retry-After")))

        clients = [threading.Thread(target=one) for _ in range(12)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert {status for status, _ in answers} == {200, 503}
        assert all(retry is not None for status, retry in answers if status == 503)
        assert healthy(url)


def test_the_load_test_counts_what_is_answered(model_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server(model_dir) as url:
        assert load_test.main([url, str(SHORT), "--clients", "3", "--requests", "9"]) == 0
    said = capsys.readouterr().out
    assert "9 requests by 3 clients" in said and "200: 9" in said


def test_a_load_test_of_nobody_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_test.main(["http://127.0.0.1:9", str(SHORT), "--requests", "1"]) == 1
    assert "no answer: 1" in capsys.readouterr().out
