"""The athlete profile that a request asks for, from recordings or race results."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.answers import Answer, file_name
from api.service import BUNDLE
from api.settings import Settings
from lib.athlete.bundle import load_bundle
from lib.athlete.profile import AthleteProfile, profile_after, with_results
from lib.core.errors import InputError
from lib.core.text import counted_noun
from lib.race.results_text import result_text, results_from_text
from lib.recordings.archive import ArchiveLimits
from lib.recordings.importer import ImportConfig, ImportSummary, sessions_from_path

PROFILE: Final = "profile"
REPORT: Final = "report"
NAMES: Final = (PROFILE, REPORT)
"""Formats of an answer."""
_SHOWN: Final = 30
"""Problems of files that a report tells."""
_POLITE: Final = 10


@dataclass(frozen=True)
class Recorded:
    """What a request for a profile brings.

    Parameters
    ----------
    folder : Path, optional
        Where its recordings lie.
    results : str
        Race results, as `lib.race.results_text.results_from_text` takes them.
    name : str
        What the athlete is called.
    form : str
        One of `NAMES`.
    packed : bool
        Whether the answer may be gzipped.
    """

    folder: Path | None = None
    results: str = ""
    name: str = ""
    form: str = PROFILE
    packed: bool = False


class Importer:
    """Makes profiles for the model; what it stands on is read once, before any limit of memory.

    It reads recordings with pandas, in its own process; nothing else that serves does.
    """

    def __init__(self, settings: Settings) -> None:
        self.bundle = load_bundle(settings.model_dir / BUNDLE)
        unpacked, recordings = settings.max_unpacked_bytes, settings.max_recordings
        limits = ArchiveLimits(
            file_bytes=min(50_000_000, unpacked), archive_bytes=unpacked, total_bytes=unpacked, entries=recordings
        )
        self.config = ImportConfig(limits=limits, file_s=min(30.0, settings.import_limit_s))
        self.missing = ""
        try:
            import pandas  # noqa: F401
        except ModuleNotFoundError as error:
            self.missing = error.name or "pandas"
        if sys.platform != "win32":
            os.nice(_POLITE)  # who waits for a plan comes first

    def answer(self, asked: Recorded) -> Answer:
        """Make a profile.

        Raises
        ------
        InputError
            If no run is in the recordings, or the results are no results.
        """
        results = results_from_text(asked.results) if asked.results.strip() else ()
        profile, summary = AthleteProfile(), None
        if asked.folder is not None:
            sessions, summary = self._sessions(asked.folder)
            profile = profile_after(sessions, self.bundle.prior)
        profile = with_results(profile, results)
        text = self.bundle.for_athlete(profile).to_json()
        if asked.form == REPORT:
            text = json.dumps(_report(profile, summary, [result_text(x) for x in results]) | {"profile": text})
        return Answer(text.encode(), "application/json", file_name(asked.name or "athlete", ".json")).as_wanted(
            asked.packed
        )

    def _sessions(self, folder: Path) -> tuple[Any, ImportSummary]:
        if self.missing:
            found, remedy = f"no {self.missing} on this server", "Send race results, or make the profile elsewhere."
            raise InputError(found, "it, to read recordings", remedy, "data")
        try:
            return sessions_from_path(folder, progress=False, config=self.config)
        except InputError as error:
            if error.source is None or str(error.source) != str(folder):
                raise
            raise InputError(error.found, error.expected, "Send recordings of runs.", "data") from error


def _report(profile: AthleteProfile, summary: ImportSummary | None, results: Sequence[str]) -> dict[str, Any]:
    """What a profile was made of, in words and numbers."""
    problems = summary.problems() if summary else ()
    made_of = [counted_noun(profile.runs, "run")] if profile.runs else []
    made_of += [counted_noun(len(results), "race result")] if results else []
    return {
        "made_of": " and ".join(made_of),
        "runs": profile.runs,
        "longest_km": round(profile.longest_km, 1),
        "results": list(results),
        "files": summary.line() if summary else "",
        "problems": [{"file": one.file, "text": one.reason or "; ".join(one.warnings)} for one in problems[:_SHOWN]],
        "more_problems": max(len(problems) - _SHOWN, 0),
    }
