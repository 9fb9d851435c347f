"""A convolution with its activation and 2x2 pooling as one function, in several implementations.

Which of them is fastest depends on the machine; `trainer.training.autotune` measures it.

In bfloat16, a convolution with its 2x2 pooling can be one product of matrices. A band of six
rows of the input makes one row of pooled values: four products for each, as in `convolve_wide`.
With the kernel written out as a banded matrix, at all its positions along the row, this is one
large product, for which recent processors have special units, such as AMX: they are so fast that
the matrix's many zeros cost less than gathering what a kernel covers, position by position. The
images of a batch are innermost, so that a band is a copy of whole rows, and pooling is
elementwise between tensors.

Knows nothing of networks or recipes. Values here are bfloat16, (H, W * C, N): rows,
then columns and maps, then images.
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
class PoolingAfter:
    """The activation and pooling that follow a convolution."""

    activation: Callable[[Tensor], Tensor]
    kind: str  # "max" or "average", of 2x2 values
    commutes: bool
    """Whether pooling may come first: a maximum before a monotonic activation."""


def convolve_plain(images: Tensor, layer: nn.Conv2d, then: PoolingAfter) -> Tensor:
    """Convolution, activation and pooling one after the other; pooling first where they commute.

    Args:
        images: float, (N, C, H, W), with H and W such that the convolution's are even.
        layer: the convolution, with a bias.
        then: what follows it.

    Returns:
        float, (N, K, h / 2, w / 2) for the K maps of h x w that the layer makes.
    """
    return _pool(layer(images), then)


def convolve_wide(images: Tensor, layer: nn.Conv2d, then: PoolingAfter) -> Tensor:
    """The four values that are pooled as four outputs of one convolution of stride 2.

    The kernel, shifted to its four places within one that is larger by a pixel,
    gives 4 K maps of half the size, and pooling is then elementwise between maps,
    where a processor's vectors are full. It costs (6/5)^2 of the products.

    Args and returns: as for `convolve_plain`.
    """
    weight, bias = layer.weight, layer.bias
    assert bias is not None
    shifted = [F.pad(weight, (x, 1 - x, y, 1 - y)) for x in (0, 1) for y in (0, 1)]
    sums = F.conv2d(
        images, torch.cat(shifted), bias.repeat(4), stride=2, padding=layer.padding
    )  # (N, 4 K, h / 2, w / 2)
    return pool_four_maps(sums, 1, then)


def convolve_channels_last(images: Tensor, layer: nn.Conv2d, then: PoolingAfter) -> Tensor:
    """Pooling with the maps innermost, which is fast for layers of eight maps and more.

    Args and returns: as for `convolve_plain`.
    """
    return _pool(layer(images).contiguous(memory_format=_LAST), then)


def convolve_bfloat16(images: Tensor, layer: nn.Conv2d, then: PoolingAfter) -> Tensor:
    """The convolution's products and sums in bfloat16, else as in `convolve_channels_last`.

    Args and returns: as for `convolve_plain`; float32 again.
    """
    assert layer.bias is not None
    sums = F.conv2d(
        images.to(torch.bfloat16, memory_format=_LAST),
        layer.weight.to(torch.bfloat16, memory_format=_LAST),
        layer.bias.to(torch.bfloat16),
        padding=layer.padding,
    )
    if then.commutes:  # a maximum is exact in bfloat16
        return then.activation(F.max_pool2d(sums, 2).float())
    return _pool(sums.float(), then)


def _pool(sums: Tensor, then: PoolingAfter) -> Tensor:
    if then.commutes:
        return then.activation(F.max_pool2d(sums, 2))
    active = then.activation(sums)
    return F.max_pool2d(active, 2) if then.kind == "max" else F.avg_pool2d(active, 2)


def pool_four_maps(
    sums: Tensor, dim: int, then: PoolingAfter, bias: Tensor | None = None
) -> Tensor:
    """What follows a convolution whose four values to be pooled lie in maps of their own.

    Args:
        sums: along `dim`, first all maps of the first pixel of 2x2, then those of the one
            below it, and those of the two beside these.
        dim: becomes a fourth as long.
        then: what follows.
        bias: to be added yet; of a shape to be added to a fourth of `sums`.
    """
    if then.commutes:
        largest = max_of_four(sums, dim)
        return then.activation(largest if bias is None else largest + bias)
    four = sums.unflatten(dim, (4, -1))
    active = then.activation(four if bias is None else four + bias)
    if then.kind == "max":
        return max_of_four(active.flatten(dim, dim + 1), dim)
    means: Tensor = active.mean(dim)
    return means


def max_of_four(values: Tensor, dim: int) -> Tensor:
    """The largest of each four maps, a fourth of `dim` apart."""
    if not (values.requires_grad and torch.is_grad_enabled()):  # nobody will ask which it was
        upper, lower = torch.maximum(*values.chunk(2, dim)).chunk(2, dim)
        return torch.maximum(upper, lower)
    largest: Tensor = _LargestOfFour.apply(values, dim)
    return largest


class _LargestOfFour(torch.autograd.Function):
    """Where several are the largest, the gradient is that one's which `max_pool2d` takes.

    PyTorch's own `maximum` would halve it between two, and takes four times as long.
    What tells the larger is of the values' own type, for which the operators are fastest.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, dim: int) -> Tensor:
        ctx.dim = dim
        left, right = values.chunk(2, dim)
        larger = torch.maximum(left, right)
        upper, lower = larger.chunk(2, dim)
        ctx.save_for_backward(
            torch.ge(left, right, out=torch.empty_like(larger)),
            torch.ge(upper, lower, out=torch.empty_like(upper)),
        )
        return torch.maximum(upper, lower)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        left_won, upper_won = ctx.saved_tensors
        return _part_gradient(
            _part_gradient(gradients[0], upper_won, ctx.dim), left_won, ctx.dim
        ), None


def _part_gradient(gradient: Tensor, first_won: Tensor, dim: int) -> Tensor:
    """The gradient of two parts along `dim`, of which the first was the larger where that is 1."""
    size = [*gradient.shape]
    size[dim] *= 2
    parts = gradient.new_empty(size)
    first, second = parts.chunk(2, dim)
    torch.mul(gradient, first_won, out=first)
    torch.sub(gradient, first, out=second)
    return parts


_KERNEL = 5
_BAND = _KERNEL + 1  # rows that the two rows of a pooled one need
_STEP = 2  # rows from band to band


def lay_out_columns(images: Tensor, padding: int) -> Tensor:
    """Images (N, C, h, w), float, as values (H, W * C, N), with paper of value 0 around them."""
    values = images.to(torch.bfloat16).permute(2, 3, 1, 0)
    return F.pad(values, (0, 0, 0, 0, *[padding] * 4)).flatten(1, 2)


def convolve_banded(values: Tensor, layer: nn.Conv2d, then: PoolingAfter) -> Tensor:
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
    return pool_four_maps(sums, 0, then, bias).flatten(0, 1).transpose(0, 1)


def columns_to_images(values: Tensor, maps: int) -> Tensor:
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
        rows = bands.shape[0]
        bands = bands.permute(3, 1, 0, 2).reshape(_BAND * across, rows * count)
        matrix = _matrix(weight, width)
        ctx.save_for_backward(bands, matrix)
        ctx.kernels, ctx.values = weight.shape, values.shape
        return (matrix @ bands).view(-1, rows, count)

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
