"""The page `reports/index.html`, which links all reports and says how each run went."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lib.core.files import write_atomically
from utils.notebooks.provenance import title_and_question
from utils.notebooks.render import TEMPLATES, read_facts
from utils.plan_page.base import style

ROOT: Final = Path(__file__).resolve().parents[2]
PROFILES: Final = {
    "quick": ("Quick run", "The whole way in minutes, on a demo athlete: to see that it works, not how well."),
    "full": ("Full run", "Full training; these reports are kept with the code."),
}


@dataclass(frozen=True)
class Entry:
    """A line of the index.

    Parameters
    ----------
    title, question : str
        Of the notebook.
    kind, status : str
        Class for the style sheet (``done``, ``failed``, ``absent``) and the same in words.
    link, earlier : str
        The report that belongs to the status, and a good one of an earlier run beside a failed one; ``""`` for none.
    date, commit : str
        Of the run that the status is about.
    """

    title: str
    question: str
    kind: str
    status: str
    link: str = ""
    earlier: str = ""
    date: str = ""
    commit: str = ""


def entry(reports: Path, profile: str, name: str, notebook: Mapping[str, Any]) -> Entry:
    """State of one notebook's report in one profile."""
    good, bad = (reports / profile / f"{name}{suffix}" for suffix in (".html", ".failed.html"))
    title, question = title_and_question(notebook)
    shown = bad if bad.is_file() else good
    facts = read_facts(shown.read_text(encoding="utf-8")) if shown.is_file() else None
    if facts is None:
        return Entry(title or name, question, "absent", "not run")
    failed = shown == bad
    return Entry(
        facts["title"],
        facts["question"],
        "failed" if failed else "done",
        "failed" if failed else "done",
        f"{profile}/{shown.name}",
        f"{profile}/{good.name}" if failed and good.is_file() else "",
        facts["started"],
        facts["commit"],
    )


def index_html(reports: Path, notebooks: Path) -> str:
    """HTML of the index; every notebook has a line in each profile."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    files = sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))
    read = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
    profiles = [
        {
            "title": title,
            "explanation": explanation,
            "entries": [entry(reports, profile, name, notebook) for name, notebook in read.items()],
        }
        for profile, (title, explanation) in PROFILES.items()
    ]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("index_page.html.j2").render(profiles=profiles, style=style("page.css"))


def main(arguments: list[str] | None = None) -> int:
    """Command line; see ``--help``."""
    parser = argparse.ArgumentParser(
        prog="python -m utils.notebooks.index_page", description="The page that links all reports."
    )
    parser.add_argument("--reports", type=Path, default=ROOT / "reports")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks")
    options = parser.parse_args(arguments)
    write_atomically(options.reports / "index.html", index_html(options.reports, options.notebooks).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
