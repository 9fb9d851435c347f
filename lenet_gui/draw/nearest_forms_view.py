"""With a doubtful or corrected answer: which forms of the digits in question lie nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QThread, QTimer
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from lenet_gui.widgets.colormap import dataset_image
from lenet_gui.widgets.labels import Label, make_heading
from lenet_gui.workers.latest import LatestWorker
from trainer.reading.sheet_reading import DIGITS, SheetReading, claimed_classes
from trainer.translation import gettext as _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.inspect.nearest_forms import FormFinder, NearestForm
    from trainer.networks.model import Model

SIDE = 32
"""Of a form's picture, in points."""
_WIDEST = "with long flag "
_REST = 150
"""Milliseconds without an explanation, of which the moving pen has one every 80: it rests."""


@dataclass(frozen=True, slots=True, eq=False)
class NearestFormsRequest:
    """For which drawing, network and digits."""

    model: Model
    image: NDArray[np.uint8]  # (28, 28)
    digits: tuple[int, ...]


class NearestFormsWorker(LatestWorker):
    """Answers with a list of `NearestForm`, one for each digit asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("nearest forms")
        self._finder: tuple[Model, FormFinder] | None = None

    def work(self, request: NearestFormsRequest) -> list[NearestForm]:
        """The first request on a machine takes most of a second: the forms are written."""
        # In the thread: it brings torch, and the window shows before.
        from trainer.inspect import nearest_forms

        if self._finder is None or self._finder[0] is not request.model:
            # Not given up for newer requests: with those of a moving pen it would never end.
            writing = nearest_forms.write_forms()
            forms = self.result_of(writing, lambda _: None, for_all=True)
            self._finder = request.model, nearest_forms.FormFinder(request.model, forms)
        return self._finder[1].find(request.image, request.digits)


class NearestFormsView(QWidget):
    """Filled while the pen rests, and the answer is in doubt or was corrected; else empty room."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("nearest_forms")
        self.worker = NearestFormsWorker()
        self.worker.done.connect(self._show)
        self.worker.failed.connect(self._clear)
        self._content = content = QWidget()
        content.setToolTip(
            _(
                "The network learned from digits of these forms. For each candidate digit, this "
                "is the form\n"
                "nearest to your drawing in F6, the last layer before the answer."
            )
        )
        self._pictures = [Label(), Label()]
        self._names = [Label(), Label()]
        self._grid = grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.addWidget(make_heading(_("Most similar")), 0, 0, 1, 4)
        for picture, name in zip(self._pictures, self._names, strict=True):
            picture.setFixedSize(QSize(SIDE, SIDE))
            name.setWordWrap(True)
            # As wide as there is room: to the layout, a name must not be wider than the paper.
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
        keep = content.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # nothing moves as it comes and goes
        content.setSizePolicy(keep)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(content)
        self._arrange()
        self._wanted: NearestFormsRequest | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._ask)
        self.forms: list[NearestForm] = []
        """Those on show; none while it is empty."""
        content.hide()

    def _arrange(self) -> None:
        """Side by side, with names of two lines; where that is too narrow, on two rows."""
        metrics = self.fontMetrics()
        wide = SIDE + metrics.horizontalAdvance(_WIDEST) + self._grid.horizontalSpacing()
        beside = self.width() >= 2 * wide
        lines = 2 if beside else 1
        for number, (picture, name) in enumerate(zip(self._pictures, self._names, strict=True)):
            name.setFixedHeight(max(SIDE, lines * metrics.lineSpacing()))
            row, column = (1, 2 * number) if beside else (1 + number, 0)
            self._grid.addWidget(picture, row, column)
            self._grid.addWidget(name, row, column + 1, 1, 1 if beside else 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may have room for both side by side, or not any longer."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text takes more room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def show_reading(
        self, reading: SheetReading | None, right: int | None = None, moving: bool = False
    ) -> None:
        """Ask about a drawing at rest; hidden where the answer is in no doubt, or there is none.

        Args:
            reading: of the drawing; None for nothing at all.
            right: what the user says that it is; None if nothing was said.
            moving: the pen is. To look for forms takes longer than to read, and would hold
                Python's lock while the next points are read and painted.
        """
        self._rest.stop()
        self._wanted = None
        digits = _doubtful_digits(reading, right)
        if reading is not None and reading.model is not None and digits:
            self._wanted = NearestFormsRequest(reading.model, reading.image, digits)
        if self._wanted is None or (moving and self._shown_digits != digits):
            self._clear()
        if self._wanted is not None and moving:
            self._rest.start()
        elif self._wanted is not None:
            self._ask()

    @property
    def _shown_digits(self) -> tuple[int, ...]:
        return tuple(form.digit for form in self.forms)

    def _ask(self) -> None:
        """Look for the most similar forms, once the pen rests."""
        if not self.worker.isRunning():
            self.worker.start(QThread.Priority.LowPriority)
        self.worker.ask(self._wanted)

    def _show(self, forms: list[NearestForm] | None) -> None:
        if forms is None or self._wanted is None:
            return
        if tuple(form.digit for form in forms) != self._wanted.digits:
            return  # of a drawing before
        self.forms = forms
        for picture, name, form in zip(self._pictures, self._names, forms, strict=False):
            image = dataset_image(form.image)
            ratio = self.devicePixelRatioF()
            side = round(SIDE * ratio)
            smooth = Qt.TransformationMode.SmoothTransformation
            keep = Qt.AspectRatioMode.KeepAspectRatio
            pixmap = QPixmap.fromImage(image).scaled(side, side, keep, smooth)
            pixmap.setDevicePixelRatio(ratio)
            picture.setPixmap(pixmap)
            picture.setAccessibleName(_describe(form))
            name.setText(_describe(form))
        text = "; ".join(map(_describe, forms))
        self.setAccessibleName(_("Most similar: {told}").format(told=text))
        self._content.show()

    def _clear(self, _problem: str = "") -> None:
        self.forms = []
        self.setAccessibleName("")
        self._content.hide()

    def end(self) -> list[LatestWorker]:
        """Ask the thread to end; whoever called waits for it."""
        self.worker.end()
        return [self.worker]


def _doubtful_digits(reading: SheetReading | None, right: int | None) -> tuple[int, ...]:
    """The two digits in question; none where the answer is in no doubt or not about digits."""
    if reading is None or reading.prediction is None or reading.classes != DIGITS:
        return ()
    answer = reading.prediction.digit
    if right not in (None, answer):
        return answer, right
    if len(claimed_classes(reading.prediction)) == 1:
        return ()
    return answer, reading.prediction.second


def _describe(form: NearestForm) -> str:
    return _("{digit}, {form}").format(digit=form.digit, form=_(form.name))
