"""What a training needs: configuration, tables of all athletes, fitted scalers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pytorch_forecasting import TimeSeriesDataSet

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.core.errors import InputError
from lib.demo.simulate import demo_sessions
from lib.inference.features import WindowConfig
from lib.recordings.sessions import read_athletes
from lib.training.dataset import Told, athlete_frame, split_by_date, training_dataset
from lib.training.normalizers import fitted_fields
from lib.training.population import fit_prior

_SHARES = (
    "dropout",
    "blind_share",
    "self_fed_share",
    "static_noise",
    "effort_share",
    "pace_share",
    "held_back",
    "test_share",
)

MANIFEST = "training.json"
BUNDLE = "normalizers.json"


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that a training depends on beside its data.

    Parameters
    ----------
    hidden_size, hidden_continuous_size, attention_head_size, lstm_layers, dropout
        Of the network; the defaults are the full one.
    batch_size, steps_per_epoch, max_epochs
        How long; a step is one batch.
    validation_windows : int
        Windows of held-back sessions after each epoch.
    patience : int
        Epochs without improvement after which training stops.
    learning_rate : float
        Peak of a one-cycle schedule (Smith & Topin 2019).
    duration_weight, lean : float
        Of the loss: weight of duration, weight of under-predicting it.
    blind_share, self_fed_share, static_noise : float
        See `lib.model.TrailRunningTFT`.
    effort_share, pace_share : float
        Shares of the sessions of which the network is told the effort, or the pace: see `lib.training.dataset.Told`.
    held_back : float
        Share of each athlete's sessions, the last ones, to check with after each epoch.
    test_share : float
        Share of each athlete's sessions, after those, that training never sees.
    seed : int
        Of weights and draws.
    """

    hidden_size: int = 80
    hidden_continuous_size: int = 16
    attention_head_size: int = 4
    lstm_layers: int = 1
    dropout: float = 0.1
    batch_size: int = 64
    steps_per_epoch: int = 100
    max_epochs: int = 20
    validation_windows: int = 512
    patience: int = 6
    learning_rate: float = 2e-3
    duration_weight: float = 40.0
    lean: float = 1.0
    blind_share: float = 0.25
    self_fed_share: float = 0.6
    static_noise: float = 0.3
    effort_share: float = 0.3
    pace_share: float = 0.2
    held_back: float = 0.15
    test_share: float = 0.0
    encoder_length: int = 400
    decoder_length: int = 200
    seed: int = 20240101

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name in _SHARES:
                if not 0 <= value < 1:
                    raise InputError(f"{name} = {value}", "a number from 0 to below 1", "Change the parameter.")
            elif value <= 0:
                raise InputError(f"{name} = {value}", "a positive number", "Change the parameter.")
        if self.hidden_size % self.attention_head_size:
            raise InputError(
                f"hidden_size {self.hidden_size}, attention_head_size {self.attention_head_size}",
                "a hidden size divisible by the number of heads",
                "Change one of them.",
            )

    @property
    def window(self) -> WindowConfig:
        """Geometry of the windows."""
        return WindowConfig(self.encoder_length, self.decoder_length)

    @property
    def network(self) -> dict[str, Any]:
        """Settings of the network alone."""
        names = ("hidden_size", "hidden_continuous_size", "attention_head_size", "lstm_layers", "dropout")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class TrainingData:
    """Frames of all athletes, divided by date, and what was fitted on the earlier part."""

    earlier: pd.DataFrame
    later: pd.DataFrame
    dataset: TimeSeriesDataSet
    prior: Prior
    athlete: AthleteProfile
    fingerprint: str

    @property
    def fitted(self) -> dict[str, Any]:
        """Fields of `normalizers.pkl`."""
        return fitted_fields(self.dataset, self.prior, self.athlete)


def training_athletes(source: str, cache: Path) -> dict[str, pd.DataFrame]:
    """Read session tables by athlete: of recordings, or of the demo athlete.

    Parameters
    ----------
    source : str
        ``"demo"``, a parquet file of the session contract, or a folder of such files, one for each athlete.
    cache : Path
        Folder in which the demo athlete's sessions are kept.
    """
    return {"demo": demo_sessions(cache)} if source == "demo" else read_athletes(source)


def fingerprint(athletes: Mapping[str, pd.DataFrame]) -> str:
    """Hash of the sessions' content, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for name in sorted(athletes):
        digest.update(name.encode())
        digest.update(pd.util.hash_pandas_object(athletes[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]


def training_data(athletes: Mapping[str, pd.DataFrame], config: TrainingConfig) -> TrainingData:
    """Frames, scalers and profile from session tables, one for each athlete.

    With one athlete the bundle speaks of that athlete; with several, of somebody whom nobody has seen run.
    """
    earlier, later, profiles = [], [], []
    if config.test_share > 0:
        athletes = {name: split_by_date(sessions, config.test_share)[0] for name, sessions in athletes.items()}
    prior = fit_prior(athletes)
    told = Told(config.effort_share, config.pace_share)
    for name, sessions in athletes.items():
        frame, profile = athlete_frame(sessions, prior, name, told=told)
        before, after = split_by_date(frame, config.held_back)
        earlier.append(before)
        later.append(after)
        profiles.append(profile)
    earlier_frame = pd.concat(earlier, ignore_index=True)
    return TrainingData(
        earlier=earlier_frame,
        later=pd.concat(later, ignore_index=True),
        dataset=training_dataset(earlier_frame, config.window),
        prior=prior,
        athlete=profiles[0] if len(profiles) == 1 else AthleteProfile(),
        fingerprint=fingerprint(athletes),
    )


def data_of(folder: Path, athletes: Mapping[str, pd.DataFrame]) -> TrainingData:
    """Rebuild what the model in `folder` was trained on, with everything that was fitted on it.

    Raises
    ------
    InputError
        If the folder has no record of a training, or it was one of other sessions.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"no {MANIFEST}", "the record of a training", "Train a model first: make reports.", folder)
    manifest = json.loads(path.read_text())
    data = training_data(athletes, TrainingConfig(**manifest["config"]))
    if data.fingerprint != manifest["data"]:
        raise InputError(
            f"a model trained on sessions {manifest['data']}",
            f"one trained on these ({data.fingerprint})",
            "Name the sessions that it was trained on, or train it again.",
            path,
        )
    return data
