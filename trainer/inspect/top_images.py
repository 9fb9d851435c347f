"""Which images of a dataset excite each map of a network most.

One pass over the images finds the best of every map of every layer at once. What it found is
kept on disk for each network and dataset; a file that is damaged, of another program or of
another network is as good as none: nothing here raises for one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainer import __version__
from trainer.data import loading, pen, pen_digits
from trainer.data import own as own_data
from trainer.data.labelled_images import LabelledImages
from trainer.files import cache_folder, keep_cached, read_bounded
from trainer.networks.anatomy import Stage, Unit, find_receptive_fields, list_stages
from trainer.networks.factory import prepare_images
from trainer.networks.lenet5 import Layers
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.recipes.own_dataset import parse_own
from trainer.translation import gettext as _

KEPT = 9
"""How many images are kept for each map."""
BATCH_SIZE = 250
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
class TopImages:
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
        best = []
        for rank, number in enumerate(peaks.numbers[map_].tolist()):
            row = int(np.searchsorted(self.numbers, number))
            y, x = peaks.places[map_, rank].tolist()
            unit, image = Unit(stage, map_, y, x), self.images[row]
            label, value = self.classes[int(self.labels[row])], float(peaks.values[map_, rank])
            seen = cut_patch(self.stages, unit, image.shape[-1])
            best.append(Best(number, image, label, unit, value, seen))
        return best


def cut_patch(stages: tuple[Stage, ...], unit: Unit, side: int) -> Patch:
    """What of an image a unit sees, in the image's own pixels.

    Args:
        stages: of the network.
        unit: of any stage but the input.
        side: of the image. One smaller than the network's input lies in its middle, a
            larger one is shrunk to it (`factory.normalize_images`).
    """
    region = find_receptive_fields(stages, unit)[0]
    high = stages[0].shape[1]
    border, scale = max(0, (high - side) // 2), max(1.0, side / high)
    left, top, right, bottom = (
        min(max((at - border) * scale, 0.0), float(side))
        for at in (region.left, region.top, region.right, region.bottom)
    )
    return left, top, right, bottom


def search_top_images(
    model: Model, digits: LabelledImages, dataset: str
) -> Generator[Progress, None, TopImages]:
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
    stages = list_stages(model.network)
    rankings = [_Ranking(stage.shape[0]) for stage in stages[1:]]
    for begin in range(0, len(digits), BATCH_SIZE):
        yield Progress(_("looking at images"), begin, len(digits))
        with torch.inference_mode():
            images = digits.images[begin : begin + BATCH_SIZE].to(model.device)
            layers = model.network.layers(prepare_images(images, model.recipe))
            for stage, ranking in zip(stages[1:], rankings, strict=True):
                ranking.add(begin, *_peaks(layers, stage))
    peaks = tuple(ranking.peaks(stage) for stage, ranking in zip(stages[1:], rankings, strict=True))
    numbers = np.unique(np.concatenate([each.numbers.ravel() for each in peaks]))
    kept = digits.at(torch.from_numpy(numbers).long().to(digits.images.device))
    return TopImages(
        dataset=dataset,
        count=len(digits),
        classes=digits.classes,
        stages=stages,
        peaks=peaks,
        numbers=numbers,
        images=kept.images.cpu().numpy(),
        labels=kept.labels.cpu().numpy(),
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


_log = logging.getLogger(__name__)
_LARGEST = 32 << 20  # bytes; of color images there can be about 5 MB
_LARGEST_UNPACKED = 128 << 20
MOST_CACHED = 40
"""Files that are kept; the oldest go."""


def find_top_images(
    model: Model, dataset: str, folder: Path
) -> Generator[Progress, None, TopImages]:
    """The images of a dataset's test split that excite each map most, now or found before.

    Args:
        model: on any device.
        dataset: a key of `recipe.DATASETS`.
        folder: where datasets are.

    Raises:
        DataMissing: the dataset is not there yet; `loading.download` gets it.
        DataError: it is damaged.
    """
    kept = load_cached(model, dataset, folder)
    if kept is not None:
        return kept
    digits = yield from loading.load(dataset, "test", folder)
    top = yield from search_top_images(model, digits, dataset)
    cache(top, model, folder)
    return top


def load_cached(model: Model, dataset: str, folder: Path) -> TopImages | None:
    """What was found before; None if that is not kept. The arguments are as for `found`."""
    path = _path(model, dataset, folder)
    try:
        content = io.BytesIO(read_bounded(path, _LARGEST))
        with zipfile.ZipFile(content) as packed:
            if sum(part.file_size for part in packed.infolist()) > _LARGEST_UNPACKED:
                raise ValueError("it unpacks to too much")
        with np.load(content, allow_pickle=False) as parts:
            return _check(dict(parts), dataset, list_stages(model.network))
    except FileNotFoundError:
        return None
    except Exception as error:  # of any kind, as the content may be anything
        _log.warning("%s is of no use: %s", path, error)
        return None


def cache(top: TopImages, model: Model, folder: Path) -> None:
    """Write it down for the next time; a disk that is full or read-only is no reason to fail."""
    path = _path(model, top.dataset, folder)
    values = json.dumps({"count": top.count, "classes": top.classes})
    parts: dict[str, NDArray[Any]] = {
        "told": np.frombuffer(values.encode(), np.uint8),
        "numbers": top.numbers,
        "images": top.images,
        "labels": top.labels,
    }
    for stage, peaks in zip(top.stages[1:], top.peaks, strict=True):
        for field in dataclasses.fields(Peaks):
            parts[f"{stage.name} {field.name}"] = getattr(peaks, field.name)
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **parts)
    try:
        keep_cached(path, content.getvalue(), MOST_CACHED)
    except OSError as error:
        _log.warning("%s cannot be kept: %s", path, error)


def _path(model: Model, dataset: str, folder: Path) -> Path:
    """Its name is a hash of all that decides what is found."""
    recipe = dataclasses.replace(model.recipe, name="custom", description="")
    digest = hashlib.sha256()
    for text in (__version__, recipe.to_json(), dataset, _edition(dataset, folder)):
        digest.update(text.encode() + b"\0")
    for name, weights in sorted(model.network.state_dict().items()):
        digest.update(f"{name} {tuple(weights.shape)}".encode())
        digest.update(weights.detach().cpu().contiguous().numpy().tobytes())
    return cache_folder() / "exciting" / f"{digest.hexdigest()[:40]}.npz"


def _edition(dataset: str, folder: Path) -> str:
    """What tells one edition of a dataset from another; a published one has but one."""
    if dataset == "pen":
        return str(pen.WRITTEN["test"])
    own = parse_own(dataset)
    if own is not None:
        return result_of(own_data.reading.edition(own))
    files = pen_digits.find(folder) if dataset == "unipen" else None
    if files is None:
        return ""
    try:
        states = [(path.resolve(), path.stat()) for path in files.paths()]
    except OSError:
        return ""
    return " ".join(f"{path} {state.st_size} {state.st_mtime_ns}" for path, state in states)


def _check(parts: dict[str, NDArray[Any]], dataset: str, stages: tuple[Stage, ...]) -> TopImages:
    """A file's parts as what was found.

    Raises:
        ValueError, KeyError, TypeError: they are not that; the message says why.
    """
    values = json.loads(parts["told"].tobytes())
    count, classes = values["count"], tuple(values["classes"])
    numbers, images, labels = parts["numbers"], parts["images"], parts["labels"]
    _require(type(count) is int and count > 0, "count")
    _require(len(classes) > 1 and all(type(name) is str for name in classes), "classes")
    _require(len(numbers) > 0 and _like(numbers, np.int32, (len(numbers),)), "numbers")
    _require(bool((np.diff(numbers) > 0).all()) and numbers[0] >= 0, "order of numbers")
    _require(int(numbers[-1]) < count, "largest number")
    _require(images.shape[1:] in ((28, 28), (3, 32, 32)), "images' shape")
    _require(_like(images, np.uint8, (len(numbers), *images.shape[1:])), "images")
    _require(_like(labels, np.int64, (len(numbers),)), "labels")
    _require(0 <= labels.min() <= labels.max() < len(classes), "labels' range")
    peaks = tuple(_check_peaks(parts, stage, min(KEPT, count), numbers) for stage in stages[1:])
    return TopImages(dataset, count, classes, stages, peaks, numbers, images, labels)


def _check_peaks(
    parts: dict[str, NDArray[Any]], stage: Stage, kept: int, numbers: NDArray[np.int32]
) -> Peaks:
    """One stage's; raises as `_check` does."""
    maps, height, width = stage.shape
    peaks = Peaks(*(parts[f"{stage.name} {field.name}"] for field in dataclasses.fields(Peaks)))
    _require(_like(peaks.values, np.float32, (maps, kept)), f"values of {stage.name}")
    _require(_like(peaks.numbers, np.int32, (maps, kept)), f"numbers of {stage.name}")
    _require(bool(np.isin(peaks.numbers, numbers).all()), f"images of {stage.name}")
    _require(_like(peaks.places, np.int16, (maps, kept, 2)), f"places of {stage.name}")
    inside = (peaks.places >= 0) & (peaks.places < (height, width))
    _require(bool(inside.all()), f"places of {stage.name}")
    return peaks


def _like(values: NDArray[Any], dtype: type[np.generic], shape: tuple[int, ...]) -> bool:
    return values.dtype == dtype and values.shape == shape


def _require(good: bool, what: str) -> None:
    if not good:
        raise ValueError(f"its {what} cannot be")
