"""A first start shows three ways in, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.app.session import Settings
from lenet_gui.app.window import Window
from lenet_gui.help.welcome import Welcome
from tests.support.gui import ONE, draw

Start = Callable[[], Window]


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Iterator[Start]:
    """The program's start with the settings of the start before."""
    started: list[Window] = []

    def begin() -> Window:
        window = Window(tmp_path, tmp_path / "runs", Settings(tmp_path / "settings.ini"))
        qtbot.addWidget(window)
        started.append(window)
        window.show()
        return window

    yield begin
    for window in started:
        window.close()


def card_of(window: Window) -> Welcome | None:
    shown = [card for card in window.findChildren(Welcome) if card.isVisible()]
    return shown[0] if shown else None


def click(window: Window, name: str) -> None:
    card = card_of(window)
    assert card is not None
    QTest.mouseClick(getattr(card, name), Qt.MouseButton.LeftButton)


def test_it_comes_at_the_first_start_alone(start: Start, qtbot: QtBot) -> None:
    window = start()
    card = card_of(window)
    assert card is not None and window.draw.canvas.rect().contains(card.geometry())
    click(window, "draw")
    assert card_of(window) is None and window.draw.canvas.drawing.empty
    window.close()
    assert card_of(start()) is None


def test_who_draws_beside_it_needs_no_answer(start: Start) -> None:
    window = start()
    draw(window.draw.canvas, [(20.0, 20.0 + y) for y in range(0, 200, 10)])
    assert card_of(window) is None and len(window.draw.canvas.drawing.strokes) == 1
    draw(window.draw.canvas, ONE)
    assert len(window.draw.canvas.drawing.strokes) == 2


def test_a_sample_digit_is_laid_on_the_paper(start: Start, qtbot: QtBot) -> None:
    window = start()
    click(window, "use_sample")
    qtbot.waitUntil(lambda: not window.draw.canvas.drawing.empty)
    assert card_of(window) is None


def test_the_tour_begins_once_it_can(start: Start, qtbot: QtBot) -> None:
    window = start()
    click(window, "take_tour")
    assert window.tabs.tabText(window.tabs.currentIndex()) == "Inspect"  # at once
    window.start()
    qtbot.waitUntil(lambda: window.lazy_inspect.built is not None, timeout=30_000)
    qtbot.waitUntil(lambda: window.inspect.tour.isVisible())
    assert window.tabs.currentWidget() is window.inspect


def test_escape_closes_it_and_it_keeps_to_the_paper(start: Start, qtbot: QtBot) -> None:
    window = start()
    window.resize(480, 360)
    card = card_of(window)
    assert card is not None
    qtbot.waitUntil(lambda: window.draw.canvas.rect().contains(card.geometry().center()))
    assert card.width() <= window.draw.canvas.width() - 16
    card.take_tour.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert card_of(window) is None
    assert window.draw.canvas.childAt(QPoint(5, 5)) is None


def test_larger_text_has_room_in_the_middle_of_the_paper(start: Start) -> None:
    window = start()
    card = card_of(window)
    assert card is not None
    before, font = card.height(), card.font()
    font.setPointSizeF(1.5 * font.pointSizeF())
    card.setFont(font)
    assert card.height() > before
    away = card.geometry().center() - window.draw.canvas.sheet().toRect().center()
    assert away.manhattanLength() <= 2
