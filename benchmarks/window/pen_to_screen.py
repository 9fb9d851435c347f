"""How long from a pen move to its prediction and maps on screen.

    python -m benchmarks.window.pen_to_screen [--seconds 60] [--rate 120] [--training N]
    python -m benchmarks.window.pen_to_screen --tab inspect --size 1600x1000 [--panel Unit]

Opens the real window, moves the mouse on the canvas `--rate` times a second in
circles and zigzags, and measures for each move the time until the window has
painted a reading that holds it: answer, bars and both layers' maps, or on the
Inspect tab every layer and one of its panels. Needs a display, or
QT_QPA_PLATFORM=offscreen. With `--training N`, N runs on the built-in digits
train meanwhile.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import deque

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables, median_and_p99
from benchmarks.window.opened_window import ENDLESS, opened_window
from lenet_gui.app.window import Window
from trainer.drawing.sheet import Sheet
from trainer.networks.anatomy import Unit
from trainer.reading.sheet_reading import ReadingRequest, SheetReading

_LATE = 16.0
"""Milliseconds: a screen of 60 Hz shows the next frame."""
_LIFTED = 24
"""Ticks from one drawing's end to the next one's beginning; half of them until it is cleared."""


class Probe(QObject):
    """Moves the pen and takes the times."""

    def __init__(self, window: Window, seconds: float, rate: int, inspecting: bool) -> None:
        super().__init__()
        self.window, self.total = window, round(seconds * rate)
        self.canvas = window.inspect.canvas if inspecting else window.draw.canvas
        self.moved: list[float] = []  # when each point was given to the window
        self.painted: list[float] = []  # how long each point took to be seen, seconds
        self.points_read = 0  # by the newest reading
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(round(1000 / rate))
        self.timer.timeout.connect(self.move)
        self.base = 0  # moves before the present drawing
        self.lifted = 0  # ticks since the pen was lifted
        self.asked: deque[tuple[Sheet, int]] = deque(maxlen=200)
        self.read_from: dict[int, Sheet] = {}
        read, work = window.reader.read, window.reader.work

        def recorded_read(sheet: Sheet, pen_down: bool = False) -> None:
            self.asked.append((sheet, self.base + sum(map(len, sheet.strokes))))
            read(sheet, pen_down)

        def recorded_work(request: ReadingRequest) -> SheetReading:
            reading = work(request)
            self.read_from[id(reading)] = request.sheet
            return reading

        window.reader.read = recorded_read  # type: ignore[method-assign]
        window.reader.work = recorded_work  # type: ignore[method-assign]
        show = window.inspect.show_reading  # the last thing that the window does with a reading

        def recorded_show(reading: SheetReading) -> None:
            show(reading)
            self.shown(reading)

        # Not at the signal: it reaches its receivers one by one, and painting may come between.
        window.inspect.show_reading = recorded_show  # type: ignore[method-assign]
        painted = window.inspect.network if inspecting else window.draw.conv2
        painted.installEventFilter(self)

    def start(self) -> None:
        """Pen down."""
        canvas = self.canvas
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=self.place(0))
        self.moved.append(time.perf_counter())
        self.timer.start()

    def place(self, n: int) -> QPoint:
        """Where the pen is at move n: a digit-like path of 60 points, over and over."""
        sheet = self.canvas.sheet()
        turn = 2 * math.pi * n / 60
        x = 0.5 + 0.25 * math.sin(turn) + 0.05 * math.sin(7 * turn)
        y = 0.5 + 0.35 * math.cos(turn / 2)
        return QPoint(round(sheet.x() + x * sheet.width()), round(sheet.y() + y * sheet.height()))

    def move(self) -> None:
        """One pen move; every 60 the pen is lifted, and soon after it the paper cleared."""
        canvas, n = self.canvas, len(self.moved)
        if n >= self.total:
            self.timer.stop()
            QTimer.singleShot(300, self.window.closing.close_now)
        elif n % 60 or self.lifted == _LIFTED:
            self.moved.append(time.perf_counter())
            if n % 60:
                self.lifted = 0
                QTest.mouseMove(canvas, self.place(n))
            else:
                self.base, self.lifted = n, 0
                QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=self.place(n))
        else:
            self.lifted += 1
            if self.lifted == 1:
                QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=self.place(n))
            elif self.lifted == _LIFTED // 2:
                canvas.clear()

    def shown(self, reading: SheetReading) -> None:
        """The window has taken this reading; its next painting shows it."""
        read = self.read_from.pop(id(reading))
        points = [count for sheet, count in self.asked if sheet is read and not sheet.empty]
        self.points_read = max([self.points_read, *points])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Once all that waits to be painted is, the answer is all on screen."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.take)
        return False

    def take(self) -> None:
        """All points of the newest reading are on screen now."""
        now = time.perf_counter()
        while len(self.painted) < min(self.points_read, len(self.moved)):
            self.painted.append(now - self.moved[len(self.painted)])


def _show_inspect(window: Window, panel: str) -> None:
    """Show the Inspect tab with this panel, and a unit of C3 chosen."""
    window.tabs.setCurrentWidget(window.inspect)
    view = window.inspect
    titles = [view.panels.tabText(number) for number in range(view.panels.count())]
    view.panels.setCurrentIndex(titles.index(panel))
    window.reader.loaded.connect(
        lambda: QTimer.singleShot(500, lambda: view.choose(Unit(3, 4, 5, 5)))
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=120, help="pen moves a second")
    parser.add_argument("--training", type=int, default=0, metavar="N", help="runs meanwhile")
    parser.add_argument("--tab", choices=("draw", "inspect"), default="draw")
    parser.add_argument("--size", default="1180x720", help="the window's, such as 1600x1000")
    parser.add_argument("--panel", default="Unit", help="of the Inspect tab")


def measure(options: argparse.Namespace) -> Tables:
    """Move the pen and take the times."""
    with opened_window() as window:
        window.resize(*map(int, options.size.split("x")))
        if options.tab == "inspect":
            _show_inspect(window, options.panel)
        window.show()
        probe = Probe(window, options.seconds, options.rate, options.tab == "inspect")

        def begin() -> None:
            window.train.train_at_once(max(1, options.training))
            for _ in range(options.training):
                window.train.start(ENDLESS)
            wait()

        def wait() -> None:
            states = [run.state for run in window.train.list.runs]
            if all(state == "training" for state in states):
                QTimer.singleShot(1000, probe.start)
            else:
                QTimer.singleShot(100, wait)

        window.reader.loaded.connect(begin)
        QTimer.singleShot(0, window.start)
        QApplication.exec()
    times = [1000 * seconds for seconds in probe.painted]
    median, p99 = median_and_p99(times)
    row: Row = {
        "tab": options.tab,
        "runs": options.training,
        "moves": len(probe.moved),
        "seen": len(times),
        "median": round(median, 1),
        "p99": round(p99, 1),
        "largest": round(max(times), 1),
        "late": round(sum(value > _LATE for value in times) / len(times), 4),
    }
    return {"moves": Table({"median": "ms", "p99": "ms", "largest": "ms", "late": "share"}, [row])}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
