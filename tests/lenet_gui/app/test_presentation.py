"""Presentation mode hides what surrounds the page and takes everything back."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from tests.support.gui import ONE, draw, wait_until_active


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


def places_of(action: QAction) -> list[tuple[QWidget, bool]]:
    """Where its keys work when these have the focus, and whether in all that lies in them, too."""
    here, inside, everywhere = (
        Qt.ShortcutContext.WidgetShortcut,
        Qt.ShortcutContext.WidgetWithChildrenShortcut,
        (Qt.ShortcutContext.WindowShortcut, Qt.ShortcutContext.ApplicationShortcut),
    )
    context = action.shortcutContext()
    found = [each for each in action.associatedObjects() if isinstance(each, QWidget)]
    if context in everywhere:
        return [(each.window(), True) for each in found]
    assert context in (here, inside)
    return [(w, context is inside) for w in found if not isinstance(w, QMenu | QMenuBar)]


def meet(one: QAction, other: QAction) -> bool:
    """Whether one key may mean both."""
    return any(
        a is b or (deep_a and a.isAncestorOf(b)) or (deep_b and b.isAncestorOf(a))
        for a, deep_a in places_of(one)
        for b, deep_b in places_of(other)
    )


def test_no_key_means_two_things_in_one_place(window: Window) -> None:
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
    for _ in range(2):
        actions = [each for each in window.findChildren(QAction) if each.shortcuts()]
        same = [
            (one.text(), other.text())
            for one, other in combinations(actions, 2)
            if set(one.shortcuts()) & set(other.shortcuts()) and meet(one, other)
        ]
        assert not same and len(actions) > 20
        window.presentation.toggle()


def test_keys_of_a_tab_do_nothing_elsewhere(window: Window, qtbot: QtBot) -> None:
    free, control = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    drawing = window.draw.canvas.drawing
    draw(window.draw.canvas, ONE)
    window.presentation.toggle()
    wait_until_active(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_2, control)
    inspect = window.lazy_inspect.built
    assert inspect is not None
    inspect.canvas.setFocus()
    for key, modifiers, empty in (
        *((Qt.Key.Key_Delete, free, True), (Qt.Key.Key_Z, control, False)),
        *((Qt.Key.Key_Y, control, True), (Qt.Key.Key_Z, control, False)),
    ):
        QTest.keyClick(inspect.canvas, key, modifiers)
        assert drawing.empty is empty
    QTest.keyClick(window, Qt.Key.Key_3, control)
    assert window.lazy_train.built is not None
    window.lazy_train.built.form.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Delete)
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert not drawing.empty
    window.presentation.toggle()
