"""A thread that does pieces of work one after another, in the order asked for.

And work done once in the background, whoever asked for it: a `LongTask`, which tells how far it is,
or a `BackgroundTask`, such as reading a file.
"""

from __future__ import annotations

import contextlib
import logging
import queue
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from PySide6.QtCore import QThread, Signal, SignalInstance

from lenet_gui.workers.generator import GeneratorWorker
from trainer.errors import UserError

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class SerialWorker(QThread):
    """For what must not overtake: changes of one file, say. Begins with the first piece of work."""

    _answered = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._ended = False
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A slot of this object is called in the window's thread, to which it belongs.
        self._answered.connect(self._call)

    def do(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object],
        failed: Callable[[str], object] | SignalInstance,
    ) -> None:
        """Call `function` in the thread, and then `done` or `failed` in the window's."""
        tell = failed.emit if isinstance(failed, SignalInstance) else failed

        def work() -> None:
            try:
                result = function()
            except Exception as error:
                if not isinstance(error, UserError):
                    _log.exception("work in the background failed")
                self._answered.emit(tell, str(error) or type(error).__name__)
            else:
                self._answered.emit(done, result)

        self._waiting.put(work)
        if not self.isRunning() and not self._ended:
            self.start()

    def end(self) -> None:
        """Finish all that was asked for, and no more."""
        self._ended = True
        self._waiting.put(None)

    def run(self) -> None:
        """What the thread does."""
        while (work := self._waiting.get()) is not None:
            work()

    def _call(self, function: Callable[[Any], object], result: Any) -> None:
        function(result)


class LongTask(GeneratorWorker):
    """Iterates a generator in a thread that may outlive whoever began it.

    Args:
        make: makes the generator, in the thread.
    """

    _all: set[LongTask] = set()  # noqa: RUF012  Qt aborts when a running thread is forgotten

    def __init__(self, make: Callable[[], Generator[Any, None, Any]]) -> None:
        super().__init__(make)
        self.setObjectName("work in the background")
        self._all.add(self)
        self.finished.connect(self._forget)

    def _report(self, error: Exception) -> None:
        """A dataset that is missing is a problem like any other: nothing here offers to get it."""
        if isinstance(error, UserError):
            self.errored.emit(str(error))
        else:
            super()._report(error)

    def _forget(self) -> None:
        self._all.discard(self)

    @classmethod
    def running(cls) -> list[QThread]:
        """Those not finished yet."""
        return [task for task in cls._all if task.isRunning()]


class BackgroundTask(LongTask):
    """Calls `function` in a thread of its own; `returned` has what it returns."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(lambda: _generate(function))
        self._done: Callable[[Any], object] | SignalInstance | None = None

    @classmethod
    def begin(
        cls,
        function: Callable[[], Any],
        done: Callable[[Any], object] | SignalInstance,
        failed: Callable[[str], object] | SignalInstance,
    ) -> None:
        """Call `function` in the background, and then `done` or `failed` in the window's thread."""
        task = cls(function)
        task._done = done
        # A result is any object: Qt would not connect it to a signal of a text or a path.
        task.returned.connect(task._pass_on if isinstance(done, SignalInstance) else done)
        task.errored.connect(failed)
        task.start()

    def _pass_on(self, result: Any) -> None:
        """In the window's thread, to which this object belongs."""
        assert isinstance(self._done, SignalInstance)
        with contextlib.suppress(RuntimeError):  # whoever asked may be gone by now
            self._done.emit(result)


def _generate(function: Callable[[], Result]) -> Generator[None, None, Result]:
    """`function` as a generator that yields nothing and returns what it returns."""
    yield from ()
    return function()
