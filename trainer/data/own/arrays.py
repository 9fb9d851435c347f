"""Arrays as pictures and names of classes: NumPy's NPZ and NPY files and PyTorch's tensors.

Nothing is unpickled but plain tensors. Which array is what is told by its name, as Keras,
MedMNIST, scikit-learn and torchvision call them, or else by its place and shape.
"""

from __future__ import annotations

import itertools
import math
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import TensorDataset

from trainer.data.labelled_images import DataError
from trainer.data.own.place import Place, cannot_read
from trainer.data.own.source import (
    MOST_BYTES,
    OwnPart,
    Pixels,
    RawPictures,
    Role,
    check_amount,
    role_of,
    words_of,
)
from trainer.errors import describe_error
from trainer.files import check_is_plain, open_plain
from trainer.translation import gettext as _

_IMAGES = (
    "images",
    "image",
    "imgs",
    "img",
    "x",
    "data",
    "pixels",
    "features",
    "pictures",
    "arr_0",
    "0",
)
_LABELS = ("labels", "label", "y", "targets", "target", "classes", "arr_1", "1")
_MOST_VALUES = 10_000
"""Values of a file that are looked at for tensors."""
_LARGEST_WHOLE = float(1 << 53)
"""Up to which a float stands for each whole number."""
_FULL = 128
"""Whole numbers that stay below it are no levels up to 255, but up to their largest."""

Arrays = dict[str, NDArray[Any]]


def read_npz(place: Place) -> RawPictures:
    """The arrays of NPZ and NPY files. One alone in its file is called as the file is.

    Raises:
        DataError: damaged, too large, or without pictures and labels.
    """
    alone: Arrays = {}
    alone_in = place.path
    several: dict[Path, Arrays] = {}
    for file in place.files:
        arrays = _load(file)
        if len(arrays) == 1:
            ((name, array),) = arrays.items()
            alone[file.stem if _tells(file.stem) or not _tells(name) else name] = array
            alone_in = file
        else:
            several[file] = arrays
    if len(alone) > 1 and not several and not any(map(_tells, alone)):
        parts, notes = _classes_of(alone, place.path)
        return RawPictures(tuple(parts), notes=tuple(dict.fromkeys(notes)))
    if alone:
        several[place.path if len(alone) > 1 else alone_in] = alone
    return _together(several)


class _NoPictures(DataError):
    """Arrays of something else."""


def _together(files: dict[Path, Arrays]) -> RawPictures:
    """The pictures of all files; those of something else are passed over, and told.

    Raises:
        DataError: no file has pictures with labels, or those of one are wrong.
    """
    parts: list[OwnPart] = []
    notes: list[str] = []
    skipped: list[str] = []
    for file, arrays in files.items():
        try:
            new_parts, new_notes = parts_of(arrays, file)
        except _NoPictures as error:
            skipped.append(str(error))
            continue
        parts += new_parts
        notes += new_notes
    if not parts and skipped:
        raise DataError(skipped[0])
    return RawPictures(tuple(parts), skipped=tuple(skipped), notes=tuple(dict.fromkeys(notes)))


def _tells(name: str) -> bool:
    """Whether a name says what an array is."""
    named = _are_named(_words(name), (*_IMAGES, *_LABELS))
    return named and not name.startswith("arr_")  # numpy's own


def _classes_of(arrays: Arrays, path: Path) -> tuple[list[OwnPart], list[str]]:
    """Pictures of a class in each array, as Quick, Draw! has them.

    Raises:
        DataError: an array is none of pictures.
    """
    parts, notes = [], []
    for name, images in arrays.items():
        if images.ndim < 2:
            return parts_of(arrays, path)  # which says what lacks
        key = name.removeprefix("full_numpy_bitmap_")
        part, part_notes = part_of(Role.ALL, images, np.full(len(images), key), path)
        parts.append(part)
        notes += part_notes
    return parts, notes


