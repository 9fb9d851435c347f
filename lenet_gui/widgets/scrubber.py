"""A slider over a run's saved epochs, with a dot for each."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from lenet_gui.widgets.sliders import MARGIN, PressedSlider

_GROOVE, _HANDLE = 4.0, 7.0
_NEAREST_DOTS = 7.0


class Scrubber(PressedSlider):
    """It goes at once to where it is pressed, not a page in that direction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("epochs")
        self.setAccessibleName("Epochs")
        self.setPageStep(5)
        self.setMinimumWidth(120)
        self.marked: int | None = None
        """The stop with a ring around its dot: the best epoch."""

    def sizeHint(self) -> QSize:
        """As high as a button."""
        return QSize(240, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The groove, filled up to the handle, a dot a stop, and the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole
        accent = self.palette().color(role.Accent if self.maximum() else role.Mid)
        middle, at = self.height() / 2, self.place(self.sliderPosition())
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, end in ((self.palette().color(role.Mid), self.width() - MARGIN), (accent, at)):
            painter.setBrush(colour)
            groove = QRectF(MARGIN, middle - _GROOVE / 2, end - MARGIN, _GROOVE)
            painter.drawRoundedRect(groove, _GROOVE / 2, _GROOVE / 2)
        self._paint_dots(painter, middle)
        painter.setBrush(self.palette().color(role.Base))
        painter.setPen(QPen(accent, 3 if self.hasFocus() else 2))
        painter.drawEllipse(QPointF(at, middle), _HANDLE, _HANDLE)

    def _paint_dots(self, painter: QPainter, middle: float) -> None:
        role = QPalette.ColorRole
        stops = range(self.minimum(), self.maximum() + 1)
        apart = (self.width() - 2 * MARGIN) / max(1, len(stops) - 1)
        if apart >= _NEAREST_DOTS and len(stops) > 1:
            for stop in stops:
                passed = stop <= self.sliderPosition()
                painter.setBrush(self.palette().color(role.Accent if passed else role.Mid))
                painter.drawEllipse(QPointF(self.place(stop), middle), 3.5, 3.5)
        if self.marked is not None and self.marked in stops:
            painter.setBrush(self.palette().color(role.WindowText))
            best = QPointF(self.place(self.marked), middle - 10)
            painter.drawPolygon([best, best + QPointF(-3.5, -4), best + QPointF(3.5, -4)])
