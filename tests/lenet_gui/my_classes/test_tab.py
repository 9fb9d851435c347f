"""The My classes tab, with real strokes, clicks and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QListView,
    QMessageBox,
)
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.my_classes.tab import MyClassesTab
from lenet_gui.widgets.labels import PageArea
from tests.support.class_sets import draw_form, keep_set, make_set
from tests.support.gui import ONE, SEVEN, MakeWindow, draw, wait_until_active
from trainer.drawing.sheet import Drawing, Sheet
from trainer.my_classes import class_file
from trainer.my_classes.class_set import ClassSet
from trainer.my_classes.learning import LearningOptions
from trainer.networks.model import Model

QUICK = LearningOptions(pictures=60, steps=30)
CONTROL = Qt.KeyboardModifier.ControlModifier


class Desk:
    """The tab by itself, and the hands before it."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder, self.qtbot = folder, qtbot
        self.file = folder / "my-classes.json"
        self.elsewhere = Drawing()  # on the Draw tab
        self.told: list[str] = []
        self.tabs: list[MyClassesTab] = []

    def open(self) -> MyClassesTab:
        tab = MyClassesTab(self.file, lambda: self.elsewhere.sheet)
        tab.message.connect(self.told.append)
        tab.training.options = QUICK
        self.tabs.append(tab)
        self.qtbot.addWidget(tab)
        tab.resize(1100, 640)
        with self.qtbot.waitSignal(tab.shown):
            tab.show()
        wait_until_active(self.qtbot, tab)
        return tab

    def close(self) -> None:
        for tab in self.tabs:
            tab.close()
            assert all(thread.wait(30_000) for thread in tab.end())

    @property
    def tab(self) -> MyClassesTab:
        return self.tabs[-1]

    def press(self, name: str) -> None:
        button = self.tab.findChild(QAbstractButton, name)
        assert button is not None and button.isVisible() and button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def choose_entry(self, name: str) -> None:
        """Of the menu of files."""
        action = self.tab.findChild(QAction, name)
        assert action is not None and action.isEnabled(), name
        action.trigger()

    def choose_file(self, name: str, *paths: Path) -> None:
        dialog = self.tab.findChild(QFileDialog, name)
        assert dialog is not None and dialog.isVisible()
        dialog.fileSelected.emit(str(paths[0]))
        dialog.filesSelected.emit(list(map(str, paths)))
        dialog.close()

    def choose_class(self, name: str) -> None:
        """In the dialog that is open."""
        dialog = self.tab.findChild(QInputDialog, "class_dialog")
        assert dialog is not None and name in dialog.comboBoxItems()
        dialog.setTextValue(name)
        dialog.accept()

    def click(self, view: QListView, row: int, double: bool = False) -> None:
        view.doItemsLayout()
        at = view.visualRect(view.model().index(row, 0)).topLeft() + QPoint(20, 16)
        left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(view.viewport(), left, plain, at)
        if double:
            QTest.mouseDClick(view.viewport(), left, plain, at)

    def type_class(self, name: str) -> None:
        field = self.tab.classes.name
        field.setFocus()
        field.insert(name)  # `keyClicks` knows only Latin letters
        QTest.keyClick(field, Qt.Key.Key_Return)

    def wait_for(self, **counts: int) -> None:
        """Until these are the classes, in this order, and they are saved."""

        def there() -> bool:
            wanted = list(counts.items())
            if list(self.tab.now.counts().items()) != wanted:
                return False
            return self.file.exists() and class_file.load(self.file) == self.tab.now

        self.qtbot.waitUntil(there)

    def wait_for_question(self) -> None:
        """Whether to replace the classes."""
        self.qtbot.waitUntil(lambda: self.tab.findChild(QMessageBox, "replace_classes") is not None)

    def wait_told(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: any(text in each for each in self.told))


