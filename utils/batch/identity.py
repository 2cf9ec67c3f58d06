"""What a process predicts with: the code and the libraries from which a result follows."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Final

from utils.notebooks.dependencies import ROOT, imported_files

_PREDICTS: Final = "import utils.batch.predict_pairs, utils.batch.athletes"
_LIBRARIES: Final = ("numpy", "onnxruntime", "pandas", "pyarrow")
_SHOWN: Final = 12
"""Digits of a hash."""


@cache
def identity() -> dict[str, str]:
    """Hash of the code that predicts, and versions of Python and of the libraries that it stands on, by name."""
    code = hashlib.sha256()
    for path in sorted(imported_files(_PREDICTS, "batch", ROOT)):
        code.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        code.update(hashlib.sha256(path.read_bytes()).digest())
    libraries = {name: version(name) for name in _LIBRARIES}
    return {"code": code.hexdigest()[:_SHOWN], "Python": platform.python_version(), **libraries}


def differences(own: Mapping[str, str], other: Mapping[str, str]) -> str:
    """Say in which of their parts two identities differ; empty if in none."""
    names = [name for name in own | other if own.get(name) != other.get(name)]
    return ", ".join(f"{name} {other.get(name, 'none')} where {own.get(name, 'none')} is here" for name in names)
