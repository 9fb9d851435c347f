"""The last column of a network of many classes: a line for each, with its bar and probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from lenet_gui.inspect.network.network_places import Tile

if TYPE_CHECKING:
    from lenet_gui.inspect.common.style import Look
    from lenet_gui.inspect.network.outputs import Outputs

_TOLD = 0.005
"""Less than this is 0 %, which need not be said of forty classes."""


class ShortRows:
    """Paints the column as `OutputRows` does, without scores, bitmaps or second lines.

    Args:
        tile: the whole column, a row for each answer.
        letters: the height of ordinary letters.
        look: colours and font.
        classes: the answers' names.
    """

    def __init__(self, tile: Tile, letters: float, look: Look, classes: tuple[str, ...]) -> None:
        self._look, self._tile = look, tile
        self._high = tile.rect.height() / tile.rows
        self._font = look.sized(min(letters * 0.92, self._high * 0.86))
        self._best = QFont(self._font)
        self._best.setWeight(QFont.Weight.Bold)
        metrics = QFontMetricsF(self._best)
        self._down = (self._high + metrics.capHeight()) / 2
        self._name = max(map(metrics.horizontalAdvance, classes), default=0.0) + 6
        self._percent = metrics.horizontalAdvance("100 %") + 5
        self._wide = metrics.horizontalAdvance

    def paint(self, painter: QPainter, shown: Outputs) -> None:
        """All rows; what has one font together, as changing it takes long."""
        look, best = self._look, shown.best
        bars = [self._bar(number) for number in range(len(shown.classes))]
        ground = look.colour(look.roles.AlternateBase)
        for bar in bars:
            painter.fillRect(bar, ground)
        for number, share in enumerate(shown.probabilities):
            bar = bars[number]
            filled = QRectF(bar)
            filled.setWidth(bar.width() * share)
            painter.fillRect(filled, look.accent if number == best else look.line)
            if shown.plain:
                # Where it would end with no map held.
                at = min(bar.left() + bar.width() * shown.plain[number], bar.right() - 2)
                painter.fillRect(QRectF(at, bar.top() - 1, 2, bar.height() + 2), look.above)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(look.faint if shown.probabilities else look.text)
        painter.setFont(self._font)
        for number in range(len(shown.classes)):
            if number != best:
                self._paint_texts(painter, shown, number)
        if best is not None:
            painter.setPen(look.text)
            painter.setFont(self._best)
            self._paint_texts(painter, shown, best)

    def _bar(self, number: int) -> QRectF:
        """The room of a row's bar."""
        row = self._tile.cells(number, 0, number + 1, 1)
        left, right = row.left() + 4 + self._name, row.right() - 4 - self._percent
        high = min(6.0, self._high * 0.5)
        return QRectF(left, row.center().y() - high / 2, max(4.0, right - left), high)

    def _paint_texts(self, painter: QPainter, shown: Outputs, number: int) -> None:
        """A row's class, and its probability where it is more than nothing."""
        row = self._tile.cells(number, 0, number + 1, 1)
        line = row.top() + self._down
        painter.drawText(QPointF(row.left() + 4, line), shown.classes[number])
        if shown.probabilities and shown.probabilities[number] >= _TOLD:
            told = f"{shown.probabilities[number] * 100:.0f} %"
            painter.drawText(QPointF(row.right() - 4 - self._wide(told), line), told)
