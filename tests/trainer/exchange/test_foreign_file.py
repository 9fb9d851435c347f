"""Files of other programs, good ones and bad ones."""

from __future__ import annotations

import io
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from tests.support.foreign import ORDER, Named, Trap, sequential, shipped, with_names, write_keras
from trainer.exchange import onnx_graph
from trainer.exchange.foreign_file import ForeignFile, ForeignFileError, read_foreign
from trainer.networks import model as weights


def state() -> dict[str, torch.Tensor]:
    return dict(with_names("conv1 conv2 fc1 fc2 fc3"))


WRAPPED: dict[str, Any] = {
    "plain": lambda: state(),
    "state_dict": lambda: {"epoch": 3, "optimizer": {"state": {}}, "state_dict": state()},
    "model": lambda: {"model": state(), "acc": 99.0},
    "another name": lambda: {"args": {"lr": 0.1}, "lenet": state()},
    "DataParallel": lambda: {f"module.{name}": tensor for name, tensor in state().items()},
    "compiled": lambda: {f"_orig_mod.{name}": tensor for name, tensor in state().items()},
    "a list": lambda: [*state().values()],
    "half": lambda: {name: tensor.half() for name, tensor in state().items()},
    "bfloat16": lambda: {name: tensor.bfloat16() for name, tensor in state().items()},
}


@pytest.mark.parametrize("kind", WRAPPED)
@pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
def test_pytorch(tmp_path: Path, kind: str, new: bool) -> None:
    torch.save(WRAPPED[kind](), tmp_path / "net.pth", _use_new_zipfile_serialization=new)
    found = read_foreign(tmp_path / "net.pth")
    assert found.format == "PyTorch"
    names = [str(n) for n in range(10)] if kind == "a list" else list(ORDER)
    assert list(found.tensors) == names
    for array, tensor in zip(found.tensors.values(), state().values(), strict=True):
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, tensor, atol=0.02 if "a" in kind[1:4] else 1e-2)


def test_a_whole_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "whole.pt"
    torch.save(Named(), path)
    advice = r"more than weights.*torch\.save\(model\.state_dict\(\), 'weights\.pt'\)"
    with pytest.raises(ForeignFileError, match=advice):
        read_foreign(path)
    torch.save({"state_dict": state(), "trap": Trap()}, path)
    with pytest.raises(ForeignFileError, match=advice):
        read_foreign(path)
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ForeignFileError, match=advice):
        read_foreign(path)
    assert not Trap.sprung


def test_a_program_of_torch_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "script.pt", "w") as archive:  # as torch.jit.save lays it out
        archive.writestr("script/data.pkl", b"\x80\x02}q\x00.")
        archive.writestr("script/constants.pkl", b"\x80\x02}q\x00.")
    with pytest.raises(ForeignFileError, match="more than weights"):
        read_foreign(tmp_path / "script.pt")
    with zipfile.ZipFile(tmp_path / "program.pt2", "w") as archive:  # as torch.export.save does
        archive.writestr("program/data/weights/weight_0", bytes(16))
        archive.writestr("program/models/model.json", "{}")
    with pytest.raises(ForeignFileError, match="more than weights"):
        read_foreign(tmp_path / "program.pt2")
    assert "PyTorch" in weights.describe_foreign((tmp_path / "program.pt2").read_bytes())


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_safetensors(tmp_path: Path, kind: torch.dtype) -> None:
    path = tmp_path / "net.safetensors"
    safetensors.torch.save_file({name: t.to(kind) for name, t in state().items()}, path)
    found = read_foreign(path)
    assert found.format == "safetensors" and set(found.tensors) == set(ORDER)
    np.testing.assert_allclose(found.tensors["fc3.bias"], state()["fc3.bias"], atol=1e-2)


@pytest.mark.parametrize("length", [0x0280, 0x0380, 0x0480, 0x0580])
def test_safetensors_with_a_header_as_long_as_a_pickle_begins(tmp_path: Path, length: int) -> None:
    path, weight = tmp_path / "net.safetensors", {"weight": torch.ones(2, 2)}
    longer = (safetensors.torch.save(weight, {"about": "x" * n}) for n in range(0, 1600, 8))
    content = next(each for each in longer if int.from_bytes(each[:8], "little") == length)
    path.write_bytes(content)
    assert read_foreign(path).format == "safetensors"
    assert weights.describe_foreign(content) == ""


def test_a_network_of_this_program_is_to_be_opened(tmp_path: Path) -> None:
    weights.save(shipped(), tmp_path / "ours.safetensors")
    with pytest.raises(ForeignFileError, match="of this program already: open it"):
        read_foreign(tmp_path / "ours.safetensors")


