"""Which class is to be explained, and against which other one.

What the colors of the Why panel's pictures mean.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from lenet_gui.widgets.colormap import diverging_table
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.lists import make_chooser
from trainer.inspect.attribution import Question
from trainer.reading.predict import Prediction
from trainer.translation import N_
from trainer.translation import gettext as _

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
