from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor
from torch.autograd.functional import hessian as hessian_of
from torch.nn import functional as F
from torch.optim.lr_scheduler import StepLR

from tests.trainer.networks.test_lenet1998 import awake, some_images
from trainer.networks.lenet1998 import C3_TABLE, LeNet1998, map_loss, mse_loss, squash
from trainer.training.optimizers import SDLM, estimate_curvature

LABELS = torch.tensor([3, 8])


def ready(lr: float = 5e-4) -> tuple[LeNet1998, SDLM]:
    """A network and its optimizer with curvature and gradients of one image."""
    network = awake()
    optimizer = SDLM(network, lr, 0.02)
    optimizer.estimate(some_images(), 0.1)
    map_loss(network(some_images(1)), LABELS[:1], 0.1).backward()
    return network, optimizer


def test_a_step_is_the_papers() -> None:
    network, optimizer = ready()
    curvatures = estimate_curvature(network, some_images(), 0.1)
    expected = {}
    for name, p in network.named_parameters():
        assert p.grad is not None
        expected[name] = p.detach() - 5e-4 / (0.02 + curvatures[p]) * p.grad
    optimizer.step()
    for name, weight in network.named_parameters():
        torch.testing.assert_close(weight.detach(), expected[name], rtol=1e-6, atol=1e-8, msg=name)


def test_a_batch_makes_to_first_order_the_steps_of_its_images() -> None:
    images, labels = some_images(4), torch.tensor([3, 8, 1, 0])
    together, at_once = ready(1e-9)
    one_by_one = copy.deepcopy(together)
    after = SDLM(one_by_one, 1e-9, 0.02)
    after.load_state_dict(at_once.state_dict())
    before = torch.cat([p.detach().flatten().double() for p in together.parameters()])
    # In double precision, so that the steps are not lost beside the weights.
    for network, optimizer, size in ((together, at_once, 4), (one_by_one, after, 1)):
        network.double()
        for part in torch.arange(4).split(size):
            optimizer.zero_grad()
            loss = map_loss(network(images[part].double()), labels[part], 0.1)
            (loss * len(part)).backward()
            optimizer.step()
    moved = [
        torch.cat([p.detach().flatten() for p in network.parameters()]) - before
        for network in (together, one_by_one)
    ]
    assert moved[0].norm() > 0
    assert (moved[0] - moved[1]).norm() < 1e-4 * moved[0].norm()


def test_schedules_change_the_rate() -> None:
    network, optimizer = ready()
    schedule = StepLR(optimizer, 1, 0.0)
    optimizer.step()
    schedule.step()
    before = copy.deepcopy(network.state_dict())
    optimizer.step()
    assert all(torch.equal(before[name], now) for name, now in network.state_dict().items())


def test_a_state_dict_goes_on_to_the_bit() -> None:
    network, optimizer = ready()
    resumed = copy.deepcopy(network)
    for to, of in zip(resumed.parameters(), network.parameters(), strict=True):
        assert of.grad is not None
        to.grad = of.grad.clone()
    other = SDLM(resumed, 1.0, 0.5)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    optimizer.step()
    other.step()
    for name, weight in network.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], weight), name


def test_refuses_to_step_without_curvature() -> None:
    network = awake()
    map_loss(network(some_images()), LABELS, 0.1).backward()
    with pytest.raises(RuntimeError, match="curvature must be estimated"):
        SDLM(network, 5e-4, 0.02).step()


def test_curvature_is_the_mean_over_images_and_never_negative() -> None:
    network, images = awake(), some_images()
    both = estimate_curvature(network, images, 0.1)
    each = [estimate_curvature(network, images[[i]], 0.1) for i in (0, 1)]
    for weight, values in both.items():
        assert values.shape == weight.shape
        assert (values >= 0).all()
        mean = (each[0][weight] + each[1][weight]) / 2
        torch.testing.assert_close(values, mean, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("rubbish", [0.1, 30.0, None])
def test_curvature_at_f6_is_autograds_second_derivative(rubbish: float | None) -> None:
    """F6's biases shift its sums: their curvature is that of the loss along x6, squashed."""
    network, images = awake().double(), some_images().double()
    x6 = network.layers(images).fc2.detach()

    def loss(units: Tensor, label: Tensor) -> Tensor:
        logits = -(units - network.bitmaps).square().sum(1)[None]
        return (
            mse_loss(logits, label[None])
            if rubbish is None
            else map_loss(logits, label[None], rubbish)
        )

    expected = torch.zeros(84, dtype=torch.float64)
    for units, label in zip(x6, LABELS, strict=True):
        hessian = hessian_of(lambda x, right=label: loss(x, right), units)
        slope = torch.func.vmap(torch.func.grad(squash))(unsquashed(units))
        expected += hessian.diagonal() * slope.square() / len(images)
    found = estimate_curvature(network, images, rubbish)[network.fc2.bias]
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-9)


