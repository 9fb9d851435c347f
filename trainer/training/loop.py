"""One training: its epochs, its steps, and the state that they change.

`training` documents the events, and handles a device that fails.
Knows nothing of files, windows or threads: what leaves the thread that trains is
a copy on the CPU, shared with nobody.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import report
from trainer.evaluation.calibration import fit_temperature
from trainer.networks.factory import Network, build, input_shape
from trainer.networks.lenet5 import LeNet5
from trainer.progress import Progress
from trainer.recipes.recipe import Recipe
from trainer.runtime import process_group
from trainer.training import autotune, losses, optimizers, steps
from trainer.training.batches import Batches
from trainer.training.events import Diverged, Epoch, Event, NotCaptured, State, Step, Weights
from trainer.training.optimizers import SDLM


def copy_weights(network: Network) -> Weights:
    """A network's weights as they are now."""
    return {name: w.detach().cpu().clone() for name, w in network.state_dict().items()}


def copy_to_cpu(state: State) -> State:
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


EVENTS_PER_EPOCH = 100
_LONGEST_STRIDE = 100  # batches from event to event, however small: the caller may want to stop
_BETWEEN_EVENTS = 0.2
"""Seconds, at least, on a device that has to be waited for to know how far it is."""
_NUMBERS = ("epoch", "step", "seconds", "best")


def initial_state(recipe: Recipe, count: int) -> tuple[Tensor, Network]:
    """What the seed decides first: the order that splits `count` images, and initial weights."""
    source = torch.Generator().manual_seed(recipe.seed)
    order = torch.randperm(count, generator=source)
    return order, build(recipe, source)


