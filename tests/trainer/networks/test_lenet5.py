from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from trainer.networks import lenet5
from trainer.networks.lenet5 import LeNet5
from trainer.recipes import recipe


def seeded(activation: str = "relu", pooling: str = "max") -> LeNet5:
    return LeNet5(activation, pooling, torch.Generator().manual_seed(3))


def some_images(count: int = 2) -> torch.Tensor:
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(5))


def test_has_61706_parameters() -> None:
    assert sum(p.numel() for p in LeNet5().parameters()) == 61_706


def convolved(
    image: NDArray[np.float64], weight: NDArray[np.float64], bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A convolution as the textbook writes it; `image` is (channels, height, width)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, weight.shape[2:], axis=(1, 2))
    return np.einsum("chwyx,ocyx->ohw", windows, weight) + bias[:, None, None]


def pooled(image: NDArray[np.float64], how: str) -> NDArray[np.float64]:
    channels, height, width = image.shape
    fours = image.reshape(channels, height // 2, 2, width // 2, 2)
    return fours.max(axis=(2, 4)) if how == "max" else fours.mean(axis=(2, 4))


BY_HAND = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "gelu": lambda x: x * (1 + torch.erf(torch.from_numpy(x) / 2**0.5).numpy()) / 2,
    "silu": lambda x: x / (1 + np.exp(-x)),
}


@pytest.mark.parametrize("pooling", lenet5.POOLINGS)
@pytest.mark.parametrize("activation", lenet5.ACTIVATIONS)
def test_layers_are_what_numpy_computes(activation: str, pooling: str) -> None:
    network = seeded(activation, pooling)
    w = {name: p.detach().double().numpy() for name, p in network.named_parameters()}
    squash = BY_HAND[activation]
    image = some_images(1)

    padded = np.pad(image[0].double().numpy(), ((0, 0), (2, 2), (2, 2)))
    conv1 = convolved(padded, w["conv1.weight"], w["conv1.bias"])
    pool1 = pooled(squash(conv1), pooling)
    conv2 = convolved(pool1, w["conv2.weight"], w["conv2.bias"])
    pool2 = pooled(squash(conv2), pooling)
    fc1_sums = w["fc1.weight"] @ pool2.ravel() + w["fc1.bias"]
    fc1 = squash(fc1_sums)
    fc2_sums = w["fc2.weight"] @ fc1 + w["fc2.bias"]
    fc2 = squash(fc2_sums)
    by_hand = {
        "conv1": conv1,
        "conv1_active": squash(conv1),
        "pool1_sums": pool1,
        "pool1": pool1,
        "conv2": conv2,
        "conv2_active": squash(conv2),
        "pool2_sums": pool2,
        "pool2": pool2,
        "fc1_sums": fc1_sums,
        "fc1": fc1,
        "fc2_sums": fc2_sums,
        "fc2": fc2,
        "logits": w["fc3.weight"] @ fc2 + w["fc3.bias"],
    }

    with torch.no_grad():
        layers = network.layers(image)
    for name, values in layers._asdict().items():
        np.testing.assert_allclose(values[0].numpy(), by_hand[name], atol=1e-5, err_msg=name)


def test_forward_is_the_last_layer() -> None:
    network, images = seeded(), some_images()
    assert torch.equal(network(images), network.layers(images).logits)


def test_initial_weights_come_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    one = seeded().state_dict()
    torch.manual_seed(2)
    other = seeded().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_initial_weights_are_within_pytorchs_bound() -> None:
    for layer, fan_in in ((seeded().conv1, 25), (seeded().fc1, 400)):
        bound = fan_in**-0.5
        assert 0.9 * bound < layer.weight.abs().max() <= bound


@pytest.mark.parametrize(("activation", "pooling"), [("step", "max"), ("relu", "min")])
def test_refuses_an_unknown_part(activation: str, pooling: str) -> None:
    with pytest.raises(ValueError, match=r"is '(step|min)'; it must be one of"):
        LeNet5(activation, pooling)


def test_a_recipe_may_name_every_activation_and_pooling() -> None:
    fields = recipe.Recipe.__dataclass_fields__
    assert set(fields["activation"].metadata["choices"]) == set(lenet5.ACTIVATIONS)
    assert set(fields["pooling"].metadata["choices"]) == set(lenet5.POOLINGS)


def test_summary() -> None:
    assert [tuple(row) for row in lenet5.summarize(seeded())] == [
        ("input", (1, 28, 28), 784, 0, 0),
        ("conv1", (6, 28, 28), 4704, 156, 4704 * 26),
        ("pool1", (6, 14, 14), 1176, 0, 1176 * 4),
        ("conv2", (16, 10, 10), 1600, 2416, 1600 * 151),
        ("pool2", (16, 5, 5), 400, 0, 400 * 4),
        ("fc1", (120,), 120, 48120, 48120),
        ("fc2", (84,), 84, 10164, 10164),
        ("fc3", (10,), 10, 850, 850),
    ]
