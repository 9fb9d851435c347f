"""What each part of the recipe `handwriting` brings: it is put together part by part.

    python -m benchmarks.ablation [--data DIR] [--images 1200000] [--only N ...]

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

from benchmarks.accuracy import test_sets
from trainer.data import loading, pen, unipen
from trainer.data.labelled_images import Digits, joined
from trainer.evaluation.scoring import evaluate
from trainer.files import data_folder
from trainer.networks.factory import build
from trainer.progress import result_of
from trainer.recipes.catalog import named
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.training.events import Epoch
from trainer.training.training import train

WHOLE = named("handwriting")
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

    add("MNIST as it is, one-cycle AdamW")
    add("+ rotated, scaled, sheared, shifted", augmentation=AUGMENTATIONS["affine"])
    add("+ bent (elastic)", augmentation=WHOLE.augmentation)
    add("+ running mean of the weights", weight_average=WHOLE.weight_average)
    add("+ built-in digits", dataset="mnist+pen")
    varied = False
    add("+ real pen digits", dataset="mnist+unipen+pen")
    varied = True
    add("+ their strokes varied", dataset="mnist+unipen+pen")
    add("+ distortion halved for the last fifth", settling=WHOLE.settling)
    for name, changes in (
        ("and a teacher", {"teacher_epochs": 6, "distillation": 0.9}),
        ("and smoothed labels", {"label_smoothing": 0.05}),
    ):
        made.append((name, dataclasses.replace(recipe, **changes), True))  # type: ignore[arg-type]
    return made


def training_set(name: str, varied: bool, data: Path) -> Digits:
    """The dataset's training split."""
    parts = []
    for part in name.split("+"):
        if part == "unipen":
            path = unipen.find(data)
            if path is None:
                raise SystemExit(f"the real pen digits are not in {data}")
            parts.append(result_of(pen.real("train", path, varied)))
        else:
            parts.append(result_of(loading.load(part, "train", data)))
    return joined(parts)


def main() -> None:
    """Train, measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--images", type=int, default=1_200_000, help="shown a line")
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="these lines, from 1")
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = data_folder(given.data)
    sets, _ = test_sets(data)
    line = "{:<44}" + "{:>16}" * len(sets) + "{:>9}"
    print(line.format("", *(name.removeprefix("pen, held-out ") for name in sets), "seconds"))
    for number, (name, recipe, varied) in enumerate(steps(), start=1):
        if given.only and number not in given.only:
            continue
        digits = training_set(recipe.dataset, varied, data)
        recipe = dataclasses.replace(recipe, epochs=max(1, round(given.images / len(digits))))
        began = time.monotonic()
        *_, last = train(recipe, digits)
        assert isinstance(last, Epoch)
        network = build(recipe)
        network.load_state_dict(last.weights)
        network.eval()
        shares = [f"{evaluate(network, found, recipe).accuracy:.2%}" for found in sets.values()]
        print(line.format(name, *shares, round(time.monotonic() - began)), flush=True)


if __name__ == "__main__":
    main()
