"""The window as the program opens it, for the benchmarks that drive it."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lenet_gui.app import import_hook  # isort: skip  before PySide6, as the program does it

from PySide6.QtWidgets import QApplication

from lenet_gui.app.garbage_collector import Collecting
from lenet_gui.app.window import Window
from lenet_gui.widgets import theme
from trainer.recipes.catalog import named

ENDLESS = dataclasses.replace(named("studio"), dataset="pen", epochs=1000)
"""A recipe whose runs outlast every benchmark."""


@contextmanager
def opened_window(data: Path | None = None) -> Iterator[Window]:
    """A window that is not shown yet, with no runs and no digits of its own; closed at the end.

    Args:
        data: where datasets are; a folder without any if None.
    """
    import_hook.restore()
    sys.setswitchinterval(0.001)
    app = QApplication([])
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        window = Window(data or runs, runs, my_digits=runs / "digits")
        collecting = Collecting(window)
        yield window
        if window.isVisible():
            window.close()
        collecting.end()
        for thread in window.ending:  # a run still draws its curves
            thread.wait()
