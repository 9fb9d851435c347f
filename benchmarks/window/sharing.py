"""What training loses to the window it runs beside, and to another busy program.

    python -m benchmarks.window.sharing [--seconds 8] [--rounds 3] [--runs 1]

Opens the real window and trains in it, in turns of `--seconds`: with the window
at rest, with the pen moving 120 times a second, at rest again, and beside a
process that keeps one core busy. Each turn's steps per second, and the medians
of the ratios to the turns at rest before. Needs a display, or
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

from benchmarks.command import progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.window.opened_window import (
    ENDLESS,
    opened_window,
    wait,
    wait_until,
)
from benchmarks.window.pen_to_screen import Probe
from lenet_gui.app.window import Window

_BUSY = [sys.executable, "-c", "while True: pass"]


class Sharing:
    """Runs that train in a window, and how many steps they took."""

    def __init__(self, window: Window, runs: int) -> None:
        self.window = window
        self.steps: dict[int, int] = {}
        self.probe = Probe(window, 1e9, 120, inspecting=False)
        for number in range(runs):
            run = window.train.start(ENDLESS)
            assert run.thread is not None
            run.thread.yielded.connect(lambda value, number=number: self._count(number, value))
        while len(self.steps) < runs:
            wait(0.1)
        wait(3)  # what a run does at its start only

    def _count(self, number: int, value: Any) -> None:
        if isinstance(value, list):  # of `Step`
            self.steps[number] = value[-1].step

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


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=1, help="that train at once")


def measure(options: argparse.Namespace) -> Tables:
    """Train in turns at rest and not."""
    turns: list[Row] = []
    ratios: dict[str, list[float]] = {"pen moving": [], "another process busy": []}
    with opened_window() as window:
        window.show()
        window.start()
        wait_until(lambda: window.reader.model is not None)
        sharing = Sharing(window, options.runs)
        for _ in range(options.rounds):
            for name, turn in zip(ratios, (sharing.pen, sharing.busy), strict=True):
                rest = sharing.speed(options.seconds)
                with turn():
                    shared = sharing.speed(options.seconds)
                wait(1)
                ratios[name].append(rest / shared)
                turns.append(
                    {"beside": name, "at_rest": round(rest, 1), "shared": round(shared, 1)}
                )
                progress(str(turns[-1]))
    summary: list[Row] = [
        {"beside": name, "training_time": round(statistics.median(values), 2)}
        for name, values in ratios.items()
    ]
    return {
        "training_time": Table({"training_time": "ratio"}, summary),
        "turns": Table({"at_rest": "steps/s", "shared": "steps/s"}, turns),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
