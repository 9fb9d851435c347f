"""The expected calibration error by its definition, one bin after the other."""

from __future__ import annotations

from torch import Tensor

from trainer.evaluation.calibration import BINS


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
