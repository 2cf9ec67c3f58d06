"""The bundle that inference needs, verified on loading: what training fitted, and an athlete profile."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from lib.athlete.aid_stops import AidStops
from lib.athlete.conformal import Calibration
from lib.athlete.expected_pace import Kernel
from lib.athlete.goal_spread import GoalSpread
from lib.athlete.heart_rate_model import Response
from lib.athlete.pacing_law import PacingLaw
from lib.athlete.prior import Effort, Prior
from lib.athlete.profile import AthleteProfile
from lib.athlete.results_level import Result
from lib.athlete.run_history import Memory, forget
from lib.athlete.stopped_time import StandingHabit
from lib.core.errors import InputError, NoSuchFileError
from lib.core.files import kind_of_file, sha256, write_atomically

SCHEMA_VERSION = 5
MAX_BYTES = 9_820
"""An athlete profile is at most as large as that of the original pipeline, 9.59 KB; blanks do not count."""
MAX_FILE_BYTES = 10 * MAX_BYTES
"""Of a file that an editor has indented."""

_PARTS = {
    "effort": Effort,
    "response": Response,
    "standing": StandingHabit,
    "calibration": Calibration,
    "pacing": PacingLaw,
    "aid_stops": AidStops,
    "goal_spread": GoalSpread,
}
_MAKE_AGAIN = "Make it again: trailcast athlete (the model's own: trailcast normalizers)."
_EXPECTED = "an athlete profile (.json)"

RELATIVE_TIME: Final = "relative_time_idx"
ENCODER_LENGTH: Final = "encoder_length"
"""What pytorch-forecasting adds of itself: steps since the first predicted one, and how many are known before it."""


@dataclass(frozen=True)
class Bundle:
    """Everything that inference needs to know of the training data and of the athlete.

    Parameters
    ----------
    checkpoint_sha256 : str
        Hash of the weights that it belongs to.
    onnx_sha256 : str
        Hash of the file of the exported network that it belongs to; empty before the export.
    max_encoder_length, max_prediction_length : int
        Geometry of the windows, in steps of 5 m.
    time_varying_known_reals, time_varying_unknown_reals, static_reals, target_names, group_ids : tuple of str
        Feature lists, in order.
    scalers : mapping
        Centre and scale of each real covariate.
    target_normalizer : mapping
        Centre, scale and transformation of each target.
    categorical_encoders : mapping
        Vocabulary of each categorical.
    prior, athlete : Prior, AthleteProfile
        What is believed of anyone, and what is known of this athlete; with them the interval of the finish time.
    schema_version : int
        Version of the file format.
    """

    checkpoint_sha256: str
    onnx_sha256: str
    max_encoder_length: int
    max_prediction_length: int
    time_varying_known_reals: tuple[str, ...]
    time_varying_unknown_reals: tuple[str, ...]
    static_reals: tuple[str, ...]
    target_names: tuple[str, ...]
    group_ids: tuple[str, ...]
    scalers: Mapping[str, tuple[float, float]]
    target_normalizer: Mapping[str, tuple[float, float, str | None]]
    categorical_encoders: Mapping[str, Mapping[str, int]]
    prior: Prior
    athlete: AthleteProfile
    schema_version: int = SCHEMA_VERSION

    @property
    def x_reals(self) -> tuple[str, ...]:
        """Real covariates in the order in which a TimeSeriesDataSet lays them out and the network reads them."""
        known = (*self.time_varying_known_reals, RELATIVE_TIME)
        return (*self.static_reals, ENCODER_LENGTH, *known, *self.time_varying_unknown_reals)

    def for_athlete(self, athlete: AthleteProfile) -> Bundle:
        """The same model's bundle for somebody else; of an athlete of many digits it forgets runs until it is small."""
        bundle = replace(self, athlete=athlete)
        while len(bundle.to_json().encode()) > MAX_BYTES and len(athlete.memory):
            athlete = replace(athlete, memory=forget(athlete.memory))
            bundle = replace(self, athlete=athlete)
        return bundle

    def to_json(self) -> str:
        """One JSON object; numbers keep every bit."""
        content = asdict(self) | {"prior": self.prior.to_dict(), "athlete": self.athlete.to_dict()}
        return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _finite(value: Any, path: str, source: str | Path) -> None:
    """Refuse NaN and infinity anywhere in parsed JSON, and say where."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{path} = {value}", "a finite number", _MAKE_AGAIN, source)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        _finite(item, f"{path}.{key}" if path else str(key), source)


def _fields(cls: type, content: Any, where: str, source: str | Path) -> dict[str, Any]:
    """The fields of a dataclass as they stand in parsed JSON; missing and unknown ones are refused by name."""
    if not isinstance(content, dict):
        raise InputError(f"{where} is {type(content).__name__}", "a JSON object", _MAKE_AGAIN, source)
    expected = {field.name for field in fields(cls)}
    for kind, names in (("no field", expected - set(content)), ("an unknown field", set(content) - expected)):
        if names:
            raise InputError(f"{kind} {sorted(names)[0]!r} in {where}", "all fields, no other", _MAKE_AGAIN, source)
    return {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}


def _check(bundle: Bundle, source: str | Path) -> None:
    """Refuse a bundle whose parts do not belong together."""
    for name, found, expected in (
        ("scalers", set(bundle.scalers), set(bundle.x_reals) - set(bundle.target_names)),
        ("target_normalizer", set(bundle.target_normalizer), set(bundle.target_names)),
        ("categorical_encoders", set(bundle.categorical_encoders), set(bundle.group_ids)),
    ):
        if found != expected:
            odd = sorted(found ^ expected)[0]
            kind = "no" if odd in expected else "an unknown"
            raise InputError(f"{kind} {odd!r} in {name}", "one entry for each feature", _MAKE_AGAIN, source)
    for name, values in (bundle.scalers | bundle.target_normalizer).items():
        if not values[1] > 0:
            raise InputError(f"the scale of {name!r} is {values[1]}", "a positive number", _MAKE_AGAIN, source)


def _refuse_other(content: bytes, source: str | Path) -> None:
    """Refuse a file of another kind, and say what it is."""
    kind = kind_of_file(content)
    if kind in ("an athlete profile", "a JSON file"):
        return
    remedy = "Give the course as GPX, and the profile as ATHLETE." if kind == "a GPX file" else _MAKE_AGAIN
    raise InputError(kind, _EXPECTED, remedy, source)


def parse_bundle(text: str, source: str | Path = "bundle", checkpoint: Path | None = None) -> Bundle:
    """The bundle in a JSON text.

    Parameters
    ----------
    text : str
        Content of `normalizers.json`.
    source : str or Path
        What errors call it.
    checkpoint : Path, optional
        Weights that it must belong to.

    Raises
    ------
    InputError
        If the version is unknown, a field is missing or unknown, a number is not finite, parts do not belong
        together, it is larger than `MAX_BYTES`, or it belongs to other weights.
    """
    if len(text) > MAX_FILE_BYTES:
        raise InputError(f"{len(text)} characters", f"{MAX_FILE_BYTES} at most", _MAKE_AGAIN, source)
    _refuse_other(text.encode(), source)
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"JSON that is damaged ({error})", _EXPECTED, _MAKE_AGAIN, source) from error
    size = len(json.dumps(content, separators=(",", ":")))  # blanks of an editor do not count
    if size > MAX_BYTES:
        raise InputError(f"{size} bytes", f"{MAX_BYTES} at most", _MAKE_AGAIN, source)
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise InputError(f"schema version {version!r}", f"version {SCHEMA_VERSION}", _MAKE_AGAIN, source)
    _finite(content, "", source)
    values = _fields(Bundle, content, "the bundle", source)
    try:
        prior = _fields(Prior, content["prior"], "prior", source)
        for name in ("pace", "heart_rate", "cadence"):
            prior[name] = Kernel.from_list(prior[name])
        for name, part in _PARTS.items():
            prior[name] = part(**_fields(part, prior[name], f"prior.{name}", source))
        values["prior"] = Prior(**prior)
        athlete = _fields(AthleteProfile, content["athlete"], "athlete", source)
        athlete["memory"] = Memory(**_fields(Memory, athlete["memory"], "athlete.memory", source))
        athlete["response"] = Response(**_fields(Response, athlete["response"], "athlete.response", source))
        athlete["results"] = tuple(
            Result(**_fields(Result, each, "athlete.results", source)) for each in athlete["results"]
        )
        values["athlete"] = AthleteProfile(**athlete)
        for name, length in (("scalers", 2), ("target_normalizer", 3)):
            values[name] = {k: tuple(v) for k, v in values[name].items()}
            if any(
                len(v) != length or not all(isinstance(x, int | float) for x in v[:2]) for v in values[name].values()
            ):
                raise TypeError(f"{name} holds other than {length} values an entry")
        bundle = Bundle(**values)
        _check(bundle, source)
    except InputError as error:
        raise InputError(error.found, error.expected, error.remedy, source) from error
    except (TypeError, AttributeError) as error:
        raise InputError(f"a value of the wrong kind ({error})", "a bundle as saved", _MAKE_AGAIN, source) from error
    if checkpoint is not None and sha256(checkpoint) != bundle.checkpoint_sha256:
        raise InputError(
            f"a bundle for the weights {bundle.checkpoint_sha256[:12]}…",
            f"one for {checkpoint.name} ({sha256(checkpoint)[:12]}…)",
            "Use the bundle that was made with this checkpoint, or make it again.",
            source,
        )
    return bundle


def save_bundle(bundle: Bundle, path: Path) -> int:
    """Write `normalizers.json`, verified by reading it back; returns its size in bytes."""
    text = bundle.to_json()
    parse_bundle(text, path)
    write_atomically(path, text.encode())
    return len(text.encode())


def load_bundle(path: Path, checkpoint: Path | None = None) -> Bundle:
    """The bundle in a file; see `parse_bundle` for what is refused."""
    if not path.is_file():
        raise NoSuchFileError(path, _MAKE_AGAIN)
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    _refuse_other(content, path)
    if len(content) > MAX_FILE_BYTES:
        raise InputError(f"{path.stat().st_size} bytes", f"{MAX_FILE_BYTES} at most", _MAKE_AGAIN, path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("bytes that are no text", _EXPECTED, _MAKE_AGAIN, path) from error
    return parse_bundle(text, path, checkpoint)
