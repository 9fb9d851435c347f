"""Picture files to the 28x28 that the network reads."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from trainer.errors import UserError
from trainer.strokes import SIDE, Pixels, rasterize_picture

_FAINTEST = 32
"""Ink no darker than this, of 255, is paper's own unevenness."""
_DAMAGED = (ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error)
"""What Pillow's decoders raise for a damaged file, besides OSError."""


class PictureError(UserError):
    """A picture that can't be read; the message says why."""


def read_picture(path: Path) -> Pixels:
    """A digit from a picture file (PNG, JPEG and what else Pillow reads).

    Light paper or dark paper: the border tells. A picture of 28x28 is taken as
    it is; a larger or smaller one is cropped to its ink and fitted as a
    drawing is.

    Returns:
        uint8 of shape (28, 28), 0 paper and 255 full ink.

    Raises:
        PictureError: no such file, or no picture.
    """
    grey = _as_grey(path)
    if _border(grey) > 127:
        grey = 255 - grey
    if grey.shape == (SIDE, SIDE):
        return grey
    # Paper is seldom quite white, nor ink quite black: what the border shows is no
    # ink, and the darkest there is is full ink.
    clean = np.clip(grey.astype(np.int32) - int(_border(grey)), 0, None)
    if clean.max() > _FAINTEST:
        clean = clean * 255 // clean.max()
    return rasterize_picture(clean.astype(np.uint8))


def _border(grey: Pixels) -> float:
    """The usual grey along the picture's edge."""
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def _as_grey(path: Path) -> Pixels:
    """A picture file as uint8 of shape (H, W), upright, what is transparent shown white.

    Raises:
        PictureError: no such file, or no picture.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture)
            if upright.mode.startswith(("I", "F")):  # deep grey: convert would cut it off at 255
                return _as_bytes(np.asarray(upright, np.float64))
            coloured = upright.convert("RGBA")
    except UnidentifiedImageError:
        raise PictureError(f"{path} is not a picture that can be read (PNG, JPEG ...)") from None
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror or error}") from None
    except (Image.DecompressionBombError, *_DAMAGED) as error:
        raise PictureError(f"{path} cannot be read: {error}") from None
    paper = Image.new("RGBA", coloured.size, "white")
    return np.asarray(Image.alpha_composite(paper, coloured).convert("L"))


def _as_bytes(deep: NDArray[np.float64]) -> Pixels:
    """Grey of any depth as 0 to 255: 16 bits are told by a value that 8 cannot hold."""
    finite = np.nan_to_num(deep, nan=0.0, posinf=65535.0, neginf=0.0)
    deepest = 65535.0 if finite.max() > 255 else 255.0
    return np.asarray(np.clip(finite * (255 / deepest), 0, 255), np.uint8)
