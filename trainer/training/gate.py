"""Trains the gate: digits beside letters, symbols, scribbles and doodles written by code."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer.data.augment import distort
from trainer.data.labelled_images import LabelledImages
from trainer.drawing.rasterize import rasterize
from trainer.handwriting.font import write_touching_digits
from trainer.handwriting.non_digits import (
    FOR_TEACHING,
    FOR_TESTING,
    KINDS,
    SMALLEST,
    write_non_digits,
)
from trainer.handwriting.scribbles import write_blots, write_doodle, write_frames
from trainer.networks.factory import scale_images
from trainer.networks.gate import Gate, GateNetwork, fast_arithmetic
from trainer.progress import Progress
from trainer.recipes.recipe import Augmentation
from trainer.training.optimizers import AUXILIARY_BATCH, train_auxiliary
from trainer.translation import gettext as _

MOST_REJECTED = 0.0025
"""Share of the validation digits that the threshold rejects, of the set with which it is
hardest."""
MOST_REJECTED_OF_A_FORM = 0.016
"""The same of one written form of a digit, that which is hardest: of others of any form no more
than a hundredth is rejected then."""
DOODLES, FORMS, WRITING, PAIRS = 40_000, 45_000, 35_000, 25_000
BLOTS, FRAMES = 12_000, 5_000
"""How many pictures of each sort that is no digit are taught: doodles, all kinds of forms alike,
letters and symbols alone, which are taken for digits most easily, two digits that touch, which
are to be divided, and what photos show beside writing."""
_BOLD = 0.15
"""The share of the doodles, forms and writing that is bold."""
BOLD_WIDTHS = (1.6, 2.6)
"""The least and the greatest width of a bold pen, as a multiple of the usual one. Some of the
digits that are taught are as bold."""
_SHOWN = 0.5
"""The share of them that an epoch shows: more to choose from helps more than more of the same."""
EPOCHS = 20
_DISTORTION = Augmentation(rotation=8.0, scale=0.1, shear=0.1, shift=1.0, elastic=0.4)


@dataclass(frozen=True, slots=True, eq=False)
class Allowance:
    """How many of some digits that are not trained on may be rejected."""

    images: Tensor  # uint8, (N, 28, 28)
    rejected: float = MOST_REJECTED  # 0 to 1


def train_gate(
    training: LabelledImages,
    validation: list[Allowance],
    seed: int,
    epochs: int = EPOCHS,
) -> Generator[Progress, None, Gate]:
    """Train a gate, and set its threshold by `validation`.

    Args:
        training: digits; about as many of them are used as there are non-digits.
        validation: sets of digits, none of which may be rejected more often than it says.
        seed: decides all.
        epochs: passes over what is no digit.

    Returns:
        (of the generator) the gate, on the CPU.
    """
    others = yield from render_non_digits(seed)
    source = torch.Generator().manual_seed(seed)
    network = GateNetwork(source)
    count = round(_SHOWN * len(others))

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for _epoch in range(epochs):
            shown = torch.randperm(len(training), generator=source)[:count]
            chosen = torch.randperm(len(others), generator=source)[:count]
            images = torch.cat([training.images[shown], others[chosen]])
            # Nothing is quite certain: among the doodles there is a digit by accident.
            targets = torch.cat([torch.full((len(shown),), 0.99), torch.full((count,), 0.01)])
            for index in torch.randperm(len(images), generator=source).split(AUXILIARY_BATCH):
                yield images[index], targets[index]

    def compute_loss(images: Tensor, targets: Tensor) -> Tensor:
        distorted = distort(scale_images(images), _DISTORTION, source)
        with fast_arithmetic(distorted.device):
            scores = network(distorted)
        return F.binary_cross_entropy_with_logits(scores, targets)

    steps = math.ceil((count + min(count, len(training))) / AUXILIARY_BATCH) * epochs
    what = _("training the gate")
    taught_network = yield from train_auxiliary(network, compute_loss, batches(), steps, what)
    gate = Gate(taught_network, 0.0)
    lowest = [float(gate.scores(each.images).quantile(each.rejected)) for each in validation]
    return Gate(gate.network, min(lowest))


def render_non_digits(seed: int) -> Generator[Progress, None, Tensor]:
    """Pictures to teach: uint8 (N, 28, 28), as many of each sort as the constants say.

    Args:
        seed: decides all.
    """
    rng = np.random.default_rng(seed)
    count = sum((DOODLES, FORMS, WRITING, PAIRS, BLOTS, FRAMES))
    images = torch.empty((count, 28, 28), dtype=torch.uint8)
    for n, (strokes, width) in enumerate(_write_non_digits(seed, rng)):
        images[n] = torch.from_numpy(rasterize(strokes, width=width, smallest=SMALLEST))
        if n % 100 == 0:
            yield Progress(_("drawing what is no digit"), n, len(images))
    return images


def _write_non_digits(
    seed: int, rng: np.random.Generator
) -> Iterator[tuple[Sequence[NDArray[np.float64]], float]]:
    """Strokes and the pen's width of each, sort by sort."""
    taught = FOR_TEACHING + FOR_TESTING
    writing = [name for kind in ("letters", "symbols") for name in KINDS[kind] if name in taught]
    marks = chain(
        write_non_digits(FORMS, seed, taught), write_non_digits(WRITING, seed + 1, writing)
    )
    doodles = (write_doodle(rng) for _ in range(DOODLES))
    for strokes, width in chain(doodles, ((mark.strokes, mark.width) for mark in marks)):
        bold = rng.random() < _BOLD
        yield strokes, float(rng.uniform(*BOLD_WIDTHS)) if bold else width
    yield from (write_touching_digits(rng) for _ in range(PAIRS))
    yield from (write_blots(rng) for _ in range(BLOTS))
    yield from (write_frames(rng) for _ in range(FRAMES))
