"""Build a recipe's network, and prepare its input.

A network of either kind has `layers(images)`, which returns `lenet5.Layers`, and returns its logits
when called; the other packages need no more of it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.networks import lenet5, lenet1998
from trainer.networks.lenet5 import PADDING, LayerSummary, LeNet5
from trainer.networks.lenet1998 import LeNet1998
from trainer.recipes.recipe import Recipe, count_classes, has_colors

Network = LeNet5 | LeNet1998


def image_shape(dataset: str) -> tuple[int, int, int]:
    """Channels, height and width of a dataset's images."""
    return (3, 32, 32) if has_colors(dataset) else (1, 28, 28)


def input_shape(recipe: Recipe) -> tuple[int, int, int]:
    """Channels, height and width of the network's input."""
    if recipe.network == "lenet5-1998" or recipe.border in ("paper", "enlarged"):
        return (1, 32, 32)
    return image_shape(recipe.dataset)


def build(recipe: Recipe, generator: torch.Generator | None = None) -> Network:
    """The recipe's network with initial weights from `generator`, on the CPU."""
    if recipe.network == "lenet5-1998":
        return LeNet1998(generator)
    return LeNet5(
        recipe.activation,
        recipe.pooling,
        generator,
        hidden_activation=recipe.hidden_activation,
        c5=recipe.c5,
        dropout=recipe.dropout,
        shape=input_shape(recipe),
        padding=PADDING if recipe.border == "zeros" else 0,
        classes=count_classes(recipe.dataset),
    )


def summarize(network: Network) -> list[LayerSummary]:
    """The layer table, computed from the built network."""
    if isinstance(network, LeNet1998):
        return lenet1998.summarize(network)
    return lenet5.summarize(network)


def count_parameters(recipe: Recipe) -> int:
    """The number of trainable parameters of the recipe's network."""
    return sum(p.numel() for p in build(recipe).parameters() if p.requires_grad)


def prepare_images(images: Tensor, recipe: Recipe) -> Tensor:
    """Images of a dataset or a drawing, as the recipe's network takes them.

    Args:
        images: uint8, (N, 28, 28) or (N, 3, 32, 32), 0 paper and 255 ink.
        recipe: the network's; has its border, mean and deviation.

    Returns:
        float32, (N, *input_shape(recipe)), normalized.
    """
    return normalize_images(scale_images(images), recipe)


def scale_images(images: Tensor) -> Tensor:
    """uint8 (N, 28, 28) or (N, 3, 32, 32) to float32 (N, 1, 28, 28) or (N, 3, 32, 32), 0 to 1."""
    if images.ndim == 3:
        images = images.unsqueeze(1)
    return images.to(torch.float32, copy=True).div_(255)


def normalize_images(images: Tensor, recipe: Recipe) -> Tensor:
    """Fit images to the network's input and normalize them: minus the mean, over the deviation.

    Gray images are repeated for a network of colors; smaller images are padded with paper, or
    enlarged, as the recipe's `border` says; larger ones, which no recipe trains on, are shrunk.

    Args:
        images: float, (N, channels, H, W), 0 to 1.
        recipe: the network's.
    """
    channels, height, width = input_shape(recipe)
    if images.shape[1] < channels:
        images = images.expand(-1, channels, -1, -1)
    elif images.shape[1] > channels:
        images = images.mean(1, keepdim=True)
    if images.shape[2] < height and recipe.border == "enlarged":
        images = F.interpolate(images, size=(height, width), mode="bilinear")
    elif images.shape[2] < height:
        across, down = width - images.shape[3], height - images.shape[2]
        images = F.pad(images, (across // 2, across - across // 2, down // 2, down - down // 2))
    elif images.shape[2] > height:
        images = F.interpolate(images, size=(height, width), mode="area")
    return (images - recipe.mean).div_(
        recipe.std
    )  # in place on the result of `-`, not on the argument
