"""Decides between several ways of seeing a photo: which looks most surely like a digit."""

from __future__ import annotations

from functools import cache

import torch

from trainer.drawing.rasterize import Pixels
from trainer.networks.factory import prepare_images
from trainer.networks.gate import Gate, load_gate_for
from trainer.networks.model import Model, load_shipped
from trainer.recipes.recipe import DIGIT_CLASSES

_SOFTNESS = 2.0
"""Scores of the gate that are this much above its threshold are fairly sure."""


@cache
def _load() -> tuple[Model, Gate]:
    """The built-in network and its gate, on the CPU; what is seen must not depend on what reads."""
    gate = load_gate_for(DIGIT_CLASSES, torch.device("cpu"))
    assert gate is not None  # there is one for digits
    return load_shipped(), gate


def judge_digits(images: Pixels) -> list[float]:
    """How surely each of uint8 pictures (N, 28, 28) is a digit: 0 refused, 1 quite."""
    model, gate = _load()
    pictures = torch.from_numpy(images)
    with torch.inference_mode():
        logits = model.network(prepare_images(pictures, model.recipe)).double()
        best = (logits / model.temperature).softmax(1).topk(2).values
        above = gate.scores(pictures).double() - gate.threshold
        sure = (best[:, 0] - best[:, 1]) * torch.sigmoid(above / _SOFTNESS)
        sure[gate.refuses(pictures)] *= 0.1
    found: list[float] = sure.tolist()
    return found
