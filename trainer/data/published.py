"""The datasets of MNIST's kind that can be downloaded: their files, classes and checksums.

torchvision names the mirrors and the packed files' checksums. Knows nothing of
reading files.

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

import string
from dataclasses import dataclass, field
from typing import Any

from trainer.data.labelled_images import DIGIT_CLASSES

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
class Published:
    """A dataset in MNIST's file format that can be downloaded."""

    title: str
    folder: str  # torchvision's name for its class and folder
    classes: tuple[str, ...]
    megabytes: int  # to download
    splits: dict[str, Split]
    md5: dict[str, str] = field(default_factory=dict)
    """Of files, unpacked, where they are known; each other file's size and content are checked."""
    label_bytes: int = 1
    """Of one label: 1, or 32 where a label is eight numbers, of which the class is the first."""
    first_label: int = 0
    transposed: bool = False  # images are stored column by column
    archive: bool = False  # all files are in one zip file, with those of its sister datasets

    def torchvision_class(self) -> Any:
        """The torchvision dataset that knows the mirrors and the packed files' checksums."""
        import torchvision.datasets  # a second to import, and only needed here

        return getattr(torchvision.datasets, self.folder)

    def sources(self) -> list[tuple[str, str, list[str]]]:
        """The packed files to download: name, checksum, and addresses, the best first."""
        source = self.torchvision_class()
        if self.archive:
            return [(source.url.rsplit("/", 1)[1], source.md5, [source.url])]
        if isinstance(source.resources, dict):
            wanted = [pair for split in self.splits for pair in source.resources[split]]
            return [(url.rsplit("/", 1)[1], md5, [url]) for url, md5 in wanted]
        return [
            (name, md5, [mirror + name for mirror in source.mirrors])
            for name, md5 in source.resources
        ]

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
    "kmnist": Published("KMNIST", "KMNIST", KANA_CLASSES, 21, _FOUR),
    "emnist-digits": _emnist("digits", DIGIT_CLASSES, 240_000, 40_000),
    "emnist-letters": _emnist("letters", LETTER_CLASSES, 124_800, 20_800, first_label=1),
    "emnist-balanced": _emnist("balanced", BALANCED_CLASSES, 112_800, 18_800),
}
