"""Read one picture and keep everything that the network computed on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.training import prepared
from trainer.weights import Model


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """One layer's values for one picture."""

    layer: str  # conv1, conv1_active, pool1, ..., as in lenet.Layers
    values: NDArray[np.float32]  # (maps, height, width); (units, 1, 1) for full layers


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a model makes of a picture."""

    digit: int  # index of the most probable class
    probabilities: tuple[float, ...]  # ten, summing to 1
    maps: dict[str, FeatureMap]  # by layer, in the network's order
    image: NDArray[np.uint8]  # (28, 28), what was read


def read(model: Model, image: NDArray[np.uint8]) -> Prediction:
    """Read a picture, with one forward pass for the answer and all the maps.

    Args:
        model: on any device.
        image: uint8, shape (28, 28), 0 paper and 255 full ink.

    Raises:
        ValueError: another shape or dtype.
    """
    if image.shape != (28, 28) or image.dtype != np.uint8:
        raise ValueError(f"the picture is {image.dtype} {image.shape}; it must be uint8 (28, 28)")
    device = model.network.conv1.weight.device
    with torch.inference_mode():
        batch = prepared(torch.tensor(image, device=device).unsqueeze(0), model.recipe)
        layers = model.network.layers(batch)
        probabilities = layers.logits[0].cpu().double().softmax(0).tolist()
        maps = {
            name: FeatureMap(name, _as_maps(values[0]).cpu().numpy())
            for name, values in zip(layers._fields, layers, strict=True)
        }
    digit = int(np.argmax(probabilities))
    return Prediction(digit, tuple(probabilities), maps, image.copy())


def _as_maps(values: torch.Tensor) -> torch.Tensor:
    return values if values.ndim == 3 else values[:, None, None]


def read_many(model: Model, images: NDArray[np.uint8]) -> list[tuple[float, ...]]:
    """Only the ten probabilities, for uint8 pictures of shape (N, 28, 28)."""
    device = model.network.conv1.weight.device
    found: list[tuple[float, ...]] = []
    with torch.inference_mode():
        for batch in torch.from_numpy(images).split(1000):
            logits = model.network(prepared(batch.to(device), model.recipe))
            found += [tuple(row) for row in logits.cpu().double().softmax(1).tolist()]
    return found
