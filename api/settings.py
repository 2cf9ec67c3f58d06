"""What the API serves, where, and within which limits, from environment variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from lib.core.errors import InputError
from lib.course.course import CourseConfig

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "TRAILCAST_"


@dataclass(frozen=True)
class Settings:
    """Settings of the API; each is read from the variable TRAILCAST_ and its name in capitals.

    Parameters
    ----------
    model_dir : Path
        Folder with `model.onnx` and `normalizers.json`.
    presets_dir : Path
        Folder with the courses that are offered.
    host, port : str, int
        Where to listen; by default only programs of this machine are answered.
    max_upload_bytes : int
        Size of a request's body.
    max_points, max_waypoints : int
        Points of a course's file.
    max_km : float
        Length of a course.
    max_archive_bytes : int
        Size of the body of a request for an athlete profile: recordings, or an archive of them.
    max_unpacked_bytes, max_recordings : int
        What is unpacked of these: bytes, and files.
    max_memory_mb : int
        Memory of a prediction, beside the model, or of an import; on Linux.
    time_limit_s : float
        Time for a prediction, waiting included.
    import_limit_s : float
        Time for an athlete profile, waiting included.
    head_limit_s : float
        Time in which a request's first line and headers must have come.
    body_limit_s : float
        Time in which a request's body must have come; for an archive more, as it is larger.
    max_requests : int
        Requests at once, those whose body is still coming included; more are answered 503, but for /health.
    workers : int
        Predictions at once.
    waiting : int
        Requests that may wait for one of these; more are answered 503.
    imports : int
        Athlete profiles made at once; as many may wait.
    cors_origin : str
        Web site whose pages may ask too, as https://example.org, or * for all; by default none.
    """

    model_dir: Path = ROOT / "checkpoints_v2"
    presets_dir: Path = ROOT / "data" / "courses"
    host: str = "127.0.0.1"
    port: int = 8000
    max_upload_bytes: int = 20_000_000
    max_points: int = 150_000
    max_waypoints: int = 500
    max_km: float = CourseConfig.max_km
    max_archive_bytes: int = 200_000_000
    max_unpacked_bytes: int = 2_000_000_000
    max_recordings: int = 20_000
    max_memory_mb: int = 400
    time_limit_s: float = 30.0
    import_limit_s: float = 180.0
    head_limit_s: float = 10.0
    body_limit_s: float = 20.0
    max_requests: int = 100
    workers: int = 2
    waiting: int = 8
    imports: int = 1
    cors_origin: str = ""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            least = 0 if item.name in ("waiting", "max_waypoints", "port") else 1e-3
            if isinstance(value, int | float) and not least <= value < 1e12:
                raise InputError(
                    f"{item.name} = {value}", "a positive number", f"Change {PREFIX}{item.name.upper()}.", "settings"
                )
        if self.cors_origin not in ("", "*") and not re.fullmatch(r"https?://[\w.:\[\]-]+", self.cors_origin, re.ASCII):
            found = f"the origin {self.cors_origin[:80]!r}"
            raise InputError(found, "https://example.org, or *", f"Change {PREFIX}CORS_ORIGIN.", "settings")
        if self.port > 65_535:
            raise InputError(f"port {self.port}", "0 to 65535", f"Change {PREFIX}PORT.", "settings")

    @property
    def course(self) -> CourseConfig:
        """Limits of a course."""
        return CourseConfig(max_km=self.max_km, max_points=self.max_points, max_waypoints=self.max_waypoints)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read what is set; the rest stays at its default.

        Raises
        ------
        InputError
            If a value is not of its kind.
        """
        values: dict[str, object] = {}
        for item in fields(cls):
            name = PREFIX + item.name.upper()
            text = environment.get(name, "")
            if not text:
                continue
            try:
                values[item.name] = {"Path": Path, "int": int, "float": float, "str": str}[str(item.type)](text)
            except ValueError as error:
                raise InputError(f"{name} = {text!r}", f"a value of kind {item.type}", "Correct it.") from error
        return cls(**values)  # type: ignore[arg-type]
