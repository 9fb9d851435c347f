"""The strip that shows how a drawing becomes 28x28, and its switches."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_gui.draw.preprocessing_view import PreprocessingPicture, PreprocessingView
from lenet_gui.widgets import theme
from tests.support.gui import show_active
from trainer.drawing.preprocessing import (
    Paper,
    PreprocessingStages,
    preprocess_picture,
    preprocess_strokes,
)
from trainer.drawing.sheet import PreprocessingOptions

CORNER = [[(20.0, 20.0), (70.0, 20.0), (40.0, 90.0)]]


@pytest.fixture
def strip(qtbot: QtBot) -> PreprocessingView:
    strip = PreprocessingView()
    show_active(qtbot, strip, 456, 124)
    return strip


def made(steps: PreprocessingOptions | None = None) -> PreprocessingStages:
    return preprocess_strokes(CORNER, paper=Paper(280, 17), options=steps or PreprocessingOptions())


def seen(picture: PreprocessingPicture, x: float, y: float) -> QColor:
    """The color at those shares of a picture's frame."""
    image: QImage = picture.grab().toImage()
    frame = picture.frame()
    at = QPointF(frame.left() + x * frame.width(), frame.top() + y * frame.height())
    return image.pixelColor((at * image.devicePixelRatio()).toPoint())


def click(strip: PreprocessingView, name: str) -> None:
    box = strip.switches[name]
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))


def test_a_drawing_is_seen_at_each_step(strip: PreprocessingView) -> None:
    assert all(p.empty for p in (strip.strokes, strip.box, strip.fitted, strip.read))
    strip.show_stages(made())
    # Dark ink on white paper in the corner; the box fills its frame; white on black in pixels.
    assert seen(strip.strokes, 45 / 280, 20 / 280).lightness() < 80
    assert seen(strip.strokes, 0.6, 0.6).lightness() > 240
    assert seen(strip.box, 0.5, 0.08).lightness() < 80
    assert seen(strip.fitted, 0.5, 0.06).lightness() > 200
    assert seen(strip.read, 0.04, 0.04).lightness() < 20
    strip.show_stages(None)
    assert all(p.empty for p in (strip.strokes, strip.box, strip.fitted, strip.read))


def test_the_inks_box_is_outlined_in_the_accent_color(
    strip: PreprocessingView, qtbot: QtBot
) -> None:
    strip.show_stages(made())
    left, _top, _right, bottom = made().bounds

    def most_blue() -> int:
        beside = [seen(strip.strokes, left + n / 200, bottom - 0.06) for n in range(-4, 5)]
        return max(color.blue() - color.red() for color in beside)

    assert most_blue() > 60
    click(strip, "box")
    strip.show_stages(made(PreprocessingOptions(box=False)))  # now the whole paper is what is taken
    qtbot.waitUntil(lambda: most_blue() < 20)


@pytest.mark.parametrize(
    ("name", "words"), [("box", "crop"), ("fit", "resize"), ("center", "center")]
)
def test_a_switch_leaves_its_step_out_and_says_so(
    strip: PreprocessingView, qtbot: QtBot, name: str, words: str
) -> None:
    assert strip.note.text() == ""
    with qtbot.waitSignal(strip.changed) as changed:
        click(strip, name)
    assert changed.args == [PreprocessingOptions(**{name: False})]
    assert strip.note.text() == f"Skipped: {words}" and strip.note.isVisible()
    with qtbot.waitSignal(strip.changed) as changed:
        click(strip, name)
    assert changed.args == [PreprocessingOptions()]
    assert strip.note.text() == ""


def test_switches_are_reached_and_toggled_by_keys(strip: PreprocessingView) -> None:
    strip.switches["box"].setFocus()
    for name in ("box", "fit", "center"):
        assert QApplication.focusWidget() is strip.switches[name]
        QTest.keyClick(strip.switches[name], Qt.Key.Key_Space)
        QTest.keyClick(strip.switches[name], Qt.Key.Key_Tab)
    assert strip.options == PreprocessingOptions(False, False, False)
    assert strip.note.text() == "Skipped: crop, resize, center"


