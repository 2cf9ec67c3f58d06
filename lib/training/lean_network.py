"""The network for inference: the same function of two tensors in far fewer operations.

The library packs sequences and masks them by length. Here every window is full: only the decoder's causal mask is left,
and one graph serves windows of any length. Two kinds of sums are done once, beforehand, in double precision: up to its
first nonlinearity the network of a variable, which is one number, is affine; and two linear layers with nothing but
dropout between them are one. The networks of all variables then run side by side, as products of stacked matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

import torch
from pytorch_forecasting.models.temporal_fusion_transformer.sub_modules import (
    GatedResidualNetwork,
    InterpretableMultiHeadAttention,
    VariableSelectionNetwork,
)
from torch import nn
from torch.nn import functional

from lib.core.errors import InputError
from lib.training.network import TrailRunningTFT

_Function = Callable[[torch.Tensor], torch.Tensor]


def _affine(function: _Function, inputs: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Matrix (inputs, outputs) and offset (1, outputs) of a function that is affine, in double precision."""
    offset = function(torch.zeros(1, inputs, dtype=torch.float64))  # (1, outputs)
    return function(torch.eye(inputs, dtype=torch.float64)) - offset, offset


def _linear(function: _Function, inputs: int) -> nn.Linear:
    weight, bias = _affine(function, inputs)
    layer = nn.Linear(*weight.shape)
    layer.weight.data, layer.bias.data = weight.t().detach().float().contiguous(), bias[0].detach().float()
    return layer


def _resamples(network: GatedResidualNetwork) -> bool:
    return network.input_size != network.output_size and not network.residual


def _skip(network: GatedResidualNetwork) -> nn.Module:
    """What a gated residual network does to its skip connection before the norm; affine."""
    if not _resamples(network):
        return nn.Identity()
    skip = deepcopy(network.resample_norm)
    skip.norm = nn.Identity()
    return skip


class _Gated(nn.Module):
    """A gated residual network behind an affine function of several numbers, (N, inputs) to (N, H)."""

    def __init__(self, network: GatedResidualNetwork, before: _Function, inputs: int) -> None:
        super().__init__()
        self.inner = _linear(lambda x: network.fc1(before(x)), inputs)
        self.gate = _linear(lambda h: network.gate_norm.glu.fc(network.fc2(h)), network.hidden_size)
        self.skip = _linear(lambda x: _skip(network)(before(x)), inputs)
        self.skip_norm = deepcopy(network.resample_norm.norm).float() if _resamples(network) else nn.Identity()
        self.norm = deepcopy(network.gate_norm.add_norm.norm).float()

    def forward(self, x: torch.Tensor, context: torch.Tensor | None) -> torch.Tensor:
        """Outputs (N, H) of x (N, inputs) and of what a context adds before the ELU (N, hidden)."""
        inner = self.inner(x)  # (N, hidden)
        inner = functional.elu(inner if context is None else inner + context)  # (N, hidden)
        return self.norm(functional.glu(self.gate(inner), dim=-1) + self.skip_norm(self.skip(x)))  # (N, H)


def _variable(network: GatedResidualNetwork, prescaler: nn.Module) -> dict[str, torch.Tensor]:
    """The numbers of one variable's network, of which `_Variables` says what they are for."""
    weight, bias = _affine(lambda x: network.fc1(prescaler(x)), 1)  # 2 x (1, hidden)
    gated = _affine(lambda h: network.gate_norm.glu.fc(network.fc2(h)), network.hidden_size)
    value, gate = torch.cat(gated).chunk(2, dim=-1)  # 2 x (hidden + 1, H)
    slope, offset = _affine(lambda x: _skip(network)(prescaler(x)), 1)  # 2 x (1, H)
    constant, (square, middle, least) = torch.zeros_like(offset), slope.new_tensor([0.0, 0.0, 1.0])
    if _resamples(network):
        norm = network.resample_norm.norm
        slope, offset = (part - part.mean() for part in (slope, offset))  # 2 x (1, H)
        square = (slope**2).mean().clamp_min(1e-30)
        middle = -(slope * offset).mean() / square
        least = (offset**2).mean() - square * middle**2 + norm.eps
        slope, offset, constant = slope * norm.weight, offset * norm.weight, norm.bias[None]  # 3 x (1, H)
    return {
        # One more that is always 1, as ELU leaves 1 be: it stands for the offset of the map that follows.
        "inner_weight": functional.pad(weight, (0, 1)),  # (1, hidden + 1)
        "inner_bias": functional.pad(bias, (0, 1), value=1.0),  # (1, hidden + 1)
        "value": value,  # (hidden + 1, H)
        "gate": gate,  # (hidden + 1, H)
        "variance": torch.stack([square, middle, least])[:, None, None],  # (3, 1, 1)
        "skip": torch.cat([slope, offset, constant]),  # (3, H)
        "norm_weight": network.gate_norm.add_norm.norm.weight[None],  # (1, H)
        "norm_bias": network.gate_norm.add_norm.norm.bias,  # (H,)
    }


