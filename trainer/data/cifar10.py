"""CIFAR-10: color pictures of 32x32; torchvision names, checks and parses its files.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch

from trainer.data.download import FetchError, fetch
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.progress import Progress

CLASSES = (
    "Airplane", "Automobile", "Bird", "Cat", "Deer",
    "Dog", "Frog", "Horse", "Ship", "Truck",
)  # fmt: skip
TITLE = "CIFAR-10"
MEGABYTES = 170
"""To download."""
_FOLDER = "cifar-10-batches-py"
_FILES = (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch", "batches.meta")
_LARGEST = 256 << 20  # bytes; the archive has 170 MB


def find(folder: Path) -> Path | None:
    """The folder that torchvision calls the root, under `folder`; None if there is none.

    Looks only whether the files are there, not into them.
    """
    for root in (folder / "CIFAR10", folder):
        try:
            if all((root / _FOLDER / name).is_file() for name in _FILES):
                return root
        except OSError:  # no right to look there
            continue
    return None


def read(split: str, root: Path) -> LabelledImages:
    """The split, uint8 (N, 3, 32, 32).

    The files are Python pickles; torchvision opens none whose checksum is not
    the published one.

    Raises:
        DataError: they are damaged.
    """
    try:
        found = _torchvision_class()(str(root), train=split == "train", download=False)
    except (RuntimeError, OSError, EOFError) as error:
        raise DataError(
            f"{root / _FOLDER} is not CIFAR-10 as it was published ({error}). "
            "Delete or move it, and download it again."
        ) from None
    images = torch.from_numpy(found.data).permute(0, 3, 1, 2).contiguous()
    return LabelledImages(images, torch.tensor(found.targets), CLASSES)


def download(folder: Path) -> Generator[Progress, None, None]:
    """Download and unpack; ended at any moment, nothing half-written is left.

    Raises:
        DataError: it can't be had; the message says why and what to do.
    """
    source, root = _torchvision_class(), folder / "CIFAR10"
    beside = None
    try:
        root.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=root))
        archive = beside / source.filename
        yield from fetch(source.url, archive, source.tgz_md5, f"downloading {TITLE}", _LARGEST)
        yield Progress(f"unpacking {TITLE}", 0, 0)
        with tarfile.open(archive) as packed:
            packed.extractall(beside, filter="data")
        if (root / _FOLDER).exists():  # a part of it, or it would not be downloaded
            shutil.rmtree(root / _FOLDER)
        (beside / _FOLDER).replace(root / _FOLDER)
    except (FetchError, OSError, tarfile.TarError) as error:
        raise DataError(
            f"{TITLE} could not be downloaded ({source.url}: {error}). "
            f"Check the network and try again, or unpack {source.filename} into {root}."
        ) from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _torchvision_class() -> Any:
    from torchvision.datasets import CIFAR10  # a second to import, and only needed here

    return CIFAR10
