"""IDX files, as MNIST has them, of any number of pictures; and tables with a picture a line (CSV).

IDX: LeCun, Cortes, Burges, "The MNIST database of handwritten digits". CSV as Kaggle's Digit
Recognizer has it: a header with `label` and `pixel0` to `pixel783`; as MNIST is also handed on,
without a header and with the label first.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import math
import re
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data import mnist_like
from trainer.data.labelled_images import DataError
from trainer.data.own.arrays import part_of
from trainer.data.own.place import Place, cannot_read, find_labels, stem_of
from trainer.data.own.source import MOST_BYTES, OwnPart, RawPictures, check_amount, role_of
from trainer.files import open_plain, read_bounded
from trainer.progress import Progress
from trainer.recipes.own_dataset import MOST_CLASSES
from trainer.translation import gettext as _
from trainer.translation import ngettext

# IDX

_OF_QMNIST = 8
"""Numbers of each label of QMNIST, of which the first is the class."""


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
            images = [file for file in images if stem_of(file) == stem_of(place.path)][:1]
            labels = [place.path]
    parts: list[OwnPart] = []
    notes: list[str] = []
    done: set[str] = set()
    for file in images:
        if stem_of(file) in done:  # packed beside unpacked
            continue
        done.add(stem_of(file))
        fitting = [other for other in labels if stem_of(other) == stem_of(file)]
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
        if classes.ndim == 2 and classes.shape[1] == _OF_QMNIST and (classes > 1).any():
            classes = classes[:, 0]
        pictures, turned = _upright(_numbers(file), file)
        part, part_notes = part_of(role_of(file.name), pictures, classes, file)
        parts.append(part)
        notes += (*part_notes, *turned)
    if not parts:
        raise DataError(
            _("{path} holds labels without pictures (IDX files)").format(path=place.path)
        )
    return RawPictures(tuple(parts), notes=tuple(dict.fromkeys(notes)))


def _upright(images: NDArray[Any], file: Path) -> tuple[NDArray[Any], list[str]]:
    """Pictures as they are read, and what is said of it: EMNIST's files have columns for rows."""
    if _EMNIST.match(file.name) is None:
        return images, []
    if images.ndim == 2 and (side := math.isqrt(images.shape[1])) ** 2 == images.shape[1]:
        images = images.reshape(len(images), side, side)
    if images.ndim < 3:
        return images, []
    return images.swapaxes(1, 2), [_("Rows and columns exchanged, as EMNIST's files need")]


_EMNIST = re.compile(r"emnist[-_](balanced|byclass|bymerge|digits|letters|mnist)[-_](train|test)")
"""Names of EMNIST's files, as IDX and as tables."""


_ROW = (40).to_bytes(4, "big")
"""More numbers than a row of labels has."""


def _dimensions(file: Path) -> int:
    """How many sizes a file has; 3 of pictures of which each is a row, too."""
    try:
        with open_plain(file) as plain:
            head = plain.read(12)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(file) as packed:
                head = packed.read(12)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from None
    rolled_out = head[3] == 2 and "label" not in file.name.lower()
    return 3 if rolled_out and _side(int.from_bytes(head[8:])) and head[8:] > _ROW else head[3]


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

_LABELS = ("label", "labels", "class", "target", "y", "digit", "letter", "character")
_NO_PIXELS = ("", "id", "index", "unnamed: 0", "file", "filename", "name", "path", "usage", "split")
"""Names of columns that number or name the lines."""
_LONGEST_LINE = 1 << 20  # characters; a picture of 3x32x32 has 12,000
_SAMPLE = 20  # lines by which columns are told
_MOST_TOLD = 3
_MOST_BESIDE = 8
"""Columns of a table with all pixels in one of them."""
_LEAST_IN_CELL = 16  # pixels


