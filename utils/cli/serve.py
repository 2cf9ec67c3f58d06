"""``trailcast serve``: the API and its page."""

from __future__ import annotations

from dataclasses import replace

from api.main import serve
from api.settings import Settings
from lib.race.words import Words


def run(words: Words) -> int:
    """Serve until stopped; what is not said comes from the TRAILCAST_… variables."""
    said = {name: words[name] for name in ("host", "port", "model_dir") if words[name] not in (None, "")}
    return serve(replace(Settings.from_environment(), **said))
