"""What is read rather than seen: while the pen moves it changes no faster than eyes can follow."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

PAUSE = 80
"""Milliseconds from numbers to numbers."""


class Throttle(QObject):
    """Does what is asked for in a row once, a little later: after what must be seen at once.

    Args:
        do: what is done, in the window's thread.
        parent: whose thing this is.
        milliseconds: how much later, and so from one time to the next.
    """

    def __init__(self, do: Callable[[], None], parent: QObject, milliseconds: int = PAUSE) -> None:
        super().__init__(parent)
        self._do = do
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(do)

    def trigger(self) -> None:
        """Do it once the pause is over."""
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Do it now, and not again for what was asked before."""
        self._timer.stop()
        self._do()
