"""The network of 1998, forward and backward, in as few steps as possible.

The paper learns from one image at a time. PyTorch's convolutions, and its
bookkeeping for each small step, then cost several times what the arithmetic
does: written out as matrix products of all windows, the same gradients come at
a third of the time. `LeNet1998.layers` is the same network for readers.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_AMPLITUDE, _SLOPE = 1.7159, 2 / 3  # squash(1) is 1 and squash(-1) is -1


def squash_(sums: Tensor) -> Tensor:
    """The paper's scaled tanh, in place of the sums."""
    return sums.mul_(_SLOPE).tanh_().mul_(_AMPLITUDE)


def squash(sums: Tensor) -> Tensor:
    """The paper's scaled tanh, of any shape."""
    return _AMPLITUDE * torch.tanh(_SLOPE * sums)


def squash_slope(active: Tensor) -> Tensor:
    """The derivative of `squash` where its value is `active`."""
    return active.square().mul_(-_SLOPE / _AMPLITUDE).add_(_AMPLITUDE * _SLOPE)


def dense(weight: Tensor, places: Tensor, shape: tuple[int, int, int, int]) -> Tensor:
    """A kernel for each connection of two maps, laid out among zeros for those without one.

    Args:
        weight: (connections, size, size).
        places: int64, (connections,): output map times input maps, plus input map.
        shape: (output maps, input maps, size, size), the result's.
    """
    zeros = weight.new_zeros(shape[0] * shape[1], shape[2], shape[3])
    return zeros.index_copy_(0, places, weight).view(shape)


def _windows(maps: Tensor, size: int) -> Tensor:
    """What each window of 5x5 sees: (N, maps, s, s) to (N, maps * 25, size * size)."""
    images, channels, across, down = maps.stride()
    shape = (*maps.shape[:2], 5, 5, size, size)
    seen = maps.as_strided(shape, (images, channels, across, down, across, down))
    return seen.reshape(len(maps), -1, size * size)


class Pass(torch.autograd.Function):
    """Minus the penalties, (N, 10), of images (N, 1, 32, 32).

    Takes images, bitmaps, the places of C3's kernels, and every weight and bias
    in the network's order. Gives gradients of the weights only.
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, bitmaps: Tensor, places: Tensor, *w: Tensor) -> Tensor:
        """The values of each layer, and in `ctx` what `backward` needs of them."""
        c1, c1_bias, s2, s2_bias, c3, c3_bias, s4, s4_bias, c5, c5_bias, f6, f6_bias = w
        count = len(images)
        seen1 = _windows(images.contiguous(), 28)
        x1 = squash_(torch.matmul(c1.view(6, 25), seen1).add_(c1_bias[:, None]))
        sums2 = F.avg_pool2d(x1.view(count, 6, 28, 28), 2, divisor_override=1)
        x2 = squash_(torch.addcmul(s2_bias[:, None, None], sums2, s2[:, None, None]))
        seen3 = _windows(x2, 10)
        kernels = dense(c3, places, (16, 6, 5, 5)).view(16, 150)
        x3 = squash_(torch.matmul(kernels, seen3).add_(c3_bias[:, None]))
        sums4 = F.avg_pool2d(x3.view(count, 16, 10, 10), 2, divisor_override=1)
        x4 = squash_(torch.addcmul(s4_bias[:, None, None], sums4, s4[:, None, None]))
        x5 = squash_(torch.addmm(c5_bias, x4.view(count, 400), c5.view(120, 400).T))
        x6 = squash_(torch.addmm(f6_bias, x5, f6.T))
        ctx.save_for_backward(
            bitmaps, places, s2, s4, c5, f6, kernels, seen1, x1, sums2, x2, seen3, x3, sums4, x4, x5, x6
        )  # fmt: skip
        return -(x6[:, None] - bitmaps).square_().sum(2)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """The weights' gradients; a name in `d` is the gradient along a layer's weighted sums."""
        (
            bitmaps, places, s2, s4, c5, f6, kernels, seen1, x1, sums2, x2, seen3, x3, sums4, x4, x5, x6
        ) = ctx.saved_tensors  # fmt: skip
        along = gradients[0]
        count = len(along)
        nearer = along @ bitmaps - along.sum(1, keepdim=True) * x6
        d6 = nearer.mul_(2).mul_(squash_slope(x6))
        d5 = (d6 @ f6).mul_(squash_slope(x5))
        d4 = (d5 @ c5.view(120, 400)).view(x4.shape).mul_(squash_slope(x4))
        d3 = _each_of_four(d4 * s4[:, None, None], squash_slope(x3))
        d_seen3 = torch.matmul(kernels.T, d3)
        d2 = F.fold(d_seen3, (14, 14), 5).mul_(squash_slope(x2))
        d1 = _each_of_four(d2 * s2[:, None, None], squash_slope(x1))
        of_c3 = torch.matmul(d3, seen3.transpose(1, 2)).sum(0).view(96, 5, 5)
        return (
            None,
            None,
            None,
            torch.matmul(d1, seen1.transpose(1, 2)).sum(0).view(6, 1, 5, 5),
            d1.sum((0, 2)),
            (d2 * sums2).sum((0, 2, 3)),
            d2.sum((0, 2, 3)),
            of_c3[places],
            d3.sum((0, 2)),
            (d4 * sums4).sum((0, 2, 3)),
            d4.sum((0, 2, 3)),
            (d5.T @ x4.view(count, 400)).view(c5.shape),
            d5.sum(0),
            d6.T @ x5,
            d6.sum(0),
        )


def _each_of_four(sums: Tensor, slope: Tensor) -> Tensor:
    """Sums' gradients (N, maps, s, s) times the slopes (N, maps, 4 s s) of the inputs summed."""
    count, maps, size, _ = sums.shape
    of_inputs = slope.view(count, maps, size, 2, size, 2).mul_(sums[:, :, :, None, :, None])
    return of_inputs.view(slope.shape)
