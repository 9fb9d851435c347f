"""Beside a doubtful answer: which forms of the digits in question lie nearest to the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QThread
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
"""Width of its name, which takes two lines."""


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
        """The forms are written with the first request, which takes most of a second."""
        # In the thread: it brings torch, and the window shows before.
        from trainer.inspect import nearest_forms

        if self._finder is None or self._finder[0] is not request.model:
            forms = self.result_of(nearest_forms.write_forms(), lambda _: None)
            self._finder = request.model, nearest_forms.FormFinder(request.model, forms)
        return self._finder[1].find(request.image, request.digits)


class NearestFormsView(QWidget):
    """Shown while the answer is in doubt and the pen rests."""

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
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(make_heading(_("Most similar")), 0, 0, 1, 2)
        for row, (picture, name) in enumerate(zip(self._pictures, self._names, strict=True), 1):
            picture.setFixedSize(QSize(SIDE, SIDE))
            name.setFont(font)
            name.setFixedSize(QSize(TEXT, SIDE))
            name.setWordWrap(True)
            grid.addWidget(picture, row, 0)
            grid.addWidget(name, row, 1)
        self._wanted: NearestFormsRequest | None = None
        self.forms: list[NearestForm] = []
        """Those on show."""
        self.hide()

    def show_reading(self, reading: SheetReading | None) -> None:
        """Ask about a drawing at rest; hidden where the answer is sure, or there is none."""
        digits = _doubtful_digits(reading)
        if reading is None or reading.model is None or not digits:
            self._wanted = None
            self.forms = []
            self.hide()
            return
        self._wanted = NearestFormsRequest(reading.model, reading.image, digits)
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
            picture.setAccessibleName(_told(form))
            name.setText(_told(form))
        told = "; ".join(map(_told, forms))
        self.setAccessibleName(_("Most similar: {told}").format(told=told))
        self.show()

    def _give_up(self, _problem: str) -> None:
        self.hide()

    def end(self) -> list[LatestWorker]:
        """Ask the thread to end; whoever called waits for it."""
        self.worker.end()
        return [self.worker]


def _doubtful_digits(reading: SheetReading | None) -> tuple[int, ...]:
    """The two digits in question; none where the answer is sure or not about digits."""
    if reading is None or reading.prediction is None or reading.classes != DIGITS:
        return ()
    if len(claimed_classes(reading.prediction)) == 1:
        return ()
    return reading.prediction.digit, reading.prediction.second


def _told(form: NearestForm) -> str:
    return _("{digit}, {form}").format(digit=form.digit, form=_(form.name))
