"""A thread that always works on the newest request: older ones not yet begun are dropped."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, TypeVar

from PySide6.QtCore import QThread, Signal

_log = logging.getLogger(__name__)
_NOTHING = object()


Result = TypeVar("Result")


class Superseded(Exception):
    """A newer request waits: what is worked on is no longer wanted."""


class LatestWorker(QThread):
    """Subclasses say what to do in `prepare` and `work`, which run in the thread.

    What `work` returns is emitted as `done`, None if it raises `Superseded`; whatever
    else it raises reaches the window as `failed`, and the thread goes on with the next
    request.
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._request: Any = _NOTHING
        self._ended = False

    def ask(self, request: Any) -> None:
        """Work on `request` next, in place of an older one that waits."""
        with self._changed:
            self._request = request
            self._changed.notify()

    def end(self) -> None:
        """Finish what is under way and nothing more; `wait()` then waits for it."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def stale(self, patience: float = 0.0) -> bool:
        """Whether what is worked on is no longer wanted: a newer request waits, or the end.

        Args:
            patience: seconds to wait for that.
        """
        with self._changed:
            return self._changed.wait_for(self._has_more, patience)

    def _has_more(self) -> bool:
        return self._ended or self._request is not _NOTHING

    def prepare(self) -> None:
        """What takes long and must be done first; here, to import torch, with one CPU thread."""
        from trainer.runtime import cpu  # in the thread: it brings torch

        cpu.use_background_threads()

    def work(self, request: Any) -> Any:
        """Answer one request."""
        raise NotImplementedError

    def result_of(
        self,
        work: Generator[Any, None, Result],
        report: Callable[[Any], object],
        every: float = 0.0,
        for_all: bool = False,
    ) -> Result:
        """Iterate `work` to its end and return what it returns.

        Args:
            work: what to do; it is closed in any case.
            report: called with values that it yields.
            every: seconds that must lie between two calls.
            for_all: it serves newer requests, too, and is not given up for one of them.

        Raises:
            Superseded: a newer request waits, or the end; leave it to `run`.
        """
        reported = 0.0
        with closing(work):
            while not (self._ended if for_all else self.stale()):
                try:
                    value = next(work)
                except StopIteration as end:
                    result: Result = end.value
                    return result
                if time.monotonic() - reported >= every:
                    reported = time.monotonic()
                    report(value)
        raise Superseded

    def patience(self) -> float | None:
        """Seconds without a new request after which `rest` is called; None: never."""
        return None

    def rest(self) -> Any:
        """Do what could wait; what is returned is emitted as `done` if not None."""

    def run(self) -> None:
        """What the thread does."""
        try:
            self.prepare()
        except Exception as error:
            self._tell(error)
        while True:
            with self._changed:
                came = self._changed.wait_for(self._has_more, self.patience())
                if self._ended:
                    return
                request, self._request = self._request, _NOTHING
            try:
                answer = self.work(request) if came else self.rest()
                if came or answer is not None:
                    self.done.emit(answer)
            except Superseded:
                self.done.emit(None)
            except Exception as error:
                self._tell(error)

    def _tell(self, error: Exception) -> None:
        _log.error("%s failed", type(self).__name__, exc_info=error)
        self.failed.emit(str(error) or type(error).__name__)


class DetachedWorker(LatestWorker):
    """Outlives whoever asks, such as a dialog, who ends it and does not wait."""

    _all: set[DetachedWorker] = set()  # noqa: RUF012  Qt aborts when a running thread is forgotten

    def __init__(self) -> None:
        super().__init__()
        self._all.add(self)
        self.finished.connect(self._forget)

    def _forget(self) -> None:
        self._all.discard(self)

    @classmethod
    def end_all(cls) -> list[QThread]:
        """End all, and return those not finished yet."""
        for worker in cls._all:
            worker.end()
        return [worker for worker in cls._all if worker.isRunning()]


def end_worker(worker: LatestWorker | None) -> list[QThread]:
    """Ask a thread to end, if there is one; returns it, to be waited for."""
    if worker is None:
        return []
    worker.end()
    return [worker]
