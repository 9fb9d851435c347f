"""The banner of errors: it stays, it can be dismissed, and it is seen on light and dark."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.widgets import theme
from lenet_gui.widgets.banner import Banner

LEFT = Qt.MouseButton.LeftButton
PROBLEM = "The folder cannot be read. Choose another one."


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    made = Banner()
    qtbot.addWidget(made)
    made.resize(500, 60)
    return made


def test_an_error_is_shown_with_details_on_request_and_then_cleared(banner: Banner) -> None:
    assert not banner.isVisible()
    banner.show_error(PROBLEM, "OSError: 13\nat line 7")
    assert banner.isVisible() and banner.text.text() == PROBLEM
    assert not banner.details.isVisible()
    QTest.mouseClick(banner.more, LEFT)
    assert banner.details.isVisible() and "line 7" in banner.details.toPlainText()
    banner.show_error("Another one")  # the old one's details are gone
    assert not banner.details.isVisible() and not banner.more.isVisible()
    banner.clear()
    assert not banner.isVisible() and banner.text.text() == ""


def test_it_is_dismissed_by_mouse_and_key(banner: Banner) -> None:
    banner.show_error(PROBLEM)
    QTest.mouseClick(banner.dismiss, LEFT)
    assert not banner.isVisible()
    banner.show_error(PROBLEM)
    QTest.keyClick(banner.dismiss, Qt.Key.Key_Escape)
    assert not banner.isVisible()


def test_foreign_text_is_plain_and_of_limited_length(banner: Banner) -> None:
    banner.show_error("<b>bold</b>" * 1000, "<i>x</i>" * 10_000)
    assert banner.text.textFormat() == Qt.TextFormat.PlainText
    assert len(banner.text.text()) <= 1000 and len(banner.details.toPlainText()) <= 20_000


def test_screen_readers_find_name_and_text(banner: Banner) -> None:
    banner.show_error(PROBLEM)
    told = QAccessible.queryAccessibleInterface(banner)
    assert told.text(QAccessible.Text.Name) == "Problem"
    assert told.text(QAccessible.Text.Description) == PROBLEM
    for part in (banner.more, banner.dismiss, banner.details):
        assert QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name)


@pytest.mark.parametrize("dark", [False, True])
def test_it_stands_out_from_the_window(banner: Banner, dark: bool) -> None:
    banner.setPalette(theme.palette(dark))
    banner.show_error(PROBLEM)
    picture: QImage = banner.grab().toImage()
    edge = picture.pixelColor(2, picture.height() // 2)
    ground = theme.palette(dark).window().color()
    assert abs(edge.lightness() - ground.lightness()) > 40 and edge.red() > edge.blue() + 50
