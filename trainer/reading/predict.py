"""Read one picture and keep everything that the network computed on the way."""

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
"""With the two best probabilities nearer to each other than this, the network is unsure."""
REFUSED = "refused"
"""What `compute_layers` calls that the gate refuses a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """One layer's values for one picture."""

    layer: str  # "input" (normalized), conv1, conv1_active, ..., as in lenet5.Layers
    values: NDArray[np.float32]  # (maps, height, width); (units, 1, 1) for full layers


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answers to a picture."""

    digit: int  # index of the most probable class
    second: int  # of the next one
    probabilities: tuple[float, ...]  # of each class, summing to 1; calibrated
    verdict: Verdict
    margin: float = 0.0  # the gate's score over its threshold, where the gate was asked


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """An `Answer` with what the network computed on the way to it."""

    digit: int
    second: int
    probabilities: tuple[float, ...]
    verdict: Verdict
    maps: dict[str, FeatureMap]  # by layer, in the network's order
    image: NDArray[np.uint8]  # (28, 28), what was read


def read(
    model: Model, image: NDArray[np.uint8], edits: Sequence[Intervention] = (), gate: bool = True
) -> Prediction:
    """Read a picture, with one forward pass for the answer and all the maps.

    Args:
        model: on any device.
        image: uint8, shape (28, 28), 0 paper and 255 full ink.
        edits: maps to hold at a value.
        gate: whether to ask if it looks like a digit at all, which takes as long
            again; without, the verdict is never `REJECTED`.

    Raises:
        ValueError: another shape or dtype.
    """
    check(image)
    return read_each(model, image[np.newaxis], edits, gate)[0]


def check(image: NDArray[np.uint8]) -> None:
    """See whether it is a picture that can be read.

    Raises:
        ValueError: another shape or dtype than uint8 (28, 28).
    """
    if image.shape != (28, 28) or image.dtype != np.uint8:
        raise ValueError(f"the picture is {image.dtype} {image.shape}; it must be uint8 (28, 28)")


def read_each(
    model: Model, images: NDArray[np.uint8], edits: Sequence[Intervention] = (), gate: bool = True
) -> list[Prediction]:
    """As `read`, for a few uint8 pictures of shape (N, 28, 28) in one forward pass."""
    pictures = torch.from_numpy(np.array(images)).to(model.device)  # read-only ones too
    found = compute_layers(model, pictures, edits, gate)
    if model.device.type != "cpu":
        found = {name: values.cpu() for name, values in found.items()}
    return make_predictions(model, found, images)


def compute_layers(
    model: Model, pictures: torch.Tensor, edits: Sequence[Intervention] = (), gate: bool = True
) -> dict[str, torch.Tensor]:
    """All that `read_each` computes on the model's device.

    Args:
        model: as there.
        pictures: uint8, (N, 28, 28), on the model's device.
        edits: as there.
        gate: as there.

    Returns:
        "input" and each layer by its name, float32, and for a gate that was asked
        "refused", bool (N,).
    """
    asked = load_gate_for(model.classes, pictures.device) if gate else None
    with torch.inference_mode():
        given = prepare_images(pictures, model.recipe)
        found = {"input": given, **model.network.layers(given, as_hook(edits))._asdict()}
        if asked is not None:
            found[REFUSED] = asked.refuses(pictures)
    return found


def make_predictions(
    model: Model, found: dict[str, torch.Tensor], images: NDArray[np.uint8]
) -> list[Prediction]:
    """What `computed` found, on the CPU now, says of uint8 pictures of shape (N, 28, 28)."""
    refusals = found[REFUSED].tolist() if REFUSED in found else [False] * len(images)
    with torch.inference_mode():
        shares = (found["logits"].double() / model.temperature).softmax(1).tolist()
    # Taken apart by numpy: every call into torch lets another thread have Python, such as
    # a training's, and then waits for it.
    layers = {name: values.numpy() for name, values in found.items() if name != REFUSED}
    return [
        _prediction(_answer(shares[n], refused), {k: v[n] for k, v in layers.items()}, images[n])
        for n, refused in enumerate(refusals)
    ]


def _prediction(
    answer: Answer, layers: dict[str, NDArray[np.float32]], image: NDArray[np.uint8]
) -> Prediction:
    maps = {name: FeatureMap(name, _as_maps(values)) for name, values in layers.items()}
    return Prediction(
        answer.digit, answer.second, answer.probabilities, answer.verdict, maps, image.copy()
    )


def _answer(probabilities: list[float], refused: bool, margin: float = 0.0) -> Answer:
    digit, second = (int(n) for n in np.argsort(-np.array(probabilities), kind="stable")[:2])
    verdict = Verdict.SURE
    if refused:
        verdict = Verdict.REJECTED
    elif probabilities[digit] - probabilities[second] < MARGIN:
        verdict = Verdict.UNSURE
    return Answer(digit, second, tuple(probabilities), verdict, margin)


def _refusals(model: Model, pictures: torch.Tensor) -> list[tuple[bool, float]]:
    """Of uint8 pictures (N, 28, 28), on the model's device: whether each looks like no digit, and
    the gate's score over its threshold."""
    gate = load_gate_for(model.classes, pictures.device)
    if gate is None:
        return [(False, 0.0)] * len(pictures)
    scores = gate.scores(pictures)
    refused, margins = gate.refuses(pictures, scores), scores - gate.threshold
    return list(zip(refused.tolist(), margins.tolist(), strict=True))


def _as_maps(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values if values.ndim == 3 else values[:, None, None]


def read_many(model: Model, images: NDArray[np.uint8]) -> list[tuple[float, ...]]:
    """Only the probabilities, for uint8 pictures of shape (N, 28, 28)."""
    found: list[tuple[float, ...]] = []
    for batch in _batches(model, images):
        with torch.inference_mode():
            logits = model.network(prepare_images(batch, model.recipe)).cpu().double()
            found += [tuple(row) for row in (logits / model.temperature).softmax(1).tolist()]
    return found


def read_answers(model: Model, images: NDArray[np.uint8]) -> list[Answer]:
    """What a model makes of uint8 pictures of shape (N, 28, 28), but for the maps."""
    refusals = [each for batch in _batches(model, images) for each in _refusals(model, batch)]
    found = read_many(model, images)
    return [_answer(list(row), *each) for row, each in zip(found, refusals, strict=True)]


def _batches(model: Model, images: NDArray[np.uint8]) -> Iterator[torch.Tensor]:
    device = model.device
    # On a processor, what a few pictures come to between two layers stays in its caches.
    for batch in torch.from_numpy(images).split(128 if device.type == "cpu" else 1000):
        yield batch.to(device)
