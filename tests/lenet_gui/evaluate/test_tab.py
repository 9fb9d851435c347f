"""The Evaluate tab under real events: choose, evaluate, look into it, save."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.evaluate.results_view import ResultsView
from lenet_gui.evaluate.tab import EvaluateTab, EvaluationPanel
from lenet_gui.widgets.colormap import dataset_image
from tests.conftest import pen_digits
from tests.support.gui import MakeWindow, wait_until_active
from trainer import files
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import FASHION_CLASSES, DataMissing
from trainer.drawing.picture import Picture
from trainer.evaluation import report
from trainer.evaluation.report import Report
from trainer.networks import factory, model
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.recipes.recipe import Recipe
from trainer.runs.record import Record

COUNT = 60
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
# Qt's screenless platform says this of every tooltip.
TOOLTIPS = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture(scope="module")
def some() -> LabelledImages:
    """Built-in digits, every sixth of them with a wrong label: surely misread."""
    made = pen_digits(COUNT, seed=11)
    made.labels[::6] = (made.labels[::6] + 5) % 10
    return made


@pytest.fixture(scope="module")
def expected(some: LabelledImages) -> Report:
    return result_of(report.evaluate_in_full(model.load_shipped(), some, "mnist"))


@pytest.fixture
def load(some: LabelledImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datasets without files: MNIST is `some`, Fashion-MNIST the same as clothes; the rest lack."""

    def load(name: str, split: str, folder: Path) -> Iterator[Progress]:
        assert split == "test"
        yield Progress(f"reading {name}", 0, 0)
        if name not in ("mnist", "fashion", "cifar10") or folder.name == "empty":
            raise DataMissing("mnist", folder)
        if name == "cifar10":
            colors = some.images[:, None].repeat(1, 3, 1, 1)
            return LabelledImages(torch.nn.functional.pad(colors, (2, 2, 2, 2)), some.labels)
        clothes = LabelledImages(some.images, some.labels, FASHION_CLASSES)
        return some if name == "mnist" else clothes

    monkeypatch.setattr(loading, "load", load)


@pytest.fixture
def tab(qtbot: QtBot, load: None, tmp_path: Path) -> Iterator[EvaluateTab]:
    tab = EvaluateTab(tmp_path / "data", tmp_path / "runs")
    qtbot.addWidget(tab)
    tab.resize(1100, 700)
    tab.set_model(model.load_shipped())
    tab.show()
    wait_until_active(qtbot, tab)
    yield tab
    assert all(thread.wait(10_000) for thread in tab.end())


@pytest.fixture
def other_file(tmp_path: Path) -> Path:
    """A network that has learned nothing."""
    network = factory.build(Recipe(), torch.Generator().manual_seed(3)).eval()
    path = tmp_path / "untrained.safetensors"
    model.save(Model(network, Recipe(), tuple("0123456789")), path)
    return path


def click(widget: QWidget, at: QPoint | None = None, modifier: object = None) -> None:
    assert widget.isVisible() and widget.isEnabled(), widget.objectName()
    place = widget.rect().center() if at is None else at
    QTest.mouseClick(
        widget,
        LEFT,
        modifier or Qt.KeyboardModifier.NoModifier,
        place,  # type: ignore[arg-type]
    )


def choose(panel: EvaluationPanel, name: str) -> None:
    panel.dataset.setCurrentIndex(panel.dataset.findData(name))


def evaluated(qtbot: QtBot, tab: EvaluateTab) -> ResultsView:
    with qtbot.waitSignal(tab.evaluated, timeout=30_000):
        click(tab.panel.evaluate)
    return tab.panel.view


def told(qtbot: QtBot, tab: EvaluateTab, words: str) -> None:
    qtbot.waitUntil(lambda: words in tab.panel.note.text(), timeout=30_000)


# Evaluating


