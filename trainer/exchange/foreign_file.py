"""The tensors in a file of another program: PyTorch, safetensors, NumPy, Keras or ONNX.

The content decides which of them it is, not the name. Nothing is unpickled but by PyTorch's
reader of weights, which runs no code. What the tensors are for is not known here.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray

from trainer.errors import UserError
from trainer.files import convert_read_errors, read_bounded
from trainer.networks.model import (
    EXPORTED,
    FORMAT,
    describe_other,
    is_onnx,
    is_pickle,
    list_zipped,
    read_metadata,
)
from trainer.translation import gettext as _

try:  # optional packages
    import h5py
except ImportError:
    h5py = None
try:
    import onnx
    import onnx.numpy_helper
except ImportError:
    onnx = None  # type: ignore[assignment]

Array = NDArray[Any]

_LARGEST = 64 << 20
"""Bytes; LeNet-5 has 250,000, a checkpoint with an optimizer's state three times as many."""
_DEEPEST = 4
"""How many dictionaries inside one another are looked through for weights."""
_WRAPPERS = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights")
"""Names under which checkpoints usually keep the weights, the most usual first."""
_MAGIC = 0x1950A86A20F9469CFC6C.to_bytes(10, "little")
"""With which PyTorch's files before version 1.6 begin."""
_PREFIXES = ("module.", "_orig_mod.", "model.")
"""What DataParallel, torch.compile and Lightning put before every name."""


class ForeignFileError(UserError):
    """A file whose tensors can't be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class ForeignFile:
    """What a file holds."""

    format: str  # a name, such as "PyTorch"
    tensors: dict[str, Array]  # of numbers, at least one-dimensional, in the file's order


def read_foreign(path: Path) -> ForeignFile:
    """Read a file of another program.

    Raises:
        ForeignFileError: it can't be read, is of no known format, or holds no tensors.
    """
    with convert_read_errors(path, ForeignFileError):
        content = read_bounded(path, _LARGEST)
    if other := describe_other(content):
        raise ForeignFileError(f"{path} {other}")
    for name, applies, read in _READERS:
        if applies(content):
            arrays = read(content, path)
            tensors = {key: _as_floats(array) for key, array in arrays if _is_weight(array)}
            if not tensors:
                raise ForeignFileError(
                    _("{file} holds no weights ({format})").format(file=path, format=name)
                )
            return ForeignFile(name, _without_prefix(tensors))
    if content[:2] == b"PK":
        raise ForeignFileError(_("{file} is damaged: get or save it again").format(file=path))
    raise ForeignFileError(
        _(
            "{file} is no network that can be imported: it must be a file of PyTorch (.pt, .pth), "
            "safetensors, NumPy (.npz), Keras (.h5, .keras) or ONNX"
        ).format(file=path)
    )


def _is_weight(array: Array) -> bool:
    """Whole numbers are counters, or what a graph reshapes to."""
    return array.ndim > 0 and array.size > 0 and array.dtype.kind == "f"


def _as_floats(array: Array) -> Array:
    with np.errstate(over="ignore"):  # what becomes endless is refused with the layers
        return array.astype(np.float32)


def _without_prefix(tensors: dict[str, Array]) -> dict[str, Array]:
    """The same under shorter names, if all begin alike."""
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): array for name, array in tensors.items()}
    return tensors


Named = Iterator[tuple[str, Array]]


# PyTorch


def _is_torch(content: bytes) -> bool:
    return (
        is_pickle(content)
        or any(name.endswith("data.pkl") for name in list_zipped(content))
        or _is_program(content)
    )


def _is_program(content: bytes) -> bool:
    """Whether it is a program by torch.jit or torch.export, which holds code beside weights."""
    names = list_zipped(content)
    return any(name.endswith("constants.pkl") or EXPORTED in name for name in names)


def _read_torch(content: bytes, path: Path) -> Named:
    if _is_program(content):
        raise ForeignFileError(_whole_model(path))
    try:
        loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes PyTorch's reader fail in any way
        code = any(f"Unsupported {what}" in str(error) for what in ("global", "class"))
        if code or (content[:2] != b"PK" and _MAGIC not in content[:20]):  # not of PyTorch
            raise ForeignFileError(_whole_model(path)) from None
        raise _damaged(path, "PyTorch") from None
    weights = _find_weights(loaded, _DEEPEST)
    return ((name, _to_numpy(tensor)) for name, tensor in weights.items())


def _whole_model(path: Path) -> str:
    return _(
        "{file} holds more than weights: a whole model, say, whose code would be run to open it, "
        "and so it is not opened. Where it was made, save the weights alone, with "
        "torch.save(model.state_dict(), 'weights.pt'), and import that file"
    ).format(file=path)


def _damaged(path: Path, name: str) -> ForeignFileError:
    return ForeignFileError(
        _("{file} is damaged ({format}): get or save it again").format(file=path, format=name)
    )


def _find_weights(values: Any, deepest: int) -> dict[str, torch.Tensor]:
    """The tensors in a state dict, or in the first one inside a checkpoint."""
    if isinstance(values, list | tuple):
        values = {str(number): value for number, value in enumerate(values)}
    if not isinstance(values, Mapping):
        return {}
    tensors = {str(k): v for k, v in values.items() if isinstance(v, torch.Tensor)}
    if sum(tensor.ndim > 0 for tensor in tensors.values()) > 1 or not deepest:
        return tensors
    names = [name for name in _WRAPPERS if name in values]
    for name in [*names, *(name for name in values if name not in _WRAPPERS)]:
        if inner := _find_weights(values[name], deepest - 1):
            return inner
    return tensors


def _to_numpy(tensor: torch.Tensor) -> Array:
    if tensor.is_complex() or tensor.layout != torch.strided or tensor.is_nested or tensor.is_meta:
        return np.empty(0)
    if tensor.numel() * tensor.element_size() > _LARGEST:  # a short file may repeat one for ever
        return np.empty(0)
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    array: Array = tensor.float().resolve_neg().numpy()  # NumPy knows no bfloat16
    return array


# safetensors


def _is_safetensors(content: bytes) -> bool:
    return content[8:9] == b"{" and int.from_bytes(content[:8], "little") <= len(content) - 8


def _read_safetensors(content: bytes, path: Path) -> Named:
    try:
        weights = safetensors.torch.load(content)
        metadata = read_metadata(content)
    except (safetensors.SafetensorError, ValueError, KeyError, AttributeError):
        raise _damaged(path, "safetensors") from None
    if metadata.get("format") == FORMAT:
        raise ForeignFileError(
            _("{file} is a network of this program already: open it, nothing is to be imported")
            .format(file=path)
        )  # fmt: skip
    return ((name, _to_numpy(tensor)) for name, tensor in weights.items())


# NumPy


def _is_npz(content: bytes) -> bool:
    return content[:2] == b"PK" and any(n.endswith(".npy") for n in list_zipped(content))


def _read_npz(content: bytes, path: Path) -> Named:
    arrays: dict[str, Array] = {}
    try:
        _check_zip(content)
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            for name in archive.files:
                try:
                    arrays[name] = archive[name]
                except ValueError as error:  # an array of Python objects, such as a configuration
                    if "allow_pickle" not in str(error):
                        raise
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile):
        raise _damaged(path, "NumPy") from None
    return iter(arrays.items())


def _check_zip(content: bytes) -> None:
    """See that a zip file does not unpack to more than any network has.

    Raises:
        ValueError: it does.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise ValueError("it is too large")


