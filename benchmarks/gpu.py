"""How long training and reading take on a GPU, against the loop of textbooks on the same one.

    python benchmarks/gpu.py [--data FOLDER] [--rounds 5]

Prints, as medians of `--rounds` in turn:

- seconds an epoch of MNIST at a batch of 512: the textbook's loop, ours step by step,
  ours captured, with and without distortion; the ratios are the rounds' own;
- seconds for 60,000 of the built-in digits, streamed: made alone, and trained on;
- seconds of training to 99 % on the test set by the recipe `ninety-nine`, warm-up
  left out and told beside it, and the accuracy there on GPU and CPU for three seeds;
- milliseconds of a reading with all its maps: on the CPU with one thread, on the GPU
  layer by layer, captured, and captured while a run trains on the same GPU.

With no NVIDIA GPU it says so and measures nothing.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import textbook
import torch

from trainer import files
from trainer.data import loading, pen_stream
from trainer.data.labelled_images import Digits
from trainer.data.pen_stream import PenStream
from trainer.evaluation import scoring
from trainer.networks import model as weights
from trainer.networks.factory import build
from trainer.progress import result_of
from trainer.reading import predict
from trainer.reading.captured import LiveReading
from trainer.recipes.catalog import named
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.runtime import cuda_graphs, devices
from trainer.training import training
from trainer.training.events import Epoch, NotCaptured, Step

GPU = torch.device("cuda")
PLAIN = Recipe(dataset="mnist", batch_size=512, epochs=1000, mean=0.1307, std=0.3081)
_SEEDS = (1, 2, 3)
_READINGS = 1000


def epochs(recipe: Recipe, digits: Digits, captured: bool = True) -> Iterator[float]:
    """Seconds of each epoch's training, its validation not counted, for 60,000 images."""
    recorders = cuda_graphs.RECORDERS if captured else {}
    with mock.patch.dict(cuda_graphs.RECORDERS, recorders, clear=True):
        run = iter(training.Training(recipe, digits, GPU))
        first = next(run)  # it has chosen by now
    spent = 0.0
    images = recipe.streamed or len(digits) - round(len(digits) * recipe.validation)
    before = first.seconds if isinstance(first, Step) else 0.0
    for event in run:
        if isinstance(event, NotCaptured):
            print(f"  {event}")
        elif isinstance(event, Step):
            spent += event.seconds - before
            before = event.seconds
        elif isinstance(event, Epoch):
            yield spent * 60_000 / images
            spent, before = 0.0, event.seconds


def textbook_epochs(data: Path) -> Iterator[float]:
    """Seconds of each epoch's training."""
    loop = textbook.Loop(data, textbook.Choice(batch_size=512), GPU)
    while True:
        began = time.perf_counter()
        for _ in loop.steps():
            pass
        yield time.perf_counter() - began


def show_epochs(data: Path, digits: Digits, rounds: int) -> None:
    """The first table."""
    ways = {
        "textbook": textbook_epochs(data),
        "step by step": epochs(PLAIN, digits, captured=False),
        "captured": epochs(PLAIN, digits),
        "captured, affine": epochs(replace(PLAIN, augmentation=AUGMENTATIONS["affine"]), digits),
        "captured, elastic": epochs(replace(PLAIN, augmentation=AUGMENTATIONS["elastic"]), digits),
    }
    for way in ways.values():
        next(way)  # warm-up: kernels are loaded and chosen, steps captured
    taken = [{name: next(way) for name, way in ways.items()} for _ in range(rounds)]
    print(f"{'an epoch at a batch of 512':<30}{'seconds':>9}{'times textbook':>16}")
    for name in ways:
        seconds = statistics.median(row[name] for row in taken)
        ratio = statistics.median(row["textbook"] / row[name] for row in taken)
        print(f"{name:<30}{seconds:>9.3f}{ratio:>16.1f}")


