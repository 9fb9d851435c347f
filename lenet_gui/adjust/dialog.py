"""The dialog that shows what was taken for ink on a picture, and how it can be found otherwise."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.adjust.picture_view import Crop, CropView, turn_crop
from lenet_gui.widgets.colormap import dataset_image
from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button
from lenet_gui.widgets.formatting import format_percent
from lenet_gui.widgets.labels import FixedWidthLabel, Label, make_caption, make_page
from lenet_gui.widgets.probabilities import ProbabilitiesView
from lenet_gui.workers.latest import DetachedWorker
from trainer.drawing.photos.preparation import AUTOMATIC, InkSettings, scale_photo
from trainer.drawing.picture import Picture
from trainer.errors import UserError
from trainer.networks.model import Model
from trainer.pages.opening import OpenedPicture
from trainer.reading import pictures
from trainer.reading.predict import Answer, read_answers
from trainer.reading.sheet_reading import DIGITS
from trainer.reading.verdict import Verdict
from trainer.translation import gettext as _

_SHOWN = 1100
"""The longer side, in pixels, of what is shown of a picture."""
_INK = (230, 0, 120)
"""The color of what is taken for ink: seldom that of a pen."""
_COVERED = 150
"""How opaque that color is, of 255."""


@dataclass(frozen=True, slots=True)
class SeeRequest:
    """How a picture is to be looked at."""

    settings: InkSettings


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen of a picture so."""

    request: SeeRequest
    shown: QImage  # the picture, turned, but not cut
    ink: QImage  # of the cut picture: transparent where there is paper
    settings: InkSettings  # with what was found out in place of None
    picture: Picture | None  # the digit; None where none was found
    answer: Answer | None
    problem: str  # why there is no digit


class Seer(DetachedWorker):
    """Looks at one picture as it is asked to.

    Args:
        colors: the picture, uint8 (H, W, 3).
        caption: whence it comes.
        model: reads it, on any device.
    """

    def __init__(self, colors: NDArray[np.uint8], caption: str, model: Model) -> None:
        super().__init__()
        self._colors, self._caption, self._model = colors, caption, model
        self._turned: tuple[int, QImage] | None = None

    def work(self, request: SeeRequest) -> Sight:
        """Find the ink, lay it out and read it."""
        settings = request.settings
        shown = self._show(settings.quarter_turns)
        try:
            extraction = pictures.extract(self._colors, self._caption, self._model, settings)
        except UserError as error:
            mask, settings = pictures.find_ink(self._colors, settings)
            return Sight(request, shown, _paint_ink(mask), settings, None, None, str(error))
        answer = read_answers(self._model, extraction.picture.image[None])[0]
        ink = _paint_ink(extraction.mask)
        picture, settings = extraction.picture, extraction.settings
        return Sight(request, shown, ink, settings, picture, answer, "")

    def _show(self, turns: int) -> QImage:
        """The turned picture; kept, since only turning changes it."""
        if self._turned is None or self._turned[0] != turns:
            turned = InkSettings(quarter_turns=turns).apply(self._colors)
            small = scale_photo(turned, min(1.0, _SHOWN / max(turned.shape[:2])))
            height, width = small.shape[:2]
            format = QImage.Format.Format_RGB888
            image = QImage(small.tobytes(), width, height, 3 * width, format)
            self._turned = turns, image.copy()
        return self._turned[1]


def _paint_ink(mask: NDArray[np.bool_]) -> QImage:
    """What is taken for ink, bool (H, W), in its color on nothing."""
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[mask] = (*_INK, _COVERED)
    high, wide = mask.shape
    return QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()


_STOPS = 100
"""Of the threshold's slider."""
_LARGER = 3
"""The answer, than other text."""
_APART = 8
"""Between buttons, in pixels."""
_USUAL = 0.3
"""The threshold that is shown until one was found."""


