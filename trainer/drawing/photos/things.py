"""Lays a thing that is no writing, such as a piece of clothing, on 28x28: whole, in its grays.

As Fashion-MNIST was made (Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
Benchmarking Machine Learning Algorithms", 2017, section 2): on black, cut to the thing, its longer
side 28, light where the thing is dark on a light ground.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.blobs import nothing_written
from trainer.drawing.photos.ink import AUTOMATIC, Bits, InkSettings, resize
from trainer.drawing.rasterize import SIDE, Pixels

_WORKING = 280
_LEAST = 6.0
"""A thing differs from the ground by this at least, of 255."""
_APART = 0.06
"""And by this share of what differs most."""


def lay_thing(colors: NDArray[np.uint8], settings: InkSettings = AUTOMATIC) -> tuple[Pixels, Bits]:
    """The thing on a plain ground, uint8 (28, 28), and where it is, bool (H, W).

    Args:
        colors: uint8, shape (H, W, 3), any size.
        settings: what a person has decided.

    Raises:
        NoDigit: nothing is on it.
    """
    resized, _ = resize(settings.apply(colors), _WORKING)
    gray = cv2.cvtColor(resized, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ring = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    ground = float(np.median(ring))
    noise = 1.48 * float(np.median(np.abs(ring - ground)))
    apart = np.abs(gray - ground)
    level = max(_LEAST, 4 * noise, _APART * float(np.percentile(apart, 99)))
    if settings.threshold is not None:
        level = max(1.0, settings.threshold * float(apart.max()))
    mask = _keep_large((apart > level).astype(np.uint8))
    if mask.sum() < 0.002 * mask.size:
        raise nothing_written()
    lighter = ground < 128 if settings.inverted is None else settings.inverted
    shade = gray - ground if lighter else ground - gray
    # On a ground of the middle, a thing may be both lighter and darker.
    shade = np.where(mask > 0, np.maximum(shade, 0) * (255 / max(ground, 255 - ground)), 0)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    thing = shade[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    high, wide = thing.shape
    scale = SIDE / max(high, wide)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    small = cv2.resize(thing, size, interpolation=cv2.INTER_AREA)
    page = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    page[top : top + size[1], left : left + size[0]] = small
    return np.rint(np.clip(page, 0, 255)).astype(np.uint8), mask > 0


def is_thing_laid_out(image: Pixels) -> bool:
    """Whether uint8 (28, 28) is as the dataset has it: on black, and 28 one way."""
    corners = np.array([image[0, 0], image[0, -1], image[-1, 0], image[-1, -1]])
    rows, columns = image.max(axis=1) > 12, image.max(axis=0) > 12
    filled = (rows[:2].any() and rows[-2:].any()) or (columns[:2].any() and columns[-2:].any())
    return bool(np.median(corners) < 12 and filled)


def _keep_large(mask: Pixels) -> Pixels:
    """Without specks: parts that are less than a fiftieth of the largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    held = areas >= 0.02 * areas.max() if count > 1 else areas > 0
    held[0] = False
    return np.asarray(held[labels], np.uint8)
