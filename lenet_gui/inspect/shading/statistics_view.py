"""A map's minimum, mean, maximum and share of silent units, in places that never move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.widgets.value_text import value_text

if TYPE_CHECKING:
    from trainer.inspect.map_statistics import MapStatistics

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
            ("minimum", value_text(found.minimum)),
            ("mean", value_text(found.mean)),
            ("maximum", value_text(found.maximum)),
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
