"""Presentation mode hides what surrounds the page and takes everything back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from tests.support.gui import wait_until_active


def point_size() -> float:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app.font().pointSizeF()


def test_only_the_page_is_seen_until_escape(window: Window, qtbot: QtBot) -> None:
    bars = (
        *(window.menuBar(), window.statusBar(), window.tabs.tabBar()),
        window.tabs.cornerWidget(),
    )
    usual = point_size()
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert window.isFullScreen() and not any(bar.isVisible() for bar in bars)
    assert point_size() == 1.5 * usual
    wait_until_active(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.tabs.currentIndex() == 1)
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.tabs.currentIndex() == 0)
    QTest.keyClick(window.draw.canvas, Qt.Key.Key_Escape)
    assert not window.isFullScreen() and all(bar.isVisible() for bar in bars)
    assert point_size() == usual


def test_text_that_is_larger_already_stays_so(window: Window) -> None:
    usual = point_size()
    for _ in range(4):
        window.zoom.step(1)
    assert window.zoom.percent == 175
    window.presentation.toggle()
    assert point_size() == 1.75 * usual
    window.presentation.toggle()
    window.zoom.step(0)
    assert point_size() == usual
