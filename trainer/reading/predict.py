"""Read images: the answer, its verdict, and the values of all layers.

Knows neither strokes nor the window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.networks.factory import prepare_images
from trainer.networks.gate import load_gate_for
from trainer.networks.interventions import Intervention, as_hook
from trainer.networks.model import Model
from trainer.reading.verdict import Verdict

MARGIN = 0.5
"""Least difference between the two largest probabilities for a verdict of `SURE`."""
REJECTED_KEY = "rejected"
"""Key of what `compute_layers` returns of the gate, beside the layers' names."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """One layer's values for one image."""

    layer: str  # "input" (normalized), conv1, conv1_active, ..., as in lenet5.Layers
    values: NDArray[np.float32]  # (maps, height, width); (units, 1, 1) for full layers


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer to one image, without the layers' values."""

    digit: int  # index of the most probable class
    second: int  # index of the second most probable class
    probabilities: tuple[float, ...]  # of each class, 0 to 1, summing to 1; calibrated
    verdict: Verdict
    margin: float = 0.0  # the gate's score over its threshold, where the gate was asked


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """A model's answer to one image, with the values of all layers."""

    digit: int
    second: int
    probabilities: tuple[float, ...]
    verdict: Verdict
    maps: dict[str, FeatureMap]  # by the layer's name, in the network's order
    image: NDArray[np.uint8]  # (28, 28), what was read


def read(
    model: Model,
    image: NDArray[np.uint8],
    interventions: Sequence[Intervention] = (),
    *,
    gate: bool = True,
) -> Prediction:
    """Read one image in a single forward pass, and keep the values of all layers.

    Args:
        model: on any device.
        image: uint8, shape (28, 28), 0 paper and 255 full ink.
        interventions: maps to hold at a value.
        gate: whether the gate checks that it is a digit, which doubles the time;
            without it, the verdict is never `REJECTED`.

    Raises:
        ValueError: another shape or dtype.
    """
    check(image)
    return read_each(model, image[np.newaxis], interventions, gate=gate)[0]


def check(image: NDArray[np.uint8]) -> None:
    """Check that an image can be read.

    Raises:
        ValueError: another shape or dtype than uint8 (28, 28).
    """
    if image.shape != (28, 28) or image.dtype != np.uint8:
        raise ValueError(f"the image is {image.dtype} {image.shape}; it must be uint8 (28, 28)")


def read_each(
    model: Model,
    images: NDArray[np.uint8],
    interventions: Sequence[Intervention] = (),
    *,
    gate: bool = True,
) -> list[Prediction]:
    """As `read`, for a few uint8 images of shape (N, 28, 28) in one forward pass."""
    pixels = torch.from_numpy(np.array(images)).to(model.device)  # a copy: torch warns of read-only
    layers = compute_layers(model, pixels, interventions, gate=gate)
    if model.device.type != "cpu":
        layers = {name: values.cpu() for name, values in layers.items()}
    return make_predictions(model, layers, images)


def compute_layers(
    model: Model,
    images: torch.Tensor,
    interventions: Sequence[Intervention] = (),
    *,
    gate: bool = True,
) -> dict[str, torch.Tensor]:
    """The part of `read_each` that runs on the model's device.

    Args:
        model: on any device.
        images: uint8, (N, 28, 28), on the same device.
        interventions: as for `read`.
        gate: as for `read`.

    Returns:
        "input" and each layer by its name, float32; and where the gate was asked,
        `REJECTED_KEY`, bool (N,).
    """
    digit_gate = load_gate_for(model.classes, images.device) if gate else None
    with torch.inference_mode():
        inputs = prepare_images(images, model.recipe)
        layers = {"input": inputs, **model.network.layers(inputs, as_hook(interventions))._asdict()}
        if digit_gate is not None:
            layers[REJECTED_KEY] = digit_gate.rejects(images)
    return layers


def make_predictions(
    model: Model, layers: dict[str, torch.Tensor], images: NDArray[np.uint8]
) -> list[Prediction]:
    """The predictions that follow from `compute_layers`.

    Args:
        model: the same.
        layers: what it returned, moved to the CPU.
        images: uint8, (N, 28, 28), the images that were read.
    """
    rejections = layers[REJECTED_KEY].tolist() if REJECTED_KEY in layers else [False] * len(images)
    with torch.inference_mode():
        probabilities = (layers["logits"].double() / model.temperature).softmax(1).tolist()
    # Split in numpy, not in torch: each call into torch releases Python's lock, and then waits
    # until a thread that trains gives it back.
    arrays = {name: values.numpy() for name, values in layers.items() if name != REJECTED_KEY}
    return [
        _make_prediction(
            _make_answer(probabilities[n], rejected=rejected),
            {name: values[n] for name, values in arrays.items()},
            images[n],
        )
        for n, rejected in enumerate(rejections)
    ]


def _make_prediction(
    answer: Answer, layers: dict[str, NDArray[np.float32]], image: NDArray[np.uint8]
) -> Prediction:
    maps = {name: FeatureMap(name, _as_maps(values)) for name, values in layers.items()}
    return Prediction(
        answer.digit, answer.second, answer.probabilities, answer.verdict, maps, image.copy()
    )


def _make_answer(probabilities: list[float], *, rejected: bool, margin: float = 0.0) -> Answer:
    digit, second = (int(n) for n in np.argsort(-np.array(probabilities), kind="stable")[:2])
    verdict = Verdict.SURE
    if rejected:
        verdict = Verdict.REJECTED
    elif probabilities[digit] - probabilities[second] < MARGIN:
        verdict = Verdict.UNSURE
    return Answer(digit, second, tuple(probabilities), verdict, margin)


def _ask_gate(model: Model, images: torch.Tensor) -> list[tuple[bool, float]]:
    """For each of uint8 images (N, 28, 28): whether it is rejected, and the gate's score over
    its threshold."""
    gate = load_gate_for(model.classes, images.device)
    if gate is None:
        return [(False, 0.0)] * len(images)
    scores = gate.scores(images)
    rejected, margins = gate.rejects(images, scores), scores - gate.threshold
    return list(zip(rejected.tolist(), margins.tolist(), strict=True))


def _as_maps(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values if values.ndim == 3 else values[:, None, None]


def read_many(model: Model, images: NDArray[np.uint8]) -> list[tuple[float, ...]]:
    """The calibrated probabilities alone, for any number of uint8 images (N, 28, 28)."""
    probabilities: list[tuple[float, ...]] = []
    for batch in _batches(model, images):
        with torch.inference_mode():
            logits = model.network(prepare_images(batch, model.recipe)).cpu().double()
            probabilities += map(tuple, (logits / model.temperature).softmax(1).tolist())
    return probabilities


def read_answers(model: Model, images: NDArray[np.uint8]) -> list[Answer]:
    """A model's answers to any number of uint8 images of shape (N, 28, 28), without maps."""
    judgments = [each for batch in _batches(model, images) for each in _ask_gate(model, batch)]
    return [
        _make_answer(list(probabilities), rejected=rejected, margin=margin)
        for probabilities, (rejected, margin) in zip(
            read_many(model, images), judgments, strict=True
        )
    ]


def _batches(model: Model, images: NDArray[np.uint8]) -> Iterator[torch.Tensor]:
    device = model.device
    # On a CPU, the values between two layers of a small batch stay in its caches.
    for batch in torch.from_numpy(images).split(128 if device.type == "cpu" else 1000):
        yield batch.to(device)
