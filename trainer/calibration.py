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


def fitted_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature at which the labels are most likely, from 0.2 to 5.

    Args:
        logits: float, (N, classes), of images that were not trained on.
        labels: int64, (N,).
    """
    tried = torch.logspace(math.log10(_COOLEST), math.log10(_HOTTEST), _TRIED)
    losses = [float(F.cross_entropy(logits / temperature, labels)) for temperature in tried]
    return round(float(tried[int(torch.tensor(losses).argmin())]), 4)


def expected_calibration_error(probabilities: Tensor, labels: Tensor) -> float:
    """How far confidence and accuracy are apart, 0 to 1, the mean over all answers.

    Args:
        probabilities: float, (N, classes), rows summing to 1.
        labels: int64, (N,).
    """
    confidence, answer = probabilities.max(dim=1)
    right = (answer == labels).to(confidence.dtype)
    bins = (confidence * BINS).ceil().clamp(1, BINS)
    gaps = [
        float((confidence[inside] - right[inside]).sum().abs())
        for number in range(1, BINS + 1)
        if bool((inside := bins == number).any())
    ]
    return sum(gaps) / len(labels)
