"""The reading thread: newest drawing wins, and a device that gives up costs nothing."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lenet_gui.draw.reader import Reader
from lenet_gui.workers.latest import LatestWorker
from tests.support.gui import ONE, SEVEN
from trainer.drawing.picture import Picture
from trainer.drawing.rasterize import rasterize
from trainer.drawing.sheet import SMALLEST, PreprocessingOptions, Sheet
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.sheet_reading import SheetReading
from trainer.runtime import devices

ONE_SHEET = Sheet((tuple((x, y, 1.0) for x, y in ONE),))
SEVEN_SHEET = Sheet((tuple((x, y, 1.0) for x, y in SEVEN),))


def beside(*sheets: Sheet) -> Sheet:
    """The same drawings, small and side by side."""
    size = 0.9 / len(sheets)
    return Sheet(
        tuple(
            tuple((10 + x * size + n * 270 / len(sheets), 60 + y * size, w) for x, y, w in stroke)
            for n, sheet in enumerate(sheets)
            for stroke in sheet.strokes
        )
    )


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
        reader.read(Sheet())
    answer: SheetReading = done.args[0]
    assert answer.prediction is None and not answer.image.any()


def test_another_network_reads_the_same_drawing_at_once(reader: Reader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reader.done):
        reader.read(SEVEN_SHEET)
    assert reader.model is not None
    with qtbot.waitSignal(reader.done) as done:
        reader.show_model(reader.model.to(devices.choose("cpu")))
    assert done.args[0].prediction.digit == 7


def test_a_device_that_cannot_be_used_is_told_and_the_cpu_taken(
    reader: Reader, qtbot: QtBot
) -> None:
    unusable = next(d.name for d in devices.list_devices() if d.problem)
    with qtbot.waitSignal(reader.done):
        reader.read(ONE_SHEET)
    with qtbot.waitSignal(reader.moved) as moved:
        reader.set_device(unusable)
    device, problem = moved.args
    assert device == "cpu" and "can't be used here" in problem
    with qtbot.waitSignal(reader.done, check_params_cb=lambda r: r.prediction.digit == 7):
        reader.read(SEVEN_SHEET)


def test_a_device_that_gives_up_is_told_and_the_drawing_still_read(
    reader: Reader, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, calls = predict.read, []

    def failing_once(model: Model, image: Any, *more: Any, **named: Any) -> predict.Prediction:
        calls.append(model)
        if len(calls) == 1:
            raise RuntimeError("CUDA error: out of memory")
        return read(model, image, *more, **named)

    monkeypatch.setattr(predict, "read", failing_once)
    monkeypatch.setattr(devices, "is_device_failure", lambda *_: True)
    moved: list[tuple[str, str]] = []
    reader.moved.connect(lambda *told: moved.append(told))
    with qtbot.waitSignal(reader.done) as done:
        reader.read(SEVEN_SHEET)
    assert done.args[0].prediction.digit == 7
    assert len(calls) == 2
    assert any(device == "cpu" and "out of memory" in problem for device, problem in moved)


# What is asked of it


def answer(reader: Reader, qtbot: QtBot, ask: Callable[[], None]) -> SheetReading:
    with qtbot.waitSignal(reader.done) as done:
        ask()
    found: SheetReading = done.args[0]
    return found


def test_what_is_read_is_rasterized_as_everywhere_else(reader: Reader, qtbot: QtBot) -> None:
    found = answer(reader, qtbot, lambda: reader.read(SEVEN_SHEET))
    expected = rasterize(SEVEN_SHEET.strokes, smallest=SMALLEST)
    assert np.array_equal(found.image, expected)
    assert found.prediction is not None
    assert np.array_equal(found.prediction.image, expected)
    assert found.strokes == SEVEN_SHEET.strokes and found.digits == ()


def test_a_step_left_out_changes_what_is_read_until_it_is_taken_again(
    reader: Reader, qtbot: QtBot
) -> None:
    corner = beside(SEVEN_SHEET, Sheet(), Sheet())
    read = answer(reader, qtbot, lambda: reader.read(corner))
    raw = answer(
        reader, qtbot, lambda: reader.set_preprocessing(PreprocessingOptions(False, False, False))
    )
    assert raw.preprocessing == PreprocessingOptions(False, False, False)
    assert raw.image[:, 14:].sum() == 0 and raw.image.any()
    assert raw.prediction is not None and np.array_equal(raw.prediction.image, raw.image)
    again = answer(reader, qtbot, lambda: reader.set_preprocessing(PreprocessingOptions()))
    assert np.array_equal(again.image, read.image)
    assert again.prediction is not None and again.prediction.digit == 7


def test_several_digits_are_read_one_by_one_and_the_last_is_told_about(
    reader: Reader, qtbot: QtBot
) -> None:
    sheet = beside(SEVEN_SHEET, ONE_SHEET, SEVEN_SHEET)
    found = answer(reader, qtbot, lambda: reader.read(sheet))
    assert [digit.prediction.digit for digit in found.digits] == [7, 1, 7]
    assert found.chosen == 2 and found.strokes == sheet.strokes[2:]
    other = answer(reader, qtbot, lambda: reader.choose(1))
    assert other.prediction is not None and other.prediction.digit == 1
    assert other.strokes == sheet.strokes[1:2]
    expected = rasterize(sheet.strokes[1:2], smallest=SMALLEST)
    assert np.array_equal(other.image, expected)
    assert np.array_equal(other.prediction.image, expected)
    # Another drawing: the choice is forgotten.
    fresh = answer(reader, qtbot, lambda: reader.read(beside(ONE_SHEET, SEVEN_SHEET)))
    assert fresh.chosen == 1


def test_the_one_drawn_last_is_told_about_wherever_it_stands(reader: Reader, qtbot: QtBot) -> None:
    right, left = beside(ONE_SHEET, SEVEN_SHEET).strokes[::-1]
    found = answer(reader, qtbot, lambda: reader.read(Sheet((right, left))))
    assert found.chosen == 0 and found.prediction is not None and found.prediction.digit == 1


def test_several_digits_are_looked_for_only_if_asked_and_with_every_step(
    reader: Reader, qtbot: QtBot
) -> None:
    sheet = beside(SEVEN_SHEET, ONE_SHEET)
    assert len(answer(reader, qtbot, lambda: reader.read(sheet)).digits) == 2
    whole = answer(reader, qtbot, lambda: reader.set_preprocessing(PreprocessingOptions(box=False)))
    assert whole.digits == () and whole.strokes == sheet.strokes
    assert (
        len(answer(reader, qtbot, lambda: reader.set_preprocessing(PreprocessingOptions())).digits)
        == 2
    )
    assert answer(reader, qtbot, lambda: reader.look_for_several(False)).digits == ()


def test_a_network_of_other_classes_is_not_asked_for_a_number(reader: Reader, qtbot: QtBot) -> None:
    assert reader.model is not None
    other = dataclasses.replace(reader.model, classes=tuple("abcdefghij"))
    answer(reader, qtbot, lambda: reader.show_model(other))
    found = answer(reader, qtbot, lambda: reader.read(beside(SEVEN_SHEET, ONE_SHEET)))
    assert found.digits == () and found.prediction is not None


def test_a_picture_is_read_exactly_as_it_is(reader: Reader, qtbot: QtBot) -> None:
    image = np.zeros((28, 28), np.uint8)
    image[3:9, 20:22] = 200
    picture = Picture(shown=image, image=image)
    reader.set_preprocessing(PreprocessingOptions(box=False))
    found = answer(reader, qtbot, lambda: reader.read(Sheet(picture=picture)))
    while found.sheet.picture is None:  # the answer to `set_preprocessing` came first
        found = answer(reader, qtbot, lambda: None)
    assert found.prediction is not None
    assert np.array_equal(found.image, image)
    assert np.array_equal(found.prediction.image, image)
