"""How weights follow gradients: a recipe's optimiser, learning rate and running mean."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
    StepLR,
)
from torch.optim.swa_utils import AveragedModel

from trainer.networks.factory import Network
from trainer.networks.lenet1998 import LeNet1998
from trainer.recipes.recipe import Recipe
from trainer.runtime.uncompiled import uncompiled
from trainer.training.optimizers import SDLM


def optimizer(network: Network, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser for all of the network's weights."""
    if recipe.optimizer == "sdlm":
        assert isinstance(network, LeNet1998)  # a recipe is checked for that
        return uncompiled(SDLM)(network, recipe.learning_rate, recipe.damping)
    weights, rate, decay = network.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return uncompiled(torch.optim.SGD)(weights, rate, recipe.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    betas = (recipe.momentum, recipe.beta2)
    # One kernel for all weights where there is one: the step costs a quarter.
    fused = next(network.parameters()).device.type in ("cpu", "cuda")
    return uncompiled(kind)(weights, rate, betas, weight_decay=decay, fused=fused)


def schedule(optimizer: torch.optim.Optimizer, recipe: Recipe, steps_per_epoch: int) -> LRScheduler:
    """The learning rate batch by batch: an optional rise, then what the recipe says."""
    steps = steps_per_epoch * recipe.epochs
    warmup = round(steps * recipe.warmup)
    main = _main_schedule(optimizer, recipe, steps - warmup, steps_per_epoch)
    if not warmup:
        return main
    rise = LinearLR(optimizer, start_factor=0.01, total_iters=warmup)
    return SequentialLR(optimizer, [rise, main], milestones=[warmup])


def _main_schedule(
    optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int, steps_per_epoch: int
) -> LRScheduler:
    """PyTorch's own schedule of the recipe's name, over `steps` batches."""
    if recipe.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=max(1, steps))
    if recipe.schedule == "step":
        return StepLR(optimizer, recipe.step_epochs * steps_per_epoch, recipe.step_factor)
    if recipe.schedule == "one_cycle":
        # One more than there are: it is asked for the next rate after the last one too.
        return OneCycleLR(
            optimizer,
            recipe.learning_rate,
            total_steps=max(2, steps + 1),
            cycle_momentum=recipe.optimizer != "sdlm",  # which has none
        )
    if recipe.schedule == "table":
        return LambdaLR(
            optimizer,
            lambda step: rate_of(recipe, step // steps_per_epoch + 1) / recipe.learning_rate,
        )
    return ConstantLR(optimizer, factor=1.0, total_iters=0)


def rate_of(recipe: Recipe, epoch: int) -> float:
    """What a recipe's table of learning rates says for an epoch, from 1."""
    return [rate for first, rate in recipe.rates if first <= epoch][-1]


def averaged(network: Network, recipe: Recipe) -> RunningMean | None:
    """The running mean of the network's weights, or None where the recipe wants none."""
    return RunningMean(network, recipe.weight_average) if recipe.weight_average else None


class RunningMean(AveragedModel):
    """The running mean of a network's weights, and of what its normalisation has counted.

    PyTorch's, but without its long memory of the first weights: the decay rises
    as (1 + n) / (10 + n) to `decay`, so that a short run's mean is not mostly
    its initial weights. And without its waiting: it asks a GPU how many weights
    it has seen, and so lets it run dry after every step; here the CPU counts.

    Args:
        network: on any device; `module` is its mean, there as well.
        decay: 0 to 1.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__(network, use_buffers=True)
        self._decay = decay

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Take in the network's weights of now."""
        n = int(self.n_averaged)
        means = [*self.module.parameters(), *self.module.buffers()]
        values = [*model.parameters(), *model.buffers()]
        for mean, now in zip(means, values, strict=True):
            if not n or not mean.is_floating_point():  # batches that were seen: no mean of it
                mean.copy_(now)
        if n:
            torch._foreach_lerp_(
                [mean for mean in means if mean.is_floating_point()],
                [value for value in values if value.is_floating_point()],
                1 - min(self._decay, (1 + n) / (10 + n)),
            )
        self.n_averaged += 1
