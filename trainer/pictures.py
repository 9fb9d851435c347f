"""Picture files to the 28x28 that the network reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from trainer.strokes import SIDE, Pixels, rasterize_picture


class PictureError(Exception):
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
    try:
        with Image.open(path) as picture:
            coloured = picture.convert("RGBA")
    except UnidentifiedImageError:
        raise PictureError(f"{path} is not a picture that can be read (PNG, JPEG ...)") from None
    except (OSError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"{path} cannot be read: {reason}") from None
    paper = Image.new("RGBA", coloured.size, "white")
    grey = np.asarray(Image.alpha_composite(paper, coloured).convert("L"))
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if np.median(border) > 127:
        grey = 255 - grey
    if grey.shape == (SIDE, SIDE):
        return grey
    # Paper is seldom quite white: what the border shows is none of the ink.
    shade = int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    clean = np.clip(grey.astype(np.int16) - shade, 0, None) * 255 // max(1, 255 - shade)
    return rasterize_picture(clean.astype(np.uint8))
