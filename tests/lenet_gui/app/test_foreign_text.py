"""Text from files and networks is shown as it is, and never taken for HTML."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.evaluate.evaluation import Evaluation
from lenet_gui.widgets.formatting import MOST_TOLD, format_tooltip
from lenet_gui.widgets.labels import ExpandableText, Label, RichLabel
from tests.conftest import pen_digits
from tests.support.gui import SEVEN, draw
from trainer.evaluation.report import compare, evaluate_in_full
from trainer.files import my_digits_file
from trainer.my_digits.digit import own_digit
from trainer.my_digits.store import MyDigits
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.progress import result_of
from trainer.recipes import sharing
from trainer.recipes.recipe import Recipe
from trainer.runs.listing import PastRun
from trainer.runs.record import Record, RunState

MARKUP = "<b>bold</b><img src='/etc/passwd'>"
TABLES = "<table><tr><td>" * 4000
FOREIGN = Recipe(name=MARKUP, description=f"{MARKUP} {TABLES}", dataset="pen", epochs=2)
CLASSES = tuple(f"<i>{digit}</i><img src=x>" for digit in range(10))


def foreign_model() -> Model:
    shipped = weights.load_shipped()
    recipe = dataclasses.replace(shipped.recipe, name=MARKUP, description=FOREIGN.description)
    return dataclasses.replace(shipped, recipe=recipe, name=MARKUP, classes=CLASSES)


def foreign_run(folder: Path) -> PastRun:
    problem = f"{MARKUP}\n{TABLES}"
    record = Record(state=RunState.FAILED, problem=problem, started="2026-01-02T03:04:05")
    return PastRun(folder / MARKUP.replace("/", "_"), FOREIGN, record, False, False)


# What Qt makes of it


def may_be_html(text: str) -> bool:
    """Whether Qt takes it for HTML: its `Qt::mightBeRichText`, which PySide6 lacks."""
    return bool(re.match(r"\s*<\?xml|[^\n]*?(<[!/a-zA-Z][^>]*>|&lt;)", text))


def is_shown_as_it_is(text: str, tooltip: bool = False) -> bool:
    """Whether no tag of the foreign text became a tag."""
    if not may_be_html(text):
        return True
    document = QTextDocument()
    document.setHtml(text)
    raw = "<img" in text or "<table" in text or "<i>" in text
    return not raw and (not tooltip or "<" in document.toPlainText())


def columns(model: QAbstractItemModel) -> int:
    return 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())


def indexes(model: QAbstractItemModel) -> Iterator[QModelIndex]:
    for row in range(min(20, model.rowCount(QModelIndex()))):
        for column in range(columns(model)):
            yield model.index(row, column)


def tooltips() -> Iterator[tuple[str, str]]:
    """Every tooltip of the program, with the name of what has it."""
    role = Qt.ItemDataRole.ToolTipRole
    for widget in QApplication.allWidgets():
        name = f"{type(widget).__name__} {widget.objectName()}"
        yield name, widget.toolTip()
        yield from ((f"{name}: {action.text()}", action.toolTip()) for action in widget.actions())
        if isinstance(widget, QAbstractItemView | QComboBox) and widget.model() is not None:
            model = widget.model()
            yield from ((name, model.data(index, role) or "") for index in indexes(model))
            for section in range(columns(model)):
                yield name, model.headerData(section, Qt.Orientation.Horizontal, role) or ""


def labels_taken_for_html() -> list[str]:
    found = []
    for label in QApplication.allWidgets():
        if not isinstance(label, QLabel):
            continue
        rich = label.textFormat() == Qt.TextFormat.RichText
        guessed = label.textFormat() == Qt.TextFormat.AutoText and may_be_html(label.text())
        if guessed or (rich and not is_shown_as_it_is(label.text())):
            found.append(f"{type(label).__name__} {label.objectName()}: {label.text()[:60]}")
    return found


def tooltips_taken_for_html() -> list[str]:
    return [f"{name}: {tip[:60]}" for name, tip in tooltips() if not is_shown_as_it_is(tip)]


def assert_nothing_is_taken_for_html() -> None:
    assert labels_taken_for_html() == []
    assert tooltips_taken_for_html() == []


def shows(widget: QWidget, text: str) -> bool:
    """Whether a label of it has this text: what is not shown at all proves nothing."""
    return any(text in label.text() for label in widget.findChildren(QLabel))


# Every field that others can fill in


def test_the_check_finds_html(qtbot: QtBot) -> None:
    assert may_be_html(MARKUP) and may_be_html("a &lt;b") and not may_be_html("1 < 2 and 3 > 2")
    label = QLabel(MARKUP)
    label.setToolTip(MARKUP)
    qtbot.addWidget(label)
    assert len(labels_taken_for_html()) == 1 and len(tooltips_taken_for_html()) == 1


def test_a_shared_recipe(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(sharing.text(dataclasses.replace(FOREIGN, description=TABLES)))
    window.tabs.setCurrentWidget(window.train)
    panel = window.train.panel
    with qtbot.waitSignal(panel.share.opened):
        panel.share.read(path)
    assert panel.form.description.text().startswith("<table>")
    assert panel.form.name.currentText() == MARKUP
    assert_nothing_is_taken_for_html()
    with qtbot.waitSignal(panel.share.refused):
        panel.share.read(tmp_path / f"{MARKUP.replace('/', '_')}.json")
    assert "<b>bold" in panel.problem.text()
    assert_nothing_is_taken_for_html()


def test_a_model_file(window: Window, qtbot: QtBot) -> None:
    window.use_model(foreign_model())
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == CLASSES[7])
    assert MARKUP in window.labels.model.text()
    window.tabs.setCurrentWidget(window.inspect)
    view = window.inspect
    for number in range(view.panels.count()):
        view.panels.setCurrentIndex(number)
    view.panels.setCurrentWidget(view.why)
    qtbot.waitUntil(lambda: CLASSES[7] in view.why.heading.text())
    for tab in (window.train, window.evaluate, window.my_digits):
        window.tabs.setCurrentWidget(tab)
    assert_nothing_is_taken_for_html()


def test_a_file_that_can_not_be_read(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window.model_files.load(tmp_path / "<b>bold<b><img src=x>.safetensors")
    qtbot.waitUntil(lambda: "<img" in window.statusBar().currentMessage())
    assert "&lt;img" in window.statusBar().toolTip()
    assert_nothing_is_taken_for_html()


def test_a_run(window: Window, tmp_path: Path) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.train.list.add_past([foreign_run(tmp_path)])
    (run,) = window.train.list.runs
    window.train.list.setData(
        window.train.list.index(0, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole
    )
    window.train.table.selectRow(0)
    assert run.problem in window.train.note.text() or run.problem.startswith(MARKUP)
    assert any("&lt;table" in tip for _, tip in tooltips())
    assert_nothing_is_taken_for_html()


def test_an_evaluation(window: Window) -> None:
    window.tabs.setCurrentWidget(window.evaluate)
    images = pen_digits(40, seed=3)
    images.labels[::4] = (images.labels[::4] + 5) % 10  # some are misread, and so shown
    found = result_of(evaluate_in_full(foreign_model(), images, "mnist"))
    found = dataclasses.replace(found, classes=CLASSES)
    window.evaluate.panel.show_evaluation(Evaluation(found, found, compare(found, found)))
    assert shows(window.evaluate, MARKUP[:12])
    assert any("&lt;i&gt;" in tip for _, tip in tooltips())
    assert_nothing_is_taken_for_html()


def test_my_digits(window: Window, qtbot: QtBot) -> None:
    window.use_model(foreign_model())
    digit = own_digit(7, [[(x, y, 1.0) for x, y in SEVEN]])
    MyDigits(my_digits_file()).add(dataclasses.replace(digit, when=MARKUP))
    window.tabs.setCurrentWidget(window.my_digits)
    window.my_digits.load()
    qtbot.waitUntil(lambda: len(window.my_digits.list.rows) == 1)
    assert_nothing_is_taken_for_html()


# The label and the tooltip


def test_a_label_shows_markup_as_it_is(qtbot: QtBot) -> None:
    plain, rich = Label(MARKUP), RichLabel("<b>bold</b>")
    for label in (plain, rich):
        qtbot.addWidget(label)
        label.show()
    assert plain.sizeHint().width() > 2 * rich.sizeHint().width()


def test_a_text_of_any_length_is_cut_where_it_is_shown(qtbot: QtBot) -> None:
    text = ExpandableText("told")
    qtbot.addWidget(text)
    text.set_text("a word " * 100_000)
    assert len(text.text()) == 8000 and text.text().endswith("…")
    told = format_tooltip("a & b " * 100_000)
    document = QTextDocument()
    document.setHtml(told)
    assert len(document.toPlainText()) == MOST_TOLD


@pytest.mark.parametrize("text", ["", "A sentence.", "1 > 0"])
def test_a_tooltip_without_markup_stays_as_it_is(text: str) -> None:
    assert format_tooltip(text) == text


@pytest.mark.parametrize("text", [MARKUP, "one\n  two\nthree <b>", "a &lt; b", "x" * 300])
def test_a_tooltip_shows_markup_and_lines_as_they_are(text: str) -> None:
    document = QTextDocument()
    document.setHtml(format_tooltip(text))
    assert document.toPlainText() == text


def test_our_own_markup_is_markup_still(window: Window) -> None:
    window.tabs.setCurrentWidget(window.train)
    form = window.train.form
    QTest.keyClick(form.numbers.fields["epochs"], Qt.Key.Key_Up)
    assert form.changes.textFormat() == Qt.TextFormat.RichText and "Undo" in form.changes.text()
