"""Seconds that `lenet predict` takes for many drawings, its start included.

    python -m benchmarks.speed.predict_many [--drawings 10000] [--runs 3]

Writes built-in digits as pen strokes into a file, and has the command read it in
a process of its own, in turn with one that only imports torch: medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.command import run
from benchmarks.measurement import Table, Tables
from trainer.handwriting.font import write_digits


def run_python(*arguments: str) -> float:
    """Seconds that Python takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--drawings", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)


def measure(options: argparse.Namespace) -> Tables:
    """Run the command in turn with `import torch`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "drawings.json"
        drawn = [
            {"strokes": [stroke[:, :2].round(4).tolist() for stroke in digit.strokes]}
            for digit in write_digits(options.drawings, seed=7)
        ]
        file.write_text(json.dumps(drawn))
        run_python("-c", "import torch")  # warms the disk's cache
        times = []
        for _ in range(options.runs):
            read = run_python("-m", "trainer", "predict", "--strokes", str(file), "--json")
            times.append((read, run_python("-c", "import torch")))
    read, alone = (round(statistics.median(column), 2) for column in zip(*times, strict=True))
    row = {"drawings": options.drawings, "seconds": read, "import_torch": alone}
    return {"command": Table({"seconds": "s", "import_torch": "s"}, [row])}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
