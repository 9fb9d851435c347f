"""Distort a dataset's pictures, which have no strokes: whole batches, on their device.

A place between two pixels is the mean of the four about it by their nearness (bilinear);
where a picture is made smaller, several such samples a pixel are averaged, so that thin
lines are not lost between two. Lines are made wider by a gray dilation, thinner by a gray
erosion: the largest, or least, of the values in a disc about each pixel, whose radius may
be any fraction of a pixel. Last, a scribble is laid over them, and pixels are inverted. Knows no
networks.
"""

from __future__ import annotations

import dataclasses
import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer.drawing.rasterize import (
    BOX,
    FINE,
    GRID,
    PEN,
    SIDE,
    Pixels,
    as_points,
    average_area,
    draw_at,
    fit_to_box,
)
from trainer.handwriting.non_digits import write_non_digit
from trainer.robustness.distortions import Distortion

_EDGE = (GRID - SIDE * FINE) / 2
"""Where the 28x28 begin on the fine drawing of what is fitted, each way."""


def overlay_scribbles(picture: Pixels, how: Distortion) -> Pixels:
    """With the scribble over it, then with pixels inverted; the same again for the same seed."""
    if how.scribble:
        picture = np.maximum(picture, scribble(how.seed, how.scribble))
    if how.noise:
        # The field does not depend on the probability: with more of it, more are inverted,
        # and those that were stay so.
        field = np.random.default_rng(how.seed).random(picture.shape)
        picture = np.where(field < how.noise, 255 - picture, picture)
    return picture


def scribble(seed: int, share: float) -> Pixels:
    """The first `share` (0 to 1) of a scribble's line, where and as large as a digit is.

    One of `trainer.handwriting.scribbles`, in an order and a hand that the seed decides.

    Returns:
        uint8 (28, 28).
    """
    xy, widths, lengths = _scribble(seed)
    along = _along(xy, lengths)
    most = share * along[-1]
    kept: list[NDArray[np.float64]] = []
    broad: list[NDArray[np.float64]] = []
    begin = 0
    for length in lengths:
        if along[begin] <= most:
            part = slice(begin, begin + length)
            kept.append(_up_to(most, xy[part], along[part]))
            broad.append(np.full(len(kept[-1]), widths[begin]))
        begin += length
    fine = draw_at(np.concatenate(kept), np.concatenate(broad), [len(k) for k in kept], GRID)
    return average_area(fine, _EDGE, _EDGE)


