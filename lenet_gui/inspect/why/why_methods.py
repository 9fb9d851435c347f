"""The three methods, each explained in a sentence, with its cost and its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from lenet_gui.inspect.why import methods
from lenet_gui.widgets.steady_text import SteadyText
from trainer.inspect.attribution import Method

if TYPE_CHECKING:
    from trainer.inspect.attribution import Attribution

_ROWS = 4  # of the grid, for each method: name and cost, sentence, numbers, a gap


class WhyMethods(QWidget):
    """What there is to read about the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.costs: dict[Method, QLabel] = {}
        self.numbers: dict[Method, SteadyText] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        for number, method in enumerate(Method):
            self._add(grid, number * _ROWS, method)

    def _add(self, grid: QGridLayout, row: int, method: Method) -> None:
        key = methods.TITLES[method].lower()
        name = QLabel(f"<b>{methods.NAMES[method]}</b>")
        cost = self.costs[method] = QLabel()
        cost.setObjectName(f"why_cost_{key}")
        cost.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        cost.setToolTip("How long it took, in the background")
        sentence = SteadyText(f"why_sentence_{key}")
        sentence.show_text(methods.SENTENCES[method])
        numbers = self.numbers[method] = SteadyText(f"why_numbers_{key}")
        numbers.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        grid.addWidget(name, row, 0)
        grid.addWidget(cost, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(sentence, row + 1, 0, 1, 2)
        grid.addWidget(numbers, row + 2, 0, 1, 2)
        grid.setRowMinimumHeight(row + 3, 6)

    def show_found(self, found: Attribution) -> None:
        """One method's cost and numbers."""
        self.costs[found.method].setText(methods.costs(found))
        told = f"{methods.passes(found)} {methods.numbers(found)}"
        self.numbers[found.method].show_text(told)

    def clear(self) -> None:
        """Nothing is found."""
        for method in Method:
            self.costs[method].setText("")
            self.numbers[method].show_text("")
