"""Memory of the window: after its start, and after training runs and drawings.

    python -m benchmarks.window.memory [--trainings 10] [--drawings 1000] [--dataset mnist]

Opens the real window, then trains one epoch `--trainings` times, and after each
training draws and has read its share of `--drawings`. The resident memory at the
start and after each round, the growth since the start, and that since the first
round, which loads what training and curves need. Needs Linux, and a display or
QT_QPA_PLATFORM=offscreen; datasets are looked for in LENET_DATA.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys

from benchmarks.command import progress, run
from benchmarks.measurement import Table, Tables
from benchmarks.process_memory import resident_memory
from benchmarks.window.opened_window import (
    opened_window,
    wait_until,
)
from lenet_gui.app.window import Window
from trainer.drawing.sheet import fit_to_sheet
from trainer.files import data_folder
from trainer.handwriting.font import write_digits
from trainer.recipes.catalog import find_recipe


class Rounds:
    """Trainings and drawings in a window."""

    def __init__(self, window: Window, dataset: str) -> None:
        self.window, self.read = window, 0
        self.recipe = dataclasses.replace(find_recipe("studio"), dataset=dataset, epochs=1)
        window.reader.done.connect(self._count)

    def _count(self) -> None:
        self.read += 1

    def train(self) -> None:
        """One run from start to end; its curves are drawn."""
        self.window.tabs.setCurrentWidget(self.window.train)
        run = self.window.train.start(self.recipe)
        wait_until(lambda: not run.under_way)
        if run.state != "finished":
            sys.exit(f"the run is {run.state}: {run.problem}")

    def draw(self, count: int, seed: int) -> None:
        """So many digits, each read and shown before the next."""
        self.window.tabs.setCurrentWidget(self.window.draw)
        for digit in write_digits(count, seed):
            before = self.read
            strokes = fit_to_sheet([stroke.tolist() for stroke in digit.strokes])
            self.window.draw.canvas.show_strokes(strokes)
            wait_until(lambda before=before: self.read > before)  # type: ignore[misc]
        self.window.draw.canvas.clear()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--trainings", type=int, default=10)
    parser.add_argument("--drawings", type=int, default=1000)
    parser.add_argument("--dataset", default="mnist")


def measure(options: argparse.Namespace) -> Tables:
    """Train and draw, round by round."""
    found: list[float] = []
    with opened_window(data_folder()) as window:
        window.show()
        window.start()
        rounds = Rounds(window, options.dataset)
        wait_until(lambda: rounds.read > 0)
        found.append(resident_memory())
        for number in range(options.trainings):
            progress(f"before round {number + 1}: {found[-1]:.0f} MB")
            rounds.train()
            rounds.draw(options.drawings // options.trainings, seed=number + 1)
            found.append(resident_memory())
    growth = {"since the start": found[0], "since the first round": found[1]}
    return {
        "rounds": Table(
            {"memory": "MB"},
            [{"round": number, "memory": round(each)} for number, each in enumerate(found)],
        ),
        "growth": Table(
            {"growth": "share"},
            [
                {"period": name, "growth": round(found[-1] / before - 1, 3)}
                for name, before in growth.items()
            ],
        ),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
