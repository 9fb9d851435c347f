"""The strip under the paper, with real mouse and key events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.sliding_strip import SlidingStrip
from lenet_gui.widgets.colormap import color_table
from tests.support.inspecting import inspection, paper_model, shipped
from trainer.drawing.rasterize import even_pen_widths
from trainer.drawing.sheet import SMALLEST, Sheet, Stroke
from trainer.inspect import sliding
from trainer.inspect.sliding import draw_line
from trainer.networks.interventions import Intervention, as_hook
from trainer.networks.model import Model
from trainer.reading import numbers


def stroke(points: list[tuple[float, float]]) -> Stroke:
    return tuple((x, y, 1.0) for x, y in points)


ONE = stroke([(0.0, 0.1 * n * 60) for n in range(11)])
SEVEN = stroke([(4.0 * n, 0.0) for n in range(11)] + [(40 - 2.0 * n, 6.0 * n) for n in range(11)])


def placed(one: Stroke, across: float, down: float = 100.0) -> Stroke:
    return tuple((x + across, y + down, width) for x, y, width in one)


WRITTEN = (placed(SEVEN, 20), placed(ONE, 110), placed(SEVEN, 170))


def several(model: Model, strokes: tuple[Stroke, ...] = WRITTEN, chosen: int = 0) -> Inspection:
    """A reading of several digits, as the reader makes it."""
    number = numbers.read_number(model, strokes, smallest=SMALLEST)
    plain = inspection(model)
    reading = dataclasses.replace(
        plain.reading, sheet=Sheet(strokes), digits=number.digits, chosen=chosen
    )
    return dataclasses.replace(plain, reading=reading)


@pytest.fixture
def strip(qtbot: QtBot) -> Iterator[SlidingStrip]:
    made = SlidingStrip()
    made.resize(260, made.sizeHint().height())
    qtbot.addWidget(made)
    yield made
    for thread in made.end():
        assert thread.wait(10_000)


def shown(qtbot: QtBot, strip: SlidingStrip, given: Inspection) -> None:
    """Show it, and wait for the answer."""
    strip.slid = None
    strip.show_inspection(given)
    qtbot.waitUntil(lambda: strip.slid is not None)


@pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["today", "1998"])
def test_it_shows_the_network_slid_along_the_line(
    qtbot: QtBot, strip: SlidingStrip, model: Model
) -> None:
    given = several(model)
    assert len(given.reading.digits) == 3
    shown(qtbot, strip, given)
    assert strip.slid is not None
    boxes = [digit.box for digit in given.reading.digits]
    drawn = draw_line(even_pen_widths(WRITTEN), boxes)
    expected = sliding.slide(model, drawn.pixels)
    assert np.array_equal(strip.slid.line.picture, drawn.pixels)
    assert strip.slid.line.probabilities == pytest.approx(expected.probabilities)
    assert strip.slid.line.digits == expected.digits
    said = " ".join(str(found.digit) for found in expected.digits)
    assert strip.accessibleDescription().startswith(f"Answers along the line: {said}.")


def test_each_cell_has_its_probability_s_color(qtbot: QtBot, strip: SlidingStrip) -> None:
    shown(qtbot, strip, several(shipped()))
    strip.clearFocus()
    assert strip.slid is not None
    picture, ratio = strip.grab().toImage(), strip.devicePixelRatioF()
    taken = {(found.place, found.digit) for found in strip.slid.line.digits}
    compared = 0
    for place, row in enumerate(strip.slid.line.probabilities):
        for digit, probability in enumerate(row):
            if (place, digit) in taken or strip.slid.blank[place]:
                continue
            middle = strip.cell_rect(place, digit).center() * ratio
            color = picture.pixelColor(int(middle.x()), int(middle.y()))
            assert color == QColor(color_table("viridis")[int(probability * 255)])
            compared += 1
    assert compared > 100


def test_it_is_seen_only_with_several_digits(qtbot: QtBot, strip: SlidingStrip) -> None:
    strip.show_inspection(inspection(shipped()))
    assert not strip.isVisible() and strip.end() == []
    strip.show_inspection(None)
    assert not strip.isVisible()
    shown(qtbot, strip, several(shipped()))
    assert strip.isVisible()
    strip.show_inspection(inspection(shipped()))
    assert not strip.isVisible() and strip.slid is None


def test_where_nobody_sees_it_nothing_is_computed(qtbot: QtBot, strip: SlidingStrip) -> None:
    from PySide6.QtWidgets import QWidget

    around = QWidget()
    qtbot.addWidget(around)
    strip.setParent(around)
    strip.show_inspection(several(shipped()))
    assert strip.end() == []
    around.show()
    qtbot.waitUntil(lambda: strip.slid is not None)
    strip.setParent(None)


def test_a_network_that_cannot_be_slid_is_told(qtbot: QtBot, strip: SlidingStrip) -> None:
    given = several(shipped())
    broken = dataclasses.replace(given.model, network=torch.nn.Identity())
    strip.show()
    with qtbot.waitSignal(strip.message, timeout=30_000) as told:
        strip.show_inspection(dataclasses.replace(given, model=broken))
    assert told.args[0] and strip.slid is None


def test_the_mouse_points_at_a_window(qtbot: QtBot, strip: SlidingStrip) -> None:
    shown(qtbot, strip, several(shipped()))
    assert strip.slid is not None
    for place in (0, 5, len(strip.slid.blank) - 1):
        x = round(strip.picture_rect().left() + (place * 4 + 14) * strip.scale_factor())
        QTest.mouseMove(strip, QPoint(x, 60))
        assert strip.place == place
        row = strip.slid.line.probabilities[place]
        first, second = np.argsort(-row)[:2]
        assert strip.window_text(place) == (
            f"here {first}  {row[first] * 100:.1f} %, {second}  {row[second] * 100:.1f} %"
        )
    strip.leaveEvent(None)  # type: ignore[arg-type]
    assert strip.place is None


def test_the_arrow_keys_slide_the_window(qtbot: QtBot, strip: SlidingStrip) -> None:
    shown(qtbot, strip, several(shipped()))
    assert strip.slid is not None
    last = len(strip.slid.blank) - 1
    strip.place = None
    for key, place in (("Right", 0), ("Right", 1), ("Left", 0), ("Left", 0)):
        QTest.keyClick(strip, getattr(Qt.Key, f"Key_{key}"))
        assert strip.place == place
    strip.point_at(None)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert strip.place == last
    assert strip.accessibleDescription() == strip.window_text(last)


def test_a_click_or_enter_chooses_the_digit_there(qtbot: QtBot, strip: SlidingStrip) -> None:
    shown(qtbot, strip, several(shipped()))
    assert strip.slid is not None
    for digit, column in enumerate(strip.slid.middles):
        x = round(strip.picture_rect().left() + column * strip.scale_factor())
        with qtbot.waitSignal(strip.chosen) as chosen:
            QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 20))
        assert chosen.args == [digit]
    strip.point_at(0)
    with qtbot.waitSignal(strip.chosen) as chosen:
        QTest.keyClick(strip, Qt.Key.Key_Return)
    assert chosen.args == [0]


def test_of_two_lines_it_shows_the_one_with_the_chosen_digit(
    qtbot: QtBot, strip: SlidingStrip
) -> None:
    strokes = (
        *(placed(SEVEN, 20, 20), placed(ONE, 110, 20)),
        *(placed(ONE, 40, 160), placed(SEVEN, 80, 160), placed(SEVEN, 160, 160)),
    )
    given = several(shipped(), strokes)
    assert len(given.reading.digits) == 5
    for chosen, members in ((0, (0, 1)), (3, (2, 3, 4))):
        shown(qtbot, strip, several(shipped(), strokes, chosen))
        assert strip.slid is not None and strip.slid.members == members


def test_held_maps_are_held(qtbot: QtBot, strip: SlidingStrip) -> None:
    shown(qtbot, strip, several(shipped()))
    assert strip.slid is not None
    picture, interventions = strip.slid.line.picture, (Intervention("pool2", 4, 2.0),)
    before = strip.slid
    strip.show_interventions(interventions)
    qtbot.waitUntil(lambda: strip.slid is not before)
    expected = sliding.slide(shipped(), picture, as_hook(interventions)).probabilities
    assert strip.slid.line.probabilities == pytest.approx(expected)