@dataclass(frozen=True, slots=True)
class _Form:
    """How a table is written."""

    delimiter: str | None  # None: white space
    comma: bool  # the decimal sign
    header: bool
    length: int  # cells of a line
    labels: tuple[int, ...]  # their column; several: of as many classes, one has a 1
    pixels: tuple[int, ...]

    def cells(self, line: str) -> list[str]:
        """The cells of a line.

        Raises:
            csv.Error: it is none of a table.
        """
        return _cells(line, self.delimiter)

    def numbers(self, cells: list[str]) -> NDArray[np.float32]:
        """The pixels of a line.

        Raises:
            ValueError: some are no numbers.
        """
        first, last = self.pixels[0], self.pixels[-1]
        together = last - first + 1 == len(self.pixels)
        texts = cells[first : last + 1] if together else [cells[n] for n in self.pixels]
        if self.comma:
            texts = [text.replace(",", ".") for text in texts]
        with np.errstate(over="ignore"):  # what is too large is no level
            return np.array(texts, np.float32)

    def label(self, cells: list[str]) -> str:
        """The label of a line; empty if it has none."""
        texts = [cells[number].strip() for number in self.labels]
        if len(texts) == 1:
            return _plain(texts[0])
        ones = [number for number, text in enumerate(texts) if _plain(text) == "1"]
        return str(ones[0]) if len(ones) == 1 else ""


def read_csv(place: Place) -> Generator[Progress, None, RawPictures]:
    """The pictures of tables.

    Raises:
        DataError: damaged, or a table without labels or without pictures.
    """
    parts: list[OwnPart] = []
    notes: list[str] = []
    skipped: list[str] = []
    forms: dict[Path, _Form] = {}
    beside = {file: find_labels(file, place.files) for file in place.files}
    for file in place.files:
        if file in beside.values():
            continue
        try:
            forms[file] = _form_of(file)
        except DataError as error:  # such as Kaggle's sample_submission.csv
            skipped.append(str(error))
    if not forms:
        raise DataError(skipped[0])
    labeled = any(form.labels or beside[file] for file, form in forms.items())
    for file, form in forms.items():
        other = None if form.labels else beside[file]
        if labeled and not (form.labels or other):
            skipped.append(
                _("{name} has no column called label, and is left out").format(name=file.name)
            )
            continue
        rows, labels, bad = yield from _read_table(file, form, other)
        pictures, turned = _upright(rows, file)
        part, part_notes = part_of(role_of(file.name), pictures, np.array(labels), file)
        parts.append(part)
        notes += (*part_notes, *turned)
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


