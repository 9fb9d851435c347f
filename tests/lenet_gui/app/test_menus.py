"""What the menus' entries do, and when they can be chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMainWindow, QMessageBox
from pytestqt.qtbot import QtBot

from lenet_gui.app.menus import show_about
from lenet_gui.app.window import Window
from tests.support.gui import ONE, SEVEN, MakeWindow, draw
from trainer.recipes.recipe import list_data_sources


def test_about_names_the_sources_of_the_data(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    show_about(window, lambda: "CPU")
    box = window.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    text = box.text()
    assert "Device: CPU" in text
    for line in list_data_sources("unipen"):
        assert line in text
    box.close()


def test_what_changes_the_drawing_is_gray_where_it_is_not_seen(window: Window) -> None:
    tab = window.draw
    draw(tab.canvas, SEVEN)
    draw(tab.canvas, ONE)
    tab.undo.trigger()
    changing = (tab.undo, tab.redo, tab.clear, tab.copy, tab.several)
    for other in (window.train, window.evaluate, window.my_digits, window.my_classes):
        window.tabs.setCurrentWidget(other)
        assert not any(action.isEnabled() for action in changing)
    for other in (window.inspect, window.draw):
        window.tabs.setCurrentWidget(other)
        assert all(action.isEnabled() for action in changing)


@pytest.mark.parametrize("keys", ["Ctrl+Y", "Ctrl+Shift+Z"])
@pytest.mark.parametrize("where", ["draw", "inspect"])
def test_either_key_redoes(window: Window, qtbot: QtBot, keys: str, where: str) -> None:
    draw(window.draw.canvas, SEVEN)
    tab = getattr(window, where)
    window.tabs.setCurrentWidget(tab)
    tab.canvas.setFocus()
    QTest.keySequence(tab.canvas, QKeySequence.StandardKey.Undo)
    assert window.draw.canvas.drawing.empty
    QTest.keySequence(tab.canvas, QKeySequence(keys))
    assert not window.draw.canvas.drawing.empty


def test_a_dialog_begins_where_something_was_saved_last(
    window: Window, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    draw(window.draw.canvas, SEVEN)
    folder = tmp_path / "pictures"
    folder.mkdir()
    window.draw.save.trigger()
    dialog = window.findChild(QFileDialog, "save_dialog")
    assert dialog is not None
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(str(folder / "seven.png"))
    with qtbot.waitSignal(window.draw.message, timeout=30_000):
        QTest.keyClick(name, Qt.Key.Key_Return)
    window.close()
    later = make_window()
    draw(later.draw.canvas, SEVEN)
    later.draw.save.trigger()
    again = later.findChild(QFileDialog, "save_dialog")
    assert again is not None and Path(again.directory().path()) == folder
    again.reject()
