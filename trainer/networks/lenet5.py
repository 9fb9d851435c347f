"""LeNet-5 in the layout that today's experiments use, layer by layer.

After LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
Document Recognition", Proc. IEEE 86(11), 1998, with the usual modern changes:
28x28 input padded by 2, every conv2 map connected to all six conv1 maps, a
plain linear output. 61,706 parameters with ten classes; 83,126 for color images
of 32x32. Knows nothing of data or training. The paper's own network is in `lenet1998`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks import fused_convolution
from trainer.runtime.shard import BatchPart

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
_MONOTONIC = ("relu", "tanh", "sigmoid", "leaky_relu", "elu")
"""Activations with which a maximum may be taken before instead of after."""

_LARGE_BATCH = 64
"""Least number of images for which another memory layout is faster."""

ARITHMETICS = ("plain", "wide", "wide bfloat16", "banded bfloat16")
"""Ways to compute the two stages of convolution and pooling, the simplest first; see
`fused_convolution`."""


SHAPES = ((1, 28, 28), (1, 32, 32), (3, 32, 32))
"""Channels, height and width of the images that a network can be built for."""

PADDING = 2
"""The usual padding of conv1, with which its maps are as large as the images."""


class Layers(NamedTuple):
    """What each layer computed for a batch of N images, in order.

    conv1, conv2 and `*_sums` are before their activation, all else after it.
    The shapes are those for 28x28 images. Pooling here has no activation: its
    sums are its values.
    """

    conv1: Tensor  # (N, 6, 28, 28)
    conv1_active: Tensor  # (N, 6, 28, 28)
    pool1_sums: Tensor  # (N, 6, 14, 14)
    pool1: Tensor  # (N, 6, 14, 14)
    conv2: Tensor  # (N, 16, 10, 10)
    conv2_active: Tensor  # (N, 16, 10, 10)
    pool2_sums: Tensor  # (N, 16, 5, 5)
    pool2: Tensor  # (N, 16, 5, 5)
    fc1_sums: Tensor  # (N, 120)
    fc1: Tensor  # (N, 120)
    fc2_sums: Tensor  # (N, 84)
    fc2: Tensor  # (N, 84)
    logits: Tensor  # (N, classes)


Change = Callable[[str, Tensor], Tensor]
"""A hook: called with a layer's name in `Layers` and its values; returns the values to use."""


def unchanged(name: str, values: Tensor) -> Tensor:
    """The hook that changes nothing."""
    return values


