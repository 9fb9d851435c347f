"""Picture files to the 28x28 that the network reads."""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from trainer.drawing.rasterize import SIDE, Pixels
from trainer.errors import UserError

_WORKING = 1000
"""Longest side at which a digit is looked for; larger pictures are made smaller."""
_DAMAGED = (ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error)
"""What Pillow's decoders raise for a damaged file, besides OSError."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A digit that was not drawn here: what is shown of it, and what is read."""

    shown: Pixels  # uint8, (S, S), square: 0 paper, 255 ink
    image: Pixels  # uint8, (28, 28): exactly what the network reads
    caption: str = ""  # what it is, such as "MNIST test 1,234: a 7"


class PictureError(UserError):
    """A picture that can't be read; the message says why."""


def read_picture(path: Path) -> Picture:
    """A digit from a picture file: a photo, a scan, or one drawn by a program.

    Of any size and format that Pillow reads, light or dark paper. A picture of
    28x28 is taken as it is (light paper, told by its border, is turned over);
    in any other, the digit is looked for and fitted as a drawing is.

    Raises:
        PictureError: no such file, no picture, or not one digit in it.
    """
    return _found(_opened(path), path.name, str(path))


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


def _opened(path: Path) -> NDArray[np.uint8]:
    """A picture file as uint8 of shape (H, W, 3), upright, what is transparent shown white.

    Raises:
        PictureError: no such file, or no picture.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as picture:
            # A JPEG can be decoded at a fraction of its size, many times faster.
            picture.draft("RGB", (_WORKING, _WORKING))
            upright = ImageOps.exif_transpose(picture)
            return _as_colors(upright)
    except UnidentifiedImageError:
        raise PictureError(f"{path} is not a picture that can be read (PNG, JPEG ...)") from None
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror or error}") from None
    except (Image.DecompressionBombError, *_DAMAGED) as error:
        raise PictureError(f"{path} cannot be read: {error}") from None


def _as_colors(picture: Image.Image) -> NDArray[np.uint8]:
    if picture.mode.startswith(("I", "F")):  # deep gray: convert would cut it off at 255
        gray = _as_bytes(np.asarray(picture, np.float64))
        return np.repeat(gray[..., None], 3, axis=2)
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("RGB"))
    colored = picture.convert("RGBA")
    paper = Image.new("RGBA", colored.size, "white")
    return np.asarray(Image.alpha_composite(paper, colored).convert("RGB"))


def _as_bytes(deep: NDArray[np.float64]) -> Pixels:
    """Gray of any depth as 0 to 255: 16 bits are told by a value that 8 cannot hold."""
    finite = np.nan_to_num(deep, nan=0.0, posinf=65535.0, neginf=0.0)
    deepest = 65535.0 if finite.max() > 255 else 255.0
    return np.asarray(np.clip(finite * (255 / deepest), 0, 255), np.uint8)
