"""Small data of one's own, as people have them: written by the libraries that they use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]
SHAPES = ("circle", "square", "triangle")


def draw_shape(name: str, size: tuple[int, int], number: int, light: bool = False) -> Image.Image:
    """A shape, dark on white or light on black, a little elsewhere for each number."""
    width, height = size
    ink, paper = (255, 0) if light else (0, 255)
    picture = Image.new("L", size, paper)
    pen = ImageDraw.Draw(picture)
    left, top = width // 5 + number % 3, height // 5 + number % 5
    box = (left, top, left + width // 2, top + height // 2)
    if name == "circle":
        pen.ellipse(box, outline=ink, width=max(2, width // 16))
    elif name == "square":
        pen.rectangle(box, outline=ink, width=max(2, width // 16))
    else:
        pen.line((box[0], box[3], box[2], box[3], left, top, box[0], box[3]), ink, width // 16)
    return picture


def write_folders(
    root: Path, each: int = 10, names: tuple[str, ...] = SHAPES, light: bool = False
) -> Path:
    """A folder of PNG files for each class, of several sizes."""
    for name in names:
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            size = (48 + 8 * (number % 3), 56)
            shape = SHAPES[names.index(name) % 3]
            draw_shape(shape, size, number, light).save(root / name / f"{number:03}.png")
    return root


def shapes_28(each: int) -> tuple[Pixels, NDArray[np.int64]]:
    """Light on black as MNIST's are: uint8 (N, 28, 28), and labels."""
    drawn = [
        (np.asarray(draw_shape(name, (28, 28), number, light=True)), label)
        for number in range(each)
        for label, name in enumerate(SHAPES)
    ]
    images, labels = zip(*drawn, strict=True)
    return np.stack(images), np.array(labels, np.int64)


def write_idx(path: Path, values: NDArray[np.uint8]) -> None:
    """An IDX file of bytes."""
    head = bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    path.write_bytes(head + values.tobytes())
