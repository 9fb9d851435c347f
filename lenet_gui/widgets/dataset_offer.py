"""A dataset is not there: what can be done about it, in the window and not in an error box."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
)

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.file_dialogs import ask_for_folder
from lenet_gui.widgets.labels import Label
from lenet_gui.workers.generator import GeneratorWorker
from lenet_gui.workers.serial import BackgroundTask
from trainer.data import loading
from trainer.progress import Progress


class DatasetOffer(QFrame):
    """Offers to download, to choose a folder, or to train on the built-in digits.

    Args:
        instead: whether training on the built-in digits is an answer.
    """

    ready = Signal()
    """The dataset may be there now: try again."""
    folder_chosen = Signal(Path)
    pen_chosen = Signal()
    dismissed = Signal()
    """None of these: what waits for the dataset need not wait any longer."""

    def __init__(self, instead: bool = True) -> None:
        super().__init__()
        self.setObjectName("data_offer")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._name = ""
        self._pen_answers = instead
        self._folder = Path()
        self._thread: GeneratorWorker | None = None  # the one that is shown
        self._threads: set[GeneratorWorker] = set()  # with those that end after a cancel
        self.text = Label()
        self.text.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setObjectName("download_progress")
        self.download = make_push_button(
            "Download", "download_button", "Fetch the dataset and keep it on this computer"
        )
        self.choose = make_push_button(
            "Choose folder …", "choose_button", "Take the dataset from a folder that holds it"
        )
        self.pen = make_push_button(
            "Train on pen digits", "pen_button", "Digits written by code, built in: no download"
        )
        self.cancel = make_push_button(
            "Cancel", "cancel_button", "Do without it, or stop downloading"
        )
        self._instead = instead
        self._answers = [self.download, self.choose, *([self.pen] if instead else [])]
        self.download.clicked.connect(self.start)
        self.choose.clicked.connect(self._choose)
        self.pen.clicked.connect(self._pen)
        self.cancel.clicked.connect(self._cancel)
        buttons = QHBoxLayout()
        for button in (*self._answers, self.cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addWidget(self.text)
        whole.addWidget(self.bar)
        whole.addLayout(buttons)
        self.hide()

    def offer(self, name: str, problem: str, folder: Path, digits: bool = True) -> None:
        """Show what is missing and what can be done; a download under way goes on.

        Args:
            name: what `loading.download` takes.
            problem: what to say.
            folder: where it is missing, and is downloaded to.
            digits: whether what is to be trained reads digits, so that the built-in ones
                are an answer.
        """
        if self._thread is not None and self._thread.isRunning():
            return
        self._name, self._folder, self._pen_answers = name, folder, self._instead and digits
        size = loading.download_megabytes(name)
        self.text.setText(f"{problem}. It can be downloaded once ({size} MB) and is kept there.")
        self._show_downloading(False)
        self.show()

    def start(self) -> None:
        """Download."""
        name, folder = self._name, self._folder

        def download() -> Generator[Progress, None, None]:
            return loading.download(name, folder)

        thread = GeneratorWorker(download)
        thread.setObjectName("download")
        thread.yielded.connect(self._progress)
        thread.errored.connect(self._failed)
        thread.returned.connect(self._completed)
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
            thread.stop()
        return list(self._threads)

    def _show_downloading(self, under_way: bool) -> None:
        self.bar.setVisible(under_way)
        for button in self._answers:
            button.setVisible(not under_way)
        if not self._pen_answers:
            self.pen.hide()

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
            self._thread.stop()
            self._thread = None
            self.text.setText("Cancelled; nothing half-downloaded was left. Try again?")
            self._show_downloading(False)
        else:
            self.hide()
            self.dismissed.emit()

    def _choose(self) -> None:
        title = "Folder that holds the dataset's files"
        ask_for_folder(self, title, "folder_dialog", self.try_folder)

    def try_folder(self, folder: Path) -> None:
        """Take the dataset from there, if it is there."""
        name = self._name

        def look() -> str:
            return loading.describe_files(name) if loading.list_missing(name, folder) else ""

        def found(wanted: str) -> None:
            if wanted:
                self.text.setText(f"{folder} does not hold the dataset: {wanted}")
            else:
                self.hide()
                self.folder_chosen.emit(folder)

        BackgroundTask.begin(look, found, self.text.setText)

    def _pen(self) -> None:
        self.hide()
        self.pen_chosen.emit()
