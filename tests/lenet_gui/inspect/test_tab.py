"""The Inspect tab in the window: drawn on, chosen in, changed, toured, and left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.inspect.tab import InspectTab
from tests.support.gui import ONE, SEVEN, MakeWindow, draw, wait_until_active
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import Intervention
from trainer.reading import predict
from trainer.reading.sheet_reading import SheetReading

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(window: Window, qtbot: QtBot) -> Iterator[InspectTab]:
    """The tab in a window whose network is ready, with a 7 on the paper."""
    window.resize(1180, 720)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    assert window.tabs.currentWidget() is window.inspect
    made = window.inspect
    draw(made.canvas, SEVEN)
    _wait_for(window, qtbot, 7)
    yield made


def _wait_for(window: Window, qtbot: QtBot, digit: int) -> SheetReading:
    """The reading of what lies on the paper now."""

    def read() -> bool:
        newest = window.inspect.reading
        return (
            newest is not None
            and newest.prediction is not None
            and newest.sheet is window.draw.canvas.drawing.sheet
            and newest.prediction.digit == digit
        )

    qtbot.waitUntil(read, timeout=10_000)
    newest = window.inspect.reading
    assert newest is not None
    return newest


def middle(rect: QRectF) -> QPoint:
    return rect.center().toPoint()


# Drawing


def test_what_is_drawn_on_either_tab_is_on_both(
    view: InspectTab, window: Window, qtbot: QtBot
) -> None:
    assert len(window.draw.canvas.drawing.strokes) == 1
    QTest.keyClick(window, Qt.Key.Key_1, CONTROL)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    assert np.asarray(window.draw.canvas.grab().toImage().bits()).min() < 100  # there is ink
    window.draw.clear.trigger()
    draw(window.draw.canvas, ONE)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    _wait_for(window, qtbot, 1)
    assert view.canvas.drawing.strokes == window.draw.canvas.drawing.strokes
    shown = view.canvas.grab().toImage()
    assert shown.pixelColor(view.canvas.sheet().center().toPoint()).lightness() < 100


def test_undo_and_clear_have_buttons_and_keys_here(view: InspectTab, qtbot: QtBot) -> None:
    def usable() -> list[str]:
        return [action.text() for action in view.canvas.actions() if action.isEnabled()]

    view.canvas.setFocus()
    assert usable() == ["Undo", "Clear"]
    QTest.keyClick(view.canvas, Qt.Key.Key_Z, CONTROL)
    assert view.canvas.drawing.empty and usable() == ["Redo"]
    QTest.keyClick(view.canvas, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert not view.canvas.drawing.empty and usable() == ["Undo", "Clear"]
    QTest.keyClick(view.canvas, Qt.Key.Key_Delete)
    assert view.canvas.drawing.empty


def test_nothing_is_shown_to_a_tab_that_is_not_seen(
    view: InspectTab, window: Window, qtbot: QtBot
) -> None:
    QTest.keyClick(window, Qt.Key.Key_1, CONTROL)
    before = view.network.inspection
    window.draw.clear.trigger()
    draw(window.draw.canvas, ONE)
    _wait_for(window, qtbot, 1)
    assert view.network.inspection is before
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    assert view.network.inspection is not before


# Pointing and choosing


def test_every_part_tells_of_the_same_unit(view: InspectTab, window: Window) -> None:
    unit = Unit(3, 4, 5, 5)
    QTest.mouseClick(view.network, LEFT, pos=middle(view.network.unit_rect(unit)))
    assert view.network.chosen_unit == unit
    reading_now = window.inspect.reading
    assert reading_now is not None and reading_now.prediction is not None
    value = float(reading_now.prediction.maps["conv2_active"].values[4, 5, 5])
    inspection = view.network.inspection
    assert inspection is not None and inspection.value(unit) == value


def test_a_second_click_enlarges_and_esc_closes(view: InspectTab, qtbot: QtBot) -> None:
    at = middle(view.network.unit_rect(Unit(1, 2, 10, 10)))
    QTest.mouseClick(view.network, LEFT, pos=at)
    QTest.mouseClick(view.network, LEFT, pos=at)
    qtbot.waitUntil(view.large.isVisible)
    assert view.large.unit == Unit(1, 2, 10, 10)
    assert view.large.geometry() == view.network.rect()
    QTest.keyClick(view.large, Qt.Key.Key_Right)
    assert view.network.chosen_unit == Unit(1, 2, 10, 11)
    QTest.keyClick(view.large, Qt.Key.Key_Escape)
    assert not view.large.isVisible()
    assert view.network.hasFocus() and view.network.chosen_unit == Unit(1, 2, 10, 11)


def test_a_click_on_an_answer_asks_why(view: InspectTab) -> None:
    assert view.panel is view.unit
    QTest.mouseClick(view.network, LEFT, pos=middle(view.network.unit_rect(Unit(7, 9, 0, 0))))
    assert view.panel is view.why
    view.panels.setCurrentWidget(view.unit)
    assert view.network.chosen_unit == Unit(7, 9, 0, 0)


def test_the_menu_of_a_map(view: InspectTab, qtbot: QtBot) -> None:
    at = view.network.mapToGlobal(middle(view.network.unit_rect(Unit(1, 0, 3, 3))))
    view.network.menu_asked.emit(Unit(1, 0, 3, 3), at)
    menu = view.findChild(QMenu, "picture_menu")
    assert menu is not None
    qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, Qt.Key.Key_Escape)


# Changing


def test_a_map_that_is_off_is_off_here_and_nowhere_else(
    view: InspectTab, window: Window, qtbot: QtBot
) -> None:
    image = window.inspect.reading.image  # type: ignore[union-attr]
    view.choose(Unit(4, 3, 0, 0))
    view.panels.setCurrentWidget(view.change)
    QTest.mouseClick(view.change.off, LEFT)
    interventions = (Intervention("pool2", 3, 0.0),)
    held = predict.read(window.reader.model, image, interventions)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: view.change.bars.values == held.probabilities)
    assert "1 map is fixed" in view.held.text() and view.held.isVisible()
    assert "under Distort" not in view.held.text()
    before = view.panels.currentWidget()
    view.panels.setCurrentWidget(view.distort)
    assert "under Distort are those without fixed maps" in view.held.text()
    view.panels.setCurrentWidget(before)
    assert "under Distort" not in view.held.text()
    QTest.keyClick(window, Qt.Key.Key_1, CONTROL)
    plain = predict.read(window.reader.model, image)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: window.draw.probabilities.values == plain.probabilities)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    qtbot.waitUntil(lambda: view.change.bars.values == held.probabilities)


def test_another_network_is_shown_as_it_was_trained(
    view: InspectTab, window: Window, qtbot: QtBot
) -> None:
    view.choose(Unit(4, 3, 0, 0))
    view.panels.setCurrentWidget(view.change)
    QTest.mouseClick(view.change.off, LEFT)
    window.use_shipped()
    assert view.change.interventions == () and not view.held.isVisible()


# The tour


def test_the_tour_begins_from_the_menu_and_goes_on_where_it_was(
    window: Window, qtbot: QtBot, make_window: MakeWindow
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F2)
    view = window.inspect
    assert window.tabs.currentWidget() is window.inspect and view.tour.isVisible()
    qtbot.waitUntil(lambda: view.tour.sample.isVisible(), timeout=10_000)
    QTest.mouseClick(view.tour.sample, LEFT)
    qtbot.waitUntil(lambda: not view.canvas.drawing.empty)
    qtbot.waitUntil(lambda: view.tour.next.isEnabled() and not view.tour.sample.isVisible())
    for _ in range(3):
        QTest.mouseClick(view.tour.next, LEFT)
    title = view.tour.title.text()
    QTest.mouseClick(view.tour.close_button, LEFT)
    assert not view.tour.isVisible()
    window.close()
    again = make_window()
    with qtbot.waitSignal(again.reader.loaded, timeout=30_000):
        again.start()
    wait_until_active(qtbot, again)
    QTest.keyClick(again, Qt.Key.Key_F2)
    tour = again.inspect.tour
    qtbot.waitUntil(lambda: tour.title.text() == title, timeout=10_000)
    assert tour.step == 3


def test_what_is_chosen_in_the_bar_is_there_the_next_time(
    view: InspectTab, window: Window, qtbot: QtBot, make_window: MakeWindow
) -> None:
    combo = view.bar.combos["colors"]
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    chosen = view.bar.shading.colors
    assert chosen != "viridis"
    window.close()
    again = make_window()
    assert again.inspect is again.tabs.currentWidget()
    assert again.inspect.bar.shading.colors == chosen
