"""The weights that a network began its training with, found again from its recipe's seed.

A run draws all its chance from the seed: first the order that splits its
images, then the initial weights (`training`). How many images there were is
known of each dataset, so the weights can be drawn once more. Whether they are
the right ones shows: trained weights go on resembling those they began with.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import torch

from trainer.networks.factory import Network, build
from trainer.networks.model import Model
from trainer.recipes.recipe import Recipe

TRAINING_IMAGES = {
    "mnist": 60_000,
    "fashion": 60_000,
    "cifar10": 50_000,
    "pen": 20_000,
    "unipen": 62_040,  # drawings to train on count `pen.VARIANTS` times
    "qmnist": 60_000,
    "kmnist": 60_000,
    "emnist-digits": 240_000,
    "emnist-letters": 124_800,
    "emnist-balanced": 112_800,
}
"""How many images a dataset's training split has, validation included."""
EARLIER_TRAINING_IMAGES = {"unipen": 15_186}
"""How many it had for networks that were trained before it grew."""

RESEMBLANCE = 6.0
"""Less than this, and the weights drawn are not those that the network began with.

In standard deviations of chance. Networks of the named recipes have 12 to 130 of
the weights that they began with, and below 4 of any others.
"""


@lru_cache(maxsize=4)
def load_initial_network(model: Model) -> Network | None:
    """The network as it was before its training, on the CPU.

    Of one that learned further from corrections, before its first training.

    Args:
        model: on the CPU; it stays as it is.

    Returns:
        None where it can't be known: the model was trained on other images, or
        not by its recipe, or so long that nothing is left of the beginning.
    """
    parts = model.recipe.dataset.split("+")
    if any(part not in TRAINING_IMAGES for part in parts):
        return None
    for sizes in (TRAINING_IMAGES, TRAINING_IMAGES | EARLIER_TRAINING_IMAGES):
        network = rebuild_initial_network(model.recipe, sum(sizes[part] for part in parts))
        if measure_resemblance(network, model.network) >= RESEMBLANCE:
            return network
    return None


def rebuild_initial_network(recipe: Recipe, images: int) -> Network:
    """The network that a run by `recipe` begins with, where its training split has so many."""
    source = torch.Generator().manual_seed(recipe.seed)
    torch.randperm(images, generator=source)  # the run's order, drawn before the weights
    return build(recipe, source).eval()


def measure_resemblance(one: Network, other: Network) -> float:
    """How much two networks of one kind are alike, in standard deviations of chance.

    Of independent weights, a layer's correlation times the root of their
    number is about normal with deviation 1; the layers' are put together as in
    Stouffer et al., "The American Soldier", 1949: their sum over the root of
    how many there are.
    """
    scores = []
    for first, second in zip(_weights(one), _weights(other), strict=True):
        pair = torch.stack((first, second))
        correlation = float(torch.corrcoef(pair)[0, 1])
        # A layer whose weights are all the same has no correlation.
        scores.append(correlation * len(first) ** 0.5 if correlation == correlation else 0.0)
    return float(sum(scores) / len(scores) ** 0.5)


def _weights(network: Network) -> Iterator[torch.Tensor]:
    """Each layer's weights, flat, but not the biases and coefficients, which are few."""
    for values in network.parameters():
        if values.ndim > 1:
            yield values.detach().flatten()
