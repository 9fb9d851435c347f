"""A picture made up to excite one map: what the map would like best to see.

Gradient ascent on the picture, as in Erhan, Bengio, Courville, Vincent,
"Visualizing Higher-Layer Features of a Deep Network", 2009, kept to what could
be on paper by jitter, blur and a pull towards blank paper (Yosinski, Clune,
Nguyen, Fuchs, Lipson, "Understanding Neural Networks Through Deep
Visualization", 2015).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer.inspect.top_images import cut_patch
from trainer.networks.anatomy import Kind, Stage, Unit, find_sources, list_stages
from trainer.networks.factory import image_shape, normalize_images, prepare_images
from trainer.networks.lenet5 import POOLINGS, Layers
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model

STEPS = 240
_EVERY = 8
"""Steps between two pictures that are told of."""
_START = 0.1
"""The most ink in the noise that it begins with."""
_RATE = 0.1
"""How much ink, which is in 0 to 1, the first step adds to a pixel that counts as much as
is usual in the picture; it falls to none."""
_PULL = 0.7
"""How much of a pixel's ink a step takes, as a share of the rate: the weight of L2."""
_JITTER = 2
"""Pixels by which the picture is moved, at first, to each side."""
_BLUR = 0.4
"""The share of its neighbors in a pixel after the first step."""
_CALM = 0.9
"""The share of the steps after which the picture is neither moved nor blurred."""
_SEED = 1998


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticImage:
    """A picture on its way, or as it became."""

    image: NDArray[np.uint8]  # (28, 28), or (3, 32, 32): 0 paper, 255 full ink
    value: float  # the largest of the map's units for it, after the activation
    done: int  # steps
    total: int


def synthesize(
    model: Model, stage: int, map_: int
) -> Generator[SyntheticImage, None, SyntheticImage]:
    """Generate an image that maximizes a map's response; deterministic for a network.

    Gradient ascent on the pre-activation of the map's central unit, so that a flat part of the
    activation does not stop it.

    Args:
        model: on any device; not changed.
        stage: the number of a stage after the input.
        map_: of its maps; of a flat stage, the unit.

    Raises:
        IndexError: there is no such stage or map.
    """
    stages = list_stages(model.network)
    if not 1 <= stage < len(stages) or not 0 <= map_ < stages[stage].shape[0]:
        raise IndexError(f"no map {map_} of stage {stage}")
    target = stages[stage]
    unit = Unit(stage, map_, target.shape[1] // 2, target.shape[2] // 2)
    source = torch.Generator().manual_seed(_SEED)
    shape = image_shape(model.recipe.dataset)
    mask = _make_mask(stages, unit, shape).to(model.device)
    ink = torch.rand((1, *shape), generator=source).to(model.device) * _START * mask
    for step in range(STEPS):
        if step % _EVERY == 0:
            yield _measure(model, target, map_, ink, step)
        noise = max(0.0, 1 - step / (_CALM * STEPS)) * (not _small(target))  # from 1 to 0
        slope = _slope(model, stages, unit, ink, _jitter(noise, source))
        rate = _RATE * (1 - step / STEPS)
        climb = slope / slope.square().mean().sqrt().clamp_min(1e-12)
        ink = _blur(ink + rate * (climb - _PULL * ink), _BLUR * noise).clamp(0, 1) * mask
    return _measure(model, target, map_, ink, STEPS)


def _small(stage: Stage) -> bool:
    """Whether its units' receptive fields are so small that a shift by a pixel matters."""
    return stage.name in ("C1", "S2")


def _make_mask(stages: tuple[Stage, ...], unit: Unit, shape: tuple[int, int, int]) -> Tensor:
    """1 in the unit's receptive field, else 0; of `shape`."""
    left, top, right, bottom = (round(at) for at in cut_patch(stages, unit, shape[1]))
    mask = torch.zeros(shape)
    mask[:, top:bottom, left:right] = 1
    return mask


def _slope(
    model: Model, stages: tuple[Stage, ...], unit: Unit, ink: Tensor, by: tuple[int, int]
) -> Tensor:
    """The gradient of the drive with respect to the ink, shifted `by` pixels down and across."""
    with torch.enable_grad():
        ink = ink.detach().requires_grad_()
        inputs = normalize_images(ink.roll(by, (2, 3)), model.recipe)
        drive = _drive(model, model.network.layers(inputs), stages, unit)
        (slope,) = torch.autograd.grad(drive, ink)
    return slope


def _drive(model: Model, layers: Layers, stages: tuple[Stage, ...], unit: Unit) -> Tensor:
    """The value to maximize: the unit's pre-activation, or the pooled ones that it pools.

    A pre-activation has a gradient also where the activation is flat, as ReLU below 0.
    """
    stage, network = stages[unit.stage], model.network
    if stage.kind != Kind.POOLING or isinstance(network, LeNet1998):
        sums: Tensor = getattr(layers, stage.sums)
        return sums.reshape(stage.shape)[unit.map, unit.y, unit.x]
    (map_,), top, left, bottom, right = find_sources(stages, unit)
    window = getattr(layers, stages[unit.stage - 1].sums)[0, map_, top:bottom, left:right]
    pooled: Tensor = POOLINGS[network.pooling](window[None, None], 2)
    return pooled.sum()


def _jitter(noise: float, source: torch.Generator) -> tuple[int, int]:
    """A random shift, in pixels down and across."""
    most = round(_JITTER * noise)
    down, across = torch.randint(-most, most + 1, (2,), generator=source).tolist()
    return down, across


def _blur(ink: Tensor, share: float) -> Tensor:
    """Each pixel with a share of the mean of the 3x3 around it."""
    if share == 0:
        return ink
    return ink.lerp(F.avg_pool2d(ink, 3, 1, padding=1), share)


def _measure(model: Model, stage: Stage, map_: int, ink: Tensor, done: int) -> SyntheticImage:
    """The ink rounded to an image, with the map's largest value for exactly that image."""
    image = (ink * 255).round().to(torch.uint8)
    image = image[:, 0] if image.shape[1] == 1 else image
    with torch.inference_mode():
        layers = model.network.layers(prepare_images(image, model.recipe))
        value = getattr(layers, stage.active).reshape(stage.shape)[map_].max()
    return SyntheticImage(image[0].cpu().numpy(), float(value), done, STEPS)
