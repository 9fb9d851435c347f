"""Datasets downloaded in a thread of its own."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QThread, Signal

from trainer.errors import UserError

_log = logging.getLogger(__name__)
_PROGRESS_EVERY = 0.1  # seconds between two messages to the window


class DownloadThread(QThread):
    """Downloads datasets; ends early, with nothing half-written, when interrupted."""

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    failed = Signal(str)
    completed = Signal()

    def __init__(self, names: list[str], folder: Path) -> None:
        super().__init__()
        self.setObjectName("download")
        self._names, self._folder = names, folder

    def run(self) -> None:
        """The thread."""
        from trainer.data import loading

        told = 0.0
        try:
            for name in self._names:
                with closing(loading.download(name, self._folder)) as download:
                    for progress in download:
                        if self.isInterruptionRequested():
                            return
                        if time.monotonic() - told > _PROGRESS_EVERY:
                            told = time.monotonic()
                            self.progressed.emit(progress)
            self.completed.emit()
        except UserError as error:
            self.failed.emit(str(error))
        except Exception as error:
            _log.exception("download failed")
            self.failed.emit(f"{type(error).__name__}: {error}")
