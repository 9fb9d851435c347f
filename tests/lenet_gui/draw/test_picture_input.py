"""Pictures that are opened, dropped or pasted, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PIL import Image
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.draw.picture_input import PictureInput
from lenet_gui.workers.serial import BackgroundTask


def test_a_picture_that_is_read_when_its_window_is_gone_is_dropped(
    qtbot: QtBot, tmp_path: Path
) -> None:
    told: list[str] = []
    tab = QWidget()
    pictures = PictureInput(tab)
    Image.new("L", (40, 40), 255).save(tmp_path / "blank.png")
    pictures.take_file(tmp_path / "blank.png", told.append)
    tasks = BackgroundTask.running()
    assert len(tasks) == 1
    shiboken6.delete(tab)  # as another language does, which makes another window
    assert all(task.wait(30_000) for task in tasks)
    QApplication.processEvents()  # an exception in it fails the test
    assert told == []
