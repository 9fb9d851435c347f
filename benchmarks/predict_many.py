"""How long `lenet predict` takes for many drawings, its start included.

    python benchmarks/predict_many.py [--drawings 10000] [--runs 3]

Writes built-in digits as pen strokes into a file, and has the command read it in
a process of its own, in turn with one that only imports torch. Prints the
medians of the seconds.
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

from trainer.handwriting.font import write_digits


def seconds(*arguments: str) -> float:
    """What Python takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--drawings", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "drawings.json"
        drawn = [
            {"strokes": [stroke[:, :2].round(4).tolist() for stroke in digit.strokes]}
            for digit in write_digits(given.drawings, seed=7)
        ]
        file.write_text(json.dumps(drawn))
        seconds("-c", "import torch")  # warms the disk's cache
        times = []
        for _ in range(given.runs):
            read = seconds("-m", "trainer", "predict", "--strokes", str(file), "--json")
            times.append((read, seconds("-c", "import torch")))
    read, alone = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{given.drawings:,} drawings: {read:.2f} s, and import torch alone {alone:.2f} s")


if __name__ == "__main__":
    main()
