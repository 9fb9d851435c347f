"""Does at random what a user can do, and tells what the window made of it.

    python -m benchmarks.window.monkey --events 2000 --seed 1

Mouse, wheel, keys, menus, tabs, sizes, colors, the clipboard, files that are in order and files
that are not; dialogs are answered at random. The window runs in a process of its own, with a
home of its own and without a network. The table has crashes, errors that nobody caught, Qt's
warnings, the longest time for which the window stopped, and how memory and open files grew.
The exit status is 1 if it crashed, or an error was not caught. The stacks of each stop, and all
errors, are on standard error; the same seed does the same events, but threads have their own time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget
from shiboken6 import isValid

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.process_memory import resident_memory
from benchmarks.window.opened_window import opened_window, wait
from benchmarks.window.watchdog import Watchdog
from lenet_gui.app.window import Window
from trainer.files import asset
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe

_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Tab),
    *(Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_0, Qt.Key.Key_7, Qt.Key.Key_Z, Qt.Key.Key_V, Qt.Key.Key_C, Qt.Key.Key_F2),
)
_MOST_RUNS = 2
_IGNORED = ("This plugin does not support",)
_STATUS = {"failed": False}


class Monkey(QObject):
    """Does one thing after the other in a window.

    Args:
        window: shown.
        seed: of all that it does.
        folder: with the files that dialogs are answered with.
    """

    def __init__(self, window: Window, seed: int, folder: Path) -> None:
        super().__init__()
        self.window, self.random = window, random.Random(seed)
        self._top: QWidget = window
        self.files = sorted(path for path in folder.iterdir() if path.is_file())
        window.installEventFilter(self)
        self.acts: tuple[tuple[int, Callable[[], object]], ...] = (
            (30, self.click), (15, self.drag), (15, self.key), (8, self.wheel), (6, self.entry),
            (6, self.tab), (8, self.resize), (2, self.color), (4, self.copy), (3, self.open),
        )  # fmt: skip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window stays open."""
        if event.type() == QEvent.Type.Close:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def act(self) -> None:
        """One thing; an open dialog is answered first."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and isValid(dialog) and self.random.random() < 0.5:
            self.answer(dialog)
        else:
            weights, acts = zip(*self.acts, strict=True)
            self.random.choices(acts, weights)[0]()
        going = [run for run in self._runs() if run.under_way and run.thread is not None]
        for running in going[_MOST_RUNS:]:
            running.thread.stop()

    def _runs(self) -> list:  # type: ignore[type-arg]
        built = self.window.lazy_train.built
        return [] if built is None else built.list.runs

    def answer(self, dialog: QDialog) -> None:
        """Any file, or none; any button of another dialog."""
        if isinstance(dialog, QFileDialog) and self.random.random() < 0.7:
            dialog.fileSelected.emit(str(self.random.choice(self.files)))
        accepts = self.random.random() < 0.5
        if isValid(dialog):
            (dialog.accept if accepts else dialog.reject)()

    def _place(self) -> tuple[QWidget, QPoint]:
        """Any visible widget of what is on top, and a place in it."""
        tops = QApplication.activePopupWidget(), QApplication.activeModalWidget(), self.window
        # PySide6 may hand out a popup that was there before, at the same address.
        top = next(one for one in tops if one is not None and isValid(one))
        at = QPoint(self.random.randrange(top.width()), self.random.randrange(top.height()))
        self._top = top  # a child's Python object ends with the one of its popup
        child = top.childAt(at)
        if child is None or not isValid(child):
            child = top
        return child, child.mapFrom(top, at) if child is not top else at

    def click(self) -> None:
        """Once or twice, with any button."""
        widget, at = self._place()
        button = self.random.choice((*(Qt.MouseButton.LeftButton,) * 4, Qt.MouseButton.RightButton))
        modifier = self.random.choice(
            (*(Qt.KeyboardModifier.NoModifier,) * 5, Qt.KeyboardModifier.ControlModifier)
        )
        twice = self.random.random() < 0.1
        (QTest.mouseDClick if twice else QTest.mouseClick)(widget, button, modifier, at)

    def drag(self) -> None:
        """Press, move, release."""
        widget, at = self._place()
        left = self.random.random() < 0.8
        button = Qt.MouseButton.LeftButton if left else Qt.MouseButton.RightButton
        QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, at)
        for _ in range(self.random.randrange(30)):
            at += QPoint(self.random.randint(-20, 20), self.random.randint(-20, 20))
            if isValid(widget):  # the press, or time, may have taken it away
                QTest.mouseMove(widget, at)
        if isValid(widget):
            QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, at)

    def key(self) -> None:
        """To whatever has the focus."""
        modifier = self.random.choice(
            (*(Qt.KeyboardModifier.NoModifier,) * 4, Qt.KeyboardModifier.ControlModifier)
        )
        focus = QApplication.focusWidget()
        there = focus is not None and isValid(focus)
        QTest.keyClick(focus if there else self.window, self.random.choice(_KEYS), modifier)

    def wheel(self) -> None:
        """A notch."""
        widget, at = self._place()
        turn = QPoint(0, self.random.choice((-120, 120)))
        event = QWheelEvent(
            QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), turn,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def entry(self) -> None:
        """Any menu entry."""
        menus = [action.menu() for action in self.window.menuBar().actions()]
        entries = [entry for menu in menus if menu is not None for entry in menu.actions()]
        self.random.choice([entry for entry in entries if entry.isEnabled()]).trigger()

    def tab(self) -> None:
        """Any tab, or any panel of Inspect."""
        self.window.tabs.setCurrentIndex(self.random.randrange(self.window.tabs.count()))
        if self.random.random() < 0.5:
            panels = self.window.inspect.panels
            panels.setCurrentIndex(self.random.randrange(panels.count()))

    def resize(self) -> None:
        """Any size."""
        self.window.resize(self.random.randint(960, 1800), self.random.randint(600, 1100))

    def color(self) -> None:
        """Light or dark."""
        self.window.set_scheme(self.random.choice(("light", "dark", "system")))

    def copy(self) -> None:
        """Something else is on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        text = self.random.choice(("", "<b>a</b>", "{", str(self.random.choice(self.files))))
        image = QImage(self.random.randrange(200), 50, QImage.Format.Format_RGB32)
        acts: tuple[Callable[[], object], ...] = (
            clipboard.clear, lambda: clipboard.setText(text), lambda: clipboard.setImage(image),
            lambda: clipboard.setPixmap(QPixmap()),
        )  # fmt: skip
        self.random.choice(acts)()

    def open(self) -> None:
        """A file, as a network, a picture or a recipe."""
        path, window = self.random.choice(self.files), self.window
        takers = (window.model_files.load, window.draw.pictures.take_file,
                  window.train.panel.share.read)  # fmt: skip
        self.random.choice(takers)(path)


