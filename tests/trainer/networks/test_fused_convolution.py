"""The implementations of a convolution with its pooling: all are the same function."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks import fused_convolution
from trainer.networks.fused_convolution import PoolingAfter
from trainer.networks.lenet5 import ACTIVATIONS, ARITHMETICS, POOLINGS, SHAPES, LeNet5


def gradients(network: LeNet5, logits: Tensor) -> list[Tensor]:
    labels = torch.arange(len(logits)) % logits.shape[1]
    return list(torch.autograd.grad(F.cross_entropy(logits, labels), list(network.parameters())))


def made(**how: object) -> tuple[LeNet5, Tensor]:
    """A network in training mode, and images of which some are blank and some are half blank."""
    source = torch.Generator().manual_seed(5)
    network = LeNet5(generator=source, **how).train()  # type: ignore[arg-type]
    images = torch.rand(12, *network.shape, generator=source)
    images[:2] = 0
    images[2:6, :, :, 14:] = 0
    return network, images


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_arithmetic_computes_what_the_layers_do(activation: str, pooling: str) -> None:
    network, images = made(activation=activation, pooling=pooling)
    layers = network.layers(images).logits
    steps = gradients(network, layers)
    # With three digits another one of nearly equal values may be the largest: then the
    # gradients of the kernels differ by more than the answers.
    near_by, alike_by = (1e-6, 1e-6, 5e-3, 5e-3), (1e-5, 1e-5, 0.3, 0.35)
    for way, near, alike in zip(ARITHMETICS, near_by, alike_by, strict=True):
        network.arithmetic = way
        logits = network(images)
        assert logits.dtype == torch.float32
        largest = layers.abs().max()
        torch.testing.assert_close(logits / largest, layers / largest, rtol=0, atol=near)
        for ours, plain in zip(gradients(network, network(images)), steps, strict=True):
            assert (ours - plain).norm() <= alike * plain.norm(), way


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("c5", ["full", "convolution"])
def test_pictures_in_color_and_c5(shape: tuple[int, int, int], c5: str) -> None:
    network, images = made(shape=shape, c5=c5)
    layers = network.layers(images).logits
    for way, near in zip(ARITHMETICS, (1e-5, 1e-5, 1e-3, 1e-3), strict=True):
        network.arithmetic = way
        torch.testing.assert_close(network(images), layers, rtol=0, atol=near)


def test_a_maximum_before_relu_is_the_same_to_the_last_bit() -> None:
    network, images = made()
    layers = network.layers(images).logits
    assert torch.equal(network(images), layers)
    pairs = zip(gradients(network, network(images)), gradients(network, layers), strict=True)
    assert all(torch.equal(ours, plain) for ours, plain in pairs)


def test_tested_networks_are_computed_with_all_digits() -> None:
    network, images = made()
    network.eval()
    images = images.repeat(10, 1, 1, 1)
    with torch.no_grad():
        layers = network.layers(images).logits
        network.arithmetic = "wide bfloat16"
        torch.testing.assert_close(network(images), layers, rtol=0, atol=1e-6)
        assert torch.equal(network(images[:20]), network.layers(images[:20]).logits)
    assert torch.equal(network(images), layers)  # where somebody wants its gradient


def test_of_equal_values_the_first_one_gets_the_gradient() -> None:
    """The first as `max_pool2d` goes: the four are written column by column."""
    squares = torch.tensor([3.0, 3, 1, 3, 0, 2, 2, 1, 5, 5, 5, 5]).reshape(3, 1, 2, 2)
    squares.requires_grad_()
    given = torch.tensor([5.0, 7, 9]).reshape(3, 1, 1, 1)
    expected = F.max_pool2d(squares, 2)
    (wanted,) = torch.autograd.grad(expected, squares, given)
    values = squares.transpose(2, 3).reshape(3, 4, 1, 1)
    largest = fused_convolution.max_of_four(values, 1)
    assert torch.equal(largest, expected)
    (found,) = torch.autograd.grad(largest, squares, given)
    assert torch.equal(found, wanted)


@pytest.mark.parametrize("dim", [0, 1])
def test_largest_of_four_by_its_derivative(dim: int) -> None:
    source = torch.Generator().manual_seed(1)
    values = torch.rand(8, 12, 3, 3, generator=source, dtype=torch.float64).requires_grad_()
    largest = fused_convolution.max_of_four
    assert torch.autograd.gradcheck(lambda given: largest(given, dim), (values,))


# As one product of banded matrices, in bfloat16

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
