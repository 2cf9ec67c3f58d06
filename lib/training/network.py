"""The Temporal Fusion Transformer, its training steps and its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet
from pytorch_forecasting.metrics import MultiHorizonMetric, MultiLoss

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.warnings_filter import without_harmless_warnings
from lib.training.dataset import scaled_zero


class LeaningHuber(MultiHorizonMetric):
    """Huber loss in which under-prediction may cost more than over-prediction.

    For the error e = prediction - truth, in units of `scale`: ``w(e) * (sqrt(1 + e²) - 1)`` with ``w = lean`` where
    e < 0 and 1 elsewhere; the smooth (pseudo-)Huber form of Charbonnier et al. 1994.

    Parameters
    ----------
    scale : float
        Error at which the loss turns from quadratic to linear.
    lean : float
        Weight of under-prediction; 1 is symmetric.
    """

    def __init__(self, scale: float = 1.0, lean: float = 1.0, **kwargs: object) -> None:
        if scale <= 0 or lean <= 0:
            raise InputError(f"scale {scale} and lean {lean}", "positive numbers", "Change the loss.")
        super().__init__(**kwargs)
        self.scale, self.lean = scale, lean

    def loss(self, y_pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Loss of each step, shape (B, T), unreduced."""
        error = (self.to_prediction(y_pred) - target) / self.scale  # (B, T)
        weight = torch.where(error < 0, self.lean, 1.0)  # (B, T)
        return weight * (torch.sqrt(1.0 + error**2) - 1.0)


def trail_running_loss(duration_weight: float = 40.0, lean: float = 1.0) -> MultiLoss:
    """Loss of duration, heart rate and cadence residuals; only duration leans.

    Durations are skewed, and their sum is what counts: the scale of 1, four times their usual error, keeps the loss
    quadratic and so aims at their mean. At a scale of 0.25 it aimed at their median, and finishes came out 6% too
    short. The weight makes up for the small squares of errors of about a quarter of the reference.
    """
    metrics = [LeaningHuber(1.0, lean), LeaningHuber(1.0), LeaningHuber(1.0)]
    return MultiLoss(metrics, weights=[duration_weight, 1.0, 1.0])


