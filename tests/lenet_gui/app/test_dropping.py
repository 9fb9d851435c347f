"""What is dropped anywhere on the window goes where it belongs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from tests.support.gui import drop
from trainer.files import asset
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


def test_a_picture_still_goes_to_the_paper(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    picture = QImage(28, 28, QImage.Format.Format_Grayscale8)
    picture.fill(0)
    for y in range(4, 24):
        picture.setPixel(14, y, 0xFFFFFFFF)
        picture.setPixel(15, y, 0xFFFFFFFF)
    path = tmp_path / "one.png"
    picture.save(str(path))
    assert drop(window.draw, path)
    qtbot.waitUntil(lambda: window.draw.canvas.drawing.picture is not None)


def test_what_is_wrong_with_it_is_told(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.ndjson"
    path.write_text(json.dumps("no drawing"))
    drop(window, path)
    qtbot.waitUntil(lambda: "broken.ndjson" in window.statusBar().currentMessage())
