"""From the command line's wishes to a window on screen, to its picture, and to its end."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QIcon, QImageReader
from PySide6.QtWidgets import QApplication

from lenet_gui import help as help_
from lenet_gui.app.language import Language, Windows, chosen
from lenet_gui.app.opening import open_drawing
from lenet_gui.app.qt_workarounds import GarbageCollector
from lenet_gui.app.self_test import SelfTest
from lenet_gui.app.session import FIRST_SIZE, TABS, Settings
from lenet_gui.app.window import Window
from lenet_gui.desktop import APP_ID, WINDOWS_APP_ID
from lenet_gui.desktop.crash_log import CrashLog
from lenet_gui.widgets import theme
from lenet_gui.workers.serial import BackgroundTask, LongTask
from trainer import files
from trainer.recipes.recipe import DATASETS
from trainer.runtime.preloading import begin_preloading
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.runs.listing import PastRun


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
        window.once_imported(lambda: self._listen(window))

    def _listen(self, window: Window) -> None:
        """Wait for what the tab that is seen will show."""
        seen = TABS[window.tabs.currentIndex()]
        if seen == "train":
            window.train.curves.painted.connect(self._wait)
            window.train.disk.listed.connect(lambda: self._wait_without_runs(window))
        elif seen == "evaluate":
            window.evaluate.evaluated.connect(self._wait)
            window.evaluate.failed.connect(self.refuse)
        else:
            window.reader.done.connect(self._wait)

    def _wait_without_runs(self, window: Window) -> None:
        if not window.train.list.runs:  # else their curves are waited for
            self._wait()

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
            self.refuse(_("{path} cannot be written").format(path=self._path))

    def refuse(self, problem: str) -> None:
        """No picture can be made: say why and end."""
        self._quiet.stop()
        self._late.stop()
        print(f"lenet-gui: {problem}", file=sys.stderr)
        self.status = 2
        self._window.close()


class FirstPicture(QObject):
    """Lets nothing else begin before the window is on screen.

    Args:
        window: about to be painted for the first time.
        then: called after it, or a second later where nobody sees the window.
    """

    _MOST = 1000  # ms

    def __init__(self, window: Window, then: Callable[[], object]) -> None:
        super().__init__(window)
        self._then: Callable[[], object] | None = then
        window.installEventFilter(self)
        QTimer.singleShot(self._MOST, self._begin)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is painted, and its parts with it."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(1, self._begin)  # its parts, too, and what they ask for
        return False

    def _begin(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()


def _make_application() -> QApplication:
    """Qt's application, with the names and the icon by which desktops know it."""
    if sys.platform == "win32":  # else the taskbar shows Python's
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(WINDOWS_APP_ID)
    app = theme.make_application(sys.argv[0])
    # Each point that the mouse reports is part of the stroke. Not before the line
    # above: on X11, Qt sets this attribute itself when the application is made.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    app.setApplicationName("lenet-studio")
    app.setApplicationDisplayName("LeNet Studio")
    app.setDesktopFileName(APP_ID)  # by which Wayland finds the icon
    app.setWindowIcon(QIcon(str(files.asset("icon.svg"))))
    return app