def _up_to(most: float, xy: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
    """A stroke's points until so much line is drawn, and where it then ends, between two."""
    drawn = max(1, int(np.searchsorted(along, most, side="right")))
    if drawn == len(xy):
        return xy
    a, b = drawn - 1, drawn
    rest = (most - along[a]) / max(along[b] - along[a], 1e-9)
    return np.vstack([xy[:drawn], xy[a] + rest * (xy[b] - xy[a])])


@lru_cache(maxsize=256)
def _scribble(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
    """A whole one's places and widths in fine pixels, and the points of each stroke."""
    mark = write_non_digit(np.random.default_rng((seed, 1)), "scribbles")
    lines = [as_points(stroke) for stroke in mark.strokes]
    xy, widths = fit_to_box(lines, mark.width, 0.0)
    return xy, widths, [len(line) for line in lines]


def _along(xy: NDArray[np.float64], lengths: list[int]) -> NDArray[np.float64]:
    """How much line, of all strokes one after the other, is drawn when each point is reached."""
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    begins = np.cumsum([0, *lengths[:-1]])
    steps[begins] = 0.0  # the pen is lifted
    return np.asarray(np.cumsum(steps))


_DIRECTIONS = 16
"""On the rim of the disc of a dilation."""
_FINEST = 4
"""At most so many samples a pixel each way."""
_SCRIBBLES = 64
"""So many different ones are laid over a dataset, by turns."""
_INK = 64
"""What is at least a quarter as dark as full ink counts for the box of a digit, as
`trainer.drawing.preprocessing` has it."""


def distort(images: Tensor, how: Distortion, first: int = 0) -> Tensor:
    """Each image distorted in the same way, with a scribble and noise of its own.

    Args:
        images: uint8, (N, 28, 28) or (N, 3, 32, 32); not changed.
        how: amounts; lengths are in the images' pixels.
        first: number of the first of them in its dataset; with the seed, it decides the
            noise, so that the same images in the same batches are always the same.

    Returns:
        The same shape and dtype, on the same device; `images` itself if `how` does nothing.
    """
    if how.nothing:
        return images
    if how.moves or how.width != 1.0:
        images = move_images(images, how)
    if how.scribble:
        images = _add_scribbles(images, how, first)
    if how.noise:
        images = _noisy(images, how, first)
    return images


def move_images(images: Tensor, how: Distortion) -> Tensor:
    """All but the scribble and the noise; as `distort`."""
    ink = images.float()
    flat = ink.unsqueeze(1) if ink.ndim == 3 else ink
    if how.width != 1.0:
        flat = _widen(flat, PEN / 2 * (how.width - 1))
    if how.moves:
        flat = _refit(flat, how) if how.refit else _sample(flat, *_back(flat, how))
    return flat.round().clamp(0, 255).to(torch.uint8).reshape(images.shape)


def _back(flat: Tensor, how: Distortion) -> tuple[Tensor, float]:
    """Where the distorted images come from, (N, 2, 3) as `affine_grid` takes it, and how small
    the digit is made at least one way."""
    matrix = np.array(how.matrix()).reshape(2, 2)
    inverse = np.linalg.inv(matrix)
    # In half sides from the middle.
    offset = -inverse @ (np.array([how.across, how.down]) * 2 / flat.shape[-1])
    back = torch.tensor(np.column_stack([inverse, offset]), dtype=torch.float32)
    least = float(np.linalg.svd(matrix, compute_uv=False).min())
    return back.to(flat.device).expand(len(flat), 2, 3), least


def _sample(flat: Tensor, thetas: Tensor, least: float) -> Tensor:
    """Images through their own matrices, (N, 2, 3); `least` is how small any is made."""
    finer = min(_FINEST, max(1, math.ceil(1 / least - 1e-6)))
    count, channels, height, width = flat.shape
    size = [count, channels, height * finer, width * finer]
    grid = F.affine_grid(thetas, size, align_corners=False)
    sampled = F.grid_sample(flat, grid, align_corners=False)
    return F.avg_pool2d(sampled, finer) if finer > 1 else sampled


def _widen(flat: Tensor, by: float) -> Tensor:
    """Ink grown by so many pixels at its edges, or shrunk if below 0; beyond is paper."""
    best = flat
    pick = torch.maximum if by > 0 else torch.minimum
    reach = abs(by)
    padded = F.pad(flat, (math.ceil(reach) + 1,) * 4)
    while reach > 1e-9:  # rings a pixel apart, from the rim inwards
        for turn in range(_DIRECTIONS):
            angle = 2 * math.pi * turn / _DIRECTIONS
            x, y = reach * math.cos(angle), reach * math.sin(angle)
            best = pick(best, _shift(padded, x, y, flat.shape[-2:]))
        reach -= 1
    return best


def _shift(padded: Tensor, x: float, y: float, shape: torch.Size) -> Tensor:
    """What lies at (x, y) from each pixel, between pixels by bilinear interpolation."""
    edge = (padded.shape[-1] - shape[-1]) // 2
    column, row = math.floor(x + 1e-9), math.floor(y + 1e-9)
    right, down = x - column, y - row
    part = padded[..., edge + row : edge + row + shape[0] + 1, :]
    part = part[..., edge + column : edge + column + shape[1] + 1]
    part = torch.lerp(part[..., :-1, :], part[..., 1:, :], down)
    return torch.lerp(part[..., :-1], part[..., 1:], right)


def _refit(flat: Tensor, how: Distortion) -> Tensor:
    """Distorted, then the ink's box brought to 20 pixels and its mass to the middle, as MNIST's
    are; in one sampling, so that nothing is smeared twice or lost in between."""
    edge = flat.shape[-1] // 2
    wide = F.pad(flat, (edge,) * 4)  # room for what is squeezed or turned out of the picture
    # Fitting undoes shift and scale anyway.
    back, least = _back(wide, dataclasses.replace(how, across=0.0, down=0.0, scale=1.0))
    scale, middle = _box(_sample(wide, back, least))
    linear = back[:, :, :2] * scale[:, None, None]
    offset = back[:, :, :2] @ middle[:, :, None]
    fit = torch.cat([linear, offset], dim=2)
    return _sample(wide, fit, least / float(scale.max()))[..., edge:-edge, edge:-edge]


def _box(flat: Tensor) -> tuple[Tensor, Tensor]:
    """The ink's longer side, (N,), in boxes of 20 pixels, and its center of mass, (N, 2), across
    and down, in half sides from the middle; 1 and the middle for blank ones."""
    side = flat.shape[-1]
    gray = flat.mean(1)  # (N, H, W)
    places = torch.arange(side, device=flat.device, dtype=torch.float32)
    mass = gray.sum(dim=(1, 2)).clamp(min=1e-6)
    spans, middles = [], []
    for axis in (1, 2):  # across, down
        some = (gray >= _INK).any(dim=axis)
        low = torch.where(some, places, float(side)).amin(1)
        high = torch.where(some, places, -1.0).amax(1)
        spans.append(high - low + 1)
        middles.append((gray.sum(dim=axis) * (places + 0.5)).sum(1) / mass)
    longest = torch.maximum(*spans)
    blank = longest <= 0
    middle = torch.stack(middles, dim=1) * 2 / side - 1
    return torch.where(blank, 1.0, longest / BOX), torch.where(blank[:, None], 0.0, middle)


def _add_scribbles(images: Tensor, how: Distortion, first: int) -> Tensor:
    """The darker of each image and its scribble."""
    scribbles = [scribble(how.seed + turn, how.scribble) for turn in range(_SCRIBBLES)]
    ink = torch.from_numpy(np.stack(scribbles)).to(images.device)
    numbers = torch.arange(first, first + len(images), device=images.device) % _SCRIBBLES
    ink = ink[numbers]
    if images.ndim == 4:  # colors, and a little larger
        edge = (images.shape[-1] - ink.shape[-1]) // 2
        ink = F.pad(ink, (edge,) * 4).unsqueeze(1)
    return torch.maximum(images, ink)


def _noisy(images: Tensor, how: Distortion, first: int) -> Tensor:
    """Pixels inverted, of colors all three at once."""
    source = torch.Generator().manual_seed((how.seed << 32) + first)
    shape = (len(images), *images.shape[-2:])
    inverted = (torch.rand(shape, generator=source) < how.noise).to(images.device)
    if images.ndim == 4:
        inverted = inverted.unsqueeze(1)
    return torch.where(inverted, 255 - images, images)
