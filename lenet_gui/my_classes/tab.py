"""The My classes tab: classes by name, examples drawn one after another, and a network of them.

The set and what can be undone belong to a thread, in which all changes are made and saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.my_classes.class_list import ClassPanel
from lenet_gui.my_classes.drawing_area import DrawingArea, EmptyPage, WriterField
from lenet_gui.my_classes.examples import ExamplePanel
from lenet_gui.my_classes.files import FileMenu, save_by_writer
from lenet_gui.my_classes.learning import TrainingPanel
from lenet_gui.widgets.controls import REDO_KEYS, ask, make_action, make_push_button
from lenet_gui.widgets.formatting import format_count
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.workers.serial import SerialWorker
from trainer.drawing.sheet import Sheet
from trainer.my_classes import class_file
from trainer.my_classes.class_file import ImportedDrawings, KeptClasses, import_drawings
from trainer.my_classes.class_set import (
    ClassDrawing,
    ClassSet,
    Strokes,
    make_drawing,
    merge_sets,
)
from trainer.networks.model import Model
from trainer.translation import gettext as _
from trainer.translation import ngettext

Change = Callable[[ClassSet], ClassSet]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the thread tells of the set."""

    now: ClassSet
    can_undo: bool
    can_redo: bool


def _nothing() -> None:
    """What is done after most changes."""


