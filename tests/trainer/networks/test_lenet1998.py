from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.networks import lenet1998
from trainer.networks.lenet1998 import C3_TABLE, LeNet1998, map_loss, mse_loss


def seeded(seed: int = 3) -> LeNet1998:
    return LeNet1998(torch.Generator().manual_seed(seed))


def awake() -> LeNet1998:
    """A network whose weights are large enough for every layer to bend what it squashes."""
    network = seeded()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(6)
    return network


def some_images(count: int = 2) -> Tensor:
    noise = torch.rand(count, 1, 32, 32, generator=torch.Generator().manual_seed(5))
    return noise * (lenet1998.INK - lenet1998.BACKGROUND) + lenet1998.BACKGROUND


def squashed(sums: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(2 * sums / 3)


def test_summary_is_the_papers_table() -> None:
    table = lenet1998.summarize(seeded())
    assert [tuple(row) for row in table] == [
        ("input", (1, 32, 32), 1024, 0, 0),
        ("C1", (6, 28, 28), 4704, 156, 122_304),
        ("S2", (6, 14, 14), 1176, 12, 5_880),
        ("C3", (16, 10, 10), 1600, 1_516, 151_600),
        ("S4", (16, 5, 5), 400, 32, 2_000),
        ("C5", (120, 1, 1), 120, 48_120, 48_120),
        ("F6", (84,), 84, 10_164, 10_164),
        ("output", (10,), 10, 0, 840),
    ]
    assert sum(row.parameters for row in table) == 60_000
    assert sum(row.connections for row in table) == 340_908
    assert sum(p.numel() for p in seeded().parameters() if p.requires_grad) == 60_000


def subsampled(maps: Tensor, layer: lenet1998.Subsampling) -> Tensor:
    four = maps[..., ::2, ::2] + maps[..., 1::2, ::2] + maps[..., ::2, 1::2] + maps[..., 1::2, 1::2]
    return four * layer.weight[:, None, None] + layer.bias[:, None, None]


@torch.no_grad()
def test_layers_are_what_the_paper_writes() -> None:
    network, images = awake(), some_images()
    layers = network.layers(images)
    conv1 = F.conv2d(images, network.conv1.weight, network.conv1.bias)
    pool1_sums = subsampled(squashed(conv1), network.pool1)
    pool1 = squashed(pool1_sums)
    kernels = iter(network.conv2.weight)
    maps = []
    for seen, bias in zip(C3_TABLE, network.conv2.bias, strict=True):
        sums = sum(F.conv2d(pool1[:, [i]], next(kernels)[None, None]) for i in seen)
        maps.append(sums + bias)
    conv2 = torch.cat(maps, 1)
    pool2_sums = subsampled(squashed(conv2), network.pool2)
    pool2 = squashed(pool2_sums)
    fc1_sums = F.conv2d(pool2, network.fc1.weight, network.fc1.bias).flatten(1)
    fc1 = squashed(fc1_sums)
    fc2_sums = fc1 @ network.fc2.weight.T + network.fc2.bias
    fc2 = squashed(fc2_sums)
    logits = torch.stack([-(fc2 - bitmap).square().sum(1) for bitmap in network.bitmaps], 1)
    by_hand = (
        conv1, squashed(conv1), pool1_sums, pool1, conv2, squashed(conv2), pool2_sums, pool2,
        fc1_sums, fc1, fc2_sums, fc2, logits,
    )  # fmt: skip
    for name, found, expected in zip(layers._fields, layers, by_hand, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4, msg=name)


def test_squashing_keeps_one_and_minus_one() -> None:
    ends = lenet1998.squash(torch.tensor([1.0, -1.0]))
    torch.testing.assert_close(ends, torch.tensor([1.0, -1.0]), rtol=0, atol=1e-4)


def test_table_has_sixty_connections_of_maps() -> None:
    assert [len(seen) for seen in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert C3_TABLE[4] == (4, 5, 0)
    assert C3_TABLE[14] == (0, 2, 3, 5)
    assert all(sum(i in seen for seen in C3_TABLE) == 10 for i in range(6))


def test_bitmaps_are_the_papers_digits() -> None:
    pictures = seeded().bitmaps.view(10, 12, 7)
    assert set(pictures.unique().tolist()) == {-1.0, 1.0}
    one = ["".join(".#"[int(pixel > 0)] for pixel in row) for row in pictures[1]]
    assert one == ["...##..", "..###..", ".####.."] + ["...##.."] * 6 + [".######"] + ["." * 7] * 2
    # A 9 is a 6 turned by half a circle; above and below the pictures differ in empty rows.
    assert torch.equal(pictures[9, :10], pictures[6, :10].flip(0, 1))


def test_bitmaps_are_never_trained_and_not_saved() -> None:
    network = seeded()
    assert not network.bitmaps.requires_grad
    assert set(network.state_dict()) == {name for name, _ in network.named_parameters()}


def test_initial_weights_come_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    one = seeded().state_dict()
    torch.manual_seed(2)
    other = seeded().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_initial_weights_are_within_the_papers_bound() -> None:
    network = seeded()
    bounds = [
        (network.conv1.weight, 25),
        (network.pool2.weight, 4),
        (network.conv2.weight[:3], 75),  # the first map of C3 sees three maps
        (network.conv2.weight[-6:], 150),  # and the last one six
        (network.fc1.weight, 400),
        (network.fc2.bias, 120),
    ]
    for values, fan_in in bounds:
        assert 0.8 * 2.4 / fan_in < values.abs().max() <= 2.4 / fan_in


def test_the_smallest_penalty_wins_and_is_never_negative() -> None:
    network, images = awake(), some_images(4)
    logits = network(images)
    assert (logits <= 0).all()
    assert torch.equal(logits, network.layers(images).logits)


def test_map_loss_is_equation_9() -> None:
    penalties = torch.tensor([[0.5, 2.0, *[9.0] * 8], [4.0, 0.2, *[7.0] * 8]], dtype=torch.float64)
    labels = torch.tensor([0, 0])
    by_hand = [
        own + math.log(math.exp(-0.1) + sum(math.exp(-y) for y in row))
        for own, row in zip([0.5, 4.0], penalties.tolist(), strict=True)
    ]
    assert float(map_loss(-penalties, labels, 0.1)) == pytest.approx(sum(by_hand) / 2)
    assert float(mse_loss(-penalties, labels)) == pytest.approx((0.5 + 4.0) / 2)


def test_losses_stay_finite_where_exponentials_do_not() -> None:
    logits = torch.full((1, 10), -1e4).requires_grad_()
    found = map_loss(logits, torch.tensor([3]), 0.1)
    found.backward()
    assert float(found.detach()) == pytest.approx(1e4 - 0.1)
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_gradients_are_numerical_ones() -> None:
    network, images = awake().double(), some_images(2).double()
    labels = torch.tensor([3, 8])
    map_loss(network(images), labels, 0.1).backward()
    draw = torch.Generator().manual_seed(9)
    for name, weight in network.named_parameters():
        assert weight.grad is not None
        way = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        losses = []
        for step in (1e-6, -1e-6):
            moved = copy.deepcopy(network)
            with torch.no_grad():
                moved.get_parameter(name).add_(way, alpha=step)
                losses.append(float(map_loss(moved(images), labels, 0.1).detach()))
        numerical = (losses[0] - losses[1]) / 2e-6
        assert float((weight.grad * way).sum()) == pytest.approx(numerical, rel=1e-4, abs=1e-6), (
            name
        )


def test_answers_the_same_as_a_copy_without_gradients_and_one_by_one() -> None:
    network, images = awake(), some_images(3)
    expected = network(images).detach()
    with torch.inference_mode():
        torch.testing.assert_close(copy.deepcopy(network)(images), expected, rtol=1e-5, atol=1e-3)
        for image, row in zip(images, expected, strict=True):
            torch.testing.assert_close(network(image[None])[0], row, rtol=1e-5, atol=1e-3)


def test_moves_to_another_device_whole() -> None:
    network = seeded().to("meta")
    assert network(some_images().to("meta")).device.type == "meta"
