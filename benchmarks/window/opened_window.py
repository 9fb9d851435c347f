"""The window as the program opens it, for the benchmarks that drive it."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from lenet_gui.app.qt_workarounds import GarbageCollector, remove_import_hook
from lenet_gui.app.window import Window
from lenet_gui.widgets.theme import apply
from trainer.recipes.catalog import find_recipe
from trainer.runtime.memory import limit_arenas

ENDLESS = dataclasses.replace(find_recipe("studio"), dataset="pen", epochs=1000)
"""A recipe whose runs outlast every benchmark."""


@contextmanager
def opened_window(data: Path | None = None) -> Iterator[Window]:
    """A window that is not shown yet, with no runs and no digits of its own; closed at the end.

    Args:
        data: where datasets are; a folder without any if None.
    """
    limit_arenas()
    remove_import_hook()
    sys.setswitchinterval(0.001)
    app = QApplication([])
    apply(app, "light")
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        window = Window(data or runs, runs, my_digits=runs / "digits")
        collecting = GarbageCollector()
        yield window
        if isValid(window) and window.isVisible():  # else another language took its place
            window.closing.close_now()
        collecting.end()
        for thread in window.ending:  # a run still draws its curves
            thread.wait()


def wait(seconds: float) -> None:
    """Let the window work that long."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window work until the condition holds."""
    loop, timer = QEventLoop(), QTimer()

    def check() -> None:
        if condition():
            loop.quit()

    timer.timeout.connect(check)
    timer.start(20)
    loop.exec()
