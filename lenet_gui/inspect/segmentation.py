"""The Divide panel: the pieces of a drawing, every way to join them, and the best way.

The graph is made in a thread; the newest drawing wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QThread, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.widgets.formatting import format_tooltip
from lenet_gui.widgets.labels import Label, ScrollArea
from lenet_gui.workers.latest import LatestWorker, end_worker
from trainer.drawing.sheet import SMALLEST, Stroke
from trainer.networks.anatomy import Unit
from trainer.networks.model import Model
from trainer.reading.interpretation import ArcSummary, GraphSummary
from trainer.reading.numbers import NumberOptions, NumberReader
from trainer.reading.sheet_reading import DIGITS
from trainer.translation import gettext as _
from trainer.translation import ngettext


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """What to divide."""

    model: Model
    strokes: tuple[Stroke, ...]
    punctuation: bool


class GraphThread(LatestWorker):
    """Give it a `GraphRequest`; it answers with `done(GraphSummary)`."""

    def __init__(self) -> None:
        super().__init__()
        self._reader = NumberReader()

    def work(self, request: GraphRequest) -> GraphSummary:
        """The drawing's segmentation graph."""
        options = NumberOptions(punctuation=request.punctuation, graph=True)
        graph = self._reader.read(request.model, request.strokes, SMALLEST, options).graph
        assert graph is not None  # it was asked for
        return graph


class SegmentationPanel(QWidget):
    """Computes only while it is seen."""

    message = Signal(str)
    """Something to tell the user in passing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("segmentation_panel")
        self._inspection: Inspection | None = None
        self._asked: GraphRequest | None = None
        self._thread: GraphThread | None = None
        self.view = SegmentationView()
        self.summary, self.about = Label(), Label()
        self.summary.setObjectName("segmentation_summary")
        self.about.setObjectName("segmentation_about")
        for label in (self.summary, self.about):
            label.setWordWrap(True)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(self.view)
        column.addWidget(self.about)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ScrollArea(page))
        self._show(None)

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Divide what is drawn."""
        self._inspection = inspection
        self._compute()

    def show_unit(self, unit: Unit | None) -> None:
        """A chosen unit changes nothing here."""

    def end(self) -> list[QThread]:
        """Ask the thread to end; gives it if there is one."""
        return end_worker(self._thread)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was drawn meanwhile."""
        super().showEvent(event)
        self._compute()

    def _compute(self) -> None:
        if not self.isVisible():
            return
        request = _request_of(self._inspection)
        if request is None:
            self._asked = None
            self._show(None)
        elif request != self._asked:
            self._asked = request
            if self._thread is None:
                self._thread = GraphThread()
                self._thread.done.connect(self._show_computed)
                self._thread.failed.connect(self.message)
                self._thread.start(QThread.Priority.LowPriority)
            self._thread.ask(request)

    def _show_computed(self, graph: GraphSummary) -> None:
        if self._asked is not None:  # else rubbed out meanwhile
            self._show(graph)

    def _show(self, graph: GraphSummary | None) -> None:
        self.view.show_graph(graph)
        self.about.setVisible(graph is not None)
        self.about.setText(
            _(
                "Each bar joins the pieces above it into one digit; the number after the digit is "
                "its penalty. The filled bars make up the path with the lowest total, the dashed "
                "ones differ on the second-best path. Gray digits do not look like one."
            )
        )
        self.summary.setText(_summarize(graph))


def _request_of(inspection: Inspection | None) -> GraphRequest | None:
    """What can be divided; None where nothing is."""
    if inspection is None or inspection.model.classes != DIGITS:
        return None
    reading = inspection.reading
    if not any(reading.sheet.strokes):
        return None
    marks = bool(reading.text) and not reading.text.isdecimal()
    return GraphRequest(inspection.model, reading.sheet.strokes, marks)


def _summarize(graph: GraphSummary | None) -> str:
    if graph is None:
        return _("Draw a number to see how it is divided into digits.")
    if not graph.second:
        return _("There is only one way to divide this drawing: {best}.").format(best=graph.best)
    return _("Best path: {best}. Second best: {second}, with {margin} more penalty.").format(
        best=graph.best, second=graph.second, margin=f"{graph.margin:.1f}"
    )


# The picture of a graph: the ink in its pieces, and below them the arcs. Each arc is a bar under
# the pieces that it takes for one digit, with the class that they are read as. The best path's are
# filled, the next best's framed.


def arrange_lanes(arcs: Sequence[ArcSummary]) -> list[int]:
    """The lane of each arc, from 0: the best path's in the first, the others below.

    Arcs that span the same piece are in different lanes.
    """
    lanes = [0] * len(arcs)
    taken: list[list[tuple[int, int]]] = []
    ranks = sorted(
        range(len(arcs)),
        key=lambda n: (not arcs[n].best, not arcs[n].second, len(arcs[n].pieces), arcs[n].pieces),
    )
    for n in ranks:
        first, last = arcs[n].pieces[0], arcs[n].pieces[-1]
        free = (
            lane
            for lane, spans in enumerate(taken)
            if all(last < begin or end < first for begin, end in spans)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
        lanes[n] = lane
    return lanes


_INK = 96.0
"""Height of the ink at most, in pixels."""
_MARGIN, _GAP = 6.0, 3.0
_LEGIBLE = 3.0
"""Width in pixels from which on a piece's number is written below it."""


