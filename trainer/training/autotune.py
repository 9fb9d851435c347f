"""How this machine computes a recipe's training steps soonest: found out in a quarter of a second.

Every way gives the same function within rounding; a run keeps the one that it
began with, also when it is resumed elsewhere, and so stays the same bit for bit.
As a clock chooses, another run by the same recipe may get another one: where that
must not be, the recipe says "plain", and nothing is timed.
"""

from __future__ import annotations

import copy
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.networks.factory import Network, input_shape
from trainer.networks.lenet5 import ARITHMETICS, LeNet5
from trainer.recipes.recipe import Recipe

PLAIN = ARITHMETICS[0]
SECONDS = 0.15  # for the ways
SECONDS_OF_THREADS = 0.1
_LEAST_IMAGES = 50_000  # a shorter run ends before the test has paid
_LARGEST_BATCH = 512
_FEW = 8  # images by which a hopeless way is known
_HOPELESS = 4.0  # times the plain way: a processor without bfloat16 takes a hundred times as long
_GAIN = 0.95  # of the simpler way's time: less is not worth a difference

_Key = tuple[object, ...]
_Found = TypeVar("_Found", str, int)
measurements: dict[_Key, Any] = {}
_one_at_a_time = threading.Lock()  # two tests at once would time each other


def choose_arithmetic(network: Network, recipe: Recipe, device: torch.device, images: int) -> str:
    """One of `lenet5.ARITHMETICS`, for this thread's number of threads.

    Found once in a process for each shape of network and batch.

    Args:
        network: the recipe's, on `device`; not changed.
        recipe: what is to be trained.
        device: where.
        images: how many are trained on in an epoch.
    """
    if not isinstance(network, LeNet5) or not _pays(recipe, device, images):
        return PLAIN
    key = (_shape(recipe), torch.get_num_threads())
    return _once(key, lambda: _fastest(_Trial(network, recipe)))


def choose_threads(
    network: Network, recipe: Recipe, device: torch.device, images: int, way: str
) -> int:
    """How many of this thread's threads are worth it: one, or half of them, may be as fast.

    Args:
        way: what `choose_arithmetic` has chosen.
        network, recipe, device, images: as there.
    """
    most = torch.get_num_threads()
    if most == 1 or not isinstance(network, LeNet5) or not _pays(recipe, device, images):
        return most
    key = (_shape(recipe), most, way)
    try:
        return _once(key, lambda: _enough(_Trial(network, recipe), way, most))
    finally:
        torch.set_num_threads(most)


def _pays(recipe: Recipe, device: torch.device, images: int) -> bool:
    """Whether to try at all."""
    if recipe.arithmetic == PLAIN:
        return False
    return device.type == "cpu" and images * recipe.epochs >= _LEAST_IMAGES


def _shape(recipe: Recipe) -> _Key:
    """What the times depend on."""
    kinds = (recipe.activation, recipe.hidden_activation, recipe.pooling, recipe.c5, recipe.border)
    return (*kinds, *input_shape(recipe), min(recipe.batch_size, _LARGEST_BATCH))


def _once(key: _Key, find: Callable[[], _Found]) -> _Found:
    with _one_at_a_time:
        if key not in measurements:
            measurements[key] = find()
        measurement: _Found = measurements[key]
        return measurement


class _Trial:
    """A copy of a network, and a batch of noise for it."""

    def __init__(self, network: LeNet5, recipe: Recipe) -> None:
        self.network = copy.deepcopy(network).train()
        source = torch.Generator().manual_seed(0)  # not the global one, on which others may count
        self.network.dropout_source = source
        batch = min(recipe.batch_size, _LARGEST_BATCH)
        self.images = torch.rand(batch, *input_shape(recipe), generator=source)
        self.labels = torch.zeros(batch, dtype=torch.int64)

    def step(self, way: str, count: int | None = None) -> float:
        """Seconds that a step of so many images takes, of all if None."""
        return time_step(self.network, way, self.images[:count], self.labels[:count])


def _fastest(trial: _Trial) -> str:
    """Which way takes the least time for a step, of `SECONDS` of steps in turn."""
    times: dict[str, float] = {}
    for way in _hopeful(trial):
        trial.step(way)  # the first one also prepares
        times[way] = float("inf")
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        for way in times:
            times[way] = min(times[way], trial.step(way))
    best = PLAIN
    for way in times:  # from the simplest on
        if times[way] < times[best] * _GAIN:
            best = way
    return best


def _hopeful(trial: _Trial) -> list[str]:
    """The ways that this processor, and this torch, have such products for."""
    times: dict[str, float] = {}
    for way in ARITHMETICS:
        try:
            times[way] = min(trial.step(way, _FEW) for _ in range(2))
        except RuntimeError:
            continue
    return [way for way in times if times[way] <= times[PLAIN] * _HOPELESS]


def _enough(trial: _Trial, way: str, most: int) -> int:
    """The number of threads, `most` or a half or a quarter of it ..., whose steps take least.

    By the median: other programs slow down some of the steps, the more so the more threads
    have to wait for one another.
    """
    times: dict[int, list[float]] = {most >> halved: [] for halved in range(most.bit_length())}
    until = time.perf_counter() + SECONDS_OF_THREADS
    while not times[1] or time.perf_counter() < until:
        for count, taken in times.items():
            torch.set_num_threads(count)
            trial.step(way)  # threads begin
            taken += [trial.step(way) for _ in range(3)]
    return min(times, key=lambda count: (statistics.median(times[count]), count))


def time_step(network: LeNet5, way: str, images: Tensor, labels: Tensor) -> float:
    """Seconds that one step takes, without its optimizer."""
    network.arithmetic = way
    network.zero_grad(set_to_none=True)
    began = time.perf_counter()
    F.cross_entropy(network(images), labels).backward()
    return time.perf_counter() - began
