"""A chart of shares against one distortion: probabilities of a digit, or accuracies.

`Chart` is what it shows and says in words, `ChartPainter` paints it, and `ValueChart` is
the widget, which knows where the slider is.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.widgets.controls import TooltipWidget
from lenet_gui.widgets.formatting import format_percent
from trainer.curves.spec import COLORS
from trainer.robustness.distortions import Parameter
from trainer.translation import gettext as _

_MOST_TOLD = 6
_NOTHING = 0.0005  # less is not told


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of the chart, with its look."""

    name: str  # for the tooltip
    label: str  # at its highest place; "" for none
    color: int
    points: tuple[tuple[float, float], ...]  # (the distortion's value, share from 0 to 1)
    dashed: bool = False
    dots: bool = False


@dataclass(frozen=True, slots=True)
class BandPart:
    """A part of a band: from which value to which, and what it says."""

    low: float
    high: float
    text: str
    color: int


@dataclass(frozen=True, slots=True)
class Band:
    """A network's answers along the values."""

    title: str
    parts: tuple[BandPart, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything but where the slider is."""

    amount: Parameter  # what is varied
    lines: tuple[ChartLine, ...]  # the last is drawn first
    bands: tuple[Band, ...] = ()  # answers, one above the other over the lines
    legend: tuple[str, ...] = ()  # of full and dashed lines; where lines have dots, their names

    def ends(self) -> tuple[float, float]:
        """The least and the greatest share of the amount."""
        at = [self.amount.share(x) for line in self.lines for x, _other in line.points]
        low, high = min(at), max(at)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def within(self, values: tuple[float, ...]) -> list[float]:
        """Those of the values that lie between the ends."""
        low, high = self.ends()
        return [v for v in values if low - 0.01 <= self.amount.share(v) <= high + 0.01]

    def describe(self, value: float) -> str:
        """The shares at the value nearest to this one, the largest first."""
        here = self.amount.share(value)
        lines = []
        nearest = value
        for line in self.lines:
            nearest, y = min(line.points, key=lambda p: abs(self.amount.share(p[0]) - here))
            lines.append((y, f"{line.name}: {format_percent(y, 1)}"))
        lines.sort(key=lambda entry: -entry[0])
        heading = f"{_(self.amount.title)} {self.amount.describe(nearest)}"
        return "\n".join([heading, *(text for y, text in lines[:_MOST_TOLD] if y >= _NOTHING)])

    def described(self) -> str:
        """The answers in words; where there are none, each line's first and last share."""
        sentences = []
        for band in self.bands:
            parts = (
                _("{text} from {low} to {high}").format(
                    text=part.text,
                    low=self.amount.describe(part.low),
                    high=self.amount.describe(part.high),
                )
                for part in band.parts
            )
            sentences.append(f"{band.title}: {', '.join(parts)}".removeprefix(": "))
        if not sentences:
            sentences = [
                f"{line.name}: "
                + ", ".join(
                    f"{self.amount.describe(x)} {format_percent(y, 1)}" for x, y in line.points
                )
                for line in self.lines
            ]
        return "; ".join(sentences)


_COLORS = (
    *COLORS,
    ("#0F8A8A", "#5AD1D1"),
    ("#C2185B", "#FF7EB0"),
    ("#795548", "#C8A18F"),
    ("#60646C", "#B9BDC6"),
)
"""Of ten classes, on light ground and on dark."""
_HIGH = 0.99
"""A line's name stands in the middle of where it is nearly at its highest."""
_LEVELS = (0.0, 0.5, 1.0)


def chart_frame(chart: Chart, metrics: QFontMetrics, width: float, height: float) -> QRectF:
    """Where lines are drawn: bands are above, a scale, a title and the legend below."""
    high = float(metrics.height())
    left = metrics.horizontalAdvance(format_percent(1.0, 0)) + 8.0
    bands = len(chart.bands)
    top = 6.0 + (high + 3) * bands + (high * 0.8 if bands else high * 0.3)
    below = 2 * high + 8 + high * len(chart.legend)
    return QRectF(left, top, width - left - 12, max(20.0, height - top - below))


def value_position(chart: Chart, inside: QRectF, value: float) -> float:
    """Where a value is, in pixels from the left."""
    low, high = chart.ends()
    return inside.left() + (chart.amount.share(value) - low) / (high - low) * inside.width()


class ChartPainter:
    """One painting of one chart.

    Args:
        painter: of the widget.
        chart: what to paint.
        inside: as `frame` gives it.
        palette: the window's colors.
    """

    def __init__(self, painter: QPainter, chart: Chart, inside: QRectF, palette: QPalette) -> None:
        self._painter, self._chart, self._frame, self._palette = painter, chart, inside, palette
        self._metrics = painter.fontMetrics()
        self._line = float(self._metrics.height())  # of text

    def paint(self, value: float | None) -> None:
        """All of it; the slider is at `value`."""
        self._paint_levels()
        self._paint_scale()
        self._paint_legend()
        for row, band in enumerate(self._chart.bands):
            self._paint_band(row, band)
        self._painter.save()
        self._painter.setClipRect(self._frame.adjusted(-5, -5, 5, 5))
        for line in reversed(self._chart.lines):
            self._paint_line(line)
        self._painter.restore()
        for line in self._chart.lines:
            if line.label:
                self._paint_label(line)
        if value is not None:
            self._paint_value(value)

    def _ink(self, role: QPalette.ColorRole) -> QColor:
        return self._palette.color(role)

    def _color(self, number: int) -> QColor:
        dark = self._ink(QPalette.ColorRole.Window).lightness() < 128
        return QColor(_COLORS[number % len(_COLORS)][dark])

    def _x(self, value: float) -> float:
        return value_position(self._chart, self._frame, value)

    def _y(self, share: float) -> float:
        return self._frame.bottom() - share * self._frame.height()

    def _paint_levels(self) -> None:
        painter, role = self._painter, QPalette.ColorRole
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in _LEVELS:
            text = format_percent(share, 0) if share else "0"
            y = self._y(share)
            painter.setPen(QPen(self._ink(role.AlternateBase), 1))
            painter.drawLine(QPointF(self._frame.left(), y), QPointF(self._frame.right(), y))
            painter.setPen(self._ink(role.PlaceholderText))
            box = QRectF(0, y - self._line / 2, self._frame.left() - 5, self._line)
            painter.drawText(box, flags, text)

    def _paint_scale(self) -> None:
        """Round values, the paper's limits, and what it is all about."""
        painter, role, amount = self._painter, QPalette.ColorRole, self._chart.amount
        top, bottom, centered = (
            self._frame.top(),
            self._frame.bottom(),
            Qt.AlignmentFlag.AlignCenter,
        )
        whole = self._frame.right() + 12
        for mark in self._chart.within(amount.marks()):
            x, text = self._x(mark), amount.short(mark)
            painter.setPen(QPen(self._ink(role.AlternateBase), 1))
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            painter.setPen(self._ink(role.PlaceholderText))
            wide = self._metrics.horizontalAdvance(text) + 2.0
            left = min(max(0.0, x - wide / 2), whole - wide)
            painter.drawText(QRectF(left, bottom + 3, wide, self._line), centered, text)
        limits = self._chart.within(amount.limits)
        painter.setPen(QPen(self._ink(role.Text), 1.2, Qt.PenStyle.DotLine))
        for limit in limits:
            x = self._x(limit)
            painter.drawLine(QPointF(x, top - 4), QPointF(x, bottom))
        name = _("{distortion}, pixels") if amount.unit == "px" else "{distortion}"
        name = name.format(distortion=_(amount.title))
        if limits:
            name = _("{distortion}; dotted: the paper's limits").format(distortion=name)
        painter.setPen(self._ink(role.Text))
        below = QRectF(0, bottom + 4 + self._line, whole, self._line + 2)
        painter.drawText(below, centered, name)

    def _paint_legend(self) -> None:
        dots = any(line.dots for line in self._chart.lines)
        top, whole = self._frame.bottom() + 6 + 2 * self._line, self._frame.right() + 12
        for number, text in enumerate(self._chart.legend):
            ink = self._color(number) if dots else self._ink(QPalette.ColorRole.Text)
            style = Qt.PenStyle.DashLine if number else Qt.PenStyle.SolidLine
            middle = top + self._line * (number + 0.5)
            self._painter.setPen(QPen(ink, 2, style))
            self._painter.drawLine(QPointF(12, middle), QPointF(40, middle))
            self._painter.setPen(self._ink(QPalette.ColorRole.Text))
            room = QRectF(46, middle - self._line / 2, whole - 50, self._line)
            elided = self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(room.width()))
            self._painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elided)

    def _paint_band(self, row: int, band: Band) -> None:
        painter, inside, high = self._painter, self._frame, self._line
        top = 4.0 + row * (high + 3)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._ink(QPalette.ColorRole.PlaceholderText))
        painter.drawText(QRectF(0, top, inside.left() - 5, high), flags, band.title)
        for part in band.parts:
            left, right = self._x(part.low), self._x(part.high)
            box = QRectF(left, top, max(right - left - 1, 1.0), high)
            tint = self._color(part.color)
            tint.setAlphaF(0.28)
            painter.fillRect(box, tint)
            painter.setPen(self._ink(QPalette.ColorRole.Text))
            if self._metrics.horizontalAdvance(part.text) + 2 <= box.width():
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, part.text)
            if part is not band.parts[0]:  # the answer changes here
                style = Qt.PenStyle.DashLine if row else Qt.PenStyle.SolidLine
                painter.setPen(QPen(self._ink(QPalette.ColorRole.Mid), 1, style))
                painter.drawLine(QPointF(left, top + high), QPointF(left, inside.bottom()))

    def _paint_line(self, line: ChartLine) -> None:
        color = self._color(line.color)
        places = [QPointF(self._x(x), self._y(y)) for x, y in line.points]
        style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
        self._painter.setPen(QPen(color, 2, style))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(QPolygonF(places))
        if line.dots:
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(color)
            for at in places:
                self._painter.drawEllipse(at, 2.6, 2.6)

    def _paint_label(self, line: ChartLine) -> None:
        """Its name above its highest place."""
        best = max(y for _other, y in line.points)
        near = [self._x(x) for x, y in line.points if y >= best * _HIGH]
        wide = self._metrics.horizontalAdvance(line.label) + 4.0
        left = near[len(near) // 2] - wide / 2
        left = min(max(left, self._frame.left()), self._frame.right() - wide)
        self._painter.setPen(self._color(line.color))
        box = QRectF(left, self._y(best) - self._line - 1, wide, self._line)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line.label)

    def _paint_value(self, value: float) -> None:
        x, inside = self._x(value), self._frame
        if inside.left() - 1 <= x <= inside.right() + 1:
            accent = self._ink(QPalette.ColorRole.Accent)
            accent.setAlphaF(0.8)
            self._painter.setPen(QPen(accent, 2))
            self._painter.drawLine(QPointF(x, inside.top()), QPointF(x, inside.bottom()))
            self._painter.setBrush(accent)
            tip = QPointF(x, inside.bottom() - 1)
            self._painter.drawPolygon([tip, tip + QPointF(-4, 6), tip + QPointF(4, 6)])


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
        return chart_frame(self.chart, self.fontMetrics(), self.width(), self.height())

    def place(self, value: float) -> float:
        """Where a value is, in pixels from the left."""
        assert self.chart is not None
        return value_position(self.chart, self.frame(), value)

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
        """The value follows the mouse."""
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
        return self.chart.describe(self.value_at(at.x()))

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
        ChartPainter(painter, self.chart, frame, self.palette()).paint(self._value)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(frame)
