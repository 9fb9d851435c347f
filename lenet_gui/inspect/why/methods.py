"""What the Why panel says: each method in one sentence, and its numbers in another.

The three methods, each explained in a sentence, with its cost and its numbers.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from lenet_gui.widgets.formatting import MINUS, format_rounded
from lenet_gui.widgets.labels import FixedWidthLabel, Label
from trainer.inspect.attribution import SQUARE, Attribution, AttributionMethod, Question

TITLES = {
    AttributionMethod.GRADIENT: "Gradient",
    AttributionMethod.INTEGRATED: "Integrated",
    AttributionMethod.OCCLUSION: "Occlusion",
}
NAMES = {**TITLES, AttributionMethod.INTEGRATED: "Integrated gradients"}
SENTENCES = {
    AttributionMethod.GRADIENT: (
        "How steeply the score would rise (orange) or fall (blue) with a little more ink on "
        "a pixel."
    ),
    AttributionMethod.INTEGRATED: (
        "Shares the score out among the inked pixels, by their gradients all the way from blank "
        "paper to the drawing."
    ),
    AttributionMethod.OCCLUSION: (
        f"How much of the score is lost when {SQUARE} × {SQUARE} pixels are erased: the mean over "
        "all such squares around a pixel."
    ),
}


def format_signed(value: float) -> str:
    """A number with its sign and few digits, as text for reading: +1.23, −0.045, +128."""
    size = abs(value)
    digits = 0 if size >= 99.5 else 1 if size >= 9.95 else 2 if size >= 0.0995 or not size else 4
    text = format_rounded(value, digits)
    return text if text.startswith(MINUS) else f"+{text}"


def format_plain(value: float) -> str:
    """As `signed`, with a sign below zero only."""
    return format_signed(value).removeprefix("+")


def format_question(question: Question, classes: tuple[str, ...]) -> str:
    """The question."""
    asked = f"Why {classes[question.target]}"
    if question.against is not None:
        asked += f" and not {classes[question.against]}"
    return f"{asked}?"


def format_score(found: Attribution, classes: tuple[str, ...], penalties: bool) -> str:
    """The score that is explained.

    Args:
        found: any method's answer.
        classes: their names.
        penalties: whether a score is minus a penalty.
    """
    question, score, blank = found.question, format_plain(found.score), format_plain(found.blank)
    minus = " (minus its penalty)" if penalties else ""
    if question.against is None:
        return f"Score of {classes[question.target]}{minus}: {score}; of blank paper {blank}."
    first, second = classes[question.target], classes[question.against]
    return f"Score of {first} less that of {second}: {score}; of blank paper {blank}."


def format_duration(found: Attribution) -> str:
    """How long a method took."""
    digits = 1 if found.milliseconds < 9.95 else 0
    return f"{found.milliseconds:.{digits}f} ms"


def describe_passes(found: Attribution) -> str:
    """What a method had the network do."""
    if not found.backward:
        return f"{found.passes} forward passes."
    ways = "one forward pass, one back" if found.passes == 1 else ""
    return f"{(ways or f'{found.passes} passes forward, {found.backward} back').capitalize()}."


def describe_values(found: Attribution) -> str:
    """What a method's values come to."""
    most, least = float(found.values.max()), float(found.values.min())
    if found.method == AttributionMethod.GRADIENT:
        return f"From {format_signed(least)} to {format_signed(most)} for each full pixel of ink."
    if found.method == AttributionMethod.INTEGRATED:
        return _account(found)
    lost = f"At most {format_plain(most)} is lost" if most > 0 else "Nothing is lost"
    gained = f", at most {format_plain(-least)} gained" if least < 0 else ""
    return f"{lost}{gained} around a pixel."


def _account(found: Attribution) -> str:
    """That the sum is what it must be, all with the same decimals."""
    gained = found.score - found.blank
    decimals = 2 if abs(gained) >= 0.1 else 4
    total, score, blank, due = (
        format_rounded(value, decimals) for value in (found.total, found.score, found.blank, gained)
    )
    if blank.startswith(MINUS):
        blank = f"({blank})"
    less = "\N{NO-BREAK SPACE}−\N{NO-BREAK SPACE}"
    return f"It adds up to {total}; {score}{less}{blank} is {due}: off by {_off(found.gap)}."


def _off(gap: float) -> str:
    size = abs(gap)
    if size < 1e-3:
        return "less than 0.001"
    return f"{size:.3f}" if size < 0.1 else format_plain(size)


_ROWS = 4  # of the grid, for each method: name and cost, sentence, numbers, a gap


class WhyMethods(QWidget):
    """What there is to read about the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.costs: dict[AttributionMethod, QLabel] = {}
        self.numbers: dict[AttributionMethod, FixedWidthLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        for number, method in enumerate(AttributionMethod):
            self._add(grid, number * _ROWS, method)

    def _add(self, grid: QGridLayout, row: int, method: AttributionMethod) -> None:
        key = TITLES[method].lower()
        name = Label(NAMES[method])
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        cost = self.costs[method] = Label()
        cost.setObjectName(f"why_cost_{key}")
        cost.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        cost.setToolTip("How long it took, in the background")
        sentence = FixedWidthLabel(f"why_sentence_{key}")
        sentence.show_text(SENTENCES[method])
        numbers = self.numbers[method] = FixedWidthLabel(f"why_numbers_{key}")
        numbers.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        grid.addWidget(name, row, 0)
        grid.addWidget(cost, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(sentence, row + 1, 0, 1, 2)
        grid.addWidget(numbers, row + 2, 0, 1, 2)
        grid.setRowMinimumHeight(row + 3, 6)

    def show_found(self, found: Attribution) -> None:
        """One method's cost and numbers."""
        self.costs[found.method].setText(format_duration(found))
        told = f"{describe_passes(found)} {describe_values(found)}"
        self.numbers[found.method].show_text(told)

    def clear(self) -> None:
        """Nothing is found."""
        for method in AttributionMethod:
            self.costs[method].setText("")
            self.numbers[method].show_text("")