def test_every_step_is_taken_again_at_once(strip: PreprocessingView) -> None:
    for name in strip.switches:
        click(strip, name)
    strip.take_all()
    assert strip.options == PreprocessingOptions() and strip.note.text() == ""
    assert all(box.isChecked() for box in strip.switches.values())


def test_a_fast_pens_last_picture_is_shown_too(strip: PreprocessingView, qtbot: QtBot) -> None:
    for n in range(20):
        line = [[(20.0, 20.0), (20.0 + 10 * n, 20.0)]]
        strip.show_stages(preprocess_strokes(line, paper=Paper(280, 17)))
    assert seen(strip.read, 0.5, 0.5).lightness() > 200  # what is read, at once
    qtbot.waitUntil(lambda: seen(strip.strokes, 205 / 280, 20 / 280).lightness() < 80)


def test_switches_say_why_and_have_names(strip: PreprocessingView) -> None:
    for box in strip.switches.values():
        assert "MNIST" in box.toolTip() and "Off:" in box.toolTip()
        assert box.accessibleDescription() and box.text()
    for picture in (strip.strokes, strip.box, strip.fitted, strip.read):
        assert picture.accessibleName()


def test_a_smaller_picture_keeps_its_pixels_size(strip: PreprocessingView) -> None:
    """Without the step to 20 pixels, what was cut out is shown as small as it is."""
    strip.show_stages(made(PreprocessingOptions(fit=False)))
    small = made(PreprocessingOptions(fit=False)).fitted
    assert len(small) < 10
    assert seen(strip.fitted, 0.5, 0.05).lightness() < 10
    top = (20 - len(small)) / 2 + 1
    assert seen(strip.fitted, 0.5, top / 20).lightness() > 100


def test_a_28x28_picture_is_said_to_be_read_as_it_is(strip: PreprocessingView) -> None:
    click(strip, "fit")
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    strip.show_stages(preprocess_picture(image, image), of_picture=True)
    assert "used unchanged" in strip.note.text()
    assert strip.box.empty and strip.fitted.empty
    assert not strip.strokes.empty and not strip.read.empty
    assert not any(box.isEnabled() for box in strip.switches.values())
    assert strip.first.text() == "Picture"
    # Strokes again: what the switches say counts again.
    strip.show_stages(made(PreprocessingOptions(fit=False)))
    assert strip.note.text() == "Skipped: resize"
    assert all(box.isEnabled() for box in strip.switches.values())


def test_a_photo_shows_its_box_and_what_it_was_fitted_to(strip: PreprocessingView) -> None:
    shown, image = np.zeros((300, 300), np.uint8), np.zeros((28, 28), np.uint8)
    shown[100:250, 100:140], image[4:24, 12:17] = 255, 255
    strip.show_stages(preprocess_picture(shown, image), of_picture=True)
    assert not any(p.empty for p in (strip.strokes, strip.box, strip.fitted, strip.read))
    assert strip.note.text() and not any(box.isEnabled() for box in strip.switches.values())


def test_its_note_takes_no_room_from_the_paper(strip: PreprocessingView) -> None:
    before = strip.minimumSizeHint().width()
    image = np.full((28, 28), 255, np.uint8)
    strip.show_stages(preprocess_picture(image, image), of_picture=True)
    assert strip.note.whole.endswith("used unchanged")
    assert strip.minimumSizeHint().width() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ticks_are_seen_on_light_and_dark_ground(
    strip: PreprocessingView, qapp: QApplication, scheme: str
) -> None:
    before = qapp.palette()
    try:
        qapp.setPalette(theme.palette(scheme == "dark"))
        box = strip.switches["fit"]
        click(strip, "fit")
        ground = theme.palette(scheme == "dark").window().color().lightness()
        image = box.grab().toImage()
        edge = image.pixelColor(int(1 * image.devicePixelRatio()), image.height() // 2)
        assert abs(edge.lightness() - ground) > 60
    finally:
        qapp.setPalette(before)
