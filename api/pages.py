"""The page for people: its files, and its form, made of the table of options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Final

from api.answers import FRAMED, Answer
from api.service import PAGES
from lib.athlete.effort import EFFORTS, USUAL
from lib.race.options import Kind, Option, options_of
from lib.race.stations_csv import COLUMNS
from lib.report.export.formats import FORMATS

FOLDER: Final = Path(__file__).parent / "page"
_HTML: Final = "text/html; charset=utf-8"
_KINDS: Final[Mapping[str, str]] = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_MAIN: Final = ("start", "zone", "effort", "goal", "race")
"""Options that most races need; the others are folded."""
_ELSEWHERE: Final = ("gpx", "athlete", "results", "stations")
"""What the page asks for in ways of its own."""
_INPUTS: Final[Mapping[str, str]] = {
    "start": '<input type="datetime-local"',
    "zone": '<input type="text" list="zones" spellcheck="false"',
}
_SAID: Final[Mapping[str, str]] = {
    "start": "by the clocks of the course",
    "zone": "of the course, guessed from where it starts",
    "effort": "how hard you mean to run",
}
"""Help where that of the option is about how to write it."""
_LONG: Final = 1_000
"""Texts that may be longer than this have more than one line."""


def pages() -> dict[str, Answer]:
    """Make what the page consists of, by path."""
    index = (FOLDER / "index.html").read_text(encoding="utf-8")
    options = [option for option in options_of("api") if option.name not in _ELSEWHERE]
    assert all(option.kind is not Kind.FILE for option in options), "the page asks for this file nowhere"
    filled = {
        "main fields": "\n".join(_field(option) for option in options if option.name in _MAIN),
        "more fields": "\n".join(_field(option) for option in options if option.name not in _MAIN),
        "station columns": " ".join(COLUMNS),
        "downloads": "\n".join(_downloads()),
    }
    for name, text in filled.items():
        index = index.replace(f"<!-- {name} -->", text)
    found = {"/": Answer(index.encode(), _HTML)}
    found["/page/frame"] = Answer((FOLDER / "frame.html").read_bytes(), _HTML, policy=FRAMED)
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in _KINDS:
            found[f"/page/{path.name}"] = Answer(path.read_bytes(), _KINDS[path.suffix])
    return found


def _field(option: Option) -> str:
    """A field of the form, with its label."""
    help_text = escape(_SAID.get(option.name, option.help))
    name, label = option.name, option.word.replace("_", " ").capitalize()
    shared = f' id="{name}" data-option="{name}" data-default="{escape(option.default)}"'
    shared += f' aria-describedby="{name}-help"'
    said = f'<small id="{name}-help" class="quiet">{help_text}</small>'
    sized = f' maxlength="{option.max_length}" placeholder="{escape(option.example)}"'
    value = f' value="{escape(option.default)}"' if option.default else ""
    if name == "effort":
        return _effort(label, shared, option.default, said)
    if option.default in ("yes", "no"):
        choices = "".join(_choice(word, word, word == option.default) for word in ("yes", "no"))
        control = f"<select{shared}>{choices}</select>"
    elif option.max_length > _LONG:
        control = f'<textarea rows="1" spellcheck="false"{shared}{sized}></textarea>'
        control += f'<label class="quiet">or a file <input type="file" accept=".csv,.txt" data-into="{name}"></label>'
    elif name in _INPUTS:
        control = f"{_INPUTS[name]}{shared}>"
    else:
        control = f'<input type="text"{shared}{sized}{value}>'
    return f'<p class="field"><label for="{name}">{label}</label>{control}{said}</p>'


def _effort(label: str, shared: str, default: str, said: str) -> str:
    """The effort: a word, or a heart rate in a field of its own."""
    choices = "".join(_choice(word, word, word == default) for word in (USUAL, *EFFORTS))
    return (
        f'<p class="field"><label for="effort">{label}</label><select{shared}>{choices}'
        f"{_choice('bpm', 'mean heart rate…')}</select>{said}</p>\n"
        '<p class="field" id="bpm-field" hidden><label for="bpm">Heart rate (bpm)</label>'
        '<input id="bpm" type="number" min="60" max="220" value="150"></p>'
    )


def _choice(value: str, text: str, chosen: bool = False) -> str:
    return f'<option value="{value}"{" selected" if chosen else ""}>{text}</option>'


def _downloads() -> Iterable[str]:
    kinds = {name: ("HTML", text, False) for name, (_, text) in PAGES.items()}
    kinds |= {name: (kind.ending.rpartition(".")[2].upper(), kind.help, kind.clocked) for name, kind in FORMATS.items()}
    for name, (ending, text, clocked) in kinds.items():
        needs = ' data-clocked="yes" title="needs a start"' if clocked else ""
        yield f'<button type="button" data-format="{name}"{needs}>{ending} <small>{escape(text)}</small></button>'
