"""Text that changes while the pen moves, without moving what stands beneath it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel


class SteadyText(QLabel):
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
