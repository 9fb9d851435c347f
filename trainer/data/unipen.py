"""The UNIPEN 1.0 format: labeled ink of one file.

A file is a row of statements, each a keyword that begins with a dot in a line's
first column, and its arguments up to the next one. By the format's definition
(`unipen.def`, I. Guyon, 1994):

- .COORD names the columns of the ink, X and Y among them; x and y have each
  their own resolution (.X_POINTS_PER_INCH or _MM, and so for y), and y is
  counted from the bottom;
- .PEN_DOWN and .PEN_UP are components: points, as many as there are. Both are
  numbered together in order of appearance, from 0, empty ones not at all;
  .START_SET numbers anew;
- .SEGMENT TYPE WHERE QUALITY "LABEL" labels ink. WHERE is a list with commas:
  a component, or a range of them, `A-B`, `A:M-B:N` from a point to a point,
  both included, points from 0;
- .WRITER_ID says who wrote what follows; .INCLUDE reads another file first.

By convention of the release `train_r01_v07`, not by the definition: included
names are paths under its folder `include`, and may include others; text is
Latin-1; labels are in the file read, ink in those that it includes; ink that
was not published is a component of the one point `0 0`.

Knows no dataset: which labels are wanted, and who wrote them, is the caller's. Also here: how
the release's packed files are unpacked (`decompress`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.data.labelled_images import DataError
from trainer.files import read_bounded
from trainer.translation import gettext as _

Points = NDArray[np.float64]

_STATEMENT = re.compile(r"^\.([A-Z_]+)", re.MULTILINE)
_SEGMENT = re.compile(r'\s*(\S+)\s+(\S+)\s+\S+\s+"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PART = re.compile(r"(\d+)(?:(?::(\d+))?-(\d+)(?::(\d+))?)?")
_RESOLUTION = re.compile(r"([XY])_POINTS_PER_(?:INCH|MM)")
_DEEPEST = 8
"""Files that include one another further than this go round in a circle."""
_MOST_FILES = 1000
"""So many are read for one file with labels, at most."""
_LONGEST_NAME = 200
"""Characters of an included file's name, at most."""
_LARGEST = 64 << 20
"""Bytes of one file, unpacked, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One labelled piece of ink."""

    label: str
    writer: str | None
    """The arguments of the last statement about the writer before the ink."""
    strokes: list[Points] | None
    """(n, 2) each, y pointing down, both axes in y's unit. None: not all of the ink that
    the label refers to is there."""


@dataclass(slots=True)
class _Component:
    down: bool
    text: str  # numbers, not yet read: most components are never asked for
    columns: list[str]
    writer: str | None

    def points(self) -> Points:
        """x and y as in the file, shape (n, 2).

        Raises:
            ValueError: not numbers, or not as many as the columns need.
        """
        table = np.array(self.text.split(), np.float64).reshape(-1, len(self.columns))
        return table[:, [self.columns.index("X"), self.columns.index("Y")]]


@dataclass(slots=True)
class _File:
    """What the statements say, as far as they have been read."""

    include: Path | None
    wanted: Container[tuple[str, str]]
    writer_keyword: str
    columns: list[str] = field(default_factory=lambda: ["X", "Y"])
    resolution: dict[str, float] = field(default_factory=dict)
    writer: str | None = None
    files: int = 0  # read so far
    components: list[_Component] = field(default_factory=list)
    labels: list[tuple[str, str, list[_Component]]] = field(default_factory=list)