class TrainingLoop:
    """The state of a training, and its epochs and steps.

    Between two events, all of the state is in a `snapshot`; `step` says where in its epoch the
    training is.

    Args:
        recipe: every number of the run.
        digits: the training set; its validation split is taken from it.
        device: where to train.
        group: the processes that train together.
    """

    def __init__(
        self,
        recipe: Recipe,
        digits: LabelledImages,
        device: torch.device,
        group: process_group.Group = process_group.ALONE,
    ) -> None:
        self.recipe, self.device, self.group = recipe, device, group
        order, network = initial_state(recipe, len(digits))
        training, validation = digits.split(recipe.validation, order)
        training, self.validation = training.to(device), validation.to(device)
        self.generator = torch.Generator(device)  # distorts, and drops units out
        self.generator_state: Tensor | None = None  # to go on with, within an epoch
        self.batches = Batches(recipe, training, self.generator, group)
        self.steps_per_epoch = self.batches.count
        self.network = network.to(device)
        self.arithmetic = autotune.PLAIN  # one of lenet5.ARITHMETICS
        self.threads = torch.get_num_threads()  # on the CPU
        self.trained_network = group.wrapped(
            self.network
        )  # the same, or DistributedDataParallel over it
        self.teacher: losses.Teacher | None = None
        self.fast_teacher: losses.Teacher | None = None  # the teacher, with batch norms fused
        self.average = optimizers.build_running_mean(self.network, recipe)
        self.optimizer = optimizers.build_optimizer(self.network, recipe)
        self.schedule = optimizers.build_schedule(self.optimizer, recipe, self.steps_per_epoch)
        self.epoch = self.step = 0
        self.seconds = 0.0
        self.best = -1.0
        self.diverged = False
        self.totals = torch.zeros(2, device=device)  # summed loss and correct answers of this epoch
        # Processes that train together sum their figures at each event, so no clock may decide.
        waits = device.type != "cpu" and not group.many
        self.between_events = _BETWEEN_EVENTS if waits else 0.0
        if group.many:
            self.steps = steps.EagerStepper(self.optimizer)
        else:
            self.steps = steps.make_stepper(device, recipe, self.optimizer, self.generator)
        self.reported_problem = ""  # why steps are not captured, as far as it was yielded

    def find_teacher(self, kept: State) -> Iterator[Progress]:
        """Train the teacher, where the recipe has one; or restore that of a `snapshot`."""
        if not self.recipe.teacher_epochs:
            return
        if kept:
            self.teacher = losses.Teacher(
                len(self.batches.training.classes), input_shape(self.recipe)
            )
            self.teacher.load_state_dict(kept["teacher"])
            self.teacher.to(self.device).eval().requires_grad_(False)
        else:
            self.teacher = yield from losses.train_teacher(self.recipe, self.batches.training)
            self.group.broadcast_tensors(self.teacher.state_dict().values())
        self.fast_teacher = losses.prepare_for_inference(self.teacher)

    def choose_arithmetic(self, kept: State) -> None:
        """Restore the arithmetic of a `snapshot`, or choose it and the number of threads."""
        if kept and kept["device"] == self.device.type:
            self.arithmetic = kept.get("arithmetic", autotune.PLAIN)
        else:
            setting = (self.network, self.recipe, self.device, self.batches.images)
            self.arithmetic = self.group.broadcast_from_first(
                lambda: autotune.choose_arithmetic(*setting)
            )
            if (
                not self.group.many
            ):  # else the threads were divided among the processes at their start
                torch.set_num_threads(autotune.choose_threads(*setting, self.arithmetic))
        self.threads = torch.get_num_threads()
        if isinstance(self.network, LeNet5):
            self.network.arithmetic = self.arithmetic

    def has_epochs_left(self) -> bool:
        """Whether there is an epoch left to train."""
        return self.epoch < self.recipe.epochs and not self.diverged

    def train_epoch(self) -> Iterator[Event]:
        """Train one epoch, or the rest of it, and validate; yields the events of both."""
        order = self._begin_epoch()
        stride = min(max(1, self.steps_per_epoch // EVENTS_PER_EPOCH), _LONGEST_STRIDE)
        done = self._batches_done()
        seen = seen_before = min(done * self.recipe.batch_size, self.batches.images)
        totals_before = self.group.sum_over_ranks(self.totals)
        began = time.perf_counter()
        for number, batch in enumerate(self.batches.iterate(self.epoch, order, done), done + 1):
            self.totals += self.learn(batch)
            seen += len(batch)
            early = number % stride or time.perf_counter() - began < self.between_events
            if early and number < self.steps_per_epoch:
                continue
            totals = self.group.sum_over_ranks(self.totals)
            images = seen - seen_before
            elapsed = time.perf_counter() - began
            self.seconds += elapsed
            loss = (totals[0] - totals_before[0]) / images
            if not math.isfinite(loss):
                yield self._end(loss)
                return
            if self.steps.problem != self.reported_problem:
                self.reported_problem = self.steps.problem
                yield NotCaptured(str(self.device), self.reported_problem)
            yield Step(
                self.epoch + 1,
                self.step,
                self.steps_per_epoch,
                loss,
                (totals[1] - totals_before[1]) / images,
                self._learning_rate(),
                self.seconds,
                images / max(elapsed, 1e-9),
            )
            totals_before, seen_before = totals, seen
            began = time.perf_counter()  # what the caller did between events is not training
        yield from self._validate(totals_before[0] / seen, totals_before[1] / seen)

    def _begin_epoch(self) -> Tensor:
        """Prepare an epoch, or its rest, and return its order of images, int64 (images,)."""
        # Order and distortion depend on seed and epoch alone, and the order not on the
        # device, so that a run can be taken up again anywhere.
        seed = self.recipe.seed * 100_003 + self.epoch + 1
        source = self.generator.manual_seed(seed)  # the same one always: a capture holds it
        if self.device.type != "cpu":
            source = torch.Generator().manual_seed(seed)
        order = self.batches.order(source)
        if self.generator_state is not None:
            self.generator.set_state(self.generator_state)
            self.generator_state = None
        self.network.train()
        self.network.dropout_source = self.generator
        if not self._batches_done():
            self.totals.zero_()
            self._estimate_curvature(order)
        return order

    def _batches_done(self) -> int:
        """Batches of this epoch that are trained; all of them until it is validated."""
        return self.step - self.epoch * self.steps_per_epoch

    def _estimate_curvature(self, order: Tensor) -> None:
        """Estimate the curvature, for an optimizer that uses it."""
        if isinstance(self.optimizer, SDLM):
            images = self.batches.first(order, self.recipe.curvature_images)
            rubbish = self.recipe.rubbish if self.recipe.loss == "map" else None
            self.optimizer.estimate(images, rubbish)

    def learn(self, batch: Tensor) -> Tensor:
        """Take one step on the images at `batch`; returns what `_compute_gradients` does."""
        figures = self.steps.take(
            self._compute_gradients, batch, self.batches.distortion(self.epoch)
        )
        self.schedule.step()
        self.step += 1
        if self.average is not None:
            self.average.update_parameters(self.network)
        return figures

    def _compute_gradients(self, batch: Tensor) -> Tensor:
        """Compute every weight's `grad` from this process's part of the images at `batch`.

        Returns:
            the part's summed loss and number of correct answers, float (2,).
        """
        part = self.group.part(len(batch))
        images, labels = self.batches.load(batch, part, self.epoch)
        self.network.dropout_part = part
        logits = self.trained_network(images)
        if self.fast_teacher is None:
            loss = losses.recipe_loss(logits, labels, self.recipe)
        else:
            loss = losses.distillation_loss(logits, labels, self.fast_teacher(images), self.recipe)
        self.optimizer.zero_grad(set_to_none=True)
        weight = part.share * self.group.size  # the group's gradient is the mean of all parts'
        if self.recipe.batch_gradient == "sum":
            weight *= len(batch)
        (loss if weight == 1 else loss * weight).backward()
        correct = (logits.detach().argmax(1) == labels).sum()
        figures = torch.stack([loss.detach() * len(labels), correct])
        return figures if part.share else torch.zeros_like(figures)

    def _validate(self, train_loss: float, train_accuracy: float) -> Iterator[Event]:
        network = self.evaluated_network().eval()
        began = time.perf_counter()
        part = self.group.part(len(self.validation))
        own_images = self.validation.within(part.rows)
        own_logits = yield from report.compute_logits(
            network, own_images, self.recipe, "validating"
        )
        logits = self.group.gather_rows(own_logits, len(self.validation))
        scored = report.score(logits, self.validation.labels)
        if not math.isfinite(scored.loss):  # it diverged in the epoch's very last step
            yield self._end(scored.loss)
            return
        temperature = fit_temperature(logits.cpu(), self.validation.labels.cpu())
        self.seconds += time.perf_counter() - began
        self.epoch += 1
        best = scored.accuracy > self.best or self.recipe.kept == "last"
        self.best = scored.accuracy if best else self.best
        weights = copy_weights(network)
        yield Epoch(
            self.epoch,
            self.step,
            train_loss,
            train_accuracy,
            scored.loss,
            scored.accuracy,
            self._learning_rate(),
            self.seconds,
            best,
            weights,
            temperature,
        )

    def _end(self, loss: float) -> Diverged:
        """The last event, for a loss that is not finite."""
        self.diverged = True
        return Diverged(self.epoch + 1, self.step, loss)

    def evaluated_network(self) -> Network:
        """The network that is validated and kept: the running mean where there is one."""
        network = self.network if self.average is None else self.average.module
        assert isinstance(network, Network)
        return network

    def _learning_rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def snapshot(self) -> State:
        """All that `restore` needs, on the CPU."""
        restored = self.generator_state  # of a generator that is restored, but not used yet
        parts = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "teacher": self.teacher.state_dict() if self.teacher else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "totals": self.totals,
            "generator": self.generator.get_state() if restored is None else restored,
            "device": self.device.type,
            "arithmetic": self.arithmetic,
            "threads": self.threads,
        }
        return copy_to_cpu(parts) | {name: getattr(self, name) for name in _NUMBERS}

    def restore(self, state: State) -> None:
        """Continue from a `snapshot`; from the start if it is empty."""
        if not state:
            return
        self.network.load_state_dict(state["network"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if self.group.first:  # whose totals are those of all processes
            self.totals = state["totals"].to(self.device)
        for name in _NUMBERS:
            setattr(self, name, state[name])
        # Kinds of device draw differently: on another one the rest of the epoch is drawn anew.
        if self._batches_done() and state["device"] == self.device.type:
            self.generator_state = state["generator"]
