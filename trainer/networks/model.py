"""One model file: safetensors, with all that reading needs in its metadata.

Nothing is ever unpickled. A file is checked whole before any of it is used,
so a foreign or damaged one can do no more than be refused with the reason. What another
program's file is, its first bytes tell; `trainer.exchange` imports what is a LeNet-5.
"""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from trainer.errors import UserError
from trainer.files import asset, convert_read_errors, open_plain, save_file
from trainer.networks.builtin import find_builtin
from trainer.networks.factory import Network, build
from trainer.recipes.own_dataset import is_one_line
from trainer.recipes.recipe import Recipe, RecipeError, count_classes, list_data_sources
from trainer.translation import gettext as _
from trainer.translation import ngettext

FORMAT = "lenet-studio model"
VERSION = 1
SHIPPED = "lenet5.safetensors"
_MOST_SOURCES = 40
_LARGEST = 4 << 20  # bytes; a real file has about 250,000


class ModelError(UserError):
    """A model file that can't be read or written; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained network with what reading and telling about it needs."""

    network: Network
    recipe: Recipe  # its mean and std are the normalisation
    classes: tuple[str, ...]
    history: dict[str, float] = field(default_factory=dict)
    """A summary: epochs, best_epoch, val_accuracy, test_accuracy where known (0 to 1)."""
    name: str = "untitled"
    temperature: float = 1.0
    """What scores are divided by before the softmax, so that probabilities are calibrated: Guo,
    Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017."""
    data_sources: tuple[str, ...] = ()
    """Who is to be named for the data it was trained on, a line each; older files name nobody."""

    def to(self, device: torch.device) -> Model:
        """A copy on `device`; this one stays where it is."""
        copy = build(self.recipe)
        copy.load_state_dict(self.network.state_dict())
        copy.to(device).eval()
        return dataclasses.replace(self, network=copy)

    @property
    def device(self) -> torch.device:
        """Where the network lies."""
        return next(self.network.parameters()).device


def from_weights(
    weights: dict[str, torch.Tensor],
    recipe: Recipe,
    classes: tuple[str, ...],
    history: dict[str, float],
    name: str,
    temperature: float = 1.0,
    data_sources: tuple[str, ...] | None = None,
) -> Model:
    """A model, on the CPU, of weights that `training` yielded.

    If `data_sources` is None, they are those of the recipe's dataset.
    """
    if data_sources is None:
        data_sources = list_data_sources(recipe.dataset)
    network = build(recipe)
    network.load_state_dict(weights)
    return Model(network.eval(), recipe, classes, history, name, temperature, data_sources)


def save(model: Model, path: Path) -> None:
    """Write a model file; an older one there stays whole until the new one is.

    Raises:
        ModelError: it can't be written.
    """
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "recipe": model.recipe.to_json(),
        "normalisation": json.dumps({"mean": model.recipe.mean, "std": model.recipe.std}),
        "classes": json.dumps(model.classes),
        "history": json.dumps(model.history),
        "temperature": json.dumps(model.temperature),
        "data_sources": json.dumps(model.data_sources),
    }
    weights = {
        name: w.detach().cpu().contiguous() for name, w in model.network.state_dict().items()
    }
    save_file(path, safetensors.torch.save(weights, metadata), ModelError)


def load_shipped() -> Model:
    """The model that comes with the program, on the CPU.

    Raises:
        ModelError: it is missing or damaged.
    """
    try:
        return load(asset(SHIPPED))
    except FileNotFoundError as error:
        raise ModelError(str(error)) from None


def load_named(place: Path) -> Model:
    """A built-in network by its name, or else a model file, on the CPU.

    Raises:
        ModelError: it can't be read; the message says why.
    """
    network = find_builtin(place)
    try:
        return load(place if network is None else network.path)
    except FileNotFoundError as error:
        raise ModelError(str(error)) from None


