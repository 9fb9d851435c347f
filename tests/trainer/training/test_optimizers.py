"""The running mean of weights: what it comes to, and that it waits for no GPU."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from trainer.training.optimizers import RunningMean


def network() -> nn.Sequential:
    """With weights, and with what a normalisation has counted: numbers and a whole number."""
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def test_it_forgets_the_first_weights_soon() -> None:
    learner = network()
    mean = RunningMean(learner, 0.5)
    weight, expected = learner[0].weight, torch.zeros(2, 3)
    for n in range(12):
        with torch.no_grad():
            weight.fill_(n + 1)
            learner(torch.rand(4, 3))
        mean.update_parameters(learner)
        share = min(0.5, (1 + n) / (10 + n)) if n else 0.0
        expected = share * expected + (1 - share) * (n + 1)
    found = mean.module
    assert isinstance(found, nn.Sequential)
    torch.testing.assert_close(found[0].weight, expected)
    assert found[1].num_batches_tracked == learner[1].num_batches_tracked == 12
    assert (found[1].running_mean - learner[1].running_mean).abs().max() > 0


def test_it_asks_nothing_of_the_device() -> None:
    """On one whose values nobody can ask for, asking is an error."""
    learner = network().to("meta")
    mean = RunningMean(learner, 0.9)
    for _ in range(3):
        mean.update_parameters(learner)
    assert mean.n_averaged == 3
    with pytest.raises((RuntimeError, NotImplementedError)):
        int(learner[1].num_batches_tracked)
