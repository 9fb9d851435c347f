"""What can be done with the selected run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

if TYPE_CHECKING:
    from lenet_gui.train.run_model import Run


class RunButtons(QWidget):
    """A row of buttons; whoever owns it says what they do. What is seldom wanted is in a menu."""

    def __init__(self) -> None:
        super().__init__()
        self.pause = push_button("Pause", "pause_button", "Pause the selected run")
        self.resume = push_button(
            "Resume", "resume_button", "Train the selected run on from where it ended"
        )
        self.stop = push_button(
            "Stop", "stop_button", "End the selected run; it can be resumed, and its best "
            "weights are kept"
        )  # fmt: skip
        self.use = push_button(
            "Use this network", "use_button", "Read drawings with the selected run's best weights"
        )
        self.watch = push_button(
            "Watch", "watch_button", "Show on the Draw tab how the selected run's network learns"
        )
        self.folder = push_button("Open folder", "folder_button", "Show the selected run's files")
        self.save = push_button(
            "Save curves …", "save_curves_button", "Save the curves as PNG, SVG or CSV"
        )
        self.more = push_button("More", "more_button", "What else can be done with the run")
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

    def show_for(self, run: Run | None, curves: bool) -> None:
        """Enable what can be done with `run`, and saving if there are `curves`."""
        going = run is not None and run.state in ("training", "paused", "waiting")
        paused = run is not None and run.state == "paused"
        ended = run is not None and not run.under_way and run.state != "finished"
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


def push_button(text: str, name: str, tip: str) -> QPushButton:
    """A button with its names and tooltip."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button