def _decode_1252(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 as Windows-1252, of which Latin-1's letters are a part: as Excel saves."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_AS_1252 = "windows-1252 instead"
codecs.register_error(_AS_1252, _decode_1252)


@contextmanager
def _opened(file: Path) -> Iterator[io.TextIOBase]:
    """A table as text, unpacked if it is gzipped."""
    try:
        with open_plain(file) as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            raw = io.BufferedReader(gzip.GzipFile(fileobj=plain)) if packed else plain
            head = raw.peek(2)
            encoding, errors = "utf-8-sig", _AS_1252
            if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
                encoding, errors = "utf-16", "strict"
            elif b"\0" in head:
                raise UnicodeError  # no text
            with raw, io.TextIOWrapper(raw, encoding, errors, newline="") as text:
                yield text
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from None
    except UnicodeError:
        raise DataError(_("{path} is no table in text (CSV, UTF-8)").format(path=file)) from None


def _lines(text: io.TextIOBase, file: Path) -> Iterator[tuple[int, str]]:
    """Lines of a table with their numbers, without empty ones and remarks at the beginning."""
    total, begun = 0, False
    for number in itertools.count(1):
        line = text.readline(_LONGEST_LINE)
        if not line:
            return
        total += len(line)
        if len(line) == _LONGEST_LINE or total > 8 * MOST_BYTES:
            raise DataError(
                _("{path} is too large for a table with a picture a line").format(path=file)
            )
        begun = begun or not line.lower().startswith(("#", "sep="))
        if begun and line.strip():
            yield number, line.strip("\r\n")


def _cells(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    cells = next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter)
    if len(cells) <= _MOST_BESIDE:  # all pixels may be one cell, as FER2013 has them
        for number, cell in enumerate(cells):
            if _side(len(levels := cell.split())) and len(levels) >= _LEAST_IN_CELL:
                return [*cells[:number], *levels, *cells[number + 1 :]]
    return cells


def _form_of(file: Path) -> _Form:
    """How a table is written, by its first lines.

    Raises:
        DataError: it has no line, or its columns are of no picture.
    """
    with _opened(file) as text:
        lines = [line for _number, line in itertools.islice(_lines(text, file), _SAMPLE)]
    if not lines:
        raise DataError(_("{path} is empty").format(path=file))
    last = lines[-1]
    # A comma may be the decimal sign where anything else divides.
    counts = {sign: last.count(sign) for sign in "\t;|,"}
    delimiter = next((s for least in (2, 0) for s, n in counts.items() if n > least), None)
    try:
        rows = [[cell.strip() for cell in _cells(line, delimiter)] for line in lines]
    except csv.Error:
        raise DataError(_("{path} is no table in text (CSV, UTF-8)").format(path=file)) from None
    if len(rows) > 1 and 1 < len(rows[0]) <= _MOST_BESIDE < len(rows[-1]):
        rows[0] = _spread(rows[0], len(rows[-1]))
    comma = delimiter != "," and "," in last
    header = _is_header(rows)
    body = rows[header:] or rows
    used = list(range(len(rows[0]) - all(not row[-1:] or not row[-1] for row in rows)))
    labels = _named_labels(rows[0], used) if header else ()
    pixels = [n for n in used if n not in labels]
    if labels and not _side(len(pixels)):
        pixels = [n for n in pixels if rows[0][n].lower() not in _NO_PIXELS]
    if not labels and not _side(len(used)):
        labels = _placed_labels(file, used, body, delimiter)
        pixels = [n for n in used if n not in labels]
    if not _side(len(pixels)):
        raise DataError(
            _(
                "{path} is no table of pictures: it has {n:,} columns, and a picture of 28 × 28 "
                "needs label and pixel0 to pixel783"
            ).format(path=file, n=len(rows[0]))
        )
    return _Form(delimiter, comma, header, len(rows[0]), labels, tuple(pixels))


def _spread(head: list[str], length: int) -> list[str]:
    """Names of so many columns, where one of them was the name of all pixels."""
    known = [n for n, name in enumerate(head) if name.lower() in ("pixels", "image", "data")]
    if len(known) != 1:
        return head
    at = known[0]
    pixels = [f"pixel{n}" for n in range(length - len(head) + 1)]
    return [*head[:at], *pixels, *head[at + 1 :]]


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first line names columns: most of its cells are no numbers.

    Or all differ, and those of the next line do not: a line of levels that pandas took for names.
    """
    head = rows[0]
    if 2 * sum(map(_is_number, head)) < len(head):
        return True
    return len(rows) > 1 and len(set(head)) == len(head) > 256 > len(set(rows[1]))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ".", 1))
    except ValueError:
        return False
    return True


def _named_labels(head: list[str], used: list[int]) -> tuple[int, ...]:
    """The columns that have a label's name: one, or as label_0 to label_9 one for each class."""
    names = [head[n].lower() for n in used]
    for name in names:
        if name in _LABELS:
            return (used[names.index(name)],)
    several = tuple(n for n in used if head[n].lower().rstrip("0123456789_-. [](") in _LABELS[:4])
    if len(several) > 1:
        return several
    other = [n for n in used if head[n].lower() not in _NO_PIXELS and not head[n][-1:].isdigit()]
    return tuple(other) if len(other) == 1 else ()


def _placed_labels(
    file: Path, used: list[int], body: list[list[str]], delimiter: str | None
) -> tuple[int, ...]:
    """The columns of labels where no name tells: the first or the last, or some with one 1."""
    if _side(len(used) - 1):
        with _opened(file) as text:
            lines = (line for _number, line in _lines(text, file))
            ends = [(c[used[0]], c[used[-1]]) for c in _ends(lines, delimiter, used)]
        first, last = ({end[side] for end in ends[1:]} for side in (0, 1))
        return (used[-1] if _likeness(last) > _likeness(first) else used[0],)
    for many in range(2, min(MOST_CLASSES, len(used)) + 1):
        for labels in (used[:many], used[-many:]) if _side(len(used) - many) else ():
            rows = [[row[n] for n in labels if n < len(row)] for row in body]
            if all(sorted(map(_plain, row)) == ["0"] * (many - 1) + ["1"] for row in rows):
                return tuple(labels)
    return ()


def _ends(lines: Iterable[str], delimiter: str | None, used: list[int]) -> Iterator[dict[int, str]]:
    """The first and the last cell of each line that has all."""
    for line in lines:
        try:
            cells = _cells(line, delimiter)
        except csv.Error:
            continue
        if len(cells) > used[-1]:
            yield {used[0]: cells[used[0]].strip(), used[-1]: cells[used[-1]].strip()}


def _likeness(values: set[str]) -> int:
    """How much values look like labels: 3 for words, 2 for whole numbers, 0 if all are the same."""
    if not 2 <= len(values) <= MOST_CLASSES:
        return 0
    if not all(map(_is_number, values)):
        return 3
    return 2 if all(_plain(value).isdigit() for value in values) else 1


def _side(pixels: int) -> bool:
    """Whether so many pixels make a square picture, gray or of three colors."""
    sides = {round(pixels**0.5), round((pixels / 3) ** 0.5)} if pixels > 0 else set()
    return any(side > 1 and pixels in (side * side, 3 * side * side) for side in sides)


def _read_table(
    file: Path, form: _Form, beside: Path | None
) -> Generator[Progress, None, tuple[NDArray[Any], list[str], list[int]]]:
    """Rows of pixels, their labels, and the numbers of lines that are neither.

    Raises:
        DataError: there is no column of labels, and no file of them `beside`.
    """
    given = [] if beside is None else _labels_alone(beside, form.header)
    if not form.labels and beside is None:
        raise DataError(
            _(
                "{path} has no column of labels (its test file has none, either): take the table "
                "with a column called label, such as Kaggle's train.csv"
            ).format(path=file)
        )
    pieces: list[NDArray[Any]] = []
    labels: list[str] = []
    bad: list[int] = []
    beyond: dict[int, int] = {}  # pieces with other levels, and their lines' numbers
    with _opened(file) as text:
        for done, (number, line) in enumerate(_lines(text, file)):
            if done == 0 and form.header:
                continue
            at = done - form.header
            if done % 500 == 499:
                check_amount(done, form.length, file)
                yield Progress(_("reading {name}").format(name=file.name), done, 0)
            try:
                cells = form.cells(line)
                if len(cells) != form.length:
                    raise ValueError
                label = form.label(cells) if beside is None else "".join(given[at : at + 1])
                row = form.numbers(cells)
            except (ValueError, csv.Error):
                bad.append(number)
                continue
            if not label or not np.isfinite(row).all():
                bad.append(number)
                continue
            if (row < 0).any() or (row > 255).any():
                beyond[len(pieces)] = number
            labels.append(label)
            levels = len(pieces) not in beyond and (row == np.floor(row)).all()
            pieces.append(row.astype(np.uint8) if levels else row)
    if beside is not None and len(given) != len(pieces) + len(bad):
        raise DataError(
            _(
                "{path} has {pictures:,} pictures and {labels:,} labels: they must be as many"
            ).format(path=file, pictures=len(pieces) + len(bad), labels=len(given))
        )
    if 2 * len(beyond) <= len(pieces):  # mistakes; else the table has levels of its own
        bad = sorted((*bad, *beyond.values()))
        pieces = [piece for n, piece in enumerate(pieces) if n not in beyond]
        labels = [label for n, label in enumerate(labels) if n not in beyond]
    if not pieces:
        raise DataError(_("{path} holds no line with a picture").format(path=file))
    return np.stack(pieces), labels, bad


def _labels_alone(file: Path, header: bool) -> list[str]:
    """The last cells of a file's lines, without the first line if that is a `header`."""
    with _opened(file) as text:
        cells = [re.split(r"[,;\t]", line)[-1] for _number, line in _lines(text, file)]
    labels = [_plain(cell.strip(' "')) for cell in cells]
    header = header or (not all(map(_is_number, labels[:1])) and all(map(_is_number, labels[1:])))
    return labels[header:]


def _plain(label: str) -> str:
    """A label that is a whole number without a point, as "3.0" and "3.00e+00" are 3."""
    if re.fullmatch(r"\d{1,9}[.,]\d*(e[+-]?\d\d?)?", label, re.IGNORECASE):
        value = float(label.replace(",", "."))
        return str(int(value)) if value.is_integer() and value < 1e9 else label
    return label