class TrailRunningTFT(TemporalFusionTransformer):
    """Temporal Fusion Transformer (Lim et al. 2021) of time, heart rate and cadence along a course.

    Parameters
    ----------
    blind_share, self_fed_share : float
        Shares of training windows whose encoder is told nothing of the run so far (every observed real at its
        reference), or what the network itself predicts of it, as in a rollout. The others are told what was
        recorded. Without the self-fed ones the network takes its own predictions for evidence, and drifts.
    blind_values, fed_scales : sequence of float
        Scaled value that says "exactly as the reference", and scale, for each of `schema.OBSERVED_REALS`.
    static_noise : float
        Standard deviation of the noise that training adds to the scaled static reals. There are only as many different
        ones as there are sessions: without it the network learns by heart how each of them went.
    **kwargs
        Of `pytorch_forecasting.TemporalFusionTransformer`.
    """

    def __init__(
        self,
        blind_share: float = 0.25,
        self_fed_share: float = 0.6,
        blind_values: Sequence[float] = (),
        fed_scales: Sequence[float] = (),
        static_noise: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self.save_hyperparameters()
        super().__init__(**kwargs)

    @classmethod
    def for_dataset(
        cls, dataset: TimeSeriesDataSet, settings: Mapping[str, Any], loss_settings: Mapping[str, float], **kwargs: Any
    ) -> TrailRunningTFT:
        """Untrained network for the variables of `dataset`."""
        with without_harmless_warnings():
            return cls.from_dataset(
                dataset,
                output_size=[1] * len(c.TARGET_RESIDUALS),
                loss=trail_running_loss(**loss_settings),
                logging_metrics=torch.nn.ModuleList([]),
                blind_values=scaled_zero(dataset).tolist(),
                fed_scales=[float(dataset._scalers[name].scale_[0]) for name in c.OBSERVED_REALS],
                dataset_parameters=None,  # the bundle holds them; the checkpoint stays free of data
                **settings,
                **kwargs,
            )

    def _positions(self, names: Sequence[str]) -> list[int]:
        return [self.hparams.x_reals.index(name) for name in names]

    def _fed(self, residuals: torch.Tensor) -> torch.Tensor:
        """Scaled observed reals (B, E, O) of target residuals (B, E, 3), counted from the window's first step.

        As `lib.inference.features.fed_columns`, but for steps of equal reference duration, and as if the run began
        there.
        """
        ratio, heart_rate, cadence = residuals.unbind(-1)  # 3 x (B, E)
        steps = torch.arange(1, ratio.size(1) + 1, device=ratio.device)  # (E,)
        mean_heart_rate, mean_ratio = heart_rate.cumsum(1) / steps, ratio.cumsum(1) / steps  # (B, E)
        values = torch.stack([ratio.log(), heart_rate, cadence, mean_heart_rate, mean_ratio.log()], dim=-1)  # (B, E, O)
        zero, scale = (values.new_tensor(self.hparams[name]) for name in ("blind_values", "fed_scales"))  # (O,)
        return zero + values / scale

    def _shifted(self, x: dict[str, Any], first: int, last: int) -> dict[str, Any]:
        """The encoder of `x` as a window of its own: steps before `first` known, those from there to `last` not."""
        part = x["encoder_cont"][:, :last].clone()  # (B, last, F)
        longest = self.hparams.max_encoder_length
        time = torch.arange(-first, last - first, device=part.device, dtype=part.dtype)  # (last,)
        part[..., self.hparams.x_reals.index("relative_time_idx")] = time / longest
        part[..., self.hparams.x_reals.index("encoder_length")] = 2.0 * (first - 0.5 * longest) / longest
        lengths = x["encoder_lengths"]  # (B,)
        return x | {
            "encoder_cont": part[:, :first],
            "decoder_cont": part[:, first:],
            "encoder_cat": x["encoder_cat"][:, :first],
            "decoder_cat": x["encoder_cat"][:, first:last],
            "encoder_lengths": torch.full_like(lengths, first),
            "decoder_lengths": torch.full_like(lengths, last - first),
        }

    @torch.no_grad()
    def _self_fed(self, x: dict[str, Any]) -> torch.Tensor:
        """Encoder (B, E, F) of `x` with what the network predicts of it, chunk after chunk, in place of what was."""
        positions = self._positions(c.OBSERVED_REALS)
        encoder = x["encoder_cont"].clone()  # (B, E, F)
        residuals = encoder.new_tensor([1.0, 0.0, 0.0]).repeat(*encoder.shape[:2], 1)  # (B, E, 3)
        encoder[..., positions] = self._fed(residuals)
        was_training = self.training
        self.eval()
        chunk = x["decoder_cont"].size(1)
        for first in range(1, encoder.size(1), chunk):
            last = min(first + chunk, encoder.size(1))
            said = self(self._shifted(x | {"encoder_cont": encoder}, first, last))["prediction"]  # 3 x (B, D, 1)
            residuals[:, first:last] = torch.cat(list(said), dim=-1)
            encoder[..., positions] = self._fed(residuals)
        self.train(was_training)
        return encoder

    def _told(self, x: dict[str, Any], blind_share: float, self_fed_share: float) -> dict[str, Any]:
        """`x` with random shares of its windows blind or self-fed; their lengths are equal within a batch."""
        encoder = x["encoder_cont"].clone()  # (B, E, F)
        draw = torch.rand(encoder.size(0), device=encoder.device)  # (B,)
        blind, fed = draw < blind_share, (draw >= blind_share) & (draw < blind_share + self_fed_share)  # (B,)
        values = encoder.new_tensor(self.hparams.blind_values)  # (O,)
        positions = self._positions(c.OBSERVED_REALS)
        encoder[..., positions] = torch.where(blind[:, None, None], values, encoder[..., positions])
        if fed.any() and encoder.size(1) > 1:
            names = ("encoder_cont", "decoder_cont", "encoder_cat", "decoder_cat", "encoder_lengths", "decoder_lengths")
            part = {name: x[name][fed] for name in names}
            part["target_scale"] = [scale[fed] for scale in x["target_scale"]]
            encoder[fed] = self._self_fed(part)
        return x | {"encoder_cont": encoder}

    def _with_static_noise(self, x: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """`x` with noise on its static reals, another for each window; the network reads them at its first step."""
        encoder = x["encoder_cont"].clone()  # (B, E, F)
        positions = self._positions(c.STATIC_REALS)
        noise = torch.randn(encoder.size(0), 1, len(positions), device=encoder.device)  # (B, 1, S)
        encoder[..., positions] += self.hparams.static_noise * noise
        return x | {"encoder_cont": encoder}

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        """One batch, some of its windows blind, some self-fed."""
        x, y = batch
        x = self._with_static_noise(self._told(x, self.hparams.blind_share, self.hparams.self_fed_share))
        return super().training_step((x, y), batch_idx)

    def validation_step(self, batch: Any, batch_idx: int) -> Any:
        """One batch, all of its windows self-fed: what counts is the rollout from a cold start."""
        x, y = batch
        return super().validation_step((self._told(x, 0.0, 1.0), y), batch_idx)


def count_parameters(model: torch.nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
