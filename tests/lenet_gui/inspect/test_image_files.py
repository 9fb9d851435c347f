"""Every picture of ink can be copied and saved, in colors and with its values."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.common import image_files
from lenet_gui.inspect.common.image_files import encode_mosaic
from lenet_gui.inspect.distort.page import PixelPicture
from lenet_gui.inspect.images.grid import TopImageGrid
from lenet_gui.inspect.images.synthesis_box import SynthesisBox
from tests.support.inspecting import picture, shipped
from trainer.data.labelled_images import LabelledImages
from trainer.inspect import activation_maximization, top_images
from trainer.progress import result_of


class Asker(QWidget):
    message = Signal(str)


@pytest.fixture
def asker(qtbot: QtBot) -> Asker:
    made = Asker()
    qtbot.addWidget(made)
    return made


def trigger(menu: QMenu, text: str) -> None:
    (action,) = [action for action in menu.actions() if action.text() == text]
    action.trigger()


def test_ink_is_dark_in_the_picture(asker: Asker, qtbot: QtBot) -> None:
    image = picture()
    menu = image_files.build_menu(asker, image, "a nought", asker.message)
    with qtbot.waitSignal(asker.message) as told:
        trigger(menu, "Copy picture")
    assert told.args == ["Copied the picture of a nought"]
    copied = QGuiApplication.clipboard().image()
    scale = copied.width() // 28
    row, column = np.unravel_index(int(image.argmax()), image.shape)
    at = QPoint(int(column) * scale + scale // 2, int(row) * scale + scale // 2)
    assert copied.pixelColor(at).lightness() == 255 - int(image.max())
    assert copied.pixelColor(1, 1).lightness() == 255


def test_values_are_copied_as_a_table(asker: Asker) -> None:
    menu = image_files.build_menu(asker, picture(), "a nought", asker.message)
    trigger(menu, "Copy values")
    rows = QGuiApplication.clipboard().text().split("\n")
    table = np.array([[float(value) for value in row.split("\t")] for row in rows])
    np.testing.assert_array_equal(table, picture())


def test_a_picture_in_colors_has_a_block_for_each(asker: Asker) -> None:
    image = np.random.default_rng(1).integers(0, 255, (3, 32, 32), np.uint8)
    menu = image_files.build_menu(asker, image, "a ship", asker.message)
    assert [a.text() for a in menu.actions() if a.text()] == ["Copy picture", "Save…"]
    saved = np.load(io.BytesIO(encode_mosaic(image_files.make_mosaic(image, "a ship"), ".npy")))
    np.testing.assert_array_equal(saved, image)


def test_it_is_saved_where_the_user_says(asker: Asker, qtbot: QtBot, tmp_path: Path) -> None:
    asker.show()
    trigger(image_files.build_menu(asker, picture(), "a nought", asker.message), "Save…")
    dialog = asker.findChild(QFileDialog, "save_dialog")
    assert dialog is not None
    name = dialog.findChild(QLineEdit)
    assert name is not None
    name.setText(str(tmp_path / "nought.png"))
    with qtbot.waitSignal(asker.message):
        dialog.accept()
    assert QImage(str(tmp_path / "nought.png")).width() >= 28


def asks_for_menu(widget: QWidget, at: QPoint) -> None:
    """The right mouse button; Qt makes no such event of a click on a screenless platform."""
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))


def test_the_distorted_picture_has_one(qtbot: QtBot) -> None:
    shown = PixelPicture()
    qtbot.addWidget(shown)
    asked: list[object] = []
    shown.menu_asked.connect(lambda image, _: asked.append(image))
    asks_for_menu(shown, QPoint(20, 20))
    assert asked == []
    shown.show_image(picture())
    asks_for_menu(shown, QPoint(20, 20))
    assert len(asked) == 1 and asked[0] is picture()


def test_the_exciting_images_have_one_each(qtbot: QtBot, digits: LabelledImages) -> None:
    found = result_of(top_images.search_top_images(shipped(), digits, "pen")).best(1, 2)
    grid = TopImageGrid()
    qtbot.addWidget(grid)
    grid.resize(300, 360)
    grid.show_best(found, ["1"] * 9, ["an image"] * 9)
    asked: list[object] = []
    grid.menu_asked.connect(lambda best, _: asked.append(best))
    asks_for_menu(grid, grid.tile_rect(4).center().toPoint())
    grid.current = 7
    key = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(grid, QContextMenuEvent(key, QPoint(), QPoint()))
    assert asked == [found[4], found[7]]


def test_the_made_up_picture_has_one(qtbot: QtBot) -> None:
    box = SynthesisBox()
    qtbot.addWidget(box)
    asked: list[QPoint] = []
    box.menu_asked.connect(asked.append)
    asks_for_menu(box.picture, QPoint(9, 9))
    assert asked == []
    made = next(activation_maximization.synthesize(shipped(), 1, 0))
    box.show_synthetic(made, "", True)
    asks_for_menu(box.picture, QPoint(9, 9))
    assert len(asked) == 1
