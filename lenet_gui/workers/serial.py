"""A thread that does pieces of work one after another, in the order asked for.

And work done once in the background, whoever asked for it: a `LongTask`, which tells how far it is,
or a `BackgroundTask`, such as reading a file.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThread, Signal, SignalInstance
from shiboken6 import isValid

from lenet_gui.workers.generator import GeneratorWorker
from trainer.errors import UserError

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class SerialWorker(QThread):
    """For what must not overtake: changes of one file, say. Begins with the first piece of work.

    Args:
        context: who asks; once it is deleted, the work is still done, but nothing is called.
    """

    _answered = Signal(object, object)

    def __init__(self, context: QObject) -> None:
        super().__init__()
        self._context, self._ended = context, False
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
        tell = _function(failed)

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
        if isValid(self._context):
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

    def __init__(
        self,
        function: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[str], object],
        context: QObject,
    ) -> None:
        super().__init__(lambda: _generate(function))
        self._done, self._failed, self._context = done, failed, context
        # Slots of this object, which are called in the thread to which it belongs, the window's.
        self.returned.connect(self._return)
        self.errored.connect(self._fail)

    @classmethod
    def begin(
        cls,
        function: Callable[[], Any],
        done: Callable[[Any], object] | SignalInstance,
        failed: Callable[[str], object] | SignalInstance,
        *,
        context: QObject,
    ) -> None:
        """Call `function` in the background, and then `done` or `failed` in the window's thread.

        Args:
            function: what to do; it is done to its end in any case.
            done: is called with the result.
            failed: is called with what went wrong, in words.
            context: who asks, as in Qt's own `connect`: once it is deleted, neither is called.
        """
        cls(function, _function(done), _function(failed), context).start()

    def _return(self, result: Any) -> None:
        if isValid(self._context):
            self._done(result)

    def _fail(self, problem: str) -> None:
        if isValid(self._context):
            self._failed(problem)


def _function(call: Callable[[Any], object] | SignalInstance) -> Callable[[Any], object]:
    """What calls a function, or emits a signal, whose argument may be of any type."""
    return call.emit if isinstance(call, SignalInstance) else call


def _generate(function: Callable[[], Result]) -> Generator[None, None, Result]:
    """`function` as a generator that yields nothing and returns what it returns."""
    yield from ()
    return function()
