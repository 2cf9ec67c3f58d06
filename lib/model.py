"""The entry point of the original pipeline: the network, its fitted state, and the prediction of a whole course."""

from lib.training.network import TrailRunningTFT, count_parameters
from lib.training.normalizers import ORIGINAL_FIELDS, fitted_fields, normalizers_data, require_fitted, window_of
from lib.training.sequential import chunk_dataset, evaluate_full_session_sequential

__all__ = [
    "ORIGINAL_FIELDS",
    "TrailRunningTFT",
    "chunk_dataset",
    "count_parameters",
    "evaluate_full_session_sequential",
    "fitted_fields",
    "normalizers_data",
    "require_fitted",
    "window_of",
]
