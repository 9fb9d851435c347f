"""Training steps: one by one, or on a GPU captured once as a whole and replayed.

A step of so small a network is a hundred kernels of a few microseconds each, and
Python takes longer to ask for them than the GPU to compute them. Captured, they
are asked for at once. Knows nothing of networks and losses: whoever trains says
how gradients are found.
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
"""Leaves in every weight's `grad` what a batch (int64, (N,), indices of images) says of it, made
anew, not added to what is there; returns figures of the batch."""


class EagerStepper:
    """Takes steps one by one."""

    problem = ""
    """Why steps are not captured, where they ought to be."""

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer

    def take(self, gradients: Gradients, batch: Tensor, kind: object) -> Tensor:
        """One step.

        Args:
            gradients: of the run, the same each time.
            batch: what to learn from.
            kind: what else `gradients` goes by; equal as long as it does the same.

        Returns:
            What `gradients` does, good until the next step.
        """
        figures = gradients(batch)
        self._optimizer.step()
        return figures


class GraphStepper(EagerStepper):
    """Takes the first few steps one by one, captures the next, and replays it from then on.

    A batch of another size, as an epoch's last one, is learned from one by one.
    Where capturing fails all steps are taken so, and `problem` says why.

    Args:
        optimizer: of one group of weights.
        size: images of a batch.
        whole: whether the optimizer is captured along, which needs that none of
            its numbers changes from step to step but the learning rate.
        generator: what `gradients` draws from.
        recorder: captures.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        size: int,
        whole: bool,
        generator: torch.Generator,
        recorder: GraphCapturer,
    ) -> None:
        super().__init__(optimizer)
        self._whole, self._generator, self._recorder = whole, generator, recorder
        (self._group,) = optimizer.param_groups
        self._weights: list[Tensor] = self._group["params"]
        device = self._weights[0].device
        self._rate = torch.zeros((), device=device)
        self._batch = torch.zeros(size, dtype=torch.int64, device=device)
        self._grads: list[Tensor | None] = []  # those that the recording writes
        self._found = torch.empty(0)
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
            plainly = super().take
            return self._recorder.warm_up(lambda: plainly(gradients, batch, kind))
        if self._recording is None and not self._record(gradients):
            return super().take(gradients, batch, kind)
        return self._replay(batch)

    def _record(self, gradients: Gradients) -> bool:
        """Capture a step on whatever `self._batch` will hold; tells whether it worked."""

        def step() -> Tensor:
            figures = gradients(self._batch)
            if self._whole:
                self._optimizer.step()
            return figures

        self._optimizer.zero_grad(set_to_none=True)
        try:
            with self._rate_on_device():
                self._found, self._recording = self._recorder.capture(step, self._generator)
        except CaptureError as error:
            self.problem = str(error)
            return False
        self._grads = [weight.grad for weight in self._weights]
        return True

    @contextmanager
    def _rate_on_device(self) -> Iterator[None]:
        """While capturing, the optimizer takes its rate from a tensor; a number would stay."""
        kept = dict(self._group)
        if self._whole:
            self._group.update(lr=self._rate, fused=True, capturable=True)
        try:
            yield
        finally:
            self._group.clear()
            self._group.update(kept)

    def _replay(self, batch: Tensor) -> Tensor:
        assert self._recording is not None
        self._batch.copy_(batch)
        if self._whole:
            self._rate.fill_(self._group["lr"])
        self._recording.replay()
        if not self._whole:
            # A step taken one by one has put others in their place.
            for weight, grad in zip(self._weights, self._grads, strict=True):
                weight.grad = grad
            self._optimizer.step()
        return self._found


def make_stepper(
    device: torch.device, recipe: Recipe, optimizer: Optimizer, generator: torch.Generator
) -> EagerStepper:
    """The steps of a run on a device."""
    recorder = make_capturer(device)
    if recorder is None:
        return EagerStepper(optimizer)
    # One cycle changes the momentum with each step, and fused kernels take that as a number.
    whole = isinstance(optimizer, Adam | SGD) and recipe.schedule != "one_cycle"
    return GraphStepper(optimizer, recipe.batch_size, whole, generator, recorder)
