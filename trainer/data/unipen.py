"""Real pen digits: the dataset `unipen`, read as strokes.

A part of UNIPEN's train_r01_v07, category 1a, isolated digits (International
Unipen Foundation, DOI 10.5281/zenodo.1195803, CC BY 4.0), in either of two
forms: one JSON file of strokes, or the original folder. People, not drawings,
are divided into splits: nobody is in two.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.labelled_images import DataError
from trainer.data.unipen_format import segments
from trainer.drawing.rasterize import StrokesError, as_points

FEW = 600
"""A contributor (a laboratory with its own tablet) of fewer digits is held out whole."""
CONTRIBUTORS = ("aga", "apa", "apb", "app", "cea", "ceb", "ibm", "imp", "lou", "syn", "tos")
"""Whose digits are used of the original folder: those that the JSON file has. Category 1a has six
more, left out so that both forms give the same people to train on and to be tested on."""

_LABORATORY = {"apa": "apple", "apb": "apple", "app": "apple"}
"""Contributors that are one laboratory: who writes for one may write for another."""
_WANTED = {(level, str(digit)) for level in ("CHARACTER", "DIGIT") for digit in range(10)}
_SPOILT = 0.02
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


def splits(digits: list[PenDigit]) -> list[str]:
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
    spoilt = []
    for contributor in CONTRIBUTORS:
        for path in sorted((category / contributor).rglob("*.dat")):
            for segment in segments(path, root / "include", _WANTED):
                if segment.strokes is None:
                    spoilt.append(f"a {segment.label} in {path}")
                    continue
                file = path.relative_to(category).with_suffix("").as_posix()
                writer = _pseudonym(contributor, segment.writer or file)
                digits.append(PenDigit(int(segment.label), writer, contributor, segment.strokes))
    count = len(digits) + len(spoilt)
    if len(spoilt) > _SPOILT * count:
        what = f"{len(spoilt):,} of {count:,} digits refer to ink that is not there"
        raise DataError(f"{what}, the first {spoilt[0]}: unpack the whole archive again")
    if not digits:
        whose = ", ".join(CONTRIBUTORS)
        raise DataError(f"{category} holds no digits by {whose}: unpack the whole archive again")
    return digits


def _pseudonym(contributor: str, person: str) -> str:
    """A writer's name as the JSON file has it."""
    laboratory = _LABORATORY.get(contributor, contributor)
    named = f"{laboratory}:{person}".encode()
    return f"{laboratory}-{hashlib.sha1(named, usedforsecurity=False).hexdigest()[:8]}"
