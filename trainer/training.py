"""Train a LeNet-5 by a recipe; test one. A run is a generator of events.

The caller iterates; to pause is to wait between events, to stop is to cease
iterating. Knows nothing of files, windows or threads. Set the number of CPU
threads (`torch.set_num_threads`) in the thread that iterates.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer import devices, distillation, optimization
from trainer.augment import distort
from trainer.calibration import fitted_temperature
from trainer.digits import Digits
from trainer.lenet import LeNet5
from trainer.progress import Progress, result_of
from trainer.recipes import Augmentation, Recipe

Weights = dict[str, Tensor]
"""A state dict of `LeNet5`, on the CPU, shared with nobody."""

_EVENTS_AN_EPOCH = 100
_LONGEST_STRIDE = 100  # batches from event to event, however small: the caller may want to stop
_TEST_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A few batches trained; the figures are their means."""

    epoch: int  # from 1
    step: int  # batches since the start of the run
    steps_per_epoch: int
    loss: float  # what is minimised: cross-entropy, nats, or what a teacher makes of it
    accuracy: float  # 0 to 1, on the distorted images that were trained on
    learning_rate: float
    seconds: float  # trained since the start of the run
    images_per_second: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """A pass over the training set ended and was checked on the validation split."""

    epoch: int  # from 1
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    best: bool  # no earlier epoch had so high a validation accuracy
    weights: Weights
    temperature: float  # fitted on the validation split: see `calibration`


@dataclass(frozen=True, slots=True)
class Diverged:
    """The loss is no longer a number; the run ends here."""

    epoch: int
    step: int
    loss: float

    def __str__(self) -> str:
        return (
            f"the loss became {self.loss} in epoch {self.epoch}: "
            "a smaller learning rate usually helps"
        )


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """The device gave up; training goes on on the CPU from the last epoch's end."""

    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """How a network did on a dataset."""

    accuracy: float  # 0 to 1
    loss: float  # mean cross-entropy, nats
    count: int


Event = Progress | Step | Epoch | Diverged | DeviceLost


def prepared(images: Tensor, recipe: Recipe) -> Tensor:
    """What the network takes: uint8 (N, 28, 28) to normalised float32 (N, 1, 28, 28)."""
    return normalised(scaled(images), recipe)


def scaled(images: Tensor) -> Tensor:
    """uint8 (N, 28, 28) to float32 (N, 1, 28, 28) in 0 to 1."""
    return images.unsqueeze(1).float() / 255


def normalised(images: Tensor, recipe: Recipe) -> Tensor:
    """Float images in 0 to 1, less the recipe's mean, over its standard deviation."""
    return (images - recipe.mean) / recipe.std


def answering(
    network: LeNet5, digits: Digits, recipe: Recipe, what: str = "testing"
) -> Generator[Progress, None, Tensor]:
    """A network's scores for digits that lie on its device; returns float32 (N, 10) there."""
    found = []
    for done in range(0, len(digits), _TEST_BATCH):
        yield Progress(what, done, len(digits))
        # The mode must not stay on across a yield: other code of this thread may run there.
        with torch.inference_mode():
            found.append(network(prepared(digits.images[done : done + _TEST_BATCH], recipe)))
    return torch.cat(found)


def score(logits: Tensor, labels: Tensor) -> Score:
    """How right scores (N, 10) are, for int64 labels (N,)."""
    right = float((logits.argmax(1) == labels).sum())
    return Score(right / len(labels), float(F.cross_entropy(logits, labels)), len(labels))


def evaluating(network: LeNet5, digits: Digits, recipe: Recipe) -> Generator[Progress, None, Score]:
    """Test a network on digits that lie on its device; returns its `Score`."""
    return score((yield from answering(network, digits, recipe)), digits.labels)


def evaluate(network: LeNet5, digits: Digits, recipe: Recipe) -> Score:
    """Test a network on digits that lie on its device."""
    return result_of(evaluating(network, digits, recipe))


def train(recipe: Recipe, digits: Digits, device: torch.device | None = None) -> Iterator[Event]:
    """Train by `recipe` and yield what happens; on the CPU, the same events for the same seed.

    Args:
        recipe: every number of the run.
        digits: the training set; its validation split is taken from it.
        device: where to train; the CPU if None.

    Yields:
        `Step` about a hundred times an epoch, `Progress` while validating,
        `Epoch` at each epoch's end with the weights, `Diverged` and no more
        when the loss is not finite, `DeviceLost` when a GPU gave up.

    Raises:
        ValueError: too few images to split.
    """
    device = device or torch.device("cpu")
    run: _Run | None = None
    kept: dict[str, object] = {}
    while run is None or run.goes_on():
        try:
            if run is None:
                run = _Run(recipe, digits, device)
                yield from run.find_teacher(kept)
                run.restore(kept)
            kept = run.snapshot()
            yield from run.train_epoch()
        except RuntimeError as error:
            if not devices.failed(error, device):
                raise
            yield DeviceLost(str(device), devices.reason(error))
            device, run = torch.device("cpu"), None


