"""Calibration and rejection curve of a report, painted in the window's own colors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.widgets.controls import TooltipWidget
from lenet_gui.widgets.formatting import format_count, format_percent, format_rounded
from trainer.curves.spec import COLORS
from trainer.evaluation.calibration import choose_error_level, rejection_floor, rejection_start
from trainer.evaluation.report import Report
from trainer.translation import gettext as _

_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
_STEPS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Axes:
    """A frame with a scale each way; values grow to the right and upwards."""

    frame: QRectF
    low: tuple[float, float]  # x and y at the lower left corner
    high: tuple[float, float]

    def at(self, x: float, y: float) -> QPointF:
        """A value's place."""
        across = (x - self.low[0]) / (self.high[0] - self.low[0])
        up = (y - self.low[1]) / (self.high[1] - self.low[1])
        return QPointF(
            self.frame.left() + across * self.frame.width(),
            self.frame.bottom() - up * self.frame.height(),
        )

    def value_at(self, x: float) -> float:
        """The value at a pixel, across."""
        share = (x - self.frame.left()) / self.frame.width()
        return self.low[0] + share * (self.high[0] - self.low[0])


class Plot(TooltipWidget):
    """What both plots have in common."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.setMouseTracking(True)
        self.reports: list[Report] = []

    def sizeHint(self) -> QSize:
        """Large enough to be read from afar."""
        return QSize(460, 400)

    def show_reports(self, reports: list[Report]) -> None:
        """Show these networks' curves."""
        self.reports = reports
        self.setAccessibleDescription(self.describe())
        self.update()

    def names(self) -> list[str]:
        """What the curves are called: two networks A and B, as everywhere beside them."""
        return ["A", "B"] if len(self.reports) == 2 else [r.model.name for r in self.reports]

    def describe(self) -> str:
        """The curve in words."""
        raise NotImplementedError

    def paint(self, painter: QPainter) -> None:
        """Paint axes and curves."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curves."""
        if self.reports:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint(painter)

    def ink(self, role: QPalette.ColorRole) -> QColor:
        """A color of the window."""
        return self.palette().color(role)

    def color(self, number: int) -> QColor:
        """Of the first or the second network."""
        dark = self.ink(QPalette.ColorRole.Window).lightness() < 128
        return QColor(COLORS[number][dark])

    def room(self, below: float = 0.0) -> QRectF:
        """Where the axes' frame is: words stand at its left and below it."""
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(format_percent(0.9995)) + metrics.height() + 16.0
        high = float(metrics.height())
        return QRectF(self.rect()).adjusted(left, high * 0.7, -18, -2 * high - 16 - below)

    def paint_axes(
        self,
        painter: QPainter,
        axes: Axes,
        ticks: tuple[list[float], list[float]],
        titles: tuple[str, str],
    ) -> None:
        """Grid, values and titles."""
        metrics, flags = self.fontMetrics(), Qt.AlignmentFlag
        high, frame = float(metrics.height()), axes.frame
        for x in ticks[0]:
            place = axes.at(x, axes.low[1]).x()
            painter.setPen(QPen(self.ink(QPalette.ColorRole.AlternateBase), 1))
            painter.drawLine(QPointF(place, frame.top()), QPointF(place, frame.bottom()))
            painter.setPen(self.ink(QPalette.ColorRole.PlaceholderText))
            box = QRectF(place - 40, frame.bottom() + 4, 80, high)
            painter.drawText(box, flags.AlignCenter, format_tick(x))
        for y in ticks[1]:
            place = axes.at(axes.low[0], y).y()
            painter.setPen(QPen(self.ink(QPalette.ColorRole.AlternateBase), 1))
            painter.drawLine(QPointF(frame.left(), place), QPointF(frame.right(), place))
            painter.setPen(self.ink(QPalette.ColorRole.PlaceholderText))
            box = QRectF(0, place - high / 2, frame.left() - 8, high)
            painter.drawText(box, flags.AlignRight | flags.AlignVCenter, format_tick(y))
        painter.setPen(self.ink(QPalette.ColorRole.Text))
        below = QRectF(frame.left(), frame.bottom() + 6 + high, frame.width(), high + 4)
        painter.drawText(below, flags.AlignCenter, titles[0])
        painter.save()
        painter.translate(0, frame.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, frame.height(), high), flags.AlignCenter, titles[1])
        painter.restore()

    def paint_curve(self, painter: QPainter, axes: Axes, number: int, line: QPolygonF) -> None:
        """One network's line, within the frame."""
        painter.save()
        painter.setClipRect(axes.frame.adjusted(-6, -6, 6, 6))
        painter.setPen(QPen(self.color(number), 2.2, _DASHES[number]))
        painter.drawPolyline(line)
        painter.restore()

    def legend_size(self, texts: list[str]) -> tuple[float, float]:
        """Its width and height."""
        metrics = self.fontMetrics()
        wide = max(metrics.horizontalAdvance(text) for text in texts) + 44.0
        return wide, (metrics.height() + 4.0) * len(texts)

    def paint_legend(self, painter: QPainter, corner: QPointF, texts: list[str]) -> None:
        """A line and a name each, one below the other, on the window's ground."""
        wide, whole = self.legend_size(texts)
        high = whole / len(texts)
        ground = self.ink(QPalette.ColorRole.Window)
        ground.setAlphaF(0.85)
        painter.fillRect(QRectF(corner.x(), corner.y(), wide, whole), ground)
        for number, text in enumerate(texts):
            middle = corner.y() + high * (number + 0.5)
            painter.setPen(QPen(self.color(number), 2.2, _DASHES[number]))
            painter.drawLine(QPointF(corner.x() + 4, middle), QPointF(corner.x() + 32, middle))
            painter.setPen(self.ink(QPalette.ColorRole.Text))
            box = QRectF(corner.x() + 40, middle - high / 2, wide, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


def ticks_below_one(low: float, most: int) -> list[float]:
    """Round values from 1 down to `low`, about so many."""
    step = next((step for step in _STEPS if (1 - low) / step <= most), _STEPS[-1])
    return [1 - n * step for n in range(int((1 - low) / step + 1e-6) + 1)]


def format_tick(share: float) -> str:
    """A scale's value, with no more digits than it has."""
    decimals = len(f"{round(share * 100, 4):g}".partition(".")[2])
    return format_percent(share, decimals)


_MOST_POINTS = 400
_NEAR = 6  # pixels beyond the frame that still belong to it


class CalibrationView(Plot):
    """How often answers of a probability are right; below, how many there are."""

    def __init__(self) -> None:
        super().__init__("calibration", _("Calibration curve"))

    def describe(self) -> str:
        """The calibration errors in words."""
        return "; ".join(self._names())

    def _names(self) -> list[str]:
        return [
            _("{name}: calibration error {calibration_error} %").format(
                name=name, calibration_error=format_rounded(each.calibration_error * 100, 2)
            )
            for name, each in zip(self.names(), self.reports, strict=True)
        ]

    def place_axes(self) -> tuple[Axes, QRectF]:
        """The curve's, and the frame of the bars below."""
        bars = max(36.0, self.height() * 0.16)
        room = self.room(bars + 8)
        below = QRectF(room.left(), room.bottom() + 8, room.width(), bars)
        return Axes(room, (0.0, 0.0), (1.0, 1.0)), below

    def paint(self, painter: QPainter) -> None:
        """The diagonal is as it should be."""
        axes, below = self.place_axes()
        whole = Axes(axes.frame.united(below), (0.0, 0.0), (1.0, 1.0))
        steps = [n / 5 for n in range(6)]
        titles = (_("probability of the answer"), _("accuracy of those answers"))
        self.paint_axes(painter, whole, (steps, []), (titles[0], ""))
        self.paint_axes(painter, axes, ([], steps), ("", titles[1]))
        painter.setPen(QPen(self.ink(QPalette.ColorRole.Mid), 1.2))
        painter.drawLine(axes.at(0, 0), axes.at(1, 1))
        self._paint_bars(painter, below)
        for number, report in enumerate(self.reports):
            points = [
                axes.at(b.confidence, b.accuracy)
                for b in report.bins
                if b.confidence is not None and b.accuracy is not None
            ]
            self.paint_curve(painter, axes, number, QPolygonF(points))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.color(number))
            for point in points:
                painter.drawEllipse(point, 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        # Where probabilities come true at all, nothing is low at the right.
        wide, high = self.legend_size(self._names())
        corner = axes.frame.bottomRight() - QPointF(wide + 4, high + 4)
        self.paint_legend(painter, corner, self._names())

    def _paint_bars(self, painter: QPainter, below: QRectF) -> None:
        """Counts on a scale of tens: a bin of one is seen beside one of ten thousand."""
        painter.setPen(QPen(self.ink(QPalette.ColorRole.Mid), 1))
        painter.drawLine(below.bottomLeft(), below.bottomRight())
        most = max(b.count for each in self.reports for b in each.bins)
        for number, report in enumerate(self.reports):
            color = self.color(number)
            color.setAlphaF(0.65)
            for each in report.bins:
                high = below.height() * math.log1p(each.count) / math.log1p(most)
                wide = below.width() * (each.high - each.low) / len(self.reports)
                left = below.left() + below.width() * each.low + wide * number
                bar = QRectF(left + 1.5, below.bottom() - high, wide - 3, high)
                painter.fillRect(bar, color)

    def tooltip_at(self, at: QPointF) -> str:
        """What the bin at that point holds."""
        axes, below = self.place_axes()
        share = axes.value_at(at.x())
        whole = axes.frame.united(below).adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
        if not whole.contains(at):
            return ""
        lines = []
        for name, report in zip(self.names(), self.reports, strict=True):
            each = report.bins[min(max(0, int(share * len(report.bins))), len(report.bins) - 1)]
            if each.confidence is None or each.accuracy is None:
                text = _("none")
            else:
                text = _(
                    "{count} answers, mean probability {confidence} %, {accuracy} % correct"
                ).format(
                    count=format_count(each.count),
                    confidence=format_rounded(each.confidence * 100, 1),
                    accuracy=format_rounded(each.accuracy * 100, 1),
                )
            between = _("{low} to {high} %").format(
                low=format_rounded(each.low * 100, 0), high=format_rounded(each.high * 100, 0)
            )
            lines.append(
                _("{name}, answers of {between}: {said}").format(
                    name=name, between=between, said=text
                )
            )
        return "\n".join(lines)


class RejectionView(Plot):
    """How right the surest answers are, against how many of them are given."""

    def __init__(self) -> None:
        super().__init__("rejection", _("Rejection curve"))

    def describe(self) -> str:
        """What must be left out for few errors."""
        return "; ".join(self._names())

    def _names(self) -> list[str]:
        error, names = choose_error_level([each.rejection for each in self.reports]), []
        for name, each in zip(self.names(), self.reports, strict=True):
            left_out = each.rejection.rejected_share_for(error)
            never = _("{name}: never as few as {error} wrong")
            text = never if left_out is None else _("{name}: {error} wrong with {share} rejected")
            names.append(
                text.format(name=name, error=format_tick(error), share=format_percent(left_out))
            )
        return names

    def place_axes(self) -> Axes:
        """They begin where a curve does, and a little below all curves."""
        curves = [each.rejection for each in self.reports]
        return Axes(self.room(), (rejection_start(curves), rejection_floor(curves)), (1.0, 1.0))

    def title_below(self, room: float) -> str:
        """What is rejected first, in as many words as `room`, in pixels, is wide."""
        rules = {each.rejection.rule for each in self.reports}
        if len(rules) == 1:
            rule = _(rules.pop())
            title = _("answered, rejecting the smallest {rule} first").format(rule=rule)
            if self.fontMetrics().horizontalAdvance(title) <= room:
                return title
        return _("answered, rejecting the least certain first")

    def paint(self, painter: QPainter) -> None:
        """From the few surest answers at the left to all at the right."""
        axes = self.place_axes()
        ticks = (ticks_below_one(axes.low[0], 6), ticks_below_one(axes.low[1], 7))
        titles = (self.title_below(axes.frame.width()), _("accuracy of those answers"))
        self.paint_axes(painter, axes, ticks, titles)
        for number, report in enumerate(self.reports):
            curve = report.rejection.thinned(_MOST_POINTS, axes.low[0])
            pairs = zip(curve.shares.tolist(), curve.accuracies.tolist(), strict=True)
            line = QPolygonF([axes.at(x, y) for x, y in pairs])
            self.paint_curve(painter, axes, number, line)
        corner = axes.frame.bottomLeft() + QPointF(8, -self.legend_size(self._names())[1] - 6)
        self.paint_legend(painter, corner, self._names())

    def tooltip_at(self, at: QPointF) -> str:
        """The accuracy of so many answers."""
        if not self.reports:
            return ""
        axes = self.place_axes()
        share = axes.value_at(at.x())
        if not axes.frame.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(at):
            return ""
        lines = []
        for name, report in zip(self.names(), self.reports, strict=True):
            curve = report.rejection
            place = min(int(curve.shares.searchsorted(share)), len(curve.shares) - 1)
            lines.append(
                _(
                    "{name}: of the most certain {shares} %, {accuracies} % are correct (margin at "
                    "least {thresholds:.3g})"
                ).format(
                    name=name,
                    shares=format_rounded(curve.shares[place] * 100, 1),
                    accuracies=format_rounded(curve.accuracies[place] * 100, 2),
                    thresholds=curve.thresholds[place],
                )
            )
        return "\n".join(lines)
