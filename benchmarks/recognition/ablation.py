"""The effect of each part of the recipe `handwriting`, which is put together part by part.

    python -m benchmarks.recognition.ablation [--data DIR] [--images 1200000] [--only N ...]

Trains a LeNet-5 anew for every line, each on the same number of images shown and
with the same seed, one thread, and reads what was never trained on: MNIST's test
set, held-out people's and contributors' pen digits, and built-in digits. Needs
MNIST and the real pen digits in DIR. About two minutes a line; the teacher's
takes ten.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path

import torch

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.accuracy import load_test_sets
from trainer.data.labelled_images import LabelledImages, concatenate
from trainer.data.loading import load
from trainer.data.pen import load_pen_digits
from trainer.data.pen_digits import find
from trainer.evaluation.report import evaluate
from trainer.files import data_folder
from trainer.networks.factory import build
from trainer.progress import result_of
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.training.events import Epoch
from trainer.training.training import train

WHOLE = find_recipe("handwriting")
PLAIN = dataclasses.replace(
    WHOLE,
    dataset="mnist",
    augmentation=AUGMENTATIONS["none"],
    weight_average=0.0,
    settling=0.0,
    teacher_epochs=0,
    label_smoothing=0.0,
)


def steps() -> list[tuple[str, Recipe, bool]]:
    """Each line's name, recipe, and whether real strokes are varied."""
    recipe, varied, made = PLAIN, True, []

    def add(name: str, **changes: object) -> None:
        nonlocal recipe
        recipe = dataclasses.replace(recipe, **changes)  # type: ignore[arg-type]
        made.append((name, recipe, varied))

    add("MNIST as it is, AdamW with warm-up and cosine schedule")
    add("+ rotated, scaled, sheared, shifted", augmentation=AUGMENTATIONS["affine"])
    add("+ elastic distortion", augmentation=WHOLE.augmentation)
    add("+ running mean of the weights", weight_average=WHOLE.weight_average)
    add("+ built-in digits", dataset="mnist+pen")
    varied = False
    add("+ real pen digits", dataset="mnist+unipen+pen")
    varied = True
    add("+ their strokes varied", dataset="mnist+unipen+pen")
    add("+ distortion halved for the last fifth", settling=WHOLE.settling)
    for name, changes in (
        ("and a teacher (not in the recipe)", {"teacher_epochs": 6, "distillation": 0.9}),
        ("and smoothed labels (not in the recipe)", {"label_smoothing": 0.05}),
    ):
        made.append((name, dataclasses.replace(recipe, **changes), True))  # type: ignore[arg-type]
    return made


def training_set(name: str, varied: bool, data: Path) -> LabelledImages:
    """The dataset's training split."""
    parts = []
    for part in name.split("+"):
        if part == "unipen":
            files = find(data)
            if files is None:
                raise NothingToMeasure(f"the real pen digits are not in {data}")
            parts.append(result_of(load_pen_digits("train", files, varied=varied)))
        else:
            parts.append(result_of(load(part, "train", data)))
    return concatenate(parts)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--images", type=int, default=1_200_000, help="shown for each line")
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="these lines, from 1")


def measure(options: argparse.Namespace) -> Tables:
    """Train and test, one row for each step."""
    torch.set_num_threads(1)
    data = data_folder(options.data)
    sets, _ = load_test_sets(data)
    rows: list[Row] = []
    for number, (name, recipe, varied) in enumerate(steps(), start=1):
        if options.only and number not in options.only:
            continue
        digits = training_set(recipe.dataset, varied, data)
        recipe = dataclasses.replace(recipe, epochs=max(1, round(options.images / len(digits))))
        began = time.monotonic()
        *_, last = train(recipe, digits)
        assert isinstance(last, Epoch)
        network = build(recipe)
        network.load_state_dict(last.weights)
        network.eval()
        row: Row = {"step": name}
        for test_set, found in sets.items():
            row[test_set] = round(evaluate(network, found, recipe).accuracy, 6)
        rows.append(row | {"seconds": round(time.monotonic() - began)})
        progress(f"{name}: {rows[-1]}")
    return {"steps": Table(dict.fromkeys(sets, "share") | {"seconds": "s"}, rows)}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