def read_segments(
    path: Path,
    include: Path | None,
    wanted: Container[tuple[str, str]],
    *,
    writer_keyword: str = "WRITER_ID",
) -> Iterator[Segment]:
    """The labelled ink of one file; none of which a part was not published, or that has no size.

    Args:
        path: the file with the labels, packed by `compress` or not.
        include: the folder that included names are relative to; if None, nothing is included.
        wanted: which segments, as (type, label), such as ("CHARACTER", "7").
        writer_keyword: the statement whose arguments are a segment's writer.

    Raises:
        DataError: a file can't be read, or isn't there.
    """
    file = _File(include, wanted, writer_keyword)
    _read(path, file, depth=0)
    x, y = file.resolution.get("X", 0.0), file.resolution.get("Y", 0.0)
    ratio = y / x if x > 0 and y > 0 else 1.0
    unit = (ratio if 0 < ratio < math.inf else 1.0, -1.0)
    for where, label, components in file.labels:
        try:
            pieces = [piece for piece in _pieces(where, components) if piece[0].down]
            strokes = [_finite(_stroke(*piece) * unit) for piece in pieces]
        except (ValueError, IndexError):
            pieces = []
        if not pieces:
            yield Segment(label, None, None)
        elif all(map(len, strokes)) and np.ptp(np.concatenate(strokes), axis=0).any():
            yield Segment(label, pieces[0][0].writer, strokes)


def _read(path: Path, file: _File, depth: int) -> None:
    """Take in the statements of one file and of those that it includes."""
    if depth > _DEEPEST:
        raise DataError(
            _("{path}: these files include one another without end; unpack them again").format(
                path=path
            )
        )
    file.files += 1
    if file.files > _MOST_FILES:
        raise DataError(
            _(
                "{path} is one of more than {most_files:,} included files: unpack the archive again"
            ).format(path=path, most_files=_MOST_FILES)
        )
    for keyword, arguments in _statements(_text(path)):
        match keyword:
            case "INCLUDE":
                if file.include is not None:
                    _read(_find_included(path, file.include, arguments), file, depth + 1)
            case "COORD":
                file.columns = arguments.split()
            case file.writer_keyword:
                file.writer = " ".join(arguments.split()) or None
            case "START_SET":
                file.components = []
            case "PEN_DOWN" | "PEN_UP":
                if arguments.strip():
                    down = keyword == "PEN_DOWN"
                    new = _Component(down, arguments, file.columns, file.writer)
                    file.components.append(new)
            case "SEGMENT" if depth == 0:
                _label(arguments, file)
            case _:
                _resolution(keyword, arguments, file)


def _find_included(path: Path, include: Path, arguments: str) -> Path:
    """Which file is meant.

    Raises:
        DataError: none, or none can be called so.
    """
    name = arguments.strip()
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise DataError(
            _("{path} includes a file without a proper name: unpack the archive again").format(
                path=path
            )
        )
    return include / name


