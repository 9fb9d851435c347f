"""Long work in a thread of its own, written as a generator.

The contract is that of superqt's `GeneratorWorker`: the generator is made, iterated and
closed inside the thread, so its files are finished there too; what it yields and returns
reaches the window as signals. Knows nothing of what the work is about.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from trainer.errors import UserError
from trainer.progress import Progress
from trainer.runtime import preloading

_log = logging.getLogger(__name__)


class GeneratorWorker(QThread):
    """Iterates a generator; start it once. `finished` (QThread's own) comes last in any case.

    After `stop`, there is neither `returned` nor `errored`.

    Args:
        make: makes the generator; called in the thread, so it may import what takes long.
        every: seconds between two messages about `Progress`, or about batches. In between
            only the newest `Progress` is kept; every other value is forwarded at once,
            after what was kept, so the order stays.
        batch: values of this class are collected and forwarded as a list.
        endings: after a value of these classes nothing is left to be paused or stopped.
    """

    yielded = Signal(object)
    """A value of the generator; a list of those of the class `batch`."""
    returned = Signal(object)
    """What the generator returned."""
    errored = Signal(str)
    """Why it could not go on: a `UserError`'s message, or another exception's class and message."""
    data_missing = Signal(str, str)
    """In place of `errored`: the dataset that is not on this computer, and the message."""

    def __init__(
        self,
        make: Callable[[], Generator[Any, None, Any]],
        *,
        every: float = 0.1,
        batch: type | None = None,
        endings: tuple[type, ...] = (),
    ) -> None:
        super().__init__()
        self._make, self._every, self._batch, self._endings = make, every, batch, endings
        self._resumed = threading.Event()
        self._resumed.set()
        self._kept: list[Any] = []  # of one class; not forwarded yet
        self._forwarded = 0.0  # when something was, in monotonic time
        self.waiting = False
        """Whether it does nothing, because of `pause`."""

    def pause(self) -> None:
        """Wait before the next value."""
        self._resumed.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._resumed.set()

    def stop(self) -> None:
        """Close the generator before its next value."""
        self.requestInterruption()
        self._resumed.set()

    def run(self) -> None:
        """What the thread does."""
        preloading.wait_until_loaded()
        try:
            self._iterate()
        except Exception as error:  # what fails here must not take the window along
            self._report(error)

    def _iterate(self) -> None:
        ending = False
        with closing(self._make()) as generator:
            while ending or not self._should_stop():
                try:
                    value = next(generator)
                except StopIteration as end:
                    self._flush()
                    self.returned.emit(end.value)
                    return
                self._forward(value)
                ending = ending or isinstance(value, self._endings)
        self._flush()

    def _should_stop(self) -> bool:
        """Whether to end here; waits while it is paused."""
        self.waiting = not self._resumed.is_set()
        self._resumed.wait()
        self.waiting = False
        return self.isInterruptionRequested()

    def _forward(self, value: Any) -> None:
        batched = self._batch is not None and isinstance(value, self._batch)
        if not batched and not isinstance(value, Progress):
            self._flush()
            self.yielded.emit(value)
            return
        if self._kept and type(self._kept[0]) is not type(value):
            self._flush()
        if not batched:
            self._kept.clear()
        self._kept.append(value)
        if time.monotonic() - self._forwarded > self._every:
            self._flush()

    def _flush(self) -> None:
        """Forward what was kept."""
        if self._kept:
            kept, self._kept = self._kept, []
            self._forwarded = time.monotonic()
            self.yielded.emit(kept[-1] if isinstance(kept[-1], Progress) else kept)

    def _report(self, error: Exception) -> None:
        if not isinstance(error, UserError):
            _log.error("%s failed", self.objectName(), exc_info=error)
            self.errored.emit(f"{type(error).__name__}: {error}")
        elif error.dataset:
            self.data_missing.emit(error.dataset, str(error))
        else:
            self.errored.emit(str(error))


class BackgroundWork(QObject):
    """Long work of one kind, begun again and again; only the newest is listened to.

    The signals are those of its `GeneratorWorker`. What was canceled may go on for a moment, but
    nothing is heard of it.

    Args:
        name: of its threads.
        parent: with whom it goes.
        make_worker: makes a thread of what makes a generator.
    """

    yielded = Signal(object)
    returned = Signal(object)
    errored = Signal(str)
    data_missing = Signal(str, str)

    def __init__(
        self,
        name: str,
        parent: QObject,
        make_worker: Callable[[Callable[[], Generator[Any, None, Any]]], GeneratorWorker] = (
            GeneratorWorker
        ),
    ) -> None:
        super().__init__(parent)
        self._name, self._make_worker = name, make_worker
        self._newest: GeneratorWorker | None = None
        self._threads: set[GeneratorWorker] = set()  # with those that end after a cancel

    @property
    def busy(self) -> bool:
        """Whether it is under way; no longer, once its end is told."""
        return self._newest is not None

    def start(self, make: Callable[[], Generator[Any, None, Any]]) -> None:
        """Iterate the generator that `make` makes, in a thread; what was under way is canceled."""
        self.cancel()
        self._newest = thread = self._make_worker(make)
        thread.setObjectName(self._name)
        thread.yielded.connect(self._pass_on)
        thread.returned.connect(self._return)
        thread.errored.connect(self._fail)
        thread.data_missing.connect(self._miss_data)
        # Not by a slot of `finished`: one that holds the thread keeps it for good.
        self._threads = {*self._going(), thread}
        thread.start()

    def cancel(self) -> None:
        """Stop what is under way; it may finish a step first."""
        if self._newest is not None:
            self._newest.stop()
            self._newest = None

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        for thread in self._threads:
            thread.stop()
        return [*self._going()]

    def _going(self) -> list[GeneratorWorker]:
        return [thread for thread in self._threads if not thread.isFinished()]

    def _pass_on(self, value: Any) -> None:
        if self.sender() is self._newest:
            self.yielded.emit(value)

    def _has_ended(self) -> bool:
        """Whether the newest thread tells its end now, and not one that was canceled."""
        if self.sender() is not self._newest:
            return False
        self._newest = None
        return True

    def _return(self, result: Any) -> None:
        if self._has_ended():
            self.returned.emit(result)

    def _fail(self, problem: str) -> None:
        if self._has_ended():
            self.errored.emit(problem)

    def _miss_data(self, name: str, problem: str) -> None:
        if self._has_ended():
            self.data_missing.emit(name, problem)


def wait_for_all(threads: Iterable[QThread], seconds: float) -> None:
    """Wait until these threads have ended, for as many seconds in all at most."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.wait(max(1, round((deadline - time.monotonic()) * 1000)))
