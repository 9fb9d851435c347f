"""What a file is that other programs keep networks in, told from its first bytes.

None of them is opened here: a pickle, as PyTorch's files hold one, can run anything.
`trainer.exchange` imports what is a LeNet-5.
"""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.translation import gettext as _
from trainer.translation import ngettext

_LARGEST_LIST = 4  # names of a file's tensors that are told


def describe_foreign(content: bytes) -> str:
    """What a file that is no safetensors file is, going on from its name; empty if unknown."""
    kind = ""
    if content.startswith(b"PK\x03\x04"):
        if b"/data.pkl" in content or b"archive/" in content[:200]:
            kind = _("is a PyTorch file")
        elif b"model.weights.h5" in content:
            kind = _("is a Keras file")
        elif b".npy" in content:
            kind = _("is a NumPy file")
        else:
            return _("is a zip file, and no network: unpack it")
    elif content[:1] == b"\x80" and content[1:2] in b"\x02\x03\x04\x05":
        kind = _("is a Python pickle, as PyTorch writes them")
    elif content.startswith(b"\x89HDF\r\n"):
        kind = _("is an HDF5 file, as Keras writes them")
    elif content[4:8] == b"TFL3":
        return _(
            "is a TensorFlow Lite file, which is not read: save the network as ONNX or as a Keras "
            "file, and import that"
        )
    elif content[:1] == b"\x08" and b"onnx" in content[:400].lower():
        kind = _("is an ONNX file")
    return f"{kind}{_ask_to_import()}" if kind else ""


def _ask_to_import() -> str:
    """What follows on what a file is."""
    return _(
        ", and no model file of this program: import it, by File > Import network or by "
        "lenet import"
    )


def describe_weights(weights: dict[str, Tensor]) -> str:
    """What a safetensors file holds that this program did not save, going on from its name."""
    names = ", ".join(list(weights)[:_LARGEST_LIST])
    more = ", ..." if len(weights) > _LARGEST_LIST else ""
    return ngettext(
        "is a safetensors file, but not a model that this program saved: it has {count} tensor "
        "({names}){precision}, and lacks recipe, classes and normalization: import it, by File > "
        "Import network or by lenet import",
        "is a safetensors file, but not a model that this program saved: it has {count} tensors "
        "({names}){precision}, and lacks recipe, classes and normalization: import it, by File > "
        "Import network or by lenet import",
        len(weights),
    ).format(count=len(weights), names=names + more, precision=_describe_precision(weights))


def _describe_precision(weights: dict[str, Tensor]) -> str:
    kinds = {weight.dtype for weight in weights.values()} - {torch.float32, torch.int64}
    if not kinds:
        return ""
    kind = str(min(kinds, key=str)).removeprefix("torch.")
    return _(" of {precision}").format(precision=kind)


def check_precision(weights: dict[str, Tensor]) -> None:
    """See whether weights are of the precision that networks compute with.

    Raises:
        ValueError: they are not; the message goes on from the file's name.
    """
    if precision := _describe_precision(weights):
        raise ValueError(
            _("holds weights{precision}, and must hold float32: convert them with .float()").format(
                precision=precision
            )
        )
