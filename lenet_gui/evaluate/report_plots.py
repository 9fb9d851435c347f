"""Calibration and rejection curve, painted in the window's own colours."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen, QPolygonF

from lenet_gui.evaluate.plots import Axes, Plot, downwards, percent

_MOST_POINTS = 400
_NEAR = 6  # pixels beyond the frame that still belong to it


class CalibrationView(Plot):
    """How often answers of a probability are right; below, how many there are."""

    def __init__(self) -> None:
        super().__init__("calibration", "Calibration curve")

    def told(self) -> str:
        """The errors."""
        return "; ".join(self._names())

    def _names(self) -> list[str]:
        return [
            f"{name}: calibration error {each.calibration_error * 100:.2f} %"
            for name, each in zip(self.names(), self.reports, strict=True)
        ]

    def _axes(self) -> tuple[Axes, QRectF]:
        """The curve's, and the frame of the bars below."""
        bars = max(36.0, self.height() * 0.16)
        room = self.room(bars + 8)
        below = QRectF(room.left(), room.bottom() + 8, room.width(), bars)
        return Axes(room, (0.0, 0.0), (1.0, 1.0)), below

    def paint(self, painter: QPainter) -> None:
        """The diagonal is as it should be."""
        axes, below = self._axes()
        whole = Axes(axes.frame.united(below), (0.0, 0.0), (1.0, 1.0))
        steps = [n / 5 for n in range(6)]
        titles = ("probability that the network gives its answer", "of those, right")
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
            painter.setBrush(self.colour(number))
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
            colour = self.colour(number)
            colour.setAlphaF(0.65)
            for each in report.bins:
                high = below.height() * math.log1p(each.count) / math.log1p(most)
                wide = below.width() * (each.high - each.low) / len(self.reports)
                left = below.left() + below.width() * each.low + wide * number
                bar = QRectF(left + 1.5, below.bottom() - high, wide - 3, high)
                painter.fillRect(bar, colour)

    def told_at(self, at: QPointF) -> str:
        """The bin there."""
        axes, below = self._axes()
        share = axes.value_at(at.x())
        whole = axes.frame.united(below).adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
        if not whole.contains(at):
            return ""
        lines = []
        for name, report in zip(self.names(), self.reports, strict=True):
            each = report.bins[min(max(0, int(share * len(report.bins))), len(report.bins) - 1)]
            if each.confidence is None or each.accuracy is None:
                said = "none"
            else:
                said = (
                    f"{each.count:,}, mean {each.confidence * 100:.1f} %, "
                    f"of which {each.accuracy * 100:.1f} % right"
                )
            between = f"{each.low * 100:.0f} to {each.high * 100:.0f} %"
            lines.append(f"{name}, answers of {between}: {said}")
        return "\n".join(lines)


class RejectionView(Plot):
    """How right the surest answers are, against how many of them are given."""

    def __init__(self) -> None:
        super().__init__("rejection", "Rejection curve")

    def told(self) -> str:
        """What must be left out for few errors."""
        return "; ".join(self._names())

    def _names(self) -> list[str]:
        from trainer.evaluation.calibration import (
            telling_error,  # it is imported: a report was made
        )

        error, names = telling_error([each.rejection for each in self.reports]), []
        for name, each in zip(self.names(), self.reports, strict=True):
            left_out = each.rejection.left_out_for(error)
            told = "never" if left_out is None else f"with {left_out * 100:.2f} % left out"
            names.append(f"{name}: {percent(error)} wrong {told}")
        return names

    def _axes(self) -> Axes:
        from trainer.evaluation.calibration import rejection_floor, rejection_start

        curves = [each.rejection for each in self.reports]
        return Axes(self.room(), (rejection_start(curves), rejection_floor(curves)), (1.0, 1.0))

    def paint(self, painter: QPainter) -> None:
        """From the few surest answers at the left to all at the right."""
        axes = self._axes()
        ticks = (downwards(axes.low[0], 6), downwards(axes.low[1], 7))
        rules = {each.rejection.rule for each in self.reports}
        by = f", by the {rules.pop()}" if len(rules) == 1 else ""
        titles = (f"share answered{by}", "of those, right")
        self.paint_axes(painter, axes, ticks, titles)
        for number, report in enumerate(self.reports):
            curve = report.rejection.thinned(_MOST_POINTS, axes.low[0])
            pairs = zip(curve.shares.tolist(), curve.accuracies.tolist(), strict=True)
            line = QPolygonF([axes.at(x, y) for x, y in pairs])
            self.paint_curve(painter, axes, number, line)
        corner = axes.frame.bottomLeft() + QPointF(8, -self.legend_size(self._names())[1] - 6)
        self.paint_legend(painter, corner, self._names())

    def told_at(self, at: QPointF) -> str:
        """The accuracy of so many answers."""
        axes = self._axes()
        share = axes.value_at(at.x())
        if not axes.frame.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(at):
            return ""
        lines = []
        for name, report in zip(self.names(), self.reports, strict=True):
            curve = report.rejection
            place = min(int(curve.shares.searchsorted(share)), len(curve.shares) - 1)
            lines.append(
                f"{name}: of the surest {curve.shares[place] * 100:.1f} %, "
                f"{curve.accuracies[place] * 100:.2f} % are right "
                f"(margin at least {curve.thresholds[place]:.3g})"
            )
        return "\n".join(lines)
