"""Why the network answers as it does: three methods' heat over the drawing, side by side.

Finds out in the background why a network answers as it does; the newest question wins.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QThread, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.why import heat as heat_menu
from lenet_gui.inspect.why import methods
from lenet_gui.inspect.why.heat import HeatMap, HeatRow
from lenet_gui.inspect.why.methods import WhyMethods
from lenet_gui.widgets.colormap import diverging_table
from lenet_gui.widgets.labels import FixedWidthLabel, Label, ScrollArea, enlarge_text
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.workers.latest import LatestWorker
from trainer.inspect.attribution import Attribution, AttributionMethod, Question, attribute
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import Intervention
from trainer.networks.model import Model
from trainer.reading.predict import Prediction
from trainer.translation import N_
from trainer.translation import gettext as _

_STILL = 0.25
"""Seconds from one question to the next within which the pen is taken to move."""


@dataclass(frozen=True, slots=True, eq=False)
class WhyRequest:
    """A question about one drawing."""

    model: Model  # on the CPU
    image: NDArray[np.uint8]  # (28, 28), what the network sees
    question: Question
    interventions: tuple[Intervention, ...] = ()  # maps that are held at a value


class WhyThread(LatestWorker):
    """Ask with a `WhyRequest`; `found` has one method's answer after the other, the cheapest first.

    While the pen moves, questions come faster than all the methods answer: then
    the dearer ones are left out. `done` has the request.
    """

    found = Signal(object, object)
    """The `WhyRequest` and one method's answer (`Attribution`)."""

    def __init__(self) -> None:
        super().__init__()
        self._warm = False
        self._began = 0.0

    def prepare(self) -> None:
        """What takes half a second to import, before the pen moves."""
        super().prepare()
        importlib.import_module("captum.attr")  # in the thread, and before the first question

    def work(self, request: WhyRequest) -> WhyRequest:
        """Ask all methods, or as many as there is time for."""
        subject = (request.model, request.image, request.question, request.interventions)
        if not self._warm:
            # torch's first way back takes half a second, which no method's cost should tell.
            attribute(AttributionMethod.GRADIENT, *subject)
            self._warm = True
        # While the pen moves, the dearer methods would take the processor from the maps.
        began, self._began = self._began, time.monotonic()
        patience = _STILL if self._began - began < _STILL else 0.0
        for method in AttributionMethod:
            self.found.emit(request, attribute(method, *subject))
            if self.stale(patience):
                break
            patience = 0.0
        return request


METHODS = tuple(AttributionMethod)
_OUTPUT = 7
_MISSES = 3  # as many drawings in a row without a method's answer, and its picture is pale


