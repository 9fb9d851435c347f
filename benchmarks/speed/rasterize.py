"""How long it takes to turn strokes into an image, and the rate of built-in digits.

    python -m benchmarks.speed.rasterize [--strokes FILE]

Times 2,000 built-in digits, or the drawings of a file as `lenet predict
--strokes` takes it, one by one; then the rate at which digits are written and
drawn for training.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.command import run
from benchmarks.measurement import Table, Tables, median_and_p99
from trainer.drawing.rasterize import Stroke, rasterize
from trainer.drawing.stroke_files import read_drawings
from trainer.handwriting.font import render_digits, write_digits


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--strokes", type=Path, metavar="FILE")


def measure(options: argparse.Namespace) -> Tables:
    """Rasterize all drawings, then write and draw built-in digits."""
    drawings: list[list[Stroke]]
    if options.strokes:
        drawings = read_drawings(options.strokes)
    else:
        drawings = [list(digit.strokes) for digit in write_digits(2000, seed=1)]
    times = []
    for drawing in drawings:
        began = time.perf_counter()
        rasterize(drawing)
        times.append(1000 * (time.perf_counter() - began))
    median, p99 = (round(value, 2) for value in median_and_p99(times))
    began = time.perf_counter()
    count = sum(1 for _ in render_digits(4000, seed=2))
    rate = round(count / (time.perf_counter() - began))
    return {
        "rasterize": Table(
            {"median": "ms", "p99": "ms"},
            [{"drawings": len(times), "median": median, "p99": p99}],
        ),
        "built_in_digits": Table({"rate": "digits/s"}, [{"digits": count, "rate": rate}]),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
