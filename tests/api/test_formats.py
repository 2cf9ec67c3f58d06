"""Tests of what a plan can be had as over HTTP: each format, packed or not, under a name of its own."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.answers import Answer, file_name, takes_gzip
from api.main import create_app
from api.schemas import Prediction
from api.service import NAMES, PAGES
from api.settings import Settings
from lib.core.errors import InputError
from lib.report.export.formats import FORMATS
from tests.support.races import known_bundle
from tests.support.served import SHORT
from utils.cli.main import main

START = "2026-06-20T05:30+02:00"
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workers=1))) as made:
        yield made


def ask(client: TestClient, query: str, headers: dict[str, str] = PLAIN, athlete: str = ""):  # type: ignore[no-untyped-def]
    files = {"gpx": ("my.gpx", SHORT.read_bytes())}
    if athlete:
        files["athlete"] = (athlete, known_bundle().to_json().encode())
    return client.post(f"/predict?{query}", files=files, data={"start": START}, headers=headers)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans")
    assert main(["plan", str(SHORT), "--start", START, "--out", str(folder)]) == 0
    return folder


ENDINGS = {name: kind.ending for name, kind in FORMATS.items() if name != "json"} | {"card": PAGES["card"][0]}


@pytest.mark.parametrize("form", ENDINGS)
def test_every_format_is_the_file_that_the_command_writes(client: TestClient, written: Path, form: str) -> None:
    answer = ask(client, f"format={form}")
    kind = FORMATS[form].media_type if form in FORMATS else "text/html; charset=utf-8"
    assert answer.status_code == 200 and answer.headers["content-type"] == kind
    ours = (written / f"{SHORT.stem}{ENDINGS[form]}").read_bytes()
    stamp = rb"DTSTAMP:\w+"
    assert re.sub(stamp, b"", answer.content) == re.sub(stamp, b"", ours)


def test_the_page_of_the_plan_comes_whole(client: TestClient) -> None:
    answer = ask(client, "format=html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("inline; ")
    assert "Powell Valley 5 km" in answer.text and answer.text.rstrip().endswith("</html>")
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", answer.text.split("<body>")[0])


def test_formats_are_those_of_the_schema(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/predict"]["post"]
    form = next(x for x in operation["parameters"] if x["name"] == "format")
    assert tuple(form["schema"]["enum"]) == NAMES
    assert all(f"{name}: " in form["description"] for name in NAMES)


def test_a_json_without_its_steps_is_small_and_says_the_same(client: TestClient) -> None:
    whole, brief = (ask(client, query) for query in ("format=json", "format=json&steps=no"))
    assert Prediction.model_validate(brief.json()).steps is None
    assert {**whole.json(), "steps": None} == brief.json()
    assert len(brief.content) < len(whole.content) / 5


@pytest.mark.parametrize("form", [name for name in NAMES if name != "json"])
def test_only_a_json_can_be_without_its_steps(client: TestClient, form: str) -> None:
    answer = ask(client, f"format={form}&steps=no")
    assert answer.status_code == 422
    assert answer.json() == {
        "found": f"steps: no with format={form}", "expected": "no with format=json alone", "remedy": "Leave steps out.",
    }  # fmt: skip


def test_numbers_have_no_decimals_that_nobody_measures(client: TestClient) -> None:
    def longest(found: object) -> int:
        if isinstance(found, dict):
            return max((longest(x) for x in found.values()), default=0)
        if isinstance(found, list):
            return max((longest(x) for x in found), default=0)
        return len(repr(found).partition(".")[2]) if isinstance(found, float) else 0

    assert longest(ask(client, "format=json").json()) <= 6


@pytest.mark.parametrize("form", ["json", "html", "gpx"])
def test_answers_are_packed_where_that_is_allowed(client: TestClient, form: str) -> None:
    plain, packed = ask(client, f"format={form}"), ask(client, f"format={form}", {"accept-encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert abs(len(packed.content) - len(plain.content)) < 50  # as it was unpacked; a page tells its own hour


def test_what_is_packed_already_and_what_is_small_stay_as_they_are() -> None:
    assert not Answer(b"x" * 5000, "application/vnd.ant.fit").as_wanted(True).gzipped
    assert not Answer(b"x" * 100, "text/plain").as_wanted(True).gzipped
    packed = Answer(b"x" * 5000, "text/plain").as_wanted(True)
    assert gzip.decompress(packed.content) == b"x" * 5000


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        *((said, True) for said in ("gzip", "br, GZIP;q=0.5", "*", "identity, gzip;q=x")),
        *((said, False) for said in ("gzip;q=0", "gzip; q=0.000", "br", "", ",;,")),
    ],
)
def test_gzip_is_sent_to_whoever_takes_it(said: str, taken: bool) -> None:
    assert takes_gzip(said) is taken


def test_downloads_are_called_after_race_and_athlete(client: TestClient) -> None:
    said = ask(client, "format=fit", athlete="Zoë Brontë.json").headers["content-disposition"]
    assert said == (
        "attachment; filename=\"Powell_Valley_5_km_Zo__Bront_.fit\"; filename*=UTF-8''"
        "Powell_Valley_5_km_Zo%C3%AB_Bront%C3%AB.fit"
    )
    assert "_legs.csv" in ask(client, "format=legs").headers["content-disposition"]


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ('a/../..\\"b\r\nSet-Cookie: x', "a_b_Set-Cookie_x.fit"),
        ("...", "plan.fit"),
        ("", "plan.fit"),
        ("富士山", "富士山.fit"),
        ("x" * 300, None),
    ],
)
def test_names_of_anybody_make_safe_file_names(stem: str, name: str | None) -> None:
    made = file_name(stem, ".fit")
    assert made == name or (name is None and len(made) < 110)
    value = Answer(b"", "x", made).headers["Content-Disposition"]
    assert value.isascii() and "\n" not in value and value.count('"') == 2


def test_head_is_answered_as_get_without_the_body(client: TestClient) -> None:
    for path in ("/", "/health", "/presets", "/openapi.json", "/docs"):
        whole, head = client.get(path, headers=PLAIN), client.head(path, headers=PLAIN)
        assert head.status_code == 200 and head.content == b""
        assert head.headers["content-length"] == str(len(whole.content))
    assert client.head("/nothing").status_code == 404


def test_other_sites_are_answered_only_if_they_are_named(client: TestClient) -> None:
    asked = {"origin": "https://example.org"}
    closed = client.get("/health", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    assert closed.headers["cross-origin-resource-policy"] == "same-origin"
    with TestClient(create_app(Settings(workers=1, cors_origin="https://example.org"))) as opened:
        for answer in (opened.get("/health", headers=asked), opened.get("/nothing", headers=asked)):
            assert answer.headers["access-control-allow-origin"] == "https://example.org"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    for origin in ("example.org", "https://a.org, https://b.org", "https://a.org/path", "x\r\ny"):
        with pytest.raises(InputError, match="origin"):
            Settings(cors_origin=origin)


def test_the_documentation_is_whole_and_runs_nothing(client: TestClient) -> None:
    page, schema = client.get("/docs"), client.get("/openapi.json").json()
    assert page.headers["content-type"] == "text/html; charset=utf-8" and "<script" not in page.text
    assert re.findall(r'(?:src|href)="(?!#)([^"]+)"', page.text) == ["data:,", "/page/style.css", "/openapi.json", "/"]
    for path in schema["paths"]:
        assert f" {path}</code>" in page.text
    for name, field in schema["components"]["schemas"]["Totals"]["properties"].items():
        assert f"<code>{name}</code>" in page.text and field.get("description", "")[:30] in page.text
    assert np.all([f'id="{link}"' in page.text for link in re.findall(r'href="#(\w+)"', page.text)])
