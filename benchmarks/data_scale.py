"""Training on ever more images: seconds for each 60,000, and the memory that it takes.

The built-in digits are written anew as training reads them, so neither may grow
with their number; and making them must take less than training on them does.
Each row is an epoch in a process of its own.

    python -m benchmarks.data_scale                     # 60,000 to 2,400,000 images
    python -m benchmarks.data_scale --images 60000 240000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.data.labelled_images import Digits

IMAGES = (60_000, 240_000, 600_000, 2_400_000)
BATCH = 512
ROUND = 60_000


def main() -> None:
    """Print the table, and how long only making the images takes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, nargs="+", default=IMAGES)
    parser.add_argument("--threads", type=int, default=2, help="of the CPU [2]")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_epoch(given.one, given.threads)))
        return
    heads = ("images", "s / 60,000", "CPU s", "making, CPU s", "peak memory")
    print("  ".join(f"{head:>13}" for head in heads), flush=True)
    for images in given.images:
        told = [sys.executable, "-m", "benchmarks.data_scale", "--one", str(images)]
        told += ["--threads", str(given.threads)]
        done = subprocess.run(told, capture_output=True, text=True, check=True)
        *seconds, peak = json.loads(done.stdout.splitlines()[-1])
        told = [f"{images:,}", *(f"{each:.2f}" for each in seconds), f"{peak:.0f} MB"]
        print("  ".join(f"{each:>13}" for each in told), flush=True)


def _epoch(images: int, threads: int) -> tuple[float, float, float, float]:
    """Of an epoch, for each 60,000: seconds, CPU seconds, and those of making; and megabytes."""
    import torch

    from trainer.data import loading
    from trainer.data.pen_stream import PenStream
    from trainer.progress import result_of
    from trainer.recipes.recipe import Recipe
    from trainer.training.events import Epoch, Step
    from trainer.training.training import train

    torch.set_num_threads(threads)
    making = 0.0
    make = PenStream._made

    def timed(stream: PenStream, epoch: int, number: int) -> Digits:
        nonlocal making
        began = time.process_time()
        found = make(stream, epoch, number)
        making += time.process_time() - began
        return found

    PenStream._made = timed  # type: ignore[method-assign]
    digits = result_of(loading.load("pen", "train", Path()))
    recipe = Recipe(dataset="pen", streamed=images, epochs=1, batch_size=BATCH)
    seconds = began = worked = 0.0
    for event in train(recipe, digits):
        if isinstance(event, Step):
            began = began or time.process_time()  # what comes before is no step
            seconds, worked = event.seconds, time.process_time() - began
        elif isinstance(event, Epoch):
            break
    rounds = images / ROUND
    return seconds / rounds, worked / rounds, making / rounds, _peak()


def _peak() -> float:
    """The most memory that this process ever had, in megabytes."""
    import resource  # not on Windows

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
