"""A window that a program uses, as a process of its own: its troubles, its files, its end.

What drives it runs in a process with a home of its own and without a network; `measure_apart`
starts that, `drive` opens the window in it, and `Troubles` counts what nobody caught.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import isValid

from benchmarks.measurement import Row
from benchmarks.window.monkey_files import make_files
from benchmarks.window.opened_window import opened_window, wait
from benchmarks.window.watchdog import Watchdog
from lenet_gui.app.language import Language, Windows
from lenet_gui.app.window import Window
from trainer.files import write_whole

_IGNORED = ("This plugin does not support",)


class Troubles:
    """Counts errors that nobody caught and Qt's warnings, and tells them on standard error.

    Args:
        dog: knows what is done.
    """

    def __init__(self, dog: Watchdog) -> None:
        self.errors = self.warnings = 0
        self._dog = dog
        sys.excepthook = self.uncaught
        threading.excepthook = lambda told: self.uncaught(
            told.exc_type, told.exc_value, told.exc_traceback
        )
        qInstallMessageHandler(self._note)

    def uncaught(self, *error: object) -> None:
        """An exception got as far as this."""
        self.errors += 1
        print(f"Not caught, at {self._dog.doing}:", file=sys.stderr)
        traceback.print_exception(*error)  # type: ignore[call-overload]

    def _note(self, kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not text.startswith(_IGNORED):
            self.warnings += 1
            print(f"Qt at {self._dog.doing}: {text}", file=sys.stderr)

    def row(self) -> Row:
        """The table's columns: these, and the stops that the dog has seen."""
        dog = self._dog
        return {
            "warnings": self.warnings, "errors": self.errors, "stops": dog.stops,
            "busy_stops": dog.busy_stops, "longest": round(dog.longest, 3),
            "longest_busy": round(dog.longest_busy, 3),
        }  # fmt: skip


@dataclass(slots=True)
class Driven:
    """What a driver has at hand."""

    windows: Windows
    dog: Watchdog
    troubles: Troubles
    files: list[Path]
    """As `monkey_files` makes them."""
    listeners: list[Callable[[Window], object]] = field(default_factory=list)
    """Called with each window that takes the place of another one."""

    @property
    def window(self) -> Window:
        """The one on screen."""
        return self.windows.current

    def calm(self) -> None:
        """Close the dialogs, and wait for what they leave."""
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QDialog) and isValid(top) and top.isVisible():
                top.close()
        wait(1)
        self.dog.forgive()


@contextmanager
def drive(data: Path | None) -> Iterator[Driven]:
    """A window on screen, in a process that has none yet; closed in the end.

    Args:
        data: where datasets are; a folder without any if None.
    """
    dog = Watchdog()
    troubles = Troubles(dog)
    QDesktopServices.openUrl = lambda _url: False  # type: ignore[method-assign]
    folder = Path.home() / "files"
    folder.mkdir()
    with opened_window(data) as window:
        language = Language(QApplication.instance())  # type: ignore[arg-type]
        listeners: list[Callable[[Window], object]] = []
        windows = Windows(window, language, lambda new: [each(new) for each in listeners])
        driven = Driven(windows, dog, troubles, make_files(folder), listeners)
        window.show()
        window.start()
        wait(3)
        with dog:
            yield driven
        qInstallMessageHandler(None)
        driven.window.closing.close_now()
        for thread in (thread for each in windows.all for thread in each.ending):
            thread.wait()


def add_inside_option(parser: argparse.ArgumentParser) -> None:
    """The option by which `measure_apart` starts the module again."""
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)


def measure_apart(
    module: str,
    options: argparse.Namespace,
    perform: Callable[[argparse.Namespace, Callable[[Any], None]], None],
) -> tuple[int, Any]:
    """Have a module's options done in a process of its own.

    Args:
        module: its name; it has `add_inside_option`.
        options: of its command line.
        perform: does them, in that process; is given them and what keeps its figures so far,
            which stay when the process dies.

    Returns:
        the exit status of the process, and the last figures; None if there are none.
    """
    if options.inside is not None:
        perform(options, lambda told: write_whole(options.inside, json.dumps(told).encode()))
        sys.exit(0)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        result = Path(home) / "result.json"
        command = [sys.executable, "-X", "faulthandler", "-m", module, *sys.argv[1:]]
        nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
        homes = {f"XDG_{kind}_HOME": home for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
        ended = subprocess.run(
            [*command, "--inside", str(result)],
            env={**os.environ, **nowhere, **homes, "HOME": home},
            check=False,
        )
        told = json.loads(result.read_text()) if result.is_file() else None
    return ended.returncode, told
