"""Random distortion of a whole batch of images at once, on its device.

Knows nothing of labels, networks or where images come from.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.recipes.recipe import Augmentation
from trainer.runtime.shard import BatchPart

ELASTIC_GRID = 7
"""The elastic field is drawn at 7x7 points and interpolated between them, after
Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks
Applied to Visual Document Analysis", ICDAR 2003, who smooth a field of noise."""


def distort(
    images: Tensor, how: Augmentation, generator: torch.Generator, part: BatchPart | None = None
) -> Tensor:
    """Each image distorted by its own random draw.

    Args:
        images: float, shape (N, 1, H, W), paper 0; not changed.
        how: the ranges; values are drawn uniformly within them.
        generator: on the images' device.
        part: which part of a batch the images are; the whole batch if None.

    Returns:
        a tensor of the same shape, dtype and device; `images` itself without any distortion.

    What torchvision's RandomCrop with padding, RandomHorizontalFlip and
    RandomRotation do to one image after the other, this does to each of a batch
    in one resampling, bilinear where theirs takes the nearest pixel.
    """
    part = part or BatchPart.whole(len(images))
    if how.flip:
        images = _flip(images, how.flip, generator, part)
    if not any((how.rotation, how.scale, how.shear, how.shift, how.elastic, how.crop)):
        return images
    count, side = len(images), images.shape[-1]
    moved = distort_affine(part.total, side, how, images.device, generator)[part.rows]
    basis = _basis(tuple(images.shape[2:]), images.device, images.dtype)
    if how.elastic:
        coarse = _coarse(part.total, how.elastic, side, images.device, generator)[part.rows]
        moved = torch.cat([moved, coarse], dim=2)
    grid = (moved.flatten(0, 1) @ basis[: moved.shape[2]]).view(count, 2, *images.shape[2:])
    grid = grid.permute(0, 2, 3, 1)  # (N, H, W, 2), half sides
    return F.grid_sample(images, grid, align_corners=False)


def _flip(
    images: Tensor, probability: float, generator: torch.Generator, part: BatchPart
) -> Tensor:
    """Each image or, with that probability, its mirror image."""
    drawn = torch.rand(part.total, 1, 1, 1, device=images.device, generator=generator)
    return torch.where(drawn[part.rows] < probability, images.flip(3), images)


def distort_affine(
    count: int, side: int, how: Augmentation, device: torch.device, generator: torch.Generator
) -> Tensor:
    """Random 2x3 matrices from output to input coordinates, shape (N, 2, 3)."""
    draw = torch.rand(6, count, device=device, generator=generator) * 2 - 1
    angle = draw[0] * math.radians(how.rotation)
    across, down = 1 + draw[1] * how.scale, 1 + draw[2] * how.scale
    shear = draw[3] * how.shear
    # affine_grid measures in half sides: a shift of one pixel is 2 / side.
    shift = draw[4:] * how.shift
    if how.crop:  # drawn only then, so that other recipes' draws stay what they were
        span = (2, count)
        shift = shift + torch.randint(
            -how.crop, how.crop + 1, span, device=device, generator=generator
        )
    shift_x, shift_y = shift * 2 / side
    cos, sin = angle.cos(), angle.sin()
    # rotation @ shear @ scale
    rows = [
        torch.stack([cos * across, (cos * shear - sin) * down, shift_x], dim=1),
        torch.stack([sin * across, (sin * shear + cos) * down, shift_y], dim=1),
    ]
    return torch.stack(rows, dim=1)


def _coarse(
    count: int, amount: float, side: int, device: torch.device, generator: torch.Generator
) -> Tensor:
    """A smooth random field's displacements at its points, (N, 2, 49), in half sides."""
    points = (count, 2, ELASTIC_GRID, ELASTIC_GRID)
    drawn = torch.randn(points, device=device, generator=generator)
    # `amount` is the standard deviation at the points; interpolation lowers it between them.
    return drawn.flatten(2) * (amount * 2 / side)


@lru_cache(maxsize=8)
def _basis(size: tuple[int, ...], device: torch.device, dtype: torch.dtype) -> Tensor:
    """The weights of each displacement parameter at each pixel, (3 + 49, H * W).

    First x, y and 1, for a row of an affine matrix, as in `affine_grid`; then the interpolation
    weights of each point of the elastic field. As one product of matrices, a grid takes a sixth of
    the time of interpolating it.
    """
    height, width = size
    whole = torch.eye(2, 3).unsqueeze(0)
    xy = F.affine_grid(whole, [1, 1, height, width], align_corners=False)[0]  # (H, W, 2)
    points = torch.eye(ELASTIC_GRID**2).view(-1, 1, ELASTIC_GRID, ELASTIC_GRID)
    field = F.interpolate(points, size=(height, width), mode="bilinear", align_corners=True)
    rows = [xy.permute(2, 0, 1), torch.ones(1, height, width), field[:, 0]]
    return torch.cat(rows).flatten(1).to(device, dtype)
