"""Does at random what a user can do, and tells what the window made of it.

    python -m benchmarks.window.monkey --events 2000 --seed 1 [--minutes 60] [--data DIR] [--growth]

Mouse, wheel, keys, menus, tabs, sizes, colors, languages, presentation, the clipboard, and files
that are in order and files that are not; dialogs and questions are answered at random, and up to
two runs train. The window runs in a process of its own, with a home of its own and without a
network. The table has crashes, errors that nobody caught, Qt's warnings, the times for which the
window stopped, and how memory, threads, open files and Qt's objects grew after the first fifth
(at most 2,000 events).
A time is "busy" by the thread's own time on a processor, which another program's work does not
lengthen. The exit status is 1 if it crashed, an error was not caught, or Qt warned. The stacks of
each stop, and all errors, are on standard error; with --growth, what Python's and Qt's objects
grew by. The same seed does the same events, but threads have their own time.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QAction, QGuiApplication, QImage, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QMenu,
    QMessageBox,
    QWidget,
)
from shiboken6 import isValid

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.window.driven_window import Driven, add_inside_option, drive, measure_apart
from benchmarks.window.growth import Growth
from lenet_gui.app.language import CHOICES
from lenet_gui.app.window import Window
from trainer.recipes.catalog import find_recipe

_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Tab),
    *(Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_0, Qt.Key.Key_7, Qt.Key.Key_Z, Qt.Key.Key_V, Qt.Key.Key_C, Qt.Key.Key_F2),
    *(Qt.Key.Key_F1, Qt.Key.Key_F5, Qt.Key.Key_Plus, Qt.Key.Key_Minus),
)
_MOST_RUNS = 2
_MOST_WAITING = 4
_LOOP = 150  # ms
_MOST_WINDOWS = 6  # beside the main one
_LOOKS = 20  # of which each tells what there is by then
_WARM = 2000  # events after which everything was there once
_TURNS: tuple[Callable[[], object], ...] = (
    QApplication.processEvents,
    # Outside of an event loop, Qt would keep what was to be deleted.
    lambda: QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value),
)
"""Of the event loop after an act."""
_SHORT = dataclasses.replace(find_recipe("studio"), dataset="pen", epochs=1)
_STATUS = {"failed": False}


class Monkey(QObject):
    """Does one thing after the other in a window, and in those that take its place.

    Args:
        driven: its windows; its dog is told what is done, and that the loop turns within a drag;
            with its files dialogs are answered.
        seed: of all that it does.
    """

    def __init__(self, driven: Driven, seed: int) -> None:
        super().__init__()
        self.windows, self.random, self.files = driven.windows, random.Random(seed), driven.files
        self.watch(driven.window)
        self._dog = driven.dog
        self._count = 0  # of acts, each one's number while it lasts
        self._acting = 0
        self._top: QWidget = driven.window
        self.acts: tuple[tuple[float, Callable[[], object]], ...] = (
            (30, self.click), (15, self.drag), (15, self.key), (8, self.wheel), (8, self.entry),
            (6, self.tab), (8, self.resize), (2, self.color), (4, self.copy), (4, self.open),
            (3, self.train), (1, self.close), (1, self.present), (0.3, self.language),
        )  # fmt: skip

    @property
    def window(self) -> Window:
        """The one on screen."""
        return self.windows.current

    def watch(self, window: Window) -> None:
        """Let a window stay open until another takes its place."""
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window asks as it would, and stays until there is another one."""
        if event.type() == QEvent.Type.Close and watched is self.window:
            if any(isinstance(top, Window) and top is not watched for top in self._tops()):
                return False
            self.window.closing.may_close()
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def act(self) -> None:
        """One thing; an open dialog is answered first."""
        self._count += 1
        self._acting = number = self._count
        QTimer.singleShot(_LOOP, lambda: self._leave_loop(number))
        try:
            self._act()
        finally:
            self._acting = 0

    def _leave_loop(self, number: int) -> None:
        """What has an event loop of its own must be left: a button's menu, a drag, a warning."""
        if self._acting != number:
            return
        QTimer.singleShot(_LOOP, lambda: self._leave_loop(number))
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None and isValid(popup):
            if self.random.random() < 0.5:
                popup.close()
            else:
                self.click()
        elif isinstance(modal, QDialog) and isValid(modal):  # Qt's own, of a file dialog
            modal.reject()
        else:
            QTest.keyClick(self.window, Qt.Key.Key_Escape)

    def _act(self) -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and isValid(dialog) and self.random.random() < 0.4:
            self._dog.doing = f"answer {dialog.objectName()}"
            self.answer(dialog)
        else:
            weights, acts = zip(*self.acts, strict=True)
            act = self.random.choices(acts, weights)[0]
            self._dog.doing = act.__name__
            act()
        if self.window.closing.in_background:
            self.window.closing.come_back()
        self._limit()

    def _limit(self) -> None:
        """Not more runs and windows than a patient user has."""
        built = self.window.lazy_train.built
        runs = [] if built is None else built.list.runs
        going = [run for run in runs if run.under_way and run.thread is not None]
        for running in going[_MOST_RUNS:]:
            assert running.thread is not None
            running.thread.stop()
        others = [one for one in self._tops() if one is not self.window]
        for other in others[:-_MOST_WINDOWS]:
            other.close()

    def _tops(self) -> list[QWidget]:
        """All windows on screen."""
        tops = [one for one in QApplication.topLevelWidgets() if isValid(one) and one.isVisible()]
        return [one for one in tops if one.windowType() != Qt.WindowType.ToolTip]

    def answer(self, dialog: QDialog) -> None:
        """Any file, or none; any button of another dialog."""
        if isinstance(dialog, QFileDialog):
            if self.random.random() < 0.7:
                self._answer_with_file(dialog)
            accepts = self.random.random() < 0.5
            if isValid(dialog):
                (dialog.accept if accepts else dialog.reject)()
            return
        buttons = [b for b in dialog.findChildren(QAbstractButton) if b.isVisible()]
        # The program would end.
        buttons = [button for button in buttons if button.objectName() != "quit_question_1"]
        if buttons and self.random.random() < 0.8:
            self._dog.doing += f" by {(button := self.random.choice(buttons)).objectName()}"
            button.click()
        elif not isinstance(dialog, QMessageBox):
            dialog.close()

    def _answer_with_file(self, dialog: QFileDialog) -> None:
        path = self.random.choice(self.files)
        if dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave:
            path = path.parent / f"saved-{self.random.randrange(5)}"
        if dialog.fileMode() is QFileDialog.FileMode.ExistingFiles:
            dialog.filesSelected.emit([str(path), str(self.random.choice(self.files))])
        else:
            dialog.fileSelected.emit(str(path))

    def _place(self) -> tuple[QWidget, QPoint]:
        """Any visible widget of a window that takes events, and a place in it."""
        tops: list[QWidget | None] = [QApplication.activePopupWidget()]
        tops.append(QApplication.activeModalWidget())
        if self.random.random() < 0.3:
            tops.append(self.random.choice(self._tops()))
        # PySide6 may hand out a popup that was there before, at the same address.
        top = next((one for one in tops if one is not None and isValid(one)), self.window)
        size = top.size()
        at = QPoint(
            self.random.randrange(max(1, size.width())),
            self.random.randrange(max(1, size.height())),
        )
        self._top = top  # a child's Python object ends with the one of its popup
        child = top.childAt(at)
        if child is None or not isValid(child):
            child = top
        self._dog.doing += f" {type(child).__name__} {child.objectName()}"
        return child, child.mapFrom(top, at) if child is not top else at

    def click(self) -> None:
        """Once or twice, with any button."""
        widget, at = self._place()
        button = self.random.choice((*(Qt.MouseButton.LeftButton,) * 4, Qt.MouseButton.RightButton))
        twice = self.random.random() < 0.1
        (QTest.mouseDClick if twice else QTest.mouseClick)(widget, button, self._modifier(), at)

    def _modifier(self) -> Qt.KeyboardModifier:
        held = Qt.KeyboardModifier.ControlModifier
        return held if self.random.random() < 0.2 else Qt.KeyboardModifier.NoModifier

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
                QApplication.processEvents()
                self._dog.beat()
        if isValid(widget):
            QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, at)

    def key(self) -> None:
        """To whatever has the focus."""
        focus = QApplication.focusWidget()
        target = focus if focus is not None and isValid(focus) else self.window
        pressed, modifier = self.random.choice(_KEYS), self._modifier()
        self._dog.doing += f" {modifier.name} {pressed.name} {type(target).__name__}"
        QTest.keyClick(target, pressed, modifier)

    def wheel(self) -> None:
        """A notch."""
        widget, at = self._place()
        turn = QPoint(0, self.random.choice((-120, 120)))
        event = QWheelEvent(
            QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), turn,
            Qt.MouseButton.NoButton, self._modifier(),
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def entry(self) -> None:
        """Any entry of the menus and of those within them, opened as a user opens them."""
        entries: list[QAction] = []
        menus = self.window.menuBar().findChildren(QMenu)
        for menu in menus:
            menu.aboutToShow.emit()
            entries += [entry for entry in menu.actions() if entry.isEnabled()]
        entries = [e for e in entries if e.text() and not e.objectName().startswith("language_")]
        chosen = self.random.choice(entries)
        self._dog.doing += f" {chosen.text()}"
        chosen.trigger()

    def tab(self) -> None:
        """Any tab, or any panel of Inspect."""
        number = self.random.randrange(self.window.tabs.count())
        self._dog.doing += f" {number}"
        self.window.tabs.setCurrentIndex(number)
        if self.random.random() < 0.5:
            panels = self.window.inspect.panels
            panels.setCurrentIndex(self.random.randrange(panels.count()))

    def resize(self) -> None:
        """Any size."""
        self.window.resize(self.random.randint(480, 1800), self.random.randint(320, 1100))

    def color(self) -> None:
        """Light or dark."""
        self.window.set_scheme(self.random.choice(("light", "dark", "system")))

    def present(self) -> None:
        """As F5 does."""
        self.window.presentation.toggle()

    def language(self) -> None:
        """A window in another language takes this one's place."""
        self.windows.show_in(self.random.choice(CHOICES))

    def close(self) -> None:
        """As the window's frame does."""
        self.window.close()

    def train(self) -> None:
        """Put a short run into the queue, or let another number train at once."""
        train = self.window.train
        if self.random.random() < 0.3:
            train.train_at_once(self.random.randint(1, 3))
        elif len(train.runs_under_way()) < _MOST_WAITING:
            train.start(_SHORT)

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
        """A file, as a network, a picture, a page, a drawing, a recipe, or data."""
        path, window = self.random.choice(self.files), self.window
        takers: tuple[Callable[[Path], object], ...] = (
            window.model_files.load, window.model_files.import_file,
            window.draw.pictures.take_file, window.open_drawing_file, window.open_recipe,
            lambda path: window.draw.pictures.several_found.emit([path]),
            lambda path: window.train.form.numbers.own_data.read(path),
            lambda path: window.evaluate.panel.own_data.read(path),
        )  # fmt: skip
        number = self.random.randrange(len(takers))
        self._dog.doing += f" {path.name} {number}"
        takers[number](path)


