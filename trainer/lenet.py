"""LeNet-5 in the layout that today's experiments use, layer by layer.

After LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
Document Recognition", Proc. IEEE 86(11), 1998, with the usual modern changes:
28x28 input padded by 2, every conv2 map connected to all six conv1 maps, a
plain linear output. 61,706 parameters. Knows nothing of data or training.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
}
POOLINGS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "max": F.max_pool2d,
    "average": F.avg_pool2d,
}


class Layers(NamedTuple):
    """What each layer computed for a batch of N images, in order.

    conv1 and conv2 are before their activation; `*_active` after it.
    """

    conv1: Tensor  # (N, 6, 28, 28)
    conv1_active: Tensor  # (N, 6, 28, 28)
    pool1: Tensor  # (N, 6, 14, 14)
    conv2: Tensor  # (N, 16, 10, 10)
    conv2_active: Tensor  # (N, 16, 10, 10)
    pool2: Tensor  # (N, 16, 5, 5)
    fc1: Tensor  # (N, 120), after its activation
    fc2: Tensor  # (N, 84), after its activation
    logits: Tensor  # (N, 10)


class LeNet5(nn.Module):
    """Scores (logits) of ten classes for 28x28 images; no softmax inside.

    Args:
        activation: a key of `ACTIVATIONS`, used after both convolutions and
            both hidden layers.
        pooling: a key of `POOLINGS`, 2x2 with stride 2.
        generator: source of the initial weights; torch's global one if None.

    Raises:
        ValueError: unknown activation or pooling.
    """

    def __init__(
        self,
        activation: str = "relu",
        pooling: str = "max",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}; it must be one of {[*ACTIVATIONS]}")
        if pooling not in POOLINGS:
            raise ValueError(f"pooling is {pooling!r}; it must be one of {[*POOLINGS]}")
        self.activation, self.pooling = activation, pooling
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        if generator is not None:
            self._initialise(generator)

    def _initialise(self, generator: torch.Generator) -> None:
        """PyTorch's own default, uniform within 1/sqrt(fan in), but from `generator`.

        torch's global generator is shared between runs in one program, so a
        seed alone would not give the same weights twice.
        """
        for layer in (self.conv1, self.conv2, self.fc1, self.fc2, self.fc3):
            bound = layer.weight[0].numel() ** -0.5
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            assert layer.bias is not None
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)

    def layers(self, images: Tensor) -> Layers:
        """Every layer's values in one forward pass.

        Args:
            images: float, shape (N, 1, 28, 28), normalised as in training.
        """
        squash, pool = ACTIVATIONS[self.activation], POOLINGS[self.pooling]
        conv1 = self.conv1(images)
        conv1_active = squash(conv1)
        pool1 = pool(conv1_active, 2)
        conv2 = self.conv2(pool1)
        conv2_active = squash(conv2)
        pool2 = pool(conv2_active, 2)
        fc1 = squash(self.fc1(pool2.flatten(1)))
        fc2 = squash(self.fc2(fc1))
        return Layers(
            conv1, conv1_active, pool1, conv2, conv2_active, pool2, fc1, fc2, self.fc3(fc2)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits of shape (N, 10) for float images of shape (N, 1, 28, 28)."""
        return self.layers(images).logits


class LayerSummary(NamedTuple):
    """One line of the layer table."""

    name: str
    output: tuple[int, ...]  # shape for one image
    neurons: int
    parameters: int
    connections: int  # counted as in the paper: weights and biases, each time one is used


def summary(model: LeNet5) -> list[LayerSummary]:
    """The layer table, computed from the built network.

    A connection is one use of a weight or bias; pooling has four inputs for
    each output and no parameters.
    """
    device = next(model.parameters()).device
    with torch.no_grad():
        seen = model.layers(torch.zeros(1, 1, 28, 28, device=device))
    table = [LayerSummary("input", (1, 28, 28), 28 * 28, 0, 0)]
    layers: list[tuple[str, Tensor, nn.Conv2d | nn.Linear | None]] = [
        ("conv1", seen.conv1, model.conv1),
        ("pool1", seen.pool1, None),
        ("conv2", seen.conv2, model.conv2),
        ("pool2", seen.pool2, None),
        ("fc1", seen.fc1, model.fc1),
        ("fc2", seen.fc2, model.fc2),
        ("fc3", seen.logits, model.fc3),
    ]
    for name, output, layer in layers:
        neurons = output.numel()
        fan_in = 4 if layer is None else layer.weight[0].numel() + 1
        parameters = 0 if layer is None else sum(p.numel() for p in layer.parameters())
        table.append(
            LayerSummary(name, tuple(output.shape[1:]), neurons, parameters, neurons * fan_in)
        )
    return table
