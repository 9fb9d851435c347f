"""Text from 80 to 200 %, by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.widgets import theme
from tests.support.gui import MakeWindow


@pytest.fixture(autouse=True)
def usual_size_at_the_end(window: Window) -> Iterator[None]:
    yield
    window.zoom.step(0)


def test_text_grows_and_shrinks_by_keys(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    label = window.labels.model
    usual = label.font().pointSizeF()
    for key, percent in (
        *((Qt.Key.Key_Plus, each) for each in (110, 125, 150, 175, 200, 200)),
        (Qt.Key.Key_0, 100),
        *((Qt.Key.Key_Minus, each) for each in (90, 80, 80)),
        (Qt.Key.Key_Equal, 90),
    ):
        QTest.keyClick(window, key, control)
        assert window.zoom.percent == percent
        expected = pytest.approx(usual * percent / 100)
        qtbot.waitUntil(lambda expected=expected: label.font().pointSizeF() == expected)
    window.close()
    theme.set_text_zoom(theme.application(), 100)  # as when the program starts
    new = make_window()
    assert new.zoom.percent == 90
    for part in (new.menuBar(), new.tabs.tabBar(), new.labels.model, new.statusBar()):
        assert part.font().pointSizeF() == pytest.approx(usual * 0.9)


def test_at_twice_the_size_the_window_still_fits(window: Window, qtbot: QtBot) -> None:
    for _ in range(5):
        window.zoom.step(1)
    window.resize(800, 480)
    for tab in (window.draw, window.inspect, window.train, window.evaluate, window.my_digits):
        window.tabs.setCurrentWidget(tab)
        QCoreApplication.processEvents()
        assert window.width() == 800 and window.height() == 480
        assert window.isActiveWindow()  # no part was a window of its own for a moment
