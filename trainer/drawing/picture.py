"""Picture files to the 28x28 that the network reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.drawing.picture_file import PictureError as PictureError  # what `read_picture` raises
from trainer.drawing.picture_file import read_colors
from trainer.drawing.rasterize import SIDE, Pixels

_WORKING = 1000
"""Longest side at which a digit is looked for; larger pictures are made smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A digit that was not drawn here: what is shown of it, and what is read."""

    shown: Pixels  # uint8, (S, S), square: 0 paper, 255 ink
    image: Pixels  # uint8, (28, 28): exactly what the network reads
    caption: str = ""  # what it is, such as "MNIST test 1,234: a 7"
    source: str = ""  # of a dataset's picture: dataset, split and number, "mnist test 1234"


def read_picture(path: Path) -> Picture:
    """A digit from a picture file: a photo, a scan, or one drawn by a program.

    Of any format and size that `picture_file` reads, light or dark paper. A picture of
    28x28 is taken as it is (light paper, told by its border, is turned over);
    in any other, the digit is looked for and fitted as a drawing is.

    Raises:
        PictureError: no such file, no picture, or not one digit in it.
    """
    return _found(read_colors(path, _WORKING), path.name, str(path))


def from_pixels(colors: NDArray[np.uint8], caption: str) -> Picture:
    """A digit from pixels, as from the clipboard.

    Args:
        colors: uint8, shape (H, W, 3), light as it is on a screen.
        caption: where they come from, such as "the clipboard".

    Raises:
        PictureError: not one digit in it.
    """
    return _found(colors, caption, caption)


def _found(colors: NDArray[np.uint8], caption: str, source: str) -> Picture:
    if colors.shape[:2] == (SIDE, SIDE):
        gray = np.asarray(Image.fromarray(colors).convert("L"))
        image = 255 - gray if _border(gray) > 127 else gray
        return Picture(image, image, caption)
    # OpenCV, which strokes and pictures of 28x28 do without.
    from trainer.drawing import photo

    try:
        shown, image = photo.find_digit(colors, _WORKING)
    except photo.NoDigit as problem:
        raise PictureError(f"{source}: {problem}") from None
    return Picture(shown, image, caption)


def _border(gray: Pixels) -> float:
    """The usual gray along the picture's edge."""
    return float(np.median(np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])))
