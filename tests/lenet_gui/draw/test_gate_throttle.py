"""While a stroke grows the gate is asked now and then, and its last word is the right one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from torch import Tensor

from lenet_gui.draw import reader as growing_stroke
from lenet_gui.draw.reader import GateThrottle, Reader
from tests.support.gui import ONE, SEVEN
from trainer.drawing.rasterize import even_pen_widths, rasterize
from trainer.drawing.sheet import SMALLEST, PreprocessingOptions, Sheet, Stroke
from trainer.networks import model
from trainer.networks.gate import Gate
from trainer.networks.interventions import Intervention
from trainer.reading import predict
from trainer.reading.sheet_reading import ReadingRequest, ReplacementImage, SheetReading
from trainer.reading.verdict import Verdict

SCRIBBLE = [
    *ONE,
    *((40.0 + (160 if n % 2 else 0) + 3 * (n % 7), 40.0 + 9 * n % 200) for n in range(60)),
]
MODEL = model.load_shipped()


def stroke(points: list[tuple[float, float]]) -> Stroke:
    return tuple((x, y, 1.0) for x, y in points)


def sheet(points: list[tuple[float, float]]) -> Sheet:
    return Sheet((stroke(points),))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the gate said, each time that it was asked."""
    said: list[bool] = []
    rejects = Gate.rejects

    def recorded(self: Gate, images: Tensor, scores: Tensor | None = None) -> Tensor:
        found = rejects(self, images, scores)
        said.extend(found.tolist())
        return found

    monkeypatch.setattr(Gate, "rejects", recorded)
    return said


