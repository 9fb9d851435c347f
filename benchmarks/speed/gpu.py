"""How long training and inference take on a GPU, compared with the textbook loop on the same one.

    python -m benchmarks.speed.gpu [--data DIR] [--rounds 5]

Medians of `--rounds` in turn:

- seconds per epoch of MNIST at a batch of 512: the textbook loop, ours step by step,
  ours captured, with and without distortion; the ratios are the rounds' own;
- seconds for 60,000 of the built-in digits, streamed: made alone, and trained on;
- seconds of training to 99% on the test set by the recipe `ninety-nine`, the warm-up
  apart, and the accuracy there on GPU and CPU for three seeds;
- milliseconds of a reading with all its maps: on the CPU with one thread, on the GPU
  layer by layer, captured, and captured while a run trains on the same GPU.

Without an NVIDIA GPU it says so and measures nothing.

    python -m benchmarks.speed.gpu --check

measures nothing, but compares in under five minutes what the GPU computes with what the
processor does: every recipe for a moment, reading, evaluation, learning, and going on without
enough memory. Status 0 if all is the same, 1 if not, 2 without an NVIDIA GPU.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.speed import gpu_check
from benchmarks.speed.inputs import load_mnist, mnist_folder
from benchmarks.speed.textbook import Choice, Loop
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import load
from trainer.data.pen_stream import PenStream, make_forms
from trainer.evaluation.report import evaluate
from trainer.networks.factory import build
from trainer.networks.model import load_shipped
from trainer.progress import result_of
from trainer.reading.captured import LiveReading
from trainer.reading.predict import read
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.runtime.cuda_graphs import RECORDERS
from trainer.runtime.devices import list_devices
from trainer.training.events import Epoch, NotCaptured, Step
from trainer.training.training import Training

GPU = torch.device("cuda")
PLAIN = Recipe(dataset="mnist", batch_size=512, epochs=1000, mean=0.1307, std=0.3081)
_SEEDS = (1, 2, 3)
_READINGS = 1000


def epochs(recipe: Recipe, digits: LabelledImages, captured: bool = True) -> Iterator[float]:
    """Seconds of each epoch's training, its validation not counted, for 60,000 images."""
    recorders = RECORDERS if captured else {}
    with mock.patch.dict(RECORDERS, recorders, clear=True):
        events = iter(Training(recipe, digits, GPU))
        first = next(events)  # it has chosen by now
    spent = 0.0
    images = recipe.streamed or len(digits) - round(len(digits) * recipe.validation)
    before = first.seconds if isinstance(first, Step) else 0.0
    for event in events:
        if isinstance(event, NotCaptured):
            progress(str(event))
        elif isinstance(event, Step):
            spent += event.seconds - before
            before = event.seconds
        elif isinstance(event, Epoch):
            yield spent * 60_000 / images
            spent, before = 0.0, event.seconds


def textbook_epochs(data: Path) -> Iterator[float]:
    """Seconds of each epoch's training."""
    loop = Loop(data, Choice(batch_size=512), GPU)
    while True:
        began = time.perf_counter()
        for _ in loop.steps():
            pass
        yield time.perf_counter() - began


def measure_epochs(data: Path, digits: LabelledImages, rounds: int) -> Table:
    """Seconds per epoch for each way."""
    affine, elastic = (replace(PLAIN, augmentation=AUGMENTATIONS[k]) for k in ("affine", "elastic"))
    ways = {
        "textbook loop": textbook_epochs(data),
        "step by step": epochs(PLAIN, digits, captured=False),
        "captured": epochs(PLAIN, digits),
        "captured, affine distortion": epochs(affine, digits),
        "captured, elastic distortion": epochs(elastic, digits),
    }
    for way in ways.values():
        next(way)  # warm-up: kernels are loaded and chosen, steps captured
    taken = [{name: next(way) for name, way in ways.items()} for _ in range(rounds)]
    rows: list[Row] = []
    for name in ways:
        seconds = statistics.median(row[name] for row in taken)
        ratio = statistics.median(row["textbook loop"] / row[name] for row in taken)
        rows.append({"way": name, "seconds": round(seconds, 3), "clock": round(ratio, 1)})
    return Table({"seconds": "s", "clock": "ratio"}, rows)


