"""From the command line's wishes to a window on screen, and to its end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from lenet_gui.app.crash_log import CrashLog
from lenet_gui.app.garbage_collector import GarbageCollector
from lenet_gui.app.screenshot import Screenshot
from lenet_gui.app.session import TABS, Settings
from lenet_gui.app.window import Window
from lenet_gui.widgets import theme
from lenet_gui.workers.serial import BackgroundTask
from trainer import files
from trainer.drawing.sheet import fit_to_sheet
from trainer.runs.listing import read_run
from trainer.runtime.preloading import begin_preloading

if TYPE_CHECKING:
    from trainer.runs.listing import PastRun


def run(given: argparse.Namespace) -> int:
    """Show the window until it is closed; returns the exit status."""
    app = QApplication(sys.argv[:1])
    # Each point that the mouse reports is part of the stroke. Not before the line
    # above: on X11, Qt sets this attribute itself when the application is made.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    app.setApplicationName("lenet-studio")
    app.setApplicationDisplayName("LeNet Studio")
    log = CrashLog(files.log_folder())
    app.setWindowIcon(QIcon(str(files.asset("icon.svg"))))
    # A picture for README must not depend on what its maker last did with the window.
    settings = None if given.screenshot else Settings()
    remembered = settings.text("scheme", "system", ("system", "light", "dark")) if settings else ""
    scheme = given.style or remembered or "light"
    theme.apply(app, scheme)
    collecting = GarbageCollector()
    if _first_tab(given, settings) == "draw":  # it needs no library that is not there already
        # Nor may it need the loader's lock: whatever moves takes that, the first time.
        QVariantAnimation().start()
        begin_preloading()
    window = Window(given.data, given.runs, settings, scheme, given.my_digits)
    window.reader.moved.connect(log.note_device)
    if given.size:
        window.resize(*given.size)
    if given.evaluate and not window.evaluate.panel.choose_dataset(given.evaluate):
        print(f"lenet-gui: there is no dataset {given.evaluate!r} to test on", file=sys.stderr)
        return 2
    if given.tab or given.evaluate:
        window.tabs.setCurrentIndex(TABS.index(_first_tab(given, settings)))
    window.show()
    shot = Screenshot(window, given.screenshot) if given.screenshot else None
    # The first picture is on screen before anything else begins.
    QTimer.singleShot(0, lambda: _begin(window, given, shot))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    ticker = QTimer()  # lets Python see such signals while Qt waits
    ticker.start(200)
    ticker.timeout.connect(lambda: None)
    status = app.exec()
    if shot is not None:
        status = shot.status
    collecting.end()
    log.end()
    _leave(window, status)
    return status


def _first_tab(given: argparse.Namespace, settings: Settings | None) -> str:
    """The tab that the window opens with."""
    if given.tab or given.evaluate:
        return given.tab or "evaluate"
    return settings.text("tab", "draw", TABS) if settings else "draw"


def _begin(window: Window, given: argparse.Namespace, shot: Screenshot | None) -> None:
    window.start(show_newest_runs=shot is not None)
    refused = shot.refuse if shot else window.tell
    if given.model:
        window.model_files.load(given.model, refused)
    if given.strokes:
        _show_drawing(window, given.strokes, refused)
    if given.unit:
        window.inspect.choose_called(given.unit)
    if given.picture:
        window.draw.pictures.take_file(given.picture, refused)
    if given.watch:
        _watch(window, given.watch, refused)
    if given.evaluate:
        window.reader.loaded.connect(window.evaluate.start)


def _show_drawing(window: Window, path: Path, refused: Callable[[str], None]) -> None:
    """The first drawing of a file, read in the background."""

    def read() -> list[list[list[float]]]:
        # Brings numpy and Pillow: not before the window shows.
        from trainer.drawing import stroke_files
        from trainer.drawing.rasterize import StrokesError

        drawings = stroke_files.read_drawings(path)
        if not drawings:
            raise StrokesError(f"{path} holds no drawing")
        return [[list(map(float, point)) for point in stroke] for stroke in drawings[0]]

    BackgroundTask.begin(
        read, lambda strokes: window.draw.canvas.show_strokes(fit_to_sheet(strokes)), refused
    )


def _watch(window: Window, folder: Path, refused: Callable[[str], None]) -> None:
    """A run's network, read in the background."""

    def show(past: PastRun) -> None:
        window.train.list.add_past([past])
        window.watch_run(next(run for run in window.train.list.runs if run.folder == past.folder))

    def read() -> PastRun:
        return read_run(folder)

    BackgroundTask.begin(read, show, refused)


def _leave(window: Window, status: int) -> None:
    """End now if a thread can't be stopped, in `import torch` say, or on a dead network."""
    if any(thread.isRunning() for thread in (*window.ending, *BackgroundTask.running())):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
