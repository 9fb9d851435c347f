"""Which images of a dataset excite each map of a network most.

One pass over the images finds the best of every map of every layer at once.
Knows nothing of files; `exciting_cache` keeps what is found.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data.labelled_images import Digits
from trainer.networks.anatomy import Stage, Unit, anatomy, receptive_fields
from trainer.networks.factory import prepared
from trainer.networks.lenet5 import Layers
from trainer.networks.model import Model
from trainer.progress import Progress

KEPT = 9
"""How many images are kept for each map."""
_AT_ONCE = 250
"""Images read between two looks at whether to go on: some hundredths of a second."""

Patch = tuple[float, float, float, float]
"""Left, top, right and bottom in an image, in its pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """The images in which the maps of one stage reach most, for each map the best first.

    K is `KEPT`, or the number of images if that is smaller.
    """

    values: NDArray[np.float32]  # (maps, K), of the unit there, after the activation
    numbers: NDArray[np.int32]  # (maps, K), of the image, from 0
    places: NDArray[np.int16]  # (maps, K, 2), row and column of the unit in its map


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """One image, and the unit of the map that it excites most."""

    number: int  # in the dataset's split, from 0
    image: NDArray[np.uint8]  # (28, 28), or (3, 32, 32)
    label: str
    unit: Unit
    value: float  # of that unit, after the activation
    patch: Patch  # what of the image it sees


@dataclass(frozen=True, slots=True, eq=False)
class Exciting:
    """What was found in one dataset, with all images that are needed to show it."""

    dataset: str  # a key of `recipe.DATASETS`
    count: int  # how many images were looked at
    classes: tuple[str, ...]  # the dataset's
    stages: tuple[Stage, ...]  # of the network
    peaks: tuple[Peaks, ...]  # of stages 1 to 7, in this order
    numbers: NDArray[np.int32]  # (M,), ascending: the images that any of the peaks names
    images: NDArray[np.uint8]  # (M, 28, 28) or (M, 3, 32, 32)
    labels: NDArray[np.int64]  # (M,)

    def best(self, stage: int, map_: int) -> list[Best]:
        """The images that excite a map most, the best first.

        Args:
            stage: its number, from 1.
            map_: of the stage's maps; of a flat stage, the unit.

        Raises:
            IndexError: there is no such stage or map.
        """
        if not 1 <= stage <= len(self.peaks) or not 0 <= map_ < self.stages[stage].shape[0]:
            raise IndexError(f"no map {map_} of stage {stage}")
        peaks = self.peaks[stage - 1]
        found = []
        for rank, number in enumerate(peaks.numbers[map_].tolist()):
            row = int(np.searchsorted(self.numbers, number))
            y, x = peaks.places[map_, rank].tolist()
            unit, image = Unit(stage, map_, y, x), self.images[row]
            label, value = self.classes[int(self.labels[row])], float(peaks.values[map_, rank])
            seen = patch(self.stages, unit, image.shape[-1])
            found.append(Best(number, image, label, unit, value, seen))
        return found


def patch(stages: tuple[Stage, ...], unit: Unit, side: int) -> Patch:
    """What of an image a unit sees, in the image's own pixels.

    Args:
        stages: of the network.
        unit: of any stage but the input.
        side: of the image. One smaller than the network's input lies in its middle, a
            larger one is shrunk to it (`factory.normalised`).
    """
    region = receptive_fields(stages, unit)[0]
    high = stages[0].shape[1]
    border, scale = max(0, (high - side) // 2), max(1.0, side / high)
    left, top, right, bottom = (
        min(max((at - border) * scale, 0.0), float(side))
        for at in (region.left, region.top, region.right, region.bottom)
    )
    return left, top, right, bottom


def exciting(model: Model, digits: Digits, dataset: str) -> Generator[Progress, None, Exciting]:
    """Find the images that excite each map most.

    Images are ranked by the largest of the map's sums, that is before the
    activation: wherever an activation rises, its values are in the same order,
    and the sums tell apart what it flattens to one value. Of equals, the image
    and the unit that come first are taken.

    Args:
        model: on any device.
        digits: at least one image, on any device.
        dataset: what to call them; a key of `recipe.DATASETS`.
    """
    stages = anatomy(model.network)
    found = [_Ranking(stage.shape[0]) for stage in stages[1:]]
    for begin in range(0, len(digits), _AT_ONCE):
        yield Progress("looking at images", begin, len(digits))
        with torch.inference_mode():
            images = digits.images[begin : begin + _AT_ONCE].to(model.device)
            layers = model.network.layers(prepared(images, model.recipe))
            for stage, ranking in zip(stages[1:], found, strict=True):
                ranking.add(begin, *_peaks(layers, stage))
    peaks = tuple(ranking.peaks(stage) for stage, ranking in zip(stages[1:], found, strict=True))
    numbers = np.unique(np.concatenate([each.numbers.ravel() for each in peaks]))
    kept = digits.at(torch.from_numpy(numbers).long().to(digits.images.device))
    return Exciting(
        *(dataset, len(digits), digits.classes, stages, peaks, numbers),
        *(kept.images.cpu().numpy(), kept.labels.cpu().numpy()),
    )


def _peaks(
    layers: Layers, stage: Stage
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
    """Each map's largest sum, the value made of it and its place in the map, (N, maps) each."""
    sums = getattr(layers, stage.sums).reshape(len(layers.logits), stage.shape[0], -1)
    active = getattr(layers, stage.active).reshape(sums.shape)
    best = sums.max(2, keepdim=True)
    values = active.gather(2, best.indices)
    parts = (best.values, values, best.indices.int())
    sums_of, values_of, places_of = (part[..., 0].cpu().numpy() for part in parts)
    return sums_of, values_of, places_of


class _Ranking:
    """The best so far of one stage's maps; images are added in their order."""

    def __init__(self, maps: int) -> None:
        self._sums: NDArray[np.float32] = np.empty((0, maps), np.float32)
        self._values: NDArray[np.float32] = np.empty((0, maps), np.float32)
        self._places: NDArray[np.int32] = np.empty((0, maps), np.int32)
        self._numbers: NDArray[np.int32] = np.empty((0, maps), np.int32)

    def add(
        self,
        first: int,
        sums: NDArray[np.float32],
        values: NDArray[np.float32],
        places: NDArray[np.int32],
    ) -> None:
        """Add N images, numbered from `first`; the arrays are as `_peaks` gives them."""
        numbers = np.arange(first, first + len(sums), dtype=np.int32)[:, np.newaxis]
        parts: tuple[tuple[NDArray[Any], NDArray[Any]], ...] = (
            (self._sums, sums),
            (self._values, values),
            (self._places, places),
            (self._numbers, np.broadcast_to(numbers, places.shape)),
        )
        # Stable, and so equals stay in the images' order.
        order = np.argsort(-np.concatenate(parts[0]), axis=0, kind="stable")[:KEPT]
        self._sums, self._values, self._places, self._numbers = (
            np.take_along_axis(np.concatenate(part), order, 0) for part in parts
        )

    def peaks(self, stage: Stage) -> Peaks:
        """What is left, by map."""
        places = np.stack(np.divmod(self._places.T, stage.shape[2]), axis=2)
        return Peaks(
            np.ascontiguousarray(self._values.T),
            np.ascontiguousarray(self._numbers.T),
            places.astype(np.int16),
        )
