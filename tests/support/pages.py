"""Pictures of several digits, written by the program's own hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.handwriting.font import write_digit

PITCH = 90
"""From one place to the next, in pixels; digits are 60 high."""


def draw_page(rows: Sequence[str], *, ruled: bool = False, seed: int = 4) -> NDArray[np.uint8]:
    """Rows of digits on plain or ruled paper, uint8 (H, W, 3); a space leaves a place free."""
    rng = np.random.default_rng(seed)
    page = np.full(((len(rows) + 1) * PITCH, (max(map(len, rows)) + 1) * PITCH, 3), 240, np.uint8)
    if ruled:
        for y in range(PITCH, len(page), PITCH):
            cv2.line(page, (0, y + 20), (page.shape[1], y + 20), (150, 170, 220), 2)
    for row, text in enumerate(rows):
        for column, label in enumerate(text):
            if label != " ":
                middle = ((column + 1) * PITCH, (row + 1) * PITCH - PITCH // 4)
                _draw(page, int(label), middle, rng)
    return page


def _draw(
    page: NDArray[np.uint8], label: int, middle: tuple[int, int], rng: np.random.Generator
) -> None:
    strokes = [stroke[:, :2] for stroke in write_digit(label, rng).strokes]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 60 / float((high - low).max())
    for stroke in strokes:
        places = (stroke - (low + high) / 2) * scale + middle
        cv2.polylines(page, [np.rint(places).astype(np.int32)], False, (40, 40, 60), 5, cv2.LINE_AA)


def turn_page(page: NDArray[np.uint8], angle: float) -> NDArray[np.uint8]:
    """The page turned about its middle, in degrees, on more paper."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.9)
    paper = (240, 240, 240)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=paper), np.uint8)


def save_page(path: Path, *rows: str) -> Path:
    """A file with rows of digits."""
    Image.fromarray(draw_page(rows)).save(path)
    return path
