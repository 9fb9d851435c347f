"""How much distortion networks bear: one digit's probabilities, or accuracy over a dataset.

A sweep reads one digit at many values of one distortion, as the window shows it live. A
measurement reads a dataset's test split at a few values of each, as `lenet robustness`
prints it. `trainer.robustness.drawings` and `trainer.robustness.images` do the distorting.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.networks.factory import prepare_images
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.reading.predict import read_many
from trainer.recipes.recipe import dataset_title
from trainer.robustness.distortions import (
    PARAMETERS,
    Distortion,
    DistortionError,
    Parameter,
    parameter,
)
from trainer.robustness.drawings import Distorter
from trainer.robustness.images import distort
from trainer.translation import gettext as _

BATCH_SIZE = 1000


class Stale(Exception):
    """A sweep whose result is no longer wanted."""


@dataclass(frozen=True, slots=True)
class AnswerInterval:
    """Neighboring values at which a network gives the same answer."""

    first: int  # index of the first value
    last: int  # of the last one
    answer: int  # index of the class


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """One digit at many values of one distortion, read by one or several networks."""

    parameter: Parameter
    values: tuple[float, ...]
    names: tuple[str, ...]  # of the networks
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]  # (networks, values, classes)

    def answer_intervals(self, network: int) -> list[AnswerInterval]:
        """A network's answers along the values, ascending."""
        answers = self.probabilities[network].argmax(1).tolist()
        intervals = []
        for answer, numbers in groupby(range(len(answers)), lambda number: answers[number]):
            part = list(numbers)
            intervals.append(AnswerInterval(part[0], part[-1], answer))
        return intervals

    def stable_range(self, network: int) -> tuple[float, float]:
        """The least and the largest value up to which the answer is that without distortion."""
        plain = min(
            range(len(self.values)), key=lambda n: abs(self.parameter.share(self.values[n]))
        )
        interval = next(s for s in self.answer_intervals(network) if s.first <= plain <= s.last)
        return self.values[interval.first], self.values[interval.last]


def sweep(
    models: Sequence[Model],
    distorter: Distorter,
    base: Distortion,
    swept: Parameter,
    values: Sequence[float] | None = None,
    stale: Callable[[], bool] = lambda: False,
) -> Sweep:
    """Read one digit at each value of one distortion.

    Args:
        models: of the same number of classes.
        distorter: the digit.
        base: the other distortions.
        swept: the parameter that is varied.
        values: by default `swept.list_values()`.
        stale: called now and then; returns whether to give up.

    Raises:
        Stale: `stale` returned True.
    """
    at = tuple(swept.list_values() if values is None else values)
    pictures = []
    for value in at:
        if stale():
            raise Stale
        pictures.append(distorter.picture(base.with_value(swept.name, value)))
    images = np.stack(pictures)
    probabilities = np.array([read_many(model, images) for model in models])
    names = tuple(model.name for model in models)
    return Sweep(swept, at, names, models[0].classes, probabilities)


@dataclass(frozen=True, slots=True)
class Curve:
    """The accuracy of networks at a few values of one distortion."""

    parameter: Parameter
    values: tuple[float, ...]
    accuracies: tuple[tuple[float, ...], ...]  # of each network, at each value, 0 to 1


@dataclass(frozen=True, slots=True)
class Robustness:
    """The accuracy of networks on distorted test images."""

    dataset: str  # a key of `recipe.DATASETS`
    count: int  # images
    names: tuple[str, ...]  # of the networks
    curves: tuple[Curve, ...]
    refit: bool = False
    seed: int = 0

    @property
    def title(self) -> str:
        """The dataset, for people."""
        return dataset_title(self.dataset)


def choose_parameters(
    names: Sequence[str], values: Sequence[float] = ()
) -> dict[str, tuple[float, ...]]:
    """What to measure: the values of each distortion.

    Args:
        names: of distortions; all if there are none.
        values: instead of those that are usual; only with a single name.

    Raises:
        DistortionError: there is none of a name, or values that make no sense for it.
    """
    chosen = [parameter(name) for name in dict.fromkeys(names or PARAMETERS)]
    if not values:
        return {each.name: each.measured for each in chosen}
    if len(chosen) != 1:
        raise DistortionError(_("values are for one distortion: name it, and only it"))
    one = chosen[0]
    for value in values:
        if not one.low - 1e-9 <= value <= one.high + 1e-9:
            raise DistortionError(
                _("{name} is {value:g}; it must be from {low:.3g} to {high:g}").format(
                    name=one.name, value=value, low=one.low, high=one.high
                )
            )
    return {one.name: tuple(sorted(set(values)))}


def measure_robustness(
    models: Sequence[Model],
    digits: LabelledImages,
    dataset: str,
    wanted: dict[str, tuple[float, ...]],
    base: Distortion = Distortion(),  # noqa: B008  it is frozen
) -> Generator[Progress | Curve, None, Robustness]:
    """Read test images, distorted, at each value of each distortion.

    Each batch is distorted once and read by all networks.

    Args:
        models: on the device of `digits`, and of its number of classes.
        digits: what to read.
        dataset: its name.
        wanted: values by the distortion's name, as `chosen` gives them.
        base: what is done besides; its seed decides noise and scribbles.

    Yields:
        How far it is; and each curve when it is complete.

    Raises:
        UserError: there are no images.
    """
    if not len(digits):
        raise UserError(_("there are no images to read"))
    total = sum(map(len, wanted.values())) * len(digits)
    done, curves = 0, []
    for name, values in wanted.items():
        rows = []
        for value in values:
            right = [0] * len(models)
            for start, batch, labels in _distort(digits, base.with_value(name, value)):
                yield Progress(
                    f"{_(PARAMETERS[name].title)} {PARAMETERS[name].describe(value)}",
                    done + start,
                    total,
                )
                for number, model in enumerate(models):
                    right[number] += _right(model, batch, labels)
            done += len(digits)
            rows.append([count / len(digits) for count in right])
        columns = tuple(tuple(column) for column in zip(*rows, strict=True))
        curves.append(Curve(PARAMETERS[name], tuple(values), columns))
        yield curves[-1]
    names = tuple(model.name for model in models)
    return Robustness(dataset, len(digits), names, tuple(curves), base.refit, base.seed)


def _distort(
    digits: LabelledImages, how: Distortion
) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
    """Batches: the number of the first image, the distorted images, their labels."""
    for start in range(0, len(digits), BATCH_SIZE):
        part = slice(start, start + BATCH_SIZE)
        yield start, distort(digits.images[part], how, start), digits.labels[part]


def _right(model: Model, images: torch.Tensor, labels: torch.Tensor) -> int:
    """The number of images that are read correctly."""
    with torch.inference_mode():
        logits = model.network(prepare_images(images, model.recipe))
        return int((logits.argmax(1) == labels).sum())
