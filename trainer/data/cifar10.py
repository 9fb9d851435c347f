"""CIFAR-10: color pictures of 32x32; torchvision names its files and checksums.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import shutil
import tarfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from trainer.data.download import FetchError, fetch, unpacking_folder
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.files import is_file, is_there, read_bounded
from trainer.progress import Progress
from trainer.translation import gettext as _

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
            if all(is_file(root / _FOLDER / name) for name in _FILES):
                return root
        except OSError:  # no right to look there
            continue
    return None


def read(split: str, root: Path) -> LabelledImages:
    """The split, uint8 (N, 3, 32, 32).

    The files are Python pickles. None is opened whose checksum is not the published one, and
    nothing but arrays, texts, lists and dictionaries is made of them.

    Raises:
        DataError: they are damaged.
    """
    source = _torchvision_class()
    names = source.train_list if split == "train" else source.test_list
    images, labels = [], []
    try:
        for name, md5 in names:
            part = _unpickle(read_bounded(root / _FOLDER / name, _LARGEST), md5)
            images.append(np.asarray(part["data"], np.uint8).reshape(-1, 3, 32, 32))
            labels.append(np.asarray(part["labels"], np.int64))
        pixels, numbers = np.concatenate(images), np.concatenate(labels)
        if numbers.shape != (len(pixels),) or numbers.min() < 0 or numbers.max() >= len(CLASSES):
            raise ValueError(_("its labels do not fit its pictures"))
    except Exception as error:  # of any kind, as the content may be anything
        raise DataError(
            _(
                "{folder} is not CIFAR-10 as it was published ({reason}). Delete or move it, "
                "and download it again."
            ).format(folder=root / _FOLDER, reason=error)
        ) from None
    return LabelledImages(torch.from_numpy(pixels), torch.from_numpy(numbers), CLASSES)


def _unpickle(content: bytes, md5: str) -> dict[str, Any]:
    """What a file holds.

    Raises:
        ValueError: it is not the published one.
        Exception: of any kind; it holds something else.
    """
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise ValueError(_("a checksum differs"))
    values: dict[str, Any] = PlainUnpickler(io.BytesIO(content), encoding="latin1").load()
    return values


class PlainUnpickler(pickle.Unpickler):
    """Makes numpy's arrays of a pickle, beside texts, numbers, lists and dictionaries.

    Whatever else a pickle names, which may be any function of Python's, is refused.
    """

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may name.

        Raises:
            pickle.UnpicklingError: it names something else.
        """
        if (module, name) in _NAMED:
            # numpy 2 has another name for the module of that function.
            if name == "_reconstruct" and hasattr(np, "_core"):
                module = "numpy._core.multiarray"
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it names {module}.{name}")


_NAMED = (
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),  # of bytes, in pickles that Python 2 can read
)


def download(folder: Path) -> Generator[Progress, None, None]:
    """Download and unpack; ended at any moment, nothing half-written is left.

    Raises:
        DataError: it can't be had; the message says why and what to do.
    """
    source, root = _torchvision_class(), folder / "CIFAR10"
    checksums, what = {"md5": source.tgz_md5}, _("downloading {title}").format(title=TITLE)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with unpacking_folder(root) as beside:
            archive = beside / source.filename
            yield from fetch(source.url, archive, checksums, what, _LARGEST)
            yield Progress(_("unpacking {title}").format(title=TITLE), 0, 0)
            with tarfile.open(archive) as packed:
                packed.extractall(beside, filter="data")
            if is_there(root / _FOLDER):  # a part of it, or it would not be downloaded
                shutil.rmtree(root / _FOLDER)
            (beside / _FOLDER).replace(root / _FOLDER)
    except (FetchError, OSError, tarfile.TarError) as error:
        raise DataError(
            _(
                "{title} could not be downloaded ({url}: {reason}). Check the network and "
                "try again, or unpack {filename} into {root}."
            ).format(title=TITLE, url=source.url, reason=error, filename=source.filename, root=root)
        ) from None


def _torchvision_class() -> Any:
    from torchvision.datasets import CIFAR10  # a second to import, and only needed here

    return CIFAR10