def show_stream(rounds: int) -> None:
    """How long the built-in digits take, that are made as they are read."""
    recipe = replace(PLAIN, dataset="pen", streamed=60_000)
    size, whole = recipe.batch_size, slice(0, recipe.batch_size)
    stream = PenStream(result_of(pen_stream.forms()), recipe.seed, GPU, size)
    run = epochs(recipe, result_of(loading.load("pen", "train", Path())))
    next(run)
    made, read = [], []
    for number in range(rounds + 1):
        torch.cuda.synchronize()
        began = time.perf_counter()
        for first in range(0, recipe.streamed - size, size):
            stream.show(number, first, first + size, whole)
        torch.cuda.synchronize()
        made.append(time.perf_counter() - began)
        read.append(next(run))
    alone, all_of_it = statistics.median(made[1:]), statistics.median(read[1:])
    print(f"\n60,000 streamed digits: {alone:.3f} s to make, {all_of_it:.3f} s to train on them")


def trained(recipe: Recipe, digits: Digits, device: torch.device) -> tuple[float, Epoch]:
    """Seconds of training, and the last epoch."""
    last = None
    for event in training.Training(recipe, digits, device):
        last = event if isinstance(event, Epoch) else last
    assert last is not None
    return last.seconds, last


def show_goal(digits: Digits, test: Digits) -> None:
    """How soon 99 % are reached, and whether GPU and CPU reach the same."""
    recipe = named("ninety-nine")
    cold, _ = trained(recipe, digits, GPU)
    print(f"\nninety-nine: {cold:.2f} s the first time, then")
    for seed in _SEEDS:
        for device in (GPU, torch.device("cpu")):
            seconds, last = trained(replace(recipe, seed=seed), digits, device)
            network = build(recipe)
            network.load_state_dict(last.weights)
            score = scoring.evaluate(network.eval(), test, recipe)
            print(f"  seed {seed} on {device.type:<5}{seconds:>7.2f} s{score.accuracy:>9.2%}")


def milliseconds(read: Callable[[], object]) -> tuple[float, float]:
    """Median and 99th percentile of a thousand readings, 2 ms apart."""
    taken = []
    for _ in range(_READINGS):
        began = time.perf_counter()
        read()
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.002)
    return float(np.median(taken)), float(np.quantile(taken, 0.99))


def show_readings(digits: Digits) -> None:
    """The last table."""
    torch.set_num_threads(1)
    model = weights.shipped()
    there, live = model.to(GPU), LiveReading()
    image = digits.images[0].cpu().numpy()
    ways: dict[str, Callable[[], object]] = {
        "CPU, one thread": lambda: predict.read(model, image),
        "GPU, layer by layer": lambda: predict.read(there, image),
        "GPU, captured": lambda: live.read(there, image),
    }
    print(f"\n{'a reading':<44}{'median ms':>10}{'p99 ms':>9}")
    for name, read in ways.items():
        for _ in range(20):
            read()
        print(f"{name:<44}{'{:>10.3f}{:>9.3f}'.format(*milliseconds(read))}")
    if news := live.news():
        print(f"  {news}")
    stop = threading.Event()

    def train() -> None:
        for _ in training.Training(PLAIN, digits, GPU):
            if stop.is_set():
                return

    beside = threading.Thread(target=train)
    beside.start()
    time.sleep(1)
    name = "GPU, captured, while a run trains there"
    print(f"{name:<44}{'{:>10.3f}{:>9.3f}'.format(*milliseconds(ways['GPU, captured']))}")
    stop.set()
    beside.join()


def main() -> None:
    """Measure all and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, help="folder that holds MNIST")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    found = {device.name: device for device in devices.available()}["cuda"]
    if found.problem:
        print(f"nothing to measure: {found.problem}")
        return
    print(f"{found.title}, PyTorch {torch.__version__}\n")
    data = files.data_folder(given.data)
    digits, test = (result_of(loading.load("mnist", part, data)) for part in ("train", "test"))
    show_epochs(data, digits, given.rounds)
    show_stream(given.rounds)
    show_goal(digits, test)
    show_readings(digits)


if __name__ == "__main__":
    main()