def make_files(folder: Path) -> None:
    """Files of every kind that the window opens, and damaged ones."""
    model = asset("lenet5.safetensors").read_bytes()
    recipe = sharing.text(find_recipe("studio")).encode()
    picture = QImage(80, 60, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.gray)
    picture.save(str(folder / "gray.png"))
    contents = {
        "model.safetensors": model, "cut.safetensors": model[: len(model) // 2],
        "recipe.json": recipe, "odd.json": recipe.replace(b"{", b"[", 1), "empty.png": b"",
        "text.png": b"no picture", "nested.json": b"[" * 20_000,
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def perform(options: argparse.Namespace) -> Row:
    """All events, in this process; returns what came of them."""
    found: Counter[str] = Counter()

    def note(kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not text.startswith(_IGNORED):
            found["warnings"] += 1
            print(f"Qt: {text}", file=sys.stderr)

    def uncaught(*error: object) -> None:
        found["errors"] += 1
        traceback.print_exception(*error)  # type: ignore[call-overload]

    sys.excepthook = uncaught
    qInstallMessageHandler(note)
    QDesktopServices.openUrl = lambda _url: False  # type: ignore[method-assign,assignment]
    folder = Path.home() / "files"
    folder.mkdir()
    make_files(folder)
    with opened_window() as window:
        window.show()
        window.start()
        wait(3)
        monkey = Monkey(window, options.seed, folder)
        with Watchdog() as dog:
            for number in range(options.events):
                if number == options.events // 5:
                    memory, handles = resident_memory(), _open_files()
                monkey.act()
                QApplication.processEvents()
                dog.beat()
        window.removeEventFilter(monkey)
        grown = resident_memory() - memory, _open_files() - handles
    return {
        "warnings": found["warnings"], "errors": found["errors"], "stops": dog.stops,
        "longest_stop": round(dog.longest, 3), "memory": round(grown[0], 1), "files": grown[1],
    }  # fmt: skip


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)


def measure(options: argparse.Namespace) -> Tables:
    """A monkey in a process of its own."""
    if options.inside is not None:
        options.inside.write_text(json.dumps(perform(options)))
        sys.exit(0)
    with tempfile.TemporaryDirectory() as home:
        result = Path(home) / "result.json"
        command = [
            *(sys.executable, "-X", "faulthandler", "-m", "benchmarks.window.monkey"),
            *("--events", str(options.events), "--seed", str(options.seed)),
            *("--inside", str(result)),
        ]
        nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
        homes = {f"XDG_{kind}_HOME": home for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
        ended = subprocess.run(
            command, env={**os.environ, **nowhere, **homes, "HOME": home}, check=False
        )
        told = json.loads(result.read_text()) if result.is_file() else {}
    crashed = not told
    _STATUS["failed"] = crashed or bool(told["errors"])
    columns = ("warnings", "errors", "stops", "longest_stop", "memory", "files")
    row: Row = {"events": options.events, "seed": options.seed, "crashes": int(crashed)}
    row |= {"ended": ended.returncode} | {name: told.get(name) for name in columns}
    return {"monkey": Table({"longest_stop": "s", "memory": "MB"}, [row])}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
    sys.exit(int(_STATUS["failed"]))
