"""What is dropped anywhere on the window goes where it belongs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from tests.support.class_sets import make_set
from tests.support.gui import drop
from trainer.files import asset
from trainer.my_classes import class_file
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe


@pytest.mark.parametrize("tab", ["draw", "window"])
def test_a_network_is_opened(window: Window, qtbot: QtBot, tmp_path: Path, tab: str) -> None:
    path = tmp_path / "dropped.safetensors"
    path.write_bytes(asset("lenet5.safetensors").read_bytes())
    assert drop(window.draw if tab == "draw" else window, path)
    qtbot.waitUntil(lambda: "dropped" in window.labels.model.text())


def test_a_drawing_is_laid_on_the_paper(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window.tabs.setCurrentWidget(window.evaluate)
    path = tmp_path / "seven.json"
    path.write_bytes(asset("seven.json").read_bytes())
    assert drop(window, path)
    qtbot.waitUntil(lambda: len(window.draw.canvas.drawing.strokes) == 2)
    assert window.tabs.currentWidget() is window.draw


def test_a_recipe_goes_into_the_form(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(sharing.text(find_recipe("fashion-studio")))
    assert drop(window.draw, path)
    qtbot.waitUntil(lambda: window.tabs.currentWidget() is window.train)
    qtbot.waitUntil(lambda: window.train.form.recipe().name == "fashion-studio")


def test_a_file_of_classes_is_opened_on_their_tab_and_replaces_none_unasked(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    class_file.save(make_set(2), tmp_path / "forms.json")
    assert drop(window, tmp_path / "forms.json")
    qtbot.waitUntil(lambda: window.tabs.currentWidget() is window.my_classes)
    qtbot.waitUntil(lambda: len(window.my_classes.now) == 6)
    assert drop(window, tmp_path / "forms.json")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "replace_classes") is not None)


@pytest.mark.parametrize("tab", ["draw", "train", "window"])
def test_a_picture_goes_to_the_paper(
    window: Window, qtbot: QtBot, tmp_path: Path, tab: str
) -> None:
    onto: QWidget = {"draw": window.draw, "train": window.train, "window": window}[tab]
    window.tabs.setCurrentWidget(window.train if tab == "train" else window.draw)
    picture = QImage(28, 28, QImage.Format.Format_Grayscale8)
    picture.fill(0)
    for y in range(4, 24):
        picture.setPixel(14, y, 0xFFFFFFFF)
        picture.setPixel(15, y, 0xFFFFFFFF)
    path = tmp_path / "one.png"
    picture.save(str(path))
    drop(onto, path)
    qtbot.waitUntil(lambda: window.draw.canvas.drawing.picture is not None)
    assert window.tabs.currentWidget() is window.draw


def test_a_network_dropped_on_train_is_opened(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "dropped.safetensors"
    path.write_bytes(asset("lenet5.safetensors").read_bytes())
    window.tabs.setCurrentWidget(window.train)
    drop(window.train, path)
    qtbot.waitUntil(lambda: "dropped" in window.labels.model.text())


def test_what_is_wrong_with_it_is_told(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.ndjson"
    path.write_text(json.dumps("no drawing"))
    drop(window, path)
    qtbot.waitUntil(lambda: "broken.ndjson" in window.statusBar().currentMessage())