def _load(file: Path) -> Arrays:
    """The arrays of an NPZ or NPY file, by their names."""
    _check_packed(file)
    advice = _(
        "{path} holds Python objects, which are not read: save the images as one "
        "array of numbers, and the labels as numbers or texts"
    )
    # Given a name, numpy leaves a damaged file open.
    with _as_data_errors(file, advice, ("Object arrays",)), open_plain(file) as opened:
        content = np.load(opened, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return {file.stem: content}
        with content as packed:
            return {name: packed[name] for name in packed.files}


@contextmanager
def _as_data_errors(file: Path, advice: str, marks: tuple[str, ...]) -> Iterator[None]:
    """Have errors of any kind, as the content may be anything, raised as those of a file.

    Args:
        file: what is read.
        advice: the message where it holds Python objects, with `{path}`.
        marks: of which one is in the library's message then.
    """
    try:
        yield
    except OSError as error:
        raise cannot_read(file, error) from None
    except MemoryError:
        raise _no_memory(file) from None
    except Exception as error:
        if any(mark in str(error) for mark in marks):
            raise DataError(advice.format(path=file)) from None
        raise _damaged(file, error) from None


def read_tensors(place: Place) -> RawPictures:
    """The tensors of files that `torch.save` wrote: a TensorDataset, a pair, or a dictionary.

    Raises:
        DataError: damaged, too large, something else than plain tensors, or without pictures
            and labels.
    """
    advice = _(
        "{path} holds Python objects, which are not read: save the images and the "
        "labels as plain tensors, torch.save((images, labels), file)"
    )
    marks = ("weights_only", "Unsupported")
    found: dict[Path, Arrays] = {}
    for file in place.files:
        _check_packed(file)
        known = torch.serialization.safe_globals([TensorDataset])
        with _as_data_errors(file, advice, marks), known:
            content = torch.load(file, map_location="cpu", weights_only=True)
        found[file] = _tensors_in(content, file)
    return _together(found)


def _tensors_in(content: object, file: Path) -> Arrays:
    """The tensors of what was saved, by their names, or by their numbers."""
    if isinstance(content, TensorDataset):
        content = content.tensors
    arrays: Arrays = {}
    if not isinstance(content, Mapping | tuple | list):
        return arrays
    waiting = deque(_items_of(content))
    for _look in range(_MOST_VALUES):  # a list may hold itself, or another one many times
        if not waiting:
            break
        name, value = waiting.popleft()
        if isinstance(value, torch.Tensor):
            array = _to_array(value, file)
            if array is not None:
                arrays[name] = array
        elif isinstance(value, TensorDataset | tuple | list) and len(waiting) < _MOST_VALUES:
            parts = value.tensors if isinstance(value, TensorDataset) else value
            waiting.extend((f"{name} {key}", each) for key, each in _items_of(parts))
    return arrays


def _items_of(content: Mapping[Any, Any] | Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """What lies in a dictionary or a list, with its name or number."""
    named = content.items() if isinstance(content, Mapping) else enumerate(content)
    return ((str(name), value) for name, value in itertools.islice(named, _MOST_VALUES))


def _to_array(tensor: torch.Tensor, file: Path) -> NDArray[Any] | None:
    """A tensor's numbers; None if NumPy has no such type, or they are not laid out as an array.

    Raises:
        DataError: they are more than fit into memory: a short file may repeat one for ever.
    """
    if tensor.layout != torch.strided or tensor.is_nested or tensor.is_meta:
        return None
    _check_size(tensor.numel() * tensor.element_size(), file)
    plain = tensor.detach()
    plain = plain.float() if plain.dtype == torch.bfloat16 else plain
    try:
        array: NDArray[Any] = plain.resolve_conj().resolve_neg().numpy()
    except (TypeError, RuntimeError):
        return None
    return array


def _check_packed(file: Path) -> None:
    """Refuse what is too large, or unpacks to too much, before it is read.

    Raises:
        DataError: it is, or can't be read.
    """
    try:
        check_is_plain(file)
        size = file.stat().st_size
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed:
                size = max(size, sum(each.file_size for each in packed.infolist()))
    except OSError as error:
        raise cannot_read(file, error) from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _damaged(file, error) from None
    _check_size(size, file)


def _check_size(size: int, file: Path) -> None:
    """Refuse so many bytes.

    Raises:
        DataError: they are too many.
    """
    if size > MOST_BYTES:
        raise DataError(
            _("{path} holds {size:,} MB, and at most {most:,} can be read: divide it").format(
                path=file, size=size >> 20, most=MOST_BYTES >> 20
            )
        )


def _damaged(file: Path, error: Exception) -> DataError:
    return DataError(
        _("{path} cannot be read, for it is damaged or of another format ({reason})").format(
            path=file, reason=describe_error(error)
        )
    )


def _no_memory(file: Path) -> DataError:
    return DataError(_("{path} needs more memory than is free").format(path=file))


# Which array is what


def parts_of(arrays: Arrays, file: Path) -> tuple[list[OwnPart], list[str]]:
    """Pictures with their labels, of each role that the arrays' names tell.

    Returns:
        The parts, and how the values were understood.

    Raises:
        DataError: there are no pictures with labels.
    """
    parts, notes, used = [], [], set()
    for name, images in arrays.items():
        words = _words(name)
        if not _are_named(words, _IMAGES) or _are_named(words, _LABELS):
            continue
        wanted = {*words} - {*_IMAGES}
        matches = [
            other
            for other in arrays
            if other not in used
            and _are_named(_words(other), _LABELS)
            and {*_words(other)} - {*_LABELS} == wanted
        ]
        # The names of the classes may stand beside the labels.
        matches.sort(key=lambda other: arrays[other].shape[:1] != images.shape[:1])
        if matches:
            used.add(matches[0])  # scikit-learn has the same pictures twice, rolled out and not
            role = role_of(name) if role_of(name) is not Role.ALL else role_of(file.name)
            part, part_notes = part_of(role, images, arrays[matches[0]], file)
            parts.append(part)
            notes += part_notes
    if not parts:
        names = ", ".join(list(arrays)[:6]) or "-"
        raise _NoPictures(
            _(
                "{path} has no pictures with labels: name its arrays images and labels, or "
                "x_train, y_train, x_test and y_test (it has: {names})"
            ).format(path=file, names=names)
        )
    return parts, notes


def _words(name: str) -> tuple[str, ...]:
    """The words of an array's name: of "x_train" they are x and train; "arr_0" is one."""
    return (name,) if name in ("arr_0", "arr_1") else words_of(name)


def _are_named(words: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return any(word in names for word in words)


def part_of(
    role: Role, images: NDArray[Any], labels: NDArray[Any], file: Path
) -> tuple[OwnPart, list[str]]:
    """Pictures and labels of one role.

    Raises:
        DataError: their numbers differ, or they are neither pictures nor labels.
    """
    keys = as_keys(labels, file)
    if images.ndim > 1 and len(images) != len(keys) == images.shape[-1]:
        images = np.moveaxis(images, -1, 0)  # as MATLAB has them
    pictures, notes = as_pictures(images, file)
    if len(pictures) != len(keys):
        raise DataError(
            _(
                "{path} has {pictures:,} pictures and {labels:,} labels: they must be as many"
            ).format(path=file, pictures=len(pictures), labels=len(keys))
        )

    def picture(number: int) -> Pixels:
        drawn: Pixels = pictures[number]
        return drawn

    return OwnPart(role, keys, picture), notes


# Values


def as_keys(labels: NDArray[Any], file: Path) -> list[str]:
    """Names of classes from labels: whole numbers, texts, or a row for each with one 1 in it.

    Raises:
        DataError: they are none of these.
    """
    if labels.ndim:
        check_amount(len(labels), 1, file)
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.ravel()
    if labels.ndim == 2 and labels.dtype.kind in "uifb" and _are_one_hot(labels):
        labels = labels.argmax(axis=1)
    if labels.ndim == 1 and labels.dtype.kind == "f" and _are_whole(labels):
        labels = labels.astype(np.int64)
    if labels.ndim != 1 or labels.dtype.kind not in "uibUS":
        raise DataError(
            _("{path} has labels of shape {shape} and type {type}: they must be whole numbers, "
              "one for each picture").format(path=file, shape=labels.shape, type=labels.dtype)
        )  # fmt: skip
    if labels.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in labels.tolist()]
    return [str(value) for value in (labels * 1 if labels.dtype.kind == "b" else labels).tolist()]


def _are_whole(numbers: NDArray[Any]) -> bool:
    """Whether floats are whole numbers, each of which they tell from the next."""
    return bool(((np.abs(numbers) <= _LARGEST_WHOLE) & (numbers == np.floor(numbers))).all())


def _are_one_hot(rows: NDArray[Any]) -> bool:
    """Whether each row has one 1 and else noughts."""
    return bool(((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) == 1).all())


def as_pictures(images: NDArray[Any], file: Path) -> tuple[Pixels, list[str]]:
    """Pictures as uint8 (N, H, W) or (N, H, W, 3), and how their values were understood.

    Raises:
        DataError: they are of no such shape, or no numbers.
    """
    if images.dtype.kind not in "uifb":
        raise DataError(
            _("{path} has pictures of type {type}: they must be numbers").format(
                path=file, type=images.dtype
            )
        )
    laid_out = _lay_out(images)
    if laid_out is None or 0 in laid_out.shape[1:]:
        raise DataError(
            _(
                "{path} has pictures of shape {shape}: they must be (number, height, width), "
                "(number, height, width, 3) or (number, height times width)"
            ).format(path=file, shape=images.shape)
        )
    check_amount(len(laid_out), math.prod(laid_out.shape[1:]), file)
    return _levels(laid_out, file)


def _lay_out(images: NDArray[Any]) -> NDArray[Any] | None:
    """The same numbers as (N, H, W) or (N, H, W, 3); None if they are no pictures."""
    if images.ndim == 2:
        return _unroll(images)
    if images.ndim > 2 and sum(side > 1 for side in images.shape[1:]) == 1:
        return _unroll(images.reshape(len(images), -1))  # rows with a channel
    if images.ndim == 3:
        return images
    if images.ndim == 4:
        if images.shape[3] == 1:
            return images[..., 0]
        if images.shape[1] == 1:
            return images[:, 0]
        if images.shape[3] == 4 and (images[..., :3] == images[:1, :1, :1, :1]).all():
            return images[..., 3]  # a canvas's: the ink is where it is not transparent
        if images.shape[3] in (3, 4):
            return images[..., :3]
        if images.shape[1] in (3, 4):
            return np.moveaxis(images[:, :3], 1, 3)
    return None


def _unroll(rows: NDArray[Any]) -> NDArray[Any] | None:
    """Rows of numbers as square pictures, gray or, color by color, of three colors."""
    side = math.isqrt(rows.shape[1])
    if side > 1 and side * side == rows.shape[1]:
        return rows.reshape(len(rows), side, side)
    side = math.isqrt(rows.shape[1] // 3)
    if side > 1 and 3 * side * side == rows.shape[1]:
        return np.moveaxis(rows.reshape(len(rows), 3, side, side), 1, 3)
    return None


def _levels(values: NDArray[Any], file: Path) -> tuple[Pixels, list[str]]:
    """Values as levels from 0 to 255."""
    if not len(values):
        return np.empty(values.shape, np.uint8), []
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise DataError(_("{path} has values that are not finite numbers").format(path=file))
    if low >= 0 and _FULL <= high <= 255:
        return np.ascontiguousarray(values, np.uint8), []
    if low >= 0:
        low = 0.0
    # Half of each: the difference of the largest numbers is none any more.
    half = (high / 2 - low / 2) or 1.0
    levels = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), 1000):  # not all of them as float at once
        piece = values[start : start + 1000].astype(np.float64)
        levels[start : start + 1000] = np.clip(np.rint((piece / 2 - low / 2) / half * 255), 0, 255)
    return levels, [
        _("Values from {low:g} to {high:g} became levels from 0 to 255").format(low=low, high=high)
    ]
