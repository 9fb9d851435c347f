"""IDX files, as MNIST has them, of any number of pictures; and tables with a picture a line (CSV).

IDX: LeCun, Cortes, Burges, "The MNIST database of handwritten digits". CSV as Kaggle's Digit
Recognizer has it: a header with `label` and `pixel0` to `pixel783`; as MNIST is also handed on,
without a header and with the label first.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data import mnist_like
from trainer.data.labelled_images import DataError
from trainer.data.own.arrays import part_of
from trainer.data.own.place import Place, cannot_read
from trainer.data.own.source import MOST_BYTES, OwnPart, RawPictures, check_amount, role_of
from trainer.files import open_plain, read_bounded
from trainer.progress import Progress
from trainer.translation import gettext as _
from trainer.translation import ngettext

# IDX


def read_idx(place: Place) -> RawPictures:
    """Every file of pictures with the file of its labels.

    Raises:
        DataError: damaged, or a file of pictures has none of labels.
    """
    headers = {file: _dimensions(file) for file in place.files}
    images = [file for file, dimensions in headers.items() if dimensions >= 3]
    labels = [file for file, dimensions in headers.items() if dimensions < 3]
    if not place.path.is_dir():
        # It was named alone: its own labels are wanted, or its own pictures.
        if headers[place.path] >= 3:
            images = [place.path]
        else:
            images = [file for file in images if _stem(file) == _stem(place.path)][:1]
            labels = [place.path]
    parts: list[OwnPart] = []
    notes: list[str] = []
    done: set[str] = set()
    for file in images:
        if _stem(file) in done:  # packed beside unpacked
            continue
        done.add(_stem(file))
        fitting = [other for other in labels if _stem(other) == _stem(file)]
        if not fitting and len(images) == len(labels) == 1:
            fitting = labels
        if not fitting:
            raise DataError(
                _(
                    "{path} has no file with its labels beside it: that is called "
                    "train-labels-idx1-ubyte if the pictures are train-images-idx3-ubyte"
                ).format(path=file)
            )
        classes = _numbers(fitting[0])
        if classes.ndim == 2:  # QMNIST's: the class is the first of eight
            classes = classes[:, 0]
        part, part_notes = part_of(role_of(file.name), _numbers(file), classes, file)
        parts.append(part)
        notes += part_notes
    if not parts:
        raise DataError(
            _("{path} holds labels without pictures (IDX files)").format(path=place.path)
        )
    return RawPictures(tuple(parts), notes=tuple(dict.fromkeys(notes)))


def _stem(file: Path) -> str:
    """What the names of pictures and of their labels have in common."""
    return re.sub(r"images?|labels?|idx\d?|ubyte|byte|int|\.gz$|[^a-z0-9]", "", file.name.lower())


def _dimensions(file: Path) -> int:
    try:
        with open_plain(file) as plain:
            head = plain.read(4)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(file) as packed:
                head = packed.read(4)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from None
    return head[3]


def _numbers(file: Path) -> NDArray[np.uint8]:
    try:
        content = bytearray(read_bounded(file, MOST_BYTES))
    except OSError as error:
        raise cannot_read(file, error) from None
    return np.asarray(mnist_like.parse_idx(content, file.name, file.parent).numpy())


def _unreadable(file: Path, error: Exception) -> DataError:
    if isinstance(error, OSError):
        return cannot_read(file, error)
    return DataError(_("{path} is damaged: its packing is cut short").format(path=file))


# CSV

_LABELS = ("label", "labels", "class", "target", "y", "digit", "letter")
_LONGEST_LINE = 1 << 20  # characters; a picture of 3x32x32 has 12,000
_MOST_TOLD = 3


def read_csv(place: Place) -> Generator[Progress, None, RawPictures]:
    """The pictures of tables.

    Raises:
        DataError: damaged, or a table without labels or without pictures.
    """
    parts: list[OwnPart] = []
    notes: list[str] = []
    skipped: list[str] = []
    without = [file for file in place.files if _label_column(_head(file), file) is None]
    for file in place.files:
        if file in without and len(without) < len(place.files):
            skipped.append(
                _("{name} has no column called label, and is left out").format(name=file.name)
            )
            continue
        rows, labels, bad = yield from _read_table(file)
        part, part_notes = part_of(role_of(file.name), rows, np.array(labels), file)
        parts.append(part)
        notes += part_notes
        if bad:
            lines = ", ".join(map(str, bad[:_MOST_TOLD])) + (" …" if len(bad) > _MOST_TOLD else "")
            skipped.append(
                ngettext(
                    "{name}: {n} line is no picture of levels from 0 to 255 (line {lines})",
                    "{name}: {n} lines are no pictures of levels from 0 to 255 (lines {lines})",
                    len(bad),
                ).format(name=file.name, n=len(bad), lines=lines)
            )
    return RawPictures(tuple(parts), skipped=tuple(skipped), notes=tuple(dict.fromkeys(notes)))


@contextmanager
def _opened(file: Path) -> Iterator[io.TextIOBase]:
    """A table as text, unpacked if it is gzipped."""
    try:
        with open_plain(file) as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            with (
                gzip.GzipFile(fileobj=plain) if packed else plain as raw,
                io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text,
            ):
                yield text
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from None
    except UnicodeDecodeError:
        raise DataError(_("{path} is no table in text (CSV, UTF-8)").format(path=file)) from None


def _lines(text: io.TextIOBase, file: Path) -> Iterator[str]:
    total = 0
    while line := text.readline(_LONGEST_LINE):
        total += len(line)
        if len(line) == _LONGEST_LINE or total > 8 * MOST_BYTES:
            raise DataError(
                _("{path} is too large for a table with a picture a line").format(path=file)
            )
        if line.strip():
            yield line


def _head(file: Path) -> list[str]:
    """The cells of the first line."""
    with _opened(file) as text:
        first = next(_lines(text, file), "")
    if not first:
        raise DataError(_("{path} is empty").format(path=file))
    try:
        return [cell.strip() for cell in next(csv.reader([first], delimiter=_delimiter(first)))]
    except csv.Error:
        raise DataError(_("{path} is no table in text (CSV, UTF-8)").format(path=file)) from None


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _is_header(cells: list[str]) -> bool:
    """Whether a line names columns: most of its cells are no numbers."""
    numbers = sum(cell.replace(".", "", 1).isdigit() for cell in cells)
    return 2 * numbers < len(cells)


def _label_column(cells: list[str], file: Path) -> int | None:
    """Which column has the labels; None if none has.

    Raises:
        DataError: the columns are of no picture.
    """
    named = [n for n, cell in enumerate(cells) if cell.lower() in _LABELS]
    if _is_header(cells) and named:
        return named[0]
    if _side(len(cells)):  # all of them are pixels
        return None
    if _side(len(cells) - 1):
        return 0
    raise DataError(
        _(
            "{path} is no table of pictures: it has {n:,} columns, and a picture of 28x28 needs "
            "label and pixel0 to pixel783"
        ).format(path=file, n=len(cells))
    )


def _side(pixels: int) -> bool:
    """Whether so many pixels make a square picture, gray or of three colors."""
    sides = {round(pixels**0.5), round((pixels / 3) ** 0.5)}
    return any(side > 1 and pixels in (side * side, 3 * side * side) for side in sides)


def _read_table(
    file: Path,
) -> Generator[Progress, None, tuple[NDArray[Any], list[str], list[int]]]:
    """Rows of pixels, their labels, and the numbers of lines that are neither.

    Raises:
        DataError: there is no column of labels.
    """
    head = _head(file)
    column = _label_column(head, file)
    if column is None:
        raise DataError(
            _(
                "{path} has no column of labels (its test file has none, either): take the table "
                "with a column called label, such as Kaggle's train.csv"
            ).format(path=file)
        )
    pieces: list[NDArray[Any]] = []
    labels: list[str] = []
    bad: list[int] = []
    with _opened(file) as text:
        lines = _lines(text, file)
        length, delimiter = len(head), ""
        for number, line in enumerate(lines, start=1):
            delimiter = delimiter or _delimiter(line)
            if number == 1 and _is_header(head):
                continue
            if number % 500 == 0:
                check_amount(number, length, file)
                yield Progress(_("reading {name}").format(name=file.name), number, 0)
            cells = line.rstrip("\r\n").split(delimiter)
            if len(cells) != length:
                bad.append(number)
                continue
            label = cells.pop(column).strip().strip('"')
            try:
                row = np.array(cells, np.float32)
            except ValueError:
                bad.append(number)
                continue
            if not label or not (row >= 0).all() or not (row <= 255).all():
                bad.append(number)
                continue
            labels.append(_plain(label))
            pieces.append(row.astype(np.uint8) if (row == np.floor(row)).all() else row)
    if not pieces:
        raise DataError(_("{path} holds no line with a picture").format(path=file))
    return np.stack(pieces), labels, bad


def _plain(label: str) -> str:
    """A label that is a whole number without a point, as "3.0" is 3."""
    return label[:-2] if label.endswith(".0") and label[:-2].isdigit() else label
