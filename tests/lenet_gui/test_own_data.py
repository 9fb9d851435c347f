"""One's own data on the Train and the Evaluate tab: shown, chosen, dropped, trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.evaluate.tab import EvaluateTab
from lenet_gui.own_data import OwnDataChooser, OwnDataDialog
from lenet_gui.train.tab import TrainTab
from tests.support.gui import make_drag
from tests.support.gui import train_tab as train_tab
from tests.support.own_data import SHAPES, write_folders
from trainer.recipes.own_dataset import OwnDataset
from trainer.recipes.recipe import Recipe
from trainer.runs import listing


def drop(area: QWidget, path: Path) -> None:
    """A folder or file from a file manager."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = make_drag(QDragEnterEvent, 20, data)
    QApplication.sendEvent(area, entered)
    assert entered.isAccepted()
    dropped = QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, *buttons)
    QApplication.sendEvent(area, dropped)


def opened(chooser: OwnDataChooser) -> OwnDataDialog:
    assert chooser.dialog is not None and chooser.dialog.isVisible()
    return chooser.dialog


def click(part: QWidget) -> None:
    QTest.mouseClick(part, Qt.MouseButton.LeftButton)


def choose_last(datasets: QComboBox) -> None:
    """The list's last entry, by the keyboard."""
    datasets.setFocus()
    QTest.keyClick(datasets, Qt.Key.Key_End)


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    root = write_folders(tmp_path / "shapes", each=10)
    (root / "circle" / "bad.png").write_bytes(b"no picture")
    return root


def test_what_was_found_is_shown_before_anything_is_trained(
    train_tab: TrainTab, shapes: Path, qtbot: QtBot
) -> None:
    chooser = train_tab.form.numbers.own_data
    drop(train_tab, shapes)
    dialog = opened(chooser)
    qtbot.waitUntil(lambda: dialog.own_data is not None)
    table = dialog.table
    rows = [
        [table.item(row, column).text() for column in (0, 2, 3, 4)]
        for row in range(table.rowCount())
    ]
    assert rows == [[name, "8", "1", "1"] for name in SHAPES]
    assert all(not table.item(row, 1).icon().isNull() for row in range(3))
    told = dialog.text.text()
    for part in (str(shapes), "30 pictures", "3 classes", "48 × 56 to 64 × 56", "bad.png", "80 %"):
        assert part in told
    assert train_tab.form.recipe().dataset == "mnist"  # nothing is chosen yet
    assert train_tab.list.runs == []


def test_chosen_and_trained_on(train_tab: TrainTab, shapes: Path, qtbot: QtBot) -> None:
    form = train_tab.form
    train_tab.panel.take(Recipe(dataset="mnist"))
    choose_last(form.numbers.fields["dataset"])  # type: ignore[arg-type]
    dialog = opened(form.numbers.own_data)
    assert form.recipe().dataset == "mnist"
    dialog.read(shapes)
    qtbot.waitUntil(lambda: dialog.use.isEnabled())
    click(dialog.use)
    assert not dialog.isVisible()
    name = form.recipe().dataset
    assert name == OwnDataset(str(shapes), 3).name
    assert form.numbers.fields["dataset"].currentText().startswith("shapes")  # type: ignore[union-attr]
    form.numbers.fields["epochs"].setValue(1)  # type: ignore[union-attr]
    click(train_tab.train_button)
    qtbot.waitUntil(lambda: train_tab.list.runs[0].folder is not None, timeout=30_000)
    folder = train_tab.list.runs[0].folder
    assert folder is not None and listing.read_run(folder).recipe.dataset == name


def test_a_recipe_of_own_data_from_elsewhere_stays_what_it_is(train_tab: TrainTab) -> None:
    own = OwnDataset("/elsewhere/letters", 26)
    train_tab.panel.take(Recipe(dataset=own.name))
    assert train_tab.form.recipe().dataset == own.name
    train_tab.panel.take_named("studio")
    assert train_tab.form.recipe().dataset == "mnist+pen"


def test_what_can_t_be_read_is_told_and_another_path_can_be_tried(
    train_tab: TrainTab, shapes: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("hello")
    drop(train_tab, words)
    dialog = opened(train_tab.form.numbers.own_data)
    qtbot.waitUntil(lambda: "no data that can be read" in dialog.text.text())
    assert not dialog.use.isEnabled() and not dialog.bar.isVisible()
    drop(dialog, shapes)
    qtbot.waitUntil(lambda: dialog.use.isEnabled())
    dialog.color.setCurrentIndex(2)
    dialog.color.activated.emit(2)
    assert not dialog.use.isEnabled()  # of what is no longer wanted
    qtbot.waitUntil(lambda: dialog.use.isEnabled())
    assert dialog.own_data is not None and dialog.own_data.dataset.color


def test_cancelled_nothing_is_chosen(train_tab: TrainTab, tmp_path: Path, qtbot: QtBot) -> None:
    chooser = train_tab.form.numbers.own_data
    drop(train_tab, write_folders(tmp_path / "many", each=300))
    dialog = opened(chooser)
    click(dialog.cancel)
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: not chooser.end())  # its thread has ended
    assert dialog.own_data is None
    assert train_tab.form.recipe().dataset == "mnist"


def test_on_the_evaluate_tab(tmp_path: Path, shapes: Path, qtbot: QtBot) -> None:
    tab = EvaluateTab(tmp_path / "data", tmp_path / "runs")
    qtbot.addWidget(tab)
    tab.show()
    drop(tab.panel, shapes)
    dialog = opened(tab.panel.own_data)
    qtbot.waitUntil(lambda: dialog.use.isEnabled())
    click(dialog.use)
    assert tab.panel.dataset_name == OwnDataset(str(shapes), 3).name
    assert tab.panel.dataset.currentText() == "shapes"
    assert tab.panel.choose_dataset("mnist")
    assert tab.panel.choose_dataset(OwnDataset(str(shapes), 3).name)
    assert all(thread.wait(30_000) for thread in tab.end())