def _text(path: Path) -> str:
    """A file's text, unpacked.

    Raises:
        DataError: it isn't there, or can't be read.
    """
    try:
        content = read_bounded(path, _LARGEST)
        if is_packed(content):
            content = decompress(content, _LARGEST)
        return content.decode("latin-1")
    except FileNotFoundError:
        raise DataError(
            _("{path} is missing: unpack the whole archive again").format(path=path)
        ) from None
    except OSError as error:
        raise DataError(
            _("{path} cannot be read: {reason}").format(path=path, reason=error.strerror or error)
        ) from None
    except ValueError as error:
        raise DataError(
            _("{path} is damaged ({reason}): unpack the whole archive again").format(
                path=path, reason=error
            )
        ) from None


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """Keywords without their dot, and the text after each."""
    starts = list(_STATEMENT.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    for start, end in zip(starts, ends, strict=False):  # of a file without any, an end is left
        yield start[1], text[start.end() : end]


def _label(arguments: str, file: _File) -> None:
    """Remember a segment if it is wanted; one without a label can't be."""
    if (match := _SEGMENT.match(arguments)) and (match[1], match[3]) in file.wanted:
        file.labels.append((match[2], match[3], file.components))


def _resolution(keyword: str, arguments: str, file: _File) -> None:
    """Remember points per inch or mm; only x's to y's counts, so the unit doesn't matter."""
    if match := _RESOLUTION.fullmatch(keyword):
        try:
            file.resolution[match[1]] = float(arguments)
        except ValueError:
            file.resolution.pop(match[1], None)


def _pieces(
    where: str, components: list[_Component]
) -> Iterator[tuple[_Component, int, int | None]]:
    """Components with their first and last point; None is the last that there is.

    Raises:
        ValueError: not a list of components.
        IndexError: one is not there.
    """
    for part in where.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(_("not a component or a range: {part}").format(part=part))
        first, last = int(match[1]), int(match[3] or match[1])
        if first > last:
            raise ValueError(_("a range that runs backwards: {part}").format(part=part))
        for number in range(first, min(last, len(components)) + 1):
            start = int(match[2] or 0) if number == first else 0
            end = int(match[4]) if number == last and match[4] else None
            yield components[number], start, end


def _finite(points: Points) -> Points:
    """The points.

    Raises:
        ValueError: a coordinate is not a finite number.
    """
    if not np.isfinite(points).all():
        raise ValueError(_("not finite"))
    return points


def _stroke(component: _Component, start: int, end: int | None) -> Points:
    """A component's points from one to another, both included; none if it was not published.

    Raises:
        ValueError: they aren't there.
    """
    points = component.points()
    if len(points) == 1 and not points.any():
        return np.empty((0, 2))
    if not start <= (len(points) - 1 if end is None else end) < len(points):
        raise ValueError(_("no such point"))
    return points[start : None if end is None else end + 1]


# Files packed by Unix `compress` (.Z): adaptive LZW with codes of 9 to 16 bits, after Welch, "A
# Technique for High-Performance Data Compression", Computer 17(6), 1984. A file begins with 1F 9D
# and a byte: the widest code in its low five bits, and whether code 256 clears the table in its
# highest one. Codes lie with their low bits first, in groups of eight; where their width changes,
# the rest of a group is filled up. Python's own library has no reader.

_MAGIC = b"\x1f\x9d"
_CLEAR = 256
_NARROWEST, _WIDEST = 9, 16  # bits


def is_packed(content: bytes) -> bool:
    """Whether a file's content begins as one that `compress` wrote."""
    return content.startswith(_MAGIC)


def decompress(content: bytes, most: int = 1 << 30) -> bytes:
    """The unpacked content of a .Z file.

    A file that was cut off gives what is there: the format has no length and no checksum.

    Args:
        content: the file's.
        most: bytes that such a file can have, unpacked. Hardly more than that is ever held.

    Raises:
        ValueError: it is not such a file, is damaged, or has more.
    """
    if not is_packed(content) or len(content) < 3:
        raise ValueError(_("not a .Z file"))
    widest, clears = content[2] & 0x1F, bool(content[2] & 0x80)
    if not _NARROWEST < widest <= _WIDEST:
        raise ValueError(_("codes of {widest} bits").format(widest=widest))
    table = [bytes([value]) for value in range(256)] + ([b""] if clears else [])
    codes_begin = len(table)
    unpacked: list[bytes] = []
    previous = b""
    length = 0
    width = _NARROWEST
    group = position = 24  # bits
    while True:
        if len(table) >= 1 << width and width < widest:
            group = position = _end_of_group(group, position, width)
            width += 1
        if position + width > 8 * len(content):
            return b"".join(unpacked)
        byte, shift = divmod(position, 8)
        code = int.from_bytes(content[byte : byte + 3], "little") >> shift & (1 << width) - 1
        position += width
        if clears and code == _CLEAR:
            group = position = _end_of_group(group, position, width)
            del table[codes_begin:]
            width, previous = _NARROWEST, b""
            continue
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            raise ValueError(_("a code that is not in the table"))
        unpacked.append(entry)
        length += len(entry)
        if length > most:
            raise ValueError(_("it unpacks to more than {most} MB").format(most=most >> 20))
        if previous and len(table) < 1 << widest:
            table.append(previous + entry[:1])
        previous = entry


def _end_of_group(group: int, position: int, width: int) -> int:
    """Where the eight codes end that `position` lies in, all in bits from the file's start."""
    size = 8 * width
    return group + -(-(position - group) // size) * size
