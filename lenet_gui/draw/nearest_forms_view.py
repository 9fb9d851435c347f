"""Beside a doubtful or corrected answer: which forms of the digits in question lie nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QThread, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGridLayout, QWidget

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
TEXT = 74
"""Least width of its name, which takes two lines."""
_WIDEST = "flat-topped "
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
    """Shown while the pen rests, and the answer is in doubt or was corrected."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("nearest_forms")
        self.worker = NearestFormsWorker()
        self.worker.done.connect(self._show)
        self.worker.failed.connect(self._give_up)
        self.setToolTip(
            _(
                "The network learned from digits of these forms. For each candidate digit, this "
                "is the form\n"
                "nearest to your drawing in F6, the last layer before the answer."
            )
        )
        self._pictures = [Label(), Label()]
        self._names = [Label(), Label()]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(make_heading(_("Most similar")), 0, 0, 1, 2)
        for row, (picture, name) in enumerate(zip(self._pictures, self._names, strict=True), 1):
            picture.setFixedSize(QSize(SIDE, SIDE))
            name.setWordWrap(True)
            grid.addWidget(picture, row, 0)
            grid.addWidget(name, row, 1)
        self._fit_names()
        self._wanted: NearestFormsRequest | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._ask)
        self.forms: list[NearestForm] = []
        """Those on show."""
        self.hide()

    def _fit_names(self) -> None:
        """Two lines each, as wide as they take in this font."""
        metrics = self.fontMetrics()
        wide = max(TEXT, metrics.horizontalAdvance(_WIDEST))
        for name in self._names:
            name.setFixedSize(QSize(wide, max(SIDE, 2 * metrics.lineSpacing())))

    def changeEvent(self, event: QEvent) -> None:
        """Larger text takes more room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_names()

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
            self.forms = []
            self.hide()
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
        self.show()

    def _give_up(self, _problem: str) -> None:
        self.hide()

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
