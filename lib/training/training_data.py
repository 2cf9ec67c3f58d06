"""Training data: tables of all athletes, divided by date, and what is fitted on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pytorch_forecasting import TimeSeriesDataSet

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.core.errors import InputError
from lib.demo.simulate import demo_sessions
from lib.recordings.sessions import read_athletes, split_by_date
from lib.training.checkpoint import MANIFEST
from lib.training.config import TrainingConfig
from lib.training.dataset import Told, athlete_frame, training_dataset
from lib.training.normalizers import fitted_fields
from lib.training.population import fit_prior


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
        frame, profile = athlete_frame(sessions, prior, name, told=told, row_steps=config.row_steps)
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
