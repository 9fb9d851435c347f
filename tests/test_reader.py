"""The reading thread: newest drawing wins, and a device that gives up costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from lenet_gui.latest import LatestWorker
from lenet_gui.reader import Reader, Reading
from tests.gui import ONE, SEVEN
from trainer import devices, reading
from trainer.weights import Model

ONE_STROKE = (tuple((x, y, 1.0) for x, y in ONE),)
SEVEN_STROKE = (tuple((x, y, 1.0) for x, y in SEVEN),)


class Recorder(LatestWorker):
    """Holds its first request until told to go on; remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.worked_on: list[Any] = []

    def work(self, request: Any) -> Any:
        self.worked_on.append(request)
        self.begun.set()
        assert self.go_on.wait(10)
        return request


def test_requests_that_waited_give_way_to_the_newest(qtbot: QtBot) -> None:
    worker = Recorder()
    answers: list[Any] = []
    worker.done.connect(answers.append)
    worker.start()
    worker.ask("first")
    assert worker.begun.wait(10)
    for request in ("second", "third", "fourth"):
        worker.ask(request)
    worker.go_on.set()
    qtbot.waitUntil(lambda: answers == ["first", "fourth"])
    assert worker.worked_on == ["first", "fourth"]
    worker.end()
    assert worker.wait(5000)


@pytest.fixture
def reader(qtbot: QtBot) -> Iterator[Reader]:
    reader = Reader()
    reader.device = "cpu"
    with qtbot.waitSignal(reader.loaded, timeout=30_000):
        reader.start()
    yield reader
    reader.end()
    assert reader.wait(10_000)


def test_nothing_drawn_is_nothing_claimed(reader: Reader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reader.done) as done:
        reader.read(())
    answer: Reading = done.args[0]
    assert answer.prediction is None and not answer.image.any()


def test_another_network_reads_the_same_drawing_at_once(reader: Reader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reader.done):
        reader.read(SEVEN_STROKE)
    assert reader.model is not None
    with qtbot.waitSignal(reader.done) as done:
        reader.show_model(reader.model.to(devices.choose("cpu")))
    assert done.args[0].prediction.digit == 7


def test_a_device_that_cannot_be_used_is_told_and_the_cpu_taken(
    reader: Reader, qtbot: QtBot
) -> None:
    unusable = next(d.name for d in devices.available() if d.problem)
    with qtbot.waitSignal(reader.done):
        reader.read(ONE_STROKE)
    with qtbot.waitSignal(reader.moved) as moved:
        reader.set_device(unusable)
    device, problem = moved.args
    assert device == "cpu" and "can't be used here" in problem
    with qtbot.waitSignal(reader.done, check_params_cb=lambda r: r.prediction.digit == 7):
        reader.read(SEVEN_STROKE)


def test_a_device_that_gives_up_is_told_and_the_drawing_still_read(
    reader: Reader, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, calls = reading.read, []

    def failing_once(model: Model, image: Any) -> reading.Prediction:
        calls.append(model)
        if len(calls) == 1:
            raise RuntimeError("CUDA error: out of memory")
        return read(model, image)

    monkeypatch.setattr(reading, "read", failing_once)
    monkeypatch.setattr(devices, "failed", lambda *_: True)
    moved: list[tuple[str, str]] = []
    reader.moved.connect(lambda *told: moved.append(told))
    with qtbot.waitSignal(reader.done) as done:
        reader.read(SEVEN_STROKE)
    assert done.args[0].prediction.digit == 7
    assert len(calls) == 2
    assert any(device == "cpu" and "out of memory" in problem for device, problem in moved)
