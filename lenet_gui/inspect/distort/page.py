"""The present drawing distorted by sliders, read at once, and swept over one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QThread, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from lenet_gui.dataset_worker import ModelSource
from lenet_gui.inspect.common import image_menu
from lenet_gui.inspect.distort.distorted_view import DistortedView
from lenet_gui.inspect.distort.sliders import DistortSliders
from lenet_gui.inspect.distort.sweep_page import SweepPage
from lenet_gui.inspect.distort.workers import (
    Distorted,
    DistortWorker,
    Subject,
    SweepWorker,
    Swept,
    Wanted,
    WantedSweep,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.reading.predict import Prediction

_STILL = 150  # milliseconds without a change, until a sweep begins: it shall not slow the pen
_NOTHING = "Nothing is distorted: move a slider."
_EMPTY = "Draw a digit, or choose one, and distort it here."


class DistortPage(QWidget):
    """Owns the threads that distort; while it is not seen, nothing is distorted."""

    message = Signal(str)
    distorted = Signal(object)
    """The distorted picture, uint8 (28, 28); None where nothing is distorted any longer."""
    shown = Signal()
    """A picture and its answer are on show."""
    swept = Signal()
    """A sweep is."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("distort_page")
        self.milliseconds = 0.0
        """What the last distortion and its reading took."""
        self._subject: Subject | None = None
        self._plain: Prediction | None = None  # the undistorted one's, where it is known
        self._beside: ModelSource | None = None
        self._told_distorted = False
        self._swept_last: WantedSweep | None = None  # asked for last
        self._worker, self._sweeper = DistortWorker(), SweepWorker()
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL)
        self.view, self.sliders, self.sweep_page = DistortedView(), DistortSliders(), SweepPage()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 4, 0)
        whole.setSpacing(6)
        whole.addWidget(self.view)
        whole.addWidget(self.sliders)
        whole.addWidget(self.sweep_page, 1)
        self._connect()
        self.view.clear(_EMPTY)

    def _connect(self) -> None:
        self.sliders.changed.connect(self._changed)
        self.sliders.touched.connect(self._touched)
        self.sweep_page.asked.connect(self._ask_sweep)
        self.sweep_page.button.toggled.connect(self._scroll_to_sweep)
        self.sweep_page.picked.connect(self.sliders.set_value)
        self._still.timeout.connect(self._ask_sweep)
        self.view.picture.menu_asked.connect(self._show_menu)
        self._worker.done.connect(self._show)
        self._worker.failed.connect(self.message)
        self._sweeper.done.connect(self._show_swept)
        self._sweeper.failed.connect(self.message)

    def _show_menu(self, image: NDArray[np.uint8], at: QPoint) -> None:
        image_menu.menu(self, image, "the distorted picture", self.message).popup(at)

    def show_subject(self, subject: Subject | None, plain: Prediction | None) -> None:
        """Distort this from now on.

        Args:
            subject: None for a clean sheet.
            plain: what it is read as undistorted; None if that is not known.
        """
        if subject is None:
            self._subject = self._plain = self._swept_last = None
            self.view.clear(_EMPTY)
            self.sweep_page.clear()
            self._tell_plain()
        elif not subject.same(self._subject):
            self._subject, self._plain = subject, plain
            self._changed()

    def compare_with(self, source: ModelSource | None) -> None:
        """Sweep with this network too."""
        self._beside = source
        self._still.start()

    def showEvent(self, event: QShowEvent) -> None:
        """What was distorted is so again."""
        super().showEvent(event)
        self._changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not seen does not distort what is read."""
        super().hideEvent(event)
        self._tell_plain()

    # Distorting

    def _changed(self) -> None:
        """Another drawing, or other sliders."""
        subject, how = self._subject, self.sliders.distortion
        self.sweep_page.show_value(how)
        if subject is None or not self.isVisible():
            return
        if how.nothing and self._plain is not None:  # it is read already
            classes = subject.model.classes
            self.view.show_answer(subject.image, self._plain, self._plain, classes, _NOTHING)
            self._tell_plain()
            self.shown.emit()
        else:
            _begin(self._worker)
            self._worker.ask(Wanted(subject, how))
        if self.sweep_page.wanted:
            self._still.start()

    def _show(self, found: Distorted) -> None:
        wanted = found.wanted
        if wanted.subject is not self._subject or not self.isVisible():
            return  # another drawing's; its own is on the way
        nothing = wanted.how.nothing
        if self.sliders.distortion.nothing and not nothing:
            return
        self.milliseconds = found.milliseconds
        note = _NOTHING if nothing else f"{found.milliseconds:.1f} ms"
        if not found.of_strokes and not nothing:
            note = f"Its pixels are moved; {note}"
        classes = wanted.subject.model.classes
        self.view.show_answer(found.image, found.answer, found.plain, classes, note)
        if nothing:
            self._tell_plain()
        else:
            self._told_distorted = True
            self.distorted.emit(found.image)
        self.shown.emit()

    def _tell_plain(self) -> None:
        if self._told_distorted:
            self._told_distorted = False
            self.distorted.emit(None)

    # Sweeping

    def _touched(self, name: str) -> None:
        """What was moved is what Sweep will be about; a sweep that is on show stays what it is."""
        if not self.sweep_page.wanted:
            self.sweep_page.choose(name)

    def _scroll_to_sweep(self, wanted: bool) -> None:
        """In a low window the chart is below what is seen."""
        around = self.parentWidget()
        area = around.parentWidget() if around is not None else None
        if wanted and isinstance(area, QScrollArea):
            area.ensureWidgetVisible(self.sweep_page, 0, 0)

    def _ask_sweep(self) -> None:
        page, subject = self.sweep_page, self._subject
        if not page.wanted:
            self._swept_last = None
            page.clear()
        if not page.wanted or subject is None or not self.isVisible():
            return
        # Its own slider changes nothing of a sweep.
        how = self.sliders.distortion.having(page.amount.name, page.amount.nothing)
        wanted = WantedSweep(subject, how, page.amount, self._beside)
        if not wanted.same(self._swept_last):
            self._swept_last = wanted
            _begin(self._sweeper)
            self._sweeper.ask(wanted)

    def _show_swept(self, swept: Swept) -> None:
        page, wanted = self.sweep_page, swept.wanted
        if swept.sweep is None or not page.wanted or wanted.subject is not self._subject:
            return
        if wanted.parameter is page.amount:
            page.show_swept(swept, self.sliders.distortion)
            self.swept.emit()

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        self._worker.end()
        self._sweeper.end()
        return [worker for worker in (self._worker, self._sweeper) if worker.isRunning()]


def _begin(worker: QThread) -> None:
    if not worker.isRunning():
        worker.start()