class MyClassesTab(QWidget):
    """Name classes, draw them, train, and use what was learned."""

    message = Signal(str)
    """Something to tell the user in passing."""
    use_model = Signal(object)
    """Read with this `Model` from now on."""
    learned = Signal(object)
    """Keep this `Model` among the networks that were learned."""
    try_it = Signal()
    """Show where it can be tried."""
    shown = Signal(object)
    """This `ClassSet` is on show now, after a change or a look into the file."""

    def __init__(self, file: Path, drawing_elsewhere: Callable[[], Sheet]) -> None:
        super().__init__()
        self.kept = KeptClasses(file)
        """Only its thread may use it."""
        self.now = ClassSet()
        """What is on show."""
        self._elsewhere = drawing_elsewhere
        self._changes = 0  # so many were asked for
        self._saved_model: Model | None = None  # the one that `learned` told of
        self._worker = SerialWorker(self)
        self.classes, self.area = ClassPanel(), DrawingArea()
        self.examples, self.training = ExamplePanel(), TrainingPanel(file)
        self.files = FileMenu()
        self.note = Label()
        self.note.setObjectName("my_classes_note")
        self.note.setWordWrap(True)
        self.note.hide()
        self.writer = WriterField()
        keys = [QKeySequence(QKeySequence.StandardKey.Undo)]
        self.undo, self.undo_button = self._make_step(_("Undo"), "undo_class_button", keys)
        self.redo, self.redo_button = self._make_step(_("Redo"), "redo_class_button", REDO_KEYS)
        self.empty = EmptyPage()
        self.begin = self.empty.begin
        # Not a QStackedWidget, which is as large as the larger one wants to be.
        self._work = QWidget()
        self._lay_out()
        self._connect()
        self._show(Shown(ClassSet(), False, False))

    def _make_step(
        self, text: str, name: str, keys: list[QKeySequence]
    ) -> tuple[QAction, QPushButton]:
        action = make_action(self, text, text, *keys, name=name.replace("button", "action"))
        button = make_push_button(text, name, action.toolTip())
        button.clicked.connect(action.trigger)
        return action, button

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(6)
        bar.addWidget(self.files)
        bar.addWidget(self.undo_button)
        bar.addWidget(self.redo_button)
        bar.addStretch(1)
        who = Label(_("Drawn by"))
        who.setBuddy(self.writer)
        bar.addWidget(who)
        bar.addWidget(self.writer, 1)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.examples, 1)
        right.addWidget(self.training)
        for widget, stretch in ((self.classes, 4), (self.area, 7)):
            columns.addWidget(widget, stretch)
        columns.addLayout(right, 5)
        self._work.setLayout(columns)
        self._work.hide()
        columns.setContentsMargins(0, 0, 0, 0)
        whole = QVBoxLayout(make_page(self))
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(8)
        whole.addLayout(bar)
        whole.addWidget(self.note)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self._work, 1)

    def _connect(self) -> None:
        classes, area, files = self.classes, self.area, self.files
        self.begin.clicked.connect(self._begin)
        classes.chosen.connect(self._choose)
        classes.add_wanted.connect(self._add_class)
        classes.rename_wanted.connect(self._rename)
        classes.merge_wanted.connect(self._merge)
        classes.delete_wanted.connect(self._delete_class)
        area.drawn.connect(self._add_drawing)
        area.step.connect(classes.step)
        area.take_elsewhere.connect(self._add_elsewhere)
        self.examples.delete_wanted.connect(self._delete_drawings)
        self.examples.move_wanted.connect(self._move_drawings)
        self.training.used.connect(self._use)
        self.undo.triggered.connect(self._undo)
        self.redo.triggered.connect(self._redo)
        area.canvas.changed.connect(self._update_steps)
        files.opened.connect(self.open_file)
        files.saved.connect(self.save_as)
        files.merged.connect(self.merge_files)
        files.imported.connect(self.import_file)
        files.divided.connect(self._divide)
        files.cleared.connect(lambda: self._change(lambda _now: ClassSet()))

    # The set's thread

    def load(self) -> None:
        """Show what the file holds, and what another window has written since."""

        self._worker.do(self._look, self._show_loaded, self._show_problem)

    def _look(self) -> Shown:
        """In the thread: what the file holds, and all changes."""
        self.kept.refresh()
        return self._summarize()

    def showEvent(self, event: QShowEvent) -> None:
        """Another window may have drawn something since."""
        super().showEvent(event)
        self._focus()
        self.load()

    def _focus(self) -> None:
        """Let keys go where they are of use, unless they move along the tabs."""
        if self.isVisible() and not isinstance(self.window().focusWidget(), QTabBar):
            (self.area.canvas if self.now.classes else self.begin).setFocus()

    def _summarize(self) -> Shown:
        history = self.kept.history
        return Shown(history.now, history.can_undo, history.can_redo)

    def _change(
        self, change: Change, choose: str = "", then: Callable[[], object] = _nothing
    ) -> None:
        """Change the set in its thread, show and save it, and call `then`.

        Args:
            change: makes the new set of the present one.
            choose: the class to choose then.
            then: what to do once it is shown.
        """

        def work() -> Shown:
            self.kept.history.change(change(self.kept.now))
            return self._summarize()

        def done(shown: Shown) -> None:
            self._show(shown, choose)
            then()

        self._worker.do(work, done, self.message)
        self._save()

    def _step(self, step: Callable[[], None]) -> None:
        """Undo or redo, in the set's thread."""

        def work() -> Shown:
            step()
            return self._summarize()

        self._worker.do(work, self._show, self.message)
        self._save()

    def _save(self) -> None:
        """Save after this change; not if others wait behind it, which are saved with it then."""
        self._changes += 1
        number = self._changes

        def work() -> Shown | None:
            if number < self._changes:
                return None
            self.kept.save()
            return self._summarize()

        self._worker.do(work, self._show_saved, self._show_problem)

    def _show_loaded(self, shown: Shown) -> None:
        self._show(shown)
        if not self.note.isHidden():  # what could not be saved may be so now
            self._save()

    def _show_saved(self, shown: Shown | None) -> None:
        if shown is not None:
            self.note.hide()
            self._show(shown)

    def _show_problem(self, problem: str) -> None:
        """It can't be read or saved: this stays until it can."""
        self.note.setText(
            _("Your classes are not saved until this is fixed: {problem}").format(problem=problem)
        )
        self.note.show()

    # Classes

    def _begin(self) -> None:
        names = [_("Class {number}").format(number=number) for number in (1, 2)]

        def begin(now: ClassSet) -> ClassSet:
            for name in names:
                now = now if name in now.classes else now.with_class(name)
            return now

        self._change(begin, names[0])

    def _add_class(self, name: str) -> None:
        clean = " ".join(name.split())
        self._change(lambda now: now.with_class(clean), clean, self.classes.name.clear)

    def _rename(self, name: str, new: str) -> None:
        self._change(lambda now: now.renamed(name, new), new)

    def _merge(self, name: str, into: str) -> None:
        sentence = _("Merged {name} into {other}. Press Undo to separate them.")
        text = sentence.format(name=name, other=into)
        self._change(lambda now: now.merged(name, into), into, lambda: self.message.emit(text))

    def _delete_class(self, name: str) -> None:
        count = self.now.counts().get(name, 0)
        text = ngettext(
            "Deleted {name} and {count} drawing. Press Undo to restore them.",
            "Deleted {name} and {count} drawings. Press Undo to restore them.",
            count,
        ).format(name=name, count=format_count(count))
        self._change(lambda now: now.without_class(name), "", lambda: self.message.emit(text))

    def _choose(self, name: str) -> None:
        self.area.choose(name)
        self.examples.show_class(self.now, name)

    # Drawings

    def _add_drawing(self, strokes: Strokes, label: str) -> None:
        writer = self.writer.text().strip()

        def add(now: ClassSet) -> ClassSet:
            return now.with_drawings([make_drawing(label, strokes, writer)])

        self._change(add)

    def _add_elsewhere(self) -> None:
        sheet = self._elsewhere()
        if sheet.strokes:
            self._add_drawing(sheet.strokes, self.area.label)
        elif sheet.picture is not None:
            self.message.emit(_("A picture can't be added: examples are drawn with strokes"))
        else:
            self.message.emit(_("There is no drawing on the Draw tab"))

    def _delete_drawings(self, drawings: tuple[ClassDrawing, ...]) -> None:
        gone = set(drawings)
        text = ngettext(
            "{count} drawing deleted. Press Undo to restore it.",
            "{count} drawings deleted. Press Undo to restore them.",
            len(gone),
        ).format(count=format_count(len(gone)))
        self._change(
            lambda now: now.without_drawings(_places(now, gone)),
            then=lambda: self.message.emit(text),
        )

    def _move_drawings(self, drawings: tuple[ClassDrawing, ...], label: str) -> None:
        moved = set(drawings)
        self._change(lambda now: now.relabeled(_places(now, moved), label))

    def _undo(self) -> None:
        if not self.area.undo():
            self._step(self.kept.history.undo)

    def _redo(self) -> None:
        if not self.area.redo():
            self._step(self.kept.history.redo)

    # Files

    def open_file(self, path: Path) -> None:
        """Show a file's set in place of this one, which is asked about if it has drawings."""

        def replace() -> None:
            self._read_file(path, lambda _now, found: found)

        def merge() -> None:
            self.merge_files([path])

        def begin(shown: Shown) -> None:
            self._show(shown)
            if not shown.now.drawings:
                replace()
                return
            ask(
                self,
                "replace_classes",
                _("Replace the classes here?"),
                _("Undo restores them until the program is closed."),
                {_("Replace"): replace, _("Merge"): merge},
            )

        # What is kept may not be on show yet.
        self._worker.do(self._look, begin, self._show_problem)

    def _read_file(self, path: Path, put: Callable[[ClassSet, ClassSet], ClassSet]) -> None:
        def done() -> None:
            self.message.emit(_("Opened {path}").format(path=path))

        self._change(lambda now: put(now, class_file.load(path)), "", done)

    def merge_files(self, paths: list[Path]) -> None:
        """Add the sets of files; whoever drew is kept."""
        counts: list[int] = []

        def merge(now: ClassSet) -> ClassSet:
            merged = merge_sets([now, class_file.load_merged(paths)])
            counts.append(len(merged) - len(now))
            return merged

        self._change(merge, "", lambda: self._tell_added(counts[0]))

    def import_file(self, path: Path) -> None:
        """Add the drawings of a file; those without a label to the class that is chosen."""
        label = self.area.label
        imported: list[ImportedDrawings] = []
        counts: list[int] = []

        def add(now: ClassSet) -> ClassSet:
            imported.append(import_drawings(path, label))
            merged = merge_sets([now, imported[0].drawn])
            counts.append(len(merged) - len(now))
            return merged

        def done() -> None:
            self._tell_added(counts[0], imported[0].unusable + imported[0].surplus)

        self._change(add, "", done)

    def _tell_added(self, count: int, left_out: int = 0) -> None:
        text = ngettext("Added {count} drawing", "Added {count} drawings", count)
        if left_out:
            text = ngettext(
                "Added {count} drawing; {left} left out",
                "Added {count} drawings; {left} left out",
                count,
            )
        self.message.emit(text.format(count=format_count(count), left=format_count(left_out)))

    def save_as(self, path: Path) -> None:
        """Save a copy of the set, for another person; `message` tells how it went."""

        def save() -> str:
            class_file.save(self.kept.now, path)
            return _("Saved {file}").format(file=path)

        self._worker.do(save, self.message.emit, self.message)

    def _divide(self, folder: Path) -> None:
        def save() -> str:
            return save_by_writer(self.kept.now, folder)

        self._worker.do(save, self.message.emit, self.message)

    # The network

    def set_model(self, model: Model) -> None:
        """The network in use is this one."""
        self.training.set_model(model)

    def _use(self, model: Model) -> None:
        self.use_model.emit(model)
        if model is not self._saved_model:  # once is enough
            self._saved_model = model
            self.learned.emit(model)
        self.try_it.emit()

    # What is shown

    def _show(self, shown: Shown, choose: str = "") -> None:
        self.now = shown.now
        self._can_undo, self._can_redo = shown.can_undo, shown.can_redo
        begun = bool(self.now.classes)
        if begun is self._work.isHidden():
            self.empty.setHidden(begun)
            self._work.setVisible(begun)
            self._focus()
        self.classes.show_set(self.now, choose)
        self.training.show_set(self.now)
        self.files.show_for(self.now)
        self._update_steps()
        self.shown.emit(self.now)

    def _update_steps(self) -> None:
        drawing = self.area.canvas.drawing
        for parts, can in (
            ((self.undo, self.undo_button), self._can_undo or not drawing.empty),
            ((self.redo, self.redo_button), self._can_redo or drawing.can_redo),
        ):
            for part in parts:
                part.setEnabled(can)

    # Closing

    def end(self) -> list[QThread]:
        """Stop helpers; what is to be written still is. Returns threads to be waited for."""
        if self.area.by_itself.isChecked():
            self.area.finish()
        self._worker.end()
        return [self._worker, *self.training.end()]


def _places(now: ClassSet, drawings: set[ClassDrawing]) -> list[int]:
    """Where they are in a set."""
    return [place for place, drawing in enumerate(now.drawings) if drawing in drawings]
