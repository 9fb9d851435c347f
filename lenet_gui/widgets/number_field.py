"""Numbers as people write them, and the one field for them.

Points and commas, exponents and either minus sign are understood whatever the system's
language is. What is no number stays in the field, in a red frame, and says why.
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from lenet_gui.widgets.formatting import MINUS, localize, read_thousands
from trainer.translation import gettext as _

NUMBER = r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?"
"""A number, as a regular expression; "−" must be "-" already."""
_WHOLE = r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:[eE]\+?\d+)?"
REFUSED = "#d32f2f"
"""The frame's color round what is refused; 3:1 against light and dark."""
_LONGEST = 24
_INDENT = 4
"""Pixels before the number: it stands below the words of other fields."""


def parse_number(text: str) -> float:
    """A number with a point or a comma, and perhaps an exponent.

    Raises:
        ValueError: it is none.
    """
    text = text.strip().replace(MINUS, "-")
    if not re.fullmatch(NUMBER, text, re.ASCII):
        raise ValueError(_("“{text}” is not a number").format(text=text))
    return float(text.replace(",", "."))


def parse_whole_number(text: str) -> int:
    """A number without a fraction, such as "10,652" or "1e4".

    Its thousands are divided by commas, or as the country does.

    Raises:
        ValueError: it is none.
    """
    text = read_thousands(text.strip().replace(MINUS, "-"))
    if not re.fullmatch(_WHOLE, text, re.ASCII):
        raise ValueError(_("“{text}” is not a whole number").format(text=text))
    value = float(text.replace(",", ""))
    if not math.isfinite(value):
        raise ValueError(_("“{text}” is too large").format(text=text))
    return int(value)


def number_text(value: float, decimals: int | None = None) -> str:
    """A number without an exponent: with so many decimals, or with as many as it needs."""
    if decimals is not None:
        return f"{value:.{decimals}f}"
    text = f"{value:.6g}"
    if "e" not in text:
        return text
    from decimal import Decimal  # seldom needed, and the window opens sooner

    return format(Decimal(text), "f")


def range_text(low: float, high: float) -> str:
    """From where to where, such as "0 to 2,147,483,647"."""
    ends = [f"{bound:,}" if isinstance(bound, int) else number_text(bound) for bound in (low, high)]
    return _("{low} to {high}").format(low=localize(ends[0]), high=localize(ends[1]))


def paint_refused(widget: QWidget) -> None:
    """A red frame over a widget's edge."""
    painter = QPainter(widget)
    painter.setPen(QPen(QColor(REFUSED), 2))
    painter.drawRect(widget.rect().adjusted(1, 1, -1, -1))


class NumberField(QAbstractSpinBox):
    """A number from `low` to `high`; keeps 1/12 as exact as it was given.

    `value` is the last number that was in range; while the text is none, `problem` says so.

    Args:
        low: the least; a whole number if only such are taken.
        high: the most.
        whole: whether only whole numbers are taken.
        decimals: as many are shown; None for as many as the number needs.
        grouped: whether thousands are divided by commas.
        tracking: whether each key counts; else the number counts once it is complete.
    """

    valueChanged = Signal(float)
    """Another number is there."""
    checked = Signal(str)
    """The text was looked at: `problem`."""
    refused = Signal(str)
    """The text is no such number: `problem`."""

    def __init__(
        self,
        low: float,
        high: float,
        *,
        whole: bool = False,
        decimals: int | None = None,
        grouped: bool = False,
        tracking: bool = True,
    ) -> None:
        super().__init__()
        self._low, self._high = low, high
        self._whole, self._decimals, self._grouped = whole, decimals, grouped
        self._step: float | None = 1 if whole else None
        self._value: float = min(max(low, 0), high)
        self.problem = ""
        """Why the text is not taken; empty if it is."""
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)
        self.lineEdit().setText(self._text_of(self._value))
        if tracking:
            self.lineEdit().textEdited.connect(self._take)
        self.editingFinished.connect(self._finish)

    # Numbers in and out

    def value(self) -> float:
        """The last number that was in range, an `int` if only whole ones are taken."""
        return self._value

    def minimum(self) -> float:
        """The least that is taken."""
        return self._low

    def maximum(self) -> float:
        """The most that is taken."""
        return self._high

    def setValue(self, value: float) -> None:
        """Show a number, or the nearest in range, as exact as it is."""
        self._show(min(max(self._low, value), self._high))

    def setRange(self, low: float, high: float) -> None:
        """Take numbers from here to there."""
        self._low, self._high = low, high
        self.setValue(self._value)
        self.updateGeometry()

    def setSingleStep(self, step: float) -> None:
        """By how much an arrow changes the number; else by its size."""
        self._step = step

    def _show(self, value: float) -> None:
        changed = value != self._value
        self._value = int(value) if self._whole else value
        if self.lineEdit().text() != self._text_of(self._value):
            self.lineEdit().setText(self._text_of(self._value))
            self.lineEdit().setCursorPosition(0)
        self._say("")
        if changed:
            self.valueChanged.emit(self._value)

    def _text_of(self, value: float) -> str:
        if self._whole:
            return localize(f"{int(value):,}") if self._grouped else f"{int(value)}"
        return localize(number_text(value, self._decimals))

    def _take(self) -> None:
        """Take what was typed, or say why not."""
        text = self.lineEdit().text()
        if text == self._text_of(self._value):  # digits that are not seen stay
            self._say("")
            return
        try:
            value = parse_whole_number(text) if self._whole else parse_number(text)
        except ValueError:
            value = math.nan
        if not self._low <= value <= self._high:
            sentence = _("“{shown}” is not a number from {range_text}")
            if self._whole:
                sentence = _("“{shown}” is not a whole number from {range_text}")
            shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
            self._say(sentence.format(shown=shown, range_text=range_text(self._low, self._high)))
            return
        changed, self._value = value != self._value, value
        self._say("")
        if changed:
            self.valueChanged.emit(value)

    def _finish(self) -> None:
        """Take what was typed, and write it as the field would, unless digits were lost so."""
        self._take()
        shown = self._text_of(self._value)
        parse = parse_whole_number if self._whole else parse_number
        if not self.problem and parse(shown) == self._value:
            self._show(self._value)

    def _say(self, problem: str) -> None:
        if problem == self.problem:
            return
        self.problem = problem
        self.update()
        self.checked.emit(problem)
        if problem:
            self.refused.emit(problem)

    # Arrows and wheel

    def stepBy(self, steps: int) -> None:
        """Up or down from the last number."""
        step = self._step
        if step is None:
            size = abs(self._value) or 0.1
            step = 10.0 ** (math.floor(math.log10(size) + 1e-9) - 1)
        self.setValue(float(f"{self._value + steps * step:.9g}"))
        self.lineEdit().selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Not beyond the ends."""
        flags = QAbstractSpinBox.StepEnabledFlag
        up = flags.StepUpEnabled if self._value < self._high else flags.StepNone
        return up | (flags.StepDownEnabled if self._value > self._low else flags.StepNone)

    # Look

    def sizeHint(self) -> QSize:
        """Wide enough for either end of the range."""
        texts = (self._text_of(self._low), self._text_of(self._high))
        wide = max(self.fontMetrics().horizontalAdvance(text) for text in texts)
        least = super().sizeHint()
        return QSize(least.width() + wide + _INDENT, least.height())

    def minimumSizeHint(self) -> QSize:
        """As the hint: no digit is cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """In a red frame while the text is refused."""
        super().paintEvent(event)
        if self.problem:
            paint_refused(self)