class AdjustDialog(QDialog):
    """Shows where the ink of a picture was found, and the answer, while that is changed.

    Args:
        parent: of the dialog.
        opened: what is to be adjusted.
        model: reads it, on any device.
    """

    adjusted = Signal(object)
    """The picture as it was adjusted (`OpenedPicture`), when that is accepted."""

    def __init__(self, parent: QWidget | None, opened: OpenedPicture, model: Model) -> None:
        super().__init__(parent)
        self.setObjectName("adjust_dialog")
        self.setWindowTitle(_("Adjust picture"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._opened, self._classes = opened, model.classes
        self.settings: InkSettings = opened.settings
        self.sight: Sight | None = None
        """What was seen last."""
        self.view = CropView()
        self._make_controls()
        self._lay_out()
        self.seer = Seer(opened.colors, opened.caption, model)
        self.seer.done.connect(self.show_sight)
        self.seer.failed.connect(self.note.show_text)
        for ended in (self.finished, self.destroyed):
            ended.connect(self.seer.end)
        self.note.show_text(_("Reading…"))  # libraries for pictures may be imported first
        self.seer.start()
        self._ask()
        self.view.setFocus()

    # Parts

    def _make_controls(self) -> None:
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setObjectName("ink_threshold")
        self.threshold.setAccessibleName(_("Threshold"))
        self.threshold.setToolTip(_("Further left, fainter marks count as ink"))
        self.threshold.setRange(1, _STOPS)
        self.threshold.setPageStep(5)
        self.threshold.setMinimumWidth(80)
        self.threshold.setValue(round(_USUAL * _STOPS))
        self.threshold.valueChanged.connect(self._threshold_moved)
        self.automatic = ThemedCheckBox(_("Automatic"))
        self.automatic.setObjectName("automatic_threshold")
        self.automatic.setToolTip(_("Find the threshold that gives the surest digit"))
        self.automatic.clicked.connect(self._automatic_clicked)
        self.invert = ThemedCheckBox(_("Invert"))
        self.invert.setObjectName("invert_picture")
        self.invert.setToolTip(_("The ink is lighter than the paper"))
        self.invert.clicked.connect(self._invert_clicked)
        make = make_push_button
        self.left = make(_("Rotate left"), "rotate_left", _("Turn the picture by 90° to the left"))
        self.right = make(
            _("Rotate right"), "rotate_right", _("Turn the picture by 90° to the right")
        )
        self.reset = make(_("Reset"), "reset_picture", _("Find everything automatically again"))
        self.ok = make(_("OK"), "accept_picture", _("Lay the digit on the paper"))
        self.cancel = make(_("Cancel"), "cancel_picture", _("Leave what is on the paper"))
        self.ok.setDefault(True)
        self.view.crop_changed.connect(lambda: self._change(crop=self.view.crop))
        self.left.clicked.connect(lambda: self._turn(clockwise=False))
        self.right.clicked.connect(lambda: self._turn(clockwise=True))
        self.reset.clicked.connect(lambda: self._set(AUTOMATIC))
        self.ok.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.input = _InputView()
        self.answer = Label()
        self.answer.setObjectName("adjusted_answer")
        large = QFont(self.font())
        large.setPixelSize(_LARGER * self.fontInfo().pixelSize())
        self.answer.setFont(large)
        self.certainty = Label()
        self.certainty.setWordWrap(True)
        self.probabilities = ProbabilitiesView()
        self.note = FixedWidthLabel("adjust_note")

    def _lay_out(self) -> None:
        page = make_page(self)
        controls = QGridLayout()
        label = Label(_("Threshold"))
        label.setBuddy(self.threshold)
        sliding = QHBoxLayout()
        for part in (label, self.threshold, self.automatic):
            sliding.addWidget(part, int(part is self.threshold))
        turning = QHBoxLayout()
        for row in (sliding, turning):
            row.setSpacing(_APART)
        for button in (self.invert, self.left, self.right, self.reset):
            turning.addWidget(button)
        turning.addStretch(1)
        controls.addLayout(sliding, 0, 0)
        controls.addLayout(turning, 1, 0)
        said = QVBoxLayout()
        said.addWidget(self.answer)
        said.addWidget(self.certainty)
        said.addStretch(1)
        reading = QHBoxLayout()
        reading.setSpacing(_APART)
        reading.addWidget(self.input)
        reading.addLayout(said, 1)
        beside = QVBoxLayout()
        beside.addWidget(make_caption(_("What the network reads")))
        beside.addLayout(reading)
        beside.addWidget(self.probabilities, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(_APART)
        buttons.addWidget(self.note, 1)
        buttons.addWidget(self.ok)
        buttons.addWidget(self.cancel)
        whole = QGridLayout(page)
        whole.setColumnStretch(0, 3)
        whole.setColumnStretch(1, 2)
        whole.setRowStretch(0, 1)
        whole.setHorizontalSpacing(16)
        whole.addWidget(self.view, 0, 0)
        whole.addLayout(controls, 1, 0)
        whole.addLayout(beside, 0, 1, 2, 1)
        whole.addLayout(buttons, 2, 0, 1, 2)
        self.resize(QSize(820, 520).boundedTo(self.screen().availableSize()))

    # What is chosen

    def _threshold_moved(self, value: int) -> None:
        self._change(threshold=value / _STOPS)

    def _automatic_clicked(self, automatic: bool) -> None:
        self._change(threshold=None if automatic else self.threshold.value() / _STOPS)

    def _invert_clicked(self, inverted: bool) -> None:
        self._change(inverted=inverted)

    def _turn(self, clockwise: bool) -> None:
        turns = (self.settings.quarter_turns + (1 if clockwise else 3)) % 4
        self._change(quarter_turns=turns, crop=turn_crop(self.settings.crop, clockwise))

    def _change(self, **changes: float | bool | Crop | None) -> None:
        self._set(dataclasses.replace(self.settings, **changes))  # type: ignore[arg-type]

    def _set(self, settings: InkSettings) -> None:
        if settings != self.settings:
            self.settings = settings
            self._ask()

    def _ask(self) -> None:
        """Have it looked at so; what can't be accepted until then is gray."""
        chosen = self.settings
        self.automatic.setChecked(chosen.threshold is None)
        if chosen.inverted is not None:
            self.invert.setChecked(chosen.inverted)
        if chosen.threshold is not None:
            self._move_slider(chosen.threshold)
        self.view.set_crop(chosen.crop)
        self.reset.setEnabled(chosen != AUTOMATIC)
        self.ok.setEnabled(False)
        self.seer.ask(SeeRequest(chosen))

    def _move_slider(self, threshold: float) -> None:
        self.threshold.blockSignals(True)
        self.threshold.setValue(max(1, round(threshold * _STOPS)))
        self.threshold.blockSignals(False)

    # What is seen

    def show_sight(self, sight: Sight) -> None:
        """Show what was seen; it may be of what was chosen a moment ago."""
        if sight.shown.isNull():
            return
        chosen, settings = sight.request.settings, sight.settings
        same_side_up = chosen.quarter_turns == self.settings.quarter_turns
        self.view.show_picture(sight.shown, sight.ink, chosen.crop)
        self.view.set_crop(self.settings.crop if same_side_up else None)
        if chosen != self.settings:
            return
        self.sight = sight
        if settings.threshold is not None and sight.picture is not None:
            self._move_slider(settings.threshold)
        if settings.inverted is not None:
            self.invert.setChecked(settings.inverted)
        self.ok.setEnabled(sight.picture is not None)
        self.input.show_image(None if sight.picture is None else dataset_image(sight.picture.image))
        self.note.show_text(sight.problem)
        self._show_answer(sight.answer)

    def _show_answer(self, answer: Answer | None) -> None:
        if answer is None:
            self.answer.setText("")
            self.certainty.setText(_("Nothing to read"))
            self.probabilities.show_values((), self._classes)
            return
        marked = {
            Verdict.SURE: (answer.digit,), Verdict.UNSURE: (answer.digit, answer.second),
        }.get(answer.verdict, ())  # fmt: skip
        self.answer.setText(self._classes[answer.digit] if marked else "?")
        self.certainty.setText(self._describe(answer))
        self.probabilities.show_values(tuple(answer.probabilities), self._classes, marked)

    def _describe(self, answer: Answer) -> str:
        if answer.verdict == Verdict.REJECTED:
            if self._classes == DIGITS:
                return _("Doesn't look like a digit")
            return _("Doesn't look like any of its classes")
        if answer.verdict == Verdict.UNSURE:
            this, that = self._classes[answer.digit], self._classes[answer.second]
            return _("Unsure: {this} or {that}").format(this=this, that=that)
        return format_percent(float(answer.probabilities[answer.digit]), 1)

    # The end

    def accept(self) -> None:
        """Lay it on the paper, if there is something to lay."""
        if self.sight is None or self.sight.picture is None or not self.ok.isEnabled():
            return
        opened = dataclasses.replace(
            self._opened, picture=self.sight.picture, problem="", settings=self.settings
        )
        self.adjusted.emit(opened)
        super().accept()


class _InputView(QWidget):
    """The 28x28 pixels that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("adjusted_input")
        self.setAccessibleName(_("The network's input, 28 × 28 pixels"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image: QImage | None = None

    def sizeHint(self) -> QSize:
        """Each pixel is 4 wide."""
        return QSize(114, 114)

    def show_image(self, image: QImage | None) -> None:
        """Show it; None for nothing."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each pixel as a square."""
        painter = QPainter(self)
        role = QPalette.ColorRole
        painter.fillRect(self.rect(), self.palette().color(role.AlternateBase))
        if self._image is not None:
            painter.drawImage(self.rect().adjusted(1, 1, -1, -1), self._image)
        painter.setPen(self.palette().color(role.Mid))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