def perform(options: argparse.Namespace, keep: Callable[[Tells], None]) -> None:
    """All events, in this process; what came of them is kept now and then, and in the end."""
    until = time.monotonic() + 60 * (options.minutes or float("inf"))
    every = max(1, options.events // _LOOKS)
    before: Growth | None = None
    levels: list[Row] = []
    with drive(options.data) as driven:
        monkey = Monkey(driven, options.seed)
        driven.listeners.append(monkey.watch)

        def look(events: int) -> Growth:
            now = Growth(options.growth)
            levels.append({"events": events, **now.row()})
            since = now.since(before or now)
            keep(({"events": events, **driven.troubles.row(), **since}, levels))
            if options.growth:
                print(f"{events} events: {now}", file=sys.stderr)
            driven.dog.forgive()
            return now

        done = 0
        while done < options.events and time.monotonic() < until:
            if done % every == 0:
                look(done)
            if done == min(options.events // 5, _WARM):
                before = Growth(options.growth)
                driven.dog.forgive()
            try:
                monkey.act()
            except Exception as error:
                driven.troubles.uncaught(type(error), error, error.__traceback__)
            for turn in _TURNS:
                driven.dog.beat()
                turn()
            driven.dog.beat()
            done += 1
        driven.calm()
        after = look(done)
        if options.growth and before is not None:
            after.tell_since(before)
        driven.window.removeEventFilter(monkey)


Tells = tuple[Row, list[Row]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--minutes", type=float, help="end after so many, if not before")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, metavar="DIR", help="datasets; none by default")
    parser.add_argument("--growth", action="store_true", help="tell which objects came")
    add_inside_option(parser)


def measure(options: argparse.Namespace) -> Tables:
    """A monkey in a process of its own."""
    status, told = measure_apart("benchmarks.window.monkey", options, perform)
    row, levels = told or ({"events": 0}, [])
    _STATUS["failed"] = bool(status or row.get("errors") or row.get("warnings"))
    whole: Row = {"events": row.pop("events"), "seed": options.seed, "crashes": int(status != 0)}
    tables = {
        "monkey": Table(
            dict.fromkeys(_SECONDS, "s") | {"memory": "MB", "allocated": "MB"}, [whole | row]
        )
    }
    if levels:
        tables["levels"] = Table({"memory": "MB", "allocated": "MB"}, levels)
    return tables


_SECONDS = ("longest", "longest_busy")

if __name__ == "__main__":
    run(__doc__, measure, add_options)
    sys.exit(int(_STATUS["failed"]))
