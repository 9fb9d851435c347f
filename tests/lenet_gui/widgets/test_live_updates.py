"""What is read rather than seen, while the pen moves."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from lenet_gui.app.status import DeviceStatus
from lenet_gui.app.window import Window
from lenet_gui.draw.result_view import ResultView
from lenet_gui.widgets.live_updates import Throttle
from tests.support.gui import SEVEN, draw

HOUR = 3_600_000


def test_what_is_asked_for_in_a_row_is_done_once(qtbot: QtBot) -> None:
    parent, done = QObject(), []
    asked = 0
    pause = Throttle(lambda: done.append(asked), parent, 20)
    for asked in range(1, 6):  # noqa: B007  the pause sees it
        pause.trigger()
    assert done == []
    qtbot.waitUntil(lambda: done == [5])
    asked = 6
    pause.trigger()
    qtbot.waitUntil(lambda: done == [5, 6])


def test_now_is_now_and_nothing_is_done_twice(qtbot: QtBot) -> None:
    parent, done, later = QObject(), [], []
    pause, other = (
        Throttle(lambda: done.append(1), parent, 20),
        Throttle(lambda: later.append(1), parent),
    )
    pause.trigger()
    other.trigger()
    pause.flush()
    assert len(done) == 1
    qtbot.waitUntil(lambda: bool(later))  # asked at the same time, for later
    assert len(done) == 1


def test_answers_follow_the_moving_pen_and_explanations_wait(
    window: Window,
    qtbot: QtBot,
) -> None:
    found = []
    window.reader.done.connect(found.append)
    draw(window.draw.canvas, SEVEN)
    sheet = window.draw.canvas.drawing.sheet
    qtbot.waitUntil(lambda: bool(found) and found[-1].sheet == sheet)
    view = ResultView()
    qtbot.addWidget(view)
    view.throttle = Throttle(view.show_details, view, HOUR)
    view.show_reading(None)
    reading = dataclasses.replace(found[-1], chosen=0)
    view.show_reading(reading, moving=True)
    assert not view.conv1.empty and not view.conv2.empty and view.probabilities.values
    assert view.prediction.answer == "7"
    assert view.preprocessing.read.empty and not view.correction.isEnabled()
    view.explain(found[0])  # of an earlier moment
    assert view.preprocessing.read.empty
    view.explain(reading)
    assert not view.preprocessing.read.empty and not view.correction.isEnabled()
    view.show_reading(None)
    assert view.preprocessing.read.empty
    view.show_reading(reading)
    assert not view.preprocessing.read.empty and view.correction.isEnabled()


def test_the_status_line_is_laid_out_anew_no_faster_than_it_is_read(qtbot: QtBot) -> None:
    label = DeviceStatus()
    qtbot.addWidget(label)
    label.read_on("cpu")
    label.read_in(1.0)
    label.read_in(2.0)
    assert label.text() == "Recognized on CPU in 1.0 ms "
    qtbot.waitUntil(lambda: label.text() == "Recognized on CPU in 2.0 ms ")
