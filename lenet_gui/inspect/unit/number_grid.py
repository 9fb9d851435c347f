"""One grid of numbers: cells colored by sign, with as large a font as its cells take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QPainter, QPalette, QPen

from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.widgets.colormap import apply_table
from lenet_gui.widgets.formatting import format_short
from lenet_gui.widgets.text_cache import StaticTextCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WHOLE = 33.0
"""Cells of this width have room for "−0.42" at a font of 10 pixels."""
_NUMBERED = 17.0
"""Narrower cells are only colored."""


class NumberGrid:
    """Numbers in rows and columns, to be painted where there is room.

    Args:
        values: float64, (rows, columns).
        limit: the magnitude that has the strongest color, above 0.
        outside: cells that are no real ones, (rows, columns); None where all are.
        texts: the numbers as they are written, row by row; None for short ones.
    """

    def __init__(
        self,
        values: NDArray[np.float64],
        limit: float,
        outside: NDArray[np.bool_] | None = None,
        texts: list[str] | None = None,
    ) -> None:
        self.rows: int = values.shape[0]
        self.columns: int = values.shape[1]
        self.values: list[float] = values.ravel().tolist()
        self._texts = texts
        self._given, self._limit = values, limit
        self._outside = () if outside is None else outside.ravel().nonzero()[0].tolist()

    def cell(self, place: QRectF, number: int) -> QRectF:
        """Where a cell is painted, counted row by row, with the grid at `place`."""
        row, column = divmod(number, self.columns)
        width, height = place.width() / self.columns, place.height() / self.rows
        return QRectF(place.x() + column * width, place.y() + row * height, width, height)

    def cell_at(self, place: QRectF, point: QPointF) -> int | None:
        """The cell at a point."""
        if not place.contains(point):
            return None
        column = int((point.x() - place.x()) / place.width() * self.columns)
        row = int((point.y() - place.y()) / place.height() * self.rows)
        return min(row, self.rows - 1) * self.columns + min(column, self.columns - 1)

    def paint(self, painter: QPainter, place: QRectF, look: PageStyle) -> None:
        """The whole grid.

        Args:
            painter: that paints on the page.
            place: best of whole pixels for each cell.
            look: of the page.
        """
        numbered = place.width() / self.columns >= _NUMBERED
        table = look.tints if numbered else look.colors
        painter.drawImage(place, apply_table(_levels(self._given, self._limit), table))
        for number in self._outside:
            cell = self.cell(place, number)
            painter.fillRect(cell, look.color(QPalette.ColorRole.Window))
            painter.fillRect(cell, QBrush(look.line, Qt.BrushStyle.BDiagPattern))
        if numbered:
            self._paint_numbers(painter, place, look)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.line, 1))
        painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))

    def fitted(self, cell: QSizeF, look: PageStyle) -> tuple[list[str], StaticTextCache]:
        """The numbers as they are painted in cells of a size, and the letters they fit with."""
        whole = cell.width() >= _WHOLE
        # Painted, an en dash is a minus that takes less room: the font can be larger.
        written = self._texts or [format_short(value, whole) for value in self.values]
        texts = [text.replace("−", "–") for text in written]
        letters = look.letters(min(cell.height() * 0.62, look.base * 1.2))
        widest = {"–0.88" if whole else "–.88", *(text for text in texts if len(text) > 4)}
        longest = max(map(letters.width, widest))
        if longest > cell.width() - 3:
            letters = look.letters(letters.font.pixelSize() * (cell.width() - 3) / longest)
        return texts, letters

    def _paint_numbers(self, painter: QPainter, place: QRectF, look: PageStyle) -> None:
        cell = QSizeF(place.width() / self.columns, place.height() / self.rows)
        texts, letters = self.fitted(cell, look)
        painter.setFont(letters.font)
        across, down = cell.width(), cell.height()
        left, top = place.x() + across / 2, place.y() + (down - letters.height) / 2
        for faint in (True, False):
            painter.setPen(look.faint if faint else look.text)
            for number, text in enumerate(texts):
                if (text == "0") == faint:
                    row, column = divmod(number, self.columns)
                    x, y = left + column * across, top + row * down
                    letters.paint_centered(painter, text, x, y)

    def mark(self, painter: QPainter, place: QRectF, number: int, look: PageStyle) -> None:
        """Outline a cell."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.accent, 2))
        painter.drawRect(self.cell(place, number))


def _levels(values: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Values as levels around 127.5."""
    found = values * (127.5 / max(limit, 1e-9))
    found += 127.5
    return found.clip(0, 255, out=found).round().astype("uint8")