@pytest.fixture
def reader(qtbot: QtBot, asked: list[bool], monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setattr(growing_stroke, "EVERY", 1000.0)  # as if all that follows were at once
    reader = Reader()
    reader.device, reader.pause = "cpu", 1000.0
    with qtbot.waitSignal(reader.loaded, timeout=30_000):
        reader.start()
    asked.clear()
    yield reader
    reader.end()
    assert reader.wait(10_000)


def read(reader: Reader, qtbot: QtBot, drawn: Sheet) -> SheetReading:
    with qtbot.waitSignal(reader.done) as done:
        reader.read(drawn, pen_down=True)
    found: SheetReading = done.args[0]
    return found


def test_a_stroke_that_goes_on_is_read_anew_and_the_gate_not_asked(
    reader: Reader, qtbot: QtBot, asked: list[bool]
) -> None:
    first = read(reader, qtbot, sheet(SEVEN[:12]))
    assert len(asked) == 1
    then = read(reader, qtbot, sheet(SEVEN))
    assert len(asked) == 1
    assert first.prediction and then.prediction
    assert then.prediction.probabilities != first.prediction.probabilities
    assert then.prediction.digit == 7


def test_the_gates_last_word_stands_until_it_is_asked_again(
    reader: Reader, qtbot: QtBot, asked: list[bool]
) -> None:
    read(reader, qtbot, sheet(SCRIBBLE[:-1]))
    assert asked == [True]
    then = read(reader, qtbot, sheet(SCRIBBLE))
    assert asked == [True]
    assert then.prediction and then.prediction.verdict == Verdict.REJECTED


def test_when_the_pen_rests_the_gate_is_asked_about_all_of_it(
    reader: Reader, qtbot: QtBot, asked: list[bool]
) -> None:
    reader.pause = 0.02
    seen: list[Verdict] = []
    reader.done.connect(lambda found: seen.append(found.prediction.verdict))
    reader.read(sheet(ONE), pen_down=True)
    qtbot.waitUntil(lambda: len(seen) == 1)
    reader.read(sheet(SCRIBBLE), pen_down=True)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert asked == [False, True]
    assert seen[1] != Verdict.REJECTED and seen[2] == Verdict.REJECTED
    picture = rasterize(even_pen_widths(sheet(SCRIBBLE).strokes), smallest=SMALLEST)
    assert seen[2] == predict.read(MODEL, picture).verdict


def test_nothing_is_told_twice_where_the_gate_says_the_same(
    reader: Reader, qtbot: QtBot, asked: list[bool]
) -> None:
    reader.pause = 0.02
    seen: list[SheetReading] = []
    reader.done.connect(seen.append)
    reader.read(sheet(ONE[:8]), pen_down=True)
    qtbot.waitUntil(lambda: len(seen) == 1)
    reader.read(sheet(ONE), pen_down=True)
    qtbot.waitUntil(lambda: len(asked) == 2)
    read(reader, qtbot, sheet(SEVEN))  # what the pause brought would have come before this
    assert len(seen) == 3


def test_when_the_pen_rests_a_stroke_may_be_two_digits(
    reader: Reader, qtbot: QtBot, asked: list[bool]
) -> None:
    drawn = sheet([*SEVEN, *((x + 180, y) for x, y in SEVEN)])
    reader.pause = 0.02
    told: list[str] = []
    reader.done.connect(lambda found: told.append(found.text))
    reader.read(drawn, pen_down=True)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["", "77"]


def test_another_stroke_or_another_question_is_not_the_same_stroke_going_on() -> None:
    one, seven = sheet(ONE), sheet(SEVEN)
    started, longer = (
        ReadingRequest(one, pen_down=True),
        ReadingRequest(sheet([*ONE, SEVEN[-1]]), pen_down=True),
    )
    others = [
        ReadingRequest(seven, pen_down=True),
        ReadingRequest(Sheet((*one.strokes, *seven.strokes)), pen_down=True),
        ReadingRequest(longer.sheet),  # the pen was lifted: the gate has its say at once
        ReadingRequest(Sheet()),
        dataclasses.replace(longer, preprocessing=PreprocessingOptions(box=False)),
        dataclasses.replace(longer, several=False),
        dataclasses.replace(longer, interventions=(Intervention("conv1_active", 0, 0.0),)),
        dataclasses.replace(longer, gate=False),
        dataclasses.replace(longer, replacement=ReplacementImage(rasterize(seven.strokes))),
    ]
    for other in others:
        growing = GateThrottle()
        assert not growing.can_skip(MODEL, started)
        growing.record(False)
        assert not growing.can_skip(MODEL, other)
    growing = GateThrottle()
    growing.can_skip(MODEL, started)
    growing.record(False)
    assert not growing.can_skip(model.load_shipped(), longer)


def test_what_the_gate_said_is_soon_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    growing = GateThrottle()
    growing.can_skip(MODEL, ReadingRequest(sheet(ONE), pen_down=True))
    growing.record(False)
    assert growing.can_skip(MODEL, ReadingRequest(sheet([*ONE, SEVEN[-1]]), pen_down=True))
    monkeypatch.setattr(growing_stroke, "EVERY", 0.0)
    assert not growing.can_skip(
        MODEL, ReadingRequest(sheet([*ONE, SEVEN[-1], SEVEN[-1]]), pen_down=True)
    )


def test_while_the_pen_moves_a_reading_is_explained_after_it_is_told(
    reader: Reader, qtbot: QtBot
) -> None:
    told: list[tuple[str, SheetReading]] = []
    reader.done.connect(lambda found: told.append(("done", found)))
    reader.explained.connect(lambda found: told.append(("explained", found)))
    reader.pause = 0.0
    reader.read(sheet(SEVEN), pen_down=True)
    qtbot.waitUntil(lambda: len(told) >= 2)
    assert [what for what, _ in told[:2]] == ["done", "explained"]
    assert told[0][1] is told[1][1]
    assert "stages" in vars(told[1][1])  # drawn already: the window has nothing to wait for
    told.clear()
    lifted = sheet(SEVEN)
    reader.read(lifted)
    read(reader, qtbot, lifted)
    assert "explained" not in dict(told)  # the window explains by itself


def test_two_digits_are_each_asked_about(reader: Reader, qtbot: QtBot, asked: list[bool]) -> None:
    left = tuple((10 + x * 0.45, 60 + y * 0.45, w) for x, y, w in stroke(SEVEN))
    right = tuple((140 + x * 0.45, 60 + y * 0.45, w) for x, y, w in stroke(SEVEN))
    read(reader, qtbot, Sheet((left, right[:6])))
    then = read(reader, qtbot, Sheet((left, right)))
    assert len(then.digits) == 2 and len(asked) >= 3


def test_whether_a_growing_stroke_is_two_digits_is_looked_at_when_the_pen_rests(
    reader: Reader, qtbot: QtBot
) -> None:
    both = [(left + x * 0.45, 60 + y * 0.45) for left in (10, 140) for x, y in SEVEN]
    read(reader, qtbot, sheet(both[: len(SEVEN)]))
    seen: list[int] = []
    reader.done.connect(lambda found: seen.append(len(found.digits)))
    reader.pause = 0.02
    reader.read(sheet(both), pen_down=True)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [0, 2]
    reader.pause = 1000.0
    then = read(reader, qtbot, sheet([*both, both[-1]]))
    assert len(then.digits) == 2  # and so they are while it goes on
