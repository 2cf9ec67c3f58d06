"""Size of installed packages with everything that they require."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def requirements_of(path: Path) -> list[str]:
    """Names in a requirements file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Requirement(line).name for line in lines if line.strip() and not line.startswith(("#", "-"))]


def closure(names: Iterable[str]) -> list[Distribution]:
    """Distributions of these names and of everything that they require, extras left out."""
    found: dict[str, Distribution] = {}
    left = [canonicalize_name(name) for name in names]
    while left:
        name = left.pop()
        if name in found:
            continue
        found[name] = distribution(name)
        needed = [Requirement(line) for line in found[name].requires or []]
        left += [canonicalize_name(r.name) for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found)]


def _files(one: Distribution) -> list[tuple[str, Path]]:
    """Files inside site-packages, by their path there; what was compiled from them is left out, as an image does."""
    listed = [(str(file), Path(str(one.locate_file(file)))) for file in one.files or []]
    return [(name, path) for name, path in listed if ".." not in name and not name.endswith(".pyc") and path.is_file()]


def size_bytes(distributions: Sequence[Distribution]) -> int:
    """Bytes of their files."""
    return sum(path.stat().st_size for one in distributions for _, path in _files(one))


def install(distributions: Sequence[Distribution], site_packages: Path) -> None:
    """Copy them into an environment: what an installer would put there, without asking an index."""
    for one in distributions:
        for name, path in _files(one):
            (site_packages / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, site_packages / name)
