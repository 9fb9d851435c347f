"""Choose how to compute a recipe's training steps on this machine, by a measurement of 0.25 s.

All arithmetics compute the same function within rounding. A run keeps the one that it began with,
also when it is resumed elsewhere, and so stays the same bit for bit. Since the choice depends on a
clock, another run by the same recipe may get another one: where that must not be, the recipe says
"plain", and nothing is timed.
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
SECONDS = 0.15  # to compare arithmetics
SECONDS_OF_THREADS = 0.1  # to compare numbers of threads
_LEAST_IMAGES = (
    50_000  # trained on in all: a shorter run would gain less than the measurement takes
)
_LARGEST_BATCH = 512
_SMALL_BATCH = 8  # images, to rule out arithmetics that this processor does not support
_TOO_SLOW = 4.0  # times the plain one: without support for bfloat16 it is a hundred times as slow
_GAIN = 0.95  # of the simpler one's time: a smaller gain is not worth another rounding

_Key = tuple[object, ...]
_Choice = TypeVar("_Choice", str, int)
measurements: dict[_Key, Any] = {}
_one_at_a_time = threading.Lock()  # two measurements at once would disturb each other


def choose_arithmetic(network: Network, recipe: Recipe, device: torch.device, images: int) -> str:
    """Choose one of `lenet5.ARITHMETICS`, for this thread's number of CPU threads.

    Measured once in a process for each shape of network and batch.

    Args:
        network: the recipe's, on `device`; not changed.
        recipe: what is to be trained.
        device: where.
        images: how many are trained on in an epoch.
    """
    if not isinstance(network, LeNet5) or not _is_worthwhile(recipe, device, images):
        return PLAIN
    key = (_shape(recipe), torch.get_num_threads())
    return _measure_once(key, lambda: _fastest(_Trial(network, recipe)))


def choose_threads(
    network: Network, recipe: Recipe, device: torch.device, images: int, arithmetic: str
) -> int:
    """Choose how many of this thread's CPU threads to use: one, or half of them, may be as fast.

    Args:
        arithmetic: what `choose_arithmetic` has chosen.
        network, recipe, device, images: as there.
    """
    most = torch.get_num_threads()
    if most == 1 or not isinstance(network, LeNet5) or not _is_worthwhile(recipe, device, images):
        return most
    key = (_shape(recipe), most, arithmetic)
    try:
        return _measure_once(
            key, lambda: _fewest_threads(_Trial(network, recipe), arithmetic, most)
        )
    finally:
        torch.set_num_threads(most)


def _is_worthwhile(recipe: Recipe, device: torch.device, images: int) -> bool:
    """Whether to measure at all."""
    if recipe.arithmetic == PLAIN:
        return False
    return device.type == "cpu" and images * recipe.epochs >= _LEAST_IMAGES


def _shape(recipe: Recipe) -> _Key:
    """The values of a recipe that the times depend on."""
    kinds = (recipe.activation, recipe.hidden_activation, recipe.pooling, recipe.c5, recipe.border)
    return (*kinds, *input_shape(recipe), min(recipe.batch_size, _LARGEST_BATCH))


def _measure_once(key: _Key, find: Callable[[], _Choice]) -> _Choice:
    with _one_at_a_time:
        if key not in measurements:
            measurements[key] = find()
        measurement: _Choice = measurements[key]
        return measurement


class _Trial:
    """A copy of a network, and a batch of random images for it."""

    def __init__(self, network: LeNet5, recipe: Recipe) -> None:
        self.network = copy.deepcopy(network).train()
        source = torch.Generator().manual_seed(
            0
        )  # not the global one, which others may have seeded
        self.network.dropout_source = source
        batch = min(recipe.batch_size, _LARGEST_BATCH)
        self.images = torch.rand(batch, *input_shape(recipe), generator=source)
        self.labels = torch.zeros(batch, dtype=torch.int64)

    def step(self, arithmetic: str, count: int | None = None) -> float:
        """Seconds that a step of `count` images takes; of the whole batch if None."""
        return time_step(self.network, arithmetic, self.images[:count], self.labels[:count])


def _fastest(trial: _Trial) -> str:
    """The arithmetic whose steps take the least time, by `SECONDS` of steps of each in turn."""
    times: dict[str, float] = {}
    for arithmetic in _list_supported(trial):
        trial.step(arithmetic)  # the first one also prepares
        times[arithmetic] = float("inf")
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        for arithmetic in times:
            times[arithmetic] = min(times[arithmetic], trial.step(arithmetic))
    best = PLAIN
    for arithmetic in times:  # from the simplest on
        if times[arithmetic] < times[best] * _GAIN:
            best = arithmetic
    return best


def _list_supported(trial: _Trial) -> list[str]:
    """The arithmetics that this processor and this version of torch support."""
    times: dict[str, float] = {}
    for arithmetic in ARITHMETICS:
        try:
            times[arithmetic] = min(trial.step(arithmetic, _SMALL_BATCH) for _ in range(2))
        except RuntimeError:
            continue
    return [arithmetic for arithmetic in times if times[arithmetic] <= times[PLAIN] * _TOO_SLOW]


def _fewest_threads(trial: _Trial, arithmetic: str, most: int) -> int:
    """The number of threads, `most` or a half or a quarter of it ..., with the fastest steps.

    By the median: other programs slow down some of the steps, the more threads have to wait for
    one another.
    """
    times: dict[int, list[float]] = {most >> halved: [] for halved in range(most.bit_length())}
    until = time.perf_counter() + SECONDS_OF_THREADS
    while not times[1] or time.perf_counter() < until:
        for count, taken in times.items():
            torch.set_num_threads(count)
            trial.step(arithmetic)  # starts the threads
            taken += [trial.step(arithmetic) for _ in range(3)]
    return min(times, key=lambda count: (statistics.median(times[count]), count))


def time_step(network: LeNet5, arithmetic: str, images: Tensor, labels: Tensor) -> float:
    """Seconds that one step takes, without its optimizer."""
    network.arithmetic = arithmetic
    network.zero_grad(set_to_none=True)
    began = time.perf_counter()
    F.cross_entropy(network(images), labels).backward()
    return time.perf_counter() - began
