"""How strongly training images are distorted; `augment` does it. Imports neither torch nor Qt."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from trainer.recipes.checked_fields import check_fields, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Random distortion of training images; 0 everywhere is none at all."""

    rotation: float = number(0.0, 0, 45, "degrees to either side")
    scale: float = number(0.0, 0, 0.5, "share by which width and height change, each by itself")
    shear: float = number(0.0, 0, 0.5, "sideways slant, as a share of the height")
    shift: float = number(0.0, 0, 6, "pixels to any side")
    elastic: float = number(0.0, 0, 3, "local displacement, standard deviation in pixels")
    crop: int = number(0, 0, 8, "whole pixels to any side: a random crop of the padded image")
    flip: float = number(0.0, 0, 1, "probability of left and right being exchanged")

    def __post_init__(self) -> None:
        check_fields(self, "augmentation.")

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))

    def halved(self) -> Augmentation:
        """The same, half as strong; a picture is still exchanged with its mirror image as often."""
        ranges = {name: getattr(self, name) / 2 for name in _RANGES}
        return dataclasses.replace(self, crop=self.crop // 2, **ranges)


_RANGES = ("rotation", "scale", "shear", "shift", "elastic")

AUGMENTATIONS = {
    "none": Augmentation(),
    "affine": Augmentation(rotation=12.0, scale=0.12, shear=0.15, shift=2.0),
    "elastic": Augmentation(rotation=12.0, scale=0.12, shear=0.15, shift=2.0, elastic=0.6),
}
"""Named augmentations, mildest first."""
