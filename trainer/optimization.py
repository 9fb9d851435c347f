"""How weights follow gradients: a recipe's optimiser, learning rate and running mean."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    SequentialLR,
)
from torch.optim.swa_utils import AveragedModel

from trainer.lenet import LeNet5
from trainer.recipes import Recipe


def optimizer(network: LeNet5, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser for all of the network's weights."""
    weights, rate, decay = network.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(weights, rate, recipe.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    betas = (recipe.momentum, recipe.beta2)
    # One kernel for all weights where there is one: the step costs a quarter.
    fused = next(network.parameters()).device.type in ("cpu", "cuda")
    return kind(weights, rate, betas, weight_decay=decay, fused=fused)


def schedule(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int) -> LRScheduler:
    """The learning rate batch by batch: an optional rise, then constant or half a cosine."""
    warmup = round(steps * recipe.warmup)
    main: LRScheduler
    if recipe.schedule == "cosine":
        main = CosineAnnealingLR(optimizer, T_max=max(1, steps - warmup))
    else:
        main = ConstantLR(optimizer, factor=1.0, total_iters=0)
    if not warmup:
        return main
    rise = LinearLR(optimizer, start_factor=0.01, total_iters=warmup)
    return SequentialLR(optimizer, [rise, main], milestones=[warmup])


def averaged(network: LeNet5, recipe: Recipe) -> AveragedModel | None:
    """The running mean of the network's weights, or None where the recipe wants none."""
    return running_mean(network, recipe.weight_average) if recipe.weight_average else None


def running_mean(network: nn.Module, decay: float) -> AveragedModel:
    """The running mean of a network's weights, and of what its normalisation has counted.

    PyTorch's, but without its long memory of the first weights: the decay rises
    as (1 + n) / (10 + n) to `decay`, so that a short run's mean is not mostly
    its initial weights.
    """

    @torch.no_grad()
    def update(mean: list[Tensor], now: list[Tensor], count: Tensor | int) -> None:
        if not mean[0].is_floating_point():  # how many batches were seen: no mean of it
            torch._foreach_copy_(mean, now)
            return
        n = int(count)
        torch._foreach_lerp_(mean, now, 1 - min(decay, (1 + n) / (10 + n)))

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)  # type: ignore[arg-type]
