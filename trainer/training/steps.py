"""Training steps: eager, or on a GPU captured once as a graph and replayed.

A step of so small a network is a hundred kernels of a few microseconds each, and Python takes
longer to launch them than the GPU to compute them. A captured graph is one launch. Knows nothing
of networks and losses: the caller computes the gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer

from trainer.recipes.recipe import Recipe
from trainer.runtime.cuda_graphs import (
    WARM_UP,
    CapturedGraph,
    CaptureError,
    GraphCapturer,
    make_capturer,
)

Gradients = Callable[[Tensor], Tensor]
"""Sets every weight's `grad` to that of a batch (int64, (N,), indices of images), in a new tensor;
returns figures of the batch."""


class EagerStepper:
    """Takes steps eagerly."""

    problem = ""
    """Why steps are not captured on a device that can capture; else empty."""

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer

    def take(self, gradients: Gradients, batch: Tensor, kind: object) -> Tensor:
        """One step.

        Args:
            gradients: the same function each time.
            batch: indices of images, int64 (N,).
            kind: what `gradients` depends on beside the batch; another value captures anew.

        Returns:
            what `gradients` returns, valid until the next step.
        """
        figures = gradients(batch)
        self._optimizer.step()
        return figures


class GraphStepper(EagerStepper):
    """Takes the first few steps eagerly, captures the next, and replays it from then on.

    A batch of another size, as an epoch's last one, is trained on eagerly. Where capturing fails,
    so are all, and `problem` says why.

    Args:
        optimizer: of one group of weights.
        size: images of a batch.
        capture_optimizer: whether the optimizer's step is captured, too, for which none of its
            hyperparameters but the learning rate may change from step to step.
        generator: what `gradients` draws from.
        recorder: captures graphs.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        size: int,
        generator: torch.Generator,
        recorder: GraphCapturer,
        *,
        capture_optimizer: bool,
    ) -> None:
        super().__init__(optimizer)
        self._generator, self._recorder = generator, recorder
        self._capture_optimizer = capture_optimizer
        (self._group,) = optimizer.param_groups
        self._weights: list[Tensor] = self._group["params"]
        device = self._weights[0].device
        self._rate = torch.zeros((), device=device)
        self._batch = torch.zeros(size, dtype=torch.int64, device=device)
        self._grads: list[Tensor | None] = []  # those that the recording writes
        self._figures = torch.empty(0)
        self._recording: CapturedGraph | None = None
        self._kind: object = None
        self._warmed = 0

    def take(self, gradients: Gradients, batch: Tensor, kind: object) -> Tensor:
        """As of `EagerStepper`."""
        if kind != self._kind:
            self._kind, self._recording, self._warmed = kind, None, 0
        if self.problem or len(batch) != len(self._batch):
            return super().take(gradients, batch, kind)
        if self._recording is None and self._warmed < WARM_UP:
            self._warmed += 1
            take_eagerly = super().take
            return self._recorder.warm_up(lambda: take_eagerly(gradients, batch, kind))
        if self._recording is None and not self._record(gradients):
            return super().take(gradients, batch, kind)
        return self._replay(batch)

    def _record(self, gradients: Gradients) -> bool:
        """Capture a step on whatever `self._batch` will hold; returns whether that succeeded."""

        def step() -> Tensor:
            figures = gradients(self._batch)
            if self._capture_optimizer:
                self._optimizer.step()
            return figures

        self._optimizer.zero_grad(set_to_none=True)
        try:
            with self._rate_on_device():
                self._figures, self._recording = self._recorder.capture(step, self._generator)
        except CaptureError as error:
            self.problem = str(error)
            return False
        self._grads = [weight.grad for weight in self._weights]
        return True

    @contextmanager
    def _rate_on_device(self) -> Iterator[None]:
        """Let a captured optimizer take its rate from a tensor, for a number would stay."""
        kept = dict(self._group)
        if self._capture_optimizer:
            self._group.update(lr=self._rate, fused=True, capturable=True)
        try:
            yield
        finally:
            self._group.clear()
            self._group.update(kept)

    def _replay(self, batch: Tensor) -> Tensor:
        assert self._recording is not None
        self._batch.copy_(batch)
        if self._capture_optimizer:
            self._rate.fill_(self._group["lr"])
        self._recording.replay()
        if not self._capture_optimizer:
            # An eager step has replaced them.
            for weight, grad in zip(self._weights, self._grads, strict=True):
                weight.grad = grad
            self._optimizer.step()
        return self._figures


def make_stepper(
    device: torch.device, recipe: Recipe, optimizer: Optimizer, generator: torch.Generator
) -> EagerStepper:
    """Eager or captured steps, by what the device and the recipe admit."""
    recorder = make_capturer(device)
    if recorder is None:
        return EagerStepper(optimizer)
    # One cycle changes the momentum with each step, and fused kernels take that as a number.
    capturable = isinstance(optimizer, Adam | SGD) and recipe.schedule != "one_cycle"
    return GraphStepper(
        optimizer, recipe.batch_size, generator, recorder, capture_optimizer=capturable
    )
