"""What can be done with the selected run."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from lenet_gui.run_list import Run


class RunButtons(QWidget):
    """A row of buttons; whoever owns it says what they do."""

    def __init__(self) -> None:
        super().__init__()
        self.pause = push_button("Pause", "pause_button", "Pause the selected run")
        self.stop = push_button(
            "Stop", "stop_button", "End the selected run; its best weights are kept"
        )
        self.use = push_button(
            "Use this network", "use_button", "Read drawings with the selected run's best weights"
        )
        self.folder = push_button("Open folder", "folder_button", "Show the selected run's files")
        self.save = push_button(
            "Save curves …", "save_curves_button", "Save the curves as PNG, SVG or CSV"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.pause, self.stop, self.use, self.folder):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.save)

    def show_for(self, run: Run | None, curves: bool) -> None:
        """Enable what can be done with `run`, and saving if there are `curves`."""
        going = run is not None and run.state in ("training", "paused", "waiting")
        paused = run is not None and run.state == "paused"
        self.pause.setText("Go on" if paused else "Pause")
        self.pause.setEnabled(going)
        self.stop.setEnabled(going)
        self.use.setEnabled(run is not None and run.best is not None)
        self.folder.setEnabled(run is not None and run.folder is not None)
        self.save.setEnabled(curves)


def push_button(text: str, name: str, tip: str) -> QPushButton:
    """A button with its names and tooltip."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button
