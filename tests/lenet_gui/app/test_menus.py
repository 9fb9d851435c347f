"""What the two windows say that only tell something."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow, QMessageBox
from pytestqt.qtbot import QtBot

from lenet_gui.app.menus import show_about
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
