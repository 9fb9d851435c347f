"""Uses the window as a person does, for an hour, and tells what it holds as time goes by.

    python -m benchmarks.window.soak [--minutes 60] [--every 5] [--seed 1] [--data DIR]

Draws digits with the mouse at a hand's speed, has them read, inspected, corrected and erased; looks
at the tabs and panels; trains short runs, pauses, resumes and watches them; evaluates, opens pages
and files of networks and drawings, asks for files, changes size, colors and language; rests between
any two. The window runs in a process of its own, with a home of its own and without a network. A
row for every five minutes tells what there is: memory, threads, open files, Qt's and Python's
objects. After the first of them all that the window needs was there once, and the figures are to
stay. Memory that the C library keeps for later is given back first. The exit status is 1 after a
crash, an error that nobody caught, or a warning of Qt.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from benchmarks.command import progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.window.driven_window import Driven, add_inside_option, drive, measure_apart
from benchmarks.window.growth import Growth
from benchmarks.window.opened_window import wait, wait_until
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.widgets.theme import ZOOMS
from trainer.drawing.sheet import PAPER, fit_to_sheet
from trainer.handwriting.font import write_digits
from trainer.recipes.catalog import find_recipe

_HAND = 0.016  # seconds between two places of the mouse
_SHORT = dataclasses.replace(find_recipe("studio"), dataset="pen", epochs=1)
_LONGEST_RUN = 240.0  # seconds, after which it is stopped
_NONE = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton
_STATUS = {"failed": False}


class Person:
    """Does one thing after the other, with rests.

    Args:
        driven: the window.
        seed: of all that is done.
    """

    def __init__(self, driven: Driven, seed: int) -> None:
        self.driven, self.random = driven, random.Random(seed)
        self._digits: Iterator[Any] = iter(write_digits(100_000, seed))
        self.acts: tuple[tuple[float, Callable[[], object]], ...] = (
            (30, self.draw), (8, self.look_around), (8, self.inspect), (6, self.correct),
            (4, self.open_file), (3, self.read_page), (3, self.ask_for_a_file),
            (2, self.train), (2, self.evaluate), (3, self.resize), (2, self.color),
            (1, self.zoom), (1, self.language),
        )  # fmt: skip

    @property
    def window(self) -> Any:
        """The one on screen."""
        return self.driven.window

    def act(self) -> None:
        """Do one thing, and rest."""
        weights, acts = zip(*self.acts, strict=True)
        act = self.random.choices(acts, weights)[0]
        self.driven.dog.doing = act.__name__
        act()
        self._rest(0.5, 2.5)

    def _rest(self, least: float, most: float) -> None:
        wait(self.random.uniform(least, most))

    def _show(self, tab: int) -> None:
        """Click a tab."""
        bar = self.window.tabs.tabBar()
        QTest.mouseClick(bar, _LEFT, _NONE, bar.tabRect(tab).center())
        self._rest(0.2, 0.8)

    def _file(self, name: str) -> Any:
        return next(path for path in self.driven.files if path.name == name)

    # Drawing

    def draw(self) -> None:
        """A digit, on the Draw tab; the paper is cleared first, now and then by undoing."""
        self._show(0)
        canvas = self.window.draw.canvas
        canvas.setFocus()
        if canvas.drawing.strokes or canvas.drawing.picture is not None:
            undoes = self.random.random() < 0.3
            key = Qt.Key.Key_Z if undoes else Qt.Key.Key_Delete
            held = Qt.KeyboardModifier.ControlModifier if undoes else _NONE
            QTest.keyClick(canvas, key, held)
            wait(0.2)
        self._write(canvas)
        self._rest(0.5, 1.5)

    def _write(self, canvas: Any) -> None:
        strokes = fit_to_sheet([stroke.tolist() for stroke in next(self._digits).strokes])
        sheet = canvas.sheet()
        scale = sheet.width() / PAPER
        for stroke in strokes:
            places = [QPoint(round(sheet.x() + x * scale), round(sheet.y() + y * scale))
                      for x, y, *_width in stroke]  # fmt: skip
            QTest.mousePress(canvas, _LEFT, _NONE, places[0])
            for place in places[1:]:
                QTest.mouseMove(canvas, place)
                wait(_HAND)
            QTest.mouseRelease(canvas, _LEFT, _NONE, places[-1])
            wait(0.1)

    def inspect(self) -> None:
        """Look at what the network makes of the drawing, and draw on it."""
        self._show(1)
        panels = self.window.inspect.panels
        bar = panels.tabBar()
        for number in self.random.sample(range(panels.count()), 3):
            QTest.mouseClick(bar, _LEFT, _NONE, bar.tabRect(number).center())
            self._rest(0.5, 2.0)
        self._write(self.window.inspect.canvas)

    def correct(self) -> None:
        """Say what the drawing is, which keeps it, and take a kept one back now and then."""
        self._show(0)
        self._write(self.window.draw.canvas)
        self._rest(0.5, 1.0)
        digit = self.random.randrange(10)
        QTest.keyClick(self.window.draw.canvas, Qt.Key(Qt.Key.Key_0 + digit))
        self._rest(0.5, 1.0)
        if self.random.random() < 0.5:
            self._show(4)

    # The other tabs

    def look_around(self) -> None:
        """Every tab for a moment."""
        for number in range(self.window.tabs.count()):
            self._show(number)
            self._rest(0.3, 1.0)

    def train(self) -> None:
        """A short run: watched on the Draw tab, paused, resumed, trained to its end."""
        self._show(2)
        train = self.window.train
        started = train.start(_SHORT)
        self._wait_for(started, (RowState.TRAINING,))
        wait(2)
        if started.state is RowState.TRAINING and self.random.random() < 0.5:
            self._watch(started)
        self._show(2)
        if started.state is RowState.TRAINING:
            train.buttons.pause.click()
            wait(3)
            train.buttons.resume.click()
        self._wait_for(started, ())
        self._rest(1, 3)
        if started.state is RowState.FINISHED and self.random.random() < 0.5:
            train.buttons.use.click()
            self._rest(0.5, 1)

    def _watch(self, started: RunItem) -> None:
        self.window.train.buttons.watch.click()
        self._write(self.window.draw.canvas)
        wait(2)
        self.window.watching.stop()

    def _wait_for(self, started: RunItem, states: tuple[RowState, ...]) -> None:
        until = time.monotonic() + _LONGEST_RUN
        wait_until(
            lambda: started.state in states or not started.under_way or time.monotonic() > until
        )
        if started.under_way and time.monotonic() > until and started.thread is not None:
            started.thread.stop()

    def evaluate(self) -> None:
        """The network on show, on the built-in digits."""
        self._show(3)
        evaluate = self.window.evaluate
        evaluate.panel.choose_dataset("pen")
        evaluate.panel.evaluate.click()
        until = time.monotonic() + _LONGEST_RUN
        wait_until(lambda: evaluate.panel.evaluate.isEnabled() or time.monotonic() > until)
        self._rest(1, 3)

    # Files, dialogs, the window itself

    def open_file(self) -> None:
        """A network, a drawing, a picture, or a recipe."""
        window = self.window
        takers: tuple[tuple[str, Callable[[Any], object]], ...] = (
            ("model.safetensors", window.model_files.load),
            ("seven.json", window.open_drawing_file),
            ("gray.png", window.draw.pictures.take_file),
            ("recipe.json", window.open_recipe),
        )
        name, take = self.random.choice(takers)
        take(self._file(name))
        self._rest(1, 2)

    def read_page(self) -> None:
        """A picture of several digits, in its window."""
        self.window.draw.pictures.several_found.emit([self._file("page.png")])
        self._rest(3, 6)
        self._close_dialogs()

    def ask_for_a_file(self) -> None:
        """Open a dialog and think better of it: of a file, or of an import."""
        if self.random.random() < 0.5:
            self.window.model_files.ask_what_to_open()
        else:
            self.window.model_files.import_file(self._file("foreign.pt"))
        self._rest(1, 3)
        self._close_dialogs()

    def _close_dialogs(self) -> None:
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QFileDialog):
                top.reject()
            elif isinstance(top, QDialog) and top.isVisible():
                top.close()

    def resize(self) -> None:
        """Another size."""
        window: QWidget = self.window
        window.resize(self.random.randint(800, 1600), self.random.randint(480, 1000))

    def color(self) -> None:
        """Light or dark."""
        self.window.set_scheme(self.random.choice(("light", "dark")))

    def zoom(self) -> None:
        """Larger or smaller text, and back."""
        self.window.zoom.set_percent(self.random.choice(ZOOMS))
        self._rest(1, 2)
        self.window.zoom.set_percent(100)

    def language(self) -> None:
        """The other language."""
        self.driven.windows.show_in(self.random.choice(("en", "zh_CN")))
        self._rest(1, 2)


def perform(options: argparse.Namespace, keep: Callable[[list[Row]], None]) -> None:
    """All of the time, in this process; the rows so far are kept with each."""
    rows: list[Row] = []
    with drive(options.data) as driven:
        person = Person(driven, options.seed)
        began = time.monotonic()
        acts = 0

        def look(minute: float) -> None:
            driven.calm()
            told = driven.troubles.row()
            rows.append({"minute": round(minute, 1), "acts": acts, **Growth().row(), **told})
            keep(rows)
            progress(str(rows[-1]))
            driven.dog.forgive()

        wanted = [n * options.every for n in range(1, int(options.minutes / options.every) + 1)]
        for minute in wanted:
            while time.monotonic() - began < 60 * minute:
                try:
                    person.act()
                except Exception as error:
                    driven.troubles.uncaught(type(error), error, error.__traceback__)
                acts += 1
            look(minute)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--minutes", type=float, default=60, help="in all [60]")
    parser.add_argument("--every", type=float, default=5, help="minutes for each row [5]")
    parser.add_argument("--seed", type=int, default=1, help="of what is done [1]")
    parser.add_argument("--data", metavar="DIR", help="datasets; none by default")
    add_inside_option(parser)


def measure(options: argparse.Namespace) -> Tables:
    """A person in a process of its own."""
    status, rows = measure_apart("benchmarks.window.soak", options, perform)
    last = rows[-1] if rows else {}
    _STATUS["failed"] = bool(status or last.get("errors") or last.get("warnings"))
    end: Row = {"ended": status, "crashes": int(status != 0)}
    tables = {"end": Table({}, [end])}
    if rows:
        units = {
            "minute": "min",
            "memory": "MB",
            "allocated": "MB",
            "longest": "s",
            "longest_busy": "s",
        }
        tables["levels"] = Table(units, rows)
    return tables


if __name__ == "__main__":
    run(__doc__, measure, add_options)
    sys.exit(int(_STATUS["failed"]))
