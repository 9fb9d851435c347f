"""A network of another program as one of this program: read, matched, tried, and made a `Model`."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError, printable
from trainer.exchange.foreign_file import read_foreign
from trainer.exchange.matching import MatchedNetwork, match_layers
from trainer.exchange.trials import Trial, try_variants
from trainer.handwriting.font import render_digits
from trainer.networks.model import Model, from_weights
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS, DIGIT_DATASETS, Recipe
from trainer.translation import gettext as _

WRITTEN = 1000
"""Digits written by code, on which variants are tried where no dataset is there."""
_SEED = 5
GUESSING = 0.5
"""With fewer right than this, the best variant is most probably not the one of the training."""


class ImportFailed(UserError):
    """A network that can't be imported; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """A network that was matched and tried, to be imported as one of its variants."""

    path: Path
    format: str
    matched: MatchedNetwork
    trials: tuple[Trial, ...]  # the best first; never empty
    base: Recipe
    classes: tuple[str, ...]
    tested_on: str  # for people: what the accuracies are of
    real: bool  # whether that is the dataset's test split

    def model(self, number: int = 0) -> Model:
        """The network as of that trial."""
        trial = self.trials[number]
        return from_weights(
            self.matched.with_order(trial.variant.order),
            trial.variant.recipe(self.matched, self.base),
            self.classes,
            {"test_accuracy": trial.score.accuracy} if self.real else {},
            self.path.name.split(".")[0] or self.path.name,
            data_sources=(),  # nobody knows
        )


def import_network(
    path: Path, data: Path, dataset: str = "mnist", fixed: dict[str, Any] | None = None
) -> Generator[Progress, None, Candidates]:
    """Read a network of another program and try what it may have been trained with.

    Args:
        path: its file.
        data: folder of datasets.
        dataset: a key of `DATASETS`: what the network tells apart.
        fixed: values of a `trials.Variant` that are known.

    Raises:
        UserError: it can't be read, is no LeNet-5, or tells another number of classes apart;
            a dataset other than digits is not there.
    """
    yield Progress(_("reading {file}").format(file=path.name), 0, 0)
    foreign = read_foreign(path)
    matched = match_layers(foreign.tensors, str(path))
    if not all(bool(weight.isfinite().all()) for weight in matched.weights.values()):
        raise ImportFailed(f"{path} {_('holds weights that are not numbers')}")
    images, tested_on, real = yield from load_images(dataset, data)
    if len(images.classes) != matched.classes:
        raise ImportFailed(
            _(
                "{file} tells {count} classes apart, and {dataset} has {expected}: choose the "
                "dataset that it was trained on"
            ).format(
                file=path,
                count=matched.classes,
                dataset=_(DATASETS[dataset]),
                expected=len(images.classes),
            )
        )
    base = Recipe(
        name="imported",
        description=_("Imported from {file}.").format(file=printable(path.name)),
        dataset=dataset,
    )
    trials = yield from try_variants(matched, images, base, fixed, trust_loss=real)
    if not trials:
        raise ImportFailed(
            _("{file} can't have the border asked for: its C5 sees {count} values").format(
                file=path, count=16 * matched.side**2
            )
        )
    return Candidates(
        path, foreign.format, matched, tuple(trials), base, images.classes, tested_on, real
    )


def load_images(
    dataset: str, data: Path
) -> Generator[Progress, None, tuple[LabelledImages, str, bool]]:
    """Images to try a network on, what they are called, and whether they are the test split."""
    first = dataset.split("+")[0]
    if first == "pen" or (dataset in DIGIT_DATASETS and not _is_there(first, data)):
        yield Progress(_("writing digits"), 0, 0)
        written = [*render_digits(WRITTEN, _SEED)]
        pictures = torch.from_numpy(np.stack([image for image, _label in written]))
        labels = torch.tensor([label for _image, label in written])
        title = _("{count:,} digits written by code").format(count=WRITTEN)
        return LabelledImages(pictures, labels), title, False
    images = yield from loading.load(dataset, "test", data)
    title = _("{dataset}'s test images ({count:,})").format(
        dataset=_(DATASETS[first]), count=len(images)
    )
    return images, title, True


def _is_there(dataset: str, data: Path) -> bool:
    return dataset in loading.PUBLISHED and not loading.list_missing(dataset, data)
