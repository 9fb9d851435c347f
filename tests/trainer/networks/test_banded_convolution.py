"""A convolution written out as one matrix is the same convolution, and so is its gradient."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks import fused_convolution
from trainer.networks.fused_convolution import PoolingAfter

COUNT, SIDE = 3, 12


def whole_numbers(*shape: int) -> Tensor:
    """Small ones, whose products and sums bfloat16 holds exactly."""
    source = torch.Generator().manual_seed(7)
    return torch.randint(-1, 2, shape, generator=source).float()


def layer(maps: int, kernels: int) -> nn.Conv2d:
    made = nn.Conv2d(maps, kernels, 5)
    assert made.bias is not None
    with torch.no_grad():
        made.weight.copy_(whole_numbers(*made.weight.shape))
        made.bias.copy_(torch.arange(kernels).float())
    return made


@pytest.mark.parametrize("padding", [0, 2])
def test_images_and_values_are_the_same_numbers(padding: int) -> None:
    images = whole_numbers(COUNT, 2, SIDE, SIDE)
    values = fused_convolution.lay_out_columns(images, padding)
    padded = F.pad(images, [padding] * 4)
    assert torch.equal(values[1, 2 * 3 + 1], padded[:, 1, 1, 3].bfloat16())
    assert torch.equal(fused_convolution.columns_to_images(values, 2), padded)


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("maps", [1, 3])
@pytest.mark.parametrize("commutes", [True, False])
def test_it_is_the_convolution_to_the_last_bit(kind: str, maps: int, commutes: bool) -> None:
    then = PoolingAfter(F.relu, kind, commutes and kind == "max")
    pool = F.max_pool2d if kind == "max" else F.avg_pool2d
    made, images = layer(maps, 4), whole_numbers(COUNT, maps, SIDE, SIDE).requires_grad_()
    differ = whole_numbers(COUNT, 4, SIDE // 2 - 2, SIDE // 2 - 2)
    expected = pool(made(images).relu(), 2)
    values = fused_convolution.convolve_banded(
        fused_convolution.lay_out_columns(images, 0), made, then
    )
    found = fused_convolution.columns_to_images(values, 4)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
    sources = [made.weight, made.bias, images]
    ours = torch.autograd.grad((found * differ).sum(), sources)
    theirs = torch.autograd.grad((expected * differ).sum(), sources)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_images_that_need_no_gradient_get_none() -> None:
    made = layer(1, 2)
    values = fused_convolution.lay_out_columns(whole_numbers(COUNT, 1, SIDE, SIDE), 0)
    found = fused_convolution.convolve_banded(values, made, PoolingAfter(F.relu, "max", True))
    found.sum().backward()
    assert values.grad is None and made.weight.grad is not None
    assert made.weight.grad.dtype == torch.float32 and made.weight.grad.is_contiguous()