def unsquashed(active: Tensor) -> Tensor:
    return torch.atanh(active / 1.7159) * 1.5


def through(ahead: Tensor, weights: Tensor) -> Tensor:
    """The curvature along a layer's inputs of that along its sums, by the whole matrix."""
    return weights.square().T @ ahead


def matrix(function: torch.nn.Module, shape: tuple[int, ...]) -> Tensor:
    """A linear layer's connections, (sums, inputs), as its Jacobian without looking inside."""
    zeros = torch.zeros(1, *shape, dtype=torch.float64)
    found: Tensor = torch.func.jacrev(lambda x: function(x).flatten())(zeros)
    return found.reshape(found.shape[0], -1).detach()


def test_curvature_is_the_sum_over_connections_one_by_one() -> None:
    """Each layer as one big matrix of connections, back from F6; a weight adds up its own."""
    network, image = awake().double(), some_images(1).double()
    seen = network.layers(image)
    found = estimate_curvature(network, image, None)

    def slopes(active: Tensor) -> Tensor:
        return (1.7159 * 2 / 3) * (1 - (active.flatten() / 1.7159).square())

    f6 = 2.0 * slopes(seen.fc2).square()
    c5 = through(f6, network.fc2.weight.detach()) * slopes(seen.fc1).square()
    s4 = through(c5, matrix(network.fc1, (16, 5, 5))) * slopes(seen.pool2).square()
    c3 = through(s4, matrix(network.pool2, (16, 10, 10))) * slopes(seen.conv2_active).square()
    s2 = through(c3, matrix(network.conv2, (6, 14, 14))) * slopes(seen.pool1).square()
    c1 = through(s2, matrix(network.pool1, (6, 28, 28))) * slopes(seen.conv1_active).square()

    close = {"rtol": 1e-6, "atol": 1e-9}
    of_f6 = torch.outer(f6, seen.fc1[0].square())
    torch.testing.assert_close(found[network.fc2.weight], of_f6, **close)
    of_c5 = torch.outer(c5, seen.pool2.flatten().square()).view(120, 16, 5, 5)
    torch.testing.assert_close(found[network.fc1.weight], of_c5, **close)
    for layer, ahead, inputs in (
        (network.pool2, s4.view(16, 5, 5), seen.conv2_active[0]),
        (network.pool1, s2.view(6, 14, 14), seen.conv1_active[0]),
    ):
        each = ahead.repeat_interleave(2, 1).repeat_interleave(2, 2) * inputs.square()
        torch.testing.assert_close(found[layer.weight], each.sum((1, 2)), **close)
        torch.testing.assert_close(found[layer.bias], ahead.sum((1, 2)), **close)
    ahead = c3.view(16, 10, 10)
    pairs = [(output, i) for output, maps in enumerate(C3_TABLE) for i in maps]
    by_hand = [kernel(seen.pool1[0, i], ahead[output]) for output, i in pairs]
    torch.testing.assert_close(found[network.conv2.weight], torch.stack(by_hand), **close)
    torch.testing.assert_close(found[network.conv2.bias], ahead.sum((1, 2)), **close)
    by_hand = [kernel(image[0, 0], of_map) for of_map in c1.view(6, 28, 28)]
    torch.testing.assert_close(found[network.conv1.weight][:, 0], torch.stack(by_hand), **close)


def kernel(inputs: Tensor, ahead: Tensor) -> Tensor:
    """The curvature of one 5x5 kernel: at each of its 25 places, over all uses."""
    size = len(ahead)
    return torch.stack(
        [
            torch.stack(
                [(ahead * inputs[y : y + size, x : x + size].square()).sum() for x in range(5)]
            )
            for y in range(5)
        ]
    )


def test_a_rubbish_class_far_away_gives_cross_entropys_curvature() -> None:
    network, images = awake().double(), some_images().double()
    logits = network(images).detach()
    assert float(map_loss(logits, LABELS, 1e9)) == pytest.approx(
        float(F.cross_entropy(logits, LABELS))
    )
    assert all(v.isfinite().all() for v in estimate_curvature(network, images, 1e9).values())