def test_it_is_built_when_it_is_seen_and_knows_the_network_and_the_device(
    window: Window, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.model is not None)
    window.set_device("cpu")
    assert window.lazy_evaluate.built is None
    window.tabs.setCurrentIndex(3)
    tab = window.lazy_evaluate.built
    assert tab is not None and window.tabs.currentWidget() is tab is window.evaluate
    assert tab.panel.isVisible() and tab.device == "cpu" and tab.panel.sources()


def test_figures_of_the_network_on_show(tab: EvaluateTab, qtbot: QtBot, expected: Report) -> None:
    assert not tab.panel.save.isEnabled() and not tab.panel.view.isVisible()
    view = evaluated(qtbot, tab)
    (line,) = view.headline.lines
    assert line.figures[:2] == (
        f"{expected.accuracy * 100:.2f} %",
        f"{len(expected.misread)} of {COUNT}",
    )
    assert line.figures[2] == f"{expected.loss:.4f}"
    assert np.array_equal(view.report.confusion, expected.confusion)
    assert view.gallery.list.numbers == expected.misread.tolist()
    assert f"{COUNT} test images of MNIST" in tab.panel.note.text()
    assert not view.letters.isVisible() and tab.panel.save.isEnabled()


def test_return_key_evaluates(tab: EvaluateTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.evaluated, timeout=30_000):
        QTest.keyClick(tab.panel.dataset, Qt.Key.Key_Return, CONTROL)


def test_before_there_is_a_network_it_says_so(qtbot: QtBot, load: None, tmp_path: Path) -> None:
    tab = EvaluateTab(tmp_path, tmp_path)
    qtbot.addWidget(tab)
    tab.show()
    click(tab.panel.evaluate)
    assert "still loading" in tab.panel.note.text() and not tab.evaluating
    tab.set_model(model.load_shipped())
    evaluated(qtbot, tab)


def test_a_runs_best_weights_and_a_file(
    tab: EvaluateTab, qtbot: QtBot, other_file: Path, expected: Report
) -> None:
    panel = tab.panel
    click_file = panel.model.count() - 1
    panel.model.setCurrentIndex(click_file)
    panel.model.activated.emit(click_file)
    dialog = panel.findChild(QFileDialog, "network_dialog")
    assert dialog is not None and panel.model.currentIndex() == 0
    dialog.fileSelected.emit(str(other_file))
    dialog.reject()
    qtbot.waitUntil(lambda: panel.model.currentText() == "untrained")
    view = evaluated(qtbot, tab)
    assert view.report.model.name == "untrained" and view.report.accuracy < expected.accuracy
    tab.set_model(dataclasses.replace(model.load_shipped(), name="another"))
    assert panel.model.currentText() == "untrained"  # what was chosen stays chosen
    panel.model.setCurrentIndex(1)
    panel.model.activated.emit(1)
    assert evaluated(qtbot, tab).report.accuracy == expected.accuracy