class WhyPanel(QWidget):
    """Answers "why 8?" and "why not 9?" for the present drawing, live."""

    message = Signal(str)
    overlay = Signal(object)
    """What to lay over the input's picture: float32 (28, 28), or None for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("why_panel")
        self.question: Question | None = None
        """What is explained; None while there is nothing to explain."""
        self.attributions: dict[AttributionMethod, Attribution] = {}
        """The newest answers, perhaps to an older drawing."""
        self._inspection: Inspection | None = None
        self._interventions: tuple[Intervention, ...] = ()
        self._asked: WhyRequest | None = None
        self._answered: dict[AttributionMethod, WhyRequest] = {}
        self._missed = dict.fromkeys(METHODS, 0)
        self.worker = WhyThread()
        self.worker.found.connect(self._take)
        self.worker.done.connect(self.settle)
        self.worker.failed.connect(self._fail)
        self._make()
        self._arrange()
        self._clear()

    # Built once

    def _make(self) -> None:
        self.heading = Label()
        self.heading.setObjectName("why_heading")
        self.heading.setWordWrap(True)
        enlarge_text(self.heading, 1.3, bold=True)
        self.asking = WhyQuestion()
        self.asking.changed.connect(self._ask)
        self.score = FixedWidthLabel("why_score")
        self.score.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.pictures = HeatRow(tuple(_(methods.TITLES[method]) for method in METHODS))
        self.pictures.picked.connect(self._tell_overlay)
        self.pictures.menu_asked.connect(self._show_menu)
        self.legend = WhyLegend()
        self.over = QCheckBox(_("Lay over the input"))
        self.over.setObjectName("why_overlay")
        self.over.setToolTip(_("Show the chosen picture over the network's input as well"))
        self.over.setChecked(True)
        self.over.toggled.connect(self._tell_overlay)
        self.methods = WhyMethods()

    def _arrange(self) -> None:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(8, 8, 8, 8)
        rows.setSpacing(6)
        for widget in (self.heading, self.asking, self.score, self.pictures, self.legend):
            rows.addWidget(widget)
        rows.addWidget(self.over)
        rows.addWidget(self.methods)
        rows.addStretch()
        area = ScrollArea(inside)
        area.setObjectName("why_area")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    # What is asked

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Explain this reading from now on."""
        self._inspection = inspection
        if inspection is not None:
            self.asking.show_classes(inspection.reading.classes)
        self._ask()

    def show_interventions(self, interventions: tuple[Intervention, ...]) -> None:
        """The maps that are held at a value in the readings to come."""
        self._interventions = interventions

    def show_unit(self, unit: Unit | None) -> None:
        """Explain the class whose output was chosen; with nothing chosen, the answer again."""
        if unit is None or unit.stage == _OUTPUT:
            self.asking.click(None if unit is None else unit.map)

    def end(self) -> list[QThread]:
        """Ask the thread to end."""
        self.worker.end()
        return [self.worker]

    def _ask(self) -> None:
        if self._inspection is None or self._inspection.prediction is None:
            self._clear()
            return
        reading, before = self._inspection.reading, self.question
        self.question = self.asking.about(self._inspection.prediction)
        held = self._interventions if reading.baseline is not None else ()
        self._asked = WhyRequest(self._inspection.model, reading.image, self.question, held)
        self.heading.setText(methods.format_question(self.question, reading.classes))
        if not self.attributions:
            self.score.show_text(_("Computing…"))
        self.legend.show_classes(self.question, reading.classes)
        if self.question != before:
            for number in range(len(METHODS)):
                self.pictures.mark_outdated(number)
        self.worker.ask(self._asked)

    def _clear(self) -> None:
        self.question = self._asked = None
        self.attributions = {}
        self.heading.setText(_("Why?"))
        self.score.show_text(_("Draw something to explain."))
        self.legend.show_classes(None, ())
        for number in range(len(METHODS)):
            self.pictures.show_heat(number, None)
        self.methods.clear()
        self._tell_overlay()

    # What is found

    def _take(self, request: WhyRequest, attribution: Attribution) -> None:
        """One method's answer, unless another question has been asked since."""
        now = self._asked
        if now is None or request.model is not now.model or request.question != now.question:
            return
        number = METHODS.index(attribution.method)
        self.attributions[attribution.method], self._answered[attribution.method] = (
            attribution,
            request,
        )
        self.pictures.show_heat(number, HeatMap(request.image, attribution.values))
        self.methods.show_found(attribution)
        if number == 0:
            self._tell_score(attribution)
        if number == self.pictures.chosen:
            self._tell_overlay()

    def settle(self, request: WhyRequest) -> None:
        """A method that has long had no time for its answer shows an old one: it is pale."""
        for number, method in enumerate(METHODS):
            late = self._answered.get(method) is not request
            self._missed[method] = self._missed[method] + 1 if late else 0
            if self._missed[method] >= _MISSES:
                self.pictures.mark_outdated(number)

    def _tell_score(self, attribution: Attribution) -> None:
        assert self._inspection is not None
        classes = self._inspection.reading.classes
        penalties = self._inspection.model.recipe.network == "lenet5-1998"
        text = methods.format_score(attribution, classes, penalties)
        if self.asking.against_itself(attribution.question):
            text += " " + _("A class can't be compared with itself.")
        self.score.show_text(text)

    def _fail(self, text: str) -> None:
        self.message.emit(_("No explanation: {text}").format(text=text))

    def _show_menu(self, number: int, at: QPoint) -> None:
        heat = self.pictures.heats[number]
        if heat is not None:
            name = f"{_(methods.NAMES[METHODS[number]])}, {self.heading.text().rstrip('?')}"
            heat_menu.build_menu(self, heat, name, self.message).popup(at)

    # Over the input

    def showEvent(self, event: QShowEvent) -> None:
        """The thread may begin to import what it takes."""
        super().showEvent(event)
        if not self.worker.isRunning():
            self.worker.start(QThread.Priority.LowPriority)

    def hideEvent(self, event: QHideEvent) -> None:
        """What can't be seen here lies over nothing there."""
        super().hideEvent(event)
        self._tell_overlay()

    def _tell_overlay(self) -> None:
        heat = self.pictures.heats[self.pictures.chosen]
        shown = heat is not None and self.over.isChecked() and self.isVisible()
        self.overlay.emit(heat.values if heat is not None and shown else None)


# Which class is to be explained, against which other one, and what the colors mean

