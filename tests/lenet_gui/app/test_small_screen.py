"""On a small screen, everything can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, QSize
from PySide6.QtWidgets import QAbstractButton, QDialog, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.session import FIRST_SIZE, fit_to_screen
from lenet_gui.app.window import Window
from lenet_gui.widgets.controls import resize_for_text
from tests.support.class_sets import keep_set

SMALL = QSize(800, 480)
TABS = ("draw", "inspect", "train", "evaluate", "my_digits", "my_classes")


def scroll_to(widget: QWidget) -> None:
    """As the user does, with the bars of whatever is around it."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, 0, 0)
        around = around.parentWidget()


def is_seen(widget: QWidget, window: QWidget) -> bool:
    """Whether all of it is in sight."""
    whole = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    return window.rect().contains(whole) and widget.visibleRegion().contains(widget.rect())


def bring_into_view(qtbot: QtBot, widget: QWidget, window: QWidget) -> None:
    """Scroll until it is seen, or fail."""

    def seen() -> bool:
        scroll_to(widget)
        return is_seen(widget, window)

    qtbot.waitUntil(seen)


def buttons(tab: QWidget) -> list[QAbstractButton]:
    """Those of a tab that are shown, but for the parts of Qt's own widgets."""
    shown = [each for each in tab.findChildren(QAbstractButton) if each.isVisible()]
    return [each for each in shown if each.objectName()]


@pytest.mark.parametrize("name", TABS)
def test_each_button_can_be_scrolled_into_view(window: Window, qtbot: QtBot, name: str) -> None:
    tab = getattr(window, name)
    window.tabs.setCurrentWidget(tab)
    if tab is window.my_classes:
        keep_set(window, qtbot)
    window.resize(SMALL)
    qtbot.waitUntil(lambda: window.size() == SMALL)
    hint = window.minimumSizeHint().expandedTo(window.minimumSize())
    assert hint.width() <= SMALL.width() and hint.height() <= SMALL.height()
    assert is_seen(window.statusBar(), window)
    found = buttons(tab)
    assert found
    for button in found:
        bring_into_view(qtbot, button, window)


def test_all_settings_can_be_scrolled_into_view(window: Window, qtbot: QtBot) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.resize(SMALL)
    numbers = window.train.form.numbers
    numbers.more.click()
    qtbot.waitUntil(numbers.rest.isVisible)
    for field in numbers.fields.values():
        bring_into_view(qtbot, field, window)


def test_a_larger_window_does_not_scroll(window: Window, qtbot: QtBot) -> None:
    window.resize(FIRST_SIZE)
    for name in TABS:
        tab = getattr(window, name)
        window.tabs.setCurrentWidget(tab)
        QCoreApplication.processEvents()
        area = tab.findChild(QScrollArea)
        assert area is not None
        assert not area.horizontalScrollBar().isVisible(), name
        assert not area.verticalScrollBar().isVisible(), name


@pytest.mark.parametrize("screen", [(800, 480), (911, 512), (960, 540), (1024, 768)])
def test_the_first_size_is_within_the_screen(screen: tuple[int, int]) -> None:
    size = fit_to_screen(FIRST_SIZE, QSize(*screen))
    assert size.width() <= screen[0] and size.height() < screen[1]


def test_a_new_window_is_within_this_screen(qtbot: QtBot, tmp_path: Path) -> None:
    window = Window(tmp_path / "data", tmp_path / "runs")
    qtbot.addWidget(window)
    assert window.size() == fit_to_screen(FIRST_SIZE, window.screen().availableSize())


def test_a_dialog_is_larger_for_larger_text_but_not_than_the_screen(qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    screen = dialog.screen().availableSize()
    font = dialog.font()
    font.setPixelSize(18)
    dialog.setFont(font)
    resize_for_text(dialog, 300, 200)
    assert dialog.size() == QSize(450, 300)
    resize_for_text(dialog, 2 * screen.width(), 2 * screen.height())
    assert dialog.size() == screen
