"""Real pen digits: the dataset `unipen`, read as strokes.

A part of UNIPEN's train_r01_v07, category 1a, isolated digits (International
Unipen Foundation, DOI 10.5281/zenodo.1195803, CC BY 4.0), in either of two
forms: one JSON file of strokes, or the original folder. People, not drawings,
are divided into splits: nobody is in two.

A UNIPEN 1.0 file is a row of statements, each a keyword that begins with a dot in a line's
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
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.labelled_images import DataError
from trainer.drawing.rasterize import StrokesError, as_points

Points = NDArray[np.float64]

_STATEMENT = re.compile(r"^\.([A-Z_]+)", re.MULTILINE)
_SEGMENT = re.compile(r'\s*(\S+)\s+(\S+)\s+\S+\s+"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PART = re.compile(r"(\d+)(?:(?::(\d+))?-(\d+)(?::(\d+))?)?")
_RESOLUTION = re.compile(r"([XY])_POINTS_PER_(?:INCH|MM)")
_DEEPEST = 8
"""Files that include one another further than this go round in a circle."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One labelled piece of ink."""

    label: str
    writer: str | None
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

    include: Path
    wanted: Container[tuple[str, str]]
    columns: list[str] = field(default_factory=lambda: ["X", "Y"])
    resolution: dict[str, float] = field(default_factory=dict)
    writer: str | None = None
    components: list[_Component] = field(default_factory=list)
    labels: list[tuple[str, str, list[_Component]]] = field(default_factory=list)


def read_segments(
    path: Path, include: Path, wanted: Container[tuple[str, str]]
) -> Iterator[Segment]:
    """The labelled ink of one file; none of which a part was not published, or that has no size.

    Args:
        path: the file with the labels.
        include: the folder that included names are relative to.
        wanted: which segments, as (type, label), such as ("CHARACTER", "7").

    Raises:
        DataError: a file can't be read, or isn't there.
    """
    file = _File(include, wanted)
    _read(path, file, depth=0)
    x, y = file.resolution.get("X", 0.0), file.resolution.get("Y", 0.0)
    unit = (y / x if x > 0 and y > 0 else 1.0, -1.0)
    for where, label, components in file.labels:
        try:
            pieces = [piece for piece in _pieces(where, components) if piece[0].down]
            strokes = [_stroke(*piece) * unit for piece in pieces]
        except (ValueError, IndexError):
            pieces = []
        if not pieces:
            yield Segment(label, None, None)
        elif all(map(len, strokes)) and np.ptp(np.concatenate(strokes), axis=0).any():
            yield Segment(label, pieces[0][0].writer, strokes)


def _read(path: Path, file: _File, depth: int) -> None:
    """Take in the statements of one file and of those that it includes."""
    if depth > _DEEPEST:
        raise DataError(f"{path}: these files include one another without end; unpack them again")
    try:
        text = path.read_text(encoding="latin-1")
    except FileNotFoundError:
        raise DataError(f"{path} is missing: unpack the whole archive again") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    for keyword, arguments in _statements(text):
        match keyword:
            case "INCLUDE":
                _read(file.include / arguments.strip(), file, depth + 1)
            case "COORD":
                file.columns = arguments.split()
            case "WRITER_ID":
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


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """Keywords without their dot, and the text after each."""
    starts = list(_STATEMENT.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends, strict=True):
        yield start[1], text[start.end() : end]


def _label(arguments: str, file: _File) -> None:
    """Remember a segment if it is wanted; one without a label can't be."""
    if (found := _SEGMENT.match(arguments)) and (found[1], found[3]) in file.wanted:
        file.labels.append((found[2], found[3], file.components))


def _resolution(keyword: str, arguments: str, file: _File) -> None:
    """Remember points per inch or mm; only x's to y's counts, so the unit doesn't matter."""
    if found := _RESOLUTION.fullmatch(keyword):
        try:
            file.resolution[found[1]] = float(arguments)
        except ValueError:
            file.resolution.pop(found[1], None)


