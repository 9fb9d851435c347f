"""What is read rather than seen: while the pen moves it changes no faster than eyes can follow."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

PAUSE = 80
"""Milliseconds from numbers to numbers."""


class Pause(QObject):
    """Does something at once, then at most every so often, and for the last time asked too.

    Args:
        do: what is done, in the window's thread.
        parent: whose thing this is.
        milliseconds: from one time to the next.
    """

    def __init__(self, do: Callable[[], None], parent: QObject, milliseconds: int = PAUSE) -> None:
        super().__init__(parent)
        self._do, self._late = do, False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self._over)

    def ask(self) -> None:
        """Do it now, or once the pause is over."""
        if self._timer.isActive():
            self._late = True
        else:
            self.now()

    def now(self) -> None:
        """Do it now in any case."""
        self._late = False
        self._timer.start()
        self._do()

    def _over(self) -> None:
        if self._late:
            self.now()