@pytest.fixture
def empty(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    """Nothing is kept yet."""
    desk = Desk(tmp_path, qtbot)
    desk.open()
    yield desk
    desk.close()


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    """Three classes with three drawings each."""
    desk = Desk(tmp_path, qtbot)
    class_file.save(make_set(3), desk.file)
    desk.open()
    desk.wait_for(circle=3, cross=3, line=3)
    yield desk
    desk.close()


def test_an_empty_page_has_one_button_that_begins(empty: Desk) -> None:
    assert not empty.tab.classes.isVisible() and not empty.tab.area.isVisible()
    assert empty.tab.focusWidget() is empty.tab.begin
    empty.press("begin_classes_button")
    empty.wait_for(**{"Class 1": 0, "Class 2": 0})
    assert empty.tab.area.title.text() == "Class 1" and empty.tab.area.canvas.hasFocus()


def test_a_drawing_is_added_when_the_pen_has_rested(desk: Desk, qtbot: QtBot) -> None:
    area = desk.tab.area
    area.rest.setDuration(60)
    draw(area.canvas, SEVEN)
    desk.wait_for(circle=4, cross=3, line=3)
    assert area.canvas.drawing.empty and not area.canvas.drawing.can_undo
    added = desk.tab.now.drawings[-1]
    assert added.label == "circle" and len(added.strokes) == 1
    assert desk.tab.examples.grid.list.drawings[0] == added
    draw(area.canvas, ONE)
    desk.wait_for(circle=5, cross=3, line=3)


def test_a_second_stroke_belongs_to_the_same_drawing(desk: Desk, qtbot: QtBot) -> None:
    area = desk.tab.area
    area.rest.setDuration(60_000)
    draw(area.canvas, SEVEN)
    assert area.rest.state() == area.rest.State.Running
    draw(area.canvas, ONE)
    area.canvas.setFocus()
    QTest.keyClick(area.canvas, Qt.Key.Key_Return)
    desk.wait_for(circle=4, cross=3, line=3)
    assert len(desk.tab.now.drawings[-1].strokes) == 2
    assert area.rest.state() == area.rest.State.NotRunning


def test_without_the_pause_only_the_button_or_a_key_adds(desk: Desk) -> None:
    area = desk.tab.area
    desk.press("add_by_itself")
    draw(area.canvas, SEVEN)
    assert area.rest.state() == area.rest.State.NotRunning
    desk.press("add_drawing_button")
    desk.wait_for(circle=4, cross=3, line=3)
    assert area.canvas.hasFocus()
    draw(area.canvas, ONE)
    desk.press("clear_drawing_button")
    assert area.canvas.drawing.empty and not area.add.isEnabled()
    draw(area.canvas, ONE)
    QTest.keyClick(area.canvas, Qt.Key.Key_Space)
    desk.wait_for(circle=5, cross=3, line=3)


def test_arrow_keys_go_to_the_next_class_and_what_was_drawn_stays_with_its_own(
    desk: Desk,
) -> None:
    canvas = desk.tab.area.canvas
    canvas.setFocus()
    draw(canvas, SEVEN)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    desk.wait_for(circle=4, cross=3, line=3)
    assert desk.tab.area.title.text() == "cross"
    draw(canvas, ONE)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    desk.wait_for(circle=4, cross=4, line=3)
    assert desk.tab.classes.current == "circle"


def test_undo_takes_a_stroke_back_first_and_then_changes_of_the_set(desk: Desk) -> None:
    canvas = desk.tab.area.canvas
    desk.press("add_by_itself")
    canvas.setFocus()
    draw(canvas, SEVEN)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    desk.wait_for(circle=4, cross=3, line=3)
    draw(canvas, ONE)
    QTest.keyClick(canvas, Qt.Key.Key_Z, CONTROL)
    assert canvas.drawing.empty and len(desk.tab.now) == 10
    desk.press("undo_class_button")
    desk.wait_for(circle=3, cross=3, line=3)
    QTest.keyClick(canvas, Qt.Key.Key_Y, CONTROL)  # the stroke
    assert len(canvas.drawing.strokes) == 1
    desk.press("clear_drawing_button")
    desk.press("redo_class_button")
    desk.wait_for(circle=4, cross=3, line=3)
    assert not desk.tab.redo.isEnabled()


def test_classes_are_added_by_name_and_shown_as_plain_text(desk: Desk) -> None:
    desk.type_class("<b>Ω 🐈</b>")
    desk.wait_for(circle=3, cross=3, line=3, **{"<b>Ω 🐈</b>": 0})
    tab = desk.tab
    assert tab.classes.current == tab.area.title.text() == "<b>Ω 🐈</b>"
    assert tab.area.title.textFormat() is Qt.TextFormat.PlainText
    assert tab.classes.name.text() == ""
    tab.classes.name.setText("star")
    desk.press("add_class_button")
    desk.wait_for(circle=3, cross=3, line=3, **{"<b>Ω 🐈</b>": 0, "star": 0})


def test_a_name_that_can_t_be_is_told_and_can_be_mended(desk: Desk) -> None:
    desk.type_class("line")
    desk.wait_told("there is a class line already")
    assert desk.tab.classes.name.text() == "line" and len(desk.tab.now.classes) == 3


@pytest.mark.parametrize("way", ["button", "key", "double click"])
def test_a_class_is_renamed_in_its_place(desk: Desk, way: str) -> None:
    view = desk.tab.classes.view
    desk.click(view, 1, double=way == "double click")
    if way == "button":
        desk.press("rename_class_button")
    elif way == "key":
        QTest.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit, "class_name_editor")
    assert editor is not None and editor.text() == "cross"
    editor.selectAll()
    QTest.keyClicks(editor, "plus")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.wait_for(circle=3, plus=3, line=3)
    assert desk.tab.area.label == desk.tab.classes.current == "plus"
    desk.press("undo_class_button")
    desk.wait_for(circle=3, cross=3, line=3)


