"""The batches of a run: which images, in which order, and how distorted."""

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
        generator: draws the distortion, on that device.
        group: the processes that share each batch.
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
        """Prepare the stream of generated images, where the recipe has one."""
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
        """An epoch's order of images, int64 (images,) on the device, by a generator anywhere."""
        order = torch.randperm(len(self.training), generator=source, device=source.device)
        return order.to(self._generator.device)

    def first(self, order: Tensor, count: int) -> Tensor:
        """An epoch's first images, normalized for the network, not distorted."""
        return prepare_images(self.training.images[order[:count]], self._recipe)

    def iterate(self, epoch: int, order: Tensor, done: int) -> Iterator[Tensor]:
        """The indices of each batch's images, int64, after the first `done` batches; for `load`.

        A stream's images are generated here, outside of steps, which may be captured.
        """
        size = self._recipe.batch_size
        for begin in range(done * size, self.images, size):
            end = min(begin + size, self.images)
            if self._stream is None:
                yield order[begin:end]
            else:
                mine = self._group.part(end - begin).rows
                yield self._stream.show(epoch, begin, end, mine)

    def load(self, batch: Tensor, part: BatchPart, epoch: int) -> tuple[Tensor, Tensor]:
        """Images and labels of a part of a batch, distorted and normalized for the network.

        Args:
            batch: indices, as `iterate` yields them.
            part: which of them.
            epoch: from 0; decides how strongly to distort.

        Returns:
            float32 (N, channels, height, width), and int64 (N,).
        """
        index = batch[part.rows]
        source = self.training if self._stream is None else self._stream.page
        # index_select copies whole images; an index in brackets would copy pixel by pixel.
        images, labels = (t.index_select(0, index) for t in (source.images, source.labels))
        images = distort(scale_images(images), self.distortion(epoch), self._generator, part)
        return normalize_images(images, self._recipe), labels

    def distortion(self, epoch: int) -> Augmentation:
        """How strongly an epoch's images are distorted; epochs count from 0."""
        full = self._recipe.augmentation
        settles = epoch >= round(self._recipe.epochs * (1 - self._recipe.settling))
        return full.halved() if settles else full