def test_a_file_that_holds_no_network_is_refused_when_it_is_chosen(
    tab: EvaluateTab, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("a shopping list")
    chooser = tab.panel.model
    before = [chooser.itemText(row) for row in range(chooser.count())]
    with qtbot.waitSignal(tab.message) as told:
        chooser.check_file(tmp_path / "notes.txt")
    assert "notes.txt" in told.args[0]
    assert [chooser.itemText(row) for row in range(chooser.count())] == before


def test_runs_are_offered_and_damaged_ones_left_out(
    tab: EvaluateTab, qtbot: QtBot, other_file: Path
) -> None:
    for name, state in (("2026-11-20_100000_quick", "finished"), ("2026-11-21_100000_bad", "?")):
        folder = tab.runs_folder / name
        folder.mkdir(parents=True)
        recipe = Recipe(name=name.split("_")[-1])
        (folder / "recipe.json").write_text(recipe.to_json())
        record = Record(started="2026-11-20T10:00:00")
        (folder / "run.json").write_text(json.dumps(dataclasses.asdict(record) | {"state": state}))
        (folder / "best.safetensors").write_bytes(other_file.read_bytes())
    tab.hide()
    tab.show()
    chooser = tab.panel.model

    def titles() -> list[str]:
        return [chooser.itemText(row) for row in range(chooser.count())]

    qtbot.waitUntil(lambda: "quick 11-20 10:00" in titles())
    assert not any("bad" in title for title in titles())
    row = titles().index("quick 11-20 10:00")
    chooser.setCurrentIndex(row)
    chooser.activated.emit(row)
    view = evaluated(qtbot, tab)
    assert view.report.model.name == "quick 11-20 10:00"
    assert view.report.model.recipe == model.load(other_file).recipe


def test_it_can_be_cancelled_and_begun_again(
    tab: EvaluateTab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, begun, go_on = report.compute_logits, threading.Event(), threading.Event()

    def slowly(*arguments: object) -> Iterator[Progress]:
        begun.set()
        go_on.wait(10)
        return (yield from answering(*arguments))  # type: ignore[arg-type]

    monkeypatch.setattr(report, "compute_logits", slowly)
    click(tab.panel.evaluate)
    qtbot.waitUntil(begun.is_set)
    assert tab.panel.bar.isVisible() and not tab.panel.evaluate.isEnabled()
    click(tab.panel.cancel)
    assert tab.panel.note.text() == "Canceled." and not tab.evaluating
    go_on.set()
    view = evaluated(qtbot, tab)
    assert len(view.report) == COUNT and not tab.panel.bar.isVisible()


# Into the figures


def test_a_click_on_a_cell_shows_its_images(
    tab: EvaluateTab, qtbot: QtBot, expected: Report
) -> None:
    view = evaluated(qtbot, tab)
    number = int(expected.misread[0])
    cell = int(expected.labels[number]), int(expected.answers[number])
    view.pages.setCurrentWidget(view.classes)
    click(view.confusion, view.confusion.center(cell))
    found = (expected.labels == cell[0]) & (expected.answers == cell[1])
    assert sorted(view.gallery.list.numbers) == np.flatnonzero(found).tolist()
    assert view.pages.currentWidget() is view.images_page
    assert view.which.currentText() == f"{cell[0]} recognized as {cell[1]} ({found.sum()})"
    diagonal = (1, 1)
    click(view.confusion, view.confusion.center(diagonal))
    assert len(view.gallery.list.numbers) == expected.confusion[1, 1]
    sure = expected.confidences[view.gallery.list.numbers]
    assert (np.diff(sure) <= 0).all()


@TOOLTIPS
def test_the_matrix_by_keys(tab: EvaluateTab, qtbot: QtBot, expected: Report) -> None:
    matrix = evaluated(qtbot, tab).confusion
    matrix.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(matrix, key)
    assert matrix.cell == (2, 1)
    of_twos = expected.per_class[2].support
    count = expected.confusion[2, 1]
    assert matrix.accessibleDescription().endswith(f"{count} images of {of_twos} recognized as 1")
    with qtbot.waitSignal(matrix.cell_chosen) as chosen:
        QTest.keyClick(matrix, Qt.Key.Key_Return)
    assert chosen.args == [2, 1]


@TOOLTIPS
def test_the_cell_under_the_mouse_is_told(tab: EvaluateTab, qtbot: QtBot, expected: Report) -> None:
    matrix = evaluated(qtbot, tab).confusion
    at = matrix.center((3, 3))
    QTest.mouseMove(matrix, at)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, matrix.mapToGlobal(at))
    QApplication.sendEvent(matrix, event)
    assert f"{expected.confusion[3, 3]}" in QToolTip.text() and "recognized as 3" in QToolTip.text()
    assert matrix.cell_at(matrix.rect().topLeft().toPointF()) is None


def test_errors_are_colored_and_the_diagonal_is_not(
    tab: EvaluateTab, qtbot: QtBot, expected: Report
) -> None:
    matrix = evaluated(qtbot, tab).confusion
    errors = expected.confusion - np.diag(np.diag(expected.confusion))
    worst = divmod(int(errors.argmax()), 10)
    painted = matrix.grab().toImage()

    def saturation(cell: tuple[int, int]) -> int:
        return painted.pixelColor(matrix.center(cell) + QPoint(-12, -12)).hsvSaturation()

    assert saturation(worst) > 120 > 40 > saturation((1, 1))


def test_classes_are_sorted_by_any_column(tab: EvaluateTab, qtbot: QtBot, expected: Report) -> None:
    view = evaluated(qtbot, tab)
    view.pages.setCurrentWidget(view.classes)
    table = view.classes
    header = table.horizontalHeader()
    assert table.list.rows == list(range(10))
    place = QPoint(header.sectionViewportPosition(2) + 20, header.height() // 2)
    click(header.viewport(), place)
    recalls = [expected.per_class[n].recall for n in table.list.rows]
    assert recalls == sorted(recalls, key=lambda r: -2 if r is None else r)
    first = table.list.rows[0]
    assert table.list.index(0, 0).data() == str(first)
    assert table.list.index(0, 2).data() == f"{expected.per_class[first].recall:.2%}".replace(
        "%", " %"
    )
    click(table.viewport(), table.visualRect(table.list.index(0, 0)).center())
    numbers = view.gallery.list.numbers
    assert {int(expected.labels[n]) for n in numbers} == {first}
    assert not expected.right[numbers].any()


def test_a_click_opens_an_image_and_ctrl_only_chooses_it(
    tab: EvaluateTab, qtbot: QtBot, expected: Report, some: LabelledImages
) -> None:
    gallery = evaluated(qtbot, tab).gallery
    opened: list[Picture] = []
    tab.open_picture.connect(opened.append)
    for row in (0, 2):
        at = gallery.visualRect(gallery.list.index(row)).center()
        click(gallery.viewport(), at, CONTROL)
    assert opened == [] and gallery.chosen() == expected.misread[[0, 2]].tolist()
    click(gallery.viewport(), gallery.visualRect(gallery.list.index(1)).center())
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    QTest.keyClick(gallery, Qt.Key.Key_Return)
    assert len(opened) == 2
    for made, number in zip(opened, expected.misread[1:3].tolist(), strict=True):
        assert np.array_equal(made.image, some.images[number].numpy())
        assert made.caption.startswith(f"MNIST test image {number + 1} ·")
        assert made.caption.endswith(f"recognized as {expected.answers[number]} by lenet5")


def test_cards_tell_what_they_show(tab: EvaluateTab, qtbot: QtBot, expected: Report) -> None:
    gallery = evaluated(qtbot, tab).gallery
    number = int(expected.misread[0])
    card = gallery.list.card(0)
    answer, sure = str(expected.answers[number]), expected.confidences[number]
    # Its thread computes with fewer processors than this one: the last digits may differ.
    assert card.label == str(expected.labels[number])
    assert card.answers == ((answer, pytest.approx(sure)),)
    assert f"recognized as {answer}, {sure * 100:.1f} %" in card.description
    shown: QImage = dataset_image(card.image)
    x, y = 14, 14
    assert shown.pixelColor(x, y).red() == 255 - card.image[y, x]


def test_curves_tell_their_values(tab: EvaluateTab, qtbot: QtBot, expected: Report) -> None:
    view = evaluated(qtbot, tab)
    view.pages.setCurrentWidget(view.calibration)
    assert f"{expected.calibration_error * 100:.2f} %" in view.calibration.accessibleDescription()
    place = view.calibration.place_axes()[0].at(0.99, 0.5)
    last = expected.bins[-1]
    assert last.accuracy is not None
    told = view.calibration.tooltip_at(place)
    assert f": {last.count} answers" in told and f"{last.accuracy * 100:.1f} % correct" in told
    view.pages.setCurrentWidget(view.rejection)
    end = view.rejection.place_axes().at(1.0, 1.0)
    assert f"{expected.accuracy * 100:.2f} % are correct" in view.rejection.tooltip_at(end)
    assert view.rejection.title_below(2000.0).endswith("of the two best probabilities first")
    assert view.rejection.title_below(300.0) == "answered, rejecting the least certain first"
    painted = view.rejection.grab().toImage()
    blue = painted.pixelColor(view.rejection.place_axes().at(1.0, expected.accuracy).toPoint())
    assert blue.blue() > blue.red() + 40


# Two networks


def test_two_networks_side_by_side(
    tab: EvaluateTab, qtbot: QtBot, other_file: Path, expected: Report
) -> None:
    tab.panel.second.add_file(other_file)
    view = evaluated(qtbot, tab)
    first, second, difference = view.headline.lines
    assert first.name.endswith("lenet5") and second.name.endswith("untrained")
    assert tab.evaluation is not None and tab.evaluation.second is not None
    points = (tab.evaluation.second.accuracy - expected.accuracy) * 100
    assert difference.figures[0] == f"{points:+.2f} points".replace("-", "−")
    compared = tab.evaluation.comparison
    assert compared is not None
    view.pages.setCurrentWidget(view.comparison)
    assert view.comparison.buttons["only_first"].text() == str(len(compared.only_first))
    assert "Statistically significant" in view.comparison.verdict.text()
    click(view.comparison.buttons["only_first"])
    assert sorted(view.gallery.list.numbers) == compared.only_first.tolist()
    assert "A correct, B wrong" in view.which.currentText()
    assert len(view.gallery.list.card(0).answers) == 2
    click(view.letters.findChildren(QWidget, "letter_b")[0])
    assert view.confusion.report is tab.evaluation.second
    assert view.gallery.list.numbers == tab.evaluation.second.misread.tolist()
    assert view.maps.report is tab.evaluation.second


def test_the_second_one_goes_away_again(tab: EvaluateTab, qtbot: QtBot, other_file: Path) -> None:
    tab.panel.second.add_file(other_file)
    view = evaluated(qtbot, tab)
    assert view.letters.isVisible()
    tab.panel.second.setCurrentIndex(0)
    view = evaluated(qtbot, tab)
    assert not view.letters.isVisible() and len(view.headline.lines) == 1
    assert not view.pages.isTabVisible(view.pages.indexOf(view.comparison))


# Maps


def test_figures_and_cards_grow_with_the_text(tab: EvaluateTab, qtbot: QtBot) -> None:
    view = evaluated(qtbot, tab)
    index = view.gallery.list.index(0)
    figure = view.headline.findChildren(QLabel, "figures_1")[0].height()
    card = view.gallery.visualRect(index).width()
    for part in (view.headline, view.gallery):
        font = part.font()
        font.setPointSizeF(2 * font.pointSizeF())
        part.setFont(font)
    qtbot.waitUntil(lambda: view.gallery.visualRect(index).width() > 1.2 * card)
    qtbot.waitUntil(
        lambda: view.headline.findChildren(QLabel, "figures_1")[-1].height() > 1.5 * figure
    )


def test_maps_of_the_first_of_the_gallery_and_of_chosen_images(
    tab: EvaluateTab, qtbot: QtBot, expected: Report, tmp_path: Path
) -> None:
    view = evaluated(qtbot, tab)
    maps = view.maps
    with qtbot.waitSignal(maps.drawn, timeout=30_000):
        view.pages.setCurrentWidget(maps)
    assert maps.grid.rows is not None and maps.grid.rows.numbers == tuple(range(8))
    with qtbot.waitSignal(maps.drawn, timeout=30_000):
        maps.count.setValue(3)
    assert maps.grid.rows.numbers == (0, 1, 2)
    with qtbot.waitSignal(maps.drawn, timeout=30_000):
        maps.which.setCurrentIndex(1)
        maps.which.activated.emit(1)
    assert maps.grid.rows.numbers == tuple(expected.misread[:3].tolist())
    maps.which.setCurrentIndex(2)
    maps.which.activated.emit(2)
    assert not maps.grid.isVisible() and "Ctrl" in maps.note.text() and not maps.save.isEnabled()
    view.gallery.selectionModel().select(
        view.gallery.list.index(4), view.gallery.selectionModel().SelectionFlag.Select
    )
    with qtbot.waitSignal(maps.drawn, timeout=30_000):
        maps.refresh()
    number = int(expected.misread[4])
    assert maps.grid.rows.numbers == (number,)
    painted = maps.grid.grab().toImage()
    assert painted.pixelColor(1, 40).name() == "#ffffff"  # the paper that the image lies on
    with qtbot.waitSignal(maps.message, timeout=30_000) as saved:
        maps.save_to(tmp_path / "maps.png")
    assert saved.args == [f"Saved {tmp_path / 'maps.png'}"]
    assert QImage(str(tmp_path / "maps.png")).width() > 1000


# What can't be


def test_a_damaged_model_file_is_told_and_the_last_result_stays(
    tab: EvaluateTab, qtbot: QtBot, tmp_path: Path
) -> None:
    view = evaluated(qtbot, tab)
    before = view.evaluation
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"nothing of the kind")
    tab.panel.model.add_file(damaged)
    click(tab.panel.evaluate)
    told(qtbot, tab, "damaged.safetensors is not a whole safetensors file")
    assert view.evaluation is before and view.isVisible() and not tab.evaluating


def test_a_missing_dataset_is_offered(
    tab: EvaluateTab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.data = tmp_path / "empty"
    click(tab.panel.evaluate)
    offer = tab.panel.offer
    qtbot.waitUntil(offer.isVisible, timeout=20_000)
    assert str(tmp_path / "empty") in offer.text.text() and not offer.pen.isVisible()
    monkeypatch.setattr(loading, "list_missing", lambda name, folder: [])
    with qtbot.waitSignals([tab.data_folder_chosen, tab.evaluated], timeout=20_000):
        offer.try_folder(tmp_path)
    assert not offer.isVisible() and tab.data == tmp_path


def test_a_damaged_dataset_is_told(
    tab: EvaluateTab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(name: str, split: str, folder: Path) -> Iterator[Progress]:
        yield Progress("reading", 0, 0)
        raise loading.DataError("t10k-images-idx3-ubyte is damaged")

    monkeypatch.setattr(loading, "load", damaged)
    click(tab.panel.evaluate)
    told(qtbot, tab, "t10k-images-idx3-ubyte is damaged")


def test_a_fault_of_the_program_leaves_the_window_alive(
    tab: EvaluateTab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[Progress]:
        raise ZeroDivisionError("by chance")
        yield

    monkeypatch.setattr(report, "evaluate_in_full", broken)
    click(tab.panel.evaluate)
    told(qtbot, tab, "ZeroDivisionError: by chance")
    monkeypatch.undo()


def test_other_names_are_said(tab: EvaluateTab, qtbot: QtBot) -> None:
    choose(tab.panel, "fashion")
    view = evaluated(qtbot, tab)
    assert "names differ" in tab.panel.note.text()
    assert view.confusion.describe((9, 1)).startswith(
        "0.0 % of class Ankle boot"
    ) and "Ankle boot" in view.confusion.describe((9, 1))
    view.confusion.grab()  # long names stand upright


def test_colors_are_shown_but_not_laid_on_the_paper(tab: EvaluateTab, qtbot: QtBot) -> None:
    choose(tab.panel, "cifar10")
    gallery = evaluated(qtbot, tab).gallery
    opened: list[object] = []
    tab.open_picture.connect(opened.append)
    with qtbot.waitSignal(tab.message) as said:
        QTest.keyClick(gallery, Qt.Key.Key_Return)
    assert "in color" in said.args[0] and opened == []
    assert dataset_image(gallery.list.card(0).image).width() == 32


# Saving


@pytest.mark.usefixtures("no_pictures")
def test_the_report_is_saved_into_a_new_folder(
    tab: EvaluateTab, qtbot: QtBot, tmp_path: Path, expected: Report
) -> None:
    evaluated(qtbot, tab)
    click(tab.panel.save)
    dialog = tab.panel.findChild(QFileDialog, "report_dialog")
    assert dialog is not None
    for _ in range(2):  # the second one replaces nothing
        dialog.fileSelected.emit(str(tmp_path / "kept"))
        with qtbot.waitSignal(
            tab.message, timeout=30_000, check_params_cb=lambda t: t.startswith("Saved 16 files")
        ):
            pass
    dialog.reject()
    folders = sorted((tmp_path / "kept").iterdir())
    assert [f.name for f in folders] == ["report-lenet5-mnist", "report-lenet5-mnist-2"]
    told = json.loads((folders[0] / "report.json").read_text())
    assert told["accuracy"] == expected.accuracy


@pytest.mark.usefixtures("no_pictures")
def test_a_full_disk_is_told_and_nothing_half_is_left(
    tab: EvaluateTab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated(qtbot, tab)
    write_whole = files.write_whole

    def full(path: Path, content: bytes) -> None:
        if path.name == "classes.csv":
            raise OSError(28, "No space left on device")
        write_whole(path, content)

    monkeypatch.setattr(files, "write_whole", full)
    with qtbot.waitSignal(
        tab.message, timeout=30_000, check_params_cb=lambda t: "No space left on device" in t
    ):
        tab.save_to(tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    (tmp_path / "file").write_text("no folder")
    with qtbot.waitSignal(
        tab.message, timeout=30_000, check_params_cb=lambda t: "cannot be written" in t
    ):
        tab.save_to(tmp_path / "file")


# In the window


def test_in_the_window(make_window: MakeWindow, load: None, qtbot: QtBot, expected: Report) -> None:
    window = make_window()
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    qtbot.waitUntil(lambda: window.evaluate.model is not None)
    QTest.keyClick(window, Qt.Key.Key_4, CONTROL)
    assert window.tabs.currentWidget() is window.evaluate
    view = evaluated(qtbot, window.evaluate)
    click(view.gallery.viewport(), view.gallery.visualRect(view.gallery.list.index(0)).center())
    assert window.tabs.currentWidget() is window.draw
    laid = window.draw.canvas.drawing.picture
    assert laid is not None
    number = int(expected.misread[0])
    assert laid.caption.startswith(f"MNIST test image {number + 1} ·")
    window.use_model(dataclasses.replace(model.load_shipped(), name="newer"))
    assert window.evaluate.panel.model.currentText() == "Current: newer"
    window.use_data_folder(Path("elsewhere"))
    assert window.evaluate.data == Path("elsewhere")


def test_closing_while_it_evaluates(
    make_window: MakeWindow, load: None, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    qtbot.waitUntil(lambda: window.evaluate.model is not None)
    begun = threading.Event()
    answering = report.compute_logits

    def seen(*arguments: object) -> Iterator[Progress]:
        begun.set()
        return (yield from answering(*arguments))  # type: ignore[arg-type]

    monkeypatch.setattr(report, "compute_logits", seen)
    window.tabs.setCurrentWidget(window.evaluate)
    click(window.evaluate.panel.evaluate)
    qtbot.waitUntil(begun.is_set, timeout=30_000)
    window.close()
    assert all(thread.wait(10_000) for thread in window.ending)


def test_the_tab_is_remembered(make_window: MakeWindow) -> None:
    window = make_window()
    window.tabs.setCurrentWidget(window.evaluate)
    window.close()
    again = make_window()
    assert again.evaluate is again.tabs.currentWidget()
