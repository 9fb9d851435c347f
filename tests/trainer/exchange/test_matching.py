"""LeNet-5 found among tensors of any names: the network made of them computes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.support.foreign import (
    FeaturesClassifier,
    Named,
    OfThePaper,
    sequential,
    shipped,
    with_names,
    write_keras,
)
from trainer.exchange.foreign_file import read_foreign
from trainer.exchange.matching import MatchedNetwork, MatchingError, match_layers
from trainer.networks.factory import build
from trainer.recipes.recipe import Recipe


def arrays(module: nn.Module) -> dict[str, Any]:
    return {name: t.numpy() for name, t in module.state_dict().items() if t.ndim}


def computed(matched: MatchedNetwork, images: torch.Tensor, **recipe: Any) -> torch.Tensor:
    network = build(Recipe(c5=matched.c5, **recipe))
    network.load_state_dict(matched.with_order(matched.orders[0]))
    with torch.no_grad():
        return network.eval().layers(images).logits


MODULES: dict[str, tuple[Any, int, dict[str, str]]] = {
    "conv1 fc1": (Named, 28, {"border": "none"}),
    "features classifier": (
        FeaturesClassifier, 32, {"border": "paper", "activation": "tanh", "pooling": "average"},
    ),
    "c1 c3 c5 f6": (OfThePaper, 28, {}),
    "numbers": (sequential, 28, {"activation": "sigmoid", "pooling": "average"}),
    "batch normalization": (
        lambda: sequential(True), 28, {"activation": "sigmoid", "pooling": "average"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_network_computes_what_the_module_does(name: str) -> None:
    make, side, recipe = MODULES[name]
    torch.manual_seed(4)
    module = make().eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            for values in (part.weight, part.running_var):
                nn.init.uniform_(values, 0.5, 2)
            for values in (part.bias, part.running_mean):
                nn.init.uniform_(values, -1, 1)
    matched = match_layers(arrays(module), "net.pth")
    assert matched.unused == () and matched.orders == ("chw",) and matched.classes == 10
    assert bool(matched.normalized) == (name == "batch normalization")
    images = torch.rand(5, 1, side, side)
    with torch.no_grad():
        torch.testing.assert_close(computed(matched, images, **recipe), module(images))


def test_names_and_order_do_not_matter() -> None:
    given = {name: t.numpy() for name, t in with_names("z y x w v").items()}
    shuffled = dict(sorted(given.items(), key=lambda item: hash(item[1].tobytes())))
    matched = match_layers({f"q{n}": a for n, a in enumerate(shuffled.values())}, "net")
    for name, tensor in shipped().network.state_dict().items():
        assert torch.equal(matched.weights[name], tensor), name


def test_pixel_by_pixel_as_keras_has_it(tmp_path: Path) -> None:
    write_keras(tmp_path / "net.weights.h5")
    matched = match_layers(read_foreign(tmp_path / "net.weights.h5").tensors, "net")
    assert matched.orders == ("hwc",)
    for name, tensor in shipped().network.state_dict().items():
        assert torch.equal(matched.with_order("hwc")[name], tensor), name


def test_rows_and_columns_exchanged_leave_the_order_open() -> None:
    given = {name: t.numpy() for name, t in with_names("a b c d e").items()}
    given = {n: a.T if a.ndim == 2 else a for n, a in given.items()}
    matched = match_layers(given, "net")
    assert matched.orders == ("chw", "hwc")
    assert torch.equal(matched.weights["fc1.weight"], shipped().network.state_dict()["fc1.weight"])


def test_without_biases_they_are_zero() -> None:
    given = {name: t.numpy() for name, t in with_names("a b c d e").items() if t.ndim > 1}
    matched = match_layers(given, "net")
    assert not matched.weights["fc2.bias"].any() and "fc2.bias" not in matched.sources


def test_what_is_not_used_is_named() -> None:
    given = {name: t.numpy() for name, t in with_names("a b c d e").items()}
    matched = match_layers(given | {"extra.scale": np.zeros(7), "ema.a": given["a.weight"]}, "net")
    assert matched.unused == ("extra.scale", "ema.a")


MISSING: dict[str, tuple[dict[str, tuple[int, ...]], str]] = {
    "another": ({"conv1.weight": (10, 1, 5, 5)}, "first convolution has 10 kernels of 5x5"),
    "small": ({"conv1.weight": (32, 1, 3, 3)}, "32 kernels of 3x3, and LeNet-5 has 6 of 5x5"),
    "keras": ({"kernel": (3, 3, 1, 32)}, "32 kernels of 3x3, and"),
    "color": ({"conv1.weight": (6, 3, 5, 5)}, "for color pictures"),
    "dense": ({"fc.weight": (300, 784)}, r"has no C1 \(6 kernels.*it holds fc.weight \(300x784\)"),
}


@pytest.mark.parametrize("kind", MISSING)
def test_another_network_is_refused_by_what_it_lacks(kind: str) -> None:
    shapes, told = MISSING[kind]
    with pytest.raises(MatchingError, match=told):
        match_layers({name: np.zeros(shape) for name, shape in shapes.items()}, "net.pth")


def test_one_missing_layer_is_named() -> None:
    given = {n: t.numpy() for n, t in with_names("a b c d e").items() if not n.startswith("d")}
    with pytest.raises(MatchingError, match=r"it has no F6 \(84 units for 120 values\)"):
        match_layers(given, "net.pth")
