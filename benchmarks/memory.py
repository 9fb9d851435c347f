"""How much memory the window holds: after its start, and after trainings and drawings.

    python benchmarks/memory.py [--trainings 10] [--drawings 1000] [--dataset mnist]

Opens the real window, then trains one epoch `--trainings` times, and after each
training draws and has read its share of `--drawings`. Prints the resident
memory at the start, after each round, the growth since the start, and that since
the first round, which loads what training and curves need. Needs Linux, and a display or
QT_QPA_PLATFORM=offscreen; datasets are looked for in LENET_DATA.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path

from opened_window import opened_window  # isort: skip  before PySide6
from PySide6.QtCore import QEventLoop, QTimer

from lenet_gui.app.window import Window
from trainer import files
from trainer.drawing.sheet import fitted
from trainer.handwriting.font import write_digits
from trainer.recipes.catalog import named


def resident() -> float:
    """Megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def wait(until: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: until() and loop.quit())
    timer.start(20)
    loop.exec()


class Rounds:
    """Trainings and drawings in a window."""

    def __init__(self, window: Window, dataset: str) -> None:
        self.window, self.read = window, 0
        self.recipe = dataclasses.replace(named("studio"), dataset=dataset, epochs=1)
        window.reader.done.connect(self._count)

    def _count(self) -> None:
        self.read += 1

    def train(self) -> None:
        """One run from start to end; its curves are drawn."""
        self.window.tabs.setCurrentWidget(self.window.train)
        run = self.window.train.start(self.recipe)
        wait(lambda: not run.under_way)
        if run.state != "finished":
            sys.exit(f"the run is {run.state}: {run.problem}")

    def draw(self, count: int, seed: int) -> None:
        """So many digits, each read and shown before the next."""
        self.window.tabs.setCurrentWidget(self.window.draw)
        for digit in write_digits(count, seed):
            before = self.read
            strokes = fitted([stroke.tolist() for stroke in digit.strokes])
            self.window.draw.canvas.show_strokes(strokes)
            wait(lambda before=before: self.read > before)  # type: ignore[misc]
        self.window.draw.canvas.clear()


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--trainings", type=int, default=10)
    parser.add_argument("--drawings", type=int, default=1000)
    parser.add_argument("--dataset", default="mnist")
    given = parser.parse_args()
    with opened_window(files.data_folder()) as window:
        window.show()
        window.start()
        rounds = Rounds(window, given.dataset)
        wait(lambda: rounds.read > 0)
        found = [resident()]
        print(f"after the start: {found[0]:.0f} MB", flush=True)
        for number in range(given.trainings):
            rounds.train()
            rounds.draw(given.drawings // given.trainings, seed=number + 1)
            found.append(resident())
            print(f"after round {number + 1}: {found[-1]:.0f} MB", flush=True)
    print(f"growth since the start: {found[-1] / found[0] - 1:.1%}")
    print(f"growth from the first round to the last: {found[-1] / found[1] - 1:.1%}")


if __name__ == "__main__":
    main()
