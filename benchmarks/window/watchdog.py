"""Tells when the window's thread does nothing for the user, and what it does instead.

With `with Watchdog() as dog:`, the stacks of all threads are printed whenever the event loop
has not turned for a quarter of a second; afterwards `dog.longest` has the longest such time.
Works where the thread is within a library, too: the stacks are written by faulthandler's own
thread, which waits for no lock of Python's.
"""

from __future__ import annotations

import faulthandler
import sys
import time
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QObject, Qt, QTimer

STOPPED = 0.25
"""Seconds after which a user notices."""
_BEAT = 40  # milliseconds


class Watchdog(QObject):
    """Begins and ends as a context, in the window's thread.

    Args:
        file: where the stacks are written; it needs a file descriptor.
        seconds: how long the thread may take.
    """

    def __init__(self, file: TextIO | None = None, seconds: float = STOPPED) -> None:
        super().__init__()
        self._file, self._seconds = file or sys.__stderr__, seconds
        self.longest = 0.0
        """Seconds."""
        self.stops = 0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self.beat)

    def __enter__(self) -> Watchdog:
        self._last = time.monotonic()
        self._timer.start()
        self._arm()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.beat()
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()

    def beat(self) -> None:
        """The event loop turns."""
        now = time.monotonic()
        took, self._last = now - self._last, now
        self.longest = max(self.longest, took)
        self.stops += took > self._seconds
        self._arm()

    def _arm(self) -> None:
        faulthandler.dump_traceback_later(self._seconds, file=self._file)
