"""A network in other programs' formats, each compared with the network before it is kept."""

from __future__ import annotations

import io
import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.evaluation.report import score
from trainer.exchange import Format, c_header
from trainer.exchange.importing import load_images
from trainer.files import save_file
from trainer.networks.factory import image_shape, normalize_images, scale_images
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.translation import gettext as _

try:  # needs optional packages
    from trainer.exchange import onnx_graph
except ImportError:
    onnx_graph = None  # type: ignore[assignment]

PICTURES = 1000
"""By how many a file is compared with the network."""
TOLERANCE = 1e-5
"""The largest difference, as a share of a picture's largest score, or of 1 if that is more."""


class ExportError(UserError):
    """A network that can't be written so, or a file that computes something else."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a file takes and gives; for ONNX and torch.export."""

    softmax: bool = False  # calibrated probabilities instead of scores
    normalize: bool = True  # images from 0 to 1, normalized inside


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written."""

    path: Path
    format: Format
    bytes: int
    images: int  # by how many it was compared
    difference: float  # the largest of any score, or probability
    accuracy: float | None  # of what was written, where it isn't the network's own
    before: float | None  # and the network's own, on the same images
    tested_on: str  # for people


def export(
    model: Model, kind: Format, path: Path, data: Path, options: ExportOptions | None = None
) -> Generator[Progress, None, Exported]:
    """Write a network in another format.

    Args:
        model: on any device.
        kind: of which format.
        path: the file; one that is there stays whole until the new one is written and checked.
        data: folder of datasets, from which the pictures to compare by are taken; where there
            are none, digits written by code are.
        options: for ONNX and torch.export.

    Raises:
        ExportError: the network can't be written so, a package is missing, or the file computes
            something else than the network.
    """
    options = options or ExportOptions()
    model = model.to(torch.device("cpu"))
    images, title = yield from _load_pictures(model, data)
    accuracy: float | None = None
    before: float | None = None
    yield Progress(_("writing {file}").format(file=path.name), 0, 0)
    if kind == "c":
        content, difference, accuracy, before = _write_c(model, images, title)
    else:
        write = {"onnx": _write_onnx, "torch-export": _write_program, "npz": _write_npz}[kind]
        content, difference = write(model, images.within(slice(PICTURES)), options)
    save_file(path, content, ExportError)
    count = min(PICTURES, len(images))
    return Exported(path, kind, len(content), count, difference, accuracy, before, title)


def _load_pictures(
    model: Model, data: Path
) -> Generator[Progress, None, tuple[LabelledImages, str]]:
    try:
        images, title, _real = yield from load_images(model.recipe.dataset, data)
    except loading.DataMissing:  # any pictures serve to compare by
        images, title, _real = yield from load_images("pen", data)
    return images, title


class Reader(nn.Module):
    """A network with what stands before and after it."""

    def __init__(self, model: Model, options: ExportOptions) -> None:
        super().__init__()
        self.network, self.recipe = model.network, model.recipe
        self.normalize, self.softmax = options.normalize, options.softmax
        self.temperature = model.temperature

    def forward(self, images: Tensor) -> Tensor:
        """Scores or probabilities (N, classes) of float images as the options say."""
        if self.normalize:
            images = normalize_images(images, self.recipe)
        logits = self.network.layers(images).logits  # the same for any number of images
        return (logits / self.temperature).softmax(1) if self.softmax else logits


def _prepare(model: Model, images: LabelledImages, options: ExportOptions) -> Tensor:
    """Pictures as the file takes them."""
    scaled = scale_images(images.images)
    channels = image_shape(model.recipe.dataset)[0]
    scaled = scaled.expand(-1, channels, -1, -1) if scaled.shape[1] < channels else scaled
    if scaled.shape[2:] != image_shape(model.recipe.dataset)[1:]:
        scaled = nn.functional.pad(scaled, (2,) * 4)
    return scaled.contiguous() if options.normalize else normalize_images(scaled, model.recipe)


def _compare(outputs: Tensor, expected: Tensor, path: str) -> float:
    """The largest difference.

    Raises:
        ExportError: it is too large.
    """
    differences = (outputs - expected).abs()
    largest = expected.abs().amax(1, keepdim=True).clamp(min=1)
    if not bool((differences <= TOLERANCE * largest).all()):
        raise ExportError(
            _("the {format} file computes something else than the network, by {difference:.2g}; it "
              "was not kept").format(format=path, difference=float(differences.max()))
        )  # fmt: skip
    return float(differences.max())


def _write_onnx(
    model: Model, images: LabelledImages, options: ExportOptions
) -> tuple[bytes, float]:
    if onnx_graph is None:
        raise ExportError(
            _('to write ONNX, two packages are needed: pip install "lenet-studio[onnx]"')
        )
    content = onnx_graph.build_graph(model, normalize=options.normalize, softmax=options.softmax)
    inputs = _prepare(model, images, options)
    outputs = torch.from_numpy(onnx_graph.run_graph(content, inputs))
    with torch.no_grad():
        return content, _compare(outputs, Reader(model, options)(inputs), "ONNX")


def _write_program(
    model: Model, images: LabelledImages, options: ExportOptions
) -> tuple[bytes, float]:
    inputs = _prepare(model, images, options)
    reader = Reader(model, options).eval()
    for parameter in reader.parameters():
        parameter.requires_grad_(False)
    batch = torch.export.Dim("batch", min=1)
    program = torch.export.export(reader, (inputs[:2].clone(),), dynamic_shapes=({0: batch},))
    buffer = io.BytesIO()
    about = json.dumps({"classes": model.classes, "recipe": json.loads(model.recipe.to_json())})
    torch.export.save(program, buffer, extra_files={"lenet-studio.json": about})
    buffer.seek(0)
    again = torch.export.load(buffer).module()
    with torch.no_grad():
        return buffer.getvalue(), _compare(again(inputs), reader(inputs), "torch.export")


def _write_npz(
    model: Model, images: LabelledImages, _options: ExportOptions
) -> tuple[bytes, float]:
    """Arrays that docs/exchange.md shows how to compute with."""
    network, recipe = model.network, model.recipe
    arrays = {name: w.numpy() for name, w in network.state_dict().items()}
    if isinstance(network, LeNet1998):
        arrays |= {
            "bitmaps": network.bitmaps.numpy(),
            "conv2.weight": network.conv2.dense().detach().numpy(),
        }
    words = {
        "classes": np.array(model.classes), "network": np.array(recipe.network),
        "activation": np.array(recipe.activation), "pooling": np.array(recipe.pooling),
        "hidden_activation": np.array(getattr(network, "hidden_activation", recipe.activation)),
        "border": np.array(recipe.border), "mean": np.array(recipe.mean),
        "std": np.array(recipe.std), "temperature": np.array(model.temperature),
    }  # fmt: skip
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, **words)  # type: ignore[arg-type]  # none is called allow_pickle
    with np.load(io.BytesIO(buffer.getvalue()), allow_pickle=False) as again:
        same = all(np.array_equal(again[name], array) for name, array in arrays.items())
    if not same:
        raise ExportError(_("the NumPy file holds something else than the network"))
    return buffer.getvalue(), 0.0


def _write_c(model: Model, images: LabelledImages, title: str) -> tuple[bytes, float, float, float]:
    """A header, with the largest difference of scores and both accuracies."""
    quantized = c_header.quantize(model)
    inputs = _prepare(model, images, ExportOptions(normalize=False))
    with torch.no_grad():
        expected = torch.cat([model.network(part) for part in inputs.split(500)])
        outputs = torch.cat([quantized.network(part) for part in inputs.split(500)])
    after, before = (score(each, images.labels).accuracy for each in (outputs, expected))
    difference = float((outputs - expected)[:PICTURES].abs().max())
    note = _("It reads {after:.2%} of {images}, and {before:.2%} before the rounding.").format(
        after=after, images=title, before=before
    )
    return c_header.write_header(quantized, note).encode(), difference, after, before
