"""A dataset, or a part of it: images and labels as tensors on one device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.errors import UserError
from trainer.recipes.recipe import DIGIT_CLASSES
from trainer.translation import gettext as _

BY_CHANCE, TRAINING, VALIDATION = range(3)
"""Which split of a training set an image goes to."""


class DataError(UserError):
    """A dataset that can't be loaded; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """Images with their labels and the names of the classes."""

    images: Tensor  # uint8, (N, 28, 28), 0 is paper and 255 full ink; or (N, 3, 32, 32)
    labels: Tensor  # int64, (N,), an index into classes
    classes: tuple[str, ...] = DIGIT_CLASSES
    allotted: Tensor | None = None
    """uint8, (N,): BY_CHANCE, TRAINING or VALIDATION, for a set that says which of its images
    may be trained on; None where all are split at random."""

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, index: Tensor) -> LabelledImages:
        """The images at `index` (int64, on the same device), in that order; without `allotted`."""
        images, labels = (t.index_select(0, index) for t in (self.images, self.labels))
        return LabelledImages(images, labels, self.classes)

    def within(self, rows: slice) -> LabelledImages:
        """The images in `rows`, not copied; without `allotted`."""
        return LabelledImages(self.images[rows], self.labels[rows], self.classes)

    def to(self, device: torch.device) -> LabelledImages:
        """The same on `device`."""
        allotted = None if self.allotted is None else self.allotted.to(device)
        return LabelledImages(
            self.images.to(device), self.labels.to(device), self.classes, allotted
        )

    def split(self, share: float, order: Tensor) -> tuple[LabelledImages, LabelledImages]:
        """Split into training and validation images.

        Args:
            share: the share (0 to 1) of the images that are split at random to hold out.
            order: a permutation of all indices; its first ones are held out.

        Raises:
            ValueError: too few images: one of the two is empty.
        """
        allotted = torch.zeros(len(self)) if self.allotted is None else self.allotted
        decided = allotted[order]
        free = decided == BY_CHANCE
        held_out = (decided == VALIDATION) | (
            free & (free.cumsum(0) <= round(int(free.sum()) * share))
        )
        if not 0 < int(held_out.sum()) < len(self):
            raise ValueError(
                _("{count} images are too few to hold some out for validation").format(
                    count=len(self)
                )
            )
        return self.at(order[~held_out]), self.at(order[held_out])


def concatenate(parts: list[LabelledImages]) -> LabelledImages:
    """Concatenate datasets of the same classes."""
    allotted = None
    if any(part.allotted is not None for part in parts):
        allotted = torch.cat(
            [
                torch.full((len(part),), BY_CHANCE, dtype=torch.uint8)
                if part.allotted is None
                else part.allotted
                for part in parts
            ]
        )
    images, labels = [part.images for part in parts], [part.labels for part in parts]
    return LabelledImages(torch.cat(images), torch.cat(labels), parts[0].classes, allotted)
