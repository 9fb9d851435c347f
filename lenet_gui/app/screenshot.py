"""The window's picture, saved once it shows what it will."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from lenet_gui.app.window import Window


class Screenshot(QObject):
    """Saves the window's picture once it shows what it will, then closes it."""

    _MOST_SECONDS = 60

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__()
        self._window, self._path = window, path
        self.status = 1
        self._quiet = QTimer(self)  # runs out when nothing new came for a while
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._take)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._take)
        self._late.start(self._MOST_SECONDS * 1000)
        if window.tabs.currentWidget() is window.train:
            window.train.curves.painted.connect(self._wait)
            window.reader.moved.connect(self._wait)
        elif window.tabs.currentWidget() is window.evaluate:
            window.evaluate.evaluated.connect(self._wait)
            window.evaluate.failed.connect(self.refuse)
        else:
            window.reader.done.connect(self._wait)

    def _wait(self) -> None:
        self._quiet.start(700)

    def _take(self) -> None:
        self._quiet.stop()
        self._late.stop()
        self._window.statusBar().clearMessage()
        if self._window.grab().save(str(self._path)):
            self.status = 0
            self._window.close()
        else:
            self.refuse(f"{self._path} cannot be written")

    def refuse(self, problem: str) -> None:
        """No picture can be made: say why and end."""
        self._quiet.stop()
        self._late.stop()
        print(f"lenet-gui: {problem}", file=sys.stderr)
        self.status = 2
        self._window.close()
