"""Preferences take effect at once, and follow what was changed elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.preferences import (
    ChoicePreference,
    FolderPreference,
    PreferencesDialog,
    SwitchPreference,
)


class Chosen:
    """What the dialog changes."""

    def __init__(self, folder: Path) -> None:
        self.color, self.on, self.folder = "dark", False, folder
        self.shown: list[Path] = []

    def choose(self, color: str) -> None:
        self.color = color

    def switch(self, on: bool) -> None:
        self.on = on

    def move(self, folder: Path) -> None:
        self.folder = folder


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def open_dialog(parent: QWidget, chosen: Chosen) -> PreferencesDialog:
    options = (("light", "Light"), ("dark", "Dark"))
    dialog = PreferencesDialog(
        parent,
        [
            (
                "Looks",
                [
                    ChoicePreference(
                        name="color",
                        title="Color",
                        options=options,
                        chosen=lambda: chosen.color,
                        choose=chosen.choose,
                    ),
                    SwitchPreference(
                        name="large", title="Large", on=lambda: chosen.on, switch=chosen.switch
                    ),
                ],
            ),
            (
                "Folders",
                [
                    FolderPreference(
                        name="data",
                        title="Data",
                        folder=lambda: chosen.folder,
                        choose=chosen.move,
                        show=chosen.shown.append,
                    )
                ],
            ),
        ],
    )
    dialog.show()
    return dialog


def test_a_choice_takes_effect_by_keys(parent: QWidget, tmp_path: Path) -> None:
    chosen = Chosen(tmp_path)
    dialog = open_dialog(parent, chosen)
    field: QComboBox = dialog.findChild(QComboBox, "color")
    assert field.currentText() == "Dark"
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert chosen.color == "light"
    box: QCheckBox = dialog.findChild(QCheckBox, "large")
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert chosen.on


def test_what_was_changed_elsewhere_is_shown(parent: QWidget, tmp_path: Path) -> None:
    chosen = Chosen(tmp_path)
    dialog = open_dialog(parent, chosen)
    chosen.color, chosen.on = "light", True
    dialog.refresh()
    assert dialog.findChild(QComboBox, "color").currentText() == "Light"
    assert dialog.findChild(QCheckBox, "large").isChecked()


def test_a_folder_is_chosen_and_shown(parent: QWidget, tmp_path: Path) -> None:
    chosen = Chosen(tmp_path)
    dialog = open_dialog(parent, chosen)
    other = tmp_path / ("long" * 20)
    other.mkdir()
    dialog.findChild(QPushButton, "data_change").click()
    dialog.findChild(QFileDialog, "data_dialog").fileSelected.emit(str(other))
    label: QLabel = dialog.findChild(QLabel, "data")
    assert chosen.folder == other
    assert "…" in label.text() and str(other) in label.toolTip()
    dialog.findChild(QPushButton, "data_show").click()
    assert chosen.shown == [other]
