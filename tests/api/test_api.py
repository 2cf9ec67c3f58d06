"""Given requests to the application: it answers as its schema says, and refuses with a reason."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import gpxpy
import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages import pages
from api.schemas import CourseRead, Fault, Prediction
from api.settings import Settings
from lib.athlete.bundle import load_bundle, save_bundle
from lib.athlete.profile import with_results
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig
from lib.race.results_text import results_from_text
from tests.support.races import known_bundle
from tests.support.served import ROOT, SHORT, small_settings

START = "2026-06-20T05:30+02:00"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return small_settings(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def shipped() -> Iterator[TestClient]:
    """What serves the shipped model, whose profile is that of nobody in particular."""
    with TestClient(create_app(Settings())) as made:
        yield made


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as made:
        yield made


def ask(client: TestClient, content: bytes | None = None, form: str = "json", **fields: str):  # type: ignore[no-untyped-def]
    files = {"gpx": ("my.gpx", SHORT.read_bytes() if content is None else content)}
    return client.post(f"/predict?format={form}", files=files, data=fields)


def refused(answer, status: int) -> Fault:  # type: ignore[no-untyped-def]
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/json"
    return Fault.model_validate(answer.json())


# --- predictions ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("effort", ["usual", "race", "150"])
def test_it_says_what_the_library_says(client: TestClient, settings: Settings, effort: str) -> None:
    said = Prediction.model_validate(ask(client, effort=effort).json(), strict=True)
    bundle = load_bundle(settings.model_dir / "normalizers.json")
    course = load_course(SHORT)
    backend = onnx_backend(settings.model_dir / ONNX, bundle)
    plan = plan_race(backend, bundle, course, RaceConfig(effort=effort)).plan
    assert said.steps is not None and said.totals.finish_s == pytest.approx(plan.finish_s, abs=0.006)
    found = (said.totals.finish_low_s, said.totals.finish_high_s)
    assert found == pytest.approx(plan.finish_interval_s, abs=0.006)
    for name in (c.DURATION, c.HEART_RATE, c.CADENCE):
        np.testing.assert_allclose(getattr(said.steps, name), plan.columns[name], atol=0.06)
    assert sum(split.duration_s for split in said.splits) == pytest.approx(plan.finish_s, abs=0.1)
    assert said.effort == effort and said.model_sha256 == bundle.checkpoint_sha256
    assert {len(values) for values in said.steps.model_dump().values()} == {course.steps}


def test_a_start_gives_times_of_day(client: TestClient) -> None:
    said = Prediction.model_validate(ask(client, start=START).json())
    assert said.totals.start == "2026-06-20T05:30:00+02:00"
    assert said.totals.arrival is not None and said.totals.arrival.endswith("+02:00")
    without = Prediction.model_validate(ask(client).json())
    assert without.totals.arrival is None


def test_csv_legs_and_gpx_are_read_back(client: TestClient) -> None:
    table = pd.read_csv(io.BytesIO(ask(client, form="csv").content))
    totals = ask(client).json()["totals"]
    assert table[c.DURATION].sum() == pytest.approx(totals["finish_s"], abs=0.1)
    assert table[c.ARRIVAL].iloc[-1] == pytest.approx(totals["race_s"], abs=0.06)
    legs = pd.read_csv(io.BytesIO(ask(client, form="legs", stations="1.5, 3").content))
    assert legs[c.WAYPOINT].tolist() == ["km 1.5", "km 3", "Finish"]
    answer = ask(client, form="gpx", start=START)
    assert answer.headers["content-type"] == "application/gpx+xml"
    points = gpxpy.parse(answer.text).tracks[0].segments[0].points
    assert (points[-1].time - points[0].time).total_seconds() == pytest.approx(totals["race_s"], abs=0.01)


def test_a_race_is_planned_with_stations_stops_and_cutoffs(client: TestClient) -> None:
    table = "name;km;stop_min;cutoff\nHut;2;4;05:35\nTap;3;1;"
    said = Prediction.model_validate(ask(client, start=START, stations=table, standing="0").json())
    assert [leg.name for leg in said.legs] == ["Hut", "Tap", "Finish"]
    assert [leg.planned_stop_s for leg in said.legs] == [240.0, 60.0, 0.0]
    assert said.totals.race_s == pytest.approx(said.totals.finish_s + 300.0)
    assert said.legs[0].cutoff_s == 300.0 and said.legs[0].margin_s == pytest.approx(300.0 - said.legs[0].departure_s)
    assert said.legs[0].chance_in_time is not None and said.legs[0].chance_in_time < 0.01
    assert said.legs[1].cutoff_s is None and said.legs[1].chance_in_time is None
    assert any(note.text.startswith("Hut: cut-off") for note in said.notes)
    assert said.legs[-1].arrival == said.totals.arrival
    assert sum(leg.duration_s for leg in said.legs) == pytest.approx(said.totals.finish_s, abs=0.03)


def test_check_ins_say_the_rest_of_the_race(client: TestClient) -> None:
    race = {"start": START, "stations": "name;km;stop_min;cutoff\nHut;2;4;06:10\nTap;3;1;06:20", "standing": "0"}
    before = Prediction.model_validate(ask(client, **race).json())
    late = before.legs[0].arrival_s + 600.0
    clock = (datetime.fromisoformat(START) + timedelta(seconds=late)).strftime("%H:%M")
    said = Prediction.model_validate(ask(client, **race, checkins=f"Hut {clock}").json())
    assert said.legs[0].arrival_s == pytest.approx(late, abs=60.0)
    assert said.totals.race_s > before.totals.race_s + 540.0
    assert said.totals.race_low_s < said.totals.race_s < said.totals.race_high_s
    assert said.legs[0].pace_needed_min_per_km is None and said.legs[1].pace_needed_min_per_km is not None
    fault = refused(ask(client, **race, checkins="Hut 23:59"), 422)
    assert "Hut" in fault.found


def test_a_target_says_its_effort_and_chance(client: TestClient) -> None:
    usual = Prediction.model_validate(ask(client, standing="0").json())
    assert usual.goal is None
    minutes = int(usual.totals.finish_s // 60)
    said = Prediction.model_validate(ask(client, standing="0", goal=f"0:{minutes:02d}").json())
    assert said.goal is not None and said.goal.effort is not None
    assert said.totals.race_s == pytest.approx(60 * minutes, abs=1)
    assert 0 < said.goal.chance < 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"stations": "name,km\nA,99"}, "km 99"),
        ({"stations": "who,km\nA,1"}, "'who'"),
        ({"goal": "soon"}, "'soon'"),
        ({"goal": "0:40", "effort": "race"}, "one of the two"),
        ({"zone": "Mars/Base", "start": "2026-06-20T05:30"}, "Mars/Base"),
        ({"stop_min": "-1"}, "'-1'"),
        ({"temperature_c": "hot"}, "'hot'"),
    ],
)
def test_what_makes_no_race_is_refused_with_a_reason(client: TestClient, fields: dict[str, str], word: str) -> None:
    fault = refused(ask(client, **fields), 422)
    assert word in f"{fault.found} {fault.expected}"


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"results": "2300 km, 50 m, 6:41, 2025"}, "They look swapped"),
        ({"results": "50 km, 2300 m, 1:41, 2025"}, "no human is known to be faster"),
        ({"results": "50 km, 2300 m, 6:41, 2125-01-01"}, "A result is of the past"),
        ({"results": "50 km, 2300 m, 2025"}, "no race time"),
        ({"results": "results.csv"}, "no distance"),
    ],
)
def test_results_that_cannot_be_are_refused(client: TestClient, fields: dict[str, str], word: str) -> None:
    fault = refused(ask(client, **fields), 422)
    assert word in f"{fault.found} {fault.expected} {fault.remedy}"


def test_results_set_the_level_stated_or_in_a_profile(shipped: TestClient, tmp_path: Path) -> None:
    client, settings = shipped, Settings()
    line = "50 km, 2300 m, 6:41, 2025"
    stated = Prediction.model_validate(ask(client, start=START, results=line).json())
    assert stated.totals.race_s < Prediction.model_validate(ask(client, start=START).json()).totals.race_s
    bundle = load_bundle(settings.model_dir / "normalizers.json")
    profile = replace(bundle, athlete=with_results(bundle.athlete, results_from_text(line)))
    save_bundle(profile, tmp_path / "me.json")
    files = {"gpx": ("my.gpx", SHORT.read_bytes()), "athlete": ("me.json", (tmp_path / "me.json").read_bytes())}
    kept = Prediction.model_validate(client.post("/predict", files=files, data={"start": START}).json())
    assert kept.totals == stated.totals


def test_an_athlete_profile_changes_the_prediction(shipped: TestClient) -> None:
    files = {"gpx": SHORT.read_bytes(), "athlete": known_bundle().to_json().encode()}
    said, nobody = shipped.post("/predict", files=files).json(), ask(shipped).json()
    assert nobody["athlete"].startswith("nobody in particular") and not said["athlete"].startswith("nobody")
    assert said["totals"]["finish_s"] != nobody["totals"]["finish_s"]


# --- refusals ------------------------------------------------------------------------------------------------------
def test_what_is_no_course_is_refused_with_its_name_and_a_remedy(client: TestClient) -> None:
    fault = refused(ask(client, b"hello"), 422)
    assert fault.found.startswith("my.gpx: ") and fault.remedy


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"effort": "slow"}, "effort"), ({"start": "tomorrow"}, "start"), ({"start": "2026-06-20T05:30"}, "zone")],
)
def test_values_of_another_form_are_refused(client: TestClient, fields: dict[str, str], word: str) -> None:
    assert word in refused(ask(client, **fields), 422).found


def test_gpx_without_a_start_is_refused(client: TestClient) -> None:
    assert "start" in refused(ask(client, form="gpx"), 422).found


def test_entities_are_refused(client: TestClient) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>'
    assert "document type" in refused(ask(client, bomb), 422).found


@pytest.mark.parametrize("content", [b"\x80\x04K\x01.", b"{}", b"[" * 9_000, b"x" * 20_000])
def test_an_athlete_that_is_no_bundle_is_refused(client: TestClient, content: bytes) -> None:
    files = {"gpx": SHORT.read_bytes(), "athlete": content}
    refused(client.post("/predict", files=files), 422)


def test_an_athlete_of_another_model_is_refused(client: TestClient, settings: Settings, tmp_path: Path) -> None:
    bundle = load_bundle(settings.model_dir / "normalizers.json")
    save_bundle(replace(bundle, checkpoint_sha256="1" * 64), tmp_path / "other.json")
    files = {"gpx": SHORT.read_bytes(), "athlete": (tmp_path / "other.json").read_bytes()}
    assert "111111" in refused(client.post("/predict", files=files), 422).found


def test_limits_of_size_points_and_length(settings: Settings) -> None:
    points = SHORT.read_bytes().count(b"<trkpt")
    for limits, status in (
        ({"max_upload_bytes": 2_000}, 413),
        ({"max_points": points // 2}, 422),
        ({"max_km": 4.0}, 422),
        ({"max_waypoints": 0}, 422),
    ):
        with TestClient(create_app(replace(settings, **limits))) as client:
            refused(ask(client), status)


def test_a_prediction_that_takes_too_long_is_given_up_and_its_place_is_free_again(settings: Settings) -> None:
    with TestClient(create_app(replace(settings, time_limit_s=0.001, workers=1))) as client:
        assert "0.001 s" in refused(ask(client), 504).found
        for _ in range(500):
            if client.get("/health").json()["busy"] == 0:
                return
        pytest.fail("the place stays taken")


def test_errors_of_ours_are_said_without_a_traceback(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("api.workers.Workers.answer", broken)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = ask(client)
        assert "secret" not in answer.text and "Traceback" not in answer.text
        refused(answer, 500)


# --- presets, pages, headers ---------------------------------------------------------------------------------------
def test_every_preset_can_be_had_and_predicted(client: TestClient) -> None:
    presets = client.get("/presets").json()
    assert len(presets) == len(list((ROOT / "data" / "courses").glob("*.gpx"))) > 3
    shortest = min(presets, key=lambda preset: preset["length_km"])
    answer = client.get(f"/presets/{shortest['name']}")
    assert answer.headers["content-type"] == "application/gpx+xml"
    said = ask(client, answer.content).json()
    assert said["course"]["length_km"] == pytest.approx(shortest["length_km"], abs=0.001)


@pytest.mark.parametrize("name", ["../README", "%2e%2e%2fREADME.md", "..%5cx", "README.md", "a" * 90, "x\x00y"])
def test_names_of_presets_lead_nowhere_else(client: TestClient, name: str) -> None:
    assert client.get("/presets/" + name.replace("\x00", "%00")).status_code in (404, 422)


def test_pages_run_only_what_comes_with_them(client: TestClient) -> None:
    for path in pages():
        answer = client.get(path)
        assert answer.status_code == 200 and answer.content
        assert set(re.findall(r"https?://[^\"' ]+", answer.text)) <= {"http://www.w3.org/2000/svg"}
        assert path == "/page/frame" or "unsafe" not in answer.headers["content-security-policy"]
        assert not re.search(r"<[^>]+\s(?:on\w+|style)=", answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_units_stand_in_the_schema(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for name in ("Totals", "Split", "Passing", "Steps"):
        described = {key: value.get("description", "") for key, value in schemas[name]["properties"].items()}
        missing = [key for key, text in described.items() if key.endswith(("_m", "_s", "_bpm", "_rpm")) and not text]
        assert missing == []


def test_a_course_is_read_before_anything_is_planned(client: TestClient) -> None:
    answer = client.post("/course", files={"gpx": ("my.gpx", SHORT.read_bytes())})
    said = CourseRead.model_validate(answer.json())
    assert said.name == "Powell Valley 5 km" and said.zone is not None and said.zone.startswith("America/")
    assert [one.km for one in said.stations] == sorted(one.km for one in said.stations) and len(said.stations) > 3
    assert len(said.profile) == 300 and said.profile[-1][0] == said.length_km == 5.0
    assert "my.gpx" in refused(client.post("/course", files={"gpx": ("my.gpx", b"x")}), 422).found
    assert "unknown" in refused(client.post("/course", files={"gpx": b"x"}, data={"start": START}), 422).found


def test_a_loop_is_read_with_all_its_laps(client: TestClient) -> None:
    once, thrice = (
        CourseRead.model_validate(
            client.post("/course", files={"gpx": ("my.gpx", SHORT.read_bytes())}, data=data).json()
        )
        for data in ({}, {"laps": "3"})
    )
    planned = Prediction.model_validate(ask(client, laps="3", start=START).json())
    assert thrice.length_km == planned.course.length_km > 2.9 * once.length_km
    assert thrice.profile[-1][0] == thrice.length_km and len(thrice.profile) == 300
    assert thrice.climb_m == pytest.approx(3 * once.climb_m, rel=0.1)
    places = [leg.end_m / 1000.0 for leg in planned.legs]
    shown = [one.km for one in thrice.stations if 0 < one.km < places[-1]]
    assert shown == pytest.approx(places[:-1], abs=0.003)  # a leg ends with a step
    names, on_one = ([one.name for one in read.stations] for read in (thrice, once))
    assert names.count("Top") == 3 * on_one.count("Top") > 0
    for laps in ("many", "0", "201"):
        refused(client.post("/course", files={"gpx": ("my.gpx", SHORT.read_bytes())}, data={"laps": laps}), 422)


# --- starting ------------------------------------------------------------------------------------------------------
def test_settings_are_read_from_the_environment_and_checked() -> None:
    read = Settings.from_environment({"TRAILCAST_PORT": "81", "TRAILCAST_MAX_KM": "50.5", "TRAILCAST_MODEL_DIR": "/m"})
    assert (read.port, read.max_km, read.model_dir, read.workers) == (81, 50.5, Path("/m"), Settings().workers)
    for environment in ({"TRAILCAST_PORT": "x"}, {"TRAILCAST_WORKERS": "0"}, {"TRAILCAST_TIME_LIMIT_S": "nan"}):
        with pytest.raises(InputError):
            Settings.from_environment(environment)


def test_a_bundle_of_another_model_stops_the_start_with_a_sentence(settings: Settings, tmp_path: Path) -> None:
    bundle = load_bundle(settings.model_dir / "normalizers.json")
    (tmp_path / ONNX).write_bytes((settings.model_dir / ONNX).read_bytes())
    save_bundle(replace(bundle, onnx_sha256="1" * 64), tmp_path / "normalizers.json")
    done = subprocess.run(
        [sys.executable, "-m", "api.main"],
        cwd=ROOT,
        env={"TRAILCAST_MODEL_DIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "a network with the hash" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_serving_imports_neither_torch_nor_tables(settings: Settings) -> None:
    heavy = ("torch", "lightning", "pytorch_forecasting", "pandas", "scipy", "sklearn", "matplotlib", "httpx")
    code = f"""
import sys
from dataclasses import replace
from pathlib import Path
from api.main import create_app
from api.pages import pages
from lib.report.export.formats import FORMATS
from api.service import Asked, Service
from api.settings import Settings
settings = Settings(model_dir=Path({str(settings.model_dir)!r}))
create_app(settings)
asked = Asked(Path({str(SHORT)!r}).read_bytes(), words={{"start": {START!r}, "stations": "1, 2"}})
for form in FORMATS:
    assert Service(settings).answer(replace(asked, form=form)).content
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
