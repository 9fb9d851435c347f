"""Sliders: one that jumps to where it is pressed, one over a run's epochs, one for an amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.robustness.distortions import Parameter

MARGIN = 9.0
"""Pixels on either side of the groove, for the handle."""


class JumpSlider(QSlider):
    """Horizontal; whoever paints it finds its stops by `place`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def place(self, stop: float) -> float:
        """Where a stop is, in pixels from the left."""
        share = (stop - self.minimum()) / max(1, self.maximum() - self.minimum())
        return MARGIN + share * (self.width() - 2 * MARGIN)

    def _stop_at(self, x: float) -> int:
        room = max(1.0, self.width() - 2 * MARGIN)
        share = min(1.0, max(0.0, (x - MARGIN) / room))
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the handle, wherever it was."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self._stop_at(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The handle follows the mouse."""
        if self.isSliderDown():
            self.setSliderPosition(self._stop_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)


_SCRUBBER_GROOVE, _SCRUBBER_HANDLE = 4.0, 7.0
_NEAREST_DOTS = 7.0


class Scrubber(JumpSlider):
    """It goes at once to where it is pressed, not a page in that direction."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("epochs")
        self.setAccessibleName(_("Epochs"))
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
        for color, end in ((self.palette().color(role.Mid), self.width() - MARGIN), (accent, at)):
            painter.setBrush(color)
            groove = QRectF(MARGIN, middle - _SCRUBBER_GROOVE / 2, end - MARGIN, _SCRUBBER_GROOVE)
            painter.drawRoundedRect(groove, _SCRUBBER_GROOVE / 2, _SCRUBBER_GROOVE / 2)
        self._paint_dots(painter, middle)
        painter.setBrush(self.palette().color(role.Base))
        painter.setPen(QPen(accent, 3 if self.hasFocus() else 2))
        painter.drawEllipse(QPointF(at, middle), _SCRUBBER_HANDLE, _SCRUBBER_HANDLE)

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


_GROOVE, _HANDLE = 3.0, 6.0


class AmountSlider(JumpSlider):
    """Stop 0 does nothing. It goes at once to where it is pressed; a double click does nothing
    again."""

    def __init__(self, amount: Parameter) -> None:
        super().__init__()
        self.amount = amount
        self.setObjectName(f"distort_{amount.name}")
        self.setAccessibleName(_(amount.title))
        self.setRange(amount.first_stop, amount.stops)
        self.setValue(0)
        self.setPageStep(max(1, amount.stops // 8))
        self.setMinimumWidth(70)
        self.setToolTip(_("{what}\nDouble-click to reset.").format(what=_(amount.what)))

    def sizeHint(self) -> QSize:
        """Low, for there are nine of them."""
        return QSize(150, 20)

    def minimumSizeHint(self) -> QSize:
        """As high as the usual size, and narrower."""
        return QSize(70, 20)

    @property
    def amount_value(self) -> float:
        """What is chosen."""
        return self.amount.value(self.value())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to nothing."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.setValue(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The groove, filled from where nothing is done to the handle; marks; the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role, palette = QPalette.ColorRole, self.palette()
        accent = palette.color(role.Accent)
        middle, at, zero = self.height() / 2, self.place(self.sliderPosition()), self.place(0)
        painter.setPen(Qt.PenStyle.NoPen)
        parts = (
            (palette.color(role.Mid), MARGIN, self.width() - MARGIN),
            (accent, min(at, zero), max(at, zero)),
        )
        for color, left, right in parts:
            painter.setBrush(color)
            groove = QRectF(left, middle - _GROOVE / 2, right - left, _GROOVE)
            painter.drawRoundedRect(groove, _GROOVE / 2, _GROOVE / 2)
        painter.setPen(QPen(palette.color(role.Mid), 1.5))
        painter.drawLine(QPointF(zero, middle - 5), QPointF(zero, middle + 5))
        painter.setPen(QPen(palette.color(role.PlaceholderText), 1.5, Qt.PenStyle.DotLine))
        for limit in self.amount.limits:
            place = self.place(self.amount.stop(limit))
            painter.drawLine(QPointF(place, middle - 7), QPointF(place, middle + 7))
        painter.setBrush(palette.color(role.Base))
        changed = self.sliderPosition() != 0
        ring = accent if changed or self.hasFocus() else palette.color(role.Mid)
        painter.setPen(QPen(ring, 3 if self.hasFocus() else 2))
        painter.drawEllipse(QPointF(at, middle), _HANDLE, _HANDLE)
