"""Files of every kind that the window opens, in order and damaged, for the monkey."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from trainer.files import asset
from trainer.my_classes import class_file
from trainer.my_classes.class_set import ClassSet, make_drawing
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe

_CLASSES = ("cat", "tree", "<b>house</b>")


def make_files(folder: Path) -> list[Path]:
    """Networks, pictures, pages, recipes, drawings and data, and damaged ones.

    Args:
        folder: empty.

    Returns:
        the files, and folders of data, in a fixed order.
    """
    model = asset("lenet5.safetensors").read_bytes()
    recipe = sharing.text(find_recipe("studio")).encode()
    contents = {
        "model.safetensors": model, "cut.safetensors": model[: len(model) // 2],
        "recipe.json": recipe, "odd.json": recipe.replace(b"{", b"[", 1), "empty.png": b"",
        "text.png": b"no picture", "nested.json": b"[" * 20_000,
        "seven.json": asset("seven.json").read_bytes(),
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    _make_pictures(folder)
    _make_data(folder)
    _make_foreign_networks(folder)
    return sorted(folder.iterdir())


def _make_pictures(folder: Path) -> None:
    gray = QImage(80, 60, QImage.Format.Format_RGB32)
    gray.fill(Qt.GlobalColor.gray)
    gray.save(str(folder / "gray.png"))
    page = QImage(600, 400, QImage.Format.Format_RGB32)
    page.fill(QColor("#f4f2ec"))
    painter = QPainter(page)
    font = painter.font()
    font.setPixelSize(80)
    painter.setFont(font)
    for row in range(3):
        place = QRect(20, 20 + 125 * row, 560, 110)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, f"3 1 {row} 7 2")
    painter.end()
    page.save(str(folder / "page.png"))


def _make_data(folder: Path) -> None:
    """One's own data: a folder of pictures for each class, arrays, a table, and classes."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 28, 28), np.uint8)
    labels = np.arange(40) % 4
    np.savez(folder / "arrays.npz", images=images, labels=labels)
    pairs = zip(labels, images, strict=True)
    rows = [",".join(map(str, [label, *image.ravel()])) for label, image in pairs]
    (folder / "table.csv").write_text("\n".join(rows))
    for number, name in enumerate(("round", "straight")):
        of_class = folder / "pictures" / name
        of_class.mkdir(parents=True)
        for copy in range(12):
            image = QImage(40, 40, QImage.Format.Format_Grayscale8)
            image.fill(40 * copy % 255 if number else 255 - 20 * copy)
            image.save(str(of_class / f"{copy}.png"))
    stroke = ((40.0, 40.0, 1.0), (200.0, 220.0, 1.0))
    drawings = tuple(make_drawing(name, (stroke,)) for name in _CLASSES for _ in range(4))
    class_file.save(ClassSet(_CLASSES, drawings), folder / "classes.json")


def _make_foreign_networks(folder: Path) -> None:
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.Tanh(), torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(6, 16, 5), torch.nn.Tanh(), torch.nn.AvgPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(400, 120), torch.nn.Tanh(), torch.nn.Linear(120, 84), torch.nn.Tanh(),
        torch.nn.Linear(84, 10),
    )  # fmt: skip
    torch.save(network.state_dict(), folder / "foreign.pt")
    torch.save({"weight": torch.zeros(3)}, folder / "other.pth")
    np.savez(folder / "weights.npz", **{k: v.numpy() for k, v in network.state_dict().items()})
    (folder / "damaged.onnx").write_bytes(json.dumps({"no": "network"}).encode())