class _Variables(nn.Module):
    """The gated residual networks of V variables, each behind its prescaler, side by side; their weighted sum.

    The skip connection of a variable x is the layer norm of an affine function of x. Its variance is a parabola in x;
    with r, one over the variance's root, the normalized values are affine in r x and r.
    """

    def __init__(self, networks: Sequence[GatedResidualNetwork], prescalers: Sequence[nn.Module]) -> None:
        super().__init__()
        norm = networks[0].gate_norm.add_norm.norm
        self.shape, self.eps = tuple(norm.normalized_shape), norm.eps
        each = [_variable(network, prescaler) for network, prescaler in zip(networks, prescalers, strict=True)]
        for name in each[0]:
            axis = 1 if name == "variance" else 0
            values = torch.stack([numbers[name] for numbers in each], dim=axis)
            self.register_buffer(name, values.detach().float().contiguous())

    def forward(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Weighted sum (N, H) over variables x (N, V) by weights (N, V)."""
        x, share = (part.t()[..., None] for part in (x, weights))  # 2 x (V, N, 1)
        inner = functional.elu(x * self.inner_weight + self.inner_bias)  # (V, N, hidden + 1)
        square, middle, least = self.variance.unbind()  # 3 x (V, 1, 1)
        away = x - middle  # (V, N, 1)
        r = torch.rsqrt(square * away * away + least)  # (V, N, 1)
        skip = torch.cat([r * x, r, torch.ones_like(r)], dim=-1) @ self.skip  # (V, N, H)
        values = (inner @ self.value) * torch.sigmoid(inner @ self.gate) + skip  # (V, N, H)
        values = functional.layer_norm(values, self.shape, eps=self.eps) * self.norm_weight  # (V, N, H)
        return (values * share).sum(0) + weights @ self.norm_bias  # (N, H)


class _Selection(nn.Module):
    """A variable selection network whose variables are all single numbers."""

    def __init__(self, network: VariableSelectionNetwork, x_reals: Sequence[str]) -> None:
        super().__init__()
        names = list(network.input_sizes)
        if len(names) < 2 or set(names) - set(network.prescalers):
            raise InputError(f"variables {names}", "two numbers or more, no category", "Export another network.")
        exact = deepcopy(network).double()
        scale = [exact.prescalers[name] for name in names]

        def flat(x: torch.Tensor) -> torch.Tensor:
            return torch.cat([prescaler(x[:, i : i + 1]) for i, prescaler in enumerate(scale)], dim=-1)  # (N, V * size)

        self.positions = [list(x_reals).index(name) for name in names]
        self.weights = _Gated(exact.flattened_grn, flat, len(names))
        self.variables = _Variables([exact.single_variable_grns[name] for name in names], scale)
        self.context = deepcopy(network.flattened_grn.context) if network.context_size else None

    def forward(self, x: torch.Tensor, context: torch.Tensor | None = None) -> torch.Tensor:
        """Selected (N, H) of covariates (N, F) and the context (N, H)."""
        x = x[:, self.positions]  # (N, V)
        added = None if context is None else self.context(context)  # (N, hidden)
        return self.variables(x, torch.softmax(self.weights(x, added), dim=-1))  # (N, H)


class _Attention(nn.Module):
    """Attention whose heads share their values: the mean over heads is taken of the weights, not of what they find."""

    def __init__(self, network: InterpretableMultiHeadAttention) -> None:
        super().__init__()
        self.network, self.scale = network, network.d_k**-0.5

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Found (B, D, H) for the last D of x (B, E + D, H); the mask (D, E + D) is true where no one may look."""
        queries = x[:, -mask.size(0) :]  # (B, D, H)
        bias = mask.to(x.dtype) * self.network.mask_bias  # (D, E + D)
        weights = torch.zeros_like(bias)  # (D, E + D)
        for query, key in zip(self.network.q_layers, self.network.k_layers, strict=True):
            scores = (query(queries) * self.scale) @ key(x).transpose(1, 2)  # (B, D, E + D)
            weights = weights + torch.softmax(scores + bias, dim=-1)  # (B, D, E + D)
        return self.network.w_h((weights / self.network.n_head) @ self.network.v_layer(x))  # (B, D, H)


class LeanNetwork(nn.Module):
    """The network as `lib.training.torch_backend.NormalizedNetwork` gives it, to be exported; for inference only.

    Parameters
    ----------
    model : TrailRunningTFT
        Trained network; what is not folded is shared with it, not copied.

    Raises
    ------
    InputError
        If it has categorical covariates, or a part with fewer than two variables.
    """

    def __init__(self, model: TrailRunningTFT) -> None:
        super().__init__()
        reals = model.hparams.x_reals
        assert model.hparams.causal_attention and list(model.static_variables)
        self.static_selection = _Selection(model.static_variable_selection, reals)
        self.encoder_selection = _Selection(model.encoder_variable_selection, reals)
        self.decoder_selection = _Selection(model.decoder_variable_selection, reals)
        self.attention = _Attention(model.multihead_attn)
        self.layers = model.hparams.lstm_layers
        self.tft = model

    def _recurrent(self, selected: torch.Tensor, encoder_length: int, static: torch.Tensor) -> torch.Tensor:
        """Steps (B, E + D, H) of selected covariates (B, E + D, H), by the LSTMs, with their skip connection."""
        hidden, cell = (
            start(static).expand(self.layers, -1, -1)  # (L, B, H)
            for start in (self.tft.static_context_initial_hidden_lstm, self.tft.static_context_initial_cell_lstm)
        )
        before, (hidden, cell) = self.tft.lstm_encoder(selected[:, :encoder_length], (hidden, cell))  # (B, E, H)
        after, _ = self.tft.lstm_decoder(selected[:, encoder_length:], (hidden, cell))  # (B, D, H)
        steps = self.tft.post_lstm_gate_encoder(torch.cat([before, after], dim=1))  # (B, E + D, H)
        return self.tft.post_lstm_add_norm_encoder(steps, selected)  # (B, E + D, H)

    def forward(self, encoder_cont: torch.Tensor, decoder_cont: torch.Tensor) -> torch.Tensor:
        """Normalized outputs (B, D, 3) of encoder (B, E, F) and decoder (B, D, F)."""
        tft = self.tft
        encoder_length, decoder_length = encoder_cont.size(1), decoder_cont.size(1)
        static = self.static_selection(encoder_cont[:, 0])  # (B, H)
        context = tft.static_context_variable_selection(static)[:, None]  # (B, 1, H)
        selected = [
            selection(
                part.flatten(0, 1), context.expand(-1, part.size(1), -1).flatten(0, 1)
            ).unflatten(  # (B * E or D, H)
                0, part.shape[:2]
            )
            for selection, part in ((self.encoder_selection, encoder_cont), (self.decoder_selection, decoder_cont))
        ]
        steps = self._recurrent(torch.cat(selected, dim=1), encoder_length, static)  # (B, E + D, H)
        enriched = tft.static_enrichment(steps, tft.static_context_enrichment(static)[:, None])  # (B, E + D, H)
        at = torch.arange(decoder_length, device=encoder_cont.device)  # (D,)
        mask = functional.pad(at[None] >= at[:, None], (encoder_length, 0))  # (D, E + D): only what lies before
        found = tft.post_attn_gate_norm(self.attention(enriched, mask), enriched[:, encoder_length:])  # (B, D, H)
        output = tft.pre_output_gate_norm(tft.pos_wise_ff(found), steps[:, encoder_length:])  # (B, D, H)
        return torch.cat([layer(output) for layer in tft.output_layer], dim=-1)  # (B, D, 3)
