"""What happens in a run, as its `training.Training` yields it.

Plain data that the window imports before it shows: tensors are `Any` here, so that not
even their type comes from torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainer.progress import Progress
from trainer.translation import gettext as _

Weights = dict[str, Any]
"""A state dict of a `Network`: tensors by name, on the CPU, shared with nobody."""

State = dict[str, Any]
"""What a run needs to go on: tensors on the CPU, shared with nobody, and plain values."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the steps that follow are computed; told before the first of them."""

    arithmetic: str  # one of `lenet5.ARITHMETICS`
    threads: int  # of the CPU


@dataclass(frozen=True, slots=True)
class Step:
    """A few batches trained; the figures are their means."""

    epoch: int  # from 1
    step: int  # batches since the start of the run
    steps_per_epoch: int
    loss: float  # what is minimized: cross-entropy, nats, or what a teacher makes of it
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
    best: bool  # to be kept: no earlier epoch had so high a validation accuracy, or see Recipe.kept
    weights: Weights
    temperature: float  # fitted on the validation split: see `calibration`


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The network at one moment of its training, for whoever watches it learn."""

    epoch: int  # under way, from 1; 0 before the first step
    step: int  # batches since the start of the run
    weights: Weights
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diverged:
    """The loss is no longer a number; the run ends here."""

    epoch: int
    step: int
    loss: float

    def __str__(self) -> str:
        return _(
            "the loss became {loss} in epoch {epoch}: a smaller learning rate usually helps"
        ).format(loss=self.loss, epoch=self.epoch)


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """The device gave up; training goes on on the CPU from the last epoch's end."""

    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotCaptured:
    """A GPU could not capture the training step; it computes the same, but slower."""

    device: str
    reason: str

    def __str__(self) -> str:
        return _(
            "{device} could not capture the training step ({reason}); it trains more slowly, "
            "step by step"
        ).format(device=self.device, reason=self.reason)


Event = Progress | Chosen | Step | Epoch | Diverged | DeviceLost | NotCaptured
