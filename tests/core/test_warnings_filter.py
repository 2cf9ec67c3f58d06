"""Harmless warnings are left out, and no others."""

from __future__ import annotations

import warnings

import pytest

from lib.core.warnings_filter import without_harmless_warnings


def test_other_warnings_come_through() -> None:
    with pytest.warns(UserWarning, match="mind this"), without_harmless_warnings():
        warnings.warn("mind this", UserWarning, stacklevel=1)


def test_the_harmless_ones_do_not() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with without_harmless_warnings():
            warnings.warn("The given NumPy array is not writable, and so on", UserWarning, stacklevel=1)
