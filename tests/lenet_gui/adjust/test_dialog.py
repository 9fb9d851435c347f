"""What was taken for ink on a picture is seen and corrected, and then laid on the paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.adjust.dialog import AdjustDialog
from lenet_gui.app.window import Window
from tests.support.gui import wait_until_active
from tests.support.pages import draw_page, save_page
from trainer.drawing.photos.preparation import AUTOMATIC
from trainer.networks.model import load_shipped
from trainer.pages.opening import OpenedPicture, open_pixels

Open = Callable[..., AdjustDialog]
LEFT, KEYS = Qt.MouseButton.LeftButton, Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def end(dialog: AdjustDialog) -> None:
    dialog.seer.end()
    assert dialog.seer.wait(20_000)


@pytest.fixture
def adjust(qtbot: QtBot) -> Open:
    def open_(colors: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> AdjustDialog:
        model = load_shipped()
        dialog = AdjustDialog(None, open_pixels(colors, "pasted", model, several=False), model)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)  # qtbot does
        qtbot.addWidget(dialog, before_close_func=end)
        dialog.show()
        assert dialog.note.text() == "Reading…"
        look(qtbot, dialog)
        assert dialog.note.text() != "Reading…"
        return dialog

    return open_


def look(qtbot: QtBot, dialog: AdjustDialog) -> None:
    """Wait until what was chosen is seen."""
    qtbot.waitUntil(
        lambda: dialog.sight is not None and dialog.sight.request.settings == dialog.settings,
        timeout=20_000,
    )


def draw_frame(dialog: AdjustDialog, left: float, top: float, right: float, bottom: float) -> None:
    room = dialog.view.room()

    def at(x: float, y: float) -> QPoint:
        return QPoint(round(room.left() + x * room.width()), round(room.top() + y * room.height()))

    QTest.mousePress(dialog.view, LEFT, pos=at(left, top))
    for share in (0.5, 1.0):
        x, y = left + share * (right - left), top + share * (bottom - top)
        QTest.mouseMove(dialog.view, at(x, y))
    QTest.mouseRelease(dialog.view, LEFT, pos=at(right, bottom))


def inked_pixels(dialog: AdjustDialog) -> set[tuple[int, int]]:
    """The pixels that are taken for ink, of every fourth row and column."""
    assert dialog.sight is not None
    image = dialog.sight.ink
    rows, columns = range(0, image.height(), 4), range(0, image.width(), 4)
    return {(x, y) for y in rows for x in columns if image.pixelColor(x, y).alpha() > 0}


def inked(dialog: AdjustDialog) -> int:
    """How many pixels are taken for ink."""
    return len(inked_pixels(dialog))


def test_the_ink_and_the_answer_are_seen(adjust: Open) -> None:
    dialog = adjust(draw_page(["7"]))
    assert dialog.answer.text() == "7" and dialog.probabilities.values[7] > 0.9
    assert inked(dialog) > 20 and dialog.ok.isEnabled()
    assert dialog.automatic.isChecked() and not dialog.invert.isChecked()
    shown = dialog.view.grab().toImage()
    colors = {shown.pixelColor(x, y).name() for x in range(0, 400, 3) for y in range(0, 300, 3)}
    assert len(colors) > 2


def test_the_threshold_is_found_or_chosen(adjust: Open, qtbot: QtBot) -> None:
    page = draw_page(["7"])
    page[20:60, 10:14] = 200  # a faint line
    dialog = adjust(page)
    found = dialog.threshold.value()
    QTest.keyClick(dialog.threshold, KEYS.Key_End)
    look(qtbot, dialog)
    high = inked(dialog)
    assert dialog.settings.threshold == 1.0 and not dialog.automatic.isChecked()
    dialog.threshold.setValue(30)
    look(qtbot, dialog)
    assert inked(dialog) > high
    QTest.mouseClick(dialog.automatic, LEFT)
    look(qtbot, dialog)
    assert dialog.settings == AUTOMATIC and dialog.threshold.value() == found


def test_light_ink_on_dark_paper_is_chosen_by_invert(adjust: Open, qtbot: QtBot) -> None:
    dialog = adjust(255 - draw_page(["7"]))
    assert dialog.invert.isChecked() and dialog.answer.text() == "7"
    written = inked_pixels(dialog)
    QTest.mouseClick(dialog.invert, LEFT)
    look(qtbot, dialog)
    assert dialog.settings.inverted is False
    assert len(inked_pixels(dialog) & written) < len(written) / 10  # dark ink is sought now
    QTest.mouseClick(dialog.reset, LEFT)
    look(qtbot, dialog)
    assert dialog.settings == AUTOMATIC and dialog.invert.isChecked()


def test_a_frame_is_drawn_and_moved_by_mouse_and_keys(adjust: Open, qtbot: QtBot) -> None:
    dialog = adjust(draw_page(["27"]))
    draw_frame(dialog, 0.5, 0.1, 0.9, 0.9)
    look(qtbot, dialog)
    assert dialog.answer.text() == "7"
    crop = dialog.settings.crop
    assert crop == pytest.approx((0.5, 0.1, 0.9, 0.9), abs=0.01)
    QTest.keyClick(dialog.view, KEYS.Key_Left)
    QTest.keyClick(dialog.view, KEYS.Key_Down, SHIFT)
    assert dialog.view.crop == pytest.approx((0.48, 0.1, 0.88, 0.92), abs=0.01)
    assert "48 to 88 %" in dialog.view.accessibleDescription()
    draw_frame(dialog, 0.68, 0.5, 0.28, 0.5)  # its inside is dragged
    assert dialog.view.crop == pytest.approx((0.08, 0.1, 0.48, 0.92), abs=0.01)
    draw_frame(dialog, 0.08, 0.5, 0.02, 0.5)  # its left edge is
    assert dialog.view.crop == pytest.approx((0.02, 0.1, 0.48, 0.92), abs=0.01)
    look(qtbot, dialog)
    assert dialog.answer.text() == "2"
    QTest.keyClick(dialog.view, KEYS.Key_Delete)
    assert dialog.settings == AUTOMATIC


def test_it_is_turned_with_its_frame(adjust: Open, qtbot: QtBot) -> None:
    dialog = adjust(np.rot90(draw_page(["2 7"])).copy())
    draw_frame(dialog, 0.1, 0.05, 0.9, 0.45)  # the 7
    QTest.mouseClick(dialog.right, LEFT)
    look(qtbot, dialog)
    assert dialog.settings.crop == pytest.approx((0.55, 0.1, 0.95, 0.9), abs=0.01)
    assert dialog.answer.text() == "7"
    for _time in range(2):
        QTest.mouseClick(dialog.left, LEFT)
    assert dialog.settings.quarter_turns == 3
    look(qtbot, dialog)
    assert dialog.view.crop == pytest.approx((0.05, 0.1, 0.45, 0.9), abs=0.01)


def test_what_is_refused_is_shown_with_its_reason(adjust: Open, qtbot: QtBot) -> None:
    dialog = adjust(np.full((100, 160, 3), 240, np.uint8))
    assert not dialog.ok.isEnabled() and "nothing is written there" in dialog.note.text()
    told: list[OpenedPicture] = []
    dialog.adjusted.connect(told.append)
    dialog.accept()
    assert not told and dialog.isVisible()


def test_everything_is_in_sight_on_a_small_screen(adjust: Open, qtbot: QtBot) -> None:
    dialog = adjust(draw_page(["7"]))
    dialog.resize(QSize(800, 480))
    qtbot.waitUntil(lambda: dialog.size() == QSize(800, 480))
    for part in (dialog.view, dialog.threshold, dialog.reset, dialog.input, dialog.ok):
        assert part.visibleRegion().contains(part.rect())


# On the Draw tab


def opened(window: Window, qtbot: QtBot) -> AdjustDialog:
    wait_until_active(qtbot, window)
    QTest.keyClick(window.draw.canvas, KEYS.Key_J, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(AdjustDialog)
    assert dialog is not None
    look(qtbot, dialog)
    return dialog


def test_ok_lays_it_on_the_paper_and_cancel_leaves_what_is_there(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    canvas, button = window.draw.canvas, window.draw.adjust
    qtbot.waitUntil(lambda: window.reader.model is not None, timeout=20_000)
    assert not button.isEnabled()
    window.draw.pictures.take_file(save_page(tmp_path / "seven.png", "7"))
    qtbot.waitUntil(button.isEnabled, timeout=20_000)
    before = canvas.drawing.picture
    dialog = opened(window, qtbot)
    QTest.mouseClick(dialog.right, LEFT)
    look(qtbot, dialog)
    QTest.mouseClick(dialog.cancel, LEFT)
    assert canvas.drawing.picture is before
    qtbot.waitUntil(lambda: window.findChild(AdjustDialog) is None)
    dialog = opened(window, qtbot)
    dialog.threshold.setValue(60)
    look(qtbot, dialog)
    QTest.mouseClick(dialog.ok, LEFT)
    after = canvas.drawing.picture
    assert after is not None and after is not before and after.caption == "seven.png"
    qtbot.waitUntil(lambda: window.findChild(AdjustDialog) is None)
    assert opened(window, qtbot).settings.threshold == 0.6  # it goes on where it was left
    canvas.undo()
    assert canvas.drawing.picture is before and button.isEnabled()
    canvas.clear()
    assert not button.isEnabled()


def test_what_no_digit_was_found_on_can_be_adjusted(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: window.reader.model is not None, timeout=20_000)
    path = save_page(tmp_path / "blank.png", " ")
    with qtbot.waitSignal(window.draw.message, timeout=20_000) as told:
        window.draw.pictures.take_file(path)
    assert "Edit > Adjust picture" in told.args[0]
    assert opened(window, qtbot).note.text().startswith("blank.png: ")