def test_two_classes_are_merged(desk: Desk) -> None:
    desk.press("merge_class_button")
    desk.choose_class("line")
    desk.wait_for(cross=3, line=6)
    assert desk.tab.classes.current == "line"
    desk.wait_told("Merged circle into line")
    desk.press("undo_class_button")
    desk.wait_for(circle=3, cross=3, line=3)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_class_is_deleted_with_its_drawings(desk: Desk, by_key: bool) -> None:
    desk.click(desk.tab.classes.view, 1)
    if by_key:
        QTest.keyClick(desk.tab.classes.view, Qt.Key.Key_Delete)
    else:
        desk.press("delete_class_button")
    desk.wait_for(circle=3, line=3)
    assert desk.tab.classes.current == "line"
    desk.wait_told("Deleted cross and 3 drawings")
    desk.press("undo_class_button")
    desk.wait_for(circle=3, cross=3, line=3)


def test_drawings_are_deleted_and_moved(desk: Desk) -> None:
    grid = desk.tab.examples.grid
    newest = grid.list.drawings[0]
    desk.click(grid, 0)
    desk.press("delete_example_button")
    desk.wait_for(circle=2, cross=3, line=3)
    assert newest not in desk.tab.now.drawings
    desk.click(grid, 1)
    desk.press("move_example_button")
    desk.choose_class("line")
    desk.wait_for(circle=1, cross=3, line=4)
    QTest.keyClick(grid, Qt.Key.Key_Space)  # keys go on where they were
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    desk.wait_for(circle=0, cross=3, line=4)
    for _step in range(3):
        desk.press("undo_class_button")
    desk.wait_for(circle=3, cross=3, line=3)


def test_whose_drawings_they_are(desk: Desk) -> None:
    QTest.keyClicks(desk.tab.writer, "Ann")
    draw(desk.tab.area.canvas, SEVEN)
    desk.press("add_drawing_button")
    desk.wait_for(circle=4, cross=3, line=3)
    assert desk.tab.now.drawings[-1].writer == "Ann"
    told = desk.tab.examples.grid.list.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == "circle, drawn by Ann"


def test_the_draw_tabs_drawing_is_added(desk: Desk) -> None:
    desk.press("add_from_draw_button")
    desk.wait_told("There is no drawing on the Draw tab")
    desk.elsewhere.replace((tuple((x, y, 1.0) for x, y in ONE),))
    desk.press("add_from_draw_button")
    desk.wait_for(circle=4, cross=3, line=3)


def test_all_is_there_at_the_next_start_and_two_windows_share_it(desk: Desk) -> None:
    draw(desk.tab.area.canvas, SEVEN)
    first = desk.tab
    assert all(thread.wait(30_000) for thread in first.end())  # closed in the middle of the pause
    second = desk.open()
    desk.wait_for(circle=4, cross=3, line=3)
    other = ClassSet(("star",)).with_drawings([])
    class_file.save(other, desk.file)  # as another program might, all of a sudden
    draw(second.area.canvas, ONE)
    desk.press("add_drawing_button")
    desk.wait_for(circle=1, star=0)
    assert second.note.isHidden()


def test_a_kept_file_that_can_t_be_read_is_told_and_stays(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, qtbot)
    desk.file.write_text("{half")
    tab = MyClassesTab(desk.file, Sheet)
    qtbot.addWidget(tab)
    desk.tabs.append(tab)
    tab.show()
    qtbot.waitUntil(tab.note.isVisible)
    assert "my-classes.json" in tab.note.text()
    desk.press("begin_classes_button")
    qtbot.waitUntil(lambda: len(tab.now.classes) == 2)
    desk.file.rename(tmp_path / "aside.json")
    tab.load()  # as when the tab is seen again
    qtbot.waitUntil(tab.note.isHidden)
    assert len(class_file.load(desk.file).classes) == 2
    assert (tmp_path / "aside.json").read_text() == "{half"
    desk.close()


