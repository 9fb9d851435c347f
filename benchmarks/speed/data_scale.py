"""Training on more and more images: seconds for each 60,000, and peak memory.

    python -m benchmarks.speed.data_scale                     # 60,000 to 2,400,000 images
    python -m benchmarks.speed.data_scale --images 60000 240000

The built-in digits are written anew as training reads them, so neither may grow
with their number; and making them must take less than training on them does.
Each row is an epoch in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.command import progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.process_memory import peak_memory

if TYPE_CHECKING:
    from trainer.data.labelled_images import LabelledImages

IMAGES = (60_000, 240_000, 600_000, 2_400_000)
BATCH = 512
ROUND = 60_000
_ONE = "--one"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--images", type=int, nargs="+", default=IMAGES)
    parser.add_argument("--threads", type=int, default=2, help="of the CPU [2]")


def measure(options: argparse.Namespace) -> Tables:
    """An epoch for each number of images, in a process of its own."""
    rows: list[Row] = []
    for images in options.images:
        command = [sys.executable, "-m", "benchmarks.speed.data_scale", _ONE]
        command += [str(images), str(options.threads)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        seconds, cpu, making, peak = json.loads(ended.stdout.splitlines()[-1])
        rows.append({
            "images": images, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2),
            "making_cpu_seconds": round(making, 2), "peak_memory": round(peak),
        })  # fmt: skip
        progress(str(rows[-1]))
    seconds = dict.fromkeys(("seconds", "cpu_seconds", "making_cpu_seconds"), "s")
    return {"epochs": Table(seconds | {"peak_memory": "MB"}, rows)}


def _epoch(images: int, threads: int) -> tuple[float, float, float, float]:
    """Of an epoch, for each 60,000: seconds, CPU seconds, and those of making; and megabytes."""
    import torch

    from trainer.data.loading import load
    from trainer.data.pen_stream import PenStream
    from trainer.progress import result_of
    from trainer.recipes.recipe import Recipe
    from trainer.training.events import Epoch, Step
    from trainer.training.training import train

    torch.set_num_threads(threads)
    making = 0.0
    make = PenStream.make_piece

    def timed(stream: PenStream, epoch: int, number: int) -> LabelledImages:
        nonlocal making
        began = time.process_time()
        found = make(stream, epoch, number)
        making += time.process_time() - began
        return found

    PenStream.make_piece = timed  # type: ignore[method-assign, assignment]
    digits = result_of(load("pen", "train", Path()))
    recipe = Recipe(dataset="pen", streamed=images, epochs=1, batch_size=BATCH)
    seconds = began = worked = 0.0
    for event in train(recipe, digits):
        if isinstance(event, Step):
            began = began or time.process_time()  # what comes before is no step
            seconds, worked = event.seconds, time.process_time() - began
        elif isinstance(event, Epoch):
            break
    rounds = images / ROUND
    return seconds / rounds, worked / rounds, making / rounds, peak_memory()


if __name__ == "__main__":
    if sys.argv[1:2] == [_ONE]:
        print(json.dumps(_epoch(*map(int, sys.argv[2:]))))
    else:
        run(__doc__, measure, add_options)
