"""LeNet-5 as its paper specifies it, from trainable subsampling to the ten bitmaps.

LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proc. IEEE 86(11), 1998. 60,000 trainable parameters and 340,908
connections. Knows nothing of data or training; `trainer.training` has the paper's
optimizer, `lenet5` the layout that today's experiments use.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks.lenet5 import Change, Layers, LayerSummary, unchanged

BACKGROUND, INK = -0.1, 1.175
"""An input's white and black: the mean is about 0 and the variance about 1."""

C3_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Which maps of S2 each map of C3 sees: the paper's table I."""

BITMAPS = """
.#####. ...##.. .#####. ####### .#####. .#####. ..####. ####### .#####. .#####.
....... ..###.. ....... .....## ....... ....... .##.... .....## ##...## ##..###
..###.. .####.. .#####. ....##. ....... ####### ##..... .....## ##...## ##...##
.##.##. ...##.. ##...## ...##.. .##..## ##..... ##..... ....##. ##...## ##...##
##...## ...##.. #....## ..####. .##..## ##..... ######. ...##.. .#####. ##..###
##...## ...##.. ....##. .....## ###..## .####.. ###..## ...##.. ##...## .######
##...## ...##.. ..###.. .....## ##...## ..####. ##...## ..##... ##...## .....##
##...## ...##.. .##.... .....## ##...## .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##...## ##..### ##...## ###..## ..##... ##...## ....##.
..###.. .###### ####### .#####. .###### .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
"""
"""The ten outputs' pictures of 0 to 9 side by side, each 7 pixels wide and 12 high."""


_AMPLITUDE, _SLOPE = 1.7159, 2 / 3  # squash(1) is 1 and squash(-1) is -1


def _bitmaps() -> Tensor:
    """`BITMAPS` as float32, (10, 84): row by row, ink 1 and blank -1."""
    rows = [line.split() for line in BITMAPS.split("\n")[1:-1]]
    digits = ["".join(pieces) for pieces in zip(*rows, strict=True)]
    return torch.tensor([[1.0 if pixel == "#" else -1.0 for pixel in digit] for digit in digits])


def squash(sums: Tensor) -> Tensor:
    """The paper's scaled tanh, of any shape."""
    return _AMPLITUDE * torch.tanh(_SLOPE * sums)


def squash_slope(active: Tensor) -> Tensor:
    """The derivative of `squash` where its value is `active`."""
    return _AMPLITUDE * _SLOPE - (_SLOPE / _AMPLITUDE) * active.square()


