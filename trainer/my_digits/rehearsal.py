"""What learning from my digits needs besides them: pictures to go over, and tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import torch

from trainer import progress
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages, concatenate
from trainer.handwriting import font
from trainer.my_digits.digit import OwnDigit
from trainer.my_digits.fine_tuning import Learned, Method, check, fine_tune
from trainer.networks.model import Model
from trainer.progress import Progress

MNIST, BUILT_IN = "MNIST test", "Built-in digits"
COUNTS = {"mnist": 26_000, "pen": 4_000, "pen alone": 8_000}
"""How many pictures are gone over: of MNIST, of the built-in digits, and of these without MNIST."""
_SEED = 62
"""Other built-in digits than are trained on or tested with."""


def learn_from(
    model: Model,
    own: Sequence[OwnDigit],
    folder: Path,
    method: Method,
    seed: int = 1,
) -> Generator[Progress, None, Learned]:
    """`learn` with what `folder` (of datasets) holds; MNIST need not be there.

    Raises:
        LearningError: as `learn`.
        DataError: MNIST is there and damaged.
    """
    check(model, own)  # before the datasets are waited for
    rehearsal = yield from load_rehearsal(folder, seed)
    tests = yield from load_test_sets(folder)
    learned = yield from fine_tune(model, own, rehearsal, tests, method, seed)
    return _with_test(learned)


def _with_test(learned: Learned) -> Learned:
    """The accuracy that the kept model is known by is the new one, where it was measured."""
    model = learned.model
    tested_on = {"mnist": MNIST, "pen": BUILT_IN}.get(model.recipe.dataset.split("+")[0])
    for change in learned.changes[1:]:
        if change.name == tested_on:
            history = {**model.history, "test_accuracy": change.after}
            return dataclasses.replace(learned, model=dataclasses.replace(model, history=history))
    return learned


def load_rehearsal(folder: Path, seed: int = 1) -> Generator[Progress, None, LabelledImages]:
    """Training pictures of MNIST, if it is there, and built-in digits."""
    if loading.list_missing("mnist", folder):
        return (yield from _written(COUNTS["pen alone"]))
    mnist = yield from loading.load("mnist", "train", folder)
    order = torch.randperm(len(mnist), generator=torch.Generator().manual_seed(seed))
    written = yield from _written(COUNTS["pen"])
    both = concatenate([mnist.at(order[: COUNTS["mnist"]]), written])
    return both.at(torch.randperm(len(both), generator=torch.Generator().manual_seed(seed)))


def load_test_sets(folder: Path) -> Generator[Progress, None, dict[str, LabelledImages]]:
    """MNIST's test set, if it is there, and that of the built-in digits."""
    tests = {}
    if not loading.list_missing("mnist", folder):
        tests[MNIST] = yield from loading.load("mnist", "test", folder)
    tests[BUILT_IN] = yield from loading.load("pen", "test", folder)
    return tests


def _written(count: int) -> Generator[Progress, None, LabelledImages]:
    """Built-in digits that are neither trained on nor tested with."""

    def render() -> Generator[Progress, None, LabelledImages]:
        images, labels = [], []
        for n, (image, label) in enumerate(font.render_digits(count, _SEED)):
            images.append(image)
            labels.append(label)
            if n % 100 == 0:
                yield Progress("writing digits to go over", n, count)
        return LabelledImages(torch.from_numpy(np.stack(images)), torch.tensor(labels))

    return (yield from progress.once(("known", str(count)), render()))
