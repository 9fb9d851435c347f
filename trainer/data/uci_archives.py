"""Getting the pen digits of the UCI Machine Learning Repository.

UCI publishes no checksums. Those here are of the archives as several people, independently of
one another, have recorded them for these addresses; what has another one is not used.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from trainer.data import uci
from trainer.data.download import FetchError, fetch
from trainer.data.labelled_images import DataError
from trainer.progress import Progress

_STATIC = "https://archive.ics.uci.edu/static/public"
_LARGEST = 8 << 20  # bytes; the larger of the two has 2.3 MB


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip file of which one member is wanted."""

    title: str
    url: str
    sha256: str
    member: str
    names: tuple[str, ...]  # that the member may have where it is there already


ARCHIVES = (
    Archive(
        "Pen-Based Recognition of Handwritten Digits",
        f"{_STATIC}/81/pen+based+recognition+of+handwritten+digits.zip",
        "1e02bea023613c2b11c9492f6f34caf975420455934f3527d270cee9a1f03b64",
        "pendigits-orig.tra.Z",
        uci.PENDIGITS_FILES,
    ),
    Archive(
        "UJI Pen Characters",
        f"{_STATIC}/177/uji+pen+characters+version+2.zip",
        "0881b522911b99d9922820289441b50fd3d307f71cd7f9cc70e86872424a5f90",
        "ujipenchars2.txt",
        uci.UJI_FILES,
    ),
)


def download(folder: Path) -> Generator[Progress, None, None]:
    """Download what is not there of both, into the folder `pen` of the data folder.

    Ended at any moment, nothing half-written is left.

    Raises:
        DataError: it can't be had; the message says why and what to do.
    """
    for archive in ARCHIVES:
        if uci.find_file((folder, folder / "pen", folder / "unipen"), archive.names) is None:
            yield from _download(archive, folder / "pen")


def _download(archive: Archive, folder: Path) -> Generator[Progress, None, None]:
    """Download one archive and keep its member."""
    beside = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder))
        packed, what = beside / "archive.zip", f"downloading {archive.title}"
        yield from fetch(archive.url, packed, archive.sha256, what, _LARGEST, algorithm="sha256")
        with zipfile.ZipFile(packed) as opened:
            unpacked = Path(opened.extract(archive.member, beside))
        unpacked.replace(folder / archive.member)
    except (FetchError, OSError, zipfile.BadZipFile, KeyError) as error:
        raise DataError(
            f"{archive.title} could not be downloaded ({archive.url}: {error}). "
            f"Check the network and try again, or put {archive.member} into {folder}."
        ) from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
