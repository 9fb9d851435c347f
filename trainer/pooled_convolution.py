"""A convolution, its activation and its 2x2 pooling: one function, computed in three ways.

Which of them is fastest depends on the machine; `precision` finds it out. Knows
nothing of networks or recipes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_LAST = torch.channels_last


@dataclass(frozen=True, slots=True)
class Pooling:
    """What follows a convolution."""

    activation: Callable[[Tensor], Tensor]
    kind: str  # "max" or "average", of 2x2 values
    commutes: bool
    """Whether it may come before the activation: a maximum before one that never falls."""


def plain(images: Tensor, layer: nn.Conv2d, then: Pooling) -> Tensor:
    """As it is written in textbooks, but for the order, where that is the same function.

    Args:
        images: float, (N, C, H, W), with H and W such that the convolution's are even.

    Returns:
        float, (N, K, h / 2, w / 2) for the K maps of h x w that the layer makes.
    """
    return _pooled(layer(images), then)


def wide(images: Tensor, layer: nn.Conv2d, then: Pooling) -> Tensor:
    """The four values that are pooled, each by an output of its own: one convolution of stride 2.

    The kernel, shifted to its four places within one that is larger by a pixel,
    gives 4 K maps of half the size, and pooling is then elementwise between maps,
    where a processor's vectors are full. It costs (6/5)^2 of the products.

    Args and returns: as for `plain`.
    """
    weight, bias = layer.weight, layer.bias
    assert bias is not None
    shifted = [F.pad(weight, (x, 1 - x, y, 1 - y)) for y in (0, 1) for x in (0, 1)]
    sums = F.conv2d(
        images, torch.cat(shifted), bias.repeat(4), stride=2, padding=layer.padding
    )  # (N, 4 K, h / 2, w / 2)
    if then.commutes:
        return then.activation(_largest_of_four(sums))
    active = then.activation(sums)
    if then.kind == "max":
        return _largest_of_four(active)
    means: Tensor = active.unflatten(1, (4, -1)).mean(1)
    return means


def channels_last(images: Tensor, layer: nn.Conv2d, then: Pooling) -> Tensor:
    """Pooled with the maps innermost, which suits layers of eight maps and more.

    Args and returns: as for `plain`.
    """
    return _pooled(layer(images).contiguous(memory_format=_LAST), then)


def bfloat16(images: Tensor, layer: nn.Conv2d, then: Pooling) -> Tensor:
    """The products and sums of the convolution in bfloat16, all else as in `channels_last`.

    Args and returns: as for `plain`; float32 again.
    """
    assert layer.bias is not None
    sums = F.conv2d(
        images.to(torch.bfloat16, memory_format=_LAST),
        layer.weight.to(torch.bfloat16, memory_format=_LAST),
        layer.bias.to(torch.bfloat16),
        padding=layer.padding,
    )
    if then.commutes:  # a maximum needs no more digits than what it is of
        return then.activation(F.max_pool2d(sums, 2).float())
    return _pooled(sums.float(), then)


def _pooled(sums: Tensor, then: Pooling) -> Tensor:
    if then.commutes:
        return then.activation(F.max_pool2d(sums, 2))
    active = then.activation(sums)
    return F.max_pool2d(active, 2) if then.kind == "max" else F.avg_pool2d(active, 2)


def _largest_of_four(values: Tensor) -> Tensor:
    """(N, 4 K, h, w) to (N, K, h, w): the largest of each four maps, K apart."""
    found: Tensor = _LargestOfFour.apply(values)
    return found


class _LargestOfFour(torch.autograd.Function):
    """Where several are the largest, the gradient is the first one's, as in `max_pool2d`.

    PyTorch's own `maximum` would halve it between two, and takes four times as long.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        a, b, c, d = values.chunk(4, 1)
        upper, lower = torch.maximum(a, b), torch.maximum(c, d)
        ctx.save_for_backward(a >= b, c >= d, upper >= lower)
        return torch.maximum(upper, lower)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        a_won, c_won, upper_won = ctx.saved_tensors
        gradient = gradients[0]
        whole = gradient.new_empty(len(gradient), 4 * gradient.shape[1], *gradient.shape[2:])
        a, b, c, d = whole.chunk(4, 1)
        upper = gradient * upper_won
        lower = gradient - upper
        torch.mul(upper, a_won, out=a)
        torch.sub(upper, a, out=b)
        torch.mul(lower, c_won, out=c)
        torch.sub(lower, c, out=d)
        return whole
