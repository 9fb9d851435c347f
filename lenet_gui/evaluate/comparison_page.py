"""Two networks on the same images: who reads how many rightly, and whether that is chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from lenet_gui.evaluate.thread import Evaluation

CASES = ("both", "only_first", "only_second", "neither")
"""Fields of `Comparison`."""


class ComparisonPage(QWidget):
    """Four counts; a click on one shows its images."""

    case_chosen = Signal(str)
    """One of `CASES`."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons = {case: self._button(case) for case in CASES}
        self.verdict = QLabel()
        self.verdict.setObjectName("verdict")
        self.verdict.setWordWrap(True)
        self._names = {name: QLabel() for name in ("a", "b")}
        grid = QGridLayout()
        grid.setSpacing(6)
        for text, row, column in (("B right", 0, 1), ("B wrong", 0, 2)):
            grid.addWidget(self._caption(text), row, column)
        for text, row in (("A right", 1), ("A wrong", 2)):
            grid.addWidget(self._caption(text), row, 0)
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

    @staticmethod
    def _caption(text: str) -> QLabel:
        label = QLabel(text)
        label.setObjectName("caption")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _button(self, case: str) -> QPushButton:
        button = QPushButton()
        button.setObjectName(f"case_{case}")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.setMinimumHeight(56)
        button.setMaximumHeight(120)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        button.setFont(font)
        button.clicked.connect(lambda: self.case_chosen.emit(case))
        return button

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show these counts."""
        comparison, second = evaluation.comparison, evaluation.second
        if comparison is None or second is None:
            return
        self._names["a"].setText(f"A is {evaluation.first.model.name}")
        self._names["b"].setText(f"B is {second.model.name}")
        told = {
            "both": "read rightly by both",
            "only_first": "that A reads rightly and B wrongly",
            "only_second": "that B reads rightly and A wrongly",
            "neither": "that both read wrongly",
        }
        for case, button in self.buttons.items():
            count = len(getattr(comparison, case))
            button.setText(f"{count:,}")
            button.setAccessibleName(f"{count:,} images {told[case]}")
            button.setToolTip(f"Show the images {told[case]}")
            button.setEnabled(count > 0)
        self.verdict.setText(comparison.verdict)
