"""Why a network answers as it does: what each pixel of the drawing has to do with a score.

All is about the drawing as it is drawn, 28x28 pixels of ink from 0 to 1. What a
network does with it first (normalizing, surrounding it with paper, showing it
in three colors) is part of the function that is explained, so that all
networks are explained in the same pixels. Blank paper, which is 0 everywhere, is
what the drawing is compared with.

The score is what the network's last layer says of a class, before any softmax,
which would hide how the score came about once it is near 1. The 1998 network's
score is minus the class's penalty.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.networks.factory import normalize_images
from trainer.networks.interventions import Intervention, as_hook
from trainer.networks.model import Model

CAPTUM = "captum.attr"
"""Imported when a method asks for it: it takes a second, and few readings do."""
STEPS = 64
"""Places on the way from blank paper to the drawing where integrated gradients look: with fewer
the sum is off by more than a hundredth in sharply trained networks."""
SQUARE = 5
"""Side of what occlusion erases, in pixels: as wide as a kernel, wider than a stroke."""
_AT_ONCE = 128  # drawings in one batch: the fastest with one thread


class AttributionMethod(StrEnum):
    """A way to ask what the pixels have to do with a score."""

    GRADIENT = "gradient"
    INTEGRATED = "integrated gradients"
    OCCLUSION = "occlusion"


@dataclass(frozen=True, slots=True)
class Question:
    """Why this class, or: why this class and not that one."""

    target: int  # number of the class
    against: int | None = None  # then the score is target's less this one's


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """One method's answer to one question."""

    method: AttributionMethod
    question: Question
    values: NDArray[np.float32]  # (28, 28); above 0 speaks for the target, below 0 against it
    score: float  # of the drawing
    blank: float  # of blank paper
    passes: int  # drawings that went forward through the network
    backward: int  # and back
    milliseconds: float  # all that took; the two scores are not part of it, nor is importing

    @property
    def total(self) -> float:
        """The sum over the pixels."""
        return float(self.values.sum(dtype=float))

    @property
    def gap(self) -> float:
        """How far the sum is from what the drawing's score has over blank paper's.

        Integrated gradients are complete: this is 0 but for the finite number
        of steps. For the other methods it says nothing.
        """
        return self.total - (self.score - self.blank)


def attribute(
    method: AttributionMethod,
    model: Model,
    image: NDArray[np.uint8],
    question: Question,
    interventions: Sequence[Intervention] = (),
) -> Attribution:
    """Answer a question about a drawing.

    Args:
        method: how.
        model: on any device; its weights and their gradients stay as they are.
        image: uint8, shape (28, 28), 0 paper and 255 full ink.
        question: which classes it is about.
        interventions: maps that are held at a value.

    Raises:
        ValueError: another shape or dtype, a class that there is not, or a
            class against itself.
    """
    _check(image, question, len(model.classes))
    if method != AttributionMethod.GRADIENT:
        # Half a second the first time, which is no cost of the method.
        import_module(CAPTUM)
    score = _Score(model, question, interventions)
    drawing = torch.tensor(image, device=model.device).float()[None] / 255
    began = time.perf_counter()
    values = _METHODS[method](score, drawing)[0].cpu().numpy()
    costs = (score.passes, score.backward, (time.perf_counter() - began) * 1000)
    with torch.no_grad():
        of_drawing, of_blank = score(torch.cat([drawing, torch.zeros_like(drawing)])).tolist()
    return Attribution(method, question, values, of_drawing, of_blank, *costs)


def _check(image: NDArray[np.uint8], question: Question, classes: int) -> None:
    if image.shape != (28, 28) or image.dtype != "uint8":
        raise ValueError(f"the image is {image.dtype} {image.shape}; it must be uint8 (28, 28)")
    numbers = [question.target] + ([] if question.against is None else [question.against])
    if not all(0 <= number < classes for number in numbers) or len(set(numbers)) < len(numbers):
        raise ValueError(f"{question} is not about one or two different classes of {classes}")


class _Score:
    """The function that is explained: drawings to one number each, counting them."""

    def __init__(
        self, model: Model, question: Question, interventions: Sequence[Intervention]
    ) -> None:
        self._model, self._question, self._change = model, question, as_hook(interventions)
        self.passes = self.backward = 0

    def __call__(self, drawings: Tensor) -> Tensor:
        """Scores (N,) of float drawings (N, 28, 28) in 0 to 1."""
        self.passes += len(drawings)
        self.backward += len(drawings) if drawings.requires_grad else 0
        inputs = normalize_images(drawings[:, None], self._model.recipe)
        logits = self._model.network.layers(inputs, self._change).logits
        scores = logits[:, self._question.target]
        if self._question.against is not None:
            scores = scores - logits[:, self._question.against]
        return scores


def _gradient(score: _Score, drawing: Tensor) -> Tensor:
    """The score's slope in each pixel's ink.

    Simonyan, Vedaldi, Zisserman, "Deep Inside Convolutional Networks", ICLR 2014
    workshop; here with its sign, which tells more ink from less. Where several
    units of a window have its maximum, as over blank paper, torch follows the
    first of them: networks with max pooling show a grid there.
    """
    drawing = drawing.clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(score(drawing).sum(), drawing)[0]


def _integrated_gradients(score: _Score, drawing: Tensor) -> Tensor:
    """Each pixel's ink times its mean slope on the straight way from blank paper.

    Sundararajan, Taly, Yan, "Axiomatic Attribution for Deep Networks", ICML 2017.
    The mean is by Gauss and Legendre's rule.
    """
    method = import_module(CAPTUM).IntegratedGradients(score)
    shares: Tensor = method.attribute(drawing, baselines=0.0, n_steps=STEPS)
    return shares.detach()


def _occlusion(score: _Score, drawing: Tensor) -> Tensor:
    """What the score loses with a square erased, the mean of all squares that a pixel lies in.

    Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
    """
    with torch.no_grad():
        shares: Tensor = (
            import_module(CAPTUM)
            .Occlusion(score)
            .attribute(
                drawing,
                sliding_window_shapes=(SQUARE, SQUARE),
                baselines=0.0,
                perturbations_per_eval=_AT_ONCE,
            )
        )
    return shares


_METHODS = {
    AttributionMethod.GRADIENT: _gradient,
    AttributionMethod.INTEGRATED: _integrated_gradients,
    AttributionMethod.OCCLUSION: _occlusion,
}
