"""A published dataset's files on this computer: found, checked, and read.

Knows nothing of downloading.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import torch
from torch import Tensor

from trainer.data import cifar10
from trainer.data.labelled_images import DataError, Digits
from trainer.data.published import PUBLISHED, Published

_UNREADABLE = (OSError, EOFError, zlib.error)
_TYPES = {8: "u1", 12: ">i4"}  # those that occur
_CHUNK = 1 << 20  # bytes; the largest file has 188 MB unpacked


class DataMissing(DataError):
    """A dataset that is not on this computer yet, but can be downloaded."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        title = PUBLISHED[name].title if name in PUBLISHED else cifar10.TITLE
        super().__init__(f"{title} is not in {folder}")


def are_there(name: str, folder: Path) -> bool:
    """Whether `folder` holds all files of a published dataset; does not look into them."""
    published = PUBLISHED[name]
    return all(candidates(published, file, folder) for file in published.files())


def candidates(published: Published, file: str, folder: Path) -> list[Path]:
    """Where `file` lies under `folder`, unpacked or not, unpacked first."""
    places = [
        folder / published.folder / "raw",
        folder / published.folder,
        folder / "raw",
        folder,
    ]
    if published.archive:  # as it comes out of the archive
        places += [place / "gzip" for place in places]
    return [
        place / (file + end)
        for place in places
        if not _is_of_another(published, place)
        for end in ("", ".gz")
        if _is_file(place / (file + end))
    ]


def _is_of_another(published: Published, place: Path) -> bool:
    """Whether a folder holds another published dataset, whose files have the same names.

    The smallest file tells.
    """
    test = published.splits["test"]
    name, size = test.labels, test.sizes(published.label_bytes)[test.labels]
    others = [p.md5[name] for p in PUBLISHED.values() if p is not published and name in p.md5]
    if not others:
        return False
    for path in (place / name, place / (name + ".gz")):
        if _is_file(path):
            try:
                return _checksum(path, size)[0] in others
            except _UNREADABLE:
                continue
    return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no right to look there, or no name that could be
        return False


def read(name: str, split: str, folder: Path) -> Digits:
    """One split of a published dataset, every file checked.

    Raises:
        DataMissing: a file is not there.
        DataError: it is damaged.
    """
    published = PUBLISHED[name]
    files = published.splits[split]
    with tempfile.TemporaryDirectory() as unpacked:

        def content(wanted: str, size: int) -> Tensor:
            paths = candidates(published, wanted, folder)
            if not paths:
                raise DataMissing(name, folder)
            path = _checked(paths, published.md5.get(wanted), size, Path(unpacked))
            return _tensor(path, wanted, folder)

        sizes = files.sizes(published.label_bytes)
        images = content(files.images, sizes[files.images])
        labels = content(files.labels, sizes[files.labels])
    if images.shape != (files.count, 28, 28):
        raise DataError(f"{folder}: {files.images} does not hold {files.count:,} pictures of 28x28")
    labels = (labels if labels.ndim == 1 else labels[:, 0]).long() - published.first_label
    fit = labels.shape == (files.count,) and int(labels.min()) >= 0
    if not fit or int(labels.max()) >= len(published.classes):
        first, last = published.first_label, published.first_label + len(published.classes) - 1
        raise DataError(f"{folder}: {files.labels} holds labels other than {first} to {last}")
    if published.transposed:
        images = images.transpose(1, 2).contiguous()
    return Digits(images, labels, published.classes)


def _tensor(path: Path, name: str, folder: Path) -> Tensor:
    """The numbers in an IDX file: zero, zero, their type, how many sizes; the sizes; all of them.

    torchvision reads them too, but with it come its networks and PyTorch's compiler:
    a second and a half, and 170 MB.
    """
    try:
        with path.open("rb") as file:
            kind, dimensions = struct.unpack(">xxBB", file.read(4))
            shape = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
            found = np.fromfile(file, _TYPES[kind]).reshape(shape)
    except (KeyError, ValueError, struct.error):
        # Its size is right, and its header is not; only where no checksum is known.
        raise DataError(f"{folder}: {name} is not in MNIST's format") from None
    return torch.from_numpy(found.astype(found.dtype.newbyteorder("="), copy=False))


def _checked(paths: list[Path], md5: str | None, size: int, unpacked: Path) -> Path:
    """The first of `paths` that holds what was published, as an unpacked file.

    Raises:
        DataError: none does; the message says what is wrong with the first.
    """
    problems = []
    for path in paths:
        packed = path.suffix == ".gz"
        target = unpacked / path.stem if packed else path
        try:
            found, length = _checksum(path, size, target if packed else None)
        except _UNREADABLE as error:
            problems.append(f"{path} cannot be read ({error})")
            continue
        if length != size:
            problems.append(f"{path} does not have the {size:,} bytes that it should")
        elif md5 is not None and found != md5:
            problems.append(f"{path} is not the published file: its checksum differs")
        else:
            return target
    raise DataError(f"{problems[0]}. Delete or move it, and download it again.")


def _checksum(path: Path, size: int, target: Path | None = None) -> tuple[str, int]:
    """MD5 and length of a file's content, unpacked; of an oversized one just enough to tell.

    What is unpacked is written to `target`, if there is one.
    """
    digest, length = hashlib.md5(usedforsecurity=False), 0
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        if target is None:
            for chunk in _chunks(file, size + 1):
                digest.update(chunk)
                length += len(chunk)
        else:
            with target.open("wb") as written:
                for chunk in _chunks(file, size + 1):
                    digest.update(chunk)
                    length += written.write(chunk)
    return digest.hexdigest(), length


def _chunks(file: IO[bytes] | gzip.GzipFile, most: int) -> Iterator[bytes]:
    """A file's first `most` bytes, piece by piece."""
    while most and (chunk := file.read(min(_CHUNK, most))):
        most -= len(chunk)
        yield chunk
