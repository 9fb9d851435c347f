"""Tells a picture of several digits, such as a number, from one of a single digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.pages.page import Page, PageDigit
from trainer.reading.predict import Answer
from trainer.reading.verdict import Verdict

_TALL = 0.55
"""Digits of one number are at least so high, as a share of the usual."""
_PROBABLE = 0.9
"""A digit that is read with less is no witness for there being several."""
_MORE = 0.6
"""The share of all that was found that must be sure."""
_CLEAR = 64
"""In smaller pictures, in pixels, the parts of one blurred digit pass for a digit and a 1."""
_LEAST_SIDE = 40
"""The longer side, in pixels, of the smallest picture of two digits; MNIST's have 28."""


def shows_several(page: Page, alone: Answer | None) -> bool:
    """Whether a picture is to be read as several digits.

    Args:
        page: what it holds if it holds several.
        alone: the answer if it holds one; None where no single digit was found.
    """
    large = _large(page)
    sure = [d for d in large if d.verdict == Verdict.SURE and d.confidence > _PROBABLE]
    # A stroke of a frame or of the paper's edge passes for a 1, but seldom for another digit.
    telling = [d for d in sure if page.classes[d.digit] != "1"]
    if len(sure) < 2 or not telling or len(sure) < _MORE * len(page.digits):
        return False
    certain = len(telling) >= 2
    if alone is None or alone.verdict != Verdict.SURE:
        clear = page.verdict == Verdict.SURE and min(page.width, page.height) >= _CLEAR
        return certain or clear
    return certain


def _large(page: Page) -> list[PageDigit]:
    heights = sorted(digit.box[3] - digit.box[1] for digit in page.digits)
    usual = heights[len(heights) // 2] if heights else 0
    return [d for d in page.digits if d.box[3] - d.box[1] >= _TALL * usual]


def can_show_several(colors: NDArray[np.uint8]) -> bool:
    """Whether a picture, uint8 (H, W, 3), is large enough for several digits."""
    height, width = colors.shape[:2]
    return bool(max(height, width) >= _LEAST_SIDE)
