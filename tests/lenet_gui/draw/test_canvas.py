"""The paper under real mouse, touch, tablet and key events."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from lenet_gui.draw.canvas import Canvas
from lenet_gui.draw.canvas_painting import Mark
from lenet_gui.draw.tab import DrawTab
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from tests.support.gui import ONE, SEVEN, draw, on_canvas, show_active
from trainer.drawing import stroke_files
from trainer.drawing.picture import Picture
from trainer.drawing.sheet import PAPER, Stroke


@pytest.fixture
def tab(qtbot: QtBot) -> DrawTab:
    tab = DrawTab()
    show_active(qtbot, tab, 1000, 640)
    return tab


def color_at(canvas: Canvas, x: float, y: float) -> QColor:
    image = canvas.grab().toImage()
    place = on_canvas(canvas, x, y) * image.devicePixelRatio()
    return image.pixelColor(place)


def press(tab: DrawTab, name: str) -> None:
    button = tab.findChild(QToolButton, f"{name}_button")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_every_point_of_the_mouse_is_kept_and_its_ink_shows_at_once(tab: DrawTab) -> None:
    draw(tab.canvas, SEVEN)
    (stroke,) = tab.canvas.drawing.strokes
    assert len(stroke) == len(SEVEN)
    unit = 280 / tab.canvas.sheet().width()  # a pixel on the paper
    for (x, y, width), wanted in zip(stroke, SEVEN, strict=True):
        assert abs(x - wanted[0]) <= unit and abs(y - wanted[1]) <= unit and width == 1.0
    assert color_at(tab.canvas, 140, 70).lightness() < 60
    assert color_at(tab.canvas, 40, 200).lightness() > 240


def test_a_click_leaves_a_dot(tab: DrawTab) -> None:
    draw(tab.canvas, [(140, 140)])
    assert [len(stroke) for stroke in tab.canvas.drawing.strokes] == [1]
    assert color_at(tab.canvas, 140, 140).lightness() < 60


def test_undo_redo_and_clear_by_key(tab: DrawTab) -> None:
    draw(tab.canvas, ONE)
    draw(tab.canvas, SEVEN)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(tab.canvas, Qt.Key.Key_Z, control)
    assert len(tab.canvas.drawing.strokes) == 1
    QTest.keyClick(tab.canvas, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert len(tab.canvas.drawing.strokes) == 2
    QTest.keyClick(tab.canvas, Qt.Key.Key_Delete)
    assert tab.canvas.drawing.empty
    assert color_at(tab.canvas, 140, 90).lightness() > 240
    QTest.keyClick(tab.canvas, Qt.Key.Key_Z, control)
    assert len(tab.canvas.drawing.strokes) == 2


def test_the_buttons_follow_what_can_be_done(tab: DrawTab) -> None:
    actions = (tab.undo, tab.redo, tab.clear, tab.copy, tab.save)
    assert not any(action.isEnabled() for action in actions)
    draw(tab.canvas, ONE)
    assert [a.isEnabled() for a in actions] == [True, False, True, True, True]
    press(tab, "undo")
    assert [a.isEnabled() for a in actions] == [False, True, False, False, False]
    press(tab, "redo")
    press(tab, "clear")
    assert tab.canvas.drawing.empty


@pytest.mark.parametrize("right_button", [False, True])
def test_the_eraser_rubs_ink_out(tab: DrawTab, right_button: bool) -> None:
    draw(tab.canvas, ONE)
    button = Qt.MouseButton.RightButton if right_button else Qt.MouseButton.LeftButton
    if not right_button:
        press(tab, "eraser")
    draw(tab.canvas, [(100, 140), (180, 140)], button)
    assert len(tab.canvas.drawing.strokes) == 2
    assert color_at(tab.canvas, 140, 140).lightness() > 240
    assert color_at(tab.canvas, 140, 80).lightness() < 60


def test_a_clean_sheet_is_drawn_on_with_the_pen(tab: DrawTab) -> None:
    draw(tab.canvas, ONE)
    press(tab, "eraser")
    press(tab, "clear")
    draw(tab.canvas, ONE)
    assert tab.pen.isChecked() and len(tab.canvas.drawing.strokes) == 1


def test_the_width_slider_changes_the_next_stroke(tab: DrawTab) -> None:
    draw(tab.canvas, ONE)
    tab.width_slider.setValue(160)
    draw(tab.canvas, SEVEN)
    assert [stroke[0][2] for stroke in tab.canvas.drawing.strokes] == [1.0, 1.6]


def tablet(
    canvas: Canvas,
    kind: QEvent.Type,
    at: tuple[float, float],
    pressure: float,
    pointer: QPointingDevice.PointerType,
) -> None:
    place = QPointF(on_canvas(canvas, *at))
    pen = QPointingDevice(
        "pen", 1, QPointingDevice.DeviceType.Stylus, pointer,
        QPointingDevice.Capability.Pressure, 1, 1,
    )  # fmt: skip
    button = Qt.MouseButton.LeftButton
    event = QTabletEvent(
        kind, pen, place, QPointF(canvas.mapToGlobal(place.toPoint())), pressure, 0, 0, 0, 0, 0,
        Qt.KeyboardModifier.NoModifier, button, button,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted()  # else Qt makes a second, mouse stroke of it


def test_a_tablet_pen_draws_by_pressure_and_its_other_end_rubs_out(tab: DrawTab) -> None:
    kinds, pointers = QEvent.Type, QPointingDevice.PointerType
    tablet(tab.canvas, kinds.TabletPress, (60, 140), 0.1, pointers.Pen)
    for n in range(1, 9):
        tablet(tab.canvas, kinds.TabletMove, (60 + 20 * n, 140), 0.1 + 0.1 * n, pointers.Pen)
    tablet(tab.canvas, kinds.TabletRelease, (220, 140), 0.0, pointers.Pen)
    (stroke,) = tab.canvas.drawing.strokes
    widths = [point[2] for point in stroke]
    assert len(stroke) == 9 and widths == sorted(widths) and widths[0] < 1 < widths[-1]
    tablet(tab.canvas, kinds.TabletPress, (140, 140), 0.5, pointers.Eraser)
    tablet(tab.canvas, kinds.TabletRelease, (140, 140), 0.0, pointers.Eraser)
    assert len(tab.canvas.drawing.strokes) == 2


def test_one_finger_draws_and_a_second_does_not_disturb_it(tab: DrawTab) -> None:
    finger = QTest.createTouchDevice()
    canvas = tab.canvas
    touch = QTest.touchEvent(canvas, finger)
    touch.press(0, on_canvas(canvas, 140, 60), canvas)
    touch.commit()
    for n in range(1, 6):
        touch = QTest.touchEvent(canvas, finger)
        touch.move(0, on_canvas(canvas, 140, 60 + 20 * n), canvas)
        if n == 2:
            touch.press(1, on_canvas(canvas, 20, 20), canvas)
        elif n > 2:
            touch.stationary(1)
        touch.commit()
    touch = QTest.touchEvent(canvas, finger)
    touch.release(0, on_canvas(canvas, 140, 160), canvas)
    touch.release(1, on_canvas(canvas, 20, 20), canvas)
    touch.commit()
    (stroke,) = canvas.drawing.strokes
    assert len(stroke) == 6 and all(abs(x - 140) < 2 for x, _, _ in stroke)


def test_the_drawing_keeps_its_place_on_the_paper_when_the_window_grows(
    tab: DrawTab, qtbot: QtBot
) -> None:
    draw(tab.canvas, ONE)
    before = tab.canvas.drawing.strokes
    side = tab.canvas.sheet().width()
    tab.resize(1400, 900)
    qtbot.waitUntil(lambda: tab.canvas.sheet().width() > side)
    assert tab.canvas.drawing.strokes == before
    assert color_at(tab.canvas, 140, 140).lightness() < 60


def test_ink_off_the_paper_is_neither_seen_nor_read(tab: DrawTab, qtbot: QtBot) -> None:
    draw(tab.canvas, [(140, 140), (400, 140), (400, 400)])
    (stroke,) = tab.canvas.drawing.strokes
    assert all(0 <= x <= 280 and 0 <= y <= 280 for x, y, _ in stroke)
    tab.canvas.clear()
    tab.resize(2400, 600)  # wider than the sheet is high
    qtbot.waitUntil(lambda: tab.canvas.width() > tab.canvas.sheet().width() + 100)
    draw(tab.canvas, [(300, 100), (300, 200)])
    assert tab.canvas.drawing.empty


def test_undo_with_the_pen_down_leaves_no_ghost_of_ink(tab: DrawTab) -> None:
    canvas = tab.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, 60, 60))
    QTest.mouseMove(canvas, on_canvas(canvas, 100, 60))
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseMove(canvas, on_canvas(canvas, 220, 220))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, 220, 220))
    assert canvas.drawing.empty
    assert color_at(canvas, 160, 140).lightness() > 240


def test_another_button_does_not_end_the_stroke(tab: DrawTab) -> None:
    canvas, left, right = tab.canvas, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
    QTest.mousePress(canvas, left, pos=on_canvas(canvas, 60, 60))
    QTest.mousePress(canvas, right, pos=on_canvas(canvas, 60, 60))
    QTest.mouseRelease(canvas, right, pos=on_canvas(canvas, 60, 60))
    QTest.mouseMove(canvas, on_canvas(canvas, 220, 60))
    QTest.mouseRelease(canvas, left, pos=on_canvas(canvas, 220, 60))
    (stroke,) = canvas.drawing.strokes
    assert len(stroke) == 2


def test_what_the_eraser_clears_is_as_large_as_its_circle(tab: DrawTab) -> None:
    tab.width_slider.setValue(160)
    draw(tab.canvas, [(20, 140), (260, 140)])
    draw(tab.canvas, [(140, 140)], Qt.MouseButton.RightButton)
    for x in (126, 140, 154):
        assert color_at(tab.canvas, x, 140).lightness() > 240
    for x in (120, 160):
        assert color_at(tab.canvas, x, 140).lightness() < 60


def test_the_save_dialog_adds_the_ending_of_the_chosen_kind(
    qtbot: QtBot, tmp_path: Path, tab: DrawTab
) -> None:
    saved: list[Path] = []
    kinds = ("PNG picture (*.png)", "CSV table (*.csv)")
    (tmp_path / "net 99.5.png").write_text("older")

    def choose(name: str, kind: int) -> None:
        dialog = ask_where_to_save(tab, "Save", tmp_path / "start.png", kinds, saved.append)
        dialog.selectNameFilter(kinds[kind])
        dialog.filterSelected.emit(kinds[kind])
        # What Qt does with a typed name before it emits the choice.
        before = len(saved)
        dialog.fileSelected.emit(str(tmp_path / name))
        qtbot.waitUntil(lambda: len(saved) > before)
        assert dialog.defaultSuffix() == ("png", "csv")[kind]
        dialog.close()

    choose("mine.png", 0)
    choose("curves.csv", 0)
    choose("net 99.5", 1)
    choose("net 99.5", 0)
    assert [path.name for path in saved[:3]] == ["mine.png", "curves.csv", "net 99.5.csv"]
    assert saved[3] != tmp_path / "net 99.5.png" and saved[3].suffix == ".png"


def test_copy_and_save(tab: DrawTab, tmp_path: Path, qtbot: QtBot) -> None:
    draw(tab.canvas, ONE)
    tab.copy.trigger()
    copied = QGuiApplication.clipboard().image()
    assert copied.width() == copied.height() == 560
    assert copied.pixelColor(280, 280).lightness() < 60
    with qtbot.waitSignal(tab.message):
        tab.save_to(tmp_path / "seven.png")
    assert (tmp_path / "seven.png").read_bytes().startswith(b"\x89PNG")
    with qtbot.waitSignal(tab.message):
        tab.save_to(tmp_path / "one.json")
    (kept,) = stroke_files.read_drawings(tmp_path / "one.json")
    assert [[tuple(point) for point in stroke] for stroke in kept] == [
        list(stroke) for stroke in tab.canvas.drawing.strokes
    ]


def test_a_place_where_nothing_can_be_saved_is_told(
    tab: DrawTab, tmp_path: Path, qtbot: QtBot
) -> None:
    draw(tab.canvas, ONE)
    with qtbot.waitSignal(tab.message) as told:
        tab.save_to(tmp_path / "nowhere" / "seven.png")
    assert "cannot be written" in told.args[0]


def test_painting_does_not_use_up_pythons_none() -> None:
    """A release of PySide6 did, and killed the program after some thousand calls."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.drawRect(0, 0, 4, 4)
    after = sys.getrefcount(None)
    painter.end()
    assert after > before - 100, "this release of PySide6 drops references to None: use another"


