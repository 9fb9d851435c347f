"""What a recipe makes small."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from trainer.networks.lenet1998 import map_loss, mse_loss
from trainer.recipes.recipe import Recipe

_LOSSES: dict[str, Callable[[Tensor, Tensor, Recipe], Tensor]] = {
    "cross_entropy": lambda logits, labels, recipe: F.cross_entropy(
        logits, labels, label_smoothing=recipe.label_smoothing
    ),
    "map": lambda logits, labels, recipe: map_loss(logits, labels, recipe.rubbish),
    "mse": lambda logits, labels, recipe: mse_loss(logits, labels),
}


def loss(logits: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    """The recipe's loss, the mean over a batch.

    Cross-entropy of logits is the negative log-likelihood of their log-softmax,
    so a source that writes these two is followed to the letter.

    Args:
        logits: float, (N, classes); minus the penalties for the network of 1998.
        labels: int64, (N,).
    """
    return _LOSSES[recipe.loss](logits, labels, recipe)
