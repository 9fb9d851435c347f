"""A paragraph that shows its first lines where room is scarce, and all of it on a click.

Text that changes while the pen moves, without moving what stands beneath it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

_FEWEST = 4


class ExpandableText(QWidget):
    """Text of some lines, at most `most_lines` at first.

    Args:
        name: the label's object name.
        most_lines: as many are shown without a click.
    """

    def __init__(self, name: str, most_lines: int = 8) -> None:
        super().__init__()
        self._most = most_lines
        self.label = QLabel()
        self.label.setObjectName(name)
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QToolButton()
        self.more.setObjectName(f"{name}_more")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.toggled.connect(self._fit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.label)
        whole.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def text(self) -> str:
        """All of it."""
        return self.label.text()

    def set_text(self, text: str) -> None:
        """Show another text, folded."""
        self.label.setText(text)
        self.more.setChecked(False)
        self._fit()

    def set_most_lines(self, lines: int) -> None:
        """Show as many lines without a click, but not fewer than four."""
        self._most = max(_FEWEST, lines)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width takes another number of lines."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Cut below the last whole line that has room."""
        line = self.label.fontMetrics().lineSpacing()
        needed = self.label.heightForWidth(self.width())
        # A click for one line more would be more trouble than the line.
        fits = needed <= (self._most + 1) * line
        self.more.setVisible(not fits)
        self.more.setText("Less" if self.more.isChecked() else "Read on")
        shown = needed if fits or self.more.isChecked() else self._most * line
        self.label.setFixedHeight(max(0, shown))


class FixedWidthLabel(QLabel):
    """A wrapped label that at one width grows by a line where it must, and never shrinks."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._wide = 0

    def show_text(self, text: str) -> None:
        """Show this in place of what is there."""
        self.setText(text)
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width begins anew."""
        super().resizeEvent(event)
        if self.width() != self._wide:
            self._wide = self.width()
            self.setMinimumHeight(0)
            self._grow()

    def _grow(self) -> None:
        if self._wide and self.text():
            needed = self.heightForWidth(self._wide)
            self.setMinimumHeight(max(self.minimumHeight(), needed))


def make_caption(text: str) -> QLabel:
    """A heading that leaves the eye to what it is above."""
    made = QLabel(text)
    made.setObjectName("caption")
    return made