_ANSWER, _NOTHING, _NEXT = -1, -1, -2  # what entries stand for, beside the classes' numbers
_TARGET_TIP = N_("The class to explain; clicking an output of the network selects it too")
_AGAINST_TIP = N_("Explain the difference between its score and another class's")


class WhyQuestion(QWidget):
    """Why this class, and why not that one: two choosers in a row."""

    changed = Signal()
    """Another class was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.target = _chooser("why_class", _("Explain"), _(_TARGET_TIP))
        self.against = _chooser("why_against", _("and not"), _(_AGAINST_TIP))
        self._clicked = False  # whether the class was chosen by a click on an output
        self.target.activated.connect(self._choose)
        self.against.activated.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for title, chooser in ((_("Why"), self.target), (_("not"), self.against)):
            label = Label(title)
            label.setBuddy(chooser)
            row.addWidget(label)
            row.addWidget(chooser, 1)
        self.show_classes(tuple("0123456789"))

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Offer these; what was chosen stays."""
        if [self.target.itemText(n) for n in range(1, self.target.count())] == list(classes):
            return
        numbered = [(text, number) for number, text in enumerate(classes)]
        for chooser, first in (
            (self.target, [(_("the answer"), _ANSWER)]),
            (self.against, [(_("none"), _NOTHING), (_("next best"), _NEXT)]),
        ):
            kept = chooser.currentData()
            chooser.clear()
            for text, number in [*first, *numbered]:
                chooser.addItem(text, number)
            chooser.setCurrentIndex(max(0, chooser.findData(kept)))

    def click(self, number: int | None) -> None:
        """An output was clicked: explain it; None: no longer, so the answer again."""
        if number is None and not self._clicked:
            return
        self._clicked = number is not None
        index = self.target.findData(_ANSWER if number is None else number)
        if index != self.target.currentIndex():
            self.target.setCurrentIndex(index)
            self.changed.emit()

    def _choose(self) -> None:
        self._clicked = False
        self.changed.emit()

    def about(self, prediction: Prediction) -> Question:
        """The question, with this answer to the drawing."""
        target, against = self.target.currentData(), self.against.currentData()
        if target == _ANSWER:
            target = prediction.digit
        if against == _NEXT:
            against = prediction.second if target == prediction.digit else prediction.digit
        # A class against itself has no difference to explain: it is explained alone.
        return Question(target, None if against in (_NOTHING, target) else against)

    def against_itself(self, question: Question) -> bool:
        """Whether the second chooser names the class that is explained."""
        return bool(self.against.currentData() == question.target)


def _chooser(name: str, title: str, tip: str) -> QComboBox:
    chooser = make_chooser(name, title, tip, characters=8)  # a class's name may be long
    chooser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return chooser


_GAP, _LEAST = 8, 40


class WhyLegend(QWidget):
    """One line: for what blue speaks, the colors, and for what orange speaks."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("why_legend")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ends = ("", "")
        """What stands at the left, where values are below 0, and at the right."""

    def sizeHint(self) -> QSize:
        """One line of text."""
        return QSize(200, self.fontMetrics().height() + 4)

    def show_classes(self, question: Question | None, classes: tuple[str, ...]) -> None:
        """Tell of this question; None for no text."""
        ends = ("", "")
        if question is not None:
            name = classes[question.target]
            below = _("against {label}").format(label=name)
            if question.against is not None:
                below = _("for {label}").format(label=classes[question.against])
            ends = (below, _("for {label}").format(label=name))
        if ends != self.ends:
            self.ends = ends
            self.setAccessibleName(
                _("Blue speaks {low}, orange {high}").format(low=ends[0], high=ends[1])
                if ends[0]
                else ""
            )
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Text, colors, text."""
        painter = QPainter(self)
        palette, metrics = self.palette(), self.fontMetrics()
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        most = (self.width() - _LEAST) // 2 - _GAP
        texts = [metrics.elidedText(end, Qt.TextElideMode.ElideRight, most) for end in self.ends]
        left, right = (metrics.horizontalAdvance(text) + _GAP if text else 0 for text in texts)
        whole, middle = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(whole, Qt.AlignmentFlag.AlignLeft | middle, texts[0])
        painter.drawText(whole, Qt.AlignmentFlag.AlignRight | middle, texts[1])
        height = metrics.height() * 0.5
        bar = QRectF(left, (self.height() - height) / 2, self.width() - left - right, height)
        table = diverging_table(palette.color(QPalette.ColorRole.Base).lightness() < 128)
        colors = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, level in ((0.0, 0), (0.5, 127), (1.0, 255)):
            colors.setColorAt(place, QColor.fromRgb(table[level]))
        painter.fillRect(bar, colors)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
