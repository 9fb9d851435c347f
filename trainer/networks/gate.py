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
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from trainer.errors import UserError
from trainer.files import asset, convert_write_errors, write_whole
from trainer.recipes.recipe import DIGIT_CLASSES
from trainer.translation import gettext as _

SHIPPED = "gate.safetensors"
_FORMAT = "lenet-studio gate"
_MEAN, _STD = 0.1307, 0.3081
MOST_INK = 0.4
"""Mean ink, 0 to 1, above which an image is no digit: of 200,000 digits of MNIST, of people and
of code the blackest has 0.398, and the gate has seen nothing that is black all over."""


class GateNetwork(nn.Module):
    """Five small convolutions; one score: above the threshold it is a digit."""

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *convolution_block(1, 16),  # (N, 16, 28, 28)
            *convolution_block(16, 16),
            nn.MaxPool2d(2),  # (N, 16, 14, 14)
            *convolution_block(16, 32),
            *convolution_block(32, 32),
            nn.MaxPool2d(2),  # (N, 32, 7, 7)
            *convolution_block(32, 64),
            nn.MaxPool2d(2),  # (N, 64, 3, 3)
            nn.Flatten(),
            nn.Linear(64 * 3 * 3, 1),
        ).to(memory_format=torch.channels_last)
        initialize(self.layers, generator)

    def forward(self, images: Tensor) -> Tensor:
        """Scores, float32 (N,), for float images in 0 to 1, (N, 1, 28, 28)."""
        images = ((images - _MEAN) / _STD).to(memory_format=torch.channels_last)
        scores: Tensor = self.layers(images)
        return scores.float().squeeze(1)


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A trained gate, in evaluation mode."""

    network: GateNetwork
    threshold: float

    def rejects(self, images: Tensor, scores: Tensor | None = None) -> Tensor:
        """Bool (N,): which of uint8 images (N, 28, 28), on its device, look like no digit.

        Blank ones are rejected, and ones that are black all over.

        Args:
            images: as above.
            scores: what `scores` gave of them, where that is known.
        """
        ink = images.float().mean(dim=(1, 2)) / 255
        scores = self.scores(images) if scores is None else scores
        return (scores < self.threshold) | (ink == 0) | (ink > MOST_INK)

    def scores(self, images: Tensor) -> Tensor:
        """Float32 (N,): how much uint8 images (N, 28, 28) look like digits."""
        with torch.inference_mode():
            parts = [self.network(part.unsqueeze(1).float() / 255) for part in images.split(1000)]
        return torch.cat(parts) if parts else torch.empty(0)


@cache
def load_gate_for(classes: tuple[str, ...], device: torch.device) -> Gate | None:
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
    network.layers = fuse_batch_norm(network.layers)
    return Gate(network.to(device), gate.threshold)


def save(gate: Gate, path: Path) -> None:
    """Write a gate's file.

    Raises:
        UserError: it can't be written.
    """
    state = {name: w.cpu().contiguous() for name, w in gate.network.state_dict().items()}
    metadata = {"format": _FORMAT, "threshold": json.dumps(gate.threshold)}
    with convert_write_errors(path):
        write_whole(path, safetensors.torch.save(state, metadata))


def load(path: Path) -> Gate:
    """Read a gate's file, on the CPU.

    Raises:
        UserError: it is not one, or damaged.
        FileNotFoundError: it is not there.
    """
    network = GateNetwork()
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata.get("format") != _FORMAT:
            raise ValueError("another kind of file")
        network.load_state_dict(state)
        return Gate(network.eval().requires_grad_(False), float(metadata["threshold"]))
    except (safetensors.SafetensorError, RuntimeError, ValueError, KeyError) as error:
        raise UserError(
            _("{file} is damaged ({problem}): reinstall lenet-studio").format(
                file=path, problem=error
            )
        ) from None


# What the gate and the teacher are built of: small padded convolutions


def fuse_batch_norm(layers: nn.Sequential) -> nn.Sequential:
    """The same function, each normalisation taken into the convolution before it."""
    kept: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            before = kept.pop()
            assert isinstance(before, nn.Conv2d)
            kept.append(fuse_conv_bn_eval(before, layer))
        else:
            kept.append(layer)
    return nn.Sequential(*kept).to(memory_format=torch.channels_last)


def convolution_block(inputs: int, outputs: int) -> list[nn.Module]:
    """3x3, padded, batch-normalized and rectified."""
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


def initialize(layers: nn.Sequential, generator: torch.Generator | None) -> None:
    """PyTorch's own initial weights, but drawn from `generator`."""
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def fast_arithmetic(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where the device multiplies matrices of it: there it is thrice as fast."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported()
    else:
        known = getattr(torch.cpu, "get_capabilities", None)  # newer versions of torch have it
        fast = device.type == "cpu" and known is not None and bool(known().get("amx_bf16"))
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)
