"""Ten buttons beneath the answer: what it should have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from trainer.drawing.sheet import Stroke

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """What a drawing should have been read as."""

    label: int
    strokes: tuple[Stroke, ...]  # none where a picture was read
    image: NDArray[np.uint8]  # (28, 28), what was read
    read_as: int | None  # None where the network claimed nothing


class CorrectionRow(QWidget):
    """One click says what a drawing is; the button stays down to show it."""

    chosen = Signal(int)
    """It is this digit."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("correction")
        self.setAccessibleName("What it should be")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        self.label = QLabel("Wrong? It should be:")
        self.label.setObjectName("caption")
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
        button = QToolButton()
        button.setText(str(digit))
        button.setObjectName(f"should_be_{digit}")
        button.setAccessibleName(f"It should be {digit}")
        button.setToolTip(f"It is a {digit}: keep the drawing under My digits ({digit})")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setMinimumSize(22, 26)
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
