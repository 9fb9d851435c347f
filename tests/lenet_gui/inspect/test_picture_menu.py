"""Maps and kernels copied and saved from their menu."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.inspect import picture_menu
from lenet_gui.inspect.common import image_files
from lenet_gui.inspect.common.image_files import Mosaic
from lenet_gui.inspect.shading import Shading
from tests.support.inspecting import empty, inspection, paper_model, shipped
from trainer.errors import UserError
from trainer.networks.anatomy import Unit

GRAY = Shading("gray")
MAP = Unit(3, 4, 1, 6)


class Part(QWidget):
    message = Signal(str)


@pytest.fixture
def part(qtbot: QtBot) -> Iterator[Part]:
    made = Part()
    qtbot.addWidget(made)
    made.show()
    yield made


def names(unit: Unit, shading: Shading = GRAY) -> list[str]:
    return [each.name for each in picture_menu.list_mosaics(inspection(shipped()), unit, shading)]


def test_what_there_is_to_copy() -> None:
    assert names(MAP) == ["C3, map 5", "all maps of C3", "the weights of C3, map 5"]
    assert names(Unit(0, 0, 3, 3)) == ["input"]
    assert names(Unit(2, 1, 3, 3)) == ["S2, map 2", "all maps of S2"]
    assert names(Unit(6, 11, 0, 0)) == ["F6", "the weights of F6, unit 12"]
    assert names(Unit(7, 3, 0, 0)) == ["output", "the weights of output, 3"]
    clean = picture_menu.list_mosaics(empty(shipped()), MAP, GRAY)
    assert [each.name for each in clean] == ["the weights of C3, map 5"]
    unknown = Shading(kernels="initial")
    assert len(picture_menu.list_mosaics(inspection(paper_model()), Unit(1, 0, 0, 0), unknown)) == 2


def choose(part: Part, unit: Unit, text: str) -> None:
    """Without popping it up, which Qt's screenless platform can't."""
    menu = picture_menu.build_menu(part, inspection(shipped()), unit, GRAY, part.message)
    (action,) = (action for action in menu.actions() if action.text() == text)
    action.trigger()


def test_a_picture_is_copied(part: Part, qtbot: QtBot) -> None:
    with qtbot.waitSignal(part.message) as told:
        choose(part, MAP, "Copy picture of C3, map 5")
    assert told.args == ["Copied the picture of C3, map 5"]
    image = QGuiApplication.clipboard().image()
    values = inspection(shipped()).values(3)
    assert values is not None and image.width() == image.height() == 320
    for y, x in ((0, 0), (1, 1), (8, 6)):
        share = (values[4, y, x] - values.min()) / (values.max() - values.min())
        gray = image.pixelColor(32 * x + 16, 32 * y + 16).red()
        assert gray == pytest.approx(255 * float(share), abs=1)


def test_values_are_copied_as_a_table(part: Part, qtbot: QtBot) -> None:
    with qtbot.waitSignal(part.message):
        choose(part, MAP, "Copy values of C3, map 5")
    text = QGuiApplication.clipboard().text()
    values = inspection(shipped()).values(3)
    assert values is not None
    assert np.allclose(np.loadtxt(io.StringIO(text)), values[4], rtol=1e-5)


@pytest.mark.parametrize("ending", ["png", "svg", "npy"])
def test_a_layer_is_saved_where_the_user_says(
    part: Part, qtbot: QtBot, tmp_path: Path, ending: str
) -> None:
    choose(part, MAP, "Save all maps of C3…")
    dialog = part.findChild(QFileDialog, "save_dialog")
    assert isinstance(dialog, QFileDialog) and len(dialog.nameFilters()) == 3
    path = tmp_path / f"maps.{ending}"
    with qtbot.waitSignal(part.message) as told:
        dialog.fileSelected.emit(str(path))
        dialog.close()
    assert told.args == [f"Saved all maps of C3 as {path}"] and path.stat().st_size > 0


def test_a_place_that_cannot_be_written_is_told(part: Part, qtbot: QtBot, tmp_path: Path) -> None:
    mosaic = picture_menu.list_mosaics(inspection(shipped()), MAP, GRAY)[0]
    with pytest.raises(UserError, match="cannot be written"):
        image_files.save(mosaic, tmp_path / "nowhere" / "map.png")
    image_files.ask_where_to_save_mosaic(part, mosaic, "a name", part.message)
    dialog = part.findChild(QFileDialog, "save_dialog")
    assert isinstance(dialog, QFileDialog)
    with qtbot.waitSignal(part.message) as told:
        dialog.fileSelected.emit(str(tmp_path / "nowhere" / "map.png"))
        dialog.close()
    assert "cannot be written" in told.args[0]


def test_a_clean_sheet_offers_only_what_there_is(part: Part) -> None:
    menu = picture_menu.build_menu(part, empty(shipped()), Unit(0, 0, 0, 0), GRAY, part.message)
    assert [action.isEnabled() for action in menu.actions() if action.text()] == [False]


# Files


def layer() -> Mosaic:
    return picture_menu.list_mosaics(inspection(shipped()), MAP, GRAY)[1]


def test_the_array_has_every_digit() -> None:
    values = inspection(shipped()).values(3)
    assert values is not None
    found = np.load(io.BytesIO(image_files.encode_mosaic(layer(), ".npy")))
    assert found.dtype == np.float32 and np.array_equal(found, values)
    weights = picture_menu.list_mosaics(inspection(shipped()), MAP, GRAY)[2]
    found = np.load(io.BytesIO(image_files.encode_mosaic(weights, ".npy")))
    assert np.array_equal(found, shipped().network.conv2.weight[4].detach().numpy())


def gray(value: float, values: np.ndarray) -> float:
    return 255 * float((value - values.min()) / (values.max() - values.min()))


def test_the_png_has_all_maps_in_rows() -> None:
    mosaic = layer()
    image = QImage.fromData(image_files.encode_mosaic(mosaic, ".png"), "png")
    values, scale = mosaic.array, mosaic.scale
    side = round((4 * 10 + 3 * 0.5) * scale)
    assert (image.width(), image.height()) == (side, side)
    for number, y, x in ((0, 0, 0), (5, 1, 1), (10, 9, 3), (15, 5, 5)):
        down, across = divmod(number, 4)
        at = [round((each * 10.5 + n + 0.5) * scale) for each, n in ((across, x), (down, y))]
        found = image.pixelColor(*at).red()
        assert found == pytest.approx(gray(values[number, y, x], values), abs=1)
    assert image.pixelColor(round(10.25 * scale), 5) == QColor("white")


def test_the_svg_has_a_rectangle_for_each_run_of_a_color() -> None:
    mosaic = layer()
    root = ElementTree.fromstring(image_files.encode_mosaic(mosaic, ".svg"))
    space = {"svg": "http://www.w3.org/2000/svg"}
    groups = root.findall("svg:g", space)
    assert len(groups) == 16
    title = root.find("svg:title", space)
    assert title is not None and title.text == "all maps of C3"
    painted = np.full((16, 10, 10), -1.0)
    for number, group in enumerate(groups):
        assert group.get("transform") == "translate({:g} {:g})".format(*mosaic.corner(number))
        for rect in group.findall("svg:rect", space):
            x, y, wide = (int(rect.get(name, "")) for name in ("x", "y", "width"))
            painted[number, y, x : x + wide] = QColor(rect.get("fill", "")).red()
    values = mosaic.array
    wanted = 255 * (values - values.min()) / (values.max() - values.min())
    assert np.abs(painted - wanted).max() <= 0.51
