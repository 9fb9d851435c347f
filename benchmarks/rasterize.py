"""How long `rasterize.rasterize` takes, and how many built-in digits are written a second.

    python benchmarks/rasterize.py [--strokes FILE]

Times 2,000 built-in digits, or the drawings of a file as `lenet predict
--strokes` takes it, one by one; prints median and p99, then the rate at which
digits are written and drawn for training.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from trainer.drawing.rasterize import Stroke, rasterize
from trainer.drawing.stroke_files import read_drawings
from trainer.handwriting.font import render_digits, write_digits


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--strokes", type=Path, metavar="FILE")
    given = parser.parse_args()
    drawings: list[list[Stroke]]
    if given.strokes:
        drawings = read_drawings(given.strokes)
    else:
        drawings = [list(digit.strokes) for digit in write_digits(2000, seed=1)]
    times = []
    for drawing in drawings:
        began = time.perf_counter()
        rasterize(drawing)
        times.append(1000 * (time.perf_counter() - began))
    times.sort()
    middle, high = times[len(times) // 2], times[round(len(times) * 0.99) - 1]
    print(f"rasterize, {len(times):,} drawings: median {middle:.2f} ms, p99 {high:.2f} ms")
    began = time.perf_counter()
    count = sum(1 for _ in render_digits(4000, seed=2))
    print(f"pen: {count / (time.perf_counter() - began):,.0f} digits a second")


if __name__ == "__main__":
    main()
