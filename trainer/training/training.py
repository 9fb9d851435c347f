"""Train a LeNet-5 by a recipe. A run is a generator of events.

The caller iterates; to pause is to wait between events, to stop is to cease
iterating. Knows nothing of files, windows or threads. Set the number of CPU
threads (`torch.set_num_threads`) in the thread that iterates; where fewer of
them turn out to be as fast, it goes on with fewer.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

import torch

from trainer.data.labelled_images import LabelledImages
from trainer.recipes.recipe import Recipe
from trainer.runtime import devices, process_group
from trainer.training.events import Chosen, DeviceLost, Event, Snapshot, State, Step
from trainer.training.loop import TrainingLoop, copy_weights, initial_state
from trainer.translation import gettext as _


def train(
    recipe: Recipe,
    digits: LabelledImages,
    device: torch.device | None = None,
    state: State | None = None,
    group: process_group.Group = process_group.ALONE,
) -> Iterator[Event]:
    """Train by `recipe` and yield what happens: the events of a `Training`."""
    return iter(Training(recipe, digits, device, state, group))


def initial_snapshot(recipe: Recipe, digits: LabelledImages) -> Snapshot:
    """The network that a run by `recipe` on `digits` begins with."""
    _other, network = initial_state(recipe, len(digits))
    return Snapshot(0, 0, copy_weights(network), digits.classes)


class Training:
    """A run, to be iterated once; on the CPU, the same events for the same seed and threads.

    Args:
        recipe: every number of the run.
        digits: the training set; its validation split is taken from it.
        device: where to train; the CPU if None.
        state: what `state` gave for the same recipe and digits: on the CPU,
            with as many threads, the run goes on as if it had never stopped.
        group: who trains with it, by the same recipe, digits and state. The seed gives
            each image the draws that it would have had in one process; `Step` and `Epoch`
            are of all of them together, and the first one's `state` is everyone's.

    Yields:
        `Chosen` before the first step,
        `Step` about a hundred times an epoch, on a GPU five times a second at most,
        `Progress` while validating,
        `Epoch` at each epoch's end with the weights, `Diverged` and no more
        when the loss is not finite, `DeviceLost` when a GPU gave up, `NotCaptured`
        when it can only go step by step.

    Raises:
        ValueError: too few images to split.
    """

    def __init__(
        self,
        recipe: Recipe,
        digits: LabelledImages,
        device: torch.device | None = None,
        state: State | None = None,
        group: process_group.Group = process_group.ALONE,
    ) -> None:
        self.recipe, self.digits, self.group = recipe, digits, group
        self.device = device or torch.device("cpu")
        self._run: TrainingLoop | None = None
        self._kept: State = state or {}

    def state(self) -> State:
        """All that the run needs to go on from here; to be asked for between two events.

        Empty before `Chosen`: then it goes on from the start, teacher included.
        """
        if self._run is not None:
            return self._run.snapshot()
        return self._kept and self._kept | {"threads": torch.get_num_threads()}

    def present(self) -> Snapshot | None:
        """The network as it is now, to be asked for between two events; None before the first."""
        run = self._run
        if run is None:
            return None
        epoch = min(run.epoch + 1, self.recipe.epochs)
        return Snapshot(epoch, run.step, copy_weights(run.evaluated_network()), self.digits.classes)

    def __iter__(self) -> Iterator[Event]:
        while self._run is None or self._run.has_epochs_left():
            try:
                if self._run is None:
                    run = TrainingLoop(self.recipe, self.digits, self.device, self.group)
                    yield from run.batches.open_stream()
                    yield from run.find_teacher(self._kept)
                    run.restore(self._kept)
                    run.choose_arithmetic(self._kept)
                    self._run = run
                    yield Chosen(run.arithmetic, run.threads)
                    continue
                if not devices.is_reliable(self.device):
                    self._kept = self._run.snapshot()
                yield from self._run.train_epoch()
            except RuntimeError as error:
                if self.group.many:  # nobody can go on elsewhere by itself: all start again
                    process_group.check_reached(error)
                    raise
                if not devices.is_device_failure(error, self.device):
                    raise
                lost = DeviceLost(str(self.device), devices.first_line(error))
                self.device, self._run = torch.device("cpu"), None
                yield lost


_SLOWER = 3.0  # times as slow as it was: then one thread is better
_IN_A_ROW = 3  # slow events: a single one says nothing


class SlowdownDetector:
    """Detects that training has become several times slower, and stays so."""

    def __init__(self) -> None:
        self._best = 0.0
        self._slow = 0

    def update(self, speed: float) -> bool:
        """Whether training is slow now.

        Args:
            speed: of the steps since the last call, in any unit.
        """
        self._best = max(self._best, speed)
        self._slow = self._slow + 1 if speed * _SLOWER < self._best else 0
        return self._slow >= _IN_A_ROW


def limit_to_one_thread_when_contended(
    run: Generator[Any, None, None],
) -> Generator[Any, None, None]:
    """The events of `run`, with one CPU thread from when other programs make several too slow.

    To be iterated in the thread whose number of threads was set. A run to which that happened
    is not reproducible to the last bit.
    """
    slowdown = SlowdownDetector()
    with closing(run):
        for event in run:
            yield event
            if not isinstance(event, Step) or torch.get_num_threads() == 1:
                continue
            if slowdown.update(event.images_per_second):
                torch.set_num_threads(1)
                _log.warning(
                    _("Other programs keep the processor busy: training uses one thread now")
                )


_log = logging.getLogger(__name__)
