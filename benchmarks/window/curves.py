"""What the curves of long runs cost the window's thread.

    python -m benchmarks.window.curves [--runs 10] [--points 100000] [--size 1180x640]

Shows the curves of `--runs` runs, each of `--points` steps and a validation
every thousand steps, and then lets them learn on: ten new steps of each run per
picture. The window's thread's own CPU time, from the new points to the painted
window, for the first picture, a picture with new points, a move of the pointer
over the curves, a notch of the wheel, and a step of the smoothing's slider:
median, 90% and the largest, and the longest turn of the event loop among them, which is how
long the window holds still. Needs a display, or QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable

import torch  # noqa: F401  the window has it before it draws curves: it isn't in their memory
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.process_memory import resident_memory
from lenet_gui.curves.view import Curve, CurvesView
from lenet_gui.widgets.theme import apply
from trainer.curves.spec import style_of
from trainer.recipes.catalog import find_recipe
from trainer.training.history import History

_EPOCH = 1000  # steps
_NEW = 10  # steps of each run from picture to picture


class Learner:
    """A run that learns, with the noise of single batches."""

    def __init__(self, number: int) -> None:
        self.history, self.step = History(), 0
        self._random = random.Random(number)
        self._pace = 1 + number / 5

    def learn(self, steps: int) -> None:
        """So many steps more."""
        for _ in range(steps):
            self.step += 1
            left = math.exp(-self.step * self._pace / 20_000)
            loss = (0.01 + 2.2 * left) * math.exp(self._random.gauss(0, 0.4))
            accuracy = min(1.0, 0.985 - 0.85 * left + self._random.gauss(0, 0.008))
            self._add("train", loss, accuracy)
            if self.step % _EPOCH == 0:
                self._add("validation", 0.02 + 2 * left, 0.98 - 0.8 * left)

    def _add(self, split: str, loss: float, accuracy: float) -> None:
        self.history.add(
            split, self.step / _EPOCH, loss, accuracy,
            step=self.step, seconds=self.step / 200, learning_rate=1e-3,
        )  # fmt: skip


class Watched:
    """The curves in a window of their own; takes the thread's time."""

    def __init__(self, app: QApplication, learners: list[Learner], size: tuple[int, int]) -> None:
        self.app, self.learners = app, learners
        self.view = CurvesView()
        self.view.resize(*size)
        self._drawn = False
        self._longest = 0.0
        self.view.painted.connect(self._take)
        recipe = find_recipe("studio")
        self.curves = tuple(
            Curve(f"run {number}", style_of(number), learner.history, recipe)
            for number, learner in enumerate(learners)
        )

    def seconds(self, act: Callable[[], object]) -> float:
        """The thread's own time until a picture is drawn and painted."""
        self._drawn = False
        began = time.thread_time()
        act()
        while not self._drawn:
            self._turn(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self._turn(QEventLoop.ProcessEventsFlag.AllEvents)  # the painting that it asked for
        return time.thread_time() - began

    def _turn(self, flag: QEventLoop.ProcessEventsFlag) -> None:
        began = time.thread_time()
        self.app.processEvents(flag)
        self._longest = max(self._longest, time.thread_time() - began)

    def take_longest(self) -> float:
        """The longest turn since the last call of this, in seconds."""
        longest, self._longest = self._longest, 0.0
        return longest

    def _take(self) -> None:
        self._drawn = True

    def first(self) -> float:
        """The first picture; matplotlib is imported by then."""
        warm = Learner(0)
        warm.learn(2)
        self.view.show_curves((Curve("warm", style_of(0), warm.history, find_recipe("studio")),))
        self.seconds(self.view.show)
        self.app.processEvents()
        self.take_longest()
        return self.seconds(lambda: self.view.show_curves(self.curves))

    def news(self) -> float:
        """New points of all runs."""
        for learner in self.learners:
            learner.learn(_NEW)
        return self.seconds(lambda: self.view.show_curves(self.curves))

    def hover(self, share: float) -> float:
        """The pointer moves; nothing is drawn anew, only painted."""
        canvas = self.view.canvas
        assert canvas is not None
        began = time.thread_time()
        QTest.mouseMove(canvas, self._place(share))
        self._turn(QEventLoop.ProcessEventsFlag.AllEvents)
        return time.thread_time() - began

    def _place(self, share: float) -> QPoint:
        """On a run's curve, from left to right."""
        canvas = self.view.canvas
        assert canvas is not None
        trace = canvas.panels.panels[0].seen()[0]
        x, y = trace.shown
        at = int(share * (len(x) - 1))
        right, up = canvas.panels.panels[0].axes.transData.transform((x[at], y[at]))
        ratio = canvas.device_pixel_ratio
        return QPoint(round(right / ratio), round(canvas.height() - up / ratio) + 3)

    def zoom(self, notches: int) -> float:
        """One notch of the wheel in or out."""
        canvas = self.view.canvas
        assert canvas is not None
        at = QPointF(canvas.width() * 0.25, canvas.height() * 0.4)
        wheel = QWheelEvent(
            at, QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        return self.seconds(lambda: QApplication.sendEvent(canvas, wheel))

    def smooth(self, value: int) -> float:
        """Another smoothing."""
        return self.seconds(lambda: self.view.bar.slider.setValue(value))


def summarize(action: str, seconds: list[float], longest: float) -> Row:
    """A row: median, 90%, the largest and the longest turn."""
    times = sorted(1000 * value for value in seconds)
    middle, high = times[len(times) // 2], times[min(len(times) - 1, round(len(times) * 0.9))]
    return {
        "action": action, "median": round(middle, 1), "p90": round(high, 1),
        "largest": round(times[-1], 1), "longest_turn": round(1000 * longest, 1),
    }  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--points", type=int, default=100_000, help="of each run")
    parser.add_argument("--size", default="1180x640", help="of the curves")


def measure(options: argparse.Namespace) -> Tables:
    """Show curves, let them grow, and use the pointer on them."""
    app = QApplication([])
    apply(app, "light")
    learners = [Learner(number) for number in range(options.runs)]
    for learner in learners:
        learner.learn(options.points)
    width, height = map(int, options.size.split("x"))
    watched = Watched(app, learners, (width, height))
    before = resident_memory()
    rows: list[Row] = []

    def add(action: str, seconds: list[float]) -> None:
        rows.append(summarize(action, seconds, watched.take_longest()))

    add("first picture", [watched.first()])
    memory = round(resident_memory() - before)
    watched.news()
    add("new points of every run", [watched.news() for _ in range(60)])
    add("pointer over a curve", [watched.hover(n / 100) for n in range(100)])
    add("notch of the wheel", [watched.zoom(1 if n % 20 < 10 else -1) for n in range(40)])
    assert watched.view.canvas is not None
    watched.seconds(watched.view.canvas.show_all)
    add("step of the smoothing", [watched.smooth(60 + n) for n in range(20)])
    watched.view.close()
    for thread in watched.view.end():
        thread.wait()
    shown: Row = {
        "runs": options.runs, "points_per_run": options.points, "size": options.size,
        "memory": memory,
    }  # fmt: skip
    times = dict.fromkeys(("median", "p90", "largest", "longest_turn"), "ms")
    return {"actions": Table(times, rows), "shown": Table({"memory": "MB"}, [shown])}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
