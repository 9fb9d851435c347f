"""Keys reach everything, it is seen where they go, and it has a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.train.run_item import RunItem
from tests.support.class_sets import keep_set
from tests.support.gui import SEVEN, draw, steady_picture
from trainer.recipes.catalog import edit_recipe, find_recipe

TABS = ("draw", "inspect", "train", "evaluate", "my_digits", "my_classes")


def focusable(tab: QWidget) -> list[QWidget]:
    """What the Tab key goes to, but for the parts within Qt's own widgets."""
    return [
        each
        for each in tab.findChildren(QWidget)
        if each.isVisible()
        and each.isEnabled()
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.focusProxy() is None
        and not each.objectName().startswith("qt_")
        and not each.visibleRegion().isEmpty()
    ]


def look(widget: QWidget) -> QImage:
    widget.window().repaint()
    return widget.grab().toImage()


@pytest.mark.parametrize("name", TABS)
def test_each_widget_shows_its_focus_and_has_a_name(
    window: Window, qtbot: QtBot, name: str
) -> None:
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7", timeout=30_000)
    tab = getattr(window, name)
    window.tabs.setCurrentWidget(tab)
    if tab is window.my_classes:
        keep_set(window, qtbot)
    steady_picture(window, qtbot)
    unseen, unnamed = [], []
    for widget in focusable(tab):
        window.tabs.tabBar().setFocus()
        before = look(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        called = f"{type(widget).__name__} {widget.objectName()}"
        if not widget.hasFocus() or look(widget) == before:
            unseen.append(called)
        if not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name):
            unnamed.append(called)
    assert (unseen, unnamed) == ([], [])


def test_keys_bring_the_ring_and_clicks_do_not(window: Window, qtbot: QtBot) -> None:
    def ringed() -> list[QWidget | None]:
        rings = window.findChildren(QWidget, "focus_ring")
        return [ring.parentWidget() for ring in rings if ring.isVisible()]

    bar, left = window.tabs.tabBar(), Qt.MouseButton.LeftButton
    window.tabs.setCurrentWidget(window.evaluate)
    window.tabs.setCurrentWidget(window.draw)
    QTest.mouseClick(bar, left, pos=bar.tabRect(3).center())
    chooser = window.evaluate.panel.model
    qtbot.waitUntil(chooser.hasFocus)
    assert not ringed()
    QTest.keyClick(chooser, Qt.Key.Key_Tab)
    assert ringed() == [window.focusWidget()]
    window.tabs.setCurrentWidget(window.train)
    field = window.train.form.numbers.fields["epochs"]
    QTest.mouseClick(field, left)
    assert field.hasFocus() and not ringed()
    field.setEnabled(False)  # as a button that begins something
    now = window.focusWidget()
    assert now is not None and now is not field and not ringed()
    QTest.keyClick(now, Qt.Key.Key_Tab)
    assert ringed() == [window.focusWidget()]


def test_on_train_the_tab_key_goes_from_top_to_bottom(window: Window, qtbot: QtBot) -> None:
    tab = window.train
    window.tabs.setCurrentWidget(tab)
    QCoreApplication.processEvents()
    numbers = tab.form.numbers
    numbers.more.click()
    seen: list[QWidget] = []
    tab.form.name.setFocus(Qt.FocusReason.TabFocusReason)
    while (now := window.focusWidget()) is not None and now not in seen:
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    form = [each for each in seen if tab.form.isAncestorOf(each)]
    heights = [each.mapTo(tab.form, QPoint(0, 0)).y() for each in form]
    assert len(form) > 30 and heights == sorted(heights)
    panel = tab.panel
    below = [panel.scroll_area, tab.train_button, panel.share, panel.results_button]
    at = seen.index(form[-1]) + 1
    assert seen[at : at + 4] == below
    tab.buttons.show_for([RunItem(recipe=find_recipe("studio"), number=0)], True, True)
    buttons = [each for each in tab.buttons.row if each.isVisible() and each.isEnabled()]
    qtbot.waitUntil(panel.quickest.isVisible)  # once it is known that there are no runs
    right = [tab.table, panel.quickest, *buttons, tab.curves.tabs]
    panel.results_button.setFocus()
    seen = [panel.results_button]
    while len(seen) <= len(right):
        QTest.keyClick(seen[-1], Qt.Key.Key_Tab)
        now = window.focusWidget()
        assert now is not None
        seen.append(now)
    assert seen[1:] == right


def test_runs_are_selected_by_keys(window: Window, qtbot: QtBot, small_pen: None) -> None:
    tab = window.train
    window.tabs.setCurrentWidget(tab)
    recipe = edit_recipe(find_recipe("ninety-nine"), dataset="pen", epochs=1)
    runs = [tab.start(recipe) for _ in range(2)]
    qtbot.waitUntil(lambda: all(run.test is not None for run in runs), timeout=60_000)
    tab.table.setFocus(Qt.FocusReason.TabFocusReason)
    first = tab.selected()
    QTest.keyClick(tab.table, Qt.Key.Key_Down)
    QTest.keyClick(tab.table, Qt.Key.Key_Down)
    assert tab.selected() is not first
    QTest.keyClick(tab.table, Qt.Key.Key_Up)
    assert tab.selected() is first
