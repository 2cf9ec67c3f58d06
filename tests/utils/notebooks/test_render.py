"""Reports request nothing, say where they come from, and hide no failure."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.core.errors import InputError
from utils.notebooks.index_page import index_html
from utils.notebooks.provenance import data_hash, facts, input_files, title_and_question
from utils.notebooks.render import (
    ROOT,
    loaded_resources,
    prepared,
    read_facts,
    report_html,
    spoken_duration,
    write_report,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def sample(*outputs: nbformat.NotebookNode, failure: dict[str, str] | None = None) -> nbformat.NotebookNode:
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# A <b>title</b>\n\nText first. How long does\nit take? More."),
            new_code_cell("steps: int = 3  # steps", metadata={"tags": ["parameters"]}),
            new_code_cell("steps = 5", metadata={"tags": ["injected-parameters"]}),
            new_markdown_cell("## The climb"),
            new_code_cell("draw()", outputs=list(outputs)),
        ]
    )
    about = facts(notebook, "01_train", {"steps": 5}, {"steps": 3, "name": "</meta>"}, Path(), "quick")
    notebook.metadata["trailcast"] = about | {"seconds": 75.2, "failure": failure}
    return notebook


def output(data: dict[str, Any]) -> nbformat.NotebookNode:
    return new_output("display_data", data=data)


def test_a_report_loads_nothing_and_runs_no_script() -> None:
    page = report_html(
        sample(output({"image/png": PIXEL}), output({"text/html": "<table><tr><td>1</td></tr></table>"}))
    )
    assert loaded_resources(page) == []
    assert "<script" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://example.org/a.js"></script>',
        '<img src="http://example.org/a.png">',
        '<img srcset="//example.org/a.png 2x">',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        "<style>@import 'https://example.org/a.css';</style>",
        "<style>p { background: url(https://example.org/a.png) }</style>",
        "<p style=\"background: url('https://example.org/a.png')\">x</p>",
        '<iframe src="local.html"></iframe>',
        '<svg><image xlink:href="https://example.org/a.png"/></svg>',
    ],
)
def test_an_output_that_would_load_something_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="requests nothing"):
        report_html(sample(output({"text/html": text})))


def test_the_picture_that_a_notebook_opens_with_is_left_out() -> None:
    notebook = sample()
    notebook.cells[0].source = "# A title\n\nHow long?\n\n![What it shows](pictures/01_train.png)\n\nMore."
    page = report_html(notebook)
    assert loaded_resources(page) == [] and "<p>How long?</p>\n<p>More.</p>" in page


def test_a_link_is_no_load() -> None:
    assert loaded_resources('<a href="https://example.org">x</a>') == []


def test_scripts_and_widgets_give_way_to_plain_text() -> None:
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "bar 100%"}
    page = report_html(sample(output(widget), output({"application/javascript": "alert(1)", "text/plain": "plain"})))
    assert "bar 100%" in page
    assert "alert(1)" not in page


def test_a_report_opens_with_where_it_comes_from() -> None:
    page = report_html(sample())
    opening = page.partition("</header>")[0]
    for text in (
        "A &lt;b&gt;title&lt;/b&gt;",
        "1 min 15 s",
        "quick run",
        "torch",
        "demo athlete",
        "steps",
        "1 of them given",
    ):
        assert text in opening, text
    assert "injected" not in page
    assert page.count("title&lt;/b&gt;</h1>") == 1
    about = read_facts(page)
    assert about is not None
    assert about["parameters"] == {"steps": 5, "name": "</meta>"}


def test_code_is_folded_and_figures_are_described() -> None:
    page = report_html(sample(output({"image/png": PIXEL})))
    assert '<details class="code"><summary>Code</summary>' in page
    assert 'alt="Figure under “The climb”"' in page


def test_progress_bars_are_shown_in_their_last_state() -> None:
    pieces = ["\r 0%|", "\r 50%|", "\r100%|\n", "done\n"]
    notebook = sample(*[new_output("stream", name="stderr", text=piece) for piece in pieces])
    assert [o.text for o in prepared(notebook).cells[-1].outputs] == ["100%|\ndone\n"]


def test_a_failed_run_says_so_at_the_top() -> None:
    error = new_output("error", ename="ValueError", evalue="no <hills>", traceback=["ValueError: no <hills>"])
    page = report_html(sample(error, failure={"cell": "cell 5", "ename": "ValueError", "evalue": "no <hills>"}))
    opening = page.partition("</header>")[0]
    assert "This run failed" in opening
    assert "ValueError: no &lt;hills&gt;" in opening
    assert '<details class="code" open' in page


def test_a_report_does_not_say_where_the_clone_lies(tmp_path: Path) -> None:
    warning = new_output("stream", name="stderr", text=f"{ROOT}/.venv/lib/some.py:30: UserWarning: beware")
    write_report(sample(warning), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert ".venv/lib/some.py:30: UserWarning" in page
    assert str(ROOT) not in page


def test_an_old_report_stays_when_rendering_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("old")
    with pytest.raises(InputError):
        write_report(sample(output({"text/html": "<img src=x>"})), path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
    assert path.read_text() == "old"


def test_the_title_and_the_question_are_read_from_the_first_titled_cell() -> None:
    assert title_and_question(sample()) == ("A <b>title</b>", "How long does it take?")
    assert title_and_question(new_notebook(cells=[new_markdown_cell("# T\n\nAt 17.8 km: how far is it?")])) == (
        "T",
        "At 17.8 km: how far is it?",
    )
    assert title_and_question(new_notebook(cells=[new_markdown_cell("# T\n\nNothing asked.")])) == ("T", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "unknown"), (47.6, "48 s"), (59.7, "1 min 00 s"), (3600, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations_read_as_spoken(seconds: float | None, text: str) -> None:
    assert spoken_duration(seconds) == text


def test_the_data_hash_follows_given_files_and_nothing_that_runs_make(tmp_path: Path) -> None:
    for name in ("notebooks/x", "data/a.gpx", "build/model/w", "sessions/one.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    values = {
        "course": "../data/a.gpx",
        "model": "../build/model",
        "out": "../data",
        "data": "../sessions",
        "root": "..",
    }
    files = input_files(values, tmp_path / "notebooks", tmp_path)
    assert [path.name for path in files] == ["a.gpx", "one.parquet"]
    before = data_hash(files)
    (tmp_path / "build/model/w").write_text("other")
    assert data_hash(files) == before
    (tmp_path / "data/a.gpx").write_text("other")
    assert data_hash(files) != before
    assert data_hash([]) == "demo athlete"


def test_the_index_says_what_is_done_failed_and_not_run(tmp_path: Path) -> None:
    names = ("01_train", "02_extract_normalizers", "03_diagnose_flat_predictions")
    (tmp_path / "notebooks").mkdir()
    for name in names:
        nbformat.write(sample(), tmp_path / "notebooks" / f"{name}.ipynb")
    quick = tmp_path / "reports" / "quick"
    write_report(sample(), quick / "01_train.html")
    write_report(sample(), quick / "02_extract_normalizers.html")
    write_report(sample(), quick / "02_extract_normalizers.failed.html")
    page = index_html(tmp_path / "reports", tmp_path / "notebooks")
    quick_part, full_part = page.split("<h2>")[1:]
    assert quick_part.count(">done<") == quick_part.count(">failed<") == quick_part.count(">not run<") == 1
    assert 'href="quick/02_extract_normalizers.failed.html"' in quick_part
    assert 'href="quick/02_extract_normalizers.html">earlier report' in quick_part
    assert full_part.count(">not run<") == 3
    assert "How long does it take?" in page
    assert "<b>" not in page
    assert html.unescape(page).count("A <b>title</b>") == 6
    assert loaded_resources(page) == []
    assert json.loads(json.dumps(read_facts((quick / "01_train.html").read_text())))["notebook"] == "01_train"
