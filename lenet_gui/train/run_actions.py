"""What can be done with the selected runs: buttons, a menu, and what is asked before.

Each question returns at once and calls back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

from lenet_gui.train.recipe_panel import ask_where_to_save_recipe, copy_text
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.train.run_queue import AT_ONCE, MOST_AT_ONCE
from lenet_gui.widgets.controls import allow_narrow, ask, make_push_button, resize_for_text
from lenet_gui.workers.serial import BackgroundTask
from trainer.networks import model
from trainer.networks.model import Model
from trainer.runs.record import LONGEST_TITLE, Notes, write_notes
from trainer.translation import gettext as _
from trainer.translation import ngettext

_CAN_PAUSE = (RowState.TRAINING, RowState.WAITING)
_CAN_STOP = (*_CAN_PAUSE, RowState.PAUSED, RowState.QUEUED)


def can_go_on(run: RunItem) -> bool:
    """Whether Resume means something: it is paused, or ended early."""
    return run.state is RowState.PAUSED or run.resumable


def can_delete(run: RunItem) -> bool:
    """Whether nobody trains it."""
    return not run.in_thread and run.state is not RowState.ELSEWHERE


class RunButtons(QWidget):
    """A row of buttons; whoever owns it says what they do. What is seldom wanted is in a menu."""

    def __init__(self) -> None:
        super().__init__()
        self.pause = make_push_button(_("Pause"), "pause_button", _("Pause the selected runs"))
        self.resume = make_push_button(
            _("Resume"), "resume_button", _("Train the selected runs on from where they stopped")
        )
        self.stop = make_push_button(
            _("Stop"),
            "stop_button",
            _(
                "Stop the selected runs, or take them out of the queue. They can be resumed, and "
                "their best weights are kept"
            ),
        )
        self.use = make_push_button(
            _("Use this network"),
            "use_button",
            _("Read drawings with the selected run's best weights"),
        )
        self.watch = make_push_button(
            _("Watch"), "watch_button", _("Show on the Draw tab how the selected run learns")
        )
        self.more = make_push_button(_("More"), "more_button", _("What else can be done with runs"))
        self.menu = QMenu(self.more)
        self.menu.setToolTipsVisible(True)
        self._fill_menu()
        self.more.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.row = (self.pause, self.resume, self.stop, self.use, self.watch, self.more)
        """The buttons, from left to right."""
        for button in self.row:
            row.addWidget(button)
        for button in (self.pause, self.resume, self.stop, self.watch, self.more):
            allow_narrow(button, 66)  # short texts: in a narrow window, the others need the room
        row.addStretch(1)

    def _fill_menu(self) -> None:
        self.folder = self._entry(_("Open folder"), "open_run", _("Show the run's files"))
        self.describe = self._entry(
            _("Name and note…"), "describe_run", _("Call the run by a name of your own")
        )
        self.clone = self._entry(
            _("Use as template"), "clone_run", _("Load its recipe into the form")
        )
        self.copy = self._entry(
            _("Copy recipe"), "copy_run", _("Copy the recipe as text, to share it")
        )
        self.save_recipe = self._entry(
            _("Save recipe file…"), "save_run", _("For lenet train --recipe")
        )
        self.menu.addSeparator()
        self.save = self._entry(
            _("Save curves…"), "save_curves", _("Save the curves as PNG, SVG or CSV")
        )
        self.menu.addSeparator()
        self.stop_all = self._entry(
            _("Stop all"), "stop_all_runs", _("Stop every run that trains here, and the queue")
        )
        self.delete = self._entry(
            _("Delete"), "delete_runs", _("Move the selected runs to the trash (Del)")
        )
        self.menu.addSeparator()
        at_once = self.menu.addMenu(_("Train at the same time"))
        self.at_once = QActionGroup(self)
        for number in MOST_AT_ONCE:
            text = ngettext("{n} run", "{n} runs", number).format(n=number)
            action = at_once.addAction(text)
            action.setObjectName(f"at_once_{number}")
            action.setCheckable(True)
            action.setChecked(number == AT_ONCE)
            action.setData(number)
            self.at_once.addAction(action)
        self.notify = self._entry(
            _("Notify me when a run ends"), "notify_ends", _("By a message of the desktop")
        )
        self.notify.setCheckable(True)
        self.notify.setChecked(True)

    def _entry(self, text: str, name: str, tip: str) -> QAction:
        action = self.menu.addAction(text)
        action.setObjectName(name)
        action.setToolTip(tip)
        return action

    def show_for(self, runs: list[RunItem], any_under_way: bool, curves: bool) -> None:
        """Enable what can be done.

        Args:
            runs: those that are selected.
            any_under_way: whether there is a run to be stopped.
            curves: whether there are some to be saved.
        """
        run = runs[0] if len(runs) == 1 else None
        pausable = any(each.state in _CAN_PAUSE for each in runs)
        ended = any(not each.under_way and each.state is not RowState.FINISHED for each in runs)
        paused = any(each.state is RowState.PAUSED for each in runs)
        resume = not pausable and (paused or ended)
        self.pause.setEnabled(pausable)
        self.pause.setVisible(not resume)
        self.resume.setVisible(resume)
        self.resume.setEnabled(any(can_go_on(each) for each in runs))
        self.stop.setEnabled(any(each.state in _CAN_STOP for each in runs))
        self.use.setEnabled(run is not None and run.best is not None)
        self.watch.setEnabled(run is not None and (run.under_way or run.folder is not None))
        for action in (self.folder, self.describe):
            action.setEnabled(run is not None and run.folder is not None)
        for action in (self.clone, self.copy, self.save_recipe):
            action.setEnabled(run is not None)
        self.save.setEnabled(curves)
        self.stop_all.setEnabled(any_under_way)
        self.delete.setEnabled(any(can_delete(each) for each in runs))


class RunActions(QObject):
    """Connects the buttons.

    Args:
        buttons: the row of them, which is the parent, too.
        selected: gives the runs that they work on.
    """

    use_model = Signal(object)
    """Put this `Model` on the Draw tab."""
    watch = Signal(object)
    """Show this `RunItem`'s network as it learns."""
    cloned = Signal(object)
    """Put this `Recipe` into the form."""
    resume = Signal(object)
    """Train this `RunItem` on."""
    take_out = Signal(object)
    """This `RunItem` waits for its turn, and shall not."""
    described = Signal(object)
    """The user has named this `RunItem`."""
    deleted = Signal(object)
    """Delete these runs (a list of `RunItem`)."""
    refreshed = Signal(object)
    """The `RunItem` stands otherwise now."""
    message = Signal(str)
    failed = Signal(str)
    """Something could not be done; what, and what to do."""

    def __init__(self, buttons: RunButtons, selected: Callable[[], list[RunItem]]) -> None:
        super().__init__(buttons)
        self._buttons, self._selected = buttons, selected
        for signal, act in (
            (buttons.pause.clicked, lambda: self.pause(self._selected())),
            (buttons.resume.clicked, self._resume),
            (buttons.stop.clicked, lambda: self.stop(self._selected())),
            (buttons.use.clicked, self._use),
            (buttons.watch.clicked, lambda: self._with_one(self.watch.emit)),
            (buttons.folder.triggered, self._open_folder),
            (buttons.describe.triggered, self.describe),
            (buttons.clone.triggered, lambda: self._with_one(lambda r: self.cloned.emit(r.recipe))),
            (buttons.copy.triggered, self._copy),
            (buttons.save_recipe.triggered, self._save_recipe),
            (buttons.delete.triggered, self.delete),
        ):
            signal.connect(act)

    def _one(self) -> RunItem | None:
        """The run that is selected alone."""
        runs = self._selected()
        return runs[0] if len(runs) == 1 else None

    def _with_one(self, do: Callable[[RunItem], object]) -> None:
        run = self._one()
        if run is not None:
            do(run)

    def pause(self, runs: list[RunItem]) -> None:
        """Pause those that train."""
        for run in runs:
            if run.thread is not None and run.state in _CAN_PAUSE:
                run.thread.pause()
                run.state = RowState.PAUSED
                self.refreshed.emit(run)

    def _resume(self) -> None:
        for run in self._selected():
            if run.state is RowState.PAUSED and run.thread is not None:
                run.thread.resume()
                run.state = RowState.TRAINING if run.folder else RowState.WAITING
                self.refreshed.emit(run)
            elif run.resumable:
                self.resume.emit(run)

    def stop(self, runs: list[RunItem]) -> None:
        """Stop those that train, and take those out that wait for their turn."""
        for run in sorted(runs, key=lambda run: run.state is not RowState.QUEUED):
            if run.state is RowState.QUEUED:
                self.take_out.emit(run)
            elif run.thread is not None and run.in_thread:
                run.thread.stop()
                run.state = RowState.STOPPING
                self.refreshed.emit(run)

    def describe(self) -> None:
        """Have the selected run named, if it has a folder to keep the name in."""
        run = self._one()
        if run is None or run.folder is None:
            return
        folder, plain = run.folder, run.title if not run.notes.title else ""

        def show(notes: Notes) -> None:
            run.notes = notes
            self.described.emit(run)

        def write(notes: Notes) -> None:
            BackgroundTask.begin(
                lambda: write_notes(folder, notes), show, self.failed.emit, context=self
            )

        dialog = NotesDialog(self._buttons, run.notes, plain)
        dialog.taken.connect(write)
        dialog.open()

    def delete(self) -> None:
        """Delete those of the selected runs that nobody trains."""
        runs = [run for run in self._selected() if can_delete(run)]
        if runs:
            self.deleted.emit(runs)

    def _use(self) -> None:
        run = self._one()
        if run is None or run.folder is None:
            return
        path, title = run.folder / "best.safetensors", run.title

        def load() -> Model:
            return dataclasses.replace(model.load(path), name=title)

        BackgroundTask.begin(load, self.use_model, self.failed, context=self)

    def _open_folder(self) -> None:
        run = self._one()
        if run is None or run.folder is None:
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder))):
            text = _("No program here opens folders. The run's files are in {folder}")
            self.failed.emit(text.format(folder=run.folder))

    def _copy(self) -> None:
        run = self._one()
        if run is not None:
            copy_text(run.recipe)
            text = _("The recipe of {run} is on the clipboard, as text to hand on")
            self.message.emit(text.format(run=run.title))

    def _save_recipe(self) -> None:
        run = self._one()
        if run is not None:
            ask_where_to_save_recipe(self._buttons, run.recipe, self.message)


