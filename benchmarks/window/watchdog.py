"""Tells when the window's thread does nothing for the user, and what it does instead.

With `with Watchdog() as dog:`, the thread's stack is printed whenever the event loop has not
turned for a quarter of a second. Two times are told: by the clock, and the thread's own on a
processor. On a machine with more to do than processors, the first is also the wait for one;
the second alone is what the window made of it.

The stack is taken in a Python thread, not by faulthandler: its watchdog reads the frames of
threads that run meanwhile, and has crashed the program by it. Where the window's thread is in
a library that holds Python's lock, the stack comes late and is that of the caller.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QObject, Qt, QTimer

STOPPED = 0.25
"""Seconds after which a user notices."""
_BEAT = 40  # milliseconds
_LOOKS = 0.02  # seconds
_DEEPEST = 40  # frames of a stack
_UNDISTURBED = 1.0  # seconds for which no other thread runs


class Watchdog(QObject):
    """Begins and ends as a context, in the window's thread.

    Args:
        file: where the stacks are written; standard error if None.
        seconds: how long the thread may take.
    """

    def __init__(self, file: TextIO | None = None, seconds: float = STOPPED) -> None:
        super().__init__()
        self._file, self._seconds = file or sys.stderr, seconds
        self.longest = 0.0
        """Seconds by the clock."""
        self.longest_busy = 0.0
        """Seconds of the thread's own."""
        self.stops = 0
        """How often it took longer by the clock."""
        self.busy_stops = 0
        """How often it took longer by its own time."""
        self.doing = ""
        """What is told with the stack."""
        self._last = self._last_busy = 0.0
        self._thread, self._ended = threading.get_ident(), threading.Event()
        self._looking = threading.Thread(target=self._look, name="watchdog", daemon=True)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self.beat)

    def __enter__(self) -> Watchdog:
        self._last, self._last_busy = time.monotonic(), time.thread_time()
        self._timer.start()
        self._looking.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.beat()
        self._timer.stop()
        self._ended.set()
        self._looking.join()

    def beat(self) -> None:
        """The event loop turns."""
        now, busy = time.monotonic(), time.thread_time()
        took, worked = now - self._last, busy - self._last_busy
        self._last, self._last_busy = now, busy
        self.longest, self.longest_busy = max(self.longest, took), max(self.longest_busy, worked)
        self.stops += took > self._seconds
        self.busy_stops += worked > self._seconds
        if worked > self._seconds:
            print(f"The window worked for {worked:.2f} s at {self.doing}", file=self._file)

    def forgive(self) -> None:
        """What took time until now is not counted: it was no work of the window."""
        self._last, self._last_busy = time.monotonic(), time.thread_time()

    def _look(self) -> None:
        """In a thread of its own: once a turn, tell of one that takes too long."""
        clock, told = time.pthread_getcpuclockid(self._thread), 0.0
        while not self._ended.wait(_LOOKS):
            last, last_busy = self._last, self._last_busy
            took = time.monotonic() - last
            if took <= self._seconds or told == last:
                continue
            told = last
            worked = time.clock_gettime(clock) - last_busy
            head = f"No turn for {took:.2f} s, {worked:.2f} s of them at work: {self.doing}\n"
            stack = traceback.format_list(_stack_of(self._thread))
            print(head + "".join(stack), file=self._file, flush=True)


def _stack_of(thread: int) -> traceback.StackSummary:
    """Where a thread is, its innermost calls last.

    No frame is held once it runs on: what it has is to end with it, such as a painter.
    """
    before = sys.getswitchinterval()
    lines: list[tuple[str, int, str, str | None]] = []
    sys.setswitchinterval(_UNDISTURBED)
    frame = sys._current_frames().get(thread)
    while frame is not None and len(lines) < _DEEPEST:
        lines.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, None))
        frame = frame.f_back
    frame = None
    sys.setswitchinterval(before)
    return traceback.StackSummary.from_list(reversed(lines))
