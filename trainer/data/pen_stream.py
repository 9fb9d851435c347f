"""Digits written by code as fast as training reads them: a stream of any length, batch by batch.

`stroke_font` writes some thousand digits once, as strokes; each image of the
stream is one of them in a handwriting and with a pen of its own, all of a batch
bent, slanted, fitted and inked at once on the device. An image depends on the
seed, the epoch and its place alone, so that any part of the stream can be made
again, and nothing is kept but the part that is being read. Knows nothing of
training.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.data.labelled_images import Digits
from trainer.data.many_pens import CHUNK, PENS, Chunk, Draw, handwritten, in_turn, inked
from trainer.data.pen import once
from trainer.drawing.rasterize import SIDE
from trainer.handwriting.font import shape_digit
from trainer.progress import Progress

FORMS = 5_000
"""Digits that are written as strokes, of which each image is a variation."""
PIECE = 512
"""Images that a processor makes at once and keeps while they are read: a part of a chunk."""
_POINTS = 128
"""Of each digit, spread evenly over its strokes: a third of a pixel apart in the longest."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Digits as strokes, each spread over as many points as any other."""

    points: Tensor  # float32, (forms, points, 2), heights of the digit; y points down
    joined: Tensor  # bool, (forms, points - 1): whether a point and the next are of one stroke
    labels: Tensor  # int64, (forms,)


class PenStream:
    """An endless set of digits, the same for the same seed.

    Args:
        forms: what `forms` gives.
        seed: decides every image, together with its epoch and place.
        device: where they are made.
        batch: the most that are shown at once.
        processes: how many share each batch, each making its own part alone.
    """

    def __init__(
        self, forms: Forms, seed: int, device: torch.device, batch: int, processes: int = 1
    ) -> None:
        self._seed, self._device = seed, device
        self._x, self._y = (forms.points[..., n].contiguous().to(device) for n in (0, 1))
        self._joined = forms.joined.to(device)
        self._labels = forms.labels.to(device)
        # A processor has a piece of this size in its caches; a GPU is the quicker the larger.
        self._piece = PIECE if device.type == "cpu" else CHUNK
        while processes > 1 and self._piece > max(batch // processes, PENS):
            self._piece //= 2
        self._chunk: tuple[tuple[int, int], Chunk] | None = None  # by epoch and number
        self._kept: dict[tuple[int, int], Digits] = {}
        self.page = Digits(
            torch.zeros((batch, SIDE, SIDE), dtype=torch.uint8, device=device),
            torch.zeros(batch, dtype=torch.int64, device=device),
        )
        """What is shown; always in the same memory, so that a captured step reads it there."""
        self._places = torch.arange(batch, device=device)

    def show(self, epoch: int, first: int, last: int, rows: slice) -> Tensor:
        """Put a batch on the page: the images of an epoch from place `first` up to `last`.

        Args:
            epoch: from 0.
            first: the first one's place.
            last: the place behind the last one's.
            rows: which of them are put there; in the others' place is anything.

        Returns:
            their places on the page, int64 (last - first,).
        """
        shown = self.at(epoch, first + rows.start, first + rows.stop)
        self.page.images[rows] = shown.images
        self.page.labels[rows] = shown.labels
        return self._places[: last - first]

    def at(self, epoch: int, first: int, last: int) -> Digits:
        """The images of an epoch from place `first` up to but not including `last`.

        Cheapest when asked for one after the other.
        """
        size = self._piece
        numbers = range(first // size, (max(first, last - 1)) // size + 1)
        self._kept = {
            (epoch, number): self._kept.get((epoch, number)) or self._made(epoch, number)
            for number in numbers
        }
        parts = []
        for number in numbers:
            whole, begin = self._kept[epoch, number], number * size
            rows = slice(max(first - begin, 0), min(last - begin, size))
            parts.append((whole.images[rows], whole.labels[rows]))
        if len(parts) == 1:
            return Digits(*parts[0])
        images, labels = zip(*parts, strict=True)
        return Digits(torch.cat(images), torch.cat(labels))

    def _made(self, epoch: int, number: int) -> Digits:
        """One piece."""
        chunk_number, within = divmod(number, CHUNK // self._piece)
        key = (epoch, chunk_number)
        if self._chunk is None or self._chunk[0] != key:
            self._chunk = key, self._begun(epoch, chunk_number)
        chunk = self._chunk[1]
        each = self._piece // PENS
        draw = Draw(chunk, slice(within * each, (within + 1) * each))
        chosen = draw.of(chunk.chosen)
        x, y = handwritten(self._x[chosen], self._y[chosen], draw)
        images = inked(x, y, self._joined[chosen], draw)
        return Digits(in_turn(images), in_turn(self._labels[chosen]))

    def _begun(self, epoch: int, number: int) -> Chunk:
        # Mixed by numpy, whose seeds keep near numbers apart.
        mixed = np.random.SeedSequence((self._seed, epoch, number)).generate_state(1, np.uint64)
        generator = torch.Generator(self._device).manual_seed(int(mixed[0] >> np.uint64(1)))
        shape = (CHUNK,)
        chosen = torch.randint(len(self._labels), shape, generator=generator, device=self._device)
        return Chunk(chosen, generator)


def forms() -> Generator[Progress, None, Forms]:
    """`FORMS` digits, always the same, written when they are first asked for."""

    def write() -> Generator[Progress, None, Forms]:
        rng = np.random.default_rng(1989)
        points = np.empty((FORMS, _POINTS, 2), np.float32)
        joined = np.ones((FORMS, _POINTS - 1), bool)
        labels = np.arange(FORMS) % 10
        for number, label in enumerate(labels.tolist()):
            points[number], ends = _evenly(shape_digit(label, rng))
            joined[number, ends] = False
            if number % 100 == 0:
                yield Progress("writing pen strokes", number, FORMS)
        return Forms(*(torch.from_numpy(each) for each in (points, joined, labels)))

    return (yield from once(("forms", str(FORMS)), write()))


def _evenly(strokes: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], list[int]]:
    """Strokes as `_POINTS` points at about even distances, and after which ones a stroke ends."""
    lengths = [
        np.concatenate([[0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()]) for stroke in strokes
    ]
    whole = sum(float(length[-1]) for length in lengths)
    left, made, ends = _POINTS, [], []
    for number, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        others = 2 * (len(strokes) - number - 1)
        share = round(_POINTS * float(length[-1]) / whole) if others else left
        count = min(max(share, 2), left - others)
        places = np.linspace(0, length[-1], count)
        made.append(np.stack([np.interp(places, length, axis) for axis in stroke.T], axis=1))
        left -= count
        ends.append(_POINTS - left - 1)
    return np.concatenate(made), ends[:-1]
