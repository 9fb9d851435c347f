"""What drawings of many points cost the window: laying them on the paper, erasing, undo.

    python -m benchmarks.window.erasing [--moves 200]

Lays a scribble of 20,000 and of 100,000 points on the Draw tab's paper, rubs over it
with the right mouse button, and takes that back. Milliseconds from the event to the
painted window, and the longest time for which the window did nothing else until the
drawing was complete. No network reads meanwhile. Needs a display, or
QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from lenet_gui.draw.canvas import Canvas
from lenet_gui.widgets.theme import apply
from trainer.drawing.sheet import PAPER, Stroke

_POINTS = (20_000, 100_000)
_STEP = 6.0  # from point to point, in units of the paper
_SETTLED = 3  # turns of the event loop without a painting that took long


def scribble(points: int) -> Stroke:
    """One stroke that goes about all of the paper."""
    found, generator = [], random.Random(points)
    x = y = PAPER / 2
    for _ in range(points):
        x = min(PAPER, max(0.0, x + generator.gauss(0, _STEP)))
        y = min(PAPER, max(0.0, y + generator.gauss(0, _STEP)))
        found.append((x, y, 1.0))
    return tuple(found)


class Paper:
    """A canvas on the screen; takes times in milliseconds."""

    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.canvas = Canvas()
        self.canvas.resize(560, 560)
        self.canvas.show()
        app.processEvents()

    def timed(self, act: Callable[[], object]) -> float:
        """An event and the painting that follows."""
        began = time.perf_counter()
        act()
        self.app.processEvents()
        return 1000 * (time.perf_counter() - began)

    def longest(self, act: Callable[[], object]) -> float:
        """The longest of the turns until all is painted."""
        found, quiet = [self.timed(act)], 0
        while quiet < _SETTLED:
            found.append(self.timed(lambda: None))
            quiet = quiet + 1 if found[-1] < 1 else 0
        return max(found)

    def erase(self, moves: int) -> list[float]:
        """Rub over the paper in waves."""
        right = Qt.MouseButton.RightButton
        QTest.mousePress(self.canvas, right, pos=self._place(0.0))
        found = [
            self.timed(lambda n=n: QTest.mouseMove(self.canvas, self._place(n / moves)))  # type: ignore[misc]
            for n in range(moves)
        ]
        QTest.mouseRelease(self.canvas, right, pos=self._place(1.0))
        return found

    def _place(self, share: float) -> QPoint:
        wave = 0.5 + 0.4 * math.sin(share * 6 * math.pi)
        return QPoint(round(560 * wave), round(560 * (0.1 + 0.8 * share)))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--moves", type=int, default=200)


def measure_drawing(paper: Paper, points: int, moves: int) -> Row:
    """A row of one drawing."""
    stroke = scribble(points)
    laid = paper.longest(lambda: paper.canvas.show_strokes((stroke,)))
    times = sorted(paper.erase(moves))
    undone = paper.longest(paper.canvas.undo)
    paper.canvas.close()
    figures = {
        "laid": laid, "median": times[len(times) // 2], "p90": times[len(times) * 9 // 10],
        "largest": times[-1], "undone": undone,
    }  # fmt: skip
    return {"points": f"{points:,}"} | {name: round(ms, 1) for name, ms in figures.items()}


def measure(options: argparse.Namespace) -> Tables:
    """Both drawings."""
    app = QApplication([])
    apply(app, "light")
    rows = [measure_drawing(Paper(app), points, options.moves) for points in _POINTS]
    units = dict.fromkeys(("laid", "median", "p90", "largest", "undone"), "ms")
    return {"moves": Table(units, rows)}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
