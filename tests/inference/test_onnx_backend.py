"""ONNX Runtime runs exported networks, and other files are refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from lib.core.errors import InputError
from lib.core.files import sha256
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.training.onnx_export import export_network
from tests.support.exported import loaded, shaken_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shaken_folder(tmp_path_factory.mktemp("model"))
    export_network(made)
    return made


def test_a_file_that_the_bundle_does_not_name_is_refused_whatever_it_says_of_itself(
    folder: Path, tmp_path: Path
) -> None:
    _, bundle = loaded(folder)
    assert bundle.onnx_sha256 == sha256(folder / ONNX)
    assert onnx_backend(folder / ONNX, bundle)
    tampered = onnx.load(folder / ONNX)
    weights = next(x for x in tampered.graph.initializer if len(x.raw_data) > 100)
    weights.raw_data = bytes(len(weights.raw_data))
    onnx.save(tampered, tmp_path / ONNX)  # it still says that it has the same weights
    assert onnx_backend(tmp_path / ONNX)
    with pytest.raises(InputError, match=rf"a network with the hash .*; expected {bundle.onnx_sha256[:12]}…, which"):
        onnx_backend(tmp_path / ONNX, bundle)
    with pytest.raises(InputError, match="expected an exported one"):
        onnx_backend(folder / ONNX, replace(bundle, onnx_sha256=""))


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        onnx_backend(tmp_path / ONNX)


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07" * 50])
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ONNX
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"does not load|of another kind"):
        onnx_backend(path)


def test_a_damaged_file_is_refused(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / ONNX
    path.write_bytes((folder / ONNX).read_bytes()[:-2000])
    with pytest.raises(InputError, match="does not load"):
        onnx_backend(path)


def test_a_network_of_another_kind_is_refused(tmp_path: Path) -> None:
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Abs", ["x"], ["y"])], "other", [x], [y])
    opset = onnx.helper.make_opsetid("", 17)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8), tmp_path / ONNX)
    with pytest.raises(InputError, match="an ONNX file of another kind"):
        onnx_backend(tmp_path / ONNX)


def test_no_threads_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="0 threads"):
        onnx_backend(folder / ONNX, threads=0)


def test_more_threads_say_the_same(folder: Path) -> None:
    _, bundle = loaded(folder)
    window = [np.full((2, n, len(bundle.x_reals)), 0.3, np.float32) for n in (21, 20)]
    assert onnx_backend(folder / ONNX, threads=2)(*window) == pytest.approx(
        onnx_backend(folder / ONNX)(*window), abs=1e-5
    )


def test_it_needs_neither_torch_nor_what_stands_on_it(folder: Path) -> None:
    heavy = ("torch", "pytorch_forecasting", "lightning", "sklearn", "matplotlib", "onnx")
    code = (
        "import sys; from pathlib import Path; from lib.inference.onnx_backend import onnx_backend; "
        f"onnx_backend(Path({str(folder / ONNX)!r})); print([n for n in {heavy!r} if n in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
