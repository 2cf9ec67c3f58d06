"""Everything that a training depends on beside its data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lib.core.errors import InputError
from lib.inference.features import WindowConfig

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
    encoder_length, decoder_length, row_steps : int
        Of the windows: rows of the run so far, rows to predict, and steps of 5 m in a row.
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
    row_steps: int = 1
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
        return WindowConfig(self.encoder_length, self.decoder_length, self.row_steps)

    @property
    def network(self) -> dict[str, Any]:
        """Settings of the network alone."""
        names = ("hidden_size", "hidden_continuous_size", "attention_head_size", "lstm_layers", "dropout")
        return {name: getattr(self, name) for name in names}
