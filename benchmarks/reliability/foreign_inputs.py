"""Kinds of input that other programs make: one's own data, networks to import, pages."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save as save_safetensors

from benchmarks.reliability.mutations import damage, damage_json
from trainer.data.own import reading
from trainer.drawing.picture_file import read_pages
from trainer.exchange.foreign_file import read_foreign
from trainer.exchange.matching import match_layers
from trainer.my_classes import class_file

Reader = Callable[[], object]
_WORKING = 1000  # pixels of a page's longer side
_STROKE = [[10.0, 10.0], [60.0, 12.0], [30.0, 80.0]]


def make_data(place: Path) -> dict[str, bytes]:
    """Files of one's own data of every format, by their names.

    Args:
        place: where what was read of them is kept.
    """
    os.environ["XDG_CACHE_HOME"] = str(place)
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (24, 12, 12), np.uint8), np.arange(24) % 3
    rows = [
        ",".join(map(str, [label, *image.ravel()]))
        for label, image in zip(labels.tolist(), images, strict=True)
    ]
    head = ",".join(["label", *(f"pixel{n}" for n in range(144))])
    arrays, tensors = io.BytesIO(), io.BytesIO()
    np.savez_compressed(arrays, images=images, labels=labels)
    torch.save({"images": torch.from_numpy(images), "labels": torch.from_numpy(labels)}, tensors)
    drawings = [{"label": "a" if n % 2 else "b", "strokes": [_STROKE]} for n in range(12)]
    idx = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in images.shape)
    found = {
        "table.csv": "\n".join([head, *rows]).encode(),
        "arrays.npz": arrays.getvalue(), "tensors.pt": tensors.getvalue(),
        "drawings.json": json.dumps(drawings).encode(),
        "train-images-idx3-ubyte": idx + images.tobytes(),
    }  # fmt: skip
    if importlib.util.find_spec("pyarrow"):
        found["data.parquet"] = _parquet(images, labels)
    return found


def _parquet(images: Any, labels: Any) -> bytes:
    # An optional package.
    pyarrow, parquet = (importlib.import_module(n) for n in ("pyarrow", "pyarrow.parquet"))

    encoded = [{"bytes": _encode(Image.fromarray(image), "PNG")} for image in images]
    written = io.BytesIO()
    parquet.write_table(pyarrow.table({"image": encoded, "label": labels.tolist()}), written)
    return written.getvalue()


def _encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def read_data(path: Path) -> object:
    """All that is in a file of one's own data."""
    for _ in reading.inspect(path):
        pass
    return path


def make_networks(_place: Path) -> dict[str, bytes]:
    """A LeNet-5's weights as other programs keep them, by the files' names."""
    shapes = {
        "conv1": (6, 1, 5, 5), "conv2": (16, 6, 5, 5), "fc1": (120, 400), "fc2": (84, 120),
        "fc3": (10, 84),
    }  # fmt: skip
    weights = {f"{name}.weight": torch.ones(shape) for name, shape in shapes.items()}
    weights |= {f"{name}.bias": torch.zeros(shape[0]) for name, shape in shapes.items()}
    checkpoint, arrays = io.BytesIO(), io.BytesIO()
    torch.save({"epoch": 3, "state_dict": weights}, checkpoint)
    named: dict[str, Any] = {name: value.numpy() for name, value in weights.items()}
    np.savez(arrays, **named)
    found = {
        "net.pt": checkpoint.getvalue(), "net.npz": arrays.getvalue(),
        "net.safetensors": save_safetensors(weights),
    }  # fmt: skip
    if importlib.util.find_spec("h5py"):
        found["net.h5"] = _keras(weights)
    if importlib.util.find_spec("onnx"):
        found["net.onnx"] = _onnx(weights)
    return found


def _keras(weights: dict[str, torch.Tensor]) -> bytes:
    import h5py  # an optional package

    written = io.BytesIO()
    with h5py.File(written, "w") as file:
        for name, value in weights.items():
            file[f"model_weights/{name.replace('.', '/')}"] = value.numpy()
    return written.getvalue()


def _onnx(weights: dict[str, torch.Tensor]) -> bytes:
    import onnx  # an optional package

    tensors = [onnx.numpy_helper.from_array(v.numpy(), n) for n, v in weights.items()]
    graph = onnx.helper.make_graph([], "net", [], [], tensors)
    content: bytes = onnx.helper.make_model(graph).SerializeToString()
    return content


def read_network(path: Path) -> object:
    """The layers of a foreign network."""
    return match_layers(read_foreign(path).tensors, path.name)


def make_pages(_place: Path) -> dict[str, bytes]:
    """Documents of two pages."""
    pages = [Image.new("L", (200, 280), shade) for shade in (250, 120)]
    found = {
        f"scan.{kind.lower()}": _encode(pages[0], kind, save_all=True, append_images=pages[1:])
        for kind in ("TIFF", "PDF")
    }
    if importlib.util.find_spec("pypdfium2") is None:
        del found["scan.pdf"]
    return found


def read_all_pages(path: Path) -> object:
    """Every page of a document."""
    return sum(page.size for page in read_pages(path, _WORKING))


def spoil(name: str, content: bytes, chance: random.Random) -> bytes:
    """Damaged as bytes, or as JSON where it is some."""
    as_json = name.endswith(".json") and chance.random() < 0.7
    return damage_json(content, chance) if as_json else damage(content, chance)


def make_classes() -> bytes:
    """A file of My classes."""
    drawings = [{"label": "cat", "writer": "Ann", "strokes": [_STROKE]}] * 4
    values = {"format": class_file.FORMAT, "version": class_file.VERSION}
    return json.dumps({**values, "classes": ["cat", "tree"], "drawings": drawings}).encode()


FOREIGN: tuple[
    tuple[str, Callable[[Path], dict[str, bytes]], Callable[[Path], object]], ...
] = (
    ("own data", make_data, read_data),
    ("foreign network", make_networks, read_network),
    ("pages", make_pages, read_all_pages),
)  # fmt: skip
"""Name, good files, and their reader."""
