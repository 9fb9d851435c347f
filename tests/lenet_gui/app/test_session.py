"""What was being worked on is there again after the program was closed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from lenet_gui.app.session import Settings
from lenet_gui.app.window import Window
from lenet_gui.widgets.file_dialogs import ask_where_to_save, remember_saving_folder
from tests.support.gui import SEVEN, MakeWindow, draw
from trainer.networks import model as weights
from trainer.recipes.catalog import edit_recipe, find_recipe


def open_anew(make_window: MakeWindow, qtbot: QtBot) -> Window:
    window = make_window()
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    return window


def test_the_drawing_comes_back(window: Window, make_window: MakeWindow, qtbot: QtBot) -> None:
    draw(window.draw.canvas, SEVEN)
    strokes = window.draw.canvas.drawing.strokes
    assert strokes
    window.close()
    again = open_anew(make_window, qtbot)
    assert again.draw.canvas.drawing.strokes == strokes
    qtbot.waitUntil(lambda: again.draw.prediction.answer == "7", timeout=30_000)


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "7",
        "[[[1, 2]]]",
        "[[[1e9, 0, 1]]]",
        "[[[5, 5, 1], [6, 6, 1e300]]]",
        '[["abc"]]',
        "[[[NaN, 0, 1]]]",
        pytest.param(f"[[[1{'0' * 400}, 0, 1]]]", id="a number of 401 digits"),
    ],
)
def test_a_damaged_drawing_is_left_out(make_window: MakeWindow, tmp_path: Path, text: str) -> None:
    Settings(tmp_path / "settings.ini").remember("drawing", text)
    assert make_window().draw.canvas.drawing.empty


def test_the_network_in_use_comes_back(
    window: Window, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    shipped = window.shipped
    assert shipped is not None
    path = tmp_path / "mine.safetensors"
    weights.save(dataclasses.replace(shipped, temperature=2.5), path)
    window.model_files.load(path)
    qtbot.waitUntil(lambda: "mine" in window.labels.model.text(), timeout=30_000)
    window.close()
    path.unlink()
    again = open_anew(make_window, qtbot)
    qtbot.waitUntil(lambda: "mine" in again.labels.model.text(), timeout=30_000)
    assert again.reader.model is not None and again.reader.model.temperature == 2.5
    again.use_shipped()
    again.close()
    last = open_anew(make_window, qtbot)
    assert last.reader.model is last.shipped and "mine" not in last.labels.model.text()


def test_what_was_learned_is_saved_and_listed(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    shipped, tab = window.shipped, window.my_digits
    assert shipped is not None
    tab.learned.emit(dataclasses.replace(shipped, name="lenet5: mine", temperature=3.0))
    folder = window.my_digits_file.parent / "networks"
    qtbot.waitUntil(lambda: len(list(folder.glob("*.safetensors"))) == 1, timeout=30_000)
    window.close()
    again = open_anew(make_window, qtbot)
    menus = again.menuBar().findChildren(QMenu)
    menu = next(each for each in menus if each.title() == "&Learned networks")
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: menu.actions()[0].text().startswith("lenet5- mine "))
    (entry,) = menu.actions()
    entry.trigger()
    qtbot.waitUntil(
        lambda: again.reader.model is not None and again.reader.model.temperature == 3.0,
        timeout=30_000,
    )


def test_the_form_comes_back(window: Window, make_window: MakeWindow, qtbot: QtBot) -> None:
    recipe = edit_recipe(find_recipe("studio"), epochs=3, learning_rate=0.0125)
    window.train.form.show_recipe(recipe)
    window.close()
    again = open_anew(make_window, qtbot)
    assert again.train.form.recipe() == recipe


def test_ticked_runs_are_ticked_again(
    window: Window, make_window: MakeWindow, qtbot: QtBot, small_pen: None
) -> None:
    recipe = edit_recipe(find_recipe("ninety-nine"), dataset="pen", epochs=1)
    runs = [window.train.start(recipe) for _ in range(2)]
    qtbot.waitUntil(lambda: all(run.test is not None for run in runs), timeout=60_000)
    runs[0].shown = False
    assert runs[1].folder is not None
    window.close()
    again = open_anew(make_window, qtbot)
    again.tabs.setCurrentWidget(again.train)
    qtbot.waitUntil(lambda: len(again.train.list.runs) == 2, timeout=30_000)
    shown = [run.folder for run in again.train.list.runs if run.shown]
    assert shown == [runs[1].folder]
    settings = again.settings
    assert settings is not None
    again.close()
    assert json.loads(settings.text("ticked_runs", "")) == [runs[1].folder.name]


def test_folders_of_a_disk_that_is_gone_are_remembered_all_the_same(
    qtbot: QtBot, tmp_path: Path, window: Window
) -> None:
    gone = str(tmp_path / "gone")
    settings = Settings(tmp_path / "settings.ini")
    for name in ("data_folder", "save_folder"):
        settings.remember(name, gone)
    again = Window(None, tmp_path / "runs", settings)
    qtbot.addWidget(again)
    assert again.data == Path(gone)
    dialog = ask_where_to_save(again, "Save", tmp_path / "a.png", ("PNG (*.png)",), print)
    assert dialog.directory().absolutePath() == str(tmp_path)  # not the root
    again.close()
    assert settings.text("save_folder", "") == gone
    remember_saving_folder(None)
