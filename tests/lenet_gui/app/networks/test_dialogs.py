"""File > Import network and Export network, in the window, with real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from lenet_gui.app.networks.export_dialog import ExportDialog
from lenet_gui.app.networks.import_dialog import ImportDialog
from lenet_gui.app.window import Window
from lenet_gui.widgets.model_chooser import ModelChooser
from lenet_gui.workers.serial import BackgroundTask
from tests.support.foreign import Named, with_names
from trainer.exchange import importing, trials
from trainer.networks.builtin import BUILTIN

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "WRITTEN", 100)
    monkeypatch.setattr(trials, "INKS", ("light",))
    monkeypatch.setattr(trials, "HIDDEN", ("same",))
    monkeypatch.setattr(trials, "ACTIVATIONS", ("relu", "tanh"))


def entry(window: Window, text: str) -> QAction:
    return next(a for a in window.menuBar().findChildren(QAction) if a.text() == text)


def choose_file(window: Window, name: str, path: Path) -> None:
    dialog = window.findChild(QFileDialog, name)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_the_networks_menu_leads_to_both_dialogs(window: Window) -> None:
    entries = {action.objectName(): action for action in window.labels.model.entries.actions()}
    entries["import_network"].trigger()
    asked = window.findChild(QFileDialog, "import_file_dialog")
    assert isinstance(asked, QFileDialog) and asked.isVisible()
    asked.close()
    entries["export_network"].trigger()
    dialog = window.findChild(ExportDialog)
    assert isinstance(dialog, ExportDialog) and dialog.isVisible()
    dialog.close()


def open_import(window: Window, path: Path) -> ImportDialog:
    entry(window, "&Import network…").trigger()
    choose_file(window, "import_file_dialog", path)
    dialog = window.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog) and dialog.isVisible()
    return dialog


def test_a_network_is_imported_as_the_row_that_was_picked(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    torch.save({"state_dict": with_names("c1 c3 c5 f6 output")}, tmp_path / "web.pth")
    dialog = open_import(window, tmp_path / "web.pth")
    assert not dialog.take.isEnabled() and dialog.progress.isVisible()
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 1, timeout=60_000)
    assert "100 digits written by code" in dialog.note.text()
    assert dialog.title.text() == "web.pth: a LeNet-5 of PyTorch"
    accuracy = dialog.table.item(0, 0)
    assert accuracy is not None and float(accuracy.text().rstrip("%")) > 95
    dialog.table.selectRow(1)
    assert dialog.candidates is not None
    wanted = dialog.candidates.model(1).recipe
    QTest.mouseClick(dialog.take, LEFT)
    qtbot.waitUntil(lambda: window.reader.model is not None and window.reader.model.name == "web")
    assert window.reader.model is not None and window.reader.model.recipe == wanted


def test_another_network_is_refused_in_the_dialog(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    torch.save(Named(), tmp_path / "whole.pt")
    dialog = open_import(window, tmp_path / "whole.pt")
    qtbot.waitUntil(lambda: "torch.save(model.state_dict()" in dialog.note.text(), timeout=30_000)
    assert not dialog.progress.isVisible() and not dialog.take.isEnabled()
    before = window.reader.model
    QTest.mouseClick(dialog.cancel, LEFT)
    assert not dialog.isVisible() and window.reader.model is before


def test_what_is_tried_ends_with_the_dialog(window: Window, tmp_path: Path, qtbot: QtBot) -> None:
    torch.save(with_names("a b c d e"), tmp_path / "net.pth")
    dialog = open_import(window, tmp_path / "net.pth")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not BackgroundTask.running(), timeout=30_000)
    assert window.findChild(ImportDialog) is None


def test_a_network_is_exported(window: Window, tmp_path: Path, qtbot: QtBot) -> None:
    entry(window, "&Export network…").trigger()
    dialog = window.findChild(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    assert dialog.kind == "onnx" and dialog.softmax.isEnabled()
    dialog.format.setCurrentIndex(dialog.format.findData("npz"))
    assert not dialog.softmax.isEnabled() and not dialog.normalize.isEnabled()
    QTest.mouseClick(dialog.write, LEFT)
    choose_file(window, "save_dialog", tmp_path / "net.npz")
    assert not dialog.write.isEnabled()
    qtbot.waitUntil(lambda: "On 100 pictures" in dialog.note.text(), timeout=30_000)
    assert str(tmp_path / "net.npz") in dialog.note.text() and dialog.write.isEnabled()
    assert np.load(tmp_path / "net.npz")["conv1.weight"].shape == (6, 1, 5, 5)
    dialog.export(tmp_path / "none" / "net.npz")
    qtbot.waitUntil(lambda: "cannot be written" in dialog.note.text(), timeout=30_000)
    QTest.mouseClick(dialog.close_button, LEFT)
    assert not dialog.isVisible()


def test_the_built_in_networks_are_in_the_menu_and_in_the_chooser(
    window: Window, qtbot: QtBot
) -> None:
    for network in BUILTIN.values():
        entry(window, network.title).trigger()
        qtbot.waitUntil(
            lambda name=network.name: window.reader.model.name == name  # type: ignore[union-attr]
        )
    for name in ("lenet5-plain", "lenet5-1998"):
        button_menu = window.labels.model.entries
        next(a for a in button_menu.actions() if a.objectName() == f"use_{name}").trigger()
        qtbot.waitUntil(
            lambda name=name: window.labels.model.text().startswith(name)  # type: ignore[misc]
        )
    chooser = ModelChooser("choose", "Network")
    qtbot.addWidget(chooser)
    for network in BUILTIN.values():
        row = chooser.findText(network.title)
        assert row > 0
        chooser.setCurrentIndex(row)
        assert chooser.source is not None and chooser.source.load().name == network.name
