"""The colour bar: which colour stands for which value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.widgets.value_text import value_text

_BAR = 12.0
_POINTER = 5.0


class ColourScale(QWidget):
    """A strip of colours over its lowest and highest value, and 0 where it is between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("colour_scale")
        self.setAccessibleName("Colour scale")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(130)
        self.setMaximumWidth(300)
        self._strip = QImage()
        self._table: list[int] = []
        self.range: tuple[float, float] | None = None
        """The lowest and the highest value; None where there are none."""
        self.value: float | None = None
        """What is marked above the strip."""

    def sizeHint(self) -> QSize:
        """Room for three numbers."""
        return QSize(190, 36)

    def show_colours(self, table: list[int]) -> None:
        """Show these 256 colours."""
        if table == self._table:
            return
        self._table = table
        levels = QImage(bytes(range(256)), 256, 1, 256, QImage.Format.Format_Indexed8)
        levels.setColorTable(table)
        self._strip = levels.convertToFormat(QImage.Format.Format_RGB32)
        self.update()

    def show_range(self, range_: tuple[float, float] | None, value: float | None) -> None:
        """Show these ends, and mark a value."""
        if (range_, value) == (self.range, self.value):
            return
        self.range, self.value = range_, value
        self.setAccessibleDescription(
            "" if range_ is None else " to ".join(map(value_text, range_))
        )
        self.update()

    def strip(self) -> QRectF:
        """Where the colours are painted."""
        high = _POINTER + 1 + _BAR + 2 + self._font_height()
        top = (self.height() - high) / 2 + _POINTER + 1
        return QRectF(_POINTER, round(top), self.width() - 2 * _POINTER, _BAR)

    def place(self, value: float) -> float:
        """Where a value lies, across; what is beyond an end, at it."""
        assert self.range is not None
        (low, high), strip = self.range, self.strip()
        share = (value - low) / (high - low) if high > low else 0.0
        return strip.left() + min(max(share, 0.0), 1.0) * strip.width()

    def _font_height(self) -> float:
        return self.fontMetrics().height() * 0.85

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(8, round(self.fontInfo().pixelSize() * 0.85)))
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """The strip, its ends, and the value."""
        painter, strip = QPainter(self), self.strip()
        palette = self.palette()
        if not self._strip.isNull():
            painter.drawImage(strip, self._strip)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawRect(strip.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setFont(self._small())
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        if self.range is None:
            self._write(painter, "low", strip.left())
            self._write(painter, "high", strip.right())
            return
        low, high = self.range
        self._write(painter, value_text(low), strip.left())
        self._write(painter, value_text(high), strip.right())
        if low < 0 < high:
            at = self.place(0)
            wide = painter.fontMetrics().horizontalAdvance
            first = strip.left() + wide(value_text(low)) + 8
            last = strip.right() - wide(value_text(high)) - 8
            if first < at - wide("0") / 2 and at + wide("0") / 2 < last:
                self._write(painter, "0", at)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1))
            painter.drawLine(QPointF(at, strip.bottom() - 2), QPointF(at, strip.bottom() + 2))
        if self.value is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Text))
            painter.drawPolygon(_pointer(self.place(self.value), strip.top() - 1))

    def _write(self, painter: QPainter, text: str, at: float) -> None:
        """Beneath the strip, about `at`, but not beyond its ends."""
        strip, wide = self.strip(), painter.fontMetrics().horizontalAdvance(text)
        left = min(max(at - wide / 2, strip.left()), strip.right() - wide)
        base = strip.bottom() + 2 + painter.fontMetrics().ascent()
        painter.drawText(QPointF(left, base), text)


def _pointer(x: float, y: float) -> QPolygonF:
    """A small triangle that points down to a place."""
    half = _POINTER - 1
    return QPolygonF(
        [QPointF(x, y), QPointF(x - half, y - _POINTER), QPointF(x + half, y - _POINTER)]
    )
