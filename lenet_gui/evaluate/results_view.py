"""The results of an evaluation: headline figures, confusion matrix, and the pages beside it.

With two networks on the same images, also which reads how many correctly, and whether
that is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.evaluate.class_table import ClassTable
from lenet_gui.evaluate.confusion_matrix import ConfusionView
from lenet_gui.evaluate.evaluation import Evaluation
from lenet_gui.evaluate.gallery import Gallery
from lenet_gui.evaluate.maps_page import MapPage
from lenet_gui.evaluate.plots import CalibrationView, RejectionView
from lenet_gui.widgets.formatting import (
    format_count,
    format_difference,
    format_percent,
    format_rounded,
    format_tooltip,
)
from lenet_gui.widgets.labels import Label, enlarge_text, make_caption
from lenet_gui.widgets.lists import make_chooser
from trainer.evaluation.report import Report
from trainer.translation import N_
from trainer.translation import gettext as _

_LONGEST_NAME = 280  # points
_CAPTIONS = (
    N_("correct"),
    N_("wrong"),
    N_("loss"),
    N_("calibration error"),
    N_("images per second"),
)


@dataclass(frozen=True, slots=True)
class HeadlineText:
    """A row of figures."""

    name: str
    figures: tuple[str, ...]


class Headline(QWidget):
    """A line of figures a network; with two, the difference below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("headline")
        self.setAccessibleName(_("Headline figures"))
        self.lines: list[HeadlineText] = []
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(0)

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show these figures."""
        first, second = evaluation.first, evaluation.second
        if second is None:
            self.lines = [HeadlineText("", _figures(first))]
        else:
            self.lines = [
                HeadlineText(f"A   {first.model.name}", _figures(first)),
                HeadlineText(f"B   {second.model.name}", _figures(second)),
                HeadlineText(_("B − A"), _differences(first, second)),
            ]
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        """The figures grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.lines:
            self._fill()

    def _fill(self) -> None:
        for label in self._labels:
            label.deleteLater()
        self._labels = []
        alone = len(self.lines) == 1
        captions = HeadlineText("", tuple(map(_, _CAPTIONS)))
        if not alone:
            self._row(0, captions, 1.0, "caption")
        for row, line in enumerate(self.lines, start=1):
            large = 2.0 if alone else 1.35 if row < len(self.lines) else 1.0
            self._row(row, line, large, f"figures_{row}")
        if alone:
            self._row(2, captions, 1.0, "caption")
        self._grid.setColumnStretch(0, 0)
        self._grid.setColumnStretch(len(_CAPTIONS) + 1, 1)

    def _row(self, row: int, line: HeadlineText, large: float, name: str) -> None:
        for column, text in enumerate((line.name, *line.figures)):
            if column == 0 and len(self.lines) == 1:
                continue
            label = Label(text)
            label.setObjectName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            font = QFont(self.font())
            font.setPointSizeF(font.pointSizeF() * (large if column else min(large, 1.1)))
            font.setBold(large > 1 and column < 2)
            label.setFont(font)
            if column and len(self.lines) > 1:
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == 0:
                label.setToolTip(format_tooltip(text))
                cut = QFontMetrics(font)
                label.setText(cut.elidedText(text, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME))
            self._grid.addWidget(label, row, column)
            self._labels.append(label)


def _figures(report: Report) -> tuple[str, ...]:
    return (
        format_percent(report.accuracy),
        _("{count} of {count2}").format(
            count=format_count(len(report.misread)), count2=format_count(len(report))
        ),
        format_rounded(report.loss, 4),
        format_percent(report.calibration_error),
        format_count(report.images_per_second),
    )


def _differences(first: Report, second: Report) -> tuple[str, ...]:
    """What the second has more than the first."""

    points = (second.accuracy - first.accuracy) * 100
    error = (second.calibration_error - first.calibration_error) * 100
    wrong = len(second.misread) - len(first.misread)
    return (
        _("{difference} points").format(difference=format_difference(points, 2)),
        format_difference(wrong, 0),
        format_difference(second.loss - first.loss, 4),
        _("{difference} points").format(difference=format_difference(error, 2)),
        "",
    )


CASES = ("both", "only_first", "only_second", "neither")
"""Fields of `Comparison`."""


