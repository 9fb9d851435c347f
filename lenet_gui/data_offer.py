"""A dataset is not there: what can be done about it, in the window and not in an error box."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from lenet_gui.training_thread import DownloadThread
from trainer.progress import Progress


class DataOffer(QFrame):
    """Offers to download, to choose a folder, or to train on the built-in digits."""

    ready = Signal()
    """The dataset may be there now: try again."""
    folder_chosen = Signal(Path)
    pen_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("data_offer")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._names: list[str] = []
        self._folder = Path()
        self._thread: DownloadThread | None = None  # the one that is shown
        self._threads: set[DownloadThread] = set()  # with those that end after a cancel
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setObjectName("download_progress")
        self.download = self._button("Download", "download_button", self.start)
        self.choose = self._button("Choose folder …", "choose_button", self._choose)
        self.pen = self._button("Train on pen digits", "pen_button", self._pen)
        self.pen.setToolTip("Digits written by code, built in: no download needed")
        self.cancel = self._button("Cancel", "cancel_button", self._cancel)
        buttons = QHBoxLayout()
        for button in (self.download, self.choose, self.pen, self.cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addWidget(self.text)
        whole.addWidget(self.bar)
        whole.addLayout(buttons)
        self.hide()

    def _button(self, text: str, name: str, clicked: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.clicked.connect(clicked)
        return button

    def offer(self, names: list[str], problem: str, folder: Path) -> None:
        """Show what is missing and what can be done."""
        self._names, self._folder = names, folder
        self.text.setText(f"{problem}. It can be downloaded once and is then kept there.")
        self._show_downloading(False)
        self.show()
        self.download.setFocus()

    def start(self) -> None:
        """Download."""
        thread = DownloadThread(self._names, self._folder)
        thread.progressed.connect(self._progress)
        thread.failed.connect(self._failed)
        thread.completed.connect(self._completed)
        thread.finished.connect(lambda: self._threads.discard(thread))
        self._thread = thread
        self._threads.add(thread)
        self.text.setText("Connecting …")
        self.bar.setRange(0, 0)
        self._show_downloading(True)
        thread.start()

    def end(self) -> list[QThread]:
        """Stop downloading; returns the threads, to be waited for."""
        for thread in self._threads:
            thread.requestInterruption()
        return list(self._threads)

    def _show_downloading(self, under_way: bool) -> None:
        self.bar.setVisible(under_way)
        for button in (self.download, self.choose, self.pen):
            button.setVisible(not under_way)

    def _progress(self, progress: Progress) -> None:
        self.text.setText(progress.what.capitalize())
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)

    def _failed(self, problem: str) -> None:
        self.text.setText(problem)
        self._show_downloading(False)

    def _completed(self) -> None:
        self.hide()
        self.ready.emit()

    def _cancel(self) -> None:
        if self._thread is not None and self._thread.isRunning():
            # It may hang on the network for some seconds more: it is not listened to.
            self._thread.disconnect(self)
            self._thread.requestInterruption()
            self._thread = None
            self.text.setText("Cancelled; nothing half-downloaded was left. Try again?")
            self._show_downloading(False)
        else:
            self.hide()

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder that holds the dataset's files")
        if folder:
            self.hide()
            self.folder_chosen.emit(Path(folder))

    def _pen(self) -> None:
        self.hide()
        self.pen_chosen.emit()
