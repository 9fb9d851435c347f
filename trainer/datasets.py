"""Datasets by name: found, checked, parsed, or written.

torchvision names the mirrors and checksums and parses the files; this module
finds files that are there already, checks them, downloads what is missing and
says in words what is wrong. Knows nothing of networks or training.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer import cifar, pen_sets, unipen
from trainer.digits import DIGIT_CLASSES, DataError, Digits, joined
from trainer.downloads import FetchError, fetch
from trainer.progress import Progress

FASHION_CLASSES = (
    "T-shirt", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
_UNREADABLE = (OSError, EOFError, zlib.error)


class DataMissing(DataError):
    """A dataset that is not on this computer yet, but can be downloaded."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        super().__init__(f"{title(name)} is not in {folder}")


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset in MNIST's file format that can be downloaded."""

    title: str
    folder: str  # torchvision's name for its folder
    classes: tuple[str, ...]
    megabytes: int  # to download
    md5: dict[str, str]  # of each file, unpacked

    def torchvision_class(self) -> Any:
        """The torchvision dataset that knows the mirrors and the packed files' checksums."""
        import torchvision.datasets  # a second to import, and only needed here

        return getattr(torchvision.datasets, self.folder)


# Both datasets use the same four names.
_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 60_000),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 10_000),
}
PUBLISHED = {
    "mnist": Published(
        "MNIST",
        "MNIST",
        DIGIT_CLASSES,
        11,
        {
            "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
        },
    ),
    "fashion": Published(
        "Fashion-MNIST",
        "FashionMNIST",
        FASHION_CLASSES,
        30,
        {
            "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
            "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
            "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
        },
    ),
}


def title(name: str) -> str:
    """A published dataset's name as people write it."""
    return cifar.TITLE if name == "cifar10" else PUBLISHED[name].title


def megabytes(name: str) -> int:
    """How much there is to download of a published dataset."""
    return cifar.MEGABYTES if name == "cifar10" else PUBLISHED[name].megabytes


def load(name: str, split: str, folder: Path) -> Generator[Progress, None, Digits]:
    """Read, or write, a dataset.

    Args:
        name: a key of `recipes.DATASETS`; of a sum such as "mnist+pen", the
            training split has all parts and the test split only the first.
        split: "train" or "test".
        folder: where the files are; `files.data_folder()` says.

    Returns:
        (of the generator) the split, on the CPU.

    Raises:
        DataMissing: it is not there yet; `download` gets it.
        DataError: it is there and damaged.
    """
    names = name.split("+") if split == "train" else [name.split("+")[0]]
    parts = []
    for part in names:
        if part == "pen":
            parts.append((yield from pen_sets.written(split)))
        elif part == "unipen":
            parts.append((yield from pen_sets.real(split, _unipen(folder))))
        elif part == "cifar10":
            yield Progress(f"reading {cifar.TITLE}", 0, 0)
            root = cifar.find(folder)
            if root is None:
                raise DataMissing(part, folder)
            parts.append(cifar.read(split, root))
        else:
            yield Progress(f"reading {PUBLISHED[part].title}", 0, 0)
            parts.append(_read(PUBLISHED[part], part, split, folder))
    return parts[0] if len(parts) == 1 else joined(parts)


def _unipen(folder: Path) -> Path:
    """Where the real pen digits are.

    Raises:
        DataError: they are not; it says where they can be had.
    """
    found = unipen.find(folder)
    if found is None:
        raise DataError(
            f"the real pen digits are not in {folder}: unpack UNIPEN's train_r01_v07 "
            "(https://doi.org/10.5281/zenodo.1195803) there, or train by another recipe"
        )
    return found


def missing(name: str, folder: Path) -> list[str]:
    """Which parts of a dataset `folder` does not hold and `download` gets.

    Looks only whether the files are there, not into them.
    """
    if name == "cifar10":
        return [] if cifar.find(folder) else [name]
    wanted = [part for part in name.split("+") if part in PUBLISHED]
    files = [file for split in _FILES.values() for file in split[:2]]
    return [
        part
        for part in wanted
        if any(not _candidates(PUBLISHED[part], file, folder) for file in files)
    ]


