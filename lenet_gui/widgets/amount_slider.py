"""A slider for one amount: marks where it does nothing, and how far the paper's network went."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen

from lenet_gui.widgets.sliders import MARGIN, PressedSlider
from trainer.robustness.distortions import Parameter

_GROOVE, _HANDLE = 3.0, 6.0


class AmountSlider(PressedSlider):
    """Stop 0 does nothing. It goes at once to where it is pressed; a double click does nothing
    again."""

    def __init__(self, amount: Parameter) -> None:
        super().__init__()
        self.amount = amount
        self.setObjectName(f"distort_{amount.name}")
        self.setAccessibleName(amount.title)
        self.setRange(amount.first_stop, amount.stops)
        self.setValue(0)
        self.setPageStep(max(1, amount.stops // 8))
        self.setMinimumWidth(70)
        self.setToolTip(f"{amount.what}\nA double click takes it back.")

    def sizeHint(self) -> QSize:
        """Low, for there are nine of them."""
        return QSize(150, 20)

    def minimumSizeHint(self) -> QSize:
        """As low."""
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
        for colour, left, right in parts:
            painter.setBrush(colour)
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
