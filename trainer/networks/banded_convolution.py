"""A convolution with its 2x2 pooling as one product of matrices, in bfloat16.

A band of six rows of the input makes one row of pooled values: four products for each,
as `fused_convolution.wide` has it. Written out as a matrix, the kernel in all its places
along the row, this is one large product, for which recent processors have units of their
own, such as AMX: they are so fast that the matrix's many zeros cost less
than to gather what a kernel covers, place by place. The images of a batch lie innermost,
so that a band is found by copying whole rows, and pooling is between whole tensors.

Knows nothing of networks or recipes. Values here are bfloat16, (H, W * C, N): rows,
then columns and maps, then images.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks.fused_convolution import Pooling, pooled_of_four

_KERNEL = 5
_BAND = _KERNEL + 1  # rows that the two rows of a pooled one need
_STEP = 2  # rows from band to band


def laid_out(images: Tensor, padding: int) -> Tensor:
    """Images (N, C, h, w), float, as values (H, W * C, N), with paper of value 0 around them."""
    values = images.to(torch.bfloat16).permute(2, 3, 1, 0)
    return F.pad(values, (0, 0, 0, 0, *[padding] * 4)).flatten(1, 2)


def banded(values: Tensor, layer: nn.Conv2d, then: Pooling) -> Tensor:
    """A layer's pooled and activated values.

    Args:
        values: (H, W * C, N), padded; the layer's own padding is not looked at.
        layer: K kernels of 5x5 for C maps.
        then: what follows it.

    Returns:
        values, ((H - 4) / 2, (W - 4) / 2 * K, N).
    """
    assert layer.bias is not None
    sums = _Banded.apply(values, layer.weight)  # (4 * W' * K, H', N)
    sums = sums.unflatten(0, (-1, layer.out_channels))
    bias = layer.bias.to(torch.bfloat16).view(-1, 1, 1)
    return pooled_of_four(sums, 0, then, bias).flatten(0, 1).transpose(0, 1)


def as_images(values: Tensor, maps: int) -> Tensor:
    """Values (H, W * C, N) as float32 (N, C, H, W)."""
    height, across, count = values.shape
    return values.view(height, across // maps, maps, count).permute(3, 2, 0, 1).contiguous().float()


class _Banded(torch.autograd.Function):
    """Values (H, W * C, N) and kernels (K, C, 5, 5) to sums (4 * W' * K, H', N)."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor) -> Tensor:
        across, count = values.shape[1:]
        width = across // weight.shape[1]
        bands = values.unfold(0, _BAND, _STEP)  # (H', W * C, N, 6)
        found = bands.shape[0]
        bands = bands.permute(3, 1, 0, 2).reshape(_BAND * across, found * count)
        matrix = _matrix(weight, width)
        ctx.save_for_backward(bands, matrix)
        ctx.kernels, ctx.values = weight.shape, values.shape
        return (matrix @ bands).view(-1, found, count)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor]:
        bands, matrix = ctx.saved_tensors
        gradient = gradients[0].reshape(matrix.shape[0], -1)
        kernels = _places(gradient @ bands.t(), ctx.kernels)
        weight = kernels.sum((0, 1, 2), dtype=torch.float32).permute(0, 3, 1, 2).contiguous()
        if not ctx.needs_input_grad[0]:
            return None, weight
        height, across, count = ctx.values
        to_bands = (matrix.t() @ gradient).view(_BAND // _STEP, _STEP, across, -1, count)
        values = bands.new_zeros(across, height // _STEP, _STEP, count)
        for first, rows in enumerate(to_bands.permute(0, 2, 3, 1, 4)):
            values[:, first : first + rows.shape[1]] += rows
        return values.flatten(1, 2).transpose(0, 1), weight


def _matrix(weight: Tensor, width: int) -> Tensor:
    """The kernels at all places of a band, (4 * W' * K, 6 * W * C)."""
    kernels, maps = weight.shape[:2]
    rows = 4 * ((width - _KERNEL + 1) // 2) * kernels
    matrix = weight.new_zeros(rows, _BAND * width * maps, dtype=torch.bfloat16)
    _places(matrix, weight.shape).copy_(weight.to(torch.bfloat16).permute(0, 2, 3, 1))
    return matrix


def _places(matrix: Tensor, kernels: torch.Size) -> Tensor:
    """Where in such a matrix kernels (K, C, 5, 5) stand: a view (2, 2, W', K, 5, 5, C).

    Of the four values that are pooled, the second is in the next row and the third in
    the next column: so, the first of equal ones is also the first for `max_pool2d`.
    """
    count, maps = kernels[:2]
    row = matrix.shape[1]
    line = row // _BAND  # a band's rows
    places = matrix.shape[0] // (4 * count)
    size = (2, 2, places, count, _KERNEL, _KERNEL, maps)
    quarter = places * count * row
    strides = (
        *(2 * quarter + maps, quarter + line),  # a column on, a row on
        *(count * row + 2 * maps, row, line, maps, 1),
    )
    return matrix.as_strided(size, strides)
