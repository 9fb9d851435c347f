"""What `exciting` found, kept on disk for each network and dataset.

A file that is damaged, of another program or of another network is as good as
none: nothing here raises for one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import logging
import zipfile
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer import __version__
from trainer.data import loading, pen, unipen
from trainer.files import cache_folder, write_whole
from trainer.inspect.top_images import KEPT, Exciting, Peaks, exciting
from trainer.networks.anatomy import Stage, anatomy
from trainer.networks.model import Model
from trainer.progress import Progress

_log = logging.getLogger(__name__)
_LARGEST = 32 << 20  # bytes; of colour images there can be about 5 MB
_MOST = 40
"""Files that are kept; the oldest go."""
_DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


def found(model: Model, dataset: str, folder: Path) -> Generator[Progress, None, Exciting]:
    """The images of a dataset's test split that excite each map most, now or found before.

    Args:
        model: on any device.
        dataset: a key of `recipe.DATASETS`.
        folder: where datasets are.

    Raises:
        DataMissing: the dataset is not there yet; `loading.download` gets it.
        DataError: it is damaged.
    """
    kept = look(model, dataset, folder)
    if kept is not None:
        return kept
    digits = yield from loading.load(dataset, "test", folder)
    made = yield from exciting(model, digits, dataset)
    keep(made, model, folder)
    return made


def look(model: Model, dataset: str, folder: Path) -> Exciting | None:
    """What was found before; None if that is not kept. The arguments are as for `found`."""
    path = _path(model, dataset, folder)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as parts:
            return _checked(dict(parts), dataset, anatomy(model.network))
    except FileNotFoundError:
        return None
    except _DAMAGED as error:
        _log.warning("%s is of no use: %s", path, error)
        return None


def keep(made: Exciting, model: Model, folder: Path) -> None:
    """Write it down for the next time; a disk that is full or read-only is no reason to fail."""
    path = _path(model, made.dataset, folder)
    told = json.dumps({"count": made.count, "classes": made.classes})
    parts: dict[str, NDArray[Any]] = {
        "told": np.frombuffer(told.encode(), np.uint8),
        "numbers": made.numbers,
        "images": made.images,
        "labels": made.labels,
    }
    for stage, peaks in zip(made.stages[1:], made.peaks, strict=True):
        for field in dataclasses.fields(Peaks):
            parts[f"{stage.name} {field.name}"] = getattr(peaks, field.name)
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **parts)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.getvalue())
        kept = sorted(path.parent.glob("*.npz"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-_MOST]:
            old.unlink(missing_ok=True)
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
    source = unipen.find(folder) if dataset == "unipen" else None
    if source is None:
        return ""
    try:
        state = source.stat()
    except OSError:
        return ""
    return f"{source.resolve()} {state.st_size} {state.st_mtime_ns}"


def _checked(parts: dict[str, NDArray[Any]], dataset: str, stages: tuple[Stage, ...]) -> Exciting:
    """A file's parts as what was found.

    Raises:
        ValueError, KeyError, TypeError: they are not that; the message says why.
    """
    told = json.loads(parts["told"].tobytes())
    count, classes = told["count"], tuple(told["classes"])
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
    peaks = tuple(_peaks(parts, stage, min(KEPT, count), numbers) for stage in stages[1:])
    return Exciting(dataset, count, classes, stages, peaks, numbers, images, labels)


def _peaks(
    parts: dict[str, NDArray[Any]], stage: Stage, kept: int, numbers: NDArray[np.int32]
) -> Peaks:
    """One stage's; raises as `_checked` does."""
    maps, height, width = stage.shape
    made = Peaks(*(parts[f"{stage.name} {field.name}"] for field in dataclasses.fields(Peaks)))
    _require(_like(made.values, np.float32, (maps, kept)), f"values of {stage.name}")
    _require(_like(made.numbers, np.int32, (maps, kept)), f"numbers of {stage.name}")
    _require(bool(np.isin(made.numbers, numbers).all()), f"images of {stage.name}")
    _require(_like(made.places, np.int16, (maps, kept, 2)), f"places of {stage.name}")
    inside = (made.places >= 0) & (made.places < (height, width))
    _require(bool(inside.all()), f"places of {stage.name}")
    return made


def _like(values: NDArray[Any], dtype: type[np.generic], shape: tuple[int, ...]) -> bool:
    return values.dtype == dtype and values.shape == shape


def _require(good: bool, what: str) -> None:
    if not good:
        raise ValueError(f"its {what} cannot be")
