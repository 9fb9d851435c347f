"""Values as colored squares with their numbers in them, where there is room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from lenet_gui.widgets.colormap import apply_table
from lenet_gui.widgets.formatting import MINUS, format_rounded, longest_text

_LARGEST, _SMALLEST, _TWO_DECIMALS = 15, 8, 10
"""Heights of numbers in pixels; with less than the last, one decimal must do."""
_MARGIN = 5
DARK_INK, LIGHT_INK = QColor("#101014"), QColor("#ffffff")


@dataclass(frozen=True, slots=True, eq=False)
class ValueCells:
    """A rectangle of values in colors."""

    values: NDArray[np.float32]  # (height, width)
    levels: NDArray[np.uint8]  # (height, width), places in the table
    table: tuple[int, ...]  # 256 colors

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    def image(self) -> QImage:
        """One pixel a value, RGB32."""
        return apply_table(self.levels[None], self.table)

    def inks(self) -> list[QColor]:
        """In which color text is read best on each cell, row by row."""
        dark = is_bright(self.table)
        return [DARK_INK if dark[level] else LIGHT_INK for level in self.levels.ravel().tolist()]

    def part(self, top: int, left: int, rows: int, columns: int) -> ValueCells:
        """A rectangle of it."""
        box = slice(top, top + rows), slice(left, left + columns)
        return ValueCells(self.values[box], self.levels[box], self.table)


@lru_cache(maxsize=8)
def is_bright(table: tuple[int, ...]) -> tuple[bool, ...]:
    """On which of the colors dark ink is read better than white.

    By the relative luminance of WCAG 2: from 0.18 on, black has the greater
    contrast.
    """
    bright = []
    for value in table:
        color = QColor(value)
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        shares = zip((0.2126, 0.7152, 0.0722), linear, strict=True)
        bright.append(sum(share * part for share, part in shares) > 0.18)
    return tuple(bright)


def number_format(font: QFont, side: float, values: NDArray[np.float32]) -> tuple[int, int] | None:
    """How numbers fit into squares: their height in pixels and their decimals.

    Args:
        font: of the numbers, of any size.
        side: of the squares, in pixels.
        values: all of them; they are told with the same decimals.

    Returns:
        None where they would be too small to read, or tell nothing.
    """
    low, high = float(values.min()), float(values.max())
    large = max(-low, high)
    for decimals, least in ((2, _TWO_DECIMALS), (1, _SMALLEST), (0, _SMALLEST)):
        if decimals == 0 and large < 9.5 and not _whole(values):
            break
        pixels = _pixels(font, side, longest_text(low, high, decimals))
        if pixels >= least:
            return (pixels, 0) if _whole(values) else (pixels, decimals)
    return None


def _whole(values: NDArray[np.float32]) -> bool:
    return bool((values == values.round()).all())


def _pixels(font: QFont, side: float, text: str) -> int:
    """The height of the font with which `text` fits into a square."""
    height = min(_LARGEST, int(side * 0.5))
    if height < _SMALLEST:
        return 0
    probe = QFont(font)
    probe.setPixelSize(100)
    wide = QFontMetricsF(probe).horizontalAdvance(text)
    return min(height, int(100 * (side - _MARGIN) / wide))


def paint_cells(
    painter: QPainter, place: QRectF, cells: ValueCells, alike: NDArray[np.float32] | None = None
) -> bool:
    """Paint squares, and their numbers with the painter's font, if they can be read.

    Args:
        painter: to paint with.
        place: where, its sides in the ratio of the cells.
        cells: what.
        alike: all values that are to be told as these are; else only these.

    Returns:
        Whether there are numbers.
    """
    painter.drawImage(place, cells.image())
    side = place.width() / cells.size[1]
    font = QFont(painter.font())
    sizes = number_format(font, side, cells.values if alike is None else alike)
    if sizes is None:
        return False
    pixels, decimals = sizes
    font.setPixelSize(pixels)
    painter.save()
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    down = (side + metrics.capHeight()) / 2
    inks: tuple[list[tuple[QPointF, str]], ...] = ([], [])
    dark = is_bright(cells.table)
    widths: dict[tuple[int, bool], float] = {}
    for y, (values, levels) in enumerate(
        zip(cells.values.tolist(), cells.levels.tolist(), strict=True)
    ):
        for x, (value, level) in enumerate(zip(values, levels, strict=True)):
            text = format_rounded(value, decimals)
            kind = (
                len(text),
                text[0] == MINUS,
            )  # digits are as wide as one another, the minus is not
            if kind not in widths:
                widths[kind] = metrics.horizontalAdvance(text)
            left = place.left() + x * side + (side - widths[kind]) / 2
            inks[dark[level]].append((QPointF(left, place.top() + y * side + down), text))
    for ink, texts in zip((LIGHT_INK, DARK_INK), inks, strict=True):
        painter.setPen(ink)
        for at, text in texts:
            painter.drawText(at, text)
    painter.restore()
    return True