def load(path: Path) -> Model:
    """Read a model file, on the CPU; its name is the file's, without the ending.

    Raises:
        ModelError: not readable, not a model file of this program, of a newer
            version, damaged or oversized; the message says which.
    """
    with convert_read_errors(path, ModelError), open_plain(path) as file:
        content = file.read(_LARGEST + 1)
    if foreign := describe_foreign(content):
        raise ModelError(f"{path} {foreign}")
    if len(content) > _LARGEST:
        raise ModelError(_("{file} is too large for a LeNet-5 model file").format(file=path))
    try:
        weights = safetensors.torch.load(content)
        metadata = read_metadata(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise ModelError(
            _("{file} is not a whole safetensors file ({problem})").format(file=path, problem=error)
        ) from None
    try:
        return _check(weights, metadata, path.stem)
    except (RecipeError, ValueError, TypeError) as error:
        raise ModelError(f"{path} {error}") from None


def read_metadata(content: bytes) -> dict[str, str]:
    """The header's free text; its length comes first, as 8 bytes, little endian."""
    length = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    metadata: dict[str, str] | None = header.get("__metadata__")
    return metadata or {}


def _check(weights: dict[str, torch.Tensor], metadata: dict[str, str], name: str) -> Model:
    """The model that a file's parts make.

    Raises:
        ValueError: they make none; the message goes on from the file's name.
    """
    if metadata.get("format") != FORMAT:
        raise ValueError(describe_weights(weights))
    version = metadata.get("version", "")
    if version != str(VERSION):
        raise ValueError(
            _(
                "has model format version {version!r} and this program reads {known}: "
                "a newer program may have written it"
            ).format(version=version, known=VERSION)
        )
    values = _parse_metadata(metadata)
    recipe: Recipe = values["recipe"]
    _check_metadata(recipe, values)
    check_precision(weights)
    _check_layers(weights, recipe)
    return from_weights(
        weights,
        recipe,
        tuple(values["classes"]),
        values["history"],
        name,
        float(values["temperature"]),
        tuple(values["data_sources"]),
    )


def _parse_metadata(metadata: dict[str, str]) -> dict[str, Any]:
    """The metadata's values, of any kind but for the recipe.

    Raises:
        ValueError: one is missing, or can't be parsed.
    """
    try:
        return {
            "recipe": Recipe.from_json(metadata["recipe"]),
            "normalisation": json.loads(metadata["normalisation"]),
            "classes": json.loads(metadata["classes"]),
            "history": json.loads(metadata["history"]),
            "temperature": json.loads(metadata.get("temperature", "1.0")),  # older files have none
            "data_sources": json.loads(metadata.get("data_sources", "[]")),  # the same
        }
    except KeyError as error:
        raise ValueError(_("lacks {name} in its metadata").format(name=error)) from None
    except RecipeError as error:
        raise ValueError(_("has a recipe that can't be: {problem}").format(problem=error)) from None
    except (ValueError, RecursionError) as error:
        raise ValueError(_("has damaged metadata ({problem})").format(problem=error)) from None


def _check_metadata(recipe: Recipe, values: dict[str, Any]) -> None:
    """Check the metadata's values.

    Raises:
        ValueError: one can't be.
    """
    classes, history, temperature = values["classes"], values["history"], values["temperature"]
    if values["normalisation"] != {"mean": recipe.mean, "std": recipe.std}:
        raise ValueError(_("contradicts itself about its normalisation"))
    count = count_classes(recipe.dataset)
    if not _are_lines(classes, longest=40) or len(classes) != count:
        raise ValueError(_("does not name its {count} classes").format(count=count))
    if not isinstance(history, dict) or not all(
        isinstance(value, int | float) and abs(value) < 1e300 for value in history.values()
    ):
        raise ValueError(_("has a damaged history"))
    if not isinstance(temperature, int | float) or not 0.01 <= temperature <= 100:
        raise ValueError(_("has a temperature that can't be"))
    sources = values["data_sources"]
    if not _are_lines(sources, longest=400) or len(sources) > _MOST_SOURCES:
        raise ValueError(_("does not name the sources of its data"))


def _check_layers(weights: dict[str, torch.Tensor], recipe: Recipe) -> None:
    """Check that the weights are finite, and those of the recipe's network.

    Raises:
        ValueError: they are not.
    """
    expected = build(recipe).state_dict()
    if {k: (w.shape, w.dtype) for k, w in weights.items()} != {
        k: (w.shape, w.dtype) for k, w in expected.items()
    }:
        raise ValueError(_("does not hold the layers of its recipe's LeNet-5"))
    if not all(bool(w.isfinite().all()) for w in weights.values()):
        raise ValueError(_("holds weights that are not numbers"))


def _are_lines(values: object, longest: int) -> bool:
    """Whether it is a list of texts of one line each, of so many characters at most."""
    return isinstance(values, list) and all(
        isinstance(value, str) and is_one_line(value) and len(value) <= longest for value in values
    )


_LARGEST_LIST = 4  # names of a file's tensors that are told
_LONGEST_SHOWN = 60  # characters of each


def describe_foreign(content: bytes) -> str:
    """What a file that is no safetensors file is, going on from its name; empty if unknown."""
    kind = ""
    if other := describe_other(content):
        return other
    if content.startswith(b"PK\x03\x04"):
        # Of a large file this is but the beginning, and the names are at the end.
        names = " ".join(list_zipped(content)) or content.decode("latin-1")
        if "model.weights.h5" in names:
            kind = _("is a Keras file")
        else:
            kind = _("is a NumPy file") if ".npy" in names else _("is a PyTorch file")
    elif is_pickle(content):
        kind = _("is a Python pickle, as PyTorch writes them")
    elif content.startswith(b"\x89HDF\r\n"):
        kind = _("is an HDF5 file, as Keras writes them")
    elif content[4:8] == b"TFL3":
        return _(
            "is a TensorFlow Lite file, which is not read: save the network as ONNX or as a Keras "
            "file, and import that"
        )
    elif is_onnx(content):
        kind = _("is an ONNX file")
    return f"{kind}{_ask_to_import()}" if kind else ""


_IN_NETWORKS = (".pkl", ".npy", "model.weights.h5")
"""How names end in zip files that are networks."""
EXPORTED = "/data/weights/"
"""In names of what `torch.export.save` writes, a program with its weights."""


def is_pickle(content: bytes) -> bool:
    """Whether it begins as a Python pickle of protocol 2 to 5 does.

    So may a safetensors file, by its header's length, such as 896: but the upper bytes of that
    are 0, and those of a pickle are not.
    """
    known = content[:1] == b"\x80" and content[1:2] in (b"\2", b"\3", b"\4", b"\5")
    return known and content[2:8] != bytes(6)


def is_onnx(content: bytes) -> bool:
    """Whether it begins as an ONNX model does: with its version, as field 1 of a protobuf.

    All other formats are asked first.
    """
    return content[:1] == b"\x08" and content[1:2] < b"\x20" and content[2:3] in b"\x12\x1a\x3a\x42"


def list_zipped(content: bytes) -> list[str]:
    """The names in a zip file; none if it is none, or damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def describe_other(content: bytes) -> str:
    """What a file is that is no program's network, going on from its name; empty if unknown."""
    if not content:
        return _("is empty")
    if content.startswith(b"PK\x03\x04"):
        names = list_zipped(content)
        network = not names or any(n.endswith(_IN_NETWORKS) or EXPORTED in n for n in names)
        return "" if network else _("is a zip file, and no network: unpack it")
    if content[:2] == b"\x1f\x8b":
        return _("is a gzip file, and no network: unpack it")
    if content[257:262] == b"ustar":
        return _("is a tar file, and no network: unpack it")
    if content.startswith(b"version https://git-lfs"):
        return _("only says where Git LFS keeps the file: get it with git lfs pull")
    head = content[:1024]
    if head.lstrip()[:1] == b"<" and b"\0" not in head:
        return _("is a web page, and no network: download the file itself")
    return ""


def _ask_to_import() -> str:
    """What follows on what a file is."""
    return _(
        ", and no model file of this program: import it, by File > Import network or by "
        "lenet import"
    )


def describe_weights(weights: dict[str, Tensor]) -> str:
    """What a safetensors file holds that this program did not save, going on from its name."""
    names = ", ".join(name[:_LONGEST_SHOWN] for name in list(weights)[:_LARGEST_LIST])
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
