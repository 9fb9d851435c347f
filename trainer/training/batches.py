"""What each step of a run learns from: which images, in which order, and how distorted."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from trainer.data import pen_stream
from trainer.data.augment import distort
from trainer.data.labelled_images import LabelledImages
from trainer.networks.factory import normalize_images, prepare_images, scale_images
from trainer.progress import Progress
from trainer.recipes.recipe import Augmentation, Recipe
from trainer.runtime.process_group import Group
from trainer.runtime.shard import BatchPart


class Batches:
    """The batches of a recipe.

    Args:
        recipe: says how many images a batch has, and how they are distorted.
        training: the images, on the device that trains; a stream takes their place.
        generator: decides distortion, on that device.
        group: who else trains on each batch.
    """

    def __init__(
        self, recipe: Recipe, training: LabelledImages, generator: torch.Generator, group: Group
    ) -> None:
        self._recipe, self.training = recipe, training
        self._generator, self._group = generator, group
        self._stream: pen_stream.PenStream | None = None
        self.images = recipe.streamed or len(training)
        """Of an epoch."""
        self.count = math.ceil(self.images / recipe.batch_size)
        """Batches of an epoch."""

    def open_stream(self) -> Iterator[Progress]:
        """Prepare what writes images anew, where the recipe wants that."""
        recipe = self._recipe
        if recipe.streamed:
            forms = yield from pen_stream.make_forms()
            self._stream = pen_stream.PenStream(
                forms=forms,
                seed=recipe.seed,
                device=self._generator.device,
                batch=recipe.batch_size,
                processes=self._group.size,
            )

    def order(self, source: torch.Generator) -> Tensor:
        """An epoch's order of images, int64 on the device, by a generator on any."""
        order = torch.randperm(len(self.training), generator=source, device=source.device)
        return order.to(self._generator.device)

    def first(self, order: Tensor, count: int) -> Tensor:
        """An epoch's first images as the network takes them, not distorted."""
        return prepare_images(self.training.images[order[:count]], self._recipe)

    def of(self, epoch: int, order: Tensor, done: int) -> Iterator[Tensor]:
        """Which images each batch has (int64) after the first `done`; for `shown`.

        Those of a stream are made meanwhile: a step that is captured only reads them.
        """
        size = self._recipe.batch_size
        for begin in range(done * size, self.images, size):
            end = min(begin + size, self.images)
            if self._stream is None:
                yield order[begin:end]
            else:
                mine = self._group.part(end - begin).rows
                yield self._stream.show(epoch, begin, end, mine)

    def shown(self, batch: Tensor, part: BatchPart, epoch: int) -> tuple[Tensor, Tensor]:
        """What is learned from: `part` of a batch, as the network takes it, and its labels."""
        index = batch[part.rows]
        shown = self.training if self._stream is None else self._stream.page
        # Copies whole images; an index in brackets goes pixel by pixel.
        images, labels = (t.index_select(0, index) for t in (shown.images, shown.labels))
        images = distort(scale_images(images), self.distortion(epoch), self._generator, part)
        return normalize_images(images, self._recipe), labels

    def distortion(self, epoch: int) -> Augmentation:
        """How strongly an epoch's images are distorted; epochs count from 0."""
        full = self._recipe.augmentation
        settled = epoch >= round(self._recipe.epochs * (1 - self._recipe.settling))
        return full.halved() if settled else full
