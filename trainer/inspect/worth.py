"""What each map of a layer is worth: the answer's probability without it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.networks.factory import prepared
from trainer.networks.model import Model


def without_each(
    model: Model, image: NDArray[np.uint8], layer: str, answer: int
) -> NDArray[np.float64]:
    """A class's probability with one map of a layer at 0, for each of its maps.

    Args:
        model: on any device.
        image: uint8, (28, 28).
        layer: one of `trainer.edits.EDITABLE`.
        answer: the class's number.

    Returns:
        float64, (maps,), 0 to 1; of fc1 and fc2, (units,).
    """
    given = prepared(torch.from_numpy(image)[None].to(model.device), model.recipe)
    with torch.inference_mode():
        maps = getattr(model.network.layers(given), layer).shape[1]

        def one_off_each(name: str, values: Tensor) -> Tensor:
            if name != layer:
                return values
            # From here on there is a copy of the image for each map.
            copies = values.repeat(maps, *[1] * (values.ndim - 1))
            copies[range(maps), range(maps)] = 0
            return copies

        logits = model.network.layers(given, one_off_each).logits.cpu().double()
        found = (logits / model.temperature).softmax(1)[:, answer]
    return np.asarray(found.numpy())