def _pieces(
    where: str, components: list[_Component]
) -> Iterator[tuple[_Component, int, int | None]]:
    """Components with their first and last point; None is the last that there is.

    Raises:
        ValueError: not a list of components.
        IndexError: one is not there.
    """
    for part in where.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(f"not a component or a range: {part}")
        first, last = int(found[1]), int(found[3] or found[1])
        if first > last:
            raise ValueError(f"a range that runs backwards: {part}")
        for number in range(first, min(last, len(components)) + 1):
            start = int(found[2] or 0) if number == first else 0
            end = int(found[4]) if number == last and found[4] else None
            yield components[number], start, end


def _stroke(component: _Component, start: int, end: int | None) -> Points:
    """A component's points from one to another, both included; none if it was not published.

    Raises:
        ValueError: they aren't there.
    """
    points = component.points()
    if len(points) == 1 and not points.any():
        return np.empty((0, 2))
    if not start <= (len(points) - 1 if end is None else end) < len(points):
        raise ValueError("no such point")
    return points[start : None if end is None else end + 1]


FEW = 600
"""A contributor (a laboratory with its own tablet) of fewer digits is held out whole."""
CONTRIBUTORS = ("aga", "apa", "apb", "app", "cea", "ceb", "ibm", "imp", "lou", "syn", "tos")
"""Whose digits are used of the original folder: those that the JSON file has. Category 1a has six
more, left out so that both forms give the same people to train on and to be tested on."""

_LABORATORY = {"apa": "apple", "apb": "apple", "app": "apple"}
"""Contributors that are one laboratory: who writes for one may write for another."""
_WANTED = {(level, str(digit)) for level in ("CHARACTER", "DIGIT") for digit in range(10)}
_SPOILED = 0.02
"""The share of labels without ink up to which a folder is taken for whole. A few of the
published ones refer to ink that isn't there; of a damaged archive it is many."""
_AGAIN = "Get the file again (README says where), or unpack the original UNIPEN folder there."


@dataclass(frozen=True, slots=True, eq=False)
class PenDigit:
    """One drawn digit and who drew it."""

    label: int
    writer: str
    contributor: str
    strokes: list[NDArray[np.float64]]  # (n, 2) each, y pointing down


def assign_splits(digits: list[PenDigit]) -> list[str]:
    """Where each digit belongs: "train", "validation", "writers" or "contributors".

    The last two are for testing: people of contributors that are trained on,
    and contributors of whom nothing is. A writer's name decides, not chance.
    """
    counts: dict[str, int] = {}
    for digit in digits:
        counts[digit.contributor] = counts.get(digit.contributor, 0) + 1
    return [
        "contributors" if counts[digit.contributor] < FEW else _of_writer(digit.writer)
        for digit in digits
    ]


def _of_writer(writer: str) -> str:
    """The split of one person among the contributors that are trained on."""
    place = int.from_bytes(hashlib.sha256(writer.encode()).digest()[:4]) / 2**32
    return "writers" if place < 0.2 else "validation" if place < 0.35 else "train"


def find(folder: Path) -> Path | None:
    """The data under `folder`: the JSON file, else the original folder, else None.

    The file lies in `folder` or in its `pen` or `unipen`; the original folder
    is one of these or up to two levels below. Nothing is read.
    """
    places = [folder, folder / "pen", folder / "unipen"]
    for place in places:
        for name in ("pen-digits.json.gz", "pen-digits.json"):
            try:
                if (place / name).is_file():
                    return place / name
            except OSError:  # no right to look there, or no name that could be
                continue
    return next((root for place in places if (root := _release(place)) is not None), None)


