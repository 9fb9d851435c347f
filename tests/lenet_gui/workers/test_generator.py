"""A generator iterated in a thread: order, throttling, pause, stop and errors."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, QThread
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from lenet_gui.workers.generator import BackgroundWork, GeneratorWorker, wait_for_all
from lenet_gui.workers.serial import BackgroundTask, SerialWorker
from trainer.data.loading import DataMissing
from trainer.errors import UserError
from trainer.progress import Progress

NEVER = 1e9
"""Seconds between two messages: only what must not be lost is forwarded."""


@dataclass(frozen=True)
class Part:
    """A value of which lists are made."""

    number: int


class Recorder:
    """What a worker emitted, in order."""

    def __init__(self, worker: GeneratorWorker) -> None:
        self.events: list[tuple[Any, ...]] = []
        direct = Qt.ConnectionType.DirectConnection
        worker.yielded.connect(lambda value: self.events.append(("yielded", value)), direct)
        worker.returned.connect(lambda value: self.events.append(("returned", value)), direct)
        worker.errored.connect(lambda text: self.events.append(("errored", text)), direct)
        worker.data_missing.connect(
            lambda name, text: self.events.append(("data_missing", name, text)), direct
        )


def run(
    qtbot: QtBot, make: Callable[[], Generator[Any, None, Any]], **options: Any
) -> list[tuple[Any, ...]]:
    """Everything that a worker emits, until it has finished."""
    worker = GeneratorWorker(make, **options)
    recorder = Recorder(worker)
    with qtbot.waitSignal(worker.finished, timeout=10_000):
        worker.start()
    assert worker.wait(10_000)
    return recorder.events


def progress(done: int) -> Progress:
    return Progress("counting", done, 100)


def test_it_is_made_and_closed_in_its_thread(qtbot: QtBot) -> None:
    threads: list[int] = []

    def count() -> Generator[int, None, str]:
        threads.append(threading.get_ident())
        try:
            yield 1
            yield 2
        finally:
            threads.append(threading.get_ident())
        return "done"

    assert run(qtbot, count) == [("yielded", 1), ("yielded", 2), ("returned", "done")]
    assert threads[0] == threads[1] != threading.get_ident()


def test_progress_is_throttled_and_the_newest_is_never_lost(qtbot: QtBot) -> None:
    def count() -> Generator[object, None, None]:
        yield from map(progress, range(50))
        yield "half"
        yield from map(progress, range(50, 100))

    assert run(qtbot, count, every=NEVER) == [
        ("yielded", progress(49)),
        ("yielded", "half"),
        ("yielded", progress(99)),
        ("returned", None),
    ]


def test_progress_is_forwarded_at_once_where_nothing_is_throttled(qtbot: QtBot) -> None:
    def count() -> Generator[Progress, None, None]:
        yield from map(progress, range(5))

    events = run(qtbot, count, every=-1.0)
    assert events == [*(("yielded", progress(n)) for n in range(5)), ("returned", None)]


def test_a_batch_keeps_every_value_and_the_order(qtbot: QtBot) -> None:
    def count() -> Generator[object, None, None]:
        yield progress(0)
        yield from map(Part, range(3))
        yield progress(1)
        yield Part(3)
        yield "end"

    assert run(qtbot, count, every=NEVER, batch=Part) == [
        ("yielded", progress(0)),
        ("yielded", [Part(0), Part(1), Part(2)]),
        ("yielded", progress(1)),
        ("yielded", [Part(3)]),
        ("yielded", "end"),
        ("returned", None),
    ]


class Endless:
    """Counts until it is closed."""

    def __init__(self) -> None:
        self.count = 0
        self.closed = threading.Event()

    def __call__(self) -> Generator[int, None, None]:
        try:
            while True:
                yield self.count
                self.count += 1
        finally:
            self.closed.set()


def test_stop_closes_it_and_nothing_is_returned(qtbot: QtBot) -> None:
    endless = Endless()
    worker = GeneratorWorker(endless)
    recorder = Recorder(worker)
    worker.start()
    qtbot.waitUntil(lambda: endless.count > 0)
    worker.stop()
    assert worker.wait(10_000) and endless.closed.is_set()
    assert {kind for kind, *_ in recorder.events} == {"yielded"}


def test_what_was_kept_is_forwarded_when_it_is_stopped(qtbot: QtBot) -> None:
    def parts() -> Generator[Part, None, None]:
        yield Part(1)
        worker.stop()
        yield Part(2)

    worker = GeneratorWorker(parts, every=NEVER, batch=Part)
    recorder = Recorder(worker)
    with qtbot.waitSignal(worker.finished):
        worker.start()
    assert recorder.events == [("yielded", [Part(1), Part(2)])]


def test_it_waits_while_paused_and_goes_on(qtbot: QtBot) -> None:
    endless = Endless()
    worker = GeneratorWorker(endless)
    worker.start()
    qtbot.waitUntil(lambda: endless.count > 0)
    worker.pause()
    qtbot.waitUntil(lambda: worker.waiting)
    before = endless.count
    assert not worker.wait(20) and endless.count == before
    worker.resume()
    qtbot.waitUntil(lambda: endless.count > before)
    worker.stop()
    assert worker.wait(10_000)


def test_it_can_be_stopped_while_paused_and_before_its_first_value(qtbot: QtBot) -> None:
    endless = Endless()
    worker = GeneratorWorker(endless)
    worker.pause()
    worker.start()
    qtbot.waitUntil(lambda: worker.waiting)
    worker.stop()
    assert worker.wait(10_000) and endless.count == 0


def test_after_an_ending_it_is_neither_paused_nor_stopped(qtbot: QtBot) -> None:
    def count() -> Generator[object, None, str]:
        yield Part(1)
        worker.pause()
        worker.stop()
        worker.pause()
        yield Part(2)
        return "whole"

    worker = GeneratorWorker(count, endings=(Part,))
    recorder = Recorder(worker)
    with qtbot.waitSignal(worker.finished):
        worker.start()
    assert recorder.events[-1] == ("returned", "whole")


def failing(error: Exception) -> Callable[[], Generator[int, None, None]]:
    def fail() -> Generator[int, None, None]:
        yield 1
        raise error

    return fail


def test_a_users_error_is_its_message(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    assert run(qtbot, failing(UserError("There is no room")))[1:] == [
        ("errored", "There is no room")
    ]
    assert not caplog.records


def test_another_error_is_logged_and_named(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        events = run(qtbot, failing(ValueError("not a number")))
    assert events[1:] == [("errored", "ValueError: not a number")]
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_an_error_while_it_is_made_is_reported(qtbot: QtBot) -> None:
    def make() -> Generator[int, None, None]:
        raise UserError("It can't begin")

    assert run(qtbot, make) == [("errored", "It can't begin")]


def test_a_missing_dataset_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    (event,) = run(qtbot, failing(DataMissing("mnist", tmp_path)))[1:]
    assert event[:2] == ("data_missing", "mnist")
    assert event[2].startswith(f"MNIST is not in {tmp_path}")


def test_a_background_task_answers_once_and_is_forgotten(qtbot: QtBot, tmp_path: Path) -> None:
    answers: list[object] = []

    def fail() -> None:
        raise DataMissing("mnist", tmp_path)

    asking = QObject()
    BackgroundTask.begin(lambda: 7, answers.append, answers.append, context=asking)
    qtbot.waitUntil(lambda: len(answers) == 1 and not BackgroundTask.running())
    BackgroundTask.begin(fail, answers.append, answers.append, context=asking)
    qtbot.waitUntil(lambda: len(answers) == 2 and not BackgroundTask.running())
    assert answers[0] == 7 and len(answers) == 2
    assert str(answers[1]).startswith(f"MNIST is not in {tmp_path}")


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("serial", [False, True])
def test_whoever_is_gone_is_told_nothing(qtbot: QtBot, serial: bool, fails: bool) -> None:
    """An exception in a slot, such as of a label that is gone, would fail the test."""
    asking = QLabel()
    go, called = threading.Event(), []

    def work() -> str:
        go.wait(30)
        if fails:
            raise UserError("It can't be done")
        return "It is done"

    def show(text: str) -> None:
        called.append(text)
        asking.setText(text)

    if serial:
        worker = SerialWorker(asking)
        worker.do(work, show, show)
        worker.end()
        threads: list[QThread] = [worker]
    else:
        BackgroundTask.begin(work, show, asking.setText, context=asking)
        threads = BackgroundTask.running()
    delete(asking)
    go.set()
    qtbot.waitUntil(lambda: all(thread.isFinished() for thread in threads), timeout=30_000)
    QApplication.processEvents()
    assert not called


def test_of_work_that_is_begun_again_only_the_newest_is_heard(qtbot: QtBot) -> None:
    heard: list[Any] = []
    step = threading.Event()

    def first() -> Generator[str, None, str]:
        yield "first"
        assert step.wait(10)  # amid a step while it is canceled
        yield "more of the first"
        return "first"

    parent = QObject()
    work = BackgroundWork("counting", parent)
    work.yielded.connect(heard.append)
    work.returned.connect(lambda result: heard.append((result, work.busy)))
    work.errored.connect(lambda problem: heard.append((problem, work.busy)))
    work.start(first)
    qtbot.waitUntil(lambda: heard == ["first"])
    work.start(failing(UserError("There is no room")))
    qtbot.waitUntil(lambda: len(heard) == 3)
    step.set()
    wait_for_all(work.end(), 10)
    work.start(lambda: (each for each in ("last",)))
    qtbot.waitUntil(lambda: not work.busy)
    wait_for_all(work.end(), 10)
    assert heard == ["first", 1, ("There is no room", False), "last", (None, False)]
