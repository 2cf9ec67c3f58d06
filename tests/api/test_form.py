"""Tests of the form of POST /predict: fields come from the table of options, and no other is taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.schemas import Fault, Prediction
from lib.race.options import options_of
from tests.support.served import SHORT, small_settings


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(small_settings(tmp_path_factory.mktemp("model")))) as made:
        yield made


def ask(client: TestClient, query: str = "", **fields: str | list[str]):  # type: ignore[no-untyped-def]
    return client.post(f"/predict{query}", files={"gpx": ("my.gpx", SHORT.read_bytes())}, data=fields)


def refused(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code == 422, answer.text[:300]
    fault = Fault.model_validate(answer.json())
    return f"{fault.found}; {fault.expected}; {fault.remedy}"


@pytest.mark.slow
def test_the_form_has_the_fields_of_the_table(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    form = next(schema for name, schema in schemas.items() if name.startswith("Body_predict"))
    assert list(form["properties"]) == [option.name for option in options_of("api")]
    for option in options_of("api"):
        described = form["properties"][option.name]
        assert described["description"] == option.help
        assert described.get("default", "") == option.default


def test_an_unknown_field_is_refused_with_the_nearest(client: TestClient) -> None:
    said = refused(ask(client, temperatur_c="25"))
    assert said.startswith("temperatur_c, which is unknown") and said.endswith("Did you mean temperature_c?")
    assert refused(ask(client, STOP="3")).startswith("stop, which is unknown")


def test_a_field_given_twice_is_refused(client: TestClient) -> None:
    assert refused(ask(client, effort=["race", "easy"])).startswith("effort: two values")
    assert refused(ask(client, goal="0:40", target="0:40")).startswith("goal: goal and target, which is the same")
    files = [("gpx", ("a.gpx", SHORT.read_bytes())), ("gpx", ("b.gpx", b"x"))]
    assert refused(client.post("/predict", files=files)).startswith("gpx: two values")


def test_options_in_the_query_are_refused(client: TestClient) -> None:
    assert "effort in the query" in refused(ask(client, "?effort=race"))
    assert "format: two values" in refused(ask(client, "?format=csv&format=json"))


def test_a_bad_effort_is_said_in_words(client: TestClient) -> None:
    said = refused(ask(client, effort="slow"))
    assert "usual, easy, steady, race, or a mean heart rate" in said and "^" not in said


def test_the_usual_temperature_is_taken(client: TestClient) -> None:
    def finish_s(**fields: str) -> float:
        return Prediction.model_validate(ask(client, **fields).json()).totals.finish_s

    assert finish_s(temperature_c="30", usual_temperature_c="30") == finish_s()
    assert finish_s(temperature_c="30", usual_temperature_c="10") > finish_s()


def test_former_names_are_still_taken(client: TestClient) -> None:
    answers = [ask(client, **{name: "0"}).json()["totals"] for name in ("other_stops", "standing")]
    assert answers[0] == answers[1]


def test_the_answer_says_what_was_asked_for(client: TestClient) -> None:
    options = ask(client, start="2026-06-20T05:30+02:00", goal="").json()["options"]
    said = {key: text for key, text in options.items() if not key.endswith("sha256")}
    assert said == {"gpx": "my.gpx", "start": "2026-06-20T05:30+02:00"}
    assert len(options["gpx_sha256"]) == 64


def test_texts_have_a_length(client: TestClient) -> None:
    assert "effort" in refused(ask(client, effort="9" * 200))
