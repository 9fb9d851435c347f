"""A chart of shares against one distortion: probabilities of a digit, or accuracies."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.inspect.distort import chart as chart_painting
from lenet_gui.inspect.distort.chart import Chart
from lenet_gui.widgets.controls import TooltipWidget

_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ValueChart(TooltipWidget):
    """Shows a `Chart`; a press or drag picks a value, as do the arrow keys."""

    picked = Signal(float)

    def __init__(self, name: str, title: str, hint: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._hint = hint
        self._value: float | None = None
        self.chart: Chart | None = None
        """What is shown; None for nothing but a hint."""

    def sizeHint(self) -> QSize:
        """Large enough to be read."""
        return QSize(300, 210)

    def show_chart(self, chart: Chart | None) -> None:
        """Show this, or the hint."""
        self.chart = chart
        self.setAccessibleDescription(self._hint if chart is None else chart.described())
        self.update()

    def set_value(self, value: float | None) -> None:
        """Where the slider is."""
        if value != self._value:
            self._value = value
            self.update()

    # Places

    def frame(self) -> QRectF:
        """Where lines are drawn; empty while nothing is shown."""
        if self.chart is None:
            return QRectF()
        return chart_painting.chart_frame(
            self.chart, self.fontMetrics(), self.width(), self.height()
        )

    def place(self, value: float) -> float:
        """Where a value is, in pixels from the left."""
        assert self.chart is not None
        return chart_painting.value_position(self.chart, self.frame(), value)

    def value_at(self, x: float) -> float:
        """The value at a pixel, kept within the frame."""
        assert self.chart is not None
        frame, (low, high) = self.frame(), self.chart.ends()
        share = min(1.0, max(0.0, (x - frame.left()) / frame.width()))
        amount = self.chart.amount
        return amount.value((low + share * (high - low)) * amount.stops)

    # The mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the value there."""
        self._pick(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it along."""
        self._pick(event)

    def _pick(self, event: QMouseEvent) -> None:
        if self.chart is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.picked.emit(self.value_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A stop to the left or right."""
        step = _KEYS.get(Qt.Key(event.key()), 0)
        if not step or self.chart is None or self._value is None:
            super().keyPressEvent(event)
            return
        amount = self.chart.amount
        stop = round(amount.stop(self._value)) + step
        if amount.first_stop <= stop <= amount.stops:
            self.picked.emit(amount.value(stop))

    def tooltip_at(self, at: QPointF) -> str:
        """The shares at a place, the largest first; "" outside."""
        if self.chart is None or not self.frame().adjusted(-8, -60, 8, 8).contains(at):
            return ""
        return self.chart.told(self.value_at(at.x()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chart, or the hint."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.chart is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(12, 8, -12, -8), flags, self._hint)
            return
        frame = self.frame()
        chart_painting.ChartPainter(painter, self.chart, frame, self.palette()).paint(self._value)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(frame)
