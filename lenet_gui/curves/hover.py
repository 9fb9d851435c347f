"""What lies over the curves: the legend, and the values at the pointer.

Painted by Qt over matplotlib's picture, which is not drawn anew for it, so that
it follows the pointer at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from trainer.curves.spec import CurveLine, PlotStyle
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

if TYPE_CHECKING:  # they bring matplotlib
    from trainer.curves.figure import Panels
    from trainer.curves.panel import Panel
    from trainer.curves.traces import Trace

_REACH = 60.0  # points from the pointer to a curve's point that it still reads
_READ = {
    ("losses", "train"): N_("training loss {value}"),
    ("losses", "validation"): N_("validation loss {value}"),
    ("accuracies", "train"): N_("training accuracy {value}"),
    ("accuracies", "validation"): N_("validation accuracy {value}"),
    ("learning_rates", "train"): N_("learning rate {value}"),
}
"""What the pointer reads, by a history's column and the split."""
_SAMPLE = 28.0  # length of a legend's line
_LOWEST = 7  # lines of text that a panel with a legend is high
_SHORTEST = 60.0  # room that a name needs to be told


@dataclass(frozen=True, slots=True)
class HoveredPoint:
    """The point of a curve that the pointer reads."""

    panel: Panel
    trace: Trace
    index: int  # among all points of its split
    place: QPointF  # on the canvas
    texts: tuple[str, ...]


def find_nearest(
    panels: Panels, x: float, y: float, height: float, ratio: float
) -> HoveredPoint | None:
    """The point of the nearest curve to a place on the canvas; None where none is near.

    Args:
        panels: as they are drawn.
        x, y: the place, in points from the upper left corner.
        height: the canvas', in points.
        ratio: device pixels in a point.
    """
    place = np.array([x, height - y]) * ratio  # matplotlib's y goes up
    panel = next((p for p in panels.panels if p.axes.bbox.contains(*place)), None)
    if panel is None:
        return None
    reach, best = (_REACH * ratio) ** 2, None
    sides = place[0] + np.array([-1, 1]) * _REACH * ratio
    low, high = panel.axes.get_xlim()
    reached = low + (sides - panel.axes.bbox.x0) / panel.axes.bbox.width * (high - low)
    for trace in panel.seen():
        # Only what is beside the pointer, not a whole curve for each of its moves.
        x_shown, y_shown = trace.shown
        part = slice(*np.searchsorted(x_shown, reached))
        data = np.column_stack((x_shown[part], y_shown[part]))
        if not len(data):
            continue
        pixels = panel.axes.transData.transform(data)
        corners = panel.axes.bbox.get_points()
        inside = (pixels >= corners[0] - 1) & (pixels <= corners[1] + 1)
        distances = np.where(inside.all(1), ((pixels - place) ** 2).sum(1), np.inf)
        at = int(distances.argmin())
        if distances[at] < reach:
            reach, best = float(distances[at]), (trace, float(data[at, 0]), pixels[at] / ratio)
    if best is None:
        return None
    trace, value, point = best
    index = int(np.searchsorted(trace.x, value))
    on_canvas = QPointF(float(point[0]), height - float(point[1]))
    return HoveredPoint(panel, trace, index, on_canvas, _texts(panel, trace, index))


def _texts(panel: Panel, trace: Trace, index: int) -> tuple[str, ...]:
    """Run, place and value, a line each."""
    points = getattr(trace.line.series, trace.split)
    index = min(index, points.count - 1)  # fewer, if the run was just taken up again
    epochs, steps, seconds = (points.column(c)[index] for c in ("epochs", "steps", "seconds"))
    where = _("epoch {epochs:.4g}, step {steps:,.0f}, {seconds:,.1f} s").format(
        epochs=epochs, steps=steps, seconds=seconds
    )
    name, shown = panel.quantity.column, trace.y[index]
    value = _value(name, float(shown))
    raw = float(points.column(name)[index])
    if panel.view.smoothing and trace.split == "train" and panel.quantity.validated:
        both = _("{smoothed} smoothed ({raw} raw)")
        value = both.format(smoothed=value, raw=_value(name, raw))
    return trace.line.title, where, _(_READ[name, trace.split]).format(value=value)


def _value(column: str, value: float) -> str:
    if column == "accuracies":
        return f"{value * 100:.2f} %"
    return f"{value:.4f}" if column == "losses" else f"{value:.4g}"


def paint_hovered_point(
    painter: QPainter, hovered: HoveredPoint, look: PlotStyle, size: QRectF
) -> None:
    """A crosshair, a ring about the point, and its values in a box beside it."""
    text = QColor(look.text)
    faint = QColor(text)
    faint.setAlphaF(0.35)
    painter.setPen(QPen(faint, 1, Qt.PenStyle.DashLine))
    place = hovered.place
    box = _panel_rect(hovered.panel, size)
    painter.drawLine(QLineF(place.x(), box.top(), place.x(), box.bottom()))
    painter.drawLine(QLineF(box.left(), place.y(), box.right(), place.y()))
    color = QColor(hovered.trace.line.style.on(look.dark))
    painter.setPen(QPen(color, 2))
    painter.setBrush(QColor(look.paper))
    painter.drawEllipse(place, 4.5, 4.5)
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(t) for t in hovered.texts) + 18
    height = metrics.height() * len(hovered.texts) + 10
    left = place.x() + 14
    if left + width > size.right() - 2:
        left = max(size.left() + 2, place.x() - 14 - width)
    top = min(max(size.top() + 2, place.y() - height - 10), size.bottom() - height - 2)
    frame = QRectF(left, top, width, height)
    painter.setPen(QPen(color, 1))
    paper = QColor(look.paper)
    paper.setAlphaF(0.94)
    painter.setBrush(paper)
    painter.drawRoundedRect(frame, 4, 4)
    painter.setPen(text)
    for number, line in enumerate(hovered.texts):
        row = QRectF(left + 9, top + 5 + number * metrics.height(), width, metrics.height())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, line)


