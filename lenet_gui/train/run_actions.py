"""What the buttons and the menu do with the selected run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from lenet_gui.train.recipe_sharing import ask_where_to_save_recipe, copy_text
from lenet_gui.train.run_buttons import RunButtons
from lenet_gui.train.run_model import Run
from lenet_gui.workers.task import Task

if TYPE_CHECKING:
    from trainer.networks.model import Model


class RunActions(QObject):
    """Connects the buttons.

    Args:
        buttons: the row of them, which is the parent, too.
        selected: gives the run that they work on.
    """

    use_model = Signal(object)
    """Put this `Model` on the Draw tab."""
    watch = Signal(object)
    """Show this `Run`'s network as it learns."""
    cloned = Signal(object)
    """Put this `Recipe` into the form."""
    resume = Signal(object)
    """Train this `Run` on."""
    refreshed = Signal(object)
    """The `Run` stands otherwise now."""
    message = Signal(str)

    def __init__(self, buttons: RunButtons, selected: Callable[[], Run | None]) -> None:
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
        if run.state == "paused":
            run.thread.go_on()
            run.state = "training" if run.folder else "waiting"
        else:
            run.thread.pause()
            run.state = "paused"
        self.refreshed.emit(run)

    def _resume(self) -> None:
        run = self._selected()
        if run is not None and run.resumable:
            self.resume.emit(run)

    def _stop(self) -> None:
        run = self._selected()
        if run is not None and run.thread is not None:
            run.thread.stop()
            run.state = "stopping"
            self.refreshed.emit(run)

    def _use(self) -> None:
        run = self._selected()
        if run is None or run.folder is None:
            return
        path, title = run.folder / "best.safetensors", run.title

        def load() -> Model:
            from trainer.networks import model

            return dataclasses.replace(model.load(path), name=title)

        Task.begin(load, self.use_model, self.message)

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
