"""What training loses to the window it runs beside, and to another busy program.

    python benchmarks/sharing.py [--seconds 8] [--rounds 3] [--runs 1]

Opens the real window and trains in it, in turns of `--seconds`: with the window
at rest, with the pen moving 120 times a second, at rest again, and beside a
process that keeps one core busy. Prints each turn's steps a second and the
medians of the ratios to the turns at rest before. Needs a display, or
QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opened_window import ENDLESS, opened_window  # isort: skip  before PySide6
from pen_to_screen import Probe
from PySide6.QtCore import QEventLoop, QTimer

from lenet_gui.app.window import Window

_BUSY = [sys.executable, "-c", "while True: pass"]


def wait(seconds: float) -> None:
    """Let the window work that long."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


class Sharing:
    """Runs that train in a window, and how many steps they took."""

    def __init__(self, window: Window, runs: int) -> None:
        self.window = window
        self.steps: dict[int, int] = {}
        self.probe = Probe(window, 1e9, 120, inspecting=False)
        for number in range(runs):
            run = window.train.start(ENDLESS)
            run.thread.stepped.connect(lambda steps, number=number: self._count(number, steps))
        while len(self.steps) < runs:
            wait(0.1)
        wait(3)  # what a run does at its start only

    def _count(self, number: int, steps: list[Any]) -> None:
        self.steps[number] = steps[-1].step

    def speed(self, seconds: float) -> float:
        """Steps a second of all runs from now on."""
        before, began = sum(self.steps.values()), time.perf_counter()
        wait(seconds)
        return (sum(self.steps.values()) - before) / (time.perf_counter() - began)

    @contextmanager
    def pen(self) -> Iterator[None]:
        """The pen moves."""
        self.probe.start()
        yield
        self.probe.timer.stop()

    @staticmethod
    @contextmanager
    def busy() -> Iterator[None]:
        """Another program is busy."""
        process = subprocess.Popen(_BUSY)
        yield
        process.kill()
        process.wait()


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=1, help="that train at once")
    given = parser.parse_args()
    ratios: dict[str, list[float]] = {"the pen moving": [], "another process busy": []}
    with opened_window() as window:
        window.show()
        window.start()
        while window.reader.model is None:
            wait(0.1)
        sharing = Sharing(window, given.runs)
        for _ in range(given.rounds):
            for name, turn in zip(ratios, (sharing.pen, sharing.busy), strict=True):
                rest = sharing.speed(given.seconds)
                with turn():
                    shared = sharing.speed(given.seconds)
                wait(1)
                ratios[name].append(rest / shared)
                print(f"at rest {rest:.1f}, {name} {shared:.1f} steps a second", flush=True)
    for name, values in ratios.items():
        print(f"{name}: training takes {statistics.median(values):.2f} times as long")


if __name__ == "__main__":
    main()