class Subsampling(nn.Module):
    """Each map at half its size: sums of 2x2, times one coefficient, plus one bias; not squashed.

    Args:
        maps: how many; each has its own coefficient and bias, both of shape (maps,).
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(maps))
        self.bias = nn.Parameter(torch.empty(maps))

    def forward(self, images: Tensor) -> Tensor:
        """(N, maps, 2h, 2w) to (N, maps, h, w)."""
        sums = F.avg_pool2d(images, 2, divisor_override=1)
        return torch.addcmul(self.bias[:, None, None], sums, self.weight[:, None, None])


class TableConvolution(nn.Module):
    """A convolution whose maps see only some of the input's maps; not squashed.

    The weight holds a kernel for each connection of two maps, in the table's
    order. They are laid out among zeros to convolve: one dense convolution is
    faster than several small ones.

    Args:
        table: for each output map, the numbers of the input maps it sees.
        maps: how many maps the input has.
        size: of the kernels, in pixels each way.
    """

    places: Tensor

    def __init__(self, table: Sequence[Sequence[int]], maps: int, size: int) -> None:
        super().__init__()
        self.fan_in = [len(inputs) * size * size for inputs in table]
        self.shape = (len(table), maps, size, size)
        places = [output * maps + map_ for output, inputs in enumerate(table) for map_ in inputs]
        self.register_buffer("places", torch.tensor(places), persistent=False)
        self.weight = nn.Parameter(torch.empty(len(places), size, size))
        self.bias = nn.Parameter(torch.empty(len(table)))

    def dense(self) -> Tensor:
        """The weight with zeros where the table has no connection: (outputs, maps, size, size)."""
        outputs, maps, size, _ = self.shape
        zeros = self.weight.new_zeros(outputs * maps, size, size)
        return zeros.index_copy(0, self.places, self.weight).view(self.shape)

    def of_connections(self, dense: Tensor) -> Tensor:
        """What of a tensor in `dense`'s layout belongs to the weight, in the weight's."""
        return dense.reshape(-1, *self.weight.shape[1:])[self.places]

    def forward(self, images: Tensor) -> Tensor:
        """(N, maps, h, w) to (N, outputs, h + 1 - size, w + 1 - size)."""
        return F.conv2d(images, self.dense(), self.bias)


class LeNet1998(nn.Module):
    """Scores of ten digits for 32x32 images: the nearer 0, the more like the digit's bitmap.

    C1 to F6 are named as in `LeNet5`: conv1, pool1, conv2, pool2, fc1, fc2.

    Args:
        generator: source of the initial weights; torch's global one if None.
    """

    bitmaps: Tensor  # (10, 84), ink 1 and blank -1

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.pool1 = Subsampling(6)
        self.conv2 = TableConvolution(C3_TABLE, 6, 5)
        self.pool2 = Subsampling(16)
        self.fc1 = nn.Conv2d(16, 120, 5)
        self.fc2 = nn.Linear(120, 84)
        # Fixed by the paper, so no part of a weights file.
        self.register_buffer("bitmaps", _bitmaps(), persistent=False)
        self._initialize(generator)

    @torch.no_grad()
    def _initialize(self, generator: torch.Generator | None) -> None:
        """Weights and biases uniform within 2.4 over the unit's fan-in (not over its root)."""
        widths = self.conv2.fan_in
        kernels = [fan_in for fan_in, inputs in zip(widths, C3_TABLE, strict=True) for _ in inputs]
        fan_ins: list[tuple[nn.Module, list[int], list[int]]] = [
            (self.conv1, [25], [25]),
            (self.pool1, [4], [4]),
            (self.conv2, kernels, widths),
            (self.pool2, [4], [4]),
            (self.fc1, [400], [400]),
            (self.fc2, [120], [120]),
        ]
        for layer, of_weight, of_bias in fan_ins:
            for values, fan_in in ((layer.weight, of_weight), (layer.bias, of_bias)):
                assert isinstance(values, nn.Parameter)
                nn.init.uniform_(values, -2.4, 2.4, generator=generator)
                values.div_(torch.tensor(fan_in).view(-1, *[1] * (values.dim() - 1)))

    def layers(self, images: Tensor, change: Change = unchanged) -> Layers:
        """Every layer's values in one forward pass; the logits are minus the penalties.

        conv1, conv2 and `*_sums` are before squashing, all else after it.

        Args:
            images: float, shape (N, 1, 32, 32), from `BACKGROUND` to `INK`.
            change: is asked about conv1_active, pool1, conv2_active, pool2, fc1
                and fc2.
        """
        conv1 = self.conv1(images)
        conv1_active = change("conv1_active", squash(conv1))
        pool1_sums = self.pool1(conv1_active)
        pool1 = change("pool1", squash(pool1_sums))
        conv2 = self.conv2(pool1)
        conv2_active = change("conv2_active", squash(conv2))
        pool2_sums = self.pool2(conv2_active)
        pool2 = change("pool2", squash(pool2_sums))
        # C5's kernels are as large as S4's maps: a matrix product is the same, and faster.
        fc1_sums = F.linear(pool2.flatten(1), self.fc1.weight.flatten(1), self.fc1.bias)
        fc1 = change("fc1", squash(fc1_sums))
        fc2_sums = self.fc2(fc1)
        fc2 = change("fc2", squash(fc2_sums))
        logits = -(fc2[:, None] - self.bitmaps).square().sum(2)
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

    def forward(self, images: Tensor) -> Tensor:
        """Minus the penalties, (N, 10), for float images of shape (N, 1, 32, 32)."""
        return self.layers(images).logits


def map_loss(logits: Tensor, labels: Tensor, rubbish: float) -> Tensor:
    """The paper's equation 9, the mean over the images.

    Beside the right digit's penalty it has all digits', so that no penalty may
    be small but the right one's. The rubbish class, whose penalty is constant,
    keeps those that are large already from being pushed further.

    Args:
        logits: minus the penalties, (N, 10).
        labels: int64, (N,).
        rubbish: the rubbish class's penalty, the paper's j, above 0.
    """
    everything = F.pad(logits, (0, 1), value=-rubbish).logsumexp(1)
    return (everything - logits.gather(1, labels[:, None])[:, 0]).mean()


def mse_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The paper's equation 8: the right digit's penalty, the mean over the images.

    Args:
        logits: minus the penalties, (N, 10).
        labels: int64, (N,).
    """
    return -logits.gather(1, labels[:, None]).mean()


def summarize(network: LeNet1998) -> list[LayerSummary]:
    """The paper's layer table, computed from the built network.

    A connection is one use of a weight or bias; each of the four pixels that
    a subsampling unit adds up has one.
    """
    with torch.no_grad():
        layers = network.layers(network.bitmaps.new_zeros(1, 1, 32, 32))
    table = [LayerSummary("input", (1, 32, 32), 32 * 32, 0, 0)]
    modules: list[tuple[str, Tensor, nn.Module]] = [
        ("C1", layers.conv1, network.conv1),
        ("S2", layers.pool1, network.pool1),
        ("C3", layers.conv2, network.conv2),
        ("S4", layers.pool2, network.pool2),
        ("C5", layers.fc1[..., None, None], network.fc1),
        ("F6", layers.fc2, network.fc2),
    ]
    for name, output, layer in modules:
        shape = tuple(output.shape[1:])
        parameters = sum(p.numel() for p in layer.parameters())
        # A weight is used once for each place of its map.
        uses = output.numel() // shape[0]
        connections = 5 * output.numel() if isinstance(layer, Subsampling) else parameters * uses
        table.append(LayerSummary(name, shape, output.numel(), parameters, connections))
    outputs = len(network.bitmaps)
    table.append(LayerSummary("output", (outputs,), outputs, 0, network.bitmaps.numel()))
    return table