def _candidates(published: Published, file: str, folder: Path) -> list[Path]:
    """Where `file` lies under `folder`, unpacked or not, unpacked first."""
    places = (
        folder / published.folder / "raw",
        folder / published.folder,
        folder / "raw",
        folder,
    )
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
    _, name, count = _FILES["test"]
    for path in (place / name, place / (name + ".gz")):
        if _is_file(path):
            try:
                md5 = _md5(_content(path, 8 + count))
            except _UNREADABLE:
                continue
            return any(md5 == p.md5[name] for p in PUBLISHED.values() if p is not published)
    return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no right to look there, or no name that could be
        return False


def _read(published: Published, name: str, split: str, folder: Path) -> Digits:
    """One split of a published dataset, every file checked."""
    from torchvision.datasets.mnist import read_image_file, read_label_file

    images_name, labels_name, count = _FILES[split]
    with tempfile.TemporaryDirectory() as unpacked:

        def file(wanted: str, size: int) -> str:
            paths = _candidates(published, wanted, folder)
            if not paths:
                raise DataMissing(name, folder)
            return str(_checked(paths, published.md5[wanted], size, Path(unpacked)))

        images = read_image_file(file(images_name, 16 + count * 28 * 28))
        labels = read_label_file(file(labels_name, 8 + count))
    if images.shape != (count, 28, 28) or labels.shape != (count,):
        raise DataError(f"{folder}: {images_name} does not hold {count:,} pictures of 28x28")
    if not 0 <= int(labels.min()) <= int(labels.max()) < len(published.classes):
        raise DataError(f"{folder}: {labels_name} holds labels other than 0 to 9")
    return Digits(images, labels, published.classes)


def _checked(paths: list[Path], md5: str, size: int, unpacked: Path) -> Path:
    """The first of `paths` that holds what was published, as an unpacked file.

    Raises:
        DataError: none does; the message says what is wrong with the first.
    """
    problems = []
    for path in paths:
        try:
            content = _content(path, size)
        except _UNREADABLE as error:
            problems.append(f"{path} cannot be read ({error})")
            continue
        if len(content) != size:
            problems.append(f"{path} does not have the {size:,} bytes that it should")
        elif _md5(content) != md5:
            problems.append(f"{path} is not the published file: its checksum differs")
        elif path.suffix != ".gz":
            return path
        else:
            (unpacked / path.stem).write_bytes(content)
            return unpacked / path.stem
    raise DataError(f"{problems[0]}. Delete or move it, and download it again.")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _content(path: Path, size: int) -> bytes:
    """A file's content, unpacked, and of an oversized one just enough to tell."""
    if path.suffix == ".gz":
        with gzip.open(path) as packed:
            return packed.read(size + 1)
    with path.open("rb") as file:
        return file.read(size + 1)


def download(name: str, folder: Path) -> Generator[Progress, None, None]:
    """Download what is missing of a published dataset, from the first mirror that has it.

    Each file is written beside its place, checked, and then moved there; ended
    at any moment, nothing half-written is left.

    Args:
        name: a key of `PUBLISHED`, or "cifar10".
        folder: as in `load`.

    Raises:
        DataError: no mirror gave a file; the message says why and what to do.
    """
    if name == "cifar10":
        yield from cifar.download(folder)
        return
    published = PUBLISHED[name]
    source = published.torchvision_class()
    raw = folder / published.folder / "raw"
    try:
        raw.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{raw} cannot be made ({error.strerror}): choose another folder") from None
    for number, (packed, md5) in enumerate(source.resources):
        if _candidates(published, packed.removesuffix(".gz"), folder):
            continue
        what = f"downloading {published.title}, file {number + 1} of {len(source.resources)}"
        problems = []
        for mirror in source.mirrors:
            try:
                yield from fetch(mirror + packed, raw / packed, md5, what)
                break
            except FetchError as error:
                problems.append(f"{mirror}: {error}")
        else:
            raise DataError(
                f"{published.title} could not be downloaded ({'; '.join(problems)}). "
                f"Check the network and try again, or put the four files into {raw}, "
                "or train on the built-in pen digits, which need no download."
            )
