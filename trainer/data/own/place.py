"""Finds out what a path holds, without reading it: which format, and which files."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from trainer.data.labelled_images import DataError
from trainer.data.own.source import MOST_BYTES, MOST_PICTURES, words_of
from trainer.files import PICTURE_ENDINGS, is_file, open_plain
from trainer.progress import Progress
from trainer.translation import N_
from trainer.translation import gettext as _


class DataFormat(Enum):
    """A format; its value is what people call it."""

    FOLDERS = N_("a folder of pictures for each class")
    IDX = N_("IDX files, as MNIST has them")
    CSV = N_("a table (CSV), a picture a line")
    NPZ = N_("NumPy arrays (NPZ)")
    TORCH = N_("tensors (PyTorch)")
    PARQUET = N_("a Hugging Face dataset (parquet)")
    ARROW = N_("a Hugging Face dataset (arrow)")
    DRAWINGS = N_("drawings (JSON)")


_ENDINGS = {
    ".csv": DataFormat.CSV,
    ".tsv": DataFormat.CSV,
    ".npz": DataFormat.NPZ,
    ".npy": DataFormat.NPZ,
    ".pt": DataFormat.TORCH,
    ".pth": DataFormat.TORCH,
    ".parquet": DataFormat.PARQUET,
    ".arrow": DataFormat.ARROW,
    ".json": DataFormat.DRAWINGS,
    ".jsonl": DataFormat.DRAWINGS,
}
_PACKED = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_MOST_FILES = 2 * MOST_PICTURES
_DEEPEST = 12  # folders within folders
_TAKEN = N_(
    "a folder with a folder of pictures for each class, IDX files, a CSV, NPZ, PT, parquet or JSON "
    "file"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What lies at a path."""

    path: Path
    kind: DataFormat
    files: tuple[Path, ...]  # in order
    others: tuple[Path, ...] = ()  # files that are none of these

    def edition(self) -> str:
        """A text that is another one once a file has changed.

        Raises:
            DataError: a file is gone.
        """
        digest = hashlib.sha256(str(self.path.absolute()).encode(errors="surrogateescape"))
        for file in self.files:
            try:
                state = file.stat()
            except OSError as error:
                # One of many pictures is told of when it is read: a link that leads nowhere, say.
                if self.kind is not DataFormat.FOLDERS or len(self.files) == 1:
                    raise cannot_read(file, error) from None
                continue
            identity = f"\0{file}\0{state.st_size}\0{state.st_mtime_ns}"
            digest.update(identity.encode(errors="surrogateescape"))
        return digest.hexdigest()


def cannot_read(path: object, error: OSError) -> DataError:
    """What is said of a file that the system does not give."""
    return DataError(
        _("{path} cannot be read: {reason}").format(path=path, reason=error.strerror or error)
    )


def find_place(path: Path) -> Generator[Progress, None, Place]:
    """See what lies at a path.

    Returns:
        (of the generator) the format and the files; they are not opened, but for their first
        bytes where the name does not tell.

    Raises:
        DataError: nothing is there, or nothing that is taken.
    """
    try:
        if path.is_dir():
            return (yield from _of_folder(path))
        with open_plain(path):
            pass
        return _of_file(path)
    except OSError as error:
        raise cannot_read(path, error) from None


def _of_file(path: Path) -> Place:
    kind = kind_of(path)
    if kind is DataFormat.IDX:
        siblings = [path, *(p for p in sorted(path.parent.iterdir()) if p != path and is_idx(p))]
        return Place(path, kind, tuple(siblings))
    if path.suffix.lower() == ".npy":  # each holds one array only
        siblings = [p for p in sorted(path.parent.glob("*.[nN][pP][yY]")) if is_file(p)]
        return Place(path, DataFormat.NPZ, tuple(siblings))
    if kind is DataFormat.CSV:
        labels = find_labels(path, sorted(path.parent.glob(f"*{path.suffix}")))
        return Place(path, kind, (path,) if labels is None else (path, labels))
    if kind is not None:
        return Place(path, kind, (path,))
    if path.suffix.lower() in PICTURE_ENDINGS:
        raise DataError(
            _("{path} is one picture: give the folder with a folder for each class").format(
                path=path
            )
        )
    if path.suffix.lower() in _PACKED:
        raise DataError(_("{path} is packed: unpack it, and give the folder").format(path=path))
    raise DataError(
        _("{path} is no data that can be read: give {taken}").format(path=path, taken=_(_TAKEN))
    )


