"""Seconds per training epoch on the CPU, compared with the textbook loop.

    python -m benchmarks.speed.training_speed [--data DIR] [--threads 2] [--rounds 5]

What each step of ours contributed: seconds for 60,000 images, and how many times
as long the textbook loop takes, at batches of 128 and 512. Every way trains the
same number of steps in turn, round after round, so that other load on the
machine falls on all; the ratios are medians of the rounds' own. On a machine
that does other work, `--threads 1` and the processors' time are the most
reliable: threads that wait for each other count as working.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from torch.nn import functional as F

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.speed.inputs import add_training_options, load_mnist, mnist_folder, set_threads
from benchmarks.speed.textbook import Choice, Loop
from trainer.data.augment import distort
from trainer.data.labelled_images import LabelledImages
from trainer.networks.factory import build, normalize_images, scale_images
from trainer.networks.lenet5 import LeNet5
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.training.autotune import choose_arithmetic
from trainer.training.optimizers import build_optimizer
from trainer.training.training import Training

_IMAGES = 60_000
_MEASURED = 12_800  # images per way and round
_ARITHMETICS = {
    "pooling before ReLU": "plain",
    "conv1 and pooling as one, stride 2": "wide",
    "and conv2 in bfloat16": "wide bfloat16",
    "both as matrices, in bfloat16": "banded bfloat16",
}
_Times = tuple[float, float]


def steps(digits: LabelledImages, recipe: Recipe, way: str, fused: bool = True) -> Iterator[None]:
    """Ours, step by step for ever.

    Args:
        way: one of `lenet.ARITHMETICS`; or "layers", which pools after the activation.
        fused: whether the optimizer is the product's; else PyTorch's default.
    """
    source = torch.Generator().manual_seed(1)
    network = build(recipe, source)
    assert isinstance(network, LeNet5)
    network.arithmetic = way
    adamw = (
        build_optimizer(network, recipe)
        if fused
        else torch.optim.AdamW(network.parameters(), recipe.learning_rate)
    )
    while True:
        order = torch.randperm(len(digits), generator=source)
        for index in order.split(recipe.batch_size):
            images = distort(scale_images(digits.images[index]), recipe.augmentation, source)
            images = normalize_images(images, recipe)
            logits = network.layers(images).logits if way == "layers" else network(images)
            loss = F.cross_entropy(logits, digits.labels[index])
            adamw.zero_grad(set_to_none=True)
            loss.backward()
            adamw.step()
            yield


def real_epoch(digits: LabelledImages, recipe: Recipe) -> Iterator[None]:
    """The program's own training, as `lenet train` iterates it, batch after batch for ever."""
    while True:
        run = Training(recipe, digits)
        done = 0
        for event in run:
            for _ in range(getattr(event, "step", done) - done):
                yield
            done = getattr(event, "step", done)


def training_ways(
    data: Path, digits: LabelledImages, plain: Recipe, best: str
) -> dict[str, Iterator[object]]:
    """All ways by name, each step by step for ever; `best` is the arithmetic chosen here."""
    affine, elastic = (replace(plain, augmentation=AUGMENTATIONS[k]) for k in ("affine", "elastic"))
    return {
        "textbook loop": _for_ever(lambda: Loop(data, Choice(batch_size=plain.batch_size))),
        "images kept in memory": steps(digits, plain, "layers", fused=False),
        "fused optimizer": steps(digits, plain, "layers"),
        **{name: steps(digits, plain, way) for name, way in _ARITHMETICS.items()},
        "chosen arithmetic, affine distortion": steps(digits, affine, best),
        "chosen arithmetic, elastic distortion": steps(digits, elastic, best),
        "`lenet train`, complete": real_epoch(digits, plain),
    }


def measure_batch(
    data: Path, digits: LabelledImages, batch: int, rounds: int
) -> tuple[list[Row], list[Row]]:
    """A row for each way, and one for each kind of distortion."""
    plain = Recipe(batch_size=batch, mean=0.1307, std=0.3081, epochs=1000, validation=0.02)
    best = choose_arithmetic(build(plain), plain, torch.device("cpu"), _IMAGES)
    ways = training_ways(data, digits, plain, best)
    count = max(10, _MEASURED // batch)
    taken: dict[str, list[_Times]] = {name: [] for name in ways}
    given = torch.get_num_threads()
    threads: dict[str, int] = {}
    for name, way in ways.items():
        _times(way, 5)  # warm
        threads[name] = torch.get_num_threads()  # a whole run may choose fewer
        torch.set_num_threads(given)
    for _ in range(rounds):
        for name, way in ways.items():
            torch.set_num_threads(threads[name])
            taken[name].append(_times(way, count))
    torch.set_num_threads(given)
    share = _IMAGES / (count * batch)
    rows: list[Row] = []
    for name, times in taken.items():
        ratios = (
            statistics.median(_ratios(taken["textbook loop"], times, column)) for column in (0, 1)
        )
        clock, cpu = (round(ratio, 2) for ratio in ratios)
        seconds = round(statistics.median(t[0] for t in times) * share, 2)
        rows.append({"batch": batch, "way": name, "seconds": seconds, "clock": clock, "cpu": cpu})
    bare = taken[next(name for name, way in _ARITHMETICS.items() if way == best)]
    distortions: list[Row] = []
    for kind in ("affine", "elastic"):
        of_kind = taken[f"chosen arithmetic, {kind} distortion"]
        extra = round(statistics.median(_ratios(of_kind, bare, 0)) - 1, 2)
        distortions.append(
            {"batch": batch, "distortion": kind, "extra_time": extra, "arithmetic": best}
        )
    return rows, distortions


def _ratios(times: list[_Times], others: list[_Times], column: int) -> list[float]:
    """Of the rounds' times by the clock (column 0) or of the processors (1)."""
    return [t[column] / other[column] for t, other in zip(times, others, strict=True)]


def _for_ever(begin: Callable[[], Loop]) -> Iterator[float]:
    loop = begin()
    while True:
        yield from loop.steps()


def _times(way: Iterator[object], count: int) -> _Times:
    """What so many steps take: seconds by the clock, and of the processors."""
    began, busy = time.perf_counter(), time.process_time()
    for _ in islice(way, count):
        pass
    return time.perf_counter() - began, time.process_time() - busy


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_training_options(parser)
    parser.add_argument("--batches", type=int, nargs="*", default=[128, 512])


def measure(options: argparse.Namespace) -> Tables:
    """Measure all ways at all batch sizes."""
    set_threads(options)
    data = mnist_folder(options)
    digits, _ = load_mnist(data)
    epochs: list[Row] = []
    distortions: list[Row] = []
    for batch in options.batches:
        rows, extra = measure_batch(data, digits, batch, options.rounds)
        epochs += rows
        distortions += extra
    units = {"seconds": "s", "clock": "ratio", "cpu": "ratio"}
    return {
        "epochs": Table(units, epochs),
        "distortions": Table({"extra_time": "share"}, distortions),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