class ComparisonPage(QWidget):
    """Four counts; a click on one shows its images."""

    case_chosen = Signal(str)
    """One of `CASES`."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons = {case: self._button(case) for case in CASES}
        self.verdict = Label()
        self.verdict.setObjectName("verdict")
        self.verdict.setWordWrap(True)
        self._names = {name: Label() for name in ("a", "b")}
        grid = QGridLayout()
        grid.setSpacing(6)
        for text, row, column in ((_("B right"), 0, 1), (_("B wrong"), 0, 2)):
            grid.addWidget(make_caption(text), row, column, Qt.AlignmentFlag.AlignCenter)
        for text, row in ((_("A right"), 1), (_("A wrong"), 2)):
            grid.addWidget(make_caption(text), row, 0, Qt.AlignmentFlag.AlignCenter)
        for case, place in zip(CASES, ((1, 1), (1, 2), (2, 1), (2, 2)), strict=True):
            grid.addWidget(self.buttons[case], *place)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 12, 0, 0)
        whole.setSpacing(10)
        for label in self._names.values():
            label.setWordWrap(True)
            whole.addWidget(label)
        whole.addLayout(grid, 2)
        whole.addWidget(self.verdict)
        whole.addStretch(1)

    def _button(self, case: str) -> QPushButton:
        button = QPushButton()
        button.setObjectName(f"case_{case}")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.setMinimumHeight(56)
        button.setMaximumHeight(120)
        enlarge_text(button, 1.6)
        button.clicked.connect(lambda: self.case_chosen.emit(case))
        return button

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show these counts."""
        comparison, second = evaluation.comparison, evaluation.second
        if comparison is None or second is None:
            return
        self._names["a"].setText(_("A: {name}").format(name=evaluation.first.model.name))
        self._names["b"].setText(_("B: {name}").format(name=second.model.name))
        titles = {
            "both": _("{count} images that both recognize correctly"),
            "only_first": _("{count} images that only A recognizes correctly"),
            "only_second": _("{count} images that only B recognizes correctly"),
            "neither": _("{count} images that both misread"),
        }
        for case, button in self.buttons.items():
            count = len(getattr(comparison, case))
            button.setText(format_count(count))
            words = titles[case].format(count=format_count(count))
            button.setAccessibleName(words)
            button.setToolTip(_("Click to show {images}").format(images=words))
            button.setEnabled(count > 0)
        self.verdict.setText(comparison.verdict)


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonChoice:
    """Images that the gallery can show."""

    title: str
    numbers: NDArray[np.int64]


