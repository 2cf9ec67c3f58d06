"""``trailcast normalizers``: the pickle v2 of a model's normalizers, and anew from its training sessions."""

from __future__ import annotations

import sys

from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from utils.save_normalizers import save_normalizers


def run(words: Words) -> int:
    """Write them, and say their sizes."""
    model_dir = words["model_dir"] or SHIPPED_MODEL
    for name, size in save_normalizers(model_dir, words["sessions"] or None, words["v1"]).items():
        sys.stdout.write(f"{model_dir / name}: {size / 1024:,.2f} KB\n")
    return 0
