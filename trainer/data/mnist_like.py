"""The published datasets of MNIST's kind: their files, classes and checksums, and reading them.

Files on this computer are found, checked and parsed here; torchvision names the mirrors and
the packed files' checksums. Knows nothing of downloading.

- MNIST: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
  Document Recognition", Proc. IEEE 86(11), 1998.
- Fashion-MNIST: Xiao, Rasul, Vollgraf, arXiv:1708.07747.
- QMNIST, MNIST made again with all 60,000 test digits: Yadav, Bottou,
  arXiv:1905.10498.
- KMNIST: Clanuwat et al., arXiv:1812.01718; CODH, CC BY-SA 4.0.
- EMNIST: Cohen, Afshar, Tapson, van Schaik, arXiv:1702.05373; from NIST Special
  Database 19.
"""

from __future__ import annotations

import gzip
import hashlib
import string
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainer.data import cifar10
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.recipes.recipe import DIGIT_CLASSES
from trainer.translation import gettext as _

FASHION_CLASSES = (
    "T-shirt", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
# Most fonts that a window or a plot can count on have no hiragana.
KANA_CLASSES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
# Both cases of a letter are one class here; the 47 name those so that are, too.
LETTER_CLASSES = tuple(string.ascii_uppercase)
BALANCED_CLASSES = (*string.digits, *string.ascii_uppercase, *"abdefghnqrt")


@dataclass(frozen=True, slots=True)
class Split:
    """The two files of a split, named as they are unpacked."""

    images: str
    labels: str
    count: int

    def sizes(self, label_bytes: int) -> dict[str, int]:
        """How many bytes each file has; headers are 16, and 8 or 12."""
        header = 8 if label_bytes == 1 else 12
        return {
            self.images: 16 + self.count * 28 * 28,
            self.labels: header + self.count * label_bytes,
        }


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A packed file to download."""

    name: str
    checksums: dict[str, str]  # as `download.fetch` takes them
    addresses: list[str]


def _is_plain(address: str) -> bool:
    return not address.startswith("https://")


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset in MNIST's file format that can be downloaded."""

    title: str
    folder: str  # torchvision's name for its class and folder
    classes: tuple[str, ...]
    megabytes: int  # to download
    splits: dict[str, Split]
    md5: dict[str, str] = field(default_factory=dict)
    """Of files, unpacked, where they are known; each other file's size and content are checked."""
    sha256: dict[str, str] = field(default_factory=dict)
    """Of packed files; without one, a file is not taken from an address without encryption."""
    mirrors: tuple[str, ...] = ()
    """Asked before torchvision's, whose addresses for some datasets are without encryption."""
    label_bytes: int = 1
    """Of one label: 1, or 32 where a label is eight numbers, of which the class is the first."""
    first_label: int = 0
    transposed: bool = False  # images are stored column by column
    archive: bool = False  # all files are in one zip file, with those of its sister datasets

    def torchvision_class(self) -> Any:
        """The torchvision dataset that knows the mirrors and the packed files' checksums."""
        import torchvision.datasets  # a second to import, and only needed here

        return getattr(torchvision.datasets, self.folder)

    def sources(self) -> list[PackedFile]:
        """The packed files to download, with their addresses, the best first."""
        source = self.torchvision_class()
        if self.archive:
            return [PackedFile(source.url.rsplit("/", 1)[1], {"md5": source.md5}, [source.url])]
        if isinstance(source.resources, dict):
            wanted = [pair for split in self.splits for pair in source.resources[split]]
            return [PackedFile(url.rsplit("/", 1)[1], {"md5": md5}, [url]) for url, md5 in wanted]
        mirrors = sorted((*self.mirrors, *source.mirrors), key=_is_plain)  # else as they were
        return [
            PackedFile(name, self._checksums(name, md5), [mirror + name for mirror in mirrors])
            for name, md5 in source.resources
        ]

    def _checksums(self, name: str, md5: str) -> dict[str, str]:
        sha256 = {"sha256": self.sha256[name]} if name in self.sha256 else {}
        return {"md5": md5} | sha256

    def files(self) -> list[str]:
        """The names of all files, unpacked."""
        return [file for split in self.splits.values() for file in (split.images, split.labels)]


def _splits(images: str, labels: str, names: dict[str, tuple[str, int]]) -> dict[str, Split]:
    """The splits whose files are called so, with the split's own name in the braces."""
    return {
        split: Split(images.format(name), labels.format(name), count)
        for split, (name, count) in names.items()
    }


_FOUR = _splits(
    "{}-images-idx3-ubyte",
    "{}-labels-idx1-ubyte",
    {"train": ("train", 60_000), "test": ("t10k", 10_000)},
)


def _emnist(
    part: str, classes: tuple[str, ...], train: int, test: int, first_label: int = 0
) -> Published:
    """One of EMNIST's parts, which all are in one archive."""
    name = f"emnist-{part}-{{}}"
    return Published(
        f"EMNIST {part}",
        "EMNIST",
        classes,
        562,
        _splits(
            name + "-images-idx3-ubyte",
            name + "-labels-idx1-ubyte",
            {"train": ("train", train), "test": ("test", test)},
        ),
        first_label=first_label,
        transposed=True,
        archive=True,
    )


PUBLISHED = {
    "mnist": Published(
        "MNIST",
        "MNIST",
        DIGIT_CLASSES,
        11,
        _FOUR,
        {
            "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
        },
        {
            "train-images-idx3-ubyte.gz": (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
            ),
            "train-labels-idx1-ubyte.gz": (
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
            ),
            "t10k-images-idx3-ubyte.gz": (
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
            ),
            "t10k-labels-idx1-ubyte.gz": (
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
            ),
        },
    ),
    "fashion": Published(
        "Fashion-MNIST",
        "FashionMNIST",
        FASHION_CLASSES,
        30,
        _FOUR,
        {
            "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
            "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
            "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
        },
        {
            "train-images-idx3-ubyte.gz": (
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
            ),
            "train-labels-idx1-ubyte.gz": (
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
            ),
            "t10k-images-idx3-ubyte.gz": (
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
            ),
            "t10k-labels-idx1-ubyte.gz": (
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
            ),
        },
        ("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",),
    ),
    "qmnist": Published(
        "QMNIST",
        "QMNIST",
        DIGIT_CLASSES,
        21,
        _splits(
            "qmnist-{}-images-idx3-ubyte",
            "qmnist-{}-labels-idx2-int",
            {"train": ("train", 60_000), "test": ("test", 60_000)},
        ),
        label_bytes=32,
    ),
    "kmnist": Published(
        "KMNIST",
        "KMNIST",
        KANA_CLASSES,
        21,
        _FOUR,
        sha256={
            "train-images-idx3-ubyte.gz": (
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"
            ),
            "train-labels-idx1-ubyte.gz": (
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"
            ),
            "t10k-images-idx3-ubyte.gz": (
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"
            ),
            "t10k-labels-idx1-ubyte.gz": (
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"
            ),
        },
        mirrors=("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
    ),
    "emnist-digits": _emnist("digits", DIGIT_CLASSES, 240_000, 40_000),
    "emnist-letters": _emnist("letters", LETTER_CLASSES, 124_800, 20_800, first_label=1),
    "emnist-balanced": _emnist("balanced", BALANCED_CLASSES, 112_800, 18_800),
}


_UNREADABLE = (OSError, EOFError, zlib.error)
_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_CHUNK = 1 << 20  # bytes; the largest file has 188 MB unpacked


class DataMissing(DataError):
    """A dataset that is not on this computer yet, but can be downloaded."""

    def __init__(self, name: str, folder: Path) -> None:
        self.dataset, self.folder = name, folder
        super().__init__(
            _describe_missing(PUBLISHED[name], folder)
            if name in PUBLISHED
            else _("{title} is not in {folder}").format(title=cifar10.TITLE, folder=folder)
        )


def _describe_missing(published: Published, folder: Path) -> str:
    """That a dataset is not there, what of it is missing, and where it was looked for."""
    missing = [f for f in published.files() if not candidate_paths(published, f, folder)]
    if not missing:  # it came meanwhile
        return _("{title} is not in {folder}").format(title=published.title, folder=folder)
    places = [place.relative_to(folder).as_posix() for place in places_of(published, folder)]
    inside = ", ".join(place for place in places if place != ".")
    return _(
        "{title} is not in {folder}: {file}, with or without .gz, is neither there nor in its "
        "{inside}"
    ).format(title=published.title, folder=folder, file=missing[0], inside=inside)


def has_all_files(name: str, folder: Path) -> bool:
    """Whether `folder` holds all files of a published dataset; does not look into them."""
    published = PUBLISHED[name]
    return all(candidate_paths(published, file, folder) for file in published.files())


def candidate_paths(published: Published, file: str, folder: Path) -> list[Path]:
    """Where `file` lies under `folder`, unpacked or not, unpacked first."""
    return [
        place / (name + end)
        for place in places_of(published, folder)
        if not _is_of_another(published, place)
        for name in _names_of(file)
        for end in ("", ".gz")
        if _is_file(place / (name + end))
    ]


def places_of(published: Published, folder: Path) -> list[Path]:
    """Where under `folder` the files of a dataset are looked for."""
    names = dict.fromkeys((published.folder, published.folder.lower()))
    places = [folder / name / inner for name in names for inner in ("raw", "")]
    places += [folder / "raw", folder]
    if published.archive:  # as it comes out of the archive
        places += [place / "gzip" for place in places]
    return places


def _names_of(file: str) -> list[str]:
    """What a file is called by torchvision, and by others: "train-images.idx3-ubyte"."""
    dotted = file.replace("-idx", ".idx")
    return [file, dotted, f"{file}/{file}", f"{dotted}/{dotted}"]  # Kaggle has each in a folder


def _is_of_another(published: Published, place: Path) -> bool:
    """Whether a folder holds another published dataset, whose files have the same names.

    The smallest file tells.
    """
    test = published.splits["test"]
    name, size = test.labels, test.sizes(published.label_bytes)[test.labels]
    others = [p.md5[name] for p in PUBLISHED.values() if p is not published and name in p.md5]
    if not others:
        return False
    for path in (place / (each + end) for each in _names_of(name) for end in ("", ".gz")):
        if _is_file(path):
            try:
                return _checksum(_content(path, size)) in others
            except _UNREADABLE:
                continue
    return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no right to look there, or no name that could be
        return False


def read(name: str, split: str, folder: Path) -> LabelledImages:
    """One split of a published dataset, every file checked.

    Raises:
        DataMissing: a file is not there.
        DataError: it is damaged.
    """
    published = PUBLISHED[name]
    files = published.splits[split]

    def content(wanted: str, size: int) -> Tensor:
        paths = candidate_paths(published, wanted, folder)
        if not paths:
            raise DataMissing(name, folder)
        return parse_idx(_read_checked(paths, published.md5.get(wanted), size), wanted, folder)

    sizes = files.sizes(published.label_bytes)
    images = content(files.images, sizes[files.images])
    labels = content(files.labels, sizes[files.labels])
    if images.shape != (files.count, 28, 28):
        raise DataError(
            _("{folder}: {images} does not hold {count:,} pictures of 28 × 28").format(
                folder=folder, images=files.images, count=files.count
            )
        )
    labels = (labels if labels.ndim == 1 else labels[:, 0]).long() - published.first_label
    fit = labels.shape == (files.count,) and int(labels.min()) >= 0
    if not fit or int(labels.max()) >= len(published.classes):
        first, last = published.first_label, published.first_label + len(published.classes) - 1
        raise DataError(
            _("{folder}: {labels} holds labels other than {first} to {last}").format(
                folder=folder, labels=files.labels, first=first, last=last
            )
        )
    if published.transposed:
        images = images.transpose(1, 2).contiguous()
    return LabelledImages(images, labels, published.classes)


def parse_idx(content: bytearray, name: str, folder: Path) -> Tensor:
    """The numbers of an IDX file: zero, zero, their type, how many sizes; the sizes; all of them.

    torchvision reads them too, but with it come its networks and PyTorch's compiler:
    a second and a half, and 170 MB.
    """
    try:
        kind, dimensions = struct.unpack_from(">xxBB", content)
        shape = struct.unpack_from(f">{dimensions}I", content, 4)
        values = np.frombuffer(content, _TYPES[kind], offset=4 + 4 * dimensions).reshape(shape)
    except (KeyError, ValueError, struct.error):
        # Its size is right, and its header is not; only where no checksum is known.
        raise DataError(
            _("{folder}: {name} is not in MNIST's format").format(folder=folder, name=name)
        ) from None
    return torch.from_numpy(values.astype(values.dtype.newbyteorder("="), copy=False))


def _read_checked(paths: list[Path], md5: str | None, size: int) -> bytearray:
    """What was published, from the first of `paths` that holds it, unpacked.

    In memory, where it goes in any case: a temporary folder may be full, or small.

    Raises:
        DataError: none does; the message says what is wrong with the first.
    """
    problems = []
    for path in paths:
        try:
            content = _content(path, size)
        except _UNREADABLE as error:
            problems.append(_("{path} cannot be read ({reason})").format(path=path, reason=error))
            continue
        if len(content) != size:
            problems.append(
                _("{path} does not have the {size:,} bytes that it should").format(
                    path=path, size=size
                )
            )
        elif md5 is not None and _checksum(content) != md5:
            problems.append(
                _("{path} is not the published file: its checksum differs").format(path=path)
            )
        else:
            return content
    raise DataError(
        _(
            "{problem}. If it is your own, train on it with --dataset {folder}; if not, delete or "
            "move it, and download it again."
        ).format(problem=problems[0], folder=paths[0].parent)
    )


def _content(path: Path, size: int) -> bytearray:
    """A file's content, unpacked; of an oversized one just enough to tell."""
    content = bytearray()
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while len(content) <= size and (chunk := file.read(min(_CHUNK, size + 1 - len(content)))):
            content += chunk
    return content


def _checksum(content: bytearray) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
