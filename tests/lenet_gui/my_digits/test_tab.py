"""The My digits tab, with real clicks and keys."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.my_digits.grid import OwnDigitGrid
from lenet_gui.my_digits.learning import judge
from lenet_gui.my_digits.tab import MyDigitsTab
from lenet_gui.widgets.labels import PageArea
from tests.lenet_gui.desktop.test_display_check import start
from tests.support.gui import ONE, SEVEN, MakeWindow
from trainer.data import loading
from trainer.files import my_digits_file
from trainer.my_digits.digit import OwnDigit, export, own_digit
from trainer.my_digits.fine_tuning import AccuracyChange, FineTuningOptions
from trainer.my_digits.store import MyDigits
from trainer.networks import model as weights
from trainer.networks.model import Model

IMAGE = np.zeros((28, 28), np.uint8)
IMAGE[5:23, 13:16] = 255
QUICK = FineTuningOptions(steps=20, known_batch=64, pictures=60, folds=3, lost=-1.0)
NOTHING, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def sevens(count: int, label: int = 7) -> list[OwnDigit]:
    return [
        own_digit(label, [[(x + n * y / 20, y, 1.0) for x, y in SEVEN]], read_as=1)
        for n in range(count)
    ]


def labels(tab: MyDigitsTab) -> list[int]:
    """Those shown, newest first."""
    return [digit.label for digit in tab.list.rows]


def kept() -> list[int]:
    """What the file holds, oldest first."""
    return [digit.label for digit in MyDigits(my_digits_file()).load()]


@pytest.fixture
def tab(make_window: MakeWindow, qtbot: QtBot) -> Iterator[MyDigitsTab]:
    """The tab in a window, with two sevens, a one and a picture of a one; no network yet."""
    mine = MyDigits(my_digits_file())
    picture = own_digit(1, (), IMAGE.tobytes())
    for digit in (*sevens(2), own_digit(1, [[(x, y, 1.0) for x, y in ONE]]), picture):
        mine.add(digit)
    window = make_window()
    window.tabs.setCurrentWidget(window.my_digits)
    window.my_digits.load()
    qtbot.waitUntil(lambda: labels(window.my_digits) == [1, 1, 7, 7])
    yield window.my_digits


def window_of(tab: MyDigitsTab) -> Window:
    window = tab.window()
    assert isinstance(window, Window)
    return window


def place(grid: OwnDigitGrid, row: int) -> QPoint:
    grid.doItemsLayout()
    return grid.visualRect(grid.list.index(row)).center()


def choose(tab: MyDigitsTab, row: int, modifier: Qt.KeyboardModifier = NOTHING) -> None:
    viewport = tab.grid.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, modifier, place(tab.grid, row))


def press(tab: MyDigitsTab, name: str) -> None:
    found = tab.findChild(QPushButton, name) or tab.findChild(QToolButton, name)
    assert isinstance(found, QPushButton | QToolButton), name
    assert found.isVisible() and found.isEnabled(), name
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def test_an_empty_tab_says_how_to_fill_it(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    window.tabs.setCurrentWidget(window.my_digits)
    tab = window.my_digits
    assert "On the Draw tab" in tab.grid.placeholder_text()
    assert not tab.filter.export.isEnabled() and not tab.learning.learn.isEnabled()
    assert not tab.labels.delete.isEnabled() and not tab.labels.undo.isEnabled()


def test_a_correction_is_kept_and_seen(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    tab = window.my_digits
    strokes = (tuple((x, y, 1.0) for x, y in SEVEN),)
    with qtbot.waitSignals([tab.message, tab.added]):
        tab.add(7, strokes, IMAGE, 1)
    assert kept() == [7] and labels(tab) == [7]
    assert "My digits" in window.statusBar().currentMessage()
    with qtbot.waitSignal(tab.added):
        tab.add(2, strokes, IMAGE, 1)  # the same drawing: it was no 7
    assert kept() == [2]
    with qtbot.waitSignal(tab.added):
        tab.add(1, (), IMAGE, None)
    assert labels(tab) == [1, 2] and tab.list.rows[0].image == IMAGE.tobytes()


def test_what_cannot_be_written_is_told(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    window.my_digits.kept = MyDigits(tmp_path)  # a folder
    with qtbot.waitSignal(window.my_digits.message) as told:
        window.my_digits.add(7, (tuple((x, y, 1.0) for x, y in SEVEN),), IMAGE, 1)
    assert "cannot be" in told.args[0]
    assert labels(window.my_digits) == []


def test_a_small_window_does_not_scroll_sideways(tab: MyDigitsTab, qtbot: QtBot) -> None:
    page = tab.findChild(PageArea)
    assert page is not None
    window_of(tab).resize(1180, 720)
    qtbot.waitUntil(lambda: tab.learning.width() == 280)
    window_of(tab).resize(800, 480)
    qtbot.waitUntil(lambda: tab.width() <= 800)
    assert page.widget().minimumSizeHint().width() <= tab.width()
    assert not page.horizontalScrollBar().isVisible()


def test_cards_are_as_wide_as_their_words(tab: MyDigitsTab) -> None:
    grid = tab.grid
    grid.doItemsLayout()
    before = grid.visualRect(grid.list.index(0)).width()
    font = grid.font()
    font.setPointSizeF(2 * font.pointSizeF())
    grid.setFont(font)
    grid.doItemsLayout()
    card = grid.visualRect(grid.list.index(0)).width()
    assert card > before and card > grid.fontMetrics().horizontalAdvance("Recognized as 7")


def test_a_key_relabels_the_chosen_one_and_undo_takes_it_back(
    tab: MyDigitsTab, qtbot: QtBot
) -> None:
    choose(tab, 2)
    QTest.keyClick(tab.grid, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 4, 7])
    assert kept() == [7, 4, 1, 1]
    QTest.keyClick(tab.grid, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 7, 7])
    assert kept() == [7, 7, 1, 1] and not tab.labels.undo.isEnabled()


def test_buttons_relabel_all_that_are_chosen(tab: MyDigitsTab, qtbot: QtBot) -> None:
    choose(tab, 0)
    choose(tab, 2, CONTROL)
    assert tab.labels.caption.text() == "Label 2 selected digits as:"
    press(tab, "relabel_9")
    qtbot.waitUntil(lambda: labels(tab) == [9, 1, 9, 7])
    assert len(tab.grid.chosen()) == 2  # and still are chosen
    press(tab, "undo_change_button")
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 7, 7])


def test_delete_and_undo(tab: MyDigitsTab, qtbot: QtBot) -> None:
    choose(tab, 3)
    QTest.keyClick(tab.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 7])
    assert kept() == [7, 1, 1] and tab.grid.chosen() == []
    QTest.keyClick(tab.grid, Qt.Key.Key_A, CONTROL)
    press(tab, "delete_button")
    qtbot.waitUntil(lambda: labels(tab) == [])
    for left in ([1, 1, 7], [1, 1, 7, 7]):
        QTest.keyClick(tab.grid, Qt.Key.Key_Z, CONTROL)
        qtbot.waitUntil(lambda left=left: labels(tab) == left)
    assert kept() == [7, 7, 1, 1]


def test_what_could_not_be_deleted_is_not_called_deleted(
    tab: MyDigitsTab, qtbot: QtBot, tmp_path: Path
) -> None:
    said: list[str] = []
    tab.message.connect(said.append)
    choose(tab, 1)
    tab.kept.path = tmp_path  # a folder
    with qtbot.waitSignal(tab.message):
        QTest.keyClick(tab.grid, Qt.Key.Key_Delete)
    assert len(said) == 1 and "cannot be" in said[0]


def test_keys_go_on_where_one_was_deleted(tab: MyDigitsTab, qtbot: QtBot) -> None:
    choose(tab, 1)
    QTest.keyClick(tab.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(labels(tab)) == 3)
    assert tab.grid.currentIndex().row() == 1
    QTest.keyClick(tab.grid, Qt.Key.Key_Right)
    assert [digit.label for digit in tab.grid.chosen()] == [7]


def test_one_digit_alone_can_be_shown(tab: MyDigitsTab, qtbot: QtBot) -> None:
    assert [tab.filter.digit.itemText(n) for n in (0, 2, 8)] == ["All digits (4)", "1 (2)", "7 (2)"]
    tab.filter.digit.setFocus()
    QTest.keyClick(tab.filter.digit, Qt.Key.Key_7)
    assert labels(tab) == [7, 7]
    choose(tab, 0)
    QTest.keyClick(tab.grid, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: labels(tab) == [7])
    tab.filter.digit.setCurrentIndex(6)
    assert labels(tab) == [] and tab.grid.placeholder_text() == "None of your digits match."


def test_those_read_wrongly_by_the_network_on_show(tab: MyDigitsTab, qtbot: QtBot) -> None:
    choose(tab, 3)
    QTest.keyClick(tab.grid, Qt.Key.Key_8)
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 7, 8])
    tab.set_model(weights.load_shipped())
    qtbot.waitUntil(lambda: len(tab.list.reads) == 4, timeout=30_000)
    QTest.mouseClick(tab.filter.wrong, Qt.MouseButton.LeftButton)
    assert labels(tab) == [8]
    assert "the current network predicts 7" in tab.list.index(0).data(
        Qt.ItemDataRole.AccessibleTextRole
    )
    choose(tab, 0)
    QTest.keyClick(tab.grid, Qt.Key.Key_7)  # it was right after all
    qtbot.waitUntil(lambda: labels(tab) == [])


@pytest.mark.parametrize(("row", "strokes"), [(3, 1), (0, 0)])
def test_a_double_click_opens_it_on_the_draw_tab(
    tab: MyDigitsTab, qtbot: QtBot, row: int, strokes: int
) -> None:
    window = window_of(tab)
    choose(tab, row)
    QTest.mouseDClick(tab.grid.viewport(), Qt.MouseButton.LeftButton, NOTHING, place(tab.grid, row))
    assert window.tabs.currentWidget() is window.draw
    sheet = window.draw.canvas.drawing.sheet
    assert len(sheet.strokes) == strokes
    assert (sheet.picture is not None) == (strokes == 0)


def test_return_opens_the_current_one(tab: MyDigitsTab) -> None:
    choose(tab, 3)
    QTest.keyClick(tab.grid, Qt.Key.Key_Return)
    assert len(window_of(tab).draw.canvas.drawing.strokes) == 1


def test_an_opened_one_given_its_label_again_is_no_new_one(tab: MyDigitsTab, qtbot: QtBot) -> None:
    window = window_of(tab)
    choose(tab, 3)
    QTest.keyClick(tab.grid, Qt.Key.Key_Return)
    with qtbot.waitSignal(tab.added):
        tab.add(4, window.draw.canvas.drawing.strokes, IMAGE, 7)
    assert labels(tab) == [1, 1, 7, 4]


def test_a_label_given_on_the_draw_tab_is_taken_back(tab: MyDigitsTab, qtbot: QtBot) -> None:
    strokes = (tuple((x + 5, y, 1.0) for x, y in SEVEN),)
    for label in (7, 2):  # new, and the same drawing once more
        with qtbot.waitSignal(tab.added):
            tab.add(label, strokes, IMAGE, 1)
    for left in ([7, 1, 1, 7, 7], [1, 1, 7, 7]):
        press(tab, "undo_change_button")
        qtbot.waitUntil(lambda left=left: labels(tab) == left)
    assert kept() == [7, 7, 1, 1]
    with qtbot.waitSignal(tab.added):
        tab.add(7, strokes, IMAGE, 1)
    tab.remove(strokes, IMAGE)
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 7, 7])
    press(tab, "undo_change_button")
    qtbot.waitUntil(lambda: labels(tab) == [7, 1, 1, 7, 7])


def test_an_import_is_told_from_ones_own_and_taken_back(
    tab: MyDigitsTab, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "anna.json"
    theirs = [own_digit(3, [[(x, y * 2, 1.0) for x, y in ONE]])]
    theirs.append(own_digit(5, [[(x * 2, y, 1.0) for x, y in ONE]], writer="Ben"))
    export(theirs, file)
    assert tab.filter.writer_choice.isHidden()
    tab.import_from(file)
    qtbot.waitUntil(lambda: labels(tab) == [5, 3, 1, 1, 7, 7])
    choice = tab.filter.writer_choice
    assert choice.isVisible()
    assert [choice.itemText(n) for n in range(choice.count())] == [
        "All writers",
        "Ben",
        "anna",
        "Me",
    ]
    choice.setCurrentIndex(choice.findData("anna"))
    assert labels(tab) == [3]
    told = tab.list.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "written by anna" in told
    press(tab, "undo_change_button")
    qtbot.waitUntil(lambda: labels(tab) == [1, 1, 7, 7])
    assert choice.isHidden() and kept() == [7, 7, 1, 1]


def dialog(tab: MyDigitsTab, name: str) -> QFileDialog:
    found = tab.findChild(QFileDialog, name)
    assert isinstance(found, QFileDialog) and found.isVisible()
    return found


def test_export_and_import(tab: MyDigitsTab, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "my-digits.json"
    press(tab, "export_button")
    with qtbot.waitSignal(tab.message) as told:
        asked = dialog(tab, "save_dialog")
        asked.fileSelected.emit(str(file))
        asked.close()
    assert told.args == [f"Saved 4 digits as {file}"]
    QTest.keyClick(tab.grid, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(tab.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: labels(tab) == [])
    press(tab, "import_button")
    with qtbot.waitSignal(tab.message) as told:
        asked = dialog(tab, "import_dialog")
        asked.fileSelected.emit(str(file))
        asked.close()
    assert told.args == ["Added 4 digits"]
    assert labels(tab) == [1, 1, 7, 7]
    with qtbot.waitSignal(tab.message) as told:
        tab.import_from(file)
    assert told.args == ["Added 0 digits; 4 already here"]


def test_a_file_that_is_no_export_is_told_and_nothing_imported(
    tab: MyDigitsTab, qtbot: QtBot, tmp_path: Path
) -> None:
    export(sevens(5)[3:], tmp_path / "bad.json")
    bad = (tmp_path / "bad.json").read_text().replace('"label":7', '"label":77', 1)
    (tmp_path / "bad.json").write_text(bad)
    with qtbot.waitSignal(tab.message) as told:
        tab.import_from(tmp_path / "bad.json")
    assert "digit 1 has a label other than 0 to 9" in told.args[0]
    assert kept() == [7, 7, 1, 1]


def test_what_another_window_kept_is_seen_when_the_tab_is(tab: MyDigitsTab, qtbot: QtBot) -> None:
    window = window_of(tab)
    window.tabs.setCurrentWidget(window.draw)
    MyDigits(my_digits_file()).add(own_digit(0, [[(0, 0), (9, 9), (0, 9)]]))
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: labels(tab) == [0, 1, 1, 7, 7])


def test_lines_that_cannot_be_read_are_told(tab: MyDigitsTab, qtbot: QtBot) -> None:
    with my_digits_file().open("ab") as file:
        file.write(b"\x00\x00\n")
    tab.load()
    qtbot.waitUntil(tab.note.isVisible)
    assert "1 damaged" in tab.note.text() and len(labels(tab)) == 4


def test_what_was_just_kept_is_written_before_the_window_is_gone(
    make_window: MakeWindow,
) -> None:
    window = make_window()
    for number, digit in enumerate(sevens(10)):
        window.my_digits.add(number, digit.strokes, IMAGE, None)  # type: ignore[arg-type]
    window.close()
    assert sorted(kept()) == list(range(10))


def test_another_file_can_be_named(tmp_path: Path) -> None:
    mine = MyDigits(tmp_path / "other.jsonl")
    for digit in sevens(3):
        mine.add(digit)
    shot = tmp_path / "shot.png"
    ended = start(
        *("--screenshot", str(shot), "--tab", "mine", "--style", "light"),
        *("--my-digits", str(mine.path), "--size", "1000x640"),
        QT_QPA_PLATFORM="offscreen",
    )
    assert ended.returncode == 0, ended.stderr
    picture = QImage(str(shot))
    cards = [picture.copy(20 + 136 * n, 90, 130, 110) for n in range(4)]
    ink = [
        sum(card.pixelColor(x, y).lightness() < 40 for x in range(130) for y in range(110))
        for card in cards
    ]
    assert min(ink[:3]) > 200 and ink[3] == 0


# Learning


@pytest.fixture
def ready(tab: MyDigitsTab) -> MyDigitsTab:
    """The tab with a network, and little to learn."""
    tab.learning.method = QUICK
    window_of(tab).use_model(weights.load_shipped())
    return tab


def learn(tab: MyDigitsTab, qtbot: QtBot) -> None:
    press(tab, "learn_button")
    assert tab.learning.bar.isVisible() and not tab.learning.learn.isVisible()
    qtbot.waitUntil(lambda: tab.learning.learned is not None, timeout=60_000)


def on_show(tab: MyDigitsTab) -> Model:
    model = window_of(tab).reader.model
    assert model is not None
    return model


def told(tab: MyDigitsTab, row: int) -> list[str]:
    found = (tab.findChild(QLabel, f"change_{row}_{column}") for column in range(3))
    return [label.text() for label in found if isinstance(label, QLabel) and label.isVisible()]


def test_learning_shows_before_and_after_and_is_kept_and_undone(
    ready: MyDigitsTab, qtbot: QtBot
) -> None:
    shipped = on_show(ready)
    learn(ready, qtbot)
    assert ready.learning.learned is not None
    own, built_in = ready.learning.learned.changes
    assert (own.count, built_in.count) == (4, 2000)
    qtbot.waitUntil(lambda: told(ready, 1)[:1] == ["My digits (4)"])
    assert told(ready, 2) == [
        "Built-in digits (2,000)", f"{built_in.before:.2%}".replace("%", " %"),
        f"{built_in.after:.2%}".replace("%", " %"),
    ]  # fmt: skip
    assert "had not seen it" in ready.learning.measured.text()
    helped = judge(ready.learning.learned.changes) == "better"
    assert ready.learning.keep.property("primary") == helped
    assert ("keep it" in ready.learning.note.text()) == helped
    assert on_show(ready) is shipped  # until it is kept
    press(ready, "keep_button")
    assert on_show(ready) is ready.learning.learned.model
    assert "+ mine" in window_of(ready).labels.model.text()
    assert not ready.learning.keep.isEnabled()
    press(ready, "undo_learning_button")
    assert on_show(ready) is shipped
    assert not ready.learning.results.isVisible() and "Undone" in ready.learning.note.text()


@pytest.mark.parametrize(
    ("own", "other", "verdict"),
    [
        ((0.5, 0.9), (0.99, 0.99), "better"),
        ((0.5, 0.9), (0.99, 0.9898), "better"),
        ((0.5, 0.9), (0.99, 0.95), "mixed"),
        ((0.5, 0.9), (0.99, 0.9889), "mixed"),
        ((0.5, 0.5), (0.99, 0.99), "same"),
        ((1.0, 1.0), (0.99, 0.99), "known"),
        ((0.5, 0.4), (0.99, 0.99), "worse"),
    ],
)
def test_what_was_learned_is_judged(
    own: tuple[float, float], other: tuple[float, float], verdict: str
) -> None:
    changes = [AccuracyChange("mine", *own, 10), AccuracyChange("MNIST", *other, 10_000)]
    assert judge(changes) == verdict


def test_what_changed_nothing_is_not_to_be_kept(ready: MyDigitsTab, qtbot: QtBot) -> None:
    learning = ready.learning
    learning.method = dataclasses.replace(QUICK, own_weight=50.0, rate=1e-2, forgotten=-1.0)
    learn(ready, qtbot)
    assert learning.results.isVisible() and "nothing to learn" in learning.measured.text()
    hidden = (learning.figures, learning.keep, learning.undo, learning.note)
    assert not any(each.isVisible() for each in hidden)


def test_undo_before_keep_forgets_what_was_learned(ready: MyDigitsTab, qtbot: QtBot) -> None:
    shipped = on_show(ready)
    learn(ready, qtbot)
    press(ready, "undo_learning_button")
    assert on_show(ready) is shipped and ready.learning.learned is None
    press(ready, "learn_button")
    qtbot.waitUntil(lambda: ready.learning.learned is not None, timeout=60_000)


def test_learning_again_begins_with_the_network_before(ready: MyDigitsTab, qtbot: QtBot) -> None:
    shipped = on_show(ready)
    learn(ready, qtbot)
    press(ready, "keep_button")
    press(ready, "learn_button")
    qtbot.waitUntil(lambda: ready.learning.learned is not None, timeout=60_000)
    assert "flatters" not in ready.learning.measured.text()
    press(ready, "keep_button")
    press(ready, "undo_learning_button")
    assert on_show(ready) is shipped


def test_another_network_on_show_ends_keep_and_undo(ready: MyDigitsTab, qtbot: QtBot) -> None:
    learn(ready, qtbot)
    window_of(ready).use_model(dataclasses.replace(weights.load_shipped(), name="other"))
    assert ready.learning.learned is None and not ready.learning.keep.isVisible()


def test_learning_can_be_cancelled(ready: MyDigitsTab, qtbot: QtBot) -> None:
    ready.learning.method = dataclasses.replace(QUICK, steps=1_000_000)
    press(ready, "learn_button")
    qtbot.waitUntil(lambda: "racticing" in ready.learning.note.text(), timeout=60_000)
    press(ready, "cancel_learning_button")
    assert "Canceled" in ready.learning.note.text() and ready.learning.learn.isVisible()
    qtbot.waitUntil(lambda: not ready.learning.end(), timeout=30_000)
    assert ready.learning.learned is None and "Canceled" in ready.learning.note.text()


def test_other_networks_and_few_digits_are_told(ready: MyDigitsTab, qtbot: QtBot) -> None:
    clothes = dataclasses.replace(weights.load_shipped(), classes=loading.FASHION_CLASSES)
    window_of(ready).use_model(clothes)
    press(ready, "learn_button")
    qtbot.waitUntil(lambda: "T-shirt" in ready.learning.note.text(), timeout=30_000)
    window_of(ready).use_model(weights.load_shipped())
    choose(ready, 0)
    choose(ready, 1, CONTROL)
    QTest.keyClick(ready.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(labels(ready)) == 2)
    learn(ready, qtbot)
    assert "none was held out" in ready.learning.measured.text()


def test_a_window_closes_at_once_while_it_learns(ready: MyDigitsTab, qtbot: QtBot) -> None:
    ready.learning.method = dataclasses.replace(QUICK, steps=1_000_000)
    press(ready, "learn_button")
    qtbot.waitUntil(lambda: "racticing" in ready.learning.note.text(), timeout=60_000)
    window = window_of(ready)
    window.close()
    assert not any(thread.isRunning() for thread in window.ending)