class LeNet5(nn.Module):
    """Scores (logits) of classes for images of one of `SHAPES`; no softmax inside.

    Args:
        activation: a key of `ACTIVATIONS`, used after both convolutions and
            both hidden layers.
        pooling: a key of `POOLINGS`, 2x2 with stride 2.
        generator: source of the initial weights; torch's global one if None.
        hidden_activation: another one after the two hidden layers: a key of
            `ACTIVATIONS`, "none", or "same".
        c5: "full", or "convolution": the first hidden layer as the paper's C5,
            which is the same function where its maps are no larger than its kernel.
        dropout: share of hidden units left out of each training step, 0 to 1.
        shape: channels, height and width of the images.
        classes: how many classes there are.
        padding: rows and columns of zeros around the images: `PADDING`, or 0.

    Raises:
        ValueError: an unknown value of one of these.
    """

    def __init__(
        self,
        activation: str = "relu",
        pooling: str = "max",
        generator: torch.Generator | None = None,
        *,
        hidden_activation: str = "same",
        c5: str = "full",
        dropout: float = 0.0,
        shape: tuple[int, int, int] = SHAPES[0],
        classes: int = 10,
        padding: int = PADDING,
    ) -> None:
        super().__init__()
        hidden = activation if hidden_activation == "same" else hidden_activation
        _check("activation", activation, [*ACTIVATIONS])
        _check("hidden_activation", hidden, [*ACTIVATIONS, "none"])
        _check("pooling", pooling, [*POOLINGS])
        _check("c5", c5, ["full", "convolution"])
        _check("shape", shape, [*SHAPES])
        _check("padding", padding, [0, PADDING])
        self.activation, self.pooling, self.hidden_activation = activation, pooling, hidden
        self.shape, self.padding, self.dropout = shape, padding, dropout
        self.dropout_source: torch.Generator | None = None
        """The generator of dropout; torch's global one if None."""
        self.dropout_part: BatchPart | None = None
        """Which part of a batch the images are; the whole batch if None."""
        self.arithmetic = "plain"
        """One of `ARITHMETICS`: how `forward` computes in training; `layers` is always plain."""
        side = ((shape[1] + 2 * padding - 4) // 2 - 4) // 2  # of conv2's pooled maps: 4, 5 or 6
        self.conv1 = nn.Conv2d(shape[0], 6, 5, padding=padding)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1: nn.Conv2d | nn.Linear
        self.fc1 = nn.Conv2d(16, 120, side) if c5 != "full" else nn.Linear(16 * side * side, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)
        if generator is not None:
            self._initialize(generator)

    def _initialize(self, generator: torch.Generator) -> None:
        """PyTorch's own default, uniform within 1/sqrt(fan in), but from `generator`.

        torch's global generator is shared between runs in one program, so a
        seed alone would not give the same weights twice.
        """
        for layer in (self.conv1, self.conv2, self.fc1, self.fc2, self.fc3):
            bound = layer.weight[0].numel() ** -0.5
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            assert layer.bias is not None
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)

    def layers(self, images: Tensor, change: Change = unchanged) -> Layers:
        """Every layer's values in one forward pass.

        Args:
            images: float, shape (N, *shape), normalized as in training.
            change: called for conv1_active, pool1, conv2_active, pool2, fc1 and fc2.
        """
        squash, pool = ACTIVATIONS[self.activation], POOLINGS[self.pooling]
        conv1 = self.conv1(images)
        conv1_active = change("conv1_active", squash(conv1))
        pool1_sums = pool(conv1_active, 2)
        pool1 = change("pool1", pool1_sums)
        conv2 = self.conv2(pool1)
        conv2_active = change("conv2_active", squash(conv2))
        pool2_sums = pool(conv2_active, 2)
        pool2 = change("pool2", pool2_sums)
        fc1_sums, fc1, fc2_sums, fc2, logits = self.head(pool2, change)
        return Layers(
            conv1=conv1,
            conv1_active=conv1_active,
            pool1_sums=pool1_sums,
            pool1=pool1,
            conv2=conv2,
            conv2_active=conv2_active,
            pool2_sums=pool2_sums,
            pool2=pool2,
            fc1_sums=fc1_sums,
            fc1=fc1,
            fc2_sums=fc2_sums,
            fc2=fc2,
            logits=logits,
        )

    def head(
        self, pool2: Tensor, change: Change = unchanged
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """fc1_sums, fc1, fc2_sums, fc2 and logits, from the features of the convolutions.

        Args:
            pool2: (N, 16, 5, 5), or other sides for other images and padding; flattened or not.
            change: called for fc1 and fc2.
        """
        if isinstance(self.fc1, nn.Conv2d):
            pool2 = pool2.reshape(len(pool2), *self.fc1.weight.shape[1:])
        else:
            pool2 = pool2.flatten(1)
        fc1_sums = self.fc1(pool2).flatten(1)
        fc1 = change("fc1", self._activate_hidden(fc1_sums))
        fc2_sums = self.fc2(fc1)
        fc2 = change("fc2", self._activate_hidden(fc2_sums))
        return fc1_sums, fc1, fc2_sums, fc2, self.fc3(fc2)

    def _activate_hidden(self, values: Tensor) -> Tensor:
        """A hidden layer's activation, and in training its dropout."""
        if self.hidden_activation != "none":
            values = ACTIVATIONS[self.hidden_activation](values)
        if not self.training or not self.dropout:
            return values
        # F.dropout takes no generator, so it would not depend on the recipe's seed alone.
        part = self.dropout_part or BatchPart.whole(len(values))
        shape = (part.total, *values.shape[1:])
        drawn = torch.rand(shape, device=values.device, generator=self.dropout_source)[part.rows]
        return values * (drawn >= self.dropout) / (1 - self.dropout)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of shape (N, classes) for float images of shape (N, *shape)."""
        then = fused_convolution.PoolingAfter(
            ACTIVATIONS[self.activation],
            self.pooling,
            commutes=self.pooling == "max" and self.activation in _MONOTONIC,
        )
        arithmetic = self._choose_arithmetic(images)
        if arithmetic == "banded bfloat16":
            return self.head(self._convolve_banded(images, then))[-1]
        first = second = fused_convolution.convolve_plain
        if arithmetic != "plain":
            first, second = (
                fused_convolution.convolve_wide,
                fused_convolution.convolve_channels_last,
            )
        if arithmetic == "wide bfloat16":
            second = fused_convolution.convolve_bfloat16
        pool1 = first(images, self.conv1, then)
        return self.head(second(pool1, self.conv2, then))[-1]

    def _convolve_banded(self, images: Tensor, then: fused_convolution.PoolingAfter) -> Tensor:
        """The features of both convolutions, as products of banded matrices."""
        values = fused_convolution.lay_out_columns(images, self.padding)
        for layer in (self.conv1, self.conv2):
            values = fused_convolution.convolve_banded(values, layer, then)
        return fused_convolution.columns_to_images(values, self.conv2.out_channels)

    def _choose_arithmetic(self, images: Tensor) -> str:
        """One of `ARITHMETICS`, for these images."""
        if self.training:
            return self.arithmetic
        # Evaluation is in float32; the forward pass alone is twice as fast with "wide" on any CPU.
        many = len(images) >= _LARGE_BATCH and images.device.type == "cpu"
        return "wide" if many and not torch.is_grad_enabled() else "plain"


def _check(name: str, value: object, allowed: list[Any]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it must be one of {allowed}")


class LayerSummary(NamedTuple):
    """One line of the layer table."""

    name: str
    output: tuple[int, ...]  # shape for one image
    neurons: int
    parameters: int
    connections: int  # counted as in the paper: weights and biases, each time one is used


def summarize(model: LeNet5) -> list[LayerSummary]:
    """The layer table, computed from the built network.

    A connection is one use of a weight or bias; pooling has four inputs for
    each output and no parameters.
    """
    device = next(model.parameters()).device
    with torch.no_grad():
        layers = model.layers(torch.zeros(1, *model.shape, device=device))
    table = [LayerSummary("input", model.shape, math.prod(model.shape), 0, 0)]
    modules: list[tuple[str, Tensor, nn.Conv2d | nn.Linear | None]] = [
        ("conv1", layers.conv1, model.conv1),
        ("pool1", layers.pool1, None),
        ("conv2", layers.conv2, model.conv2),
        ("pool2", layers.pool2, None),
        ("fc1", layers.fc1, model.fc1),
        ("fc2", layers.fc2, model.fc2),
        ("fc3", layers.logits, model.fc3),
    ]
    for name, output, layer in modules:
        neurons = output.numel()
        fan_in = 4 if layer is None else layer.weight[0].numel() + 1
        parameters = 0 if layer is None else sum(p.numel() for p in layer.parameters())
        table.append(
            LayerSummary(name, tuple(output.shape[1:]), neurons, parameters, neurons * fan_in)
        )
    return table
