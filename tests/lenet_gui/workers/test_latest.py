"""A worker that answers the newest request only."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from lenet_gui.workers.latest import LatestWorker
from trainer.errors import UserError


class Counter(LatestWorker):
    """Counts up to what it is asked for; waits after each number until `released`."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.released, self.closed = (threading.Event() for _ in range(3))
        self.reported: list[int] = []
        self.for_all = False

    def work(self, request: int) -> str:
        """Count, or fail below 0."""
        if request < 0:
            raise UserError("It can't count down")
        counting = self._count(request)
        return self.result_of(counting, self.reported.append, for_all=self.for_all)

    def _count(self, request: int) -> Generator[int, None, str]:
        try:
            for number in range(request):
                yield number
                self.begun.set()
                self.released.wait(10)
            return f"counted to {request}"
        finally:
            self.closed.set()


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Counter]:
    """Started; ended afterwards."""
    counter = Counter()
    counter.start()
    yield counter
    counter.released.set()
    counter.end()
    assert counter.wait(30_000)


def test_a_generator_is_iterated_to_its_result(worker: Counter, qtbot: QtBot) -> None:
    worker.released.set()
    with qtbot.waitSignal(worker.done, timeout=30_000) as done:
        worker.ask(3)
    assert done.args == ["counted to 3"] and worker.reported == [0, 1, 2]


def test_a_newer_request_closes_the_generator(worker: Counter, qtbot: QtBot) -> None:
    answers: list[object] = []
    worker.done.connect(answers.append)
    worker.ask(1000)
    qtbot.waitUntil(worker.begun.is_set, timeout=30_000)
    worker.ask(0)
    worker.released.set()
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=30_000)
    assert answers == [None, "counted to 0"]
    assert worker.closed.is_set() and len(worker.reported) < 3


def test_what_serves_newer_requests_too_goes_on(worker: Counter, qtbot: QtBot) -> None:
    worker.for_all = True
    answers: list[object] = []
    worker.done.connect(answers.append)
    worker.ask(5)
    qtbot.waitUntil(worker.begun.is_set, timeout=30_000)
    worker.ask(0)
    worker.released.set()
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=30_000)
    assert answers == ["counted to 5", "counted to 0"]


def test_a_failure_is_told_and_the_next_request_answered(worker: Counter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(worker.failed, timeout=30_000) as failed:
        worker.ask(-1)
    assert failed.args == ["It can't count down"]
    with qtbot.waitSignal(worker.done, timeout=30_000) as done:
        worker.ask(0)
    assert done.args == ["counted to 0"]
