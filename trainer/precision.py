"""How this machine computes a recipe's training steps soonest: found out in half a second.

Every way gives the same function within rounding; a run keeps the one that it
began with, also when it is resumed elsewhere, and so stays the same bit for bit.
"""

from __future__ import annotations

import copy
import threading
import time

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.lenet import ARITHMETICS, LeNet5
from trainer.networks import Network, input_shape
from trainer.recipes import Recipe

PLAIN = ARITHMETICS[0]
_SECONDS = 0.5
_LEAST_IMAGES = 50_000  # a shorter run ends before the test has paid
_LARGEST_BATCH = 512
_GAIN = 0.95  # of the simpler way's time: less is not worth a difference

_Key = tuple[object, ...]
_found: dict[_Key, str] = {}
_one_at_a_time = threading.Lock()  # two tests at once would time each other


def chosen(network: Network, recipe: Recipe, device: torch.device, images: int) -> str:
    """One of `lenet.ARITHMETICS`, for this thread's number of threads.

    Found once in a process for each shape of network and batch.

    Args:
        network: the recipe's, on `device`; not changed.
        recipe: what is to be trained.
        device: where.
        images: how many are trained on in an epoch.
    """
    if device.type != "cpu" or not isinstance(network, LeNet5):
        return PLAIN
    if images * recipe.epochs < _LEAST_IMAGES:
        return PLAIN
    batch = min(recipe.batch_size, _LARGEST_BATCH)
    key = (
        *(recipe.activation, recipe.hidden_activation, recipe.pooling, recipe.c5),
        *(input_shape(recipe), batch, torch.get_num_threads()),
    )
    with _one_at_a_time:
        if key not in _found:
            _found[key] = _fastest(network, recipe, batch)
        return _found[key]


def _fastest(network: LeNet5, recipe: Recipe, batch: int) -> str:
    """Which way takes the least time for a step, of `_SECONDS` of steps in turn."""
    trial = copy.deepcopy(network).train()
    source = torch.Generator().manual_seed(0)  # not the global one, on which others may count
    trial.dropout_source = source
    images = torch.rand(batch, *input_shape(recipe), generator=source)
    labels = torch.zeros(batch, dtype=torch.int64)
    times: dict[str, float] = {}
    for way in ARITHMETICS:
        try:
            _step(trial, way, images, labels)  # the first one also prepares
        except RuntimeError:  # this processor, or this torch, has no such products
            continue
        times[way] = float("inf")
    until = time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        for way in times:
            times[way] = min(times[way], _step(trial, way, images, labels))
    best = PLAIN
    for way in times:  # from the simplest on
        if times[way] < times[best] * _GAIN:
            best = way
    return best


def _step(network: LeNet5, way: str, images: Tensor, labels: Tensor) -> float:
    """Seconds that one step takes, without its optimiser."""
    network.arithmetic = way
    network.zero_grad(set_to_none=True)
    began = time.perf_counter()
    F.cross_entropy(network(images), labels).backward()
    return time.perf_counter() - began
