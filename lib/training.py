"""In: session tables and a configuration. Out: a folder with the trained model, its bundle and its history."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import pandas as pd
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from pytorch_forecasting import TimeSeriesDataSet

from lib.athlete import AthleteProfile
from lib.checkpoint import save_model, write_atomically
from lib.dataset import (
    WindowConfig,
    athlete_frame,
    fit_prior,
    split_by_date,
    training_dataset,
)
from lib.errors import InputError
from lib.model import TrailRunningTFT, count_parameters, fitted_fields
from lib.normalizers import extract, save_bundle
from lib.prior import Prior
from lib.sessions import read_athletes
from lib.simulate import demo_sessions
from lib.windows import training_loader, validation_loader

logger = logging.getLogger(__name__)

MANIFEST = "training.json"
BUNDLE = "normalizers.json"
_LAST = "last.ckpt"


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
    blind_share, static_noise : float
        See `lib.model.TrailRunningTFT`.
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
    duration_weight: float = 3.0
    lean: float = 1.0
    blind_share: float = 0.7
    static_noise: float = 0.3
    held_back: float = 0.15
    test_share: float = 0.0
    encoder_length: int = 400
    decoder_length: int = 200
    seed: int = 20240101

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name in ("dropout", "blind_share", "static_noise", "held_back", "test_share"):
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
    for name, sessions in athletes.items():
        frame, profile = athlete_frame(sessions, prior, name)
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


class _History(Callback):
    """Losses of every epoch, in the manifest's form."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rows: list[dict[str, float]] = []

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw the epoch's windows as an uninterrupted training would have."""
        trainer.train_dataloader.batch_sampler.set_epoch(trainer.current_epoch)

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        """Draw dropout and blindness as an uninterrupted training would have."""
        torch.manual_seed((self.seed << 24) + trainer.global_step)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep the losses of the epoch just ended, with its check."""
        losses = {name: float(trainer.callback_metrics[name]) for name in ("train_loss_epoch", "val_loss")}
        self.rows.append({"epoch": trainer.current_epoch, "step": trainer.global_step} | losses)

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.rows = list(state_dict["rows"])


class _OneCycleTFT(TrailRunningTFT):
    """The network with the optimizer that trains it."""

    total_steps: int = 1

    def configure_optimizers(self) -> dict[str, Any]:
        """AdamW (Loshchilov & Hutter 2019) on a one-cycle schedule."""
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams.learning_rate, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.hparams.learning_rate, total_steps=self.total_steps, pct_start=0.15
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def train(
    data: TrainingData,
    config: TrainingConfig,
    folder: Path,
    *,
    accelerator: str = "auto",
    devices: int | str = 1,
    strategy: str = "auto",
    workers: int = 0,
    progress: bool = True,
) -> dict[str, Any]:
    """Train, or go on with an interrupted training of the same data and configuration.

    Parameters
    ----------
    data, config
        What and how.
    folder : Path
        Gets `model.safetensors`, `model.json`, `normalizers.json` and `training.json`; while training, `last.ckpt`.
    accelerator, devices, strategy
        Of Lightning's Trainer: ``"cpu"``, ``"gpu"``, ``strategy="ddp"`` for several.
    workers : int
        Processes that load windows.
    progress : bool
        Show a progress bar.

    Returns
    -------
    dict
        The manifest: configuration, fingerprint of the data, parameters, windows, losses by epoch.
    """
    pl.seed_everything(config.seed, workers=True, verbose=False)
    identity = {"config": asdict(config), "data": data.fingerprint}
    work = folder / f"unfinished-{_hash(identity)}"
    model = _OneCycleTFT.for_dataset(
        data.dataset,
        config.network,
        {"duration_weight": config.duration_weight, "lean": config.lean},
        learning_rate=config.learning_rate,
        blind_share=config.blind_share,
        static_noise=config.static_noise,
    )
    model.total_steps = config.steps_per_epoch * config.max_epochs
    history = _History(config.seed)
    # At the end of the epoch, after its losses are kept: else a training that goes on would lack the last of them.
    best = ModelCheckpoint(
        work,
        filename="best",
        monitor="val_loss",
        save_last=True,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    trainer = pl.Trainer(
        max_epochs=config.max_epochs,
        accelerator=accelerator,
        devices=devices,
        strategy=strategy,
        callbacks=[history, best, EarlyStopping("val_loss", patience=config.patience)],
        logger=CSVLogger(work, name="", version=""),
        gradient_clip_val=0.5,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=10,
        use_distributed_sampler=False,
    )
    interrupted = work / _LAST
    if interrupted.is_file():
        logger.info("going on with the training in %s", work)
    trainer.fit(
        model,
        training_loader(data.dataset, config.window, config.batch_size, config.steps_per_epoch, config.seed, workers),
        validation_loader(
            data.dataset, data.later, config.window, config.batch_size, config.validation_windows, workers
        ),
        ckpt_path=interrupted if interrupted.is_file() else None,
        weights_only=False,  # our own file, written a moment ago; it holds the network's settings as objects
    )
    weights = torch.load(best.best_model_path, weights_only=False)["state_dict"]
    model.load_state_dict(weights)
    checkpoint = save_model(model, folder)
    save_bundle(extract(data.fitted, checkpoint), folder / BUNDLE)
    manifest = identity | {
        "parameters": count_parameters(model),
        "windows": len(data.dataset),
        "rows": len(data.earlier) + len(data.later),
        "sessions": int(data.earlier["series"].nunique() + data.later["series"].nunique()),
        "epochs": history.rows,
        "best_validation_loss": float(best.best_model_score),
    }
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    for path in sorted(work.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    work.rmdir()
    return manifest


def _hash(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]


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
