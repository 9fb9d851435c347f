"""What the network makes of the paper: the steps, the answer, its correction and the maps.

Ten buttons beneath the answer: what it should have been.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.draw.answer_view import AnswerView
from lenet_gui.draw.canvas_painting import Mark
from lenet_gui.draw.maps_view import KernelsView, MapsView
from lenet_gui.draw.nearest_forms_view import NearestFormsView
from lenet_gui.draw.preprocessing_view import PreprocessingView
from lenet_gui.widgets.controls import make_label_button
from lenet_gui.widgets.formatting import format_percent, name_of_classes
from lenet_gui.widgets.labels import make_caption, make_heading
from lenet_gui.widgets.live_updates import Throttle
from lenet_gui.widgets.probabilities import ProbabilitiesView
from trainer.drawing.sheet import PEN_WIDTH, Stroke
from trainer.reading.sheet_reading import DIGITS, SheetReading, claimed_classes
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.reading.predict import Prediction
    from trainer.reading.punctuation import Box


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """What a drawing should have been read as."""

    label: int
    strokes: tuple[Stroke, ...]  # none where a picture was read
    image: NDArray[np.uint8]  # (28, 28), what was read
    read_as: int | None  # None where the network claimed nothing
    source: str = ""  # of a dataset's picture: see `Picture`


class CorrectionRow(QWidget):
    """One click says what a drawing is; the button stays down to show it."""

    chosen = Signal(int)
    """It is this digit."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("correction")
        self.setAccessibleName(_("The right answer"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        self.label = make_caption(_("Wrong? The right answer is:"))
        row.addWidget(self.label)
        row.addSpacing(4)
        self.buttons = [self._button(digit) for digit in range(10)]
        for button in self.buttons:
            row.addWidget(button, 1)
        self.keep_room(True)
        self.setEnabled(False)

    def keep_room(self, kept: bool) -> None:
        """Whether where it was stays empty when it is hidden, so that nothing else moves."""
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(kept)
        self.setSizePolicy(policy)

    def _button(self, digit: int) -> QToolButton:
        tip = _("Save the drawing to My digits as {digit} ({digit}); again to take it back")
        button = make_label_button(str(digit), f"should_be_{digit}", tip.format(digit=digit))
        button.setAccessibleName(_("The right answer is {digit}").format(digit=digit))
        button.setCheckable(True)
        button.clicked.connect(lambda: self._clicked(digit))
        return button

    def _clicked(self, digit: int) -> None:
        # Whoever listens says what the drawing is kept as; until then nothing changes.
        self.buttons[digit].setChecked(not self.buttons[digit].isChecked())
        self.chosen.emit(digit)

    def show_kept(self, digit: int | None) -> None:
        """What the drawing is kept as; None if it isn't kept."""
        for number, button in enumerate(self.buttons):
            button.setChecked(number == digit)


LOADING = N_("Loading the network…")
UNKNOWN = "?"
"""The answer where it is no digit."""


class ResultView(QWidget):
    """The right half of the Draw tab."""

    def __init__(self) -> None:
        super().__init__()
        self.preprocessing = PreprocessingView()
        self.nearest = NearestFormsView()
        """Of the answer; whoever owns this view finds a place for it."""
        self.prediction = AnswerView()
        self.probabilities = ProbabilitiesView()
        self.correction = CorrectionRow()
        self.conv1 = MapsView("conv1", _("C1 (conv1), six feature maps"), 1, 6, "viridis")
        self.conv2 = MapsView("conv2", _("C3 (conv2), sixteen feature maps"), 2, 8, "viridis")
        self.kernels = KernelsView(self.conv1)
        self.conv2.picked.connect(self._choose_map)
        self._reading: SheetReading | None = None
        self._right: int | None = None  # what the user says that the drawing is
        self._chosen = 0  # the map of conv2 whose kernels are shown
        self._watching = False
        self._sides = (28, 10)  # of conv1's maps and of conv2's
        self.throttle = Throttle(self.show_details, self)
        self.idle_note = _(LOADING)
        self._lay_out()
        self.show_reading(None)

    def _lay_out(self) -> None:
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(self.preprocessing, 10)
        self.column.addLayout(self._answer(), 14)
        self.column.addWidget(self.correction)
        self.column.addLayout(self._maps(), 14)
        self.show_kernels(False)

    def _answer(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        grid.addWidget(make_heading(_("Prediction")), 0, 0)
        grid.addWidget(make_heading(_("Probabilities")), 0, 1)
        grid.addWidget(self.prediction, 1, 0)
        grid.addWidget(self.probabilities, 1, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        grid.setRowStretch(1, 1)
        return grid

    def _maps(self) -> QGridLayout:
        """Both layers with their names in a column of their own: no line is spent on them."""
        self.kernels_caption = make_caption(_("Kernels\n5 × 5"))
        self.conv1_caption, self.conv2_caption = make_caption(""), make_caption("")
        self._name_maps()
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.conv1_caption, 0, 0, top)
        grid.addWidget(self.conv1, 0, 1)
        grid.addWidget(self.kernels_caption, 1, 0, top)
        grid.addWidget(self.kernels, 1, 1)
        grid.addWidget(self.conv2_caption, 2, 0, top)
        grid.addWidget(self.conv2, 2, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 2)
        grid.setRowStretch(2, 3)
        return grid

    def _name_maps(self) -> None:
        """Say how large the maps are: larger in a network of color images."""
        first, second = self._sides
        for view, label, name, count, side in (
            (self.conv1, self.conv1_caption, "C1 (conv1)", 6, first),
            (self.conv2, self.conv2_caption, "C3 (conv2)", 16, second),
        ):
            label.setText(
                _("{name}\n{count} maps\n{side} × {side}").format(name=name, count=count, side=side)
            )
            view.setToolTip(
                _("{name} after its activation: {count} feature maps of {side} × {side}").format(
                    name=name, count=count, side=side
                )
            )

    def show_kernels(self, shown: bool) -> None:
        """Whether the kernels stand between the layers' maps, and one of conv2's is chosen."""
        self.kernels.setVisible(shown)
        self.kernels_caption.setVisible(shown)
        self.conv2.choose(self._chosen if shown else None)
        # With more to see in the maps, they take some of what leads there.
        self.column.setStretch(0, 8 if shown else 10)
        self.column.setStretch(3, 17 if shown else 14)

    def _choose_map(self, number: int) -> None:
        self._chosen = number
        self.kernels.show_kernels(self._reading.kernels if self._reading else None, number)

    def set_watching(self, watching: bool) -> None:
        """While a run is watched, its bar takes the room of what nobody corrects then."""
        self._watching = watching
        self.correction.keep_room(not watching)
        self._show_correction()

    def _show_correction(self) -> None:
        fits = self._reading is None or self._reading.classes in ((), DIGITS)
        self.correction.setVisible(fits and not self._watching)

    def set_classes(self, classes: tuple[str, ...]) -> None:
        """Ask for what the network on show reads."""
        self.set_idle_note(_("Draw a {what}").format(what=_(name_of_classes(classes))))

    def set_idle_note(self, note: str) -> None:
        """What to say where the answer will be, while nothing is drawn."""
        self.idle_note = note
        if not self.prediction.answer:
            self.prediction.show_answer((), note)

    def show_reading(self, reading: SheetReading | None, moving: bool = False) -> None:
        """Show what the reader made of the paper.

        Args:
            reading: None for nothing at all.
            moving: the pen is, so that more readings are to come; answer, bars
                and maps follow each, what explains them no faster than it can
                be read.
        """
        self._reading = reading
        prediction = reading.prediction if reading else None
        if reading is None or prediction is None:
            self.prediction.show_answer((), self.idle_note)
            self.probabilities.show_values((), reading.classes if reading else ())
            self.conv1.show_maps(None)
            self.conv2.show_maps(None)
        else:
            self._show_answer(reading, prediction)
        if moving:
            self.throttle.trigger()
        else:
            self.throttle.flush()
            self._show_steps()
            self.nearest.show_reading(reading, self._right)

    def show_kept(self, digit: int | None) -> None:
        """What the drawing is kept as, and why it was read as something else; None if it isn't."""
        self.correction.show_kept(digit)
        if digit != self._right:
            self._right = digit
            self.nearest.show_reading(self._reading, digit)

    def explain(self, reading: SheetReading) -> None:
        """Show how a reading came to be that was shown while the pen moved."""
        if reading is self._reading:
            self._show_steps()
            self.nearest.show_reading(reading, self._right, moving=True)

    def _show_answer(self, reading: SheetReading, prediction: Prediction) -> None:
        classes, candidates = reading.classes, claimed_classes(prediction)
        answers = [(prediction, candidates)]
        if reading.digits:
            answers = [
                (digit.prediction, claimed_classes(digit.prediction)) for digit in reading.digits
            ]
        labels = tuple(classes[one.digit] if part else UNKNOWN for one, part in answers)
        labels = add_marks(labels, reading.text)
        faint = tuple(len(part) != 1 for _other, part in answers)
        text = describe_certainty(prediction, candidates, classes)
        self.prediction.show_answer(labels, text, faint, reading.chosen)
        self.probabilities.show_values(prediction.probabilities, classes, candidates)
        conv1, conv2 = (prediction.maps[name].values for name in ("conv1_active", "conv2_active"))
        self.conv1.show_maps(conv1)
        self.conv2.show_maps(conv2)
        sides = conv1.shape[1], conv2.shape[1]
        if sides != self._sides:
            self._sides = sides
            self._name_maps()

    def _show_steps(self) -> None:
        """What leads to the answer."""
        reading = self._reading
        drawn = reading is not None and not reading.sheet.empty
        of_picture = reading is not None and reading.sheet.picture is not None
        self.preprocessing.show_stages(reading.stages if reading and drawn else None, of_picture)

    def show_details(self) -> None:
        """What can be said of the answer, and the kernels."""
        reading = self._reading
        self.correction.setEnabled(reading is not None and not reading.sheet.empty)
        self._show_correction()
        self.kernels.show_kernels(reading.kernels if reading else None, self._chosen)


def add_marks(labels: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Digits with the marks between them: each one's follow it, those before all lead.

    Args:
        labels: a digit each, or what stands for it.
        text: the same digits with the marks between them; or empty.
    """
    if len(text) <= len(labels):
        return labels
    parts = [""]
    for letter in text:
        if letter in DIGITS:
            parts.append("")
        else:
            parts[-1] += letter
    before, *after = parts
    whole = [label + marks for label, marks in zip(labels, after, strict=True)]
    return before + whole[0], *whole[1:]


def describe_certainty(
    prediction: Prediction, candidates: tuple[int, ...], classes: tuple[str, ...]
) -> str:
    """How sure the network is, in words."""
    if len(candidates) == 1:
        return format_percent(float(prediction.probabilities[prediction.digit]), 1)
    if candidates:
        # In the classes' order: while the pen moves, the two shall not change places.
        return _("Unsure: {answers}").format(answers=_either(candidates, classes))
    if classes == DIGITS:
        return _("Doesn't look like a digit")
    return _("Doesn't look like any of its classes")


def _either(candidates: tuple[int, ...], classes: tuple[str, ...]) -> str:
    """Such as "4 or 7"."""
    *others, last = (classes[number] for number in sorted(candidates))
    return _("{this} or {that}").format(this=", ".join(others), that=last) if others else last


def make_marks(reading: SheetReading) -> tuple[Mark, ...]:
    """The boxes of several digits; none for one alone."""
    return tuple(
        Mark(
            _with_line(digit.box, [reading.sheet.strokes[n] for n in digit.stroke_indices]),
            _in_short(digit.prediction, reading.classes),
            number == reading.chosen,
        )
        for number, digit in enumerate(reading.digits)
    )


def _with_line(box: Box, strokes: list[Stroke]) -> Box:
    """The box of the ink, where `box` is that of its points."""
    reach = PEN_WIDTH / 2 * max(point[2] for stroke in strokes for point in stroke)
    left, top, right, bottom = box
    return left - reach, top - reach, right + reach, bottom + reach


def _in_short(prediction: Prediction, classes: tuple[str, ...]) -> str:
    candidates = claimed_classes(prediction)
    if len(candidates) == 1:
        share = prediction.probabilities[prediction.digit]
        return f"{classes[prediction.digit]}  {format_percent(float(share), 0)}"
    return f"{_either(candidates, classes)}?" if candidates else UNKNOWN
