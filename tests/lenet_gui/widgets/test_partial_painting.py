"""Where only what changed is painted, the screen shows what painting all of it would."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.draw.answer_view import AnswerView
from lenet_gui.draw.canvas import Canvas
from lenet_gui.draw.maps_view import MapsView
from lenet_gui.inspect.network.view import NetworkView
from lenet_gui.widgets.probabilities import ProbabilitiesView
from tests.support.gui import on_canvas
from tests.support.inspecting import empty, inspection, picture, shipped
from trainer.networks.anatomy import Unit

DIGITS = tuple("0123456789")


@pytest.fixture(autouse=True)
def _without_a_screen() -> None:
    if QGuiApplication.platformName() != "offscreen":
        pytest.skip("other windows may lie over this one")


def shown(qtbot: QtBot, widget: QWidget, width: int, height: int) -> None:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    QApplication.processEvents()


def on_screen(widget: QWidget) -> QImage:
    """What was painted, bit by bit."""
    QApplication.processEvents()
    picture = widget.screen().grabWindow(widget.winId()).toImage()
    return picture.convertToFormat(QImage.Format.Format_RGB32)


def painted_whole(widget: QWidget) -> QImage:
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def shares(seed: int) -> tuple[float, ...]:
    drawn = np.random.default_rng(seed).dirichlet(np.full(10, 0.3))
    return tuple(drawn.tolist())


def test_bars(qtbot: QtBot) -> None:
    view = ProbabilitiesView()
    shown(qtbot, view, 320, 231)
    before = on_screen(view)
    for seed in range(12):
        values = shares(seed)
        best = int(np.argmax(values))
        view.show_values(
            values, DIGITS, (best,) if seed % 3 else (), shares(99) if seed > 8 else ()
        )
        now = on_screen(view)
        assert now != before and now == painted_whole(view)
        before = now
    view.show_values((), DIGITS)
    assert on_screen(view) == painted_whole(view) != before


def test_of_many_classes_rows_change_places(qtbot: QtBot) -> None:
    view = ProbabilitiesView()
    shown(qtbot, view, 320, 231)
    letters = tuple("abcdefghijklmnopqrstuvwxyz")
    view.show_values((), letters)
    for seed in range(4):
        values = tuple(np.random.default_rng(seed).dirichlet(np.ones(26)).tolist())
        view.show_values(values, letters, (1, 2))
        assert on_screen(view) == painted_whole(view)


def test_the_answer_and_its_note(qtbot: QtBot) -> None:
    view = AnswerView()
    shown(qtbot, view, 180, 200)
    steps: list[tuple[tuple[str, ...], str, tuple[bool, ...], int]] = [
        ((), "Draw a digit", (), 0),
        (("7",), "98.7 %", (False,), 0),
        (("7",), "98.9 %", (False,), 0),
        (("7",), "not sure: 1 or 7, and this is a note of several lines", (True,), 0),
        (("1", "7"), "55.0 %", (False, True), 0),
        (("1", "7"), "56.0 %", (False, True), 1),
        ((), "Draw a digit", (), 0),
    ]
    before = on_screen(view)
    for labels, note, faint, marked in steps:
        view.show_answer(labels, note, faint, marked)
        now = on_screen(view)
        assert now != before and now == painted_whole(view)
        before = now


def test_maps(qtbot: QtBot) -> None:
    view = MapsView("conv2", "maps", 2, 8, "viridis")
    shown(qtbot, view, 563, 140)
    for seed in range(3):
        view.show_maps(np.random.default_rng(seed).normal(size=(16, 10, 10)).astype(np.float32))
        assert on_screen(view) == painted_whole(view)
    view.choose(3)
    view.resize(500, 140)
    assert on_screen(view) == painted_whole(view)
    view.show_maps(None)
    assert on_screen(view) == painted_whole(view)


def test_ink(qtbot: QtBot) -> None:
    canvas = Canvas()
    shown(qtbot, canvas, 320, 300)
    words = on_screen(canvas)
    places = [on_canvas(canvas, 10 + 20 * n, 140 + 130 * (-1) ** n) for n in range(13)]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    assert on_screen(canvas) == painted_whole(canvas) != words
    for place in [*places[1:], QPoint(-20, 40), QPoint(400, 400)]:  # off the paper too
        QTest.mouseMove(canvas, place)
        assert on_screen(canvas) == painted_whole(canvas)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    canvas.set_erasing(True)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[4])
    assert on_screen(canvas) == painted_whole(canvas)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[4])


@pytest.mark.parametrize("chosen", [None, Unit(3, 4, 5, 5), Unit(7, 2, 0, 0)])
def test_the_network(qtbot: QtBot, chosen: Unit | None) -> None:
    view = NetworkView()
    shown(qtbot, view, 700, 420)
    before = on_screen(view)
    for number in range(3):  # quicker than the marks are painted anew
        view.show_inspection(inspection(shipped(), picture(number)))
        if not number:
            view.choose(chosen)
            view.show_overlay(np.linspace(-1, 1, 784).reshape(28, 28))
        now = on_screen(view)
        assert now != before and now == painted_whole(view)
        before = now
    view.show_inspection(empty(shipped()))
    assert on_screen(view) == painted_whole(view) != before
