"""Alt and a letter means one thing on each screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from tests.support.class_sets import keep_set


def texts_on_screen(window: Window) -> Iterator[str]:
    """Whatever shows an underlined letter now."""
    yield from (action.text() for action in window.menuBar().actions())
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy()):
            yield widget.text()
        elif isinstance(widget, QTabBar):
            yield from (widget.tabText(number) for number in range(widget.count()))


def twice(texts: Iterator[str]) -> list[str]:
    """Keys that more than one text has."""
    keys = Counter(QKeySequence.mnemonic(text).toString() for text in texts)
    return [key for key, count in keys.items() if key and count > 1]


def test_no_letter_means_two_things_on_a_screen(window: Window, qtbot: QtBot) -> None:
    inspect = window.inspect
    keep_set(window, qtbot)
    own = window.my_digits, window.my_classes
    for tab in (window.draw, window.train, window.evaluate, *own, inspect):
        window.tabs.setCurrentWidget(tab)
        if tab is window.train:
            window.train.form.numbers.more.click()
        QCoreApplication.processEvents()
        assert twice(texts_on_screen(window)) == []
    for number in range(inspect.panels.count()):
        inspect.panels.setCurrentIndex(number)
        QCoreApplication.processEvents()
        assert twice(texts_on_screen(window)) == []
    for number in range(inspect.distort.tabs.count()):
        inspect.distort.tabs.setCurrentIndex(number)
        QCoreApplication.processEvents()
        assert twice(texts_on_screen(window)) == []


def test_no_letter_means_two_things_in_a_menu(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.devices is not None, timeout=30_000)
    menus = window.menuBar().findChildren(QMenu)
    assert len(menus) > 3
    for menu in menus:
        assert twice(action.text() for action in menu.actions()) == []
