"""How right a network is on a dataset."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.data.labelled_images import LabelledImages
from trainer.networks.factory import Network, prepare_images
from trainer.progress import Progress, result_of
from trainer.recipes.recipe import Recipe

_BATCH = 500  # what twice as many need is too large for a processor's cache


@dataclass(frozen=True, slots=True)
class Score:
    """How a network did on a dataset."""

    accuracy: float  # 0 to 1
    loss: float  # mean cross-entropy, nats
    count: int


def compute_logits(
    network: Network, digits: LabelledImages, recipe: Recipe, what: str = "testing"
) -> Generator[Progress, None, Tensor]:
    """A network's scores for digits that lie on its device; returns float32 (N, classes) there."""
    found = []
    for done in range(0, len(digits), _BATCH):
        yield Progress(what, done, len(digits))
        # The mode must not stay on across a yield: other code of this thread may run there.
        with torch.inference_mode():
            found.append(network(prepare_images(digits.images[done : done + _BATCH], recipe)))
    return torch.cat(found)


def score(logits: Tensor, labels: Tensor) -> Score:
    """How right scores (N, classes) are, for int64 labels (N,)."""
    right = float((logits.argmax(1) == labels).sum())
    return Score(right / len(labels), float(F.cross_entropy(logits, labels)), len(labels))


def evaluate_with_progress(
    network: Network, digits: LabelledImages, recipe: Recipe
) -> Generator[Progress, None, Score]:
    """Test a network on digits that lie on its device; returns its `Score`."""
    return score((yield from compute_logits(network, digits, recipe)), digits.labels)


def evaluate(network: Network, digits: LabelledImages, recipe: Recipe) -> Score:
    """Test a network on digits that lie on its device."""
    return result_of(evaluate_with_progress(network, digits, recipe))
