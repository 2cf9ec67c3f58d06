"""Export of a model's network to `model.onnx`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lib.training.onnx_export import export_network
from utils.studies.command import run_study, study_options


def _export(options: argparse.Namespace) -> None:
    path, difference = export_network(options.model_dir)
    size_kb = path.stat().st_size / 1024
    sys.stdout.write(f"{path}: {size_kb:,.0f} KB, within {difference:.1e} of torch in every normalized output\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_study(
        _export, study_options("Write the network of a model for ONNX Runtime.", sessions=False), arguments
    )


if __name__ == "__main__":
    sys.exit(main())
