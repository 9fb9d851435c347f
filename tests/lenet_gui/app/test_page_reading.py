"""Pictures of several digits are noticed, read in a window of their own, and kept as corrected."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.pages.window import PagesWindow
from tests.support.gui import drop
from tests.support.pages import save_page


def shown(window: Window, qtbot: QtBot) -> PagesWindow:
    qtbot.waitUntil(lambda: window.findChild(PagesWindow) is not None, timeout=20_000)
    pages = window.findChild(PagesWindow)
    assert pages is not None
    qtbot.waitUntil(lambda: pages.bar.isHidden(), timeout=20_000)
    return pages


def choose(window: Window, dialog_name: str, path: Path) -> None:
    dialog = window.draw.findChild(QFileDialog, dialog_name)
    assert dialog is not None
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(str(path))
    dialog.accept()


def test_a_number_is_noticed_and_its_corrections_are_kept(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window.draw.pictures.take_file(save_page(tmp_path / "number.png", "275"))
    pages = shown(window, qtbot)
    assert pages.digits.rowCount() == 3 and window.draw.canvas.drawing.empty
    QTest.mouseClick(
        pages.view, Qt.MouseButton.LeftButton, pos=pages.view.box_of(0).center().toPoint()
    )
    QTest.keyClick(pages.table, Qt.Key.Key_9)
    qtbot.waitUntil(lambda: len(window.my_digits.list.digits) == 1)
    kept = window.my_digits.list.digits[0]
    assert (kept.label, kept.read_as) == (9, 2) and "number.png" in kept.source
    pages.close()
    qtbot.waitUntil(lambda: window.findChild(PagesWindow) is None)


def test_pictures_are_chosen_in_a_dialog(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window.draw.pictures.open_several.trigger()
    choose(window, "several_dialog", save_page(tmp_path / "number.png", "27"))
    assert shown(window, qtbot).digits.rowCount() == 2


def test_a_folder_is_chosen_in_a_dialog(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    save_page(folder / "a.png", "27")
    window.draw.pictures.open_folder.trigger()
    choose(window, "pictures_dialog", folder)
    assert shown(window, qtbot).digits.rowCount() == 2


def test_several_files_or_a_folder_are_dropped_on_the_paper(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    files = [save_page(folder / f"{name}.png", "27") for name in "ab"]
    qtbot.waitUntil(lambda: window.reader.model is not None, timeout=20_000)
    assert drop(window.draw, *files)
    assert shown(window, qtbot).digits.rowCount() == 4
    shown(window, qtbot).close()
    qtbot.waitUntil(lambda: window.findChild(PagesWindow) is None)
    assert drop(window.draw, folder)
    assert shown(window, qtbot).digits.rowCount() == 4