def test_numpy(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {name: tensor.numpy() for name, tensor in state().items()}
    np.savez(tmp_path / "net.npz", **arrays, config=np.array({"lr": 1}, dtype=object))
    np.savez_compressed(tmp_path / "packed.npz", *arrays.values())
    assert list(read_foreign(tmp_path / "net.npz").tensors) == list(ORDER)
    packed = read_foreign(tmp_path / "packed.npz")
    assert packed.format == "NumPy" and next(iter(packed.tensors)) == "arr_0"


@pytest.mark.parametrize("name", ["net.weights.h5", "net.h5", "net.keras"])
def test_keras(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_keras(path, {"net.h5": "model_weights/"}.get(name, "layers/"))
    if name == "net.keras":
        content = path.read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", "{}")
            archive.writestr("model.weights.h5", content)
    found = read_foreign(path)
    assert found.format == "Keras" and len(found.tensors) == 10
    assert not any("optimizer" in each for each in found.tensors)
    assert {array.shape for array in found.tensors.values()} >= {(5, 5, 1, 6), (400, 120)}


def test_onnx(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(onnx_graph.build_graph(shipped()))
    found = read_foreign(tmp_path / "net.onnx")
    assert found.format == "ONNX" and set(found.tensors) >= set(ORDER)


def _torch_bytes(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def _zip_bytes(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(name, bytes(99))
    return buffer.getvalue()


def _tar_bytes(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        packed.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


GOOD: dict[str, Any] = {
    "net.pth": lambda: _torch_bytes(state()),
    "net.safetensors": lambda: safetensors.torch.save(state()),
    "net.onnx": lambda: onnx_graph.build_graph(shipped()),
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_cut_off_is_refused_in_one_line(tmp_path: Path, name: str, share: float) -> None:
    content = GOOD[name]()
    (tmp_path / name).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ForeignFileError) as error:
        read_foreign(tmp_path / name)
    assert name in str(error.value) and "\n" not in str(error.value)


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "bad is empty"),
    "web page": (b"\n<!DOCTYPE html>\n<p>Not found", "is a web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
    "zip file": (_zip_bytes("lenet/net.pth"), "is a zip file, and no network: unpack it"),
    "half a zip file": (_zip_bytes("data.pkl")[:60], "is damaged: get or save it again"),
    "tar file": (_tar_bytes("net.pth"), "is a tar file, and no network: unpack it"),
    "pickle": (pickle.dumps({"weight": [0.5]}), "holds more than weights"),
    "text": (b"# notes\n" * 9, "no network that can be imported"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "no network that can be imported"),
    "damaged h5": (b"\x89HDF\r\n\x1a\n" + bytes(99), r"is damaged \(Keras\)"),
    "no weights": (_torch_bytes({"epoch": 3}), "holds no weights"),
    "one number": (_torch_bytes(3), "holds no weights"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_network_is_refused(tmp_path: Path, kind: str) -> None:
    content, told = BAD[kind]
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(ForeignFileError, match=told):
        read_foreign(tmp_path / "bad")


def test_a_huge_file_is_refused_and_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "huge.pth").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ForeignFileError, match="has more than the 64 MB"):
        read_foreign(tmp_path / "huge.pth")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.npy", bytes(65 << 20))
    with pytest.raises(ForeignFileError, match=r"is damaged \(NumPy\)"):
        read_foreign(tmp_path / "bomb.npz")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pth", tmp_path):
        with pytest.raises(ForeignFileError, match="cannot be read"):
            read_foreign(path)


def test_modules_of_other_layouts_are_read_too(tmp_path: Path) -> None:
    module: nn.Module = sequential(normalized=True)
    torch.save(module.state_dict(), tmp_path / "bn.pt")
    found: ForeignFile = read_foreign(tmp_path / "bn.pt")
    assert "1.running_var" in found.tensors and "1.num_batches_tracked" not in found.tensors


@pytest.mark.parametrize(
    "odd",
    [
        torch.zeros(6, 1, 5, 5, device="meta"),
        torch.zeros(1).expand(10**10),  # a short file, of a number that is repeated
        torch.zeros(1, dtype=torch.bfloat16).expand(10**10),
        torch.zeros(2, 3).to_sparse(),
    ],
    ids=["meta", "repeated", "repeated bfloat16", "sparse"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_tensors_that_are_no_arrays_are_passed_over(tmp_path: Path, odd: torch.Tensor) -> None:
    torch.save({"odd": odd, **state()}, tmp_path / "net.pth")
    assert list(read_foreign(tmp_path / "net.pth").tensors) == list(ORDER)


def test_what_stands_for_keras_weights_may_be_anything(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file.create_dataset("model_weights", data=np.zeros(3, np.float32))
        file.create_dataset("empty", data=h5py.Empty("f4"))
    assert list(read_foreign(tmp_path / "net.h5").tensors) == ["model_weights"]
