"""The bundle that inference needs, verified on loading: what training fitted, and an athlete profile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Annotated, Final, Literal

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.athlete.run_history import forget
from lib.core.errors import InputError, NoSuchFileError
from lib.core.fields import Length, Pattern, Range, check_fields, made_of, parse_json
from lib.core.files import kind_of_file, sha256, write_atomically

SCHEMA_VERSION = 8
MAX_BYTES = 9_820
"""An athlete profile is at most as large as that of the original pipeline, 9.59 KB; blanks do not count."""
MAX_FILE_BYTES = 10 * MAX_BYTES
"""Of a file that an editor has indented."""

_MAKE_AGAIN = "Make it again: trailcast athlete (the model's own: trailcast normalizers)."
_EXPECTED = "an athlete profile (.json)"

RELATIVE_TIME: Final = "relative_time_idx"
ENCODER_LENGTH: Final = "encoder_length"
"""What pytorch-forecasting adds of itself: steps since the first predicted one, and how many are known before it."""
_Steps = Annotated[int, Range(1, 10_000)]
_Name = Annotated[str, Pattern(r"\w{1,60}", "a name of up to 60 letters and digits")]
_Names = Annotated[tuple[_Name, ...], Length(0, 100)]
_Center = Annotated[float, Range(-1e9, 1e9)]
_Scale = Annotated[float, Range(1e-12, 1e9)]
_Scaler = tuple[_Center, _Scale]
_Normalizer = tuple[_Center, _Scale, Literal["log"] | None]
_Vocabulary = Annotated[Mapping[str, Annotated[int, Range(0, 1_000)]], Length(0, 1_000)]


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
        Geometry of the windows, in rows.
    row_steps : int
        Steps of 5 m in a row.
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

    checkpoint_sha256: Annotated[str, Pattern("[0-9a-f]{64}", "a SHA-256 in hexadecimal")]
    onnx_sha256: Annotated[str, Pattern("([0-9a-f]{64})?", "a SHA-256 in hexadecimal, or nothing")]
    max_encoder_length: _Steps
    max_prediction_length: _Steps
    row_steps: Annotated[int, Range(1, 1_000)]
    time_varying_known_reals: _Names
    time_varying_unknown_reals: _Names
    static_reals: _Names
    target_names: _Names
    group_ids: _Names
    scalers: Annotated[Mapping[str, _Scaler], Length(0, 100)]
    target_normalizer: Annotated[Mapping[str, _Normalizer], Length(0, 100)]
    categorical_encoders: Annotated[Mapping[str, _Vocabulary], Length(0, 100)]
    prior: Prior
    athlete: AthleteProfile
    schema_version: Annotated[int, Range(SCHEMA_VERSION, SCHEMA_VERSION)] = SCHEMA_VERSION

    def __post_init__(self) -> None:
        check_fields(self)
        for name, found, expected in (
            ("scalers", self.scalers, set(self.x_reals) - set(self.target_names)),
            ("target_normalizer", self.target_normalizer, set(self.target_names)),
            ("categorical_encoders", self.categorical_encoders, set(self.group_ids)),
        ):
            if odd := sorted(set(found) ^ expected):
                kind = "no" if odd[0] in expected else "an unknown"
                raise InputError(f"{kind} {odd[0][:60]!r} in {name}", "one entry for each feature", _MAKE_AGAIN)
        if len(set(self.x_reals)) < len(self.x_reals):
            raise InputError("a feature twice", "each once", _MAKE_AGAIN)

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
        """One JSON object; numbers keep every bit. For brevity, what has fields of its own is a list of them."""
        content = asdict(self) | {"prior": astuple(self.prior), "athlete": self.athlete.to_dict()}
        return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _refuse_other(content: bytes, source: str | Path) -> None:
    """Refuse a file of another kind, and say what it is."""
    kind = kind_of_file(content)
    if kind in ("an athlete profile", "a JSON file"):
        return
    remedy = "Give the course as GPX, and the profile as ATHLETE." if kind == "a GPX file" else _MAKE_AGAIN
    raise InputError(kind, _EXPECTED, remedy, source)


def parse_bundle(content: str | bytes, source: str | Path = "bundle", checkpoint: Path | None = None) -> Bundle:
    """The bundle in a JSON text.

    Parameters
    ----------
    content : str or bytes
        Content of `normalizers.json`.
    source : str or Path
        What errors call it.
    checkpoint : Path, optional
        Weights that it must belong to.

    Raises
    ------
    InputError
        If the version is unknown, a field is missing, unknown, or not of its type and range, parts do not belong
        together, it is larger than `MAX_BYTES`, or it belongs to other weights.
    """
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    _refuse_other(data, source)
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"more than {MAX_FILE_BYTES} bytes", f"{MAX_FILE_BYTES} at most", _MAKE_AGAIN, source)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("bytes that are no text", _EXPECTED, _MAKE_AGAIN, source) from error
    try:
        parsed = parse_json(text)
        version = parsed.get("schema_version") if isinstance(parsed, dict) else None
        if version != SCHEMA_VERSION:
            raise InputError(f"schema version {repr(version)[:20]}", f"version {SCHEMA_VERSION}", _MAKE_AGAIN)
        bundle = made_of(Bundle, parsed)
    except InputError as error:
        raise InputError(error.found, error.expected, _MAKE_AGAIN, source) from error
    size = len(bundle.to_json().encode())  # blanks of an editor do not count
    if size > MAX_BYTES:
        raise InputError(f"{size} bytes", f"{MAX_BYTES} at most", _MAKE_AGAIN, source)
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
    return parse_bundle(_read(path), path, checkpoint)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise NoSuchFileError(path, _MAKE_AGAIN)
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def parse_profile(content: bytes, model: Bundle, source: str | Path) -> Bundle:
    """The model's bundle with the athlete of a profile; nothing else of the profile counts.

    Raises
    ------
    InputError
        As `parse_bundle`, or if the profile belongs to another model.
    """
    profile = parse_bundle(content, source)
    if profile.checkpoint_sha256 != model.checkpoint_sha256:
        raise InputError(
            f"an athlete profile of another model ({profile.checkpoint_sha256[:12]}…)",
            f"one of this model ({model.checkpoint_sha256[:12]}…)",
            _MAKE_AGAIN,
            source,
        )
    return replace(model, athlete=profile.athlete)


def load_profile(path: Path | None, model: Path) -> Bundle:
    """The bundle of a model, with the athlete of a profile if there is one; raises as `parse_profile`."""
    bundle = load_bundle(model)
    return bundle if path is None else parse_profile(_read(path), bundle, path)