class _Run:
    """What training changes as it goes."""

    def __init__(self, recipe: Recipe, digits: Digits, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        source = torch.Generator().manual_seed(recipe.seed)
        order = torch.randperm(len(digits), generator=source)
        training, validation = digits.split(recipe.validation, order)
        self.training, self.validation = training.to(device), validation.to(device)
        self.network = LeNet5(recipe.activation, recipe.pooling, source).to(device)
        self.teacher: distillation.Teacher | None = None
        self.teaches: distillation.Teacher | None = None  # the teacher, made faster
        self.average = optimization.averaged(self.network, recipe)
        self.optimizer = optimization.optimizer(self.network, recipe)
        self.steps_per_epoch = math.ceil(len(self.training) / recipe.batch_size)
        steps = self.steps_per_epoch * recipe.epochs
        self.schedule = optimization.schedule(self.optimizer, recipe, steps)
        self.epoch = self.step = 0
        self.seconds = 0.0
        self.best = -1.0
        self.diverged = False

    def find_teacher(self, kept: dict[str, object]) -> Iterator[Progress]:
        """Train the teacher, where the recipe wants one; or take the one of a `snapshot`."""
        if not self.recipe.teacher_epochs:
            return
        if kept:
            self.teacher = distillation.Teacher(len(self.training.classes))
            self.teacher.load_state_dict(kept["teacher"])  # type: ignore[arg-type]
            self.teacher.to(self.device).eval().requires_grad_(False)
        else:
            self.teacher = yield from distillation.taught(self.recipe, self.training)
        self.teaches = distillation.at_work(self.teacher)

    def goes_on(self) -> bool:
        """Whether there is an epoch left to train."""
        return self.epoch < self.recipe.epochs and not self.diverged

    def train_epoch(self) -> Iterator[Event]:
        """One pass, its validation, and the events of both."""
        # Order and distortion depend on seed and epoch alone, so that a run can
        # be taken up again at any epoch.
        generator = torch.Generator(self.device)
        generator.manual_seed(self.recipe.seed * 100_003 + self.epoch + 1)
        order = torch.randperm(len(self.training), device=self.device, generator=generator)
        stride = min(max(1, self.steps_per_epoch // _EVENTS_AN_EPOCH), _LONGEST_STRIDE)
        totals = torch.zeros(2, device=self.device)  # loss and right answers, this epoch
        seen = 0
        before, seen_before = [0.0, 0.0], 0
        began = time.perf_counter()
        for number, index in enumerate(order.split(self.recipe.batch_size), start=1):
            totals += self._learn(index, generator)
            seen += len(index)
            if number % stride and number < self.steps_per_epoch:
                continue
            now = totals.tolist()
            since = seen - seen_before
            elapsed = time.perf_counter() - began
            loss = (now[0] - before[0]) / since
            if not math.isfinite(loss):
                yield self._ended(loss)
                return
            yield Step(
                self.epoch + 1,
                self.step,
                self.steps_per_epoch,
                loss,
                (now[1] - before[1]) / since,
                self._learning_rate(),
                self.seconds + elapsed,
                since / max(elapsed, 1e-9),
            )
            self.seconds += elapsed
            before, seen_before = now, seen
            began = time.perf_counter()  # what the caller did between events is not training
        yield from self._validate(before[0] / seen, before[1] / seen)

    def _learn(self, index: Tensor, generator: torch.Generator) -> Tensor:
        """One step on the images at `index`; returns summed loss and right answers."""
        images = scaled(self.training.images[index])
        labels = self.training.labels[index]
        images = distort(images, self._augmentation(), generator)
        images = normalised(images, self.recipe)
        logits = self.network(images)
        if self.teaches is None:
            loss = F.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)
        else:
            loss = distillation.loss(logits, labels, self.teaches(images), self.recipe)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        if self.average is not None:
            self.average.update_parameters(self.network)
        right = (logits.detach().argmax(1) == labels).sum()
        return torch.stack([loss.detach() * len(index), right])

    def _augmentation(self) -> Augmentation:
        """How strongly this epoch's images are distorted."""
        full = self.recipe.augmentation
        settled = self.epoch >= round(self.recipe.epochs * (1 - self.recipe.settling))
        return full.halved() if settled else full

    def _validate(self, train_loss: float, train_accuracy: float) -> Iterator[Event]:
        network = self.tested()
        began = time.perf_counter()
        logits = yield from answering(network, self.validation, self.recipe, "validating")
        found = score(logits, self.validation.labels)
        if not math.isfinite(found.loss):  # the epoch's very last step went astray
            yield self._ended(found.loss)
            return
        temperature = fitted_temperature(logits.cpu(), self.validation.labels.cpu())
        self.seconds += time.perf_counter() - began
        self.epoch += 1
        best, self.best = found.accuracy > self.best, max(found.accuracy, self.best)
        weights = {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}
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

    def tested(self) -> LeNet5:
        """The network that is validated and kept: the running mean where there is one."""
        network = self.network if self.average is None else self.average.module
        assert isinstance(network, LeNet5)
        return network

    def _learning_rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def snapshot(self) -> dict[str, object]:
        """All that `restore` needs, on the CPU; empty where nothing can be lost."""
        if devices.reliable(self.device):
            return {}
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "teacher": self.teacher.state_dict() if self.teacher else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        numbers = {"epoch": self.epoch, "seconds": self.seconds, "best": self.best}
        return {**_on_cpu(state), **numbers, "step": self.step}

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a `snapshot`; from the start if it is empty."""
        if not state:
            return
        self.network.load_state_dict(state["network"])  # type: ignore[arg-type]
        if self.average is not None:
            self.average.load_state_dict(state["average"])  # type: ignore[arg-type]
        self.optimizer.load_state_dict(state["optimizer"])  # type: ignore[arg-type]
        self.schedule.load_state_dict(state["schedule"])  # type: ignore[arg-type]
        for name in ("epoch", "seconds", "best", "step"):
            setattr(self, name, state[name])


def _on_cpu(state: Mapping[str, object]) -> dict[str, object]:
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