def stem_of(file: Path) -> str:
    """What the names of pictures and of their labels have in common."""
    kinds = r"images?|labels?|\b[xy](?![a-z0-9])|idx\d?|ubyte|byte|int|float|double|short"
    return re.sub(rf"{kinds}|\.gz$|[^a-z0-9]", "", file.name.lower().replace("_", "-"))


def find_labels(file: Path, files: Iterable[Path]) -> Path | None:
    """The file called y_train.csv if this one is X_train.csv, or labels where it is images."""
    if not {"x", "images", "image"}.isdisjoint(words_of(file.name)):
        for other in files:
            named = not {"y", "labels", "label"}.isdisjoint(words_of(other.name))
            if named and other.parent == file.parent and stem_of(other) == stem_of(file):
                return other
    return None


def kind_of(path: Path) -> DataFormat | None:
    """A file's format, by its name or else by its first bytes."""
    ending = path.suffix.lower()
    if ending == ".gz":
        ending = path.with_suffix("").suffix.lower()
        if ending not in (".csv", ".tsv", ".json", ".jsonl"):
            ending = ""
    return _ENDINGS.get(ending) or (DataFormat.IDX if is_idx(path) else None)


def is_idx(path: Path) -> bool:
    """Whether a file begins as an IDX file does: two noughts, a type, and how many sizes."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return False
        with open_plain(path) as plain:
            head = plain.read(4)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                head = packed.read(4)
    except (OSError, EOFError, zlib.error):
        return False
    return len(head) == 4 and head[:2] == b"\0\0" and head[2] in range(8, 15) and 0 < head[3] < 5


def _of_folder(path: Path) -> Generator[Progress, None, Place]:
    pictures: list[Path] = []
    data: dict[DataFormat, list[Path]] = {}
    others: list[Path] = []
    for number, file in enumerate(_walk(path)):
        if number % 1000 == 0:
            yield Progress(_("looking through {path}").format(path=path.name), number, 0)
        if number >= _MOST_FILES:
            raise DataError(
                _("{path} holds more than {most:,} files: divide it").format(
                    path=path, most=_MOST_FILES
                )
            )
        if file.suffix.lower() in PICTURE_ENDINGS:
            pictures.append(file)
        elif not pictures and (kind := kind_of(file)) is not None:
            data.setdefault(kind, []).append(file)
        else:
            others.append(file)
    if pictures:
        left = [file for files in data.values() for file in files]
        return Place(path, DataFormat.FOLDERS, tuple(pictures), (*left, *others))
    for kind in (
        DataFormat.PARQUET,
        DataFormat.ARROW,
        DataFormat.IDX,
        DataFormat.NPZ,
        DataFormat.CSV,
        DataFormat.TORCH,
        DataFormat.DRAWINGS,
    ):
        if kind in data:
            left = [file for other, files in data.items() if other is not kind for file in files]
            return Place(path, kind, tuple(data[kind]), (*left, *others))
    if packed := [file for file in others if file.suffix.lower() in _PACKED]:
        raise DataError(
            _("{path} is packed: unpack it, and give the folder").format(path=packed[0])
        )
    if others:
        raise DataError(
            _("{path} holds no data that can be read: give {taken}").format(
                path=path, taken=_(_TAKEN)
            )
        )
    raise DataError(_("{path} is empty: give {taken}").format(path=path, taken=_(_TAKEN)))


def _walk(folder: Path) -> Iterator[Path]:
    """Every file under a folder that is not hidden, in the order of the names.

    Raises:
        DataError: a folder can't be read.
    """

    def fail(error: OSError) -> None:
        raise cannot_read(error.filename, error)

    for place, folders, names in os.walk(folder, onerror=fail):
        here = Path(place)
        deep = len(here.relative_to(folder).parts) >= _DEEPEST
        folders[:] = [] if deep else sorted(n for n in folders if not is_of_the_system(n))
        files = (here / n for n in sorted(names) if not is_of_the_system(n))
        yield from (file for file in files if not _may_never_end(file))


def is_of_the_system(name: str) -> bool:
    """Whether a file or folder is hidden, or lies there because of a system or an archive."""
    return name.startswith((".", "__", "$", "@eaDir")) or name.lower() in (
        "thumbs.db",
        "desktop.ini",
        "system volume information",
        "lost+found",
    )


def _may_never_end(file: Path) -> bool:
    """Whether it is a pipe, a device or a socket, of which reading may wait for ever."""
    try:
        return not stat.S_ISREG(file.stat().st_mode)
    except OSError:  # such as a link that leads nowhere: whoever reads it says so
        return False
