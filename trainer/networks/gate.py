"""Whether a picture looks like a digit at all: the gate that stands beside every network.

A LeNet must answer with one of its ten classes, and answers a scribble with as
much confidence as a 7. So a second small network, the gate, tells digits from
what is none: letters, symbols, scribbles and marks written by code, and endless
doodles. It does not depend on which LeNet reads, and ships with the program.

    lenet gate --out assets/gate.safetensors    # trains it again
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import OneCycleLR

from trainer.data.augment import distort
from trainer.data.labelled_images import DIGIT_CLASSES, Digits
from trainer.drawing.rasterize import rasterize
from trainer.errors import UserError
from trainer.files import asset, write_whole, writing
from trainer.handwriting.doodles import doodle
from trainer.handwriting.non_digits import SMALLEST, write_non_digits
from trainer.progress import Progress
from trainer.recipes.recipe import Augmentation
from trainer.training.losses import convolution, fast_arithmetic, fused, initialise
from trainer.training.optimization import RunningMean

SHIPPED = "gate.safetensors"
REFUSED = 0.004
"""Share of the validation digits that the threshold refuses, of the set with which it is
hardest."""
DOODLES, FORMS = 30_000, 30_000
"""How many pictures of each sort that is no digit are taught."""
EPOCHS = 8
_FORMAT = "lenet-studio gate"
_MEAN, _STD = 0.1307, 0.3081
_BATCH, _RATE, _MEMORY = 256, 3e-3, 0.998
_STRIDE = 10  # batches between two events
_DISTORTION = Augmentation(rotation=8.0, scale=0.1, shear=0.1, shift=1.0, elastic=0.4)


class Network(nn.Module):
    """Five small convolutions; one score: above the threshold it is a digit."""

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *convolution(1, 16),  # (N, 16, 28, 28)
            *convolution(16, 16),
            nn.MaxPool2d(2),  # (N, 16, 14, 14)
            *convolution(16, 32),
            *convolution(32, 32),
            nn.MaxPool2d(2),  # (N, 32, 7, 7)
            *convolution(32, 64),
            nn.MaxPool2d(2),  # (N, 64, 3, 3)
            nn.Flatten(),
            nn.Linear(64 * 3 * 3, 1),
        ).to(memory_format=torch.channels_last)
        initialise(self.layers, generator)

    def forward(self, images: Tensor) -> Tensor:
        """Scores, float32 (N,), for float images in 0 to 1, (N, 1, 28, 28)."""
        images = ((images - _MEAN) / _STD).to(memory_format=torch.channels_last)
        scores: Tensor = self.layers(images)
        return scores.float().squeeze(1)


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A trained gate, in evaluation mode."""

    network: Network
    threshold: float

    def refuses(self, images: Tensor) -> Tensor:
        """Bool (N,): which of uint8 images (N, 28, 28), on its device, look like no digit.

        Blank ones are refused.
        """
        return (self.scores(images) < self.threshold) | (images.amax(dim=(1, 2)) == 0)

    def scores(self, images: Tensor) -> Tensor:
        """Float32 (N,): how much uint8 images (N, 28, 28) look like digits."""
        with torch.inference_mode():
            parts = [self.network(part.unsqueeze(1).float() / 255) for part in images.split(1000)]
        return torch.cat(parts) if parts else torch.empty(0)


@cache
def gate_for(classes: tuple[str, ...], device: torch.device) -> Gate | None:
    """The gate that ships, on `device`, for networks that read digits; None for others.

    Raises:
        UserError: it is missing or damaged.
    """
    if classes != DIGIT_CLASSES:
        return None
    try:
        gate = load(asset(SHIPPED))
    except FileNotFoundError as error:
        raise UserError(str(error)) from None
    network = gate.network
    network.layers = fused(network.layers)
    return Gate(network.to(device), gate.threshold)


