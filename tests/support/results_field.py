"""Race results of simulated runners, made once for a test session."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from lib.athlete.results_level import shipped_params
from lib.demo.results_field import ResultsConfig, write_results


@cache
def small_results() -> Path:
    """Folder with results of 200 runners in 12 races of four years."""
    folder = Path(mkdtemp(prefix="results-"))
    write_results(folder, shipped_params(), ResultsConfig(runners=200, races=12))
    return folder
