"""The Divide panel: the pieces of a drawing, every way to join them, and the best way.

The graph is made in a thread; the newest drawing wins.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.segmentation.graph import SegmentationView
from lenet_gui.widgets.labels import Label, ScrollArea
from lenet_gui.workers.latest import LatestWorker, end_worker
from trainer.drawing.sheet import SMALLEST, Stroke
from trainer.networks.anatomy import Unit
from trainer.networks.model import Model
from trainer.reading.interpretation import GraphSummary
from trainer.reading.numbers import NumberOptions, NumberReader
from trainer.reading.sheet_reading import DIGITS
from trainer.translation import gettext as _


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
    """Something to tell the user in passing; this panel has nothing."""

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
