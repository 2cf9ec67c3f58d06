"""Library warnings that ask nothing of anyone here are left out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

HARMLESS = (
    # Lightning: the loss is saved twice in a checkpoint, as weights and as a setting; pytorch-forecasting wants it so.
    "Attribute '(loss|logging_metrics)' is an instance of `nn.Module`",
    # torch, of arrays that pandas 3 lends read-only and that pytorch-forecasting only reads.
    "The given NumPy array is not writable",
    # scikit-learn: each of our scalers has one feature, so that its name need not be kept, nor compared.
    "X has feature names, but StandardScaler was fitted without feature names",
)


@contextmanager
def without_harmless_warnings() -> Iterator[None]:
    """Leave out the warnings of `HARMLESS`, and no other."""
    with warnings.catch_warnings():
        for message in HARMLESS:
            warnings.filterwarnings("ignore", message)
        yield