def _release(place: Path) -> Path | None:
    """The original folder: `place` itself, or the first up to two levels below."""
    for depth in ("", "*/", "*/*/"):
        try:
            roots = [found.parent.parent for found in sorted(place.glob(depth + "data/1a"))]
            roots += sorted(place.glob(depth + "train_r01_v07"))
            for root in roots:
                if (root / "include").is_dir():
                    return root
        except OSError:
            continue
    return None


def read(path: Path) -> list[PenDigit]:
    """All digits of what `find` found.

    A writer has the same name in both forms, made from the laboratory's and the
    hash of the person's, so that nobody's own name gets about.

    Raises:
        DataError: damaged or incomplete; the message says what and what to do.
    """
    return _read_release(path) if path.is_dir() else _read_json(path)


def _read_json(path: Path) -> list[PenDigit]:
    """A JSON list of {"label", "writer", "contributor", "strokes"}, gzipped or not."""
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        items: Any = json.loads(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}). {_AGAIN}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON ({error}). {_AGAIN}") from None
    if not isinstance(items, list) or not items:
        raise DataError(f"{path} is not a list of digits. {_AGAIN}")
    digits = []
    for number, item in enumerate(items):
        try:
            digits.append(_digit(item))
        except ValueError as error:
            raise DataError(f"{path}: digit {number} {error}. {_AGAIN}") from None
    return digits


def _digit(item: Any) -> PenDigit:
    """One object of the JSON list.

    Raises:
        ValueError: it is not a digit; the message continues "digit 12 ...".
    """
    keys = ("label", "writer", "contributor", "strokes")
    if not isinstance(item, dict) or any(key not in item for key in keys):
        raise ValueError(f"has not all of {', '.join(keys)}")
    label, writer, contributor, strokes = (item[key] for key in keys)
    if type(label) is not int or not 0 <= label <= 9:
        raise ValueError(f"is labelled {label!r}, which is not one of 0 to 9")
    if not (isinstance(writer, str) and writer and isinstance(contributor, str) and contributor):
        raise ValueError("does not say who wrote it")
    if not isinstance(strokes, list):
        raise ValueError("has no list of strokes")
    try:
        lines = [as_points(stroke)[:, :2] for stroke in strokes]
    except StrokesError as error:
        raise ValueError(f"can't be drawn: {error}") from None
    lines = [line for line in lines if len(line)]
    if not lines:
        raise ValueError("has no ink")
    return PenDigit(label, writer, contributor, lines)


def _read_release(root: Path) -> list[PenDigit]:
    """The original folder: labels in `data/1a/CONTRIBUTOR`, ink in `include`."""
    category = root / "data" / "1a"
    if not category.is_dir():
        raise DataError(f"{root} has no folder data/1a, UNIPEN's digits: unpack the whole archive")
    digits: list[PenDigit] = []
    spoiled = []
    for contributor in CONTRIBUTORS:
        for path in sorted((category / contributor).rglob("*.dat")):
            for segment in read_segments(path, root / "include", _WANTED):
                if segment.strokes is None:
                    spoiled.append(f"a {segment.label} in {path}")
                    continue
                file = path.relative_to(category).with_suffix("").as_posix()
                writer = _pseudonym(contributor, segment.writer or file)
                digits.append(PenDigit(int(segment.label), writer, contributor, segment.strokes))
    count = len(digits) + len(spoiled)
    if len(spoiled) > _SPOILED * count:
        what = f"{len(spoiled):,} of {count:,} digits refer to ink that is not there"
        raise DataError(f"{what}, the first {spoiled[0]}: unpack the whole archive again")
    if not digits:
        whose = ", ".join(CONTRIBUTORS)
        raise DataError(f"{category} holds no digits by {whose}: unpack the whole archive again")
    return digits


def _pseudonym(contributor: str, person: str) -> str:
    """A writer's name as the JSON file has it."""
    laboratory = _LABORATORY.get(contributor, contributor)
    named = f"{laboratory}:{person}".encode()
    return f"{laboratory}-{hashlib.sha1(named, usedforsecurity=False).hexdigest()[:8]}"
