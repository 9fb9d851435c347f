"""What changes with the pen without slowing it down: updates throttled, texts laid out once.

What is read rather than seen changes no faster than eyes can follow.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

PAUSE = 80
"""Milliseconds from numbers to numbers."""


class Throttle(QObject):
    """Does what is asked for in a row once, a little later: after what must be seen at once.

    Args:
        do: what is done, in the window's thread.
        parent: whose thing this is.
        milliseconds: how much later, and so from one time to the next.
    """

    def __init__(self, do: Callable[[], None], parent: QObject, milliseconds: int = PAUSE) -> None:
        super().__init__(parent)
        self._do = do
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(do)

    def trigger(self) -> None:
        """Do it once the pause is over."""
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Do it now, and not again for what was asked before."""
        self._timer.stop()
        self._do()


_MOST = 4000
"""Texts that are kept; there are but few different short numbers."""


class StaticTextCache:
    """The texts of one font, for a painter that has this font and the pen's color.

    To lay a text out takes Qt ten times as long as to paint what is laid out.

    Args:
        font: best with its size in pixels.
    """

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        self._kept: dict[str, tuple[QStaticText, float]] = {}

    def width(self, text: str) -> float:
        """How wide a text is painted."""
        return self._lay_out(text)[1]

    def paint(self, painter: QPainter, text: str, left: float, top: float) -> None:
        """Paint from the left upper corner."""
        painter.drawStaticText(QPointF(left, top), self._lay_out(text)[0])

    def paint_centered(self, painter: QPainter, text: str, middle: float, top: float) -> None:
        """Paint with the middle at `middle`."""
        laid_out, width = self._lay_out(text)
        painter.drawStaticText(QPointF(middle - width / 2, top), laid_out)

    def paint_right(self, painter: QPainter, text: str, right: float, top: float) -> None:
        """Paint up to the right upper corner."""
        laid_out, width = self._lay_out(text)
        painter.drawStaticText(QPointF(right - width, top), laid_out)

    def _lay_out(self, text: str) -> tuple[QStaticText, float]:
        entry = self._kept.get(text)
        if entry is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            static = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.prepare(QTransform(), self.font)
            entry = self._kept[text] = static, self._metrics.horizontalAdvance(text)
        return entry