# Keras


def _is_keras(content: bytes) -> bool:
    return content[:5] == b"\x89HDF\r" or (
        content[:2] == b"PK" and "model.weights.h5" in list_zipped(content)
    )


def _read_keras(content: bytes, path: Path) -> Named:
    if h5py is None:
        raise ForeignFileError(_missing(path, "Keras", "h5py", "keras"))
    try:
        if content[:2] == b"PK":
            _check_zip(content)
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read("model.weights.h5")
        with h5py.File(io.BytesIO(content), "r") as file:
            arrays = _read_group(file)
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, zipfile.BadZipFile):
        raise _damaged(path, "Keras") from None
    return iter(arrays.items())


def _read_group(file: Any) -> dict[str, Array]:
    """All arrays of a Keras file but those of its optimizer, layer by layer."""
    group = file.get("model_weights", file)
    if not isinstance(group, h5py.Group):
        group = file
    arrays: dict[str, Array] = {}
    total = 0

    def visit(name: str, item: Any) -> None:
        nonlocal total
        if not isinstance(item, h5py.Dataset) or name.startswith("optimizer"):
            return
        total += item.size or 0  # one may be empty
        if item.dtype.kind not in "fiu" or item.size is None or item.external or item.is_virtual:
            return
        if total > _LARGEST:
            raise ValueError("it is too large")
        arrays[name] = np.asarray(item)

    group.visititems(visit)
    return arrays


def _missing(path: Path, name: str, package: str, extra: str) -> str:
    return _(
        '{file} is a {format} file; to read it, {package} is needed: pip install "{requirement}"'
    ).format(file=path, format=name, package=package, requirement=f"lenet-studio[{extra}]")


# ONNX


def _read_onnx(content: bytes, path: Path) -> Named:
    if onnx is None:
        raise ForeignFileError(_missing(path, "ONNX", "onnx", "onnx"))
    arrays: dict[str, Array] = {}
    try:
        graph = onnx.load_model_from_string(content).graph
        stored = [*graph.initializer]
        for node in graph.node:
            if node.op_type == "Constant":
                for attribute in node.attribute:
                    if attribute.name == "value" and attribute.t.ByteSize():
                        attribute.t.name = node.output[0]
                        stored.append(attribute.t)
        for tensor in stored:
            arrays[tensor.name] = onnx.numpy_helper.to_array(tensor)
    except Exception:  # a damaged file makes protobuf and onnx fail in any way
        raise _damaged(path, "ONNX") from None
    return iter(arrays.items())


_READERS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes, Path], Named]], ...] = (
    ("PyTorch", _is_torch, _read_torch),
    ("Keras", _is_keras, _read_keras),
    ("NumPy", _is_npz, _read_npz),
    ("safetensors", _is_safetensors, _read_safetensors),
    ("ONNX", is_onnx, _read_onnx),
)


_MOST_DESCRIBED = 6


def describe_tensors(tensors: Mapping[str, Array]) -> str:
    """Names and shapes, for a message: "conv1.weight (10x1x5x5), conv1.bias (10), …"."""
    texts = [
        f"{json.dumps(name, ensure_ascii=False)[1:-1]} ({'x'.join(map(str, array.shape))})"
        for name, array in list(tensors.items())[:_MOST_DESCRIBED]
    ]
    return ", ".join([*texts, "…"] if len(tensors) > _MOST_DESCRIBED else texts)
