"""The color bar: which color stands for which value.

A map's minimum, mean, maximum and share of silent units, in places that never move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.widgets.formatting import format_value

if TYPE_CHECKING:
    from trainer.inspect.contributions import MapStatistics


_BAR = 12.0
_POINTER = 5.0


class ColorScale(QWidget):
    """A strip of colors over its lowest and highest value, and 0 where it is between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("color_scale")
        self.setAccessibleName("Color scale")
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

    def show_colors(self, table: list[int]) -> None:
        """Show these 256 colors."""
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
            "" if range_ is None else " to ".join(map(format_value, range_))
        )
        self.update()

    def strip(self) -> QRectF:
        """Where the colors are painted."""
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
        self._write(painter, format_value(low), strip.left())
        self._write(painter, format_value(high), strip.right())
        if low < 0 < high:
            at = self.place(0)
            wide = painter.fontMetrics().horizontalAdvance
            first = strip.left() + wide(format_value(low)) + 8
            last = strip.right() - wide(format_value(high)) - 8
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


_GAP = 12
_NOTHING = "–"
_TOLD = (
    "The lowest, mean and highest value of the map, or of the whole layer where a unit is a "
    "number of its own, and the share of units that do nothing.\n"
    "Silent: the unit hands nothing on. Of ReLU, that is a value of exactly 0, of its smooth "
    "relatives one nearer to 0 than 0.01.\n"
    "Saturated, where the activation has two ends (tanh, sigmoid): the unit is in the outermost "
    "hundredth of its range, where it hardly answers to its input any more.\n"
    "The share is of the values after the activation, whichever are shown."
)


class StatisticsView(QWidget):
    """Five columns: what it is about, and four numbers, each beneath its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_statistics")
        self.setAccessibleName("Statistics of the map")
        self.setToolTip(_TOLD)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.title = ""
        self._found: MapStatistics | None = None

    def sizeHint(self) -> QSize:
        """As wide as the longest numbers."""
        width = sum(self._widths()) + _GAP * 4
        return QSize(round(width) + 2, 36)

    def minimumSizeHint(self) -> QSize:
        """No column gives way."""
        return self.sizeHint()

    def show_statistics(self, title: str, found: MapStatistics | None) -> None:
        """Show a map's; None where nothing is pointed at, or nothing is drawn."""
        if (title, found) == (self.title, self._found):
            return
        self.title, self._found = title, found
        self.setAccessibleDescription(self.told())
        self.update()

    def told(self) -> str:
        """All of it as words."""
        return "; ".join(f"{name} {value}" for name, value in self.columns() if name)

    def columns(self) -> list[tuple[str, str]]:
        """Names and values, from left to right."""
        found = self._found
        if found is None:
            names = ("minimum", "mean", "maximum", "silent")
            return [(self.title, ""), *((name, _NOTHING) for name in names)]
        share = _NOTHING if found.silent is None else f"{found.silent * 100:.0f} %"
        return [
            (self.title, ""),
            ("minimum", format_value(found.minimum)),
            ("mean", format_value(found.mean)),
            ("maximum", format_value(found.maximum)),
            (found.word, share),
        ]

    def _widths(self) -> tuple[float, ...]:
        """Of the columns: those of the longest texts that they ever have."""
        small = QFontMetricsF(self._small())
        names = ("input, green", "minimum", "minimum", "maximum", "saturated")
        return tuple(small.horizontalAdvance(name) for name in names)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(8, round(self.fontInfo().pixelSize() * 0.85)))
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names small, values beneath."""
        painter, palette = QPainter(self), self.palette()
        small = self._small()
        lines = QFontMetricsF(small), QFontMetricsF(self.font())
        top = (self.height() - lines[0].height() - lines[1].height()) / 2
        first, second = top + lines[0].ascent(), top + lines[0].height() + lines[1].ascent()
        left = 0.0
        for number, (column, wide) in enumerate(zip(self.columns(), self._widths(), strict=True)):
            name, value = column
            text = lines[0].elidedText(name, Qt.TextElideMode.ElideRight, wide)
            painter.setFont(small)
            if number:
                painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
                # Numbers stand at the right of their column, so that their digits do not move.
                painter.drawText(
                    QPointF(left + wide - lines[0].horizontalAdvance(text), first), text
                )
                painter.setFont(self.font())
                painter.setPen(palette.color(QPalette.ColorRole.Text))
                at = left + wide - lines[1].horizontalAdvance(value)
                painter.drawText(QPointF(at, second), value)
            else:
                painter.setPen(palette.color(QPalette.ColorRole.Text))
                middle = (self.height() - lines[0].height()) / 2 + lines[0].ascent()
                painter.drawText(QPointF(left, middle), text)
            left += wide + _GAP
