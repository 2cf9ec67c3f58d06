"""Executed notebooks as single HTML files that request nothing."""

from __future__ import annotations

import argparse
import copy
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.core.errors import InputError
from lib.core.files import write_atomically
from utils.cli.mistakes import says_mistakes
from utils.plan_page.base import style

if TYPE_CHECKING:
    import nbformat

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
ROOT: Final = TEMPLATES.parents[2]
SHOWN: Final = ["image/svg+xml", "image/png", "image/jpeg", "text/html", "text/markdown", "text/plain"]
"""Kinds of output that need neither script nor network, best first."""
SOURCES: Final = ("src", "srcset", "poster", "data", "xlink:href", "background")
"""Attributes that load on any element; ``href`` does so only on the elements of `FETCHING`."""
OPENING: Final = re.compile(r"^!\[([^\]]+)\]\((pictures/[\w.]+)\)\n*", re.MULTILINE)
"""The picture that a notebook opens with, in Markdown: what it shows, and its file."""
FETCHING: Final = ("link", "image", "use", "base")


class _Resources(HTMLParser):
    """Collects what a page would load when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        for name, value in attrs:
            loads = name in SOURCES or (name == "href" and tag in FETCHING)
            if value and loads and not value.strip().startswith(("data:", "#")):
                self.found.append(value)
            if value and name == "style":
                self._style(value)

    def handle_endtag(self, tag: str) -> None:
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self._style(data)

    def _style(self, text: str) -> None:
        self.found += [
            url for url in re.findall(r"url\(\s*['\"]?([^'\")]+)", text) if not url.startswith(("data:", "#"))
        ]
        self.found += re.findall(r"@import\s+['\"]([^'\"]+)", text)


def loaded_resources(html: str) -> list[str]:
    """Addresses of everything that a page would load from elsewhere when it is opened; links are not loaded."""
    parser = _Resources()
    parser.feed(html)
    return parser.found


class _Facts(HTMLParser):
    """Finds what a report says of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and values.get("name") == "trailcast":
            self.text = values.get("content")


def read_facts(html: str) -> dict[str, Any] | None:
    """Facts that a report carries in its head; None for another page."""
    parser = _Facts()
    parser.feed(html.partition("<body")[0])
    return None if parser.text is None else dict(json.loads(parser.text))


def spoken_duration(seconds: float | None) -> str:
    """Seconds as a reader says them: ``48 s``, ``7 min 12 s``, ``2 h 05 min``."""
    if seconds is None:
        return "unknown"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def merged_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join neighbouring pieces of a stream; of lines that rewrite themselves only the last state stays."""
    merged: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    for output in merged:
        if output.output_type == "stream":
            # Messages of libraries name files: where this clone lies is nobody's business.
            output.text = re.sub(r"[^\n]*\r(?!\n|$)", "", output.text).replace(f"{ROOT}/", "")
    return merged


def prepared(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Copy of a notebook for the template: title moved to the head, figures with alternative text.

    The picture that a notebook opens with is left out: a report has the figure itself.

    A figure is described by ``alt`` in its own or its cell's metadata, else by the heading it stands under.
    """
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    heading, titled = "", False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if not titled and cell.source.startswith("# "):
                cell.source, titled = OPENING.sub("", cell.source.partition("\n")[2]).lstrip("\n"), True
            headings = re.findall(r"^#+\s+(.+)$", cell.source, flags=re.MULTILINE)
            heading = headings[-1] if headings else heading
        if cell.cell_type == "code":
            cell.outputs = merged_streams(cell.outputs)
        for output in cell.get("outputs", []):
            if output.output_type in {"display_data", "execute_result"}:
                described = cell.metadata.get("alt") or (f"Figure under “{heading}”" if heading else "Figure")
                output.metadata.setdefault("alt", described)
    return notebook


def report_html(notebook: nbformat.NotebookNode) -> str:
    """HTML of an executed notebook that carries its facts in ``metadata.trailcast``.

    Raises
    ------
    InputError
        If the page would load something from elsewhere.
    """
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter
    from traitlets.config import Config

    facts = notebook.metadata["trailcast"]
    failed = [c.get("id", "") for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error"]
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    light = HtmlFormatter(style="tango").get_style_defs(".highlight")
    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="report",
        exclude_anchor_links=True,
        embed_images=True,
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN}}),
    )
    resources = {
        "facts": facts,
        "facts_json": json.dumps(facts, ensure_ascii=True, sort_keys=True),
        "duration": spoken_duration(facts["seconds"]),
        "failed_cell": failed[0] if failed else "",
        "style": style("page.css"),
        "highlighting": f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
        ".highlight, .highlight pre { background: var(--wash); }",
    }
    html, _ = exporter.from_notebook_node(prepared(notebook), resources=resources)
    loaded = loaded_resources(html)
    if loaded:
        raise InputError(
            f"an output or text that loads {loaded[0][:200]}",
            "a report that requests nothing",
            "Embed it or leave it out.",
            facts["notebook"],
        )
    return str(html)


def write_report(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Render to a file; what was there stays until the new one is whole."""
    html = report_html(notebook)
    write_atomically(path, html.encode())


@says_mistakes
def main(arguments: list[str] | None = None) -> int:
    """Command line; see ``--help``."""
    parser = argparse.ArgumentParser(prog="python -m utils.notebooks.render", description="Executed notebook to HTML.")
    parser.add_argument("executed", type=Path)
    parser.add_argument("report", type=Path)
    options = parser.parse_args(arguments)
    import nbformat  # takes seconds, and whoever only reads a report's facts can do without

    write_report(nbformat.read(options.executed, as_version=4), options.report)
    print(f"{options.report}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