class ResultsView(QWidget):
    """Empty until `show_evaluation`."""

    opened = Signal(int)
    """Look at the image of this number."""
    message = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.evaluation: Evaluation | None = None
        self._shown = 0  # whose matrix and table: 0 for A, 1 for B
        self.headline = Headline()
        self.confusion = ConfusionView()
        self.gallery, self.classes = Gallery(), ClassTable()
        self.calibration, self.rejection = CalibrationView(), RejectionView()
        self.maps = MapPage(lambda: self.gallery.list.numbers, self.gallery.chosen)
        self.comparison = ComparisonPage()
        self.which = make_chooser("gallery_images", _("Which images the gallery shows"))
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._make_letters()
        self._lay_out()
        self._connect()

    def _make_letters(self) -> None:
        """A and B, above the matrix."""
        self.letters = QWidget()
        row = QHBoxLayout(self.letters)
        row.setContentsMargins(0, 0, 0, 0)
        self._group = QButtonGroup(self)
        for number, letter in enumerate("AB"):
            button = QToolButton()
            button.setText(letter)
            button.setCheckable(True)
            button.setObjectName(f"letter_{letter.lower()}")
            button.setMinimumSize(34, 26)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self._group.setExclusive(True)

    def _lay_out(self) -> None:
        left = QWidget()
        below = QVBoxLayout(left)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.letters)
        below.addWidget(self.confusion, 1)
        images = QWidget()
        inside = QVBoxLayout(images)
        inside.setContentsMargins(0, 8, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.which)
        row.addStretch(1)
        inside.addLayout(row)
        inside.addWidget(self.gallery, 1)
        self.images_page = images
        self.pages = QTabWidget()
        self.pages.setObjectName("evaluation_pages")
        self.pages.setAccessibleName(_("Parts of the report"))
        self.pages.setDocumentMode(True)
        self.pages.tabBar().setDrawBase(False)
        self.pages.addTab(images, _("Images"))
        self.pages.addTab(self.classes, _("Classes"))
        self.pages.addTab(self.calibration, _("Calibration"))
        self.pages.addTab(self.rejection, _("Rejection"))
        self.pages.addTab(self.maps, _("Maps"))
        self.pages.addTab(self.comparison, _("A and B"))
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(left)
        self.split.addWidget(self.pages)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(16)
        self.split.setSizes([470, 560])
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addWidget(self.headline)
        whole.addWidget(self.split, 1)

    def _connect(self) -> None:
        self.confusion.cell_chosen.connect(self.show_cell)
        self.classes.class_chosen.connect(self.show_class)
        self.comparison.case_chosen.connect(self.show_case)
        self.gallery.opened.connect(self.opened)
        self.which.activated.connect(self._show_images)
        self.maps.message.connect(self.message)
        self._group.idClicked.connect(self._show_network)

    # What is shown

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show this one instead."""
        self.evaluation = evaluation
        two = evaluation.second is not None
        self.headline.show_evaluation(evaluation)
        self.letters.setVisible(two)
        self.pages.setTabVisible(self.pages.indexOf(self.comparison), two)
        self.comparison.show_evaluation(evaluation)
        self.calibration.show_reports(evaluation.reports)
        self.rejection.show_reports(evaluation.reports)
        for number, report in enumerate(evaluation.reports):
            self._group.button(number).setToolTip(
                format_tooltip(
                    _("Matrix, classes and maps of {name}").format(name=report.model.name)
                )
            )
        self._group.button(0).setChecked(True)
        self._show_network(0)

    @property
    def report(self) -> Report:
        """The network's whose matrix is shown."""
        assert self.evaluation is not None
        return self.evaluation.reports[self._shown]

    def _show_network(self, number: int) -> None:
        """Matrix, table, maps and misread images of A (0) or B (1)."""
        assert self.evaluation is not None
        self._shown = number
        self.confusion.show_report(self.report)
        other = self.evaluation.second if number == 0 else None
        self.classes.list.show_reports(self.report, other)
        self.maps.show_report(self.report)
        self._list_choices()
        self._show_images()

    def _list_choices(self) -> None:
        """What the gallery can show, whatever cell or class is chosen."""
        evaluation, report = self.evaluation, self.report
        assert evaluation is not None
        title = _("Misread")
        if evaluation.second is not None:
            title = _("Misread by {network}").format(network="AB"[self._shown])
        choices = [ComparisonChoice(title, report.misread)]
        if (compared := evaluation.comparison) is not None:
            choices += [
                ComparisonChoice(title, report.surest_first(numbers))
                for title, numbers in (
                    (_("A correct, B wrong"), compared.only_first),
                    (_("B correct, A wrong"), compared.only_second),
                    (_("Both wrong"), compared.neither),
                )
            ]
        self.which.clear()
        for choice in choices:
            self._add(choice)

    def _add(self, choice: ComparisonChoice) -> None:
        self.which.addItem(f"{choice.title} ({format_count(len(choice.numbers))})", choice)

    def _show_images(self) -> None:
        choice: ComparisonChoice = self.which.currentData()
        assert self.evaluation is not None
        self.gallery.show_images(self.evaluation, choice.numbers)
        if self.maps.isVisible():
            self.maps.refresh()

    def show_images(self, title: str, numbers: NDArray[np.int64]) -> None:
        """Show these in the gallery, beside what it always offers."""
        choice = ComparisonChoice(title, self.report.surest_first(numbers))
        self._list_choices()
        self.which.insertSeparator(self.which.count())
        self._add(choice)
        self.which.setCurrentIndex(self.which.count() - 1)
        self._show_images()
        self.pages.setCurrentWidget(self.images_page)

    def show_cell(self, row: int, column: int) -> None:
        """The images of one class that are misread as another, or correct."""
        report = self.report
        chosen = (report.labels == row) & (report.answers == column)
        title = _("{classes} recognized as {classes2}").format(
            classes=report.classes[row], classes2=report.model.classes[column]
        )
        self.show_images(title, chosen.nonzero()[0])

    def show_class(self, number: int) -> None:
        """The images of one class that are misread."""
        report = self.report
        chosen = (report.labels == number) & ~report.right
        self.show_images(
            _("{classes}, misread").format(classes=report.classes[number]), chosen.nonzero()[0]
        )

    def show_case(self, case: str) -> None:
        """The images that both, one or neither of two networks reads correctly."""
        assert self.evaluation is not None and self.evaluation.comparison is not None
        titles = {
            "both": _("Both correct"),
            "only_first": _("A correct, B wrong"),
            "only_second": _("B correct, A wrong"),
            "neither": _("Both wrong"),
        }
        self.show_images(titles[case], getattr(self.evaluation.comparison, case))