def test_a_hundred_thousand_points_do_not_stop_the_pen(tab: DrawTab) -> None:
    points: Callable[[int], tuple[float, float, float]] = lambda n: (  # noqa: E731
        140 + 100 * ((n * 7919) % 1000) / 1000 - 50,
        140 + 100 * ((n * 104729) % 1000) / 1000 - 50,
        1.0,
    )
    tab.canvas.show_strokes((tuple(points(n) for n in range(100_000)),))
    draw(tab.canvas, ONE)
    assert len(tab.canvas.drawing.strokes) == 2


def checkered(side: int, caption: str = "") -> Picture:
    """Ink in the upper left and the lower right quarter."""
    half = np.kron(np.eye(2), np.full((side // 2, side // 2), 255)).astype(np.uint8)
    return Picture(half, np.zeros((28, 28), np.uint8), caption)


@pytest.mark.parametrize("side", [28, 448])
def test_a_picture_lies_on_the_paper_and_is_copied(tab: DrawTab, side: int) -> None:
    tab.canvas.show_picture(checkered(side))
    copied = tab.canvas.picture()
    for x, y, inked in ((70, 70, True), (210, 210, True), (210, 70, False), (70, 210, False)):
        assert (color_at(tab.canvas, x, y).lightness() < 60) == inked
        assert (copied.pixelColor(2 * x, 2 * y).lightness() < 60) == inked
    assert tab.clear.isEnabled() and tab.copy.isEnabled()
    tab.undo.trigger()
    assert tab.canvas.drawing.empty and color_at(tab.canvas, 70, 70).lightness() > 240


def test_small_pictures_show_their_pixels_and_large_ones_are_smooth(tab: DrawTab) -> None:
    def grays(side: int) -> int:
        edges = np.zeros((side, side), np.uint8)
        edges[:, side // 2 :] = 255
        tab.canvas.show_picture(Picture(edges, np.zeros((28, 28), np.uint8)))
        copied = tab.canvas.picture(533)
        return sum(40 < copied.pixelColor(x, 200).lightness() < 240 for x in range(533))

    assert grays(28) == 0 < grays(60)


def test_a_pictures_caption_stands_in_the_corner_but_is_not_copied(tab: DrawTab) -> None:
    blank = np.zeros((28, 28), np.uint8)
    tab.canvas.show_picture(Picture(blank, blank, "MNIST test 9: a 5"))

    def inked(image: QImage) -> bool:
        rows = range(round(image.height() * 0.92), image.height() - 8)
        columns = range(8, image.width() // 2)
        return any(image.pixelColor(x, y).lightness() < 200 for x in columns for y in rows)

    sheet = tab.canvas.sheet().toAlignedRect()
    assert inked(tab.canvas.grab(sheet).toImage())
    assert not inked(tab.canvas.picture())


def test_drawing_on_a_picture_begins_a_new_sheet(tab: DrawTab) -> None:
    tab.canvas.show_picture(checkered(448))
    draw(tab.canvas, [(210, 40), (210, 120)])
    assert tab.canvas.drawing.picture is None
    assert color_at(tab.canvas, 70, 70).lightness() > 240  # the picture is gone
    assert color_at(tab.canvas, 210, 80).lightness() < 60
    QTest.keyClick(tab.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert color_at(tab.canvas, 70, 70).lightness() < 60
    draw(tab.canvas, [(70, 70), (90, 90)], Qt.MouseButton.RightButton)
    assert color_at(tab.canvas, 80, 80).lightness() < 60  # the eraser leaves it


# Many points


def scribble(points: int) -> Stroke:
    steps = np.random.default_rng(points).normal(0, 6, (points, 2)).cumsum(0) + PAPER / 2
    folded = np.abs((steps + PAPER) % (2 * PAPER) - PAPER)
    return tuple((float(x), float(y), 1.0) for x, y in folded)


def shown(canvas: Canvas) -> NDArray[np.int64]:
    """The paper's gray levels within its frame."""
    place = canvas.sheet().toAlignedRect().adjusted(3, 3, -3, -3)
    image = canvas.grab(place).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width()].astype(np.int64)


def differ(a: NDArray[np.int64], b: NDArray[np.int64]) -> bool:
    """By more than a few pixels' smooth edges, which depend on where Qt cuts a line off."""
    return bool((np.abs(a - b) > 64).any() or (a != b).mean() > 1e-3)


def fresh(qtbot: QtBot, canvas: Canvas) -> NDArray[np.int64]:
    """The same drawing on another canvas."""
    other = Canvas()
    qtbot.addWidget(other)
    other.resize(canvas.size())
    other.show()
    other.show_strokes(canvas.drawing.strokes)
    qtbot.waitUntil(lambda: other.drawn)
    return shown(other)


@pytest.mark.parametrize("points", [100, 20_000])
def test_what_is_left_of_many_points_is_drawn_where_the_eraser_was(
    qtbot: QtBot, points: int
) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(420, 420)
    canvas.show()
    canvas.show_strokes((scribble(points),))
    assert canvas.drawn == (points < 1000)  # many are drawn a little at a time
    qtbot.waitUntil(lambda: canvas.drawn)
    before = shown(canvas)
    draw(canvas, [(60.0 + 9 * n, 100.0 + 4 * n) for n in range(16)], Qt.MouseButton.RightButton)
    qtbot.waitUntil(lambda: canvas.drawn)
    assert differ(shown(canvas), before) and not differ(shown(canvas), fresh(qtbot, canvas))
    canvas.undo()
    qtbot.waitUntil(lambda: canvas.drawn)
    assert not differ(shown(canvas), before)


def test_a_stroke_begun_while_ink_is_drawn_anew_is_not_drawn_over(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(420, 420)
    canvas.show()
    canvas.show_strokes((scribble(20_000),))
    draw(canvas, [(100.0, 100.0), (130.0, 100.0)], Qt.MouseButton.RightButton)
    draw(canvas, [(100.0, 100.0), (130.0, 100.0)])
    qtbot.waitUntil(lambda: canvas.drawn)
    assert not differ(shown(canvas), fresh(qtbot, canvas))


# Off the paper, and in a digit's box


def test_a_pen_that_runs_off_the_paper_leaves_nothing_along_its_edge(tab: DrawTab) -> None:
    way = [(40.0, 140.0), (-30.0, 140.0), (-30.0, 60.0), (40.0, 60.0), (80.0, 60.0)]
    draw(tab.canvas, way)
    first, second = tab.canvas.drawing.strokes
    assert [point[:2] for point in first] == [pytest.approx((40, 140), abs=1), (0, first[-1][1])]
    assert first[-1][1] == pytest.approx(140, abs=1)
    assert second[0][:2] == (0, pytest.approx(60, abs=1))
    assert second[-1][:2] == pytest.approx((80, 60), abs=1)
    ink = color_at(tab.canvas, 40, 140)
    assert color_at(tab.canvas, 2, 140) == ink and color_at(tab.canvas, 2, 60) == ink
    assert color_at(tab.canvas, 2, 100) != ink


def test_a_pen_lifted_off_the_paper_is_up(tab: DrawTab) -> None:
    draw(tab.canvas, [(140.0, 140.0), (140.0, 400.0)])
    assert not tab.canvas.drawing_now and not tab.canvas.drawing.pen_down
    (stroke,) = tab.canvas.drawing.strokes
    assert stroke[-1][1] == PAPER
    QTest.mouseMove(tab.canvas, on_canvas(tab.canvas, 100, 100))
    assert len(tab.canvas.drawing.strokes) == 1


def test_a_click_in_a_digits_box_chooses_it_and_leaves_no_ink(tab: DrawTab, qtbot: QtBot) -> None:
    draw(tab.canvas, ONE)
    draw(tab.canvas, SEVEN)
    boxes = ((130.0, 50.0, 150.0, 230.0), (190.0, 60.0, 210.0, 90.0))
    marks = tuple(Mark(box, "1", number == 0) for number, box in enumerate(boxes))
    tab.canvas.show_marks(marks)
    before = tab.canvas.drawing.sheet
    with qtbot.waitSignal(tab.prediction.chosen) as told:
        draw(tab.canvas, [(200.0, 75.0)])
    assert told.args == [1]
    assert tab.canvas.drawing.sheet == before
    draw(tab.canvas, [(200.0, 75.0), (215.0, 90.0), (240.0, 120.0)])
    assert len(tab.canvas.drawing.strokes) == 3
    assert tab.canvas.drawing.strokes[-1][0][:2] == pytest.approx((200, 75), abs=1)
