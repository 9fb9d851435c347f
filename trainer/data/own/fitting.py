"""Draws pictures of any size at the network's: gray ones at 28x28, colored ones at 3x32x32.

One rule for all pictures of a dataset, found by a look at some of them:

- Colors are kept where most pictures have them, or as is asked for; else light alone counts.
- Gray pictures with light borders are turned over, so that 0 is paper and 255 full ink; where
  only some have, each by its own border.
- What has the right size already stays as it is.
- Gray drawings on plain paper are cut to their ink, which is fitted as the paper's drawings are:
  its longer side in 20 pixels, its center of mass in the middle.
- Anything else is drawn whole, its longer side filling the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from trainer.data.own.folders import to_gray
from trainer.data.own.source import Pixels
from trainer.drawing.rasterize import BOX, FINE, GRID, SIDE, center_by_mass
from trainer.translation import gettext as _

COLOR_SIDE = 32
_COLORFUL = 24
"""Mean difference of the strongest and the weakest of the three colors, from which on a picture
counts as colored; white paper under a warm lamp has some 15."""
_PLAIN = 32
"""Levels within which a border counts as plain paper."""
_INK = 64
"""Levels that ink differs from paper, at the least."""
_MOST = 0.9
"""What holds of so many pictures holds of all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How the pictures of a dataset are drawn."""

    color: bool  # at 3x32x32
    turned: bool | None = False  # dark on light; None: each by its own border
    cut: bool = False  # to the ink
    sizes: str = ""  # what sizes they had, for people

    def describe(self) -> tuple[str, ...]:
        """The rule for people, a sentence each."""
        side = COLOR_SIDE if self.color else SIDE
        sentences = [
            _("Drawn at 32 × 32 in color") if self.color else _("Drawn at 28 × 28 in gray"),
        ]
        if self.sizes == f"{side}x{side}":
            sentences = [
                _("Taken as they are, 32 × 32 in color")
                if self.color
                else _("Taken as they are, 28 × 28 in gray")
            ]
        elif self.cut:
            sentences.append(_("Cut to the ink, which is fitted and centered as drawings are"))
        else:
            sentences.append(_("Each whole, its longer side filling the picture"))
        if not self.color and self.turned:
            sentences.append(_("Dark on light: inverted"))
        elif not self.color and self.turned is None:
            sentences.append(_("Some are dark on light: those are inverted"))
        return tuple(sentences)


def find_rule(sample: Iterable[Pixels], color: bool | None) -> Rule:
    """The rule for a dataset.

    Args:
        sample: some of its pictures, uint8 (H, W) or (H, W, 3).
        color: whether colors are kept; None: where most of the sample have them.
    """
    sizes: Counter[tuple[int, int]] = Counter()
    colorful, light, plain, ready = [], [], [], []
    for picture in sample:
        height, width = picture.shape[:2]
        sizes[(width, height)] += 1
        colorful.append(_is_colorful(picture))
        gray = to_gray(picture)
        border = _border(gray)
        paper = float(np.median(border))
        light.append(paper > 127)
        plain.append(float((np.abs(border - paper) <= _PLAIN).mean()) >= _MOST)
        ready.append((height, width) == (SIDE, SIDE))
    if color is None:
        color = _share(colorful) > 0.5
    sizes_text = _tell_sizes(sizes)
    if color:
        return Rule(True, sizes=sizes_text)
    turned = True if _share(light) >= _MOST else False if _share(light) <= 1 - _MOST else None
    return Rule(False, turned, _share(ready) < 0.5 and _share(plain) >= _MOST, sizes_text)


def _share(flags: list[bool]) -> float:
    return sum(flags) / max(1, len(flags))


def _tell_sizes(sizes: Counter[tuple[int, int]]) -> str:
    """Such as "28x28", or "12x20 to 300x400"."""
    if not sizes:
        return ""
    low = (min(width for width, _height in sizes), min(height for _width, height in sizes))
    high = (max(width for width, _height in sizes), max(height for _width, height in sizes))
    first, last = f"{low[0]}x{low[1]}", f"{high[0]}x{high[1]}"
    return first if low == high else _("{first} to {last}").format(first=first, last=last)


def _is_colorful(picture: Pixels) -> bool:
    if picture.ndim == 2:
        return False
    # Of a large picture a part of the pixels will do.
    some = picture[:: max(1, len(picture) // 64), :: max(1, picture.shape[1] // 64)].astype(
        np.int16
    )
    return float((some.max(axis=2) - some.min(axis=2)).mean()) > _COLORFUL


def _border(gray: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    edges = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    return edges.astype(np.int16)


def fit_picture(picture: Pixels, rule: Rule) -> Pixels:
    """A picture at the network's size.

    Args:
        picture: uint8, (H, W) or (H, W, 3).
        rule: that of its dataset.

    Returns:
        uint8, (28, 28), 0 paper and 255 full ink; or (3, 32, 32).
    """
    if rule.color:
        return _fit_color(picture)
    gray = to_gray(picture)
    turned = float(np.median(_border(gray))) > 127 if rule.turned is None else rule.turned
    ink = 255 - gray if turned else gray
    if ink.shape == (SIDE, SIDE):
        return ink
    if rule.cut and (cut := _cut_to_ink(ink)) is not None:
        return cut
    return _filling(ink, SIDE, 0)


def _fit_color(picture: Pixels) -> Pixels:
    colors = np.stack([picture] * 3, axis=2) if picture.ndim == 2 else picture
    if colors.shape[:2] != (COLOR_SIDE, COLOR_SIDE):
        edges = np.concatenate([colors[0], colors[-1], colors[:, 0], colors[:, -1]])
        paper = tuple(float(value) for value in np.median(edges, axis=0))
        colors = _filling(colors, COLOR_SIDE, paper)
    return np.ascontiguousarray(colors.transpose(2, 0, 1))


def _cut_to_ink(ink: Pixels) -> Pixels | None:
    """The ink as a drawing's is fitted; None if there is none."""
    paper = float(np.median(_border(ink)))
    above = ink.astype(np.float32) - paper
    full = float(np.percentile(above, 99.5))
    full = max(full, _INK) if above.max() >= _INK else 0.0
    if not full:
        return None
    levels = np.clip(above * (255 / full), 0, 255).astype(np.uint8)
    rows, columns = (np.flatnonzero((levels >= _INK).any(axis=axis)) for axis in (1, 0))
    cut = levels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    fine = _resize(cut, BOX * FINE)
    grid = np.zeros((GRID, GRID), np.uint8)
    top, left = (GRID - fine.shape[0]) // 2, (GRID - fine.shape[1]) // 2
    grid[top : top + fine.shape[0], left : left + fine.shape[1]] = fine
    return center_by_mass(grid)


def _filling(picture: Pixels, side: int, paper: float | tuple[float, ...]) -> Pixels:
    """A picture whose longer side is `side`, in the middle of a square of paper."""
    small = _resize(picture, side)
    whole = np.empty((side, side, *picture.shape[2:]), np.uint8)
    whole[:] = np.asarray(paper, np.uint8)
    top, left = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return whole


def _resize(picture: Pixels, longer: int) -> Pixels:
    height, width = picture.shape[:2]
    scale = longer / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=kind), np.uint8)