# Files


def test_a_set_is_saved_for_another_person_who_opens_it(desk: Desk) -> None:
    desk.choose_entry("classes_save")
    desk.choose_file("save_dialog", desk.folder / "forms.json")
    desk.wait_told("Saved")
    desk.choose_entry("classes_new")
    desk.wait_for()
    assert desk.tab.begin.isVisible()
    desk.choose_entry("classes_open")
    desk.choose_file("classes_open_dialog", desk.folder / "forms.json")
    desk.wait_for(circle=3, cross=3, line=3)


@pytest.mark.parametrize(("answer", "circles"), [(0, 1), (1, 4)])
def test_opening_asks_before_it_replaces(desk: Desk, answer: int, circles: int) -> None:
    other = ClassSet(("circle",)).with_drawings([draw_form("circle", 77)])
    class_file.save(other, desk.folder / "other.json")
    desk.tab.open_file(desk.folder / "other.json")
    desk.wait_for_question()
    desk.press(f"replace_classes_{answer}")
    expected = {"circle": 1} if answer == 0 else {"circle": circles, "cross": 3, "line": 3}
    desk.wait_for(**expected)
    desk.press("undo_class_button")
    desk.wait_for(circle=3, cross=3, line=3)


def test_files_of_pupils_are_merged_and_divided_by_writer(desk: Desk) -> None:
    for place, name in enumerate(("ann", "ben")):
        own = ClassSet(("circle",)).with_drawings([draw_form("circle", 70 + place)])
        class_file.save(own, desk.folder / f"{name}.json")
    desk.choose_entry("classes_merge")
    desk.choose_file("classes_merge_dialog", desk.folder / "ann.json", desk.folder / "ben.json")
    desk.wait_for(circle=5, cross=3, line=3)
    desk.wait_told("Added 2 drawings")
    assert desk.tab.now.writers == ("", "ann", "ben")
    (desk.folder / "each").mkdir()
    desk.choose_entry("classes_divide")
    desk.choose_file("classes_divide_dialog", desk.folder / "each")
    desk.wait_told("Saved 3 files")
    each = {path.name: len(class_file.load(path)) for path in (desk.folder / "each").iterdir()}
    assert each == {"nobody.json": 9, "ann.json": 1, "ben.json": 1}


def test_drawings_are_imported(desk: Desk) -> None:
    path = desk.folder / "quick.ndjson"
    lines = [{"word": "cat", "drawing": [[[0, 9, n, 7], [3, 5, 7, 9]]]} for n in range(3)]
    path.write_text("\n".join(map(json.dumps, [*lines, {"word": "cat"}])))
    desk.choose_entry("classes_import")
    desk.choose_file("classes_import_dialog", path)
    desk.wait_for(circle=3, cross=3, line=3, cat=3)
    desk.wait_told("Added 3 drawings; 1 left out")


def test_a_file_that_is_none_is_told_and_changes_nothing(desk: Desk) -> None:
    path = desk.folder / "letter.json"
    path.write_text("Dear Ann")
    desk.tab.import_file(path)
    desk.tab.open_file(path)
    desk.wait_for_question()
    desk.press("replace_classes_0")
    desk.tab.merge_files([path])
    desk.qtbot.waitUntil(lambda: len(desk.told) == 3)
    assert all("letter.json" in each for each in desk.told)
    desk.tab.save_as(desk.folder / "letter.json" / "x.json")
    desk.wait_told("cannot be written")
    assert len(desk.tab.now) == 9 and not desk.tab.undo.isEnabled()


# Training


def test_too_few_drawings_are_asked_for(desk: Desk) -> None:
    training = desk.tab.training
    assert training.train.isEnabled() and training.note.isHidden()
    desk.click(desk.tab.examples.grid, 0)
    desk.press("delete_example_button")
    desk.wait_for(circle=2, cross=3, line=3)
    assert not training.train.isEnabled()
    assert training.note.text() == "Draw at least 3 examples of circle"