def measure_stream(rounds: int) -> Table:
    """How long the built-in digits take, that are made as they are read."""
    recipe = replace(PLAIN, dataset="pen", streamed=60_000)
    size, whole = recipe.batch_size, slice(0, recipe.batch_size)
    stream = PenStream(result_of(make_forms()), recipe.seed, GPU, size)
    epoch = epochs(recipe, result_of(load("pen", "train", Path())))
    next(epoch)
    made, trained_on = [], []
    for number in range(rounds + 1):
        torch.cuda.synchronize()
        began = time.perf_counter()
        for first in range(0, recipe.streamed - size, size):
            stream.show(number, first, first + size, whole)
        torch.cuda.synchronize()
        made.append(time.perf_counter() - began)
        trained_on.append(next(epoch))
    making, training = (round(statistics.median(each[1:]), 3) for each in (made, trained_on))
    row: Row = {"digits": recipe.streamed, "making": making, "training": training}
    return Table({"making": "s", "training": "s"}, [row])


def train_to_end(recipe: Recipe, digits: LabelledImages, device: torch.device) -> Epoch:
    """The last epoch of a run."""
    last = None
    for event in Training(recipe, digits, device):
        last = event if isinstance(event, Epoch) else last
    assert last is not None
    return last


def measure_goal(digits: LabelledImages, test: LabelledImages) -> Table:
    """How soon 99% is reached, and whether GPU and CPU reach the same."""
    recipe = find_recipe("ninety-nine")
    cold = train_to_end(recipe, digits, GPU)
    runs = [("cuda, first run", recipe.seed, cold)]
    for seed in _SEEDS:
        for device in (GPU, torch.device("cpu")):
            last = train_to_end(replace(recipe, seed=seed), digits, device)
            runs.append((device.type, seed, last))
    rows: list[Row] = []
    for name, seed, last in runs:
        network = build(recipe)
        network.load_state_dict(last.weights)
        accuracy = round(evaluate(network.eval(), test, recipe).accuracy, 6)
        seconds = round(last.seconds, 2)
        rows.append({"device": name, "seed": seed, "seconds": seconds, "accuracy": accuracy})
    return Table({"seconds": "s", "accuracy": "share"}, rows)


def milliseconds(read: Callable[[], object]) -> tuple[float, float]:
    """Median and 99th percentile of a thousand readings, 2 ms apart."""
    taken = []
    for _ in range(_READINGS):
        began = time.perf_counter()
        read()
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.002)
    return float(np.median(taken)), float(np.quantile(taken, 0.99))


def measure_readings(digits: LabelledImages) -> Table:
    """Milliseconds of a reading, in each way."""
    torch.set_num_threads(1)
    model = load_shipped()
    there, live = model.to(GPU), LiveReading()
    image = digits.images[0].cpu().numpy()
    ways: dict[str, Callable[[], object]] = {
        "CPU, one thread": lambda: read(model, image),
        "GPU, layer by layer": lambda: read(there, image),
        "GPU, captured": lambda: live.read(there, image),
    }
    rows: list[Row] = []

    def add(name: str, reading: Callable[[], object]) -> None:
        median, p99 = (round(value, 3) for value in milliseconds(reading))
        rows.append({"way": name, "median": median, "p99": p99})

    for name, reading in ways.items():
        for _ in range(20):
            reading()
        add(name, reading)
    if news := live.take_problem():
        progress(str(news))
    stop = threading.Event()

    def train() -> None:
        for _ in Training(PLAIN, digits, GPU):
            if stop.is_set():
                return

    beside = threading.Thread(target=train)
    beside.start()
    time.sleep(1)
    add("GPU, captured, during a training run there", ways["GPU, captured"])
    stop.set()
    beside.join()
    return Table({"median": "ms", "p99": "ms"}, rows)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="default: LENET_DATA")
    parser.add_argument("--rounds", type=int, default=5, help="[5]")
    parser.add_argument("--check", action="store_true", help="only compare with the processor")


def measure(options: argparse.Namespace) -> Tables:
    """Measure all tables."""
    problem = next(device.problem for device in list_devices() if device.name == "cuda")
    if options.check:
        sys.exit(gpu_check.command(problem, Path(__file__)))
    if problem:
        raise NothingToMeasure(problem)
    data = mnist_folder(options)
    digits, test = load_mnist(data)
    return {
        "epochs": measure_epochs(data, digits, options.rounds),
        "stream": measure_stream(options.rounds),
        "ninety_nine": measure_goal(digits, test),
        "readings": measure_readings(digits),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
