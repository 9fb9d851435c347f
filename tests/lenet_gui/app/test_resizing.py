"""Every tab and panel at every height: what scrolls must not resize its own content for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.widgets.labels import ExpandableText, FixedWidthLabel, ScrollArea
from tests.support.class_sets import keep_set
from tests.support.gui import SEVEN, draw

HIGHEST = 1000
WIDTHS = (960, 1020, 1100, 1180, 1260, 1366, 1500, 1680, 1920)


def resize(window: QWidget, width: int, height: int) -> None:
    """As the window manager does: the new size, and then what was put off until after it."""
    window.resize(width, height)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def sizes(window: Window) -> Iterator[tuple[int, int]]:
    """Up at one width, down at the next, and back."""
    least = 480
    up = range(least, HIGHEST + 1)
    for number, width in enumerate(WIDTHS):
        for height in up if number % 2 == 0 else reversed(up):
            yield width, height
    for width in range(WIDTHS[-1], WIDTHS[0], -3):
        yield width, 648


def sweep(window: Window) -> None:
    for width, height in sizes(window):
        resize(window, width, height)
    assert window.width() <= WIDTHS[0] + 3


@pytest.mark.parametrize("name", ["draw", "train", "evaluate", "my_digits", "my_classes"])
def test_a_tab_has_every_size(window: Window, qtbot: QtBot, name: str) -> None:
    window.tabs.setCurrentWidget(getattr(window, name))
    if name == "my_classes":
        keep_set(window, qtbot)
    sweep(window)


@pytest.mark.parametrize("number", range(5))
def test_a_panel_of_inspect_has_every_size(window: Window, qtbot: QtBot, number: int) -> None:
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    window.tabs.setCurrentWidget(window.inspect)
    view = window.inspect
    view.panels.setCurrentIndex(number)
    if view.panel is view.why:
        qtbot.waitUntil(lambda: len(view.why.attributions) == 3, timeout=30_000)
    sweep(window)


def test_both_pages_of_distort_have_every_size(window: Window) -> None:
    window.tabs.setCurrentWidget(window.inspect)
    view = window.inspect
    view.panels.setCurrentWidget(view.distort)
    view.distort.tabs.setCurrentIndex(1)
    view.distort.accuracy.setFocus()
    sweep(window)


# What scrolls, and what is in it


class Picture(QWidget):
    """Higher where it is wider."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(300, self.width())


@pytest.mark.parametrize("sideways", [False, True])
def test_a_picture_that_is_as_high_as_wide_scrolls_at_every_height(
    qtbot: QtBot, sideways: bool
) -> None:
    picture = Picture()
    area = ScrollArea(picture, sideways)
    qtbot.addWidget(area)
    area.show()
    for height in (*range(100, 500), *range(500, 100, -1)):
        resize(area, 320, height)
    bar = area.verticalScrollBar()
    assert bar.maximum() == picture.height() - area.viewport().height() > 0
    assert picture.width() == 320 - bar.width()
    resize(area, 320, 400)
    assert bar.maximum() == 0 and picture.width() == 320 - bar.sizeHint().width()


def test_a_long_text_is_cut_at_every_width_and_unfolds(qtbot: QtBot) -> None:
    text = ExpandableText("told")
    text.set_most_lines(5)
    area = ScrollArea(text)
    qtbot.addWidget(area)
    text.set_text("One word and another one. " * 40)
    area.show()
    line = text.label.fontMetrics().lineSpacing()
    for width in (*range(120, 600, 7), *range(600, 120, -7)):
        resize(area, width, 300)
        assert text.label.height() == 5 * line and text.more.isVisible()
        assert text.more.geometry().top() == 5 * line
    text.more.click()
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert text.label.height() == text.label.heightForWidth(text.width()) > 300
    assert area.verticalScrollBar().maximum() > 0
    text.set_text("Short.")
    assert text.label.height() == line and not text.more.isVisible()


def test_a_label_of_fixed_width_never_shrinks_until_it_is_resized(qtbot: QtBot) -> None:
    label = FixedWidthLabel("told")
    qtbot.addWidget(label)
    label.resize(200, 40)
    label.show_text("A sentence of some words that takes more than one line of this width.")
    high = label.heightForWidth(200)
    label.show_text("Short.")
    assert label.heightForWidth(200) == high
    assert label.heightForWidth(300) < high
    label.resize(300, 40)
    label.show_text("Short.")
    assert label.heightForWidth(300) < high
