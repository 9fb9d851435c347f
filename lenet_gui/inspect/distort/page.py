"""The present drawing distorted by sliders, read at once, and swept over one of them.

A slider for each distortion; the distorted picture as the network sees it, and its answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QThread, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.inspect.common import image_files
from lenet_gui.inspect.distort.sweep_page import SweepPage
from lenet_gui.inspect.distort.workers import (
    DistortionRequest,
    DistortionResult,
    DistortWorker,
    Subject,
    SweepRequest,
    SweepResult,
    SweepWorker,
)
from lenet_gui.widgets.controls import allow_narrow, make_push_button
from lenet_gui.widgets.formatting import format_percent, format_rounded
from lenet_gui.widgets.labels import Label, enlarge_text
from lenet_gui.widgets.model_chooser import ModelSource
from lenet_gui.widgets.sliders import AmountSlider
from trainer.reading.predict import Answer, Prediction
from trainer.robustness.distortions import PARAMETERS, Distortion
from trainer.translation import N_
from trainer.translation import gettext as _


class DistortSliders(QWidget):
    """Holds a `Distortion`."""

    changed = Signal()
    touched = Signal(str)
    """The slider of that name was moved, or a value set."""

    def __init__(self) -> None:
        super().__init__()
        self._seed = 0
        self._quiet = False
        self.sliders: dict[str, AmountSlider] = {}
        self.values: dict[str, QLabel] = {}
        self.refit = QCheckBox(_("Re-cen&ter"))
        self.refit.setObjectName("distort_refit")
        self.refit.setToolTip(
            _(
                "After distorting, resize the digit to 20 pixels and center it again, as in "
                "MNIST:\n"
                "this undoes shift and scale before the network sees them"
            )
        )
        self.reset = make_push_button(_("Reset"), "distort_reset", _("Undo all distortions"))
        self.again = make_push_button(
            _("New noise seed"), "distort_again", _("Use a new seed for noise and scribble")
        )
        for button in (self.again, self.reset):
            allow_narrow(button, 60)  # a narrow panel has no room for the usual width
        self._lay_out()
        self.refit.toggled.connect(self._tell)
        self.reset.clicked.connect(self.take_back)
        self.again.clicked.connect(self._draw_again)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        for row, amount in enumerate(PARAMETERS.values()):
            slider, value = AmountSlider(amount), Label()
            value.setObjectName(f"distort_{amount.name}_value")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("−14.0 px"))
            label = Label(_(amount.title))
            label.setBuddy(slider)
            label.setToolTip(_(amount.what))
            grid.addWidget(label, row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(value, row, 2)
            self.sliders[amount.name], self.values[amount.name] = slider, value
            slider.valueChanged.connect(lambda _, name=amount.name: self._moved(name))
            self._show_value(amount.name)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self.refit, 1)
        below.addWidget(self.again)
        below.addWidget(self.reset)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(grid)
        whole.addLayout(below)

    @property
    def distortion(self) -> Distortion:
        """What is chosen."""
        amounts = {name: slider.amount_value for name, slider in self.sliders.items()}
        return Distortion(refit=self.refit.isChecked(), seed=self._seed, **amounts)

    def set_value(self, name: str, value: float) -> None:
        """Move one slider to the stop nearest to this value."""
        slider = self.sliders[name]
        slider.setValue(round(slider.amount.stop(value)))

    def take_back(self) -> None:
        """All sliders to where they do nothing; as one change."""
        self._quiet = True
        for slider in self.sliders.values():
            slider.setValue(0)
        self._quiet = False
        self._tell()

    def _draw_again(self) -> None:
        self._seed += 1
        self._tell()

    def _moved(self, name: str) -> None:
        self._show_value(name)
        if not self._quiet:
            self.touched.emit(name)
            self._tell()

    def _tell(self) -> None:
        self.changed.emit()

    def _show_value(self, name: str) -> None:
        slider = self.sliders[name]
        text = slider.amount.describe(slider.amount_value)
        self.values[name].setText(text)
        slider.setAccessibleDescription(text)


_SIDE = 84


class PixelPicture(QWidget):
    """28x28 pixels, each of them seen; ink is dark as on paper."""

    menu_asked = Signal(object, QPoint)
    """A context menu for this picture (uint8, (28, 28)), at this place of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("distorted_picture")
        self.setAccessibleName(_("The distorted picture"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint8] | None = None

    def sizeHint(self) -> QSize:
        """Three screen pixels for one of its own, and a frame."""
        return QSize(_SIDE + 2, _SIDE + 2)

    def minimumSizeHint(self) -> QSize:
        """No smaller than the usual size."""
        return self.sizeHint()

    def show_image(self, image: NDArray[np.uint8] | None) -> None:
        """uint8 (28, 28), 0 paper; None for nothing."""
        self._pixels = image
        if image is None:
            self._image = None
        else:
            turned = (255 - image).tobytes()
            size = image.shape
            held = QImage(turned, size[1], size[0], size[1], QImage.Format.Format_Grayscale8)
            self._image = held.copy()  # the bytes are gone soon
        self.update()

    @property
    def image(self) -> QImage | None:
        """What is shown, dark on light."""
        return self._image

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """It can be copied and saved."""
        if self._pixels is not None:
            self.menu_asked.emit(self._pixels, event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pixels in a thin frame."""
        painter = QPainter(self)
        inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.fillRect(inside, Qt.GlobalColor.white)
        if self._image is not None:
            painter.drawImage(inside, self._image)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class DistortedView(QWidget):
    """The picture, the answer, and the answer without distortion beneath it."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = PixelPicture()
        self.answer, self.plain, self.note = Label(), Label(), Label()
        enlarge_text(self.answer, 1.7, bold=True)
        self.answer.setObjectName("distorted_answer")
        self.plain.setObjectName("undistorted_answer")
        self.note.setObjectName("caption")
        for label in (self.answer, self.plain, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.plain.setWordWrap(True)
        self.note.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addStretch(1)
        for label in (self.answer, self.plain, self.note):
            texts.addWidget(label)
        texts.addStretch(1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addWidget(self.picture)
        whole.addLayout(texts, 1)

    def clear(self, hint: str) -> None:
        """Nothing is drawn, or there is no network."""
        self.picture.show_image(None)
        self.answer.clear()
        self.plain.clear()
        self.note.setText(hint)

    def show_answer(
        self,
        image: NDArray[np.uint8],
        answer: Answer | Prediction,
        plain: Answer | Prediction,
        classes: tuple[str, ...],
        note: str,
    ) -> None:
        """Show them.

        Args:
            image: uint8 (28, 28), distorted.
            answer: to it.
            plain: to the undistorted one.
            classes: names of the answers.
            note: what else there is to say.
        """
        self.picture.show_image(image)
        self.answer.setText(_describe(answer, classes))
        changed = answer.digit != plain.digit
        start = _("Was {answer}") if changed else _("Undistorted: {answer}")
        self.plain.setText(start.format(answer=_describe(plain, classes)))
        font = self.plain.font()
        font.setBold(changed)
        self.plain.setFont(font)
        refused = answer.verdict == "not a digit"
        self.note.setText(
            _("Doesn't look like a digit. {note}").format(note=note) if refused else note
        )


def _describe(answer: Answer | Prediction, classes: tuple[str, ...]) -> str:
    """An answer and its probability."""
    share = float(answer.probabilities[answer.digit])
    return f"{classes[answer.digit]}  {format_percent(share, 1)}"


_STILL = 150  # milliseconds without a change, until a sweep begins: it shall not slow the pen
_NOTHING = N_("Nothing is distorted yet: move a slider.")
_EMPTY = N_("Draw something, or choose a picture, and distort it here.")


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
        self._swept_last: SweepRequest | None = None  # asked for last
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
        self.view.clear(_(_EMPTY))

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
        image_files.build_menu(self, image, _("the distorted picture"), self.message).popup(at)

    def show_subject(self, subject: Subject | None, plain: Prediction | None) -> None:
        """Distort this from now on.

        Args:
            subject: None for a clean sheet.
            plain: what it is read as undistorted; None if that is not known.
        """
        if subject is None:
            self._subject = self._plain = self._swept_last = None
            self.view.clear(_(_EMPTY))
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
            self.view.show_answer(subject.image, self._plain, self._plain, classes, _(_NOTHING))
            self._tell_plain()
            self.shown.emit()
        else:
            _begin(self._worker)
            self._worker.ask(DistortionRequest(subject, how))
        if self.sweep_page.wanted:
            self._still.start()

    def _show(self, result: DistortionResult) -> None:
        request = result.request
        if request.subject is not self._subject or not self.isVisible():
            return  # another drawing's; its own is on the way
        nothing = request.how.nothing
        if self.sliders.distortion.nothing and not nothing:
            return
        self.milliseconds = result.milliseconds
        note = (
            _(_NOTHING)
            if nothing
            else _("{milliseconds} ms").format(milliseconds=format_rounded(result.milliseconds, 1))
        )
        if not result.of_strokes and not nothing:
            note = _("Its pixels are moved; {note}").format(note=note)
        classes = request.subject.model.classes
        self.view.show_answer(result.image, result.answer, result.plain, classes, note)
        if nothing:
            self._tell_plain()
        else:
            self._told_distorted = True
            self.distorted.emit(result.image)
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
        how = self.sliders.distortion.with_value(page.amount.name, page.amount.nothing)
        request = SweepRequest(subject, how, page.amount, self._beside)
        if not request.same(self._swept_last):
            self._swept_last = request
            _begin(self._sweeper)
            self._sweeper.ask(request)

    def _show_swept(self, swept: SweepResult) -> None:
        page, request = self.sweep_page, swept.request
        if swept.sweep is None or not page.wanted or request.subject is not self._subject:
            return
        if request.parameter is page.amount:
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
