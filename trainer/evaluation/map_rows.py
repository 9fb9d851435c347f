"""Several images with the feature maps of both convolutions, as arrays; draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.networks.factory import prepare_images
from trainer.networks.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class MapRows:
    """One row for each image; the maps are after their activation."""

    numbers: tuple[int, ...]  # in the dataset, from 0
    images: NDArray[np.uint8]  # (N, 28, 28) or (N, 3, 32, 32)
    conv1: NDArray[np.float32]  # (N, 6, height, width)
    conv2: NDArray[np.float32]  # (N, 16, height, width)
    labels: tuple[str, ...]  # of each image
    answers: tuple[str, ...]  # the predicted class of each
    confidences: tuple[float, ...]  # its probability, 0 to 1

    def __len__(self) -> int:
        return len(self.numbers)

    def levels(self, row: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """conv1 and conv2 of one image in 0 to 255: each layer from its least to its largest."""
        return _levels(self.conv1[row]), _levels(self.conv2[row])


def _levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(values.max())
    # Cut off and not rounded, the largest would be 254 wherever its product is just below 255.
    return ((values - low) * (255 / max(high - low, 1e-9))).round().astype(np.uint8)


def compute_map_rows(
    model: Model,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    numbers: list[int],
    classes: tuple[str, ...],
) -> MapRows:
    """Read the images of some numbers, and keep the feature maps.

    Args:
        model: on any device.
        images: of a whole dataset, uint8, (N, 28, 28) or (N, 3, 32, 32).
        labels: of the same, (N,).
        numbers: which of them, at least one.
        classes: the labels' names.
    """
    chosen = images[numbers]
    device = next(model.network.parameters()).device
    with torch.inference_mode():
        layers = model.network.layers(
            prepare_images(torch.from_numpy(chosen).to(device), model.recipe)
        )
        probabilities = (layers.logits.cpu().double() / model.temperature).softmax(1)
    best = probabilities.max(1)
    return MapRows(
        tuple(numbers),
        chosen,
        layers.conv1_active.cpu().numpy(),
        layers.conv2_active.cpu().numpy(),
        tuple(classes[n] for n in labels[numbers].tolist()),
        tuple(model.classes[n] for n in best.indices.tolist()),
        tuple(best.values.tolist()),
    )