def run(options: argparse.Namespace) -> int:
    """Show the window until it is closed; returns the exit status."""
    began = time.monotonic()
    app = _make_application()
    log = CrashLog(files.log_folder())
    # A picture for README must not depend on what its maker last did with the window.
    settings = None if options.screenshot or options.self_test else Settings()
    remembered = settings.text("scheme", "system", ("system", "light", "dark")) if settings else ""
    scheme = options.style or remembered or "light"
    theme.apply(app, scheme)
    collecting = GarbageCollector()
    if options.gallery:
        gallery = help_.gallery.WidgetGallery()
        gallery.show()
        return app.exec()
    language = Language(app)
    language.use(chosen(settings))
    if _first_tab(options, settings) == "draw":  # it needs no library that is not there already
        _begin_preloading()
    window = Window(options.data, options.runs, settings, scheme, options.my_digits)
    windows = Windows(window, language, lambda new: new.reader.moved.connect(log.note_device))
    window.reader.moved.connect(log.note_device)
    if options.size or options.screenshot:  # whose size must not depend on the screen
        window.resize(*(options.size or FIRST_SIZE.toTuple()))
    if options.evaluate and ("+" in options.evaluate or options.evaluate not in DATASETS):
        print(
            _("lenet-gui: there is no dataset {evaluate!r} to test on").format(
                evaluate=options.evaluate
            ),
            file=sys.stderr,
        )
        return 2
    if options.tab or options.evaluate:
        window.tabs.setCurrentIndex(TABS.index(_first_tab(options, settings)))
    window.show()
    shot: Screenshot | SelfTest | None = None
    if options.self_test:
        shot = SelfTest(window, began)
    elif options.screenshot:
        shot = Screenshot(window, options.screenshot)
    FirstPicture(window, lambda: _begin(window, options, shot, language.problem))
    _close_on_signals(app, windows)
    status = app.exec()
    if shot is not None:
        status = shot.status
    collecting.end()
    log.end()
    _leave(windows, status)
    return status


def _close_on_signals(app: QApplication, windows: Windows) -> None:
    """Ctrl-C, or a request to end, closes the window as its button does."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    hangup = getattr(signal, "SIGHUP", None)  # of a terminal that closes
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # as by nohup
        numbers.append(hangup)
    for number in numbers:
        signal.signal(number, lambda *_: windows.current.closing.close_now())
    ticker = QTimer(app)  # lets Python see such signals while Qt waits
    ticker.start(200)
    ticker.timeout.connect(lambda: None)


def _begin_preloading() -> None:
    """Load PyTorch's libraries meanwhile.

    Nothing until the first picture may then need the loader's lock, as whatever moves does, the
    first time, and the first SVG picture of the style sheet, whose reader is a library.
    """
    QVariantAnimation().start()
    QImageReader(str(files.asset("icons/combo-arrow.svg"))).canRead()
    begin_preloading()


def _first_tab(options: argparse.Namespace, settings: Settings | None) -> str:
    """The tab that the window opens with."""
    if options.tab or options.evaluate:
        return options.tab or "evaluate"
    return settings.text("tab", "draw", TABS) if settings else "draw"


def _begin(
    window: Window, options: argparse.Namespace, shot: Screenshot | SelfTest | None, problem: str
) -> None:
    window.start(show_newest_runs=shot is not None, restore_network=options.model is None)
    refused = shot.refuse if shot else window.tell
    if problem:
        window.tell(problem)
    if options.model:
        window.model_files.load(options.model, refused)
    if options.strokes:
        open_drawing(window.draw.canvas, options.strokes, refused)
    if options.unit:
        window.once_imported(lambda: window.inspect.choose_called(options.unit))
    if options.picture:
        window.draw.pictures.take_file(options.picture, refused)
    if options.recipe:
        window.open_recipe(options.recipe)
    if options.watch:
        _watch(window, options.watch, refused)
    if options.evaluate:
        window.once_imported(lambda: window.evaluate.panel.choose_dataset(options.evaluate))
        window.reader.loaded.connect(lambda: window.evaluate.start())


def _watch(window: Window, folder: Path, refused: Callable[[str], None]) -> None:
    """A run's network, read in the background."""

    def show(past: PastRun) -> None:
        window.train.list.add_past([past])
        window.watch_run(next(run for run in window.train.list.runs if run.folder == past.folder))

    def read() -> PastRun:
        # In the thread: the window opens sooner.
        from trainer.runs.listing import read_run

        return read_run(folder)

    def show_later(past: PastRun) -> None:
        window.once_imported(lambda: show(past))

    BackgroundTask.begin(read, show_later, refused, context=window)


def _leave(windows: Windows, status: int) -> None:
    """End now if a thread can't be stopped, in `import torch` say, or on a dead network."""
    ending = [thread for window in windows.all for thread in window.ending]
    if any(thread.isRunning() for thread in (*ending, *LongTask.running())):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # as under pythonw, or where it was closed
                with contextlib.suppress(OSError):  # it is full
                    stream.flush()
        os._exit(status)
