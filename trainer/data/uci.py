"""Two collections of the UCI Machine Learning Repository in their original files.

- UCI 81, "Pen-Based Recognition of Handwritten Digits" (E. Alpaydin, F. Alimoglu,
  DOI 10.24432/C5MG6K, CC BY 4.0): `pendigits-orig.tra`, the digits of 30 people, in the UNIPEN
  format, packed by `compress` in the archive. A segment is followed by `.COMMENT DIGIT WRITER
  NUMBER`, and that by its ink; y is counted from the bottom. The second file,
  `pendigits-orig.tes` with 14 other people, is not read. The project's JSON file of pen digits
  has 7,493 of its 7,494 digits: one 6 of writer 27 is not there.
- UCI 177, "UJI Pen Characters (Version 2)" (F. Prat, M. Castro, D. Llorens, A. Marzal, J. Vilar,
  DOI 10.24432/C5FG8S, CC BY 4.0): `ujipenchars2.txt`, UTF-8, 97 characters by 60 people, twice
  each. A line that begins with two slashes is a comment; a sample is `WORD CHARACTER
  SET_SITE_Wnn-REPETITION`, `NUMSTROKES n`, and n lines `POINTS k # x y x y ...`, integers, y
  pointing down. One millimeter is 100 units at the site UJI and 152 at UPV.

Of the second, people 12 to 42 are read, those that the JSON file has; nobody is trained on of the
others.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.data.download import FetchError, fetch, unpacking_folder
from trainer.data.labelled_images import DataError
from trainer.data.unipen import Points, Segment, read_segments
from trainer.files import convert_read_errors, is_file, read_bounded
from trainer.progress import Progress
from trainer.translation import gettext as _

DIGITS = frozenset("0123456789")
PENDIGITS_FILES = ("pendigits-orig.tra", "pendigits-orig.tra.Z")
UJI_FILES = ("ujipenchars2.txt",)
UJI_WRITERS = range(12, 43)
"""The people of UCI 177 that are read."""

_WORD = re.compile(r"WORD (\S+) \w+_W(\d+)-\d+")


DEPTHS = ("", "*/", "*/*/")
"""How far below a place a file or a folder is looked for."""


def find_file(
    places: Iterable[Path], names: tuple[str, ...], depths: tuple[str, ...] = DEPTHS
) -> Path | None:
    """The first file that has one of the names, near places before far ones."""
    for place in places:
        for depth in depths:
            for name in names:
                try:
                    files = [path for path in sorted(place.glob(depth + name)) if is_file(path)]
                except OSError:  # no right to look there, or no name that could be
                    continue
                if files:
                    return files[0]
    return None


def read_pendigits(path: Path) -> Iterator[Segment]:
    """The digits of UCI 81's training file, in its order.

    Args:
        path: `pendigits-orig.tra`, or the same as .Z.

    Returns:
        Segments with the writer's number, such as "27".

    Raises:
        DataError: it can't be read, or is damaged or cut off.
    """
    wanted = {("DIGIT", digit) for digit in DIGITS}
    for number, segment in enumerate(
        read_segments(path, None, wanted, writer_keyword="COMMENT"), start=1
    ):
        if segment.strokes is None:
            raise _damaged(
                path,
                _("digit {number}, a {label}, has no ink").format(
                    number=number, label=segment.label
                ),
            )
        label, writer, *_rest = [*(segment.writer or "").split(), "", ""]
        if label != segment.label or not writer.isdigit():
            raise _damaged(
                path,
                _("digit {number}, a {label}, does not say who wrote it").format(
                    number=number, label=segment.label
                ),
            )
        yield Segment(label, writer, segment.strokes)


def read_uji_digits(path: Path) -> Iterator[Segment]:
    """The digits of UCI 177 by `UJI_WRITERS`, in the file's order.

    Returns:
        Segments with the writer's number, such as "12".

    Raises:
        DataError: it can't be read, or is damaged or cut off.
    """
    try:
        with convert_read_errors(path, DataError):
            lines = read_bounded(path, _LARGEST).decode().splitlines()
    except UnicodeDecodeError as error:
        raise _damaged(path, str(error)) from None
    numbered = enumerate((line.strip() for line in lines), start=1)
    content = ((n, line) for n, line in numbered if line and not line.startswith("//"))
    for number, line in content:
        word = _WORD.fullmatch(line)
        try:
            if word is None:
                raise ValueError
            strokes = _strokes(content)
        except (ValueError, StopIteration):
            raise _damaged(
                path, _("the sample at line {number} is not whole").format(number=number)
            ) from None
        character, writer = word[1], int(word[2])
        if writer in UJI_WRITERS and character in DIGITS:
            yield Segment(character, str(writer), strokes)


def _strokes(content: Iterator[tuple[int, str]]) -> list[Points]:
    """The strokes of one sample: its next lines.

    Raises:
        ValueError: they are something else.
        StopIteration: the file ends.
    """
    keyword, count = next(content)[1].split()
    if keyword != "NUMSTROKES" or int(count) < 1:
        raise ValueError(keyword)
    strokes = []
    for _stroke in range(int(count)):
        keyword, length, mark, *numbers = next(content)[1].split()
        if (keyword, mark) != ("POINTS", "#"):
            raise ValueError(keyword)
        strokes.append(np.array(numbers, np.float64).reshape(int(length), 2))
    return strokes


def _damaged(path: Path, what: str) -> DataError:
    return DataError(
        _("{path} is damaged: {what}. Unpack the archive again.").format(path=path, what=what)
    )


# Getting them

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
        PENDIGITS_FILES,
    ),
    Archive(
        "UJI Pen Characters",
        f"{_STATIC}/177/uji+pen+characters+version+2.zip",
        "0881b522911b99d9922820289441b50fd3d307f71cd7f9cc70e86872424a5f90",
        "ujipenchars2.txt",
        UJI_FILES,
    ),
)
"""UCI publishes no checksums. These are of the archives as several people, independently of one
another, have recorded them for these addresses; what has another one is not used."""


def download(folder: Path) -> Generator[Progress, None, None]:
    """Download what is not there of both, into the folder `pen` of the data folder.

    Ended at any moment, nothing half-written is left.

    Raises:
        DataError: it can't be had; the message says why and what to do.
    """
    for archive in ARCHIVES:
        if find_file((folder, folder / "pen", folder / "unipen"), archive.names) is None:
            yield from _download(archive, folder / "pen")


def _download(archive: Archive, folder: Path) -> Generator[Progress, None, None]:
    """Download one archive and keep its member."""
    checksums = {"sha256": archive.sha256}
    what = _("downloading {title}").format(title=archive.title)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unpacking_folder(folder) as beside:
            packed = beside / "archive.zip"
            yield from fetch(archive.url, packed, checksums, what, _LARGEST)
            with zipfile.ZipFile(packed) as opened:
                unpacked = Path(opened.extract(archive.member, beside))
            unpacked.replace(folder / archive.member)
    except (FetchError, OSError, zipfile.BadZipFile, KeyError) as error:
        raise DataError(
            _(
                "{title} could not be downloaded ({url}: {reason}). Check the network and "
                "try again, or put {member} into {folder}."
            ).format(
                title=archive.title,
                url=archive.url,
                reason=error,
                member=archive.member,
                folder=folder,
            )
        ) from None
