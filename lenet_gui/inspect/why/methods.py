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
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

TITLES = {
    AttributionMethod.GRADIENT: N_("Gradient"),
    AttributionMethod.INTEGRATED: N_("Integrated"),
    AttributionMethod.OCCLUSION: N_("Occlusion"),
}
NAMES = {**TITLES, AttributionMethod.INTEGRATED: N_("Integrated gradients")}
SENTENCES = {
    AttributionMethod.GRADIENT: (
        N_(
            "How steeply the score would rise (orange) or fall (blue) with a little more ink "
            "on a pixel."
        )
    ),
    AttributionMethod.INTEGRATED: (
        N_(
            "Shares the score out among the inked pixels, by their gradients all the way "
            "from blank paper to the drawing."
        )
    ),
    AttributionMethod.OCCLUSION: (
        N_(
            "How much of the score is lost when {side} × {side} pixels are erased: the "
            "mean over all such squares around a pixel."
        )
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
    """The question in words."""
    if question.against is None:
        return _("Why {label}?").format(label=classes[question.target])
    return _("Why {label} and not {other}?").format(
        label=classes[question.target], other=classes[question.against]
    )


def format_score(attribution: Attribution, classes: tuple[str, ...], penalties: bool) -> str:
    """The score that is explained.

    Args:
        attribution: any method's answer.
        classes: their names.
        penalties: whether a score is minus a penalty.
    """
    question, score, blank = (
        attribution.question,
        format_plain(attribution.score),
        format_plain(attribution.blank),
    )
    if question.against is None:
        text = _("Score of {label}: {score}; of blank paper {blank}.")
        if penalties:
            text = _("Score of {label} (minus its penalty): {score}; of blank paper {blank}.")
        return text.format(label=classes[question.target], score=score, blank=blank)
    first, second = classes[question.target], classes[question.against]
    return _("Score of {first} minus that of {second}: {score}; of blank paper {blank}.").format(
        first=first, second=second, score=score, blank=blank
    )


def format_duration(attribution: Attribution) -> str:
    """How long a method took."""
    digits = 1 if attribution.milliseconds < 9.95 else 0
    return _("{milliseconds} ms").format(
        milliseconds=format_rounded(attribution.milliseconds, digits)
    )


def describe_passes(attribution: Attribution) -> str:
    """What a method had the network do."""
    if not attribution.backward:
        return ngettext(
            "{count} forward pass.", "{count} forward passes.", attribution.passes
        ).format(count=attribution.passes)
    if attribution.passes == 1:
        return _("One forward pass, one backward.")
    return _("{forward} forward passes, {backward} backward.").format(
        forward=attribution.passes, backward=attribution.backward
    )


def describe_values(attribution: Attribution) -> str:
    """What a method's values come to."""
    most, least = float(attribution.values.max()), float(attribution.values.min())
    if attribution.method == AttributionMethod.GRADIENT:
        return _("From {least} to {most} for each full pixel of ink.").format(
            least=format_signed(least), most=format_signed(most)
        )
    if attribution.method == AttributionMethod.INTEGRATED:
        return _account(attribution)
    if most > 0 and least < 0:
        text = _("Around a pixel, at most {lost} is lost and at most {gained} gained.")
    elif most > 0:
        text = _("Around a pixel, at most {lost} is lost.")
    elif least < 0:
        text = _("Around a pixel, nothing is lost and at most {gained} gained.")
    else:
        text = _("Around a pixel, nothing is lost.")
    return text.format(lost=format_plain(most), gained=format_plain(-least))


def _account(attribution: Attribution) -> str:
    """That the sum is what it must be, all with the same decimals."""
    gained = attribution.score - attribution.blank
    decimals = 2 if abs(gained) >= 0.1 else 4
    total, score, blank, due = (
        format_rounded(value, decimals)
        for value in (attribution.total, attribution.score, attribution.blank, gained)
    )
    if blank.startswith(MINUS):
        blank = f"({blank})"
    less = "\N{NO-BREAK SPACE}−\N{NO-BREAK SPACE}"
    return _("It adds up to {total}; {difference} is {due}: off by {gap}.").format(
        total=total, difference=f"{score}{less}{blank}", due=due, gap=_off(attribution.gap)
    )


def _off(gap: float) -> str:
    size = abs(gap)
    if size < 1e-3:
        return _("less than {limit}").format(limit=format_rounded(0.001, 3))
    return format_rounded(size, 3) if size < 0.1 else format_plain(size)


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
        name = Label(_(NAMES[method]))
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        cost = self.costs[method] = Label()
        cost.setObjectName(f"why_cost_{key}")
        cost.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        cost.setToolTip(_("How long it took, in the background"))
        sentence = FixedWidthLabel(f"why_sentence_{key}")
        sentence.show_text(_(SENTENCES[method]).format(side=SQUARE))
        numbers = self.numbers[method] = FixedWidthLabel(f"why_numbers_{key}")
        numbers.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        grid.addWidget(name, row, 0)
        grid.addWidget(cost, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(sentence, row + 1, 0, 1, 2)
        grid.addWidget(numbers, row + 2, 0, 1, 2)
        grid.setRowMinimumHeight(row + 3, 6)

    def show_found(self, attribution: Attribution) -> None:
        """One method's cost and numbers."""
        self.costs[attribution.method].setText(format_duration(attribution))
        text = f"{describe_passes(attribution)} {describe_values(attribution)}"
        self.numbers[attribution.method].show_text(text)

    def clear(self) -> None:
        """Nothing is found."""
        for method in AttributionMethod:
            self.costs[method].setText("")
            self.numbers[method].show_text("")
