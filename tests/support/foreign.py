"""LeNet-5 as others write it: the same weights in the modules and files of other programs."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model, load_shipped

ORDER = tuple(
    f"{layer}.{part}"
    for layer in ("conv1", "conv2", "fc1", "fc2", "fc3")
    for part in ("weight", "bias")
)


@cache
def shipped() -> Model:
    return load_shipped()


class Trap:
    """What runs code when it is unpickled: then `sprung` is True."""

    sprung = False

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (_spring, ("sprung",))


def _spring(name: str) -> None:
    setattr(Trap, name, True)


class Named(nn.Module):
    """conv1, conv2, fc1, fc2 and fc3; 28x28, not padded: 256 values for fc1."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(256, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, images: Tensor) -> Tensor:
        values = F.max_pool2d(torch.relu(self.conv1(images)), 2)
        values = F.max_pool2d(torch.relu(self.conv2(values)), 2).flatten(1)
        scores: Tensor = self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(values)))))
        return scores


class FeaturesClassifier(nn.Module):
    """features.0 and so on, then classifier.0; 32x32, C5 as a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(16, 120, 5), nn.Tanh(),
        )  # fmt: skip
        self.classifier = nn.Sequential(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.classifier(self.features(images).flatten(1))
        return scores


class OfThePaper(nn.Module):
    """c1, c3, c5, f6 and output; 28x28 padded by zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.c1, self.c3 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.c5, self.f6, self.output = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, images: Tensor) -> Tensor:
        values = F.max_pool2d(torch.relu(self.c1(images)), 2)
        values = F.max_pool2d(torch.relu(self.c3(values)), 2).flatten(1)
        scores: Tensor = self.output(torch.relu(self.f6(torch.relu(self.c5(values)))))
        return scores


def sequential(normalized: bool = False) -> nn.Sequential:
    """Numbers for names; 28x28 padded by zeros, and after each convolution a normalization."""
    layers: list[nn.Module] = []
    for inputs, outputs, padding in ((1, 6, 2), (6, 16, 0)):
        layers.append(nn.Conv2d(inputs, outputs, 5, padding=padding))
        if normalized:
            layers.append(nn.BatchNorm2d(outputs))
        layers += [nn.Sigmoid(), nn.AvgPool2d(2)]
    layers += [nn.Flatten(), nn.Linear(400, 120), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


def with_names(names: str) -> OrderedDict[str, Tensor]:
    """The shipped network's weights, renamed layer by layer: "c1 c3 c5 f6 output"."""
    network = shipped().network
    assert isinstance(network, LeNet5)
    weights = network.state_dict()
    new = dict(zip(("conv1", "conv2", "fc1", "fc2", "fc3"), names.split(), strict=True))
    return OrderedDict(
        (f"{new[layer]}.{part}", weights[f"{layer}.{part}"])
        for layer, part in (name.split(".") for name in ORDER)
    )


def write_keras(path: Path, prefix: str = "layers/") -> None:
    """The shipped network as Keras 3 writes weights: layers/conv2d/vars/0, pixel by pixel."""
    import h5py  # an optional package

    with h5py.File(path, "w") as file:
        file["optimizer/vars/0"] = 7
        names = ("conv2d", "conv2d_1", "dense", "dense_1", "dense_2")
        for name, layer in zip(names, ("conv1", "conv2", "fc1", "fc2", "fc3"), strict=True):
            weight = shipped().network.state_dict()[f"{layer}.weight"]
            if weight.ndim == 4:
                weight = weight.permute(2, 3, 1, 0)
            elif layer == "fc1":
                weight = weight.view(120, 16, 5, 5).permute(2, 3, 1, 0).reshape(400, 120)
            else:
                weight = weight.T
            file[f"{prefix}{name}/vars/0"] = weight.contiguous().numpy()
            file[f"{prefix}{name}/vars/1"] = shipped().network.state_dict()[f"{layer}.bias"].numpy()
