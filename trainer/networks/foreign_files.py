"""What a file is that other programs keep networks in, told from its first bytes.

None of them is opened: a pickle, as PyTorch's files hold one, can run anything.
"""

from __future__ import annotations

import torch
from torch import Tensor

_SAVE = (
    "in Python, copy its weights into a network of trainer.networks.factory.build, and write that "
    "with trainer.networks.model.save"
)
_LARGEST_LIST = 4  # names of a file's tensors that are told


def describe_foreign(content: bytes) -> str:
    """What a file that is no safetensors file is, going on from its name; empty if unknown."""
    if content.startswith(b"PK\x03\x04"):
        if b"/data.pkl" in content or b"archive/" in content[:200]:
            return f"is a PyTorch file, which could run code of its own and is not opened: {_SAVE}"
        if b"model.weights.h5" in content:
            return f"is a Keras file, which is not read: {_SAVE}"
        return f"is a zip file, and no network: unpack it, or {_SAVE}"
    if content[:1] == b"\x80" and content[1:2] in b"\x02\x03\x04\x05":
        return f"is a Python pickle, which could run code of its own and is not opened: {_SAVE}"
    if content.startswith(b"\x89HDF\r\n"):
        return f"is an HDF5 file, as Keras writes them, which is not read: {_SAVE}"
    if content[4:8] == b"TFL3":
        return f"is a TensorFlow Lite file, which is not read: {_SAVE}"
    if content[:1] == b"\x08" and b"onnx" in content[:400].lower():
        return f"is an ONNX file, which is not read: {_SAVE}"
    return ""


def describe_weights(weights: dict[str, Tensor]) -> str:
    """What a safetensors file holds that this program did not save, going on from its name."""
    names = ", ".join(list(weights)[:_LARGEST_LIST])
    more = ", ..." if len(weights) > _LARGEST_LIST else ""
    return (
        "is a safetensors file, but not a model that this program saved: it has "
        f"{len(weights)} tensors ({names}{more}){_describe_precision(weights)}, and lacks recipe, "
        f"classes and normalization: {_SAVE}"
    )


def _describe_precision(weights: dict[str, Tensor]) -> str:
    kinds = {weight.dtype for weight in weights.values()} - {torch.float32, torch.int64}
    return f" of {str(min(kinds, key=str)).removeprefix('torch.')}" if kinds else ""


def check_precision(weights: dict[str, Tensor]) -> None:
    """See whether weights are of the precision that networks compute with.

    Raises:
        ValueError: they are not; the message goes on from the file's name.
    """
    if precision := _describe_precision(weights):
        raise ValueError(
            f"holds weights{precision}, and must hold float32: convert them with .float()"
        )
