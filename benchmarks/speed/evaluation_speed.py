"""Seconds to evaluate a network on MNIST's 10,000 test images.

    python -m benchmarks.speed.evaluation_speed [--data DIR] [--threads 2] [--rounds 5]

In turn with the textbook loop: medians of the rounds after the first.
"""

from __future__ import annotations

import argparse
import statistics
import time

from benchmarks.command import run
from benchmarks.measurement import Table, Tables
from benchmarks.speed.inputs import add_training_options, load_mnist, mnist_folder, set_threads
from benchmarks.speed.textbook import Choice, Loop
from trainer.evaluation.report import evaluate
from trainer.networks.factory import build
from trainer.recipes.catalog import find_recipe


def measure(options: argparse.Namespace) -> Tables:
    """Evaluate in turn with the textbook loop."""
    set_threads(options)
    data = mnist_folder(options)
    _, test = load_mnist(data)
    recipe = find_recipe("ninety-nine")
    network = build(recipe).eval()
    loop = Loop(data, Choice())
    times = []
    for _ in range(options.rounds + 1):
        began = time.perf_counter()
        evaluate(network, test, recipe)
        between = time.perf_counter()
        loop.accuracy()
        times.append((between - began, time.perf_counter() - between))
    ours, theirs = (statistics.median(column) for column in zip(*times[1:], strict=True))
    ratio = statistics.median(their / own for own, their in times[1:])
    row = {
        "images": len(test), "seconds": round(ours, 3), "textbook_seconds": round(theirs, 3),
        "clock": round(ratio, 1),
    }  # fmt: skip
    return {"evaluation": Table({"seconds": "s", "textbook_seconds": "s", "clock": "ratio"}, [row])}


if __name__ == "__main__":
    run(__doc__, measure, add_training_options)
