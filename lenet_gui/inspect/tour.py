"""The guided tour: a card that walks from the drawing to the answer, a layer a step.

Writes the guided tour's texts for the newest reading, in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, QThread, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.widgets.labels import Label, enlarge_text
from lenet_gui.workers.latest import LatestWorker, end_worker
from trainer.inspect.tour import Drawn, TourStep, build_tour
from trainer.networks.anatomy import Unit
from trainer.translation import N_
from trainer.translation import gettext as _


@dataclass(frozen=True, slots=True, eq=False)
class WrittenTour:
    """All steps, for one reading."""

    steps: tuple[TourStep, ...]
    drawn: bool  # there is something on the paper to tell of


class TourThread(LatestWorker):
    """Give it inspections; it answers with `done(WrittenTour)`."""

    def work(self, request: Inspection) -> WrittenTour:
        """A reading to the texts about it."""
        return WrittenTour(write_tour(request), request.prediction is not None)


_LINES = 3
"""Room for as many lines of text: the card shall not change its height from step to step."""
_WIDEST = 1000
"""Of the text, in pixels: longer lines are hard to read."""
_LOADING = N_("The network is not ready yet.")


class TourCard(QFrame):
    """A bar with one step; its numbers follow the drawing while it is seen."""

    spotlight = Signal(object)
    """The step is about these stages (a tuple of their numbers); None for the whole network."""
    unit_asked = Signal(object)
    """Choose this unit; None for none."""
    sample_asked = Signal()
    """Put a digit on the paper: nothing is drawn."""
    ended = Signal()
    """The tour was closed, or its last step finished."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tour")
        self.setAccessibleName(_("Guided tour"))
        self.step = 0
        """Counted from 0; where the tour goes on when it is started again."""
        self._written: WrittenTour | None = None
        self._asked: tuple[int, Unit | None] | None = None  # the step and unit asked for last
        self.worker: TourThread | None = None
        self._on = False
        self.count, self.title, self.text = Label(), Label(), Label()
        self.sample = QPushButton(_("Use a sample digit"))
        self.back, self.next = QPushButton(_("Back")), QPushButton(_("Next"))
        self.close_button = QPushButton(_("Close"))
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for name in ("count", "title", "text"):
            getattr(self, name).setObjectName(f"tour_{name}")
        for name, button, tip in (
            ("sample", self.sample, _("Put a digit on the sheet")),
            ("back", self.back, _("The step before (Page Up)")),
            ("next", self.next, _("The next step (Page Down)")),
            ("close", self.close_button, _("End the tour; you can resume it here (Esc)")),
        ):
            button.setObjectName(f"tour_{name}")
            button.setToolTip(tip)
            button.setAccessibleName(_("Tour: {text}").format(text=button.text()))
        enlarge_text(self.title, 1.0, bold=True)
        enlarge_text(self.text, 1.1)  # it is read out, and from the back row
        self.count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setMinimumHeight(_LINES * self.text.fontMetrics().lineSpacing())
        self.text.setMaximumWidth(_WIDEST)
        heading = QHBoxLayout()
        heading.setSpacing(8)
        heading.addWidget(self.title)
        heading.addWidget(self.count)
        heading.addStretch(1)
        for button in (self.sample, self.back, self.next, self.close_button):
            heading.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 10, 12, 8)
        whole.setSpacing(4)
        whole.addLayout(heading)
        whole.addWidget(self.text)

    def _connect(self) -> None:
        self.sample.clicked.connect(self.sample_asked)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.close_button.clicked.connect(self.stop)

    # The walk

    def start(self, step: int = 0) -> None:
        """Show this step, counted from 0; one that there is not is the nearest."""
        self._on, self._asked = True, None
        self.step = max(0, step)
        self._show()
        self.next.setFocus()

    def go_on(self) -> None:
        """To the next step; from the last one, to the end."""
        if self._written is None:
            return
        if self.step + 1 < len(self._written.steps):
            self.step += 1
            self._show()
        else:
            self.stop()

    def go_back(self) -> None:
        """To the step before."""
        if self.step > 0:
            self.step -= 1
            self._show()

    def stop(self) -> None:
        """End the tour; `step` remembers where, or is the first if nothing was left."""
        self.step = self.next_step
        self._on = False
        self.spotlight.emit(None)
        self.ended.emit()

    @property
    def next_step(self) -> int:
        """Where the tour goes on when it is opened again."""
        last = self._written is not None and self.step >= len(self._written.steps) - 1
        return 0 if last else self.step

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys, which a presenter's remote control sends too, and Esc."""
        keys = Qt.Key
        calls = {
            keys.Key_PageDown: self.go_on,
            keys.Key_PageUp: self.go_back,
            keys.Key_Escape: self.stop,
        }
        call = calls.get(Qt.Key(event.key()))
        if call is None:
            super().keyPressEvent(event)
        else:
            call()

    # What it tells

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Tell of this reading from now on."""
        if inspection is None:
            self._written = None
            self._show()
            return
        if self.worker is None:
            self.worker = TourThread()
            self.worker.done.connect(self._take)
            self.worker.failed.connect(self.text.setText)
            self.worker.start()
        self.worker.ask(inspection)

    def end(self) -> list[QThread]:
        """Ask the thread to end; gives it if there is one."""
        return end_worker(self.worker)

    def _take(self, written: WrittenTour) -> None:
        self._written = written
        self._show()

    def _show(self) -> None:
        """The present step, and ask for what belongs to it."""
        written = self._written
        self.next.setEnabled(written is not None)
        self.back.setEnabled(written is not None and self.step > 0)
        self.sample.setVisible(written is not None and not written.drawn)
        if written is None:
            self.title.setText(_("Guided tour"))
            self.count.clear()
            self.text.setText(_(_LOADING))
            return
        self.step = min(self.step, len(written.steps) - 1)
        step, last = written.steps[self.step], len(written.steps) - 1
        self.title.setText(step.title)
        self.count.setText(_("{step} of {last}").format(step=self.step + 1, last=last + 1))
        self.text.setText(step.text)
        self.next.setText(_("Next") if self.step < last else _("Finish"))
        self.setAccessibleDescription(f"{step.title}. {step.text}")
        self.update()
        if self._on:
            self._ask(step.stages, step.unit)

    def _ask(self, stages: tuple[int, ...], unit: Unit | None) -> None:
        """Once a step; again only where a new drawing moved the step's unit."""
        before, self._asked = self._asked, (self.step, unit)
        if before is None or before[0] != self.step:
            self.spotlight.emit(stages or None)
        if before != self._asked:
            self.unit_asked.emit(unit)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card with the way done as a line at its top."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole
        painter.setPen(self.palette().color(role.Mid))
        painter.setBrush(self.palette().color(role.Base))
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(card, 6, 6)
        if self._written is not None:
            share = (self.step + 1) / len(self._written.steps)
            done = QRectF(6, 0, (self.width() - 12) * share, 3)
            painter.fillRect(done, self.palette().color(role.Accent))


def write_tour(inspection: Inspection) -> tuple[TourStep, ...]:
    """The guided tour's texts about a reading."""
    reading = inspection.reading
    drawn = Drawn(
        strokes=0 if reading.sheet.picture is not None else len(reading.strokes),
        digits=max(1, len(reading.digits)),
        changed=reading.replacement is not None,
        prepared=reading.preprocessing.all,
        held=reading.baseline is not None,
    )
    return build_tour(inspection.model, inspection.prediction, inspection.stages, drawn)
