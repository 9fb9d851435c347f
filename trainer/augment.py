"""Distort a whole batch at once: a batch in, a distorted batch out, on its device.

Knows nothing of labels, networks or where images come from.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.recipes import Augmentation

ELASTIC_GRID = 7
"""The elastic field is drawn at 7x7 points and interpolated between them, after
Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks
Applied to Visual Document Analysis", ICDAR 2003, who smooth a field of noise."""


def distort(images: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Each image distorted by its own random draw.

    Args:
        images: float, shape (N, 1, H, W), paper 0; not changed.
        how: the ranges; values are drawn uniformly within them.
        generator: on the images' device.

    Returns:
        A tensor of the same shape, dtype and device; `images` itself if `how`
        asks for nothing.

    What torchvision's RandomCrop with padding, RandomHorizontalFlip and
    RandomRotation do to one image after the other, this does to each of a batch
    in one resampling, bilinear where theirs takes the nearest pixel.
    """
    if how.flip:
        images = _flipped(images, how.flip, generator)
    if not any((how.rotation, how.scale, how.shear, how.shift, how.elastic, how.crop)):
        return images
    grid = F.affine_grid(
        _affine(len(images), images.shape[-1], how, images.device, generator),
        list(images.shape),
        align_corners=False,
    )
    if how.elastic:
        grid = grid + _elastic(images, how.elastic, generator)
    return F.grid_sample(images, grid, align_corners=False)


def _flipped(images: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Each image or, with that probability, its mirror image."""
    drawn = torch.rand(len(images), 1, 1, 1, device=images.device, generator=generator)
    return torch.where(drawn < probability, images.flip(3), images)


def _affine(
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


def _elastic(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """A smooth random field of displacements, shape (N, H, W, 2), in half sides."""
    count, _, height, width = images.shape
    coarse = torch.randn(
        (count, 2, ELASTIC_GRID, ELASTIC_GRID), device=images.device, generator=generator
    )
    # Interpolation lowers the variance between the points; this keeps `amount`
    # the standard deviation at the points themselves.
    field = F.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=True)
    return field.permute(0, 2, 3, 1) * (amount * 2 / width)
