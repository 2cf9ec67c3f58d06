"""Given requests and courses that nobody would send: each is answered, never by an error of ours."""

from __future__ import annotations

from functools import cache

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.main import create_app
from api.settings import Settings
from tests.support.served import SHORT

pytestmark = pytest.mark.slow

_RELAXED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@cache
def app() -> FastAPI:
    # With the shipped model: its schema is asked for when tests are collected, and no network is made for that.
    return create_app(Settings(max_upload_bytes=2_000_000))


@cache
def client() -> TestClient:
    return TestClient(app(), raise_server_exceptions=False)


schema = schemathesis.openapi.from_asgi("/openapi.json", app())


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=_RELAXED)
def test_the_schema_tells_the_truth(case: schemathesis.Case) -> None:
    # That a file is a course cannot be said in a schema: what is none is refused.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])


def answered(content: bytes) -> None:
    answer = client().post("/predict", files={"gpx": ("x.gpx", content)})
    assert answer.status_code in (200, 400, 413, 422), (answer.status_code, content[:200])
    if answer.status_code != 200:
        assert set(answer.json()) == {"found", "expected", "remedy"}


GPX = SHORT.read_bytes()
NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(["", "1e999", "-0", "nan", "0x10", "1_000", "9" * 400, "\uff11\uff12", "1,5", "90.0000001", "180"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=_RELAXED)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=40))
def test_odd_numbers(points: list[tuple[str, str, str]]) -> None:
    rows = "".join(f'<trkpt lat="{lat}" lon="{lon}"><ele>{ele}</ele></trkpt>' for lat, lon, ele in points)
    answered(f"<gpx><trk><trkseg>{rows}</trkseg></trk></gpx>".encode())


@settings(max_examples=60, deadline=None, suppress_health_check=_RELAXED)
@given(st.data())
def test_damaged_courses(data: st.DataObject) -> None:
    content = bytearray(GPX)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        size = data.draw(st.sampled_from([0, 1, 10, 3_000]))
        content[at : at + size] = data.draw(st.binary(max_size=12))
    answered(bytes(content))


@settings(max_examples=40, deadline=None, suppress_health_check=_RELAXED)
@given(
    st.sampled_from(["utf-16", "latin-1", "utf-7", "idna", "rot13", "none such", "utf-8-sig", "cp037"]), st.booleans()
)
def test_odd_encodings(name: str, honest: bool) -> None:
    text = GPX.decode()[:3_000] + "</trkseg></trk></gpx>"
    try:
        body = text.replace("UTF-8", name).encode(name if honest else "utf-8")
    except (LookupError, UnicodeError):
        body = text.replace("UTF-8", name).encode()
    answered(body)


def test_tricks_of_xml() -> None:
    deep = b"<a>" * 20_000 + b"</a>" * 20_000
    for content in (
        b'<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>',
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trk><name>&x;</name></trk></gpx>',
        b"<gpx>" + deep + b"</gpx>",
        b"<gpx " + b" ".join(b'a%d="1"' % i for i in range(20_000)) + b"/>",
        b'<gpx xmlns:x="' + b"u" * 500_000 + b'"/>',
        b"<gpx><trk><name>" + b"n" * 1_000_000 + b"</name></trk></gpx>",
        GPX.replace(b"<trk>", b"<trk><name>" + b"&#x1F3C3;" * 5_000 + b"</name>", 1),
        b"",
        b"\xff\xfe",
    ):
        answered(content)
