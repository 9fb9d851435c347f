"""How far a network's probabilities can be believed, and one number that mends them.

Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML
2017: scores divided by a temperature, fitted on validation images, keep their
order and so every answer, and give probabilities that come true.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

BINS = 15
"""Bins of equal width that confidences are sorted into, as in the paper."""
_COOLEST, _HOTTEST, _TRIED = 0.2, 5.0, 161
_STRIDE = 32  # a power of two


def fitted_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature at which the labels are most likely, from 0.2 to 5.

    Args:
        logits: float, (N, classes), of images that were not trained on.
        labels: int64, (N,).
    """
    tried: list[float]
    tried = torch.logspace(math.log10(_COOLEST), math.log10(_HOTTEST), _TRIED).tolist()
    losses: dict[int, float] = {}

    def loss(number: int) -> float:
        if number not in losses:
            losses[number] = float(F.cross_entropy(logits / tried[number], labels))
        return losses[number]

    # The loss is convex in the temperature's inverse, and so has one valley: it is found by
    # looking at a few, and then ever nearer to the best.
    best = min(range(0, _TRIED, _STRIDE), key=loss)
    stride = _STRIDE
    while stride > 1:
        stride //= 2
        near = (best - stride, best, best + stride)
        best = min((number for number in near if 0 <= number < _TRIED), key=loss)
    return round(tried[best], 4)
