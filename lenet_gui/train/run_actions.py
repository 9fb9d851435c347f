"""What the buttons and the menu do with the selected run.

What can be done with the selected run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from lenet_gui.train.recipe_panel import ask_where_to_save_recipe, copy_text
from lenet_gui.train.run_model import RowState, RunItem
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.workers.serial import BackgroundTask
from trainer.networks import model
from trainer.networks.model import Model


class RunButtons(QWidget):
    """A row of buttons; whoever owns it says what they do. What is seldom wanted is in a menu."""

    def __init__(self) -> None:
        super().__init__()
        self.pause = make_push_button("Pause", "pause_button", "Pause the selected run")
        self.resume = make_push_button(
            "Resume", "resume_button", "Train the selected run on from where it ended"
        )
        self.stop = make_push_button(
            "Stop", "stop_button", "End the selected run; it can be resumed, and its best "
            "weights are kept"
        )  # fmt: skip
        self.use = make_push_button(
            "Use this network", "use_button", "Read drawings with the selected run's best weights"
        )
        self.watch = make_push_button(
            "Watch", "watch_button", "Show on the Draw tab how the selected run's network learns"
        )
        self.folder = make_push_button(
            "Open folder", "folder_button", "Show the selected run's files"
        )
        self.save = make_push_button(
            "Save curves …", "save_curves_button", "Save the curves as PNG, SVG or CSV"
        )
        self.more = make_push_button("More", "more_button", "What else can be done with the run")
        self.menu = QMenu(self.more)
        self.menu.setToolTipsVisible(True)
        self.clone = self._entry("Clone into the form", "clone_run", "Its recipe, all its numbers")
        self.copy = self._entry("Copy recipe as text", "copy_run", "To hand the run on to others")
        self.save_recipe = self._entry("Save recipe file …", "save_run", "For lenet train --recipe")
        self.more.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (
            self.pause,
            self.resume,
            self.stop,
            self.use,
            self.watch,
            self.folder,
            self.more,
        ):
            row.addWidget(button)
        for button in (self.pause, self.resume, self.stop, self.watch, self.more):
            button.setMinimumWidth(66)  # short texts: in a narrow window, the others need the room
        row.addStretch(1)
        row.addWidget(self.save)

    def _entry(self, text: str, name: str, tip: str) -> QAction:
        action = self.menu.addAction(text)
        action.setObjectName(name)
        action.setToolTip(tip)
        return action

    def show_for(self, run: RunItem | None, curves: bool) -> None:
        """Enable what can be done with `run`, and saving if there are `curves`."""
        going = run is not None and run.state in (
            RowState.TRAINING,
            RowState.PAUSED,
            RowState.WAITING,
        )
        paused = run is not None and run.state is RowState.PAUSED
        ended = run is not None and not run.under_way and run.state is not RowState.FINISHED
        self.pause.setText("Go on" if paused else "Pause")
        self.pause.setEnabled(going)
        self.pause.setVisible(not ended)
        self.resume.setVisible(ended)
        self.resume.setEnabled(run is not None and run.resumable)
        self.stop.setEnabled(going)
        self.use.setEnabled(run is not None and run.best is not None)
        self.watch.setEnabled(run is not None and (run.under_way or run.folder is not None))
        self.folder.setEnabled(run is not None and run.folder is not None)
        self.more.setEnabled(run is not None)
        self.save.setEnabled(curves)


class RunActions(QObject):
    """Connects the buttons.

    Args:
        buttons: the row of them, which is the parent, too.
        selected: gives the run that they work on.
    """

    use_model = Signal(object)
    """Put this `Model` on the Draw tab."""
    watch = Signal(object)
    """Show this `RunItem`'s network as it learns."""
    cloned = Signal(object)
    """Put this `Recipe` into the form."""
    resume = Signal(object)
    """Train this `RunItem` on."""
    refreshed = Signal(object)
    """The `RunItem` stands otherwise now."""
    message = Signal(str)

    def __init__(self, buttons: RunButtons, selected: Callable[[], RunItem | None]) -> None:
        super().__init__(buttons)
        self._buttons, self._selected = buttons, selected
        for signal, act in (
            (buttons.pause.clicked, self._pause),
            (buttons.resume.clicked, self._resume),
            (buttons.stop.clicked, self._stop),
            (buttons.use.clicked, self._use),
            (buttons.watch.clicked, self._watch),
            (buttons.folder.clicked, self._open_folder),
            (buttons.clone.triggered, self._clone),
            (buttons.copy.triggered, self._copy),
            (buttons.save_recipe.triggered, self._save_recipe),
        ):
            signal.connect(act)

    def _pause(self) -> None:
        run = self._selected()
        if run is None or run.thread is None:
            return
        if run.state is RowState.PAUSED:
            run.thread.resume()
            run.state = RowState.TRAINING if run.folder else RowState.WAITING
        else:
            run.thread.pause()
            run.state = RowState.PAUSED
        self.refreshed.emit(run)

    def _resume(self) -> None:
        run = self._selected()
        if run is not None and run.resumable:
            self.resume.emit(run)

    def _stop(self) -> None:
        run = self._selected()
        if run is not None and run.thread is not None:
            run.thread.stop()
            run.state = RowState.STOPPING
            self.refreshed.emit(run)

    def _use(self) -> None:
        run = self._selected()
        if run is None or run.folder is None:
            return
        path, title = run.folder / "best.safetensors", run.title

        def load() -> Model:
            return dataclasses.replace(model.load(path), name=title)

        BackgroundTask.begin(load, self.use_model, self.message)

    def _watch(self) -> None:
        run = self._selected()
        if run is not None:
            self.watch.emit(run)

    def _open_folder(self) -> None:
        run = self._selected()
        if run is None or run.folder is None:
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder))):
            self.message.emit(f"Nothing here opens folders; the run's is {run.folder}")

    def _clone(self) -> None:
        run = self._selected()
        if run is not None:
            self.cloned.emit(run.recipe)

    def _copy(self) -> None:
        run = self._selected()
        if run is not None:
            copy_text(run.recipe)
            self.message.emit(f"The recipe of {run.title} is on the clipboard, as text to hand on")

    def _save_recipe(self) -> None:
        run = self._selected()
        if run is not None:
            ask_where_to_save_recipe(self._buttons, run.recipe, self.message)
