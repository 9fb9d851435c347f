"""Temperature and calibration error, against made-up networks whose truth is known."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.support.expected_calibration import expected_calibration_error
from trainer.evaluation.calibration import fit_temperature


def overconfident(temperature: float, count: int = 20_000) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores `temperature` times too large, and labels drawn from the true probabilities."""
    source = torch.Generator().manual_seed(3)
    scores = torch.randn(count, 10, generator=source) * 2
    labels = torch.multinomial(scores.softmax(1), 1, generator=source).squeeze(1)
    return scores * temperature, labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_makes_probabilities_true_is_found(temperature: float) -> None:
    scores, labels = overconfident(temperature)
    assert fit_temperature(scores, labels) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("temperature", [0.1, 0.31, 1.0, 1.7, 4.9, 8.0])
def test_no_other_temperature_of_the_range_makes_the_labels_likelier(temperature: float) -> None:
    scores, labels = overconfident(temperature, 500)
    found = fit_temperature(scores, labels)
    assert 0.2 <= found <= 5
    least = cross_entropy(scores / found, labels)
    for other in torch.logspace(-0.699, 0.699, 300):
        assert cross_entropy(scores / other, labels) > least - 1e-3


def test_calibrating_mends_the_calibration_error() -> None:
    scores, labels = overconfident(3.0)
    before = expected_calibration_error(scores.softmax(1), labels)
    after = expected_calibration_error(
        (scores / fit_temperature(scores, labels)).softmax(1), labels
    )
    assert after < 0.015 < 0.1 < before


def test_the_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure = torch.tensor([[0.9, 0.1]]).repeat(10, 1)
    labels = torch.tensor([0] * 7 + [1] * 3)
    assert expected_calibration_error(sure, labels) == pytest.approx(0.2, abs=1e-6)


def test_certainty_that_is_right_is_no_error() -> None:
    assert expected_calibration_error(torch.eye(10), torch.arange(10)) == 0


def test_a_network_that_is_never_wrong_gets_the_least_temperature() -> None:
    assert fit_temperature(torch.eye(10) * 5, torch.arange(10)) == pytest.approx(0.2)
