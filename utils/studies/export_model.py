"""Export of a model's network to `model.onnx`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.core.errors import InputError
from lib.training.onnx_export import export_network

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Write the network of a model for ONNX Runtime.")
    parser.add_argument("--model-dir", type=Path, default=ROOT / "checkpoints_v2", help="folder of the model")
    options = parser.parse_args(arguments)
    try:
        path, difference = export_network(options.model_dir)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    size_kb = path.stat().st_size / 1024
    sys.stdout.write(f"{path}: {size_kb:,.0f} KB, within {difference:.1e} of torch in every normalized output\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
