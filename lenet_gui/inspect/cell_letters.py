"""Numbers laid out once and painted many times: a page has hundreds of them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

_MOST = 4000
"""Texts that are kept; there are but few different short numbers."""


class CellLetters:
    """The numbers of one font.

    Args:
        font: with its size in pixels.
    """

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        self._kept: dict[str, tuple[QStaticText, float]] = {}

    def width(self, text: str) -> float:
        """How wide a text is painted."""
        return self._laid_out(text)[1]

    def paint(self, painter: QPainter, text: str, x: float, y: float) -> None:
        """Paint a text whose middle is at x and whose line begins at y; the font is the painter's.

        Args:
            painter: with this font, and the pen's colour.
            text: to paint.
            x: of the middle.
            y: of the line's top.
        """
        laid_out, width = self._laid_out(text)
        painter.drawStaticText(QPointF(x - width / 2, y), laid_out)

    def _laid_out(self, text: str) -> tuple[QStaticText, float]:
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            made = QStaticText(text)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.prepare(QTransform(), self.font)
            found = self._kept[text] = made, self._metrics.horizontalAdvance(text)
        return found
