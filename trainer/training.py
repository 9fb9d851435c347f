"""Train a LeNet-5 by a recipe. A run is a generator of events.

The caller iterates; to pause is to wait between events, to stop is to cease
iterating. Knows nothing of files, windows or threads. Set the number of CPU
threads (`torch.set_num_threads`) in the thread that iterates.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from trainer import (
    device_steps,
    devices,
    distillation,
    distributed,
    losses,
    optimization,
    pen_stream,
    precision,
    testing,
)
from trainer.augment import distort
from trainer.calibration import fitted_temperature
from trainer.digits import Digits
from trainer.events import (
    DeviceLost,
    Diverged,
    Epoch,
    Event,
    NotCaptured,
    Snapshot,
    State,
    Step,
    Weights,
)
from trainer.lenet import LeNet5
from trainer.levenberg_marquardt import SDLM
from trainer.networks import Network, build, input_shape, normalised, prepared, scaled
from trainer.progress import Progress
from trainer.recipes import Augmentation, Recipe

_EVENTS_AN_EPOCH = 100
_LONGEST_STRIDE = 100  # batches from event to event, however small: the caller may want to stop
_BETWEEN_EVENTS = 0.2
"""Seconds, at least, on a device that has to be waited for to know how far it is."""
_NUMBERS = ("epoch", "step", "seconds", "best")


def train(
    recipe: Recipe,
    digits: Digits,
    device: torch.device | None = None,
    state: State | None = None,
    group: distributed.Group = distributed.ALONE,
) -> Iterator[Event]:
    """Train by `recipe` and yield what happens: the events of a `Training`."""
    return iter(Training(recipe, digits, device, state, group))


def initial(recipe: Recipe, digits: Digits) -> Snapshot:
    """The network that a run by `recipe` on `digits` begins with."""
    _, network = _begun(recipe, len(digits))
    return Snapshot(0, 0, _cpu_copy(network), digits.classes)


def _begun(recipe: Recipe, count: int) -> tuple[Tensor, Network]:
    """What the seed decides first: the order that splits `count` images, and initial weights."""
    source = torch.Generator().manual_seed(recipe.seed)
    order = torch.randperm(count, generator=source)
    return order, build(recipe, source)


def _cpu_copy(network: Network) -> Weights:
    return {name: w.detach().cpu().clone() for name, w in network.state_dict().items()}


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
        digits: Digits,
        device: torch.device | None = None,
        state: State | None = None,
        group: distributed.Group = distributed.ALONE,
    ) -> None:
        self.recipe, self.digits, self.group = recipe, digits, group
        self.device = device or torch.device("cpu")
        self._run: _Run | None = None
        self._kept: State = state or {}

    def state(self) -> State:
        """All that the run needs to go on from here; to be asked for between two events.

        Empty before its first step: then it goes on from the start, teacher included.
        """
        return self._run.snapshot() if self._run is not None else self._kept

    def present(self) -> Snapshot | None:
        """The network as it is now, to be asked for between two events; None before the first."""
        run = self._run
        if run is None:
            return None
        epoch = min(run.epoch + 1, self.recipe.epochs)
        return Snapshot(epoch, run.step, _cpu_copy(run.tested()), self.digits.classes)

    def __iter__(self) -> Iterator[Event]:
        while self._run is None or self._run.goes_on():
            try:
                if self._run is None:
                    run = _Run(self.recipe, self.digits, self.device, self.group)
                    yield from run.open_stream()
                    yield from run.find_teacher(self._kept)
                    run.restore(self._kept)
                    run.choose_arithmetic(self._kept)
                    self._run = run
                    continue
                if not devices.reliable(self.device):
                    self._kept = self._run.snapshot()
                yield from self._run.train_epoch()
            except RuntimeError as error:
                if self.group.many:  # nobody can go on elsewhere by itself: all start again
                    distributed.check_reached(error)
                    raise
                if not devices.failed(error, self.device):
                    raise
                lost = DeviceLost(str(self.device), devices.reason(error))
                self.device, self._run = torch.device("cpu"), None
                yield lost


class _Run:
    """What training changes as it goes.

    Between two events, all of it is in a `snapshot`. Where in its epoch it is,
    `step` tells.
    """

    def __init__(
        self,
        recipe: Recipe,
        digits: Digits,
        device: torch.device,
        group: distributed.Group = distributed.ALONE,
    ) -> None:
        self.recipe, self.device, self.group = recipe, device, group
        order, network = _begun(recipe, len(digits))
        training, validation = digits.split(recipe.validation, order)
        self.training, self.validation = training.to(device), validation.to(device)
        self.network = network.to(device)
        self.arithmetic = precision.PLAIN  # one of lenet.ARITHMETICS
        self.learner = group.wrapped(self.network)  # what is asked while it learns
        self.teacher: distillation.Teacher | None = None
        self.teaches: distillation.Teacher | None = None  # the teacher, made faster
        self.average = optimization.averaged(self.network, recipe)
        self.optimizer = optimization.optimizer(self.network, recipe)
        self.stream: pen_stream.PenStream | None = None
        self.images = recipe.streamed or len(self.training)  # an epoch
        self.steps_per_epoch = math.ceil(self.images / recipe.batch_size)
        self.schedule = optimization.schedule(self.optimizer, recipe, self.steps_per_epoch)
        self.epoch = self.step = 0
        self.seconds = 0.0
        self.best = -1.0
        self.diverged = False
        self.totals = torch.zeros(2, device=device)  # loss and right answers, this epoch
        self.generator = torch.Generator(device)  # distorts, and drops units out
        self.generator_state: Tensor | None = None  # to go on with, within an epoch
        # Those that train together wait for each other at each event: there, no clock decides.
        waits = device.type != "cpu" and not group.many
        self.between_events = _BETWEEN_EVENTS if waits else 0.0
        # A stream's batches are made between the steps, where nothing can be captured.
        if group.many or recipe.streamed:
            self.steps = device_steps.Steps(self.optimizer)
        else:
            self.steps = device_steps.steps_on(device, recipe, self.optimizer, self.generator)
        self.told_problem = ""  # why they are not captured

    def open_stream(self) -> Iterator[Progress]:
        """What writes images anew, where the recipe wants that."""
        if self.recipe.streamed:
            forms = yield from pen_stream.forms()
            self.stream = pen_stream.PenStream(forms, self.recipe.seed, self.device)

    def find_teacher(self, kept: State) -> Iterator[Progress]:
        """Train the teacher, where the recipe wants one; or take the one of a `snapshot`."""
        if not self.recipe.teacher_epochs:
            return
        if kept:
            self.teacher = distillation.Teacher(
                len(self.training.classes), input_shape(self.recipe)
            )
            self.teacher.load_state_dict(kept["teacher"])
            self.teacher.to(self.device).eval().requires_grad_(False)
        else:
            self.teacher = yield from distillation.taught(self.recipe, self.training)
            self.group.share(self.teacher.state_dict().values())
        self.teaches = distillation.at_work(self.teacher)

    def choose_arithmetic(self, kept: State) -> None:
        """Compute as the run of a `snapshot` did, or as is soonest here."""
        if kept and kept["device"] == self.device.type:
            self.arithmetic = kept.get("arithmetic", precision.PLAIN)
        else:
            self.arithmetic = self.group.agreed(
                lambda: precision.chosen(self.network, self.recipe, self.device, self.images)
            )
        if isinstance(self.network, LeNet5):
            self.network.arithmetic = self.arithmetic

    def goes_on(self) -> bool:
        """Whether there is an epoch left to train."""
        return self.epoch < self.recipe.epochs and not self.diverged

    def train_epoch(self) -> Iterator[Event]:
        """One pass, or what is left of it, its validation, and the events of both."""
        order = self._begin_epoch()
        stride = min(max(1, self.steps_per_epoch // _EVENTS_AN_EPOCH), _LONGEST_STRIDE)
        done = self._batches_done()
        seen = seen_before = min(done * self.recipe.batch_size, self.images)
        before = self.group.total(self.totals)
        began = time.perf_counter()
        for number, index in enumerate(self._batches(order, done), done + 1):
            self.totals += self._learn(index)
            seen += len(index)
            early = number % stride or time.perf_counter() - began < self.between_events
            if early and number < self.steps_per_epoch:
                continue
            now = self.group.total(self.totals)
            since = seen - seen_before
            elapsed = time.perf_counter() - began
            self.seconds += elapsed
            loss = (now[0] - before[0]) / since
            if not math.isfinite(loss):
                yield self._ended(loss)
                return
            if self.steps.problem != self.told_problem:
                self.told_problem = self.steps.problem
                yield NotCaptured(str(self.device), self.told_problem)
            yield Step(
                self.epoch + 1,
                self.step,
                self.steps_per_epoch,
                loss,
                (now[1] - before[1]) / since,
                self._learning_rate(),
                self.seconds,
                since / max(elapsed, 1e-9),
            )
            before, seen_before = now, seen
            began = time.perf_counter()  # what the caller did between events is not training
        yield from self._validate(before[0] / seen, before[1] / seen)

    def _begin_epoch(self) -> Tensor:
        """The epoch's order of images; what else it depends on is as it was, or as at its start."""
        # Order and distortion depend on seed and epoch alone, and the order not on the
        # device, so that a run can be taken up again anywhere.
        seed = self.recipe.seed * 100_003 + self.epoch + 1
        on_cpu = self.device.type == "cpu"
        source = self.generator.manual_seed(seed)  # the same one always: a capture holds it
        if not on_cpu:
            source = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.training), generator=source).to(self.device)
        if self.generator_state is not None:
            self.generator.set_state(self.generator_state)
            self.generator_state = None
        self.network.train()
        self.network.dropout_source = self.generator
        if not self._batches_done():
            self.totals.zero_()
            self._estimate_curvature(order)
        return order

    def _batches(self, order: Tensor, done: int) -> Iterator[Tensor]:
        """Which images each batch has; of a stream, one after the other."""
        size = self.recipe.batch_size
        for first in range(done * size, self.images, size):
            last = min(first + size, self.images)
            yield torch.arange(first, last) if self.stream is not None else order[first:last]

    def _batches_done(self) -> int:
        """Batches of this epoch that are trained; all of them until it is validated."""
        return self.step - self.epoch * self.steps_per_epoch

    def _estimate_curvature(self, order: Tensor) -> None:
        """Before each pass, for an optimiser that asks for it."""
        if isinstance(self.optimizer, SDLM):
            index = order[: self.recipe.curvature_images]
            images = prepared(self.training.images[index], self.recipe)
            rubbish = self.recipe.rubbish if self.recipe.loss == "map" else None
            self.optimizer.estimate(images, self.training.labels[index], rubbish)

    def _learn(self, batch: Tensor) -> Tensor:
        """One step on the images at `batch`; returns what `_gradients` does."""
        found = self.steps.take(self._gradients, batch, self._augmentation())
        self.schedule.step()
        self.step += 1
        if self.average is not None:
            self.average.update_parameters(self.network)
        return found

    def _gradients(self, batch: Tensor) -> Tensor:
        """What this process's part of the images at `batch` says of the weights, into their `grad`.

        Returns:
            its summed loss and right answers, float (2,).
        """
        part = self.group.part(len(batch))
        index = batch[part.rows]
        if self.stream is not None:
            shown = self.stream.at(self.epoch, int(index[0]), int(index[-1]) + 1)
            images, labels = scaled(shown.images), shown.labels
        else:
            images = scaled(self.training.images[index])
            labels = self.training.labels[index]
        images = distort(images, self._augmentation(), self.generator, part)
        images = normalised(images, self.recipe)
        self.network.dropout_part = part
        logits = self.learner(images)
        if self.teaches is None:
            loss = losses.loss(logits, labels, self.recipe)
        else:
            loss = distillation.loss(logits, labels, self.teaches(images), self.recipe)
        self.optimizer.zero_grad(set_to_none=True)
        weight = part.share * self.group.size  # the group's gradient is the mean of all parts'
        if self.recipe.batch_gradient == "sum":
            weight *= len(batch)
        (loss if weight == 1 else loss * weight).backward()
        right = (logits.detach().argmax(1) == labels).sum()
        found = torch.stack([loss.detach() * len(index), right])
        return found if part.share else torch.zeros_like(found)

    def _augmentation(self) -> Augmentation:
        """How strongly this epoch's images are distorted."""
        full = self.recipe.augmentation
        settled = self.epoch >= round(self.recipe.epochs * (1 - self.recipe.settling))
        return full.halved() if settled else full

    def _validate(self, train_loss: float, train_accuracy: float) -> Iterator[Event]:
        network = self.tested().eval()
        began = time.perf_counter()
        part = self.group.part(len(self.validation))
        mine = self.validation.within(part.rows)
        answers = yield from testing.answering(network, mine, self.recipe, "validating")
        logits = self.group.joined(answers, len(self.validation))
        found = testing.score(logits, self.validation.labels)
        if not math.isfinite(found.loss):  # the epoch's very last step went astray
            yield self._ended(found.loss)
            return
        temperature = fitted_temperature(logits.cpu(), self.validation.labels.cpu())
        self.seconds += time.perf_counter() - began
        self.epoch += 1
        best = found.accuracy > self.best or self.recipe.kept == "last"
        self.best = found.accuracy if best else self.best
        weights = _cpu_copy(network)
        yield Epoch(
            self.epoch,
            self.step,
            train_loss,
            train_accuracy,
            found.loss,
            found.accuracy,
            self._learning_rate(),
            self.seconds,
            best,
            weights,
            temperature,
        )

    def _ended(self, loss: float) -> Diverged:
        """What to yield, as the last event, for a loss that is not a number."""
        self.diverged = True
        return Diverged(self.epoch + 1, self.step, loss)

    def tested(self) -> Network:
        """The network that is validated and kept: the running mean where there is one."""
        network = self.network if self.average is None else self.average.module
        assert isinstance(network, Network)
        return network

    def _learning_rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def snapshot(self) -> State:
        """All that `restore` needs, on the CPU."""
        drawn = self.generator_state  # restored, and not gone on with yet
        parts = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "teacher": self.teacher.state_dict() if self.teacher else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "totals": self.totals,
            "generator": self.generator.get_state() if drawn is None else drawn,
            "device": self.device.type,
            "arithmetic": self.arithmetic,
        }
        return _on_cpu(parts) | {name: getattr(self, name) for name in _NUMBERS}

    def restore(self, state: State) -> None:
        """Go on from a `snapshot`; from the start if it is empty."""
        if not state:
            return
        self.network.load_state_dict(state["network"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if self.group.first:  # which holds what all have summed
            self.totals = state["totals"].to(self.device)
        for name in _NUMBERS:
            setattr(self, name, state[name])
        # Kinds of device draw differently: on another one the rest of the epoch is drawn anew.
        if self._batches_done() and state["device"] == self.device.type:
            self.generator_state = state["generator"]


def _on_cpu(state: State) -> State:
    """A deep copy with every tensor on the CPU."""

    def moved(value: object) -> object:
        if isinstance(value, Tensor):
            return value.detach().cpu().clone()
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        return copy.deepcopy(value)

    return {key: moved(value) for key, value in state.items()}
