"""Training of the network, from data and a configuration to a model folder."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from tqdm import tqdm

from lib.athlete.bundle import save_bundle
from lib.core.files import write_atomically
from lib.training.checkpoint import BUNDLE, MANIFEST, save_model
from lib.training.config import TrainingConfig
from lib.training.network import TrailRunningTFT, count_parameters
from lib.training.normalizers import extract
from lib.training.onnx_export import export_network
from lib.training.training_data import TrainingData
from lib.training.windows import training_loader, validation_loader

logger = logging.getLogger(__name__)

_CHECKPOINTS = ("last.ckpt", "best.ckpt")
"""Of an unfinished training, the one to go on from first."""


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


class _Progress(Callback):
    """One plain bar for the whole training, on standard error, so that a terminal behind a notebook shows it too."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin where the training begins, or goes on."""
        total = int(trainer.num_training_batches) * int(trainer.max_epochs or 0)
        self.bar = tqdm(total=total, initial=trainer.global_step, desc="training", unit="batch", mininterval=5)

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Move on by one batch."""
        self.bar.update()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the loss of the check."""
        self.bar.set_postfix(held_back_loss=f"{float(trainer.callback_metrics['val_loss']):.4f}", refresh=False)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """End."""
        self.bar.close()


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
        self_fed_share=config.self_fed_share,
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
        callbacks=[history, best, EarlyStopping("val_loss", patience=config.patience), *([_Progress()] * progress)],
        logger=CSVLogger(work, name="", version=""),
        gradient_clip_val=0.5,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=10,
        use_distributed_sampler=False,
    )
    trainer.fit(
        model,
        training_loader(data.dataset, config.window, config.batch_size, config.steps_per_epoch, config.seed, workers),
        validation_loader(
            data.dataset, data.later, config.window, config.batch_size, config.validation_windows, workers
        ),
        ckpt_path=_interrupted(work),
        weights_only=False,  # our own file, written a moment ago; it holds the network's settings as objects
    )
    weights = torch.load(best.best_model_path, weights_only=False)["state_dict"]
    model.load_state_dict(weights)
    checkpoint = save_model(model, folder)
    save_bundle(extract(data.fitted, checkpoint), folder / BUNDLE)
    export_network(folder)
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


def _interrupted(work: Path) -> Path | None:
    """The checkpoint to go on from: the last, or the best if a full disk or a power cut left half of the last."""
    for path in (work / name for name in _CHECKPOINTS if (work / name).is_file()):
        try:
            epoch = torch.load(path, map_location="cpu", weights_only=False)["epoch"]
        except Exception as error:  # pickle, zipfile and torch each raise kinds of their own on damaged data
            logger.warning("%s is damaged and left out (%s)", path, str(error).splitlines()[0][:200])
            continue
        logger.log(
            logging.INFO if path.name == _CHECKPOINTS[0] else logging.WARNING,
            "going on with the training after epoch %d, from %s", epoch, path,
        )  # fmt: skip
        return path
    return None


def _hash(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]