def _panel_rect(panel: Panel, size: QRectF) -> QRectF:
    """A panel's place on the canvas, in points."""
    box = panel.axes.get_position()
    return QRectF(
        box.x0 * size.width(),
        (1 - box.y1) * size.height(),
        box.width * size.width(),
        box.height * size.height(),
    )


class Legend:
    """Each run's line, name and best accuracy, where curves are least likely to be."""

    def __init__(self) -> None:
        self.rect = QRectF()
        self.left_out = 0
        """How many ticked runs are not drawn."""
        self.bests: list[str] = []
        """What is told of the runs."""
        self._made_for: tuple[object, ...] = ()
        self._picture = QPixmap()

    def paint(self, painter: QPainter, panels: Panels, size: QRectF, faded: bool) -> None:
        """Paint it; `faded` to see what lies behind it."""
        bests, ratio = [line.best() for line in panels.lines], painter.device().devicePixelRatioF()
        made_for = (panels, panels.lines, self.left_out, bests, size, painter.font(), ratio)
        if made_for != self._made_for:
            self._made_for, self.bests = made_for, bests
            self._picture = self._paint_cached(painter.font(), panels, size, ratio)
        painter.setOpacity(0.12 if faded else 1.0)
        painter.drawPixmap(self.rect.topLeft(), self._picture)
        painter.setOpacity(1.0)

    def _paint_cached(self, font: QFont, panels: Panels, size: QRectF, ratio: float) -> QPixmap:
        """Kept, since its texts take longer than all else that follows the pointer."""
        look, panel, metrics = panels.look, _legend_panel(panels), QFontMetricsF(font)
        if _panel_rect(panel, size).height() < _LOWEST * metrics.height():
            self.rect = QRectF()  # it would hide the curves, and the list of runs has it all
            return QPixmap()
        rows = _rows(panels.lines, self.left_out, panel, metrics, size)
        self.rect = QRectF(_legend_rect(rows, panel, metrics, size).toAlignedRect())
        picture = QPixmap((self.rect.size() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        paper = QColor(look.paper)
        paper.setAlphaF(0.82)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper)
        painter.drawRoundedRect(QRectF(QPointF(), self.rect.size()), 4, 4)
        left, top = 6.0, 4.0
        for line, text in rows:
            middle = top + metrics.height() / 2
            if line is not None:
                paint_sample(painter, line, look.dark, QPointF(left, middle), _SAMPLE)
            painter.setPen(QColor(look.text))
            row = QRectF(left + _SAMPLE + 7, top, self.rect.width(), metrics.height())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)
            top += metrics.height()
        painter.end()
        return picture


def paint_sample(
    painter: QPainter, line: CurveLine, dark: bool, start: QPointF, length: float
) -> None:
    """A piece of a run's line."""
    pen = QPen(QColor(line.style.on(dark)), 2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if line.style.dashes:
        pen.setDashPattern(list(line.style.dashes))
    painter.setPen(pen)
    painter.drawLine(start, start + QPointF(length, 0))


def _legend_panel(panels: Panels) -> Panel:
    accuracy = (p for p in panels.panels if p.quantity.column == "accuracies")
    return next(accuracy, panels.panels[0])


def _rows(
    lines: Sequence[CurveLine], left_out: int, panel: Panel, metrics: QFontMetricsF, size: QRectF
) -> list[tuple[CurveLine | None, str]]:
    """Texts that fit into a panel, beside the lines that they are about."""
    room = _panel_rect(panel, size)
    most = max(2, int(room.height() * 0.5 / metrics.height()) - 1)
    width = room.width() * 0.94 - _SAMPLE - 20
    rows: list[tuple[CurveLine | None, str]] = []
    for line in lines[: most if len(lines) <= most else most - 1]:
        best = line.best()
        name_room = width - metrics.horizontalAdvance(f"  {best}")
        name = metrics.elidedText(line.title, Qt.TextElideMode.ElideMiddle, name_room)
        # Of a name, a few letters tell nothing: the line itself does.
        rows.append((line, f"{name}  {best}".strip() if name_room > _SHORTEST else best))
    if len(rows) < len(lines):
        left = len(lines) - len(rows)
        rows.append((None, ngettext("and {n} more", "and {n} more", left).format(n=left)))
    if left_out:
        words = ngettext("{n} earlier run is not drawn", "{n} earlier runs are not drawn", left_out)
        words = words.format(n=left_out)
        rows.append((None, metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)))
    notes = (_("Thin line: training · with marks: validation"), _("Thin line: training"))
    fits = [note for note in notes if metrics.horizontalAdvance(note) <= width]
    if panel.quantity.validated and fits:
        rows.append((None, fits[0]))
    return rows


def _legend_rect(
    rows: list[tuple[CurveLine | None, str]], panel: Panel, metrics: QFontMetricsF, size: QRectF
) -> QRectF:
    room = _panel_rect(panel, size).adjusted(4, 4, -6, -6)
    width = max(metrics.horizontalAdvance(text) for _, text in rows) + _SAMPLE + 19
    height = metrics.height() * len(rows) + 8
    top = room.top() if panel.quantity.column == "losses" else room.bottom() - height
    left = room.left() if panel.quantity.column == "learning_rates" else room.right() - width
    return QRectF(left, top, width, height)
