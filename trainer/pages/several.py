"""Tells a picture of several digits, such as a number, from one of a single digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.picture import Place
from trainer.pages.page import Page, PageDigit
from trainer.reading.predict import Answer
from trainer.reading.verdict import Verdict

_TALL = 0.55
"""Digits of one number are at least so high, as a share of the usual."""
_PROBABLE = 0.9
"""A digit that is read with less is no witness for there being several."""
_MORE = 0.6
"""The share of all that was found that must be sure."""
_PART = 0.7
"""Within what is surely one digit, something lower than this share of its height is a part of it:
ink that fades, or that a reflection hides, falls apart."""
_CLEAR = 64
"""In smaller pictures, in pixels, the parts of one blurred digit pass for a digit and a 1."""
_LEAST_SIDE = 40
"""The longer side, in pixels, of the smallest picture of two digits; MNIST's have 28."""


def shows_several(page: Page, alone: Answer | None, place: Place | None = None) -> bool:
    """Whether a picture is to be read as several digits.

    Args:
        page: what it holds if it holds several.
        alone: the answer if it holds one; None where no single digit was found.
        place: where that one is; None if that is not known.
    """
    large = _large(page)
    sure = [d for d in large if d.verdict == Verdict.SURE and d.confidence > _PROBABLE]
    # A stroke of a frame or of the paper's edge passes for a 1, but seldom for another digit.
    telling = [d for d in sure if page.classes[d.digit] != "1"]
    if len(sure) < 2 or not telling or len(sure) < _MORE * len(page.digits):
        return False
    if place is not None and alone is not None and alone.verdict == Verdict.SURE:
        telling = [digit for digit in telling if not _is_part(digit, page, place)]
    certain = len(telling) >= 2
    if alone is None or alone.verdict != Verdict.SURE:
        clear = page.verdict == Verdict.SURE and min(page.width, page.height) >= _CLEAR
        return certain or clear
    return certain


def _large(page: Page) -> list[PageDigit]:
    heights = sorted(digit.box[3] - digit.box[1] for digit in page.digits)
    usual = heights[len(heights) // 2] if heights else 0
    return [d for d in page.digits if d.box[3] - d.box[1] >= _TALL * usual]


def _is_part(digit: PageDigit, page: Page, place: Place) -> bool:
    """Whether it is but a part of the one digit that is at `place`."""
    left, top, right, bottom = digit.box
    x, y = (left + right) / (2 * page.width), (top + bottom) / (2 * page.height)
    inside = place[0] <= x <= place[2] and place[1] <= y <= place[3]
    return inside and bottom - top < _PART * (place[3] - place[1]) * page.height


def can_show_several(colors: NDArray[np.uint8]) -> bool:
    """Whether a picture, uint8 (H, W, 3), is large enough for several digits."""
    height, width = colors.shape[:2]
    return bool(max(height, width) >= _LEAST_SIDE)
