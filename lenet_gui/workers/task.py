"""A piece of work, such as reading a file, done once in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QThread, Signal, SignalInstance


class Task(QThread):
    """Calls `function` in a thread of its own; `done` has what it returns."""

    done = Signal(object)
    failed = Signal(str)
    _all: set[Task] = set()  # noqa: RUF012  Qt aborts when a running thread is forgotten

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__()
        self._function = function
        self._all.add(self)
        self.finished.connect(self._forget)

    @classmethod
    def begin(
        cls,
        function: Callable[[], Any],
        done: Callable[[Any], object] | SignalInstance,
        failed: Callable[[str], object] | SignalInstance,
    ) -> None:
        """Call `function` in the background, and then `done` or `failed` in the window's thread."""
        task = cls(function)
        task.done.connect(done)
        task.failed.connect(failed)
        task.start()

    def run(self) -> None:
        """The thread."""
        try:
            result = self._function()
        except Exception as error:
            self.failed.emit(str(error) or type(error).__name__)
        else:
            self.done.emit(result)

    def _forget(self) -> None:
        self._all.discard(self)

    @classmethod
    def running(cls) -> list[QThread]:
        """Those not finished yet."""
        return [task for task in cls._all if task.isRunning()]