@pytest.mark.parametrize("from_nothing", [False, True])
def test_training_tells_how_well_it_reads(desk: Desk, qtbot: QtBot, from_nothing: bool) -> None:
    training = desk.tab.training
    if from_nothing:
        training.start_choice.setFocus()
        QTest.keyClick(training.start_choice, Qt.Key.Key_Down)
    desk.press("train_classes_button")
    assert training.cancel.isVisible() and not training.train.isVisible()
    assert training.cancel.hasFocus()
    qtbot.waitUntil(lambda: training.learned is not None, timeout=30_000)
    assert training.learned is not None
    model = training.learned.model
    assert model.classes == ("circle", "cross", "line")
    assert (model.recipe.streamed == 0) and ("drawings it had not seen" in training.result.text())
    used: list[Model] = []
    kept: list[Model] = []
    desk.tab.use_model.connect(used.append)
    desk.tab.learned.connect(kept.append)
    with qtbot.waitSignal(desk.tab.try_it):
        desk.press("use_classes_button")
    assert used == kept == [model]
    with qtbot.waitSignal(desk.tab.try_it):
        desk.press("use_classes_button")  # after another network, say
    assert used == [model, model] and kept == [model]
    desk.tab.set_model(model)
    assert not training.use.isEnabled() and "You are using this network" in training.note.text()
    draw(desk.tab.area.canvas, SEVEN)
    desk.press("add_drawing_button")
    desk.wait_for(circle=4, cross=3, line=3)
    assert "Train again" in training.note.text()


def test_training_can_be_canceled(desk: Desk, qtbot: QtBot) -> None:
    training = desk.tab.training
    training.options = LearningOptions(steps=100_000, pictures=60)
    desk.press("train_classes_button")
    desk.press("cancel_classes_button")
    assert training.train.isVisible() and "Canceled" in training.note.text()
    assert training.learned is None and not training.learning


# In the window


def test_the_network_reads_on_the_draw_tab(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    file = window.my_digits_file.with_name("my-classes.json")
    class_file.save(make_set(4), file)
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    draw(window.draw.canvas, ONE)
    QTest.keyClick(window, Qt.Key.Key_6, CONTROL)
    tab = window.my_classes
    assert window.tabs.currentWidget() is tab
    qtbot.waitUntil(lambda: len(tab.now) == 12)
    QTest.mouseClick(tab.area.elsewhere, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(tab.now) == 13)
    tab.training.options = QUICK
    QTest.mouseClick(tab.training.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(tab.training.use.isVisible, timeout=30_000)
    QTest.mouseClick(tab.training.use, Qt.MouseButton.LeftButton)
    assert window.tabs.currentWidget() is window.draw and window.draw.canvas.drawing.empty
    draw(window.draw.canvas, ONE)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "line", timeout=30_000)
    folder = window.my_digits_file.with_name("networks")
    qtbot.waitUntil(lambda: len(list(folder.glob("My classes *.safetensors"))) == 1)
    assert not tab.training.use.isEnabled()


def test_f2_and_undo_are_this_tabs_own_in_the_window(window: Window, qtbot: QtBot) -> None:
    window.tabs.setCurrentWidget(window.my_classes)
    keep_set(window, qtbot)
    view = window.my_classes.classes.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit, "class_name_editor")
    assert editor is not None and window.tabs.currentWidget() is window.my_classes
    editor.selectAll()
    QTest.keyClicks(editor, "o")
    with qtbot.waitSignal(window.my_classes.shown):
        window.my_classes.load()  # as when a drawing is saved meanwhile
    QTest.keyClicks(editor, "val")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    tab = window.my_classes
    qtbot.waitUntil(lambda: tab.now.classes == ("oval", "cross", "line"))
    tab.area.canvas.setFocus()
    QTest.keyClick(tab.area.canvas, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: tab.now.classes == ("circle", "cross", "line"))


def test_the_name_and_the_pause_are_remembered(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    window.tabs.setCurrentWidget(window.my_classes)
    tab = window.my_classes
    QTest.mouseClick(tab.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(tab.area.isVisible)
    QTest.keyClicks(tab.writer, "Ann")
    QTest.keyClick(tab.writer, Qt.Key.Key_Return)
    QTest.mouseClick(tab.area.by_itself, Qt.MouseButton.LeftButton)
    again = make_window().my_classes
    assert again.writer.text() == "Ann" and not again.area.by_itself.isChecked()


def test_an_empty_tab_fits_a_small_screen(desk: Desk) -> None:
    tab = desk.open()
    (area,) = (each for each in tab.findChildren(PageArea) if each.parent() is tab)
    tab.resize(780, 380)
    desk.qtbot.waitUntil(lambda: area.width() == 780)
    assert not area.verticalScrollBar().isVisible()
    assert not area.horizontalScrollBar().isVisible()
