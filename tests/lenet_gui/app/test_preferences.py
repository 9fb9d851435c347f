"""What Preferences changes is so at once, in the window and at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.app.preferences import PreferencesDialog
from lenet_gui.app.window import Window
from tests.support.gui import MakeWindow


def open_preferences(window: Window) -> PreferencesDialog:
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog: PreferencesDialog = window.findChild(PreferencesDialog)
    assert dialog is not None and dialog.isVisible()
    return dialog


def choose(dialog: PreferencesDialog, name: str, key: str) -> None:
    field: QComboBox = dialog.findChild(QComboBox, name)
    field.setCurrentIndex(field.findData(key))
    field.activated.emit(field.currentIndex())


@pytest.mark.usefixtures("own_look")
def test_all_takes_effect_and_is_remembered(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    window.start()
    qtbot.waitUntil(lambda: window.devices is not None, timeout=30_000)
    dialog = open_preferences(window)
    try:
        choose(dialog, "scheme_choice", "dark")
        assert window.scheme == "dark" and window.palette().window().color().lightness() < 128
        choose(dialog, "zoom_choice", "125")
        assert window.zoom.percent == 125
        choose(dialog, "device_choice", "cpu")
        assert window.reader.device == "cpu"
        several: QCheckBox = dialog.findChild(QCheckBox, "several_choice")
        several.click()
        assert not window.draw.several.isChecked()
        (tmp_path / "elsewhere").mkdir()
        dialog.findChild(QPushButton, "data_choice_change").click()
        asked: QFileDialog = dialog.findChild(QFileDialog, "data_choice_dialog")
        asked.fileSelected.emit(str(tmp_path / "elsewhere"))
        assert window.data == window.draw.browser.folder == tmp_path / "elsewhere"
    finally:
        window.zoom.set_percent(100)
    window.zoom.set_percent(125)
    dialog.close()
    window.close()
    again = make_window()
    assert not again.draw.several.isChecked() and again.zoom.percent == 125
    again.zoom.set_percent(100)