class SegmentationView(QWidget):
    """Shows a `GraphSummary`; an arc is pointed at by the mouse, or by Left and Right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("segmentation_graph")
        self.setAccessibleName(_("Segmentation graph"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.graph: GraphSummary | None = None
        self.current: int | None = None
        """The arc that is pointed at, an index into the graph's."""
        self._lanes: list[int] = []
        self._box = _bounds_of(None)  # of the ink

    def show_graph(self, graph: GraphSummary | None) -> None:
        """Show this one; None for nothing."""
        self.graph, self._box = graph, _bounds_of(graph)
        self._lanes = arrange_lanes(graph.arcs) if graph is not None else []
        self.current = None
        self.setAccessibleDescription(_describe(graph))
        self.setVisible(graph is not None)
        self.updateGeometry()
        self.update()

    # Size

    def hasHeightForWidth(self) -> bool:
        """The ink is as high as the width allows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """For the ink and all lanes."""
        lanes = max(self._lanes, default=-1) + 1
        style = self._style()
        return round(self._ink_place(width).bottom() + style.row + lanes * self._lane() + _MARGIN)

    def sizeHint(self) -> QSize:
        """As wide as the panels are at least."""
        return QSize(290, self.heightForWidth(max(self.width(), 290)))

    def minimumSizeHint(self) -> QSize:
        """What is left of it scrolls."""
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A wider one may be higher."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _style(self) -> PageStyle:
        return PageStyle(self.font(), self.palette())

    def _lane(self) -> float:
        return self._style().row * 1.25 + _GAP

    # Places

    def _ink_place(self, width: float) -> QRectF:
        """Where the ink is drawn."""
        box = self._box
        room = width - 2 * _MARGIN
        scale = min(room / max(box.width(), 1e-9), _INK / max(box.height(), 1e-9))
        high = min(box.height() * scale, _INK)
        return QRectF(_MARGIN, _MARGIN, room, max(high, 12.0))

    def _column(self, piece: int) -> QRectF:
        """The strip of the lanes that is a piece's."""
        assert self.graph is not None
        wide = (self.width() - 2 * _MARGIN) / len(self.graph.pieces)
        top = self._ink_place(self.width()).bottom()
        return QRectF(_MARGIN + piece * wide, top, wide, self._style().row)

    def place(self, arc: int) -> QRectF:
        """Where an arc's bar is."""
        assert self.graph is not None
        pieces = self.graph.arcs[arc].pieces
        first, last = self._column(pieces[0]), self._column(pieces[-1])
        top = first.bottom() + self._lanes[arc] * self._lane()
        return QRectF(first.left() + 1.5, top, last.right() - first.left() - 3, self._lane() - _GAP)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ink, numbers and arcs."""
        if self.graph is None:
            return
        painter, style = QPainter(self), self._style()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ink(painter, style)
        numbers = range(len(self.graph.pieces)) if self._column(0).width() >= _LEGIBLE else ()
        for number in numbers:
            painter.setFont(style.small)
            painter.setPen(self._piece_color(number, style))
            painter.drawText(self._column(number), Qt.AlignmentFlag.AlignCenter, f"{number + 1}")
        for number, arc in enumerate(self.graph.arcs):
            self._paint_arc(painter, style, number, arc)
        painter.end()

    def _piece_color(self, piece: int, style: PageStyle) -> QColor:
        """Neighbors differ; those of the arc that is pointed at stand out."""
        if self.graph is not None and self.current is not None:
            on = piece in self.graph.arcs[self.current].pieces
            return style.accent if on else style.faint
        return style.text if piece % 2 == 0 else style.above

    def _paint_ink(self, painter: QPainter, style: PageStyle) -> None:
        assert self.graph is not None
        place, box = self._ink_place(self.width()), self._box
        scale = min(place.width() / box.width(), place.height() / box.height())
        corner = QPointF(
            place.center().x() - box.width() * scale / 2,
            place.center().y() - box.height() * scale / 2,
        )
        for number, piece in enumerate(self.graph.pieces):
            pen = QPen(self._piece_color(number, style), 2.4)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            points = [
                QPointF((x - box.left()) * scale, (y - box.top()) * scale) + corner
                for x, y in piece
            ]
            if len(points) == 1:
                painter.drawPoint(points[0])
            else:
                painter.drawPolyline(QPolygonF(points))

    def _paint_arc(self, painter: QPainter, style: PageStyle, number: int, arc: ArcSummary) -> None:
        bar = self.place(number)
        fill = QColor(style.accent)
        fill.setAlphaF(0.35 if arc.best else 0.0)
        frame = style.accent if arc.best or arc.second or number == self.current else style.line
        pen = QPen(frame, 2.0 if number == self.current else 1.2)
        if arc.second and not arc.best:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRoundedRect(bar, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # The bar passes by these.
        for piece in sorted({*range(arc.pieces[0], arc.pieces[-1] + 1)}.difference(arc.pieces)):
            self._cross_out(painter, style, bar, piece)
        painter.setPen(style.faint if arc.rejected or not arc.label else style.text)
        painter.setFont(style.bold if arc.best else style.font)
        label = arc.label or "–"
        score = f"{label}  {_penalty(arc.penalty)}"
        fits = style.bold_metrics.horizontalAdvance(score) <= bar.width() - 4
        painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, score if fits else label)

    def _cross_out(self, painter: QPainter, style: PageStyle, bar: QRectF, piece: int) -> None:
        column = self._column(piece)
        gap = QRectF(column.left() + 2, bar.top() + 1, column.width() - 4, bar.height() - 2)
        painter.fillRect(gap, style.palette.brush(style.roles.Window))

    # Pointing

    def _point_at(self, arc: int | None) -> None:
        if arc != self.current:
            self.current = arc
            self.update()

    def _arc_at(self, point: QPointF) -> int | None:
        arcs = self.graph.arcs if self.graph is not None else ()
        return next((n for n in range(len(arcs)) if self.place(n).contains(point)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The arc under the pointer shows its pieces."""
        self._point_at(self._arc_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self._point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nor by the keys."""
        super().focusOutEvent(event)
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from arc to arc, Home and End to the first and last; Esc lets go."""
        count = len(self.graph.arcs) if self.graph is not None else 0
        now = -1 if self.current is None else self.current
        wanted = {
            Qt.Key.Key_Right: min(now + 1, count - 1),
            Qt.Key.Key_Left: max(now - 1, 0),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }.get(Qt.Key(event.key()))
        if wanted is not None and count:
            self._point_at(wanted)
            self.setAccessibleDescription(self.describe(wanted))
        elif event.key() == Qt.Key.Key_Escape and self.current is not None:
            self._point_at(None)
            self.setAccessibleDescription(_describe(self.graph))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The tooltip tells the arc under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            arc = self._arc_at(QPointF(event.pos()))
            text = _describe(self.graph) if arc is None else self.describe(arc)
            QToolTip.showText(event.globalPos(), format_tooltip(text), self)
            return True
        return super().event(event)

    def describe(self, number: int) -> str:
        """One arc in words."""
        assert self.graph is not None
        arc = self.graph.arcs[number]
        pieces = ", ".join(str(piece + 1) for piece in arc.pieces)
        fields = {
            "pieces": pieces,
            "label": arc.label,
            "share": f"{arc.probability * 100:.1f} %",
            "penalty": _penalty(arc.penalty),
        }
        count = len(arc.pieces)
        if not arc.label:
            text = _("Piece {pieces} joins two digits and belongs to neither, penalty {penalty}")
        elif arc.rejected:
            text = ngettext(
                "Piece {pieces} reads as {label}, {share}, but does not look like a digit, "
                "penalty {penalty}",
                "Pieces {pieces} read as {label}, {share}, but do not look like a digit, "
                "penalty {penalty}",
                count,
            )
        else:
            text = ngettext(
                "Piece {pieces} reads as {label}, {share}, penalty {penalty}",
                "Pieces {pieces} read as {label}, {share}, penalty {penalty}",
                count,
            )
        sentence = text.format(**fields)
        if arc.best:
            return _("{arc}. On the best path").format(arc=sentence)
        if arc.second:
            return _("{arc}. On the second-best path").format(arc=sentence)
        return sentence


def _bounds_of(graph: GraphSummary | None) -> QRectF:
    points = [point for piece in graph.pieces for point in piece] if graph is not None else []
    if not points:
        return QRectF(0, 0, 1, 1)
    left, top = min(x for x, _y in points), min(y for _x, y in points)
    right, bottom = max(x for x, _y in points), max(y for _x, y in points)
    side = max(right - left, bottom - top, 1e-9) * 0.02
    return QRectF(left, top, right - left, bottom - top).adjusted(-side, -side, side, side)


def _penalty(value: float) -> str:
    text = f"{value:.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", "−")


def _describe(graph: GraphSummary | None) -> str:
    """The whole graph in words."""
    if graph is None:
        return ""
    pieces = ngettext("{n} piece of ink", "{n} pieces of ink", len(graph.pieces))
    arcs = ngettext("{n} arc", "{n} arcs", len(graph.arcs))
    description = _("{pieces}, {arcs}. The best path reads {best}.").format(
        pieces=pieces.format(n=len(graph.pieces)),
        arcs=arcs.format(n=len(graph.arcs)),
        best=graph.best or "–",
    )
    if graph.second:
        second = _("The second-best reads {second}.").format(second=graph.second)
        description = f"{description} {second}"
    return description