def ask_about_twin(
    parent: QWidget,
    twin: str,
    state: str,
    with_other_seed: Callable[[], object],
    start: Callable[[], object],
) -> QMessageBox:
    """Before a run that another one equals.

    Args:
        parent: the window part that asks.
        twin: the other run's title.
        state: the other run's, in words.
        with_other_seed: what to do to have another network.
        start: what to do to have the same one again.
    """
    return ask(
        parent,
        "twin_question",
        _("Train the same recipe again?"),
        _(
            "The run {run} ({state}) has the same recipe and the same seed, so it comes to the "
            "same network. With another seed, you see how much results differ by chance."
        ).format(run=twin, state=state),
        {_("Use another seed"): with_other_seed, _("Train the same again"): start},
    )


def ask_to_delete(parent: QWidget, count: int, delete: Callable[[], object]) -> QMessageBox:
    """Before runs are deleted that can't be moved to the trash."""
    return ask(
        parent,
        "delete_question",
        ngettext("Delete {n} run permanently?", "Delete {n} runs permanently?", count).format(
            n=count
        ),
        _("There is no trash where the files are, so this cannot be undone."),
        {_("Delete permanently"): delete},
    )


class NotesDialog(QDialog):
    """Returns at once from `open`; `taken` tells what was written.

    Args:
        parent: the window part that asks.
        notes: what is written now.
        title: the run's, where it has none of the user's.
    """

    taken = Signal(object)
    """The `Notes` that were written."""

    def __init__(self, parent: QWidget, notes: Notes, title: str) -> None:
        super().__init__(parent)
        self.setObjectName("notes_dialog")
        self.setWindowTitle(_("Name and note"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QLineEdit(notes.title)
        self.name.setObjectName("run_name")
        self.name.setAccessibleName(_("Name"))
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.setPlaceholderText(title)
        self.name.selectAll()
        self.note = QPlainTextEdit(notes.note)
        self.note.setObjectName("run_note_text")
        self.note.setAccessibleName(_("Note"))
        self.note.setTabChangesFocus(True)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        form = QFormLayout(self)
        form.addRow(_("&Name"), self.name)
        form.addRow(_("N&ote"), self.note)
        form.addRow(self.buttons)
        resize_for_text(self, 420, 240)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(self._take)

    def _take(self) -> None:
        self.taken.emit(Notes(self.name.text(), self.note.toPlainText()))