def save(gate: Gate, path: Path) -> None:
    """Write a gate's file.

    Raises:
        UserError: it can't be written.
    """
    state = {name: w.cpu().contiguous() for name, w in gate.network.state_dict().items()}
    metadata = {"format": _FORMAT, "threshold": json.dumps(gate.threshold)}
    with writing(path):
        write_whole(path, safetensors.torch.save(state, metadata))


def load(path: Path) -> Gate:
    """Read a gate's file, on the CPU.

    Raises:
        UserError: it is not one, or damaged.
        FileNotFoundError: it is not there.
    """
    network = Network()
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata.get("format") != _FORMAT:
            raise ValueError("another kind of file")
        network.load_state_dict(state)
        return Gate(network.eval().requires_grad_(False), float(metadata["threshold"]))
    except (safetensors.SafetensorError, RuntimeError, ValueError, KeyError) as error:
        raise UserError(f"{path} is damaged ({error}): reinstall lenet-studio") from None


def taught(
    training: Digits,
    validation: list[Digits],
    seed: int,
    epochs: int = EPOCHS,
    names: tuple[str, ...] | None = None,
) -> Generator[Progress, None, Gate]:
    """Train a gate, and set its threshold by `validation`.

    Args:
        training: digits; about as many of them are shown as there are other pictures.
        validation: sets of digits of which none may be refused more than `REFUSED`.
        seed: decides all.
        epochs: passes over what is no digit.
        names: which of `trainer.handwriting.non_digits`' forms to teach; None for all.

    Returns:
        (of the generator) the gate, on the CPU.
    """
    others = yield from non_digits(seed, names)
    source = torch.Generator().manual_seed(seed)
    network = Network(source)
    mean = RunningMean(network, _MEMORY)
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, (0.9, 0.99), weight_decay=0.05)
    steps = math.ceil(2 * len(others) / _BATCH) * epochs
    schedule = OneCycleLR(optimizer, _RATE, total_steps=steps + 1, pct_start=0.1)
    done = 0
    for _ in range(epochs):
        shown = torch.randperm(len(training), generator=source)[: len(others)]
        images = torch.cat([training.images[shown], others])
        # Nothing is quite certain: among the doodles there is a digit by accident.
        wanted = torch.cat([torch.full((len(shown),), 0.99), torch.full((len(others),), 0.01)])
        for index in torch.randperm(len(images), generator=source).split(_BATCH):
            if done % _STRIDE == 0:
                yield Progress("training the gate", done, steps)
            batch = distort(images[index].unsqueeze(1).float() / 255, _DISTORTION, source)
            with fast_arithmetic(batch.device):
                scores = network(batch)
            loss = F.binary_cross_entropy_with_logits(scores, wanted[index])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            mean.update_parameters(network)
            done += 1
    taught_network = mean.module
    assert isinstance(taught_network, Network)
    gate = Gate(taught_network.eval().requires_grad_(False), 0.0)
    lowest = [float(gate.scores(digits.images).quantile(REFUSED)) for digits in validation]
    return Gate(gate.network, min(lowest))


def non_digits(
    seed: int, names: tuple[str, ...] | None = None
) -> Generator[Progress, None, Tensor]:
    """Pictures to teach: uint8 (`DOODLES` + `FORMS`, 28, 28).

    Args:
        seed: decides all.
        names: which of `trainer.handwriting.non_digits`' forms; None for all.
    """
    rng = np.random.default_rng(seed)
    images = torch.empty((DOODLES + FORMS, 28, 28), dtype=torch.uint8)
    marks = write_non_digits(FORMS, seed, names) if names else write_non_digits(FORMS, seed)
    for n in range(len(images)):
        if n < DOODLES:
            strokes, width = doodle(rng)
        else:
            mark = next(marks)
            strokes, width = mark.strokes, mark.width
        images[n] = torch.from_numpy(rasterize(strokes, width=width, smallest=SMALLEST))
        if n % 100 == 0:
            yield Progress("drawing what is no digit", n, len(images))
    return images
