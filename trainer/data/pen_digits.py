"""Real pen digits: the dataset `unipen`, read as strokes, and who of its people is for what.

Three collections, all CC BY 4.0:

- UNIPEN's train_r01_v07 (International Unipen Foundation, DOI 10.5281/zenodo.1195803): isolated
  digits of category 1a, and by the contributor hpp the words of category 7 that are one digit;
- `pendigits` and `uji2`, two collections of UCI (`trainer.data.uci`).

They are read from one JSON file of strokes, or from the original files. The JSON file has all
three and wins. Of the original files UNIPEN's folder is necessary, because what the dataset is
called by makes up most of its writers; UCI's files are joined to it where they are there.

People, not drawings, are divided into splits: nobody is in two.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data import uci
from trainer.data.labelled_images import DataError
from trainer.data.unipen import Segment, read_segments
from trainer.drawing.rasterize import StrokesError, as_points
from trainer.drawing.stroke_files import iterate_json
from trainer.files import decode_text, is_folder, read_bounded
from trainer.translation import N_
from trainer.translation import gettext as _

FEW = 600
"""A contributor (a laboratory with its own tablet) of fewer digits is held out whole."""
UNIPEN_1A = ("aga", "apa", "apb", "app", "cea", "ceb", "ibm", "imp", "lou", "syn", "tos")
"""The contributors of UNIPEN's category 1a that the dataset had from the first."""
_CATEGORIES = dict.fromkeys((*UNIPEN_1A, "gmd"), "1a") | {"hpp": "7"}
"""Whose digits are used of the original folder, and of which category: those that the JSON file
has. Category 1a has five more, left out so that both forms give the same people."""
_TYPES = {"1a": ("CHARACTER", "DIGIT"), "7": ("WORD",)}
"""What a category's segments of one digit are called."""

_LABORATORY = {"apa": "apple", "apb": "apple", "app": "apple"}
"""Contributors that are one laboratory: who writes for one may write for another."""
_SPOILED = 0.02
"""The share of labels without ink up to which a folder is taken for whole. A few of the
published ones refer to ink that isn't there; of a damaged archive it is many."""
_LARGEST = 512 << 20
"""Bytes of the JSON file, unpacked, at most."""
_AGAIN = N_("Get the file again (README says where), or unpack the original UNIPEN folder there.")


@dataclass(frozen=True, slots=True, eq=False)
class PenDigit:
    """One drawn digit and who drew it."""

    label: int
    writer: str
    contributor: str
    strokes: list[NDArray[np.float64]]  # (n, 2) each, y pointing down


@dataclass(frozen=True, slots=True)
class PenFiles:
    """Where the real pen digits are: the JSON file alone, or the original files that are there."""

    json: Path | None = None
    unipen: Path | None = None
    """The folder train_r01_v07."""
    pendigits: Path | None = None
    uji: Path | None = None

    def paths(self) -> list[Path]:
        """Those that are there."""
        return [path for path in (self.json, self.unipen, self.pendigits, self.uji) if path]


def assign_splits(digits: list[PenDigit]) -> list[str]:
    """Where each digit belongs: "train", "validation", "writers" or "contributors".

    The last two are for testing: people of contributors that are trained on,
    and contributors of whom nothing is. A writer's name decides, not chance.
    Only of a contributor with so few people that the names leave nobody to test
    with or nobody to validate with, the person with the fewest digits is for
    testing, the next one for validation, and the others are trained on.
    """
    people: dict[str, Counter[str]] = {}
    for digit in digits:
        people.setdefault(digit.contributor, Counter())[digit.writer] += 1
    splits = {contributor: _of_people(counts) for contributor, counts in people.items()}
    return [splits[digit.contributor][digit.writer] for digit in digits]


def _of_people(counts: Counter[str]) -> dict[str, str]:
    """The split of each of one contributor's people, by how many digits they gave."""
    if counts.total() < FEW:
        return dict.fromkeys(counts, "contributors")
    splits = {writer: _of_writer(writer) for writer in counts}
    if {"writers", "validation"} <= set(splits.values()):
        return splits
    fewest_first = sorted(counts, key=lambda writer: (counts[writer], writer))
    splits = dict.fromkeys(counts, "train")
    return splits | dict(zip(fewest_first, ("writers", "validation"), strict=False))


def _of_writer(writer: str) -> str:
    """The split of one person by the name."""
    place = int.from_bytes(hashlib.sha256(writer.encode()).digest()[:4]) / 2**32
    return "writers" if place < 0.2 else "validation" if place < 0.35 else "train"


def find(folder: Path) -> PenFiles | None:
    """The data under `folder`: the JSON file, else the original files; None without UNIPEN's.

    The JSON file lies in `folder` or in its `pen` or `unipen`; UNIPEN's folder
    is one of these or up to two levels below, and so are UCI's files. Nothing
    is read.
    """
    places = [folder, folder / "pen", folder / "unipen"]
    if json_file := uci.find_file(places, ("pen-digits.json.gz", "pen-digits.json"), depths=("",)):
        return PenFiles(json=json_file)
    release = next((root for place in places if (root := _release(place)) is not None), None)
    if release is None:
        return None
    pendigits = uci.find_file(places, uci.PENDIGITS_FILES)
    return PenFiles(unipen=release, pendigits=pendigits, uji=uci.find_file(places, uci.UJI_FILES))


def _release(place: Path) -> Path | None:
    """UNIPEN's folder: `place` itself, or the first up to two levels below."""
    for depth in uci.DEPTHS:
        try:
            roots = [folder.parent.parent for folder in sorted(place.glob(depth + "data/1a"))]
            roots += sorted(place.glob(depth + "train_r01_v07"))
            for root in roots:
                if is_folder(root / "include"):
                    return root
        except OSError:
            continue
    return None


def read(files: PenFiles) -> list[PenDigit]:
    """All digits of what `find` found.

    A writer has the same name in both forms: of UNIPEN's, made from the
    laboratory's and the hash of the person's, so that nobody's own name gets
    about; of UCI's, whose people have numbers, from the number.

    Raises:
        DataError: damaged or incomplete; the message says what and what to do.
    """
    digits = [] if files.json is None else _read_json(files.json)
    if files.unipen is not None:
        digits += _read_release(files.unipen)
    if files.uji is not None:
        digits += _read_uci(uci.read_uji_digits(files.uji), "uji2", "uji2-")
    if files.pendigits is not None:
        digits += _read_uci(uci.read_pendigits(files.pendigits), "pendigits", "pendigits-tra-")
    return digits


def _read_json(path: Path) -> list[PenDigit]:
    """A JSON list of {"label", "writer", "contributor", "strokes"}, gzipped or not."""
    digits: list[PenDigit] = []
    try:
        text = decode_text(read_bounded(path, _LARGEST))
        for item in iterate_json(text):
            digits.append(_digit_of(item, path, len(digits)))
    except OSError as error:
        why = error.strerror or error
        raise DataError(
            _("{path} cannot be read ({why}). {again}").format(path=path, why=why, again=_(_AGAIN))
        ) from None
    except (ValueError, RecursionError) as error:
        raise DataError(
            _("{path} is not JSON ({reason}). {again}").format(
                path=path, reason=error, again=_(_AGAIN)
            )
        ) from None
    if not digits:
        raise DataError(
            _("{path} is not a list of digits. {again}").format(path=path, again=_(_AGAIN))
        )
    return digits


def _digit_of(item: Any, path: Path, number: int) -> PenDigit:
    """One object of the file's list.

    Raises:
        DataError: it is no digit.
    """
    try:
        return _digit(item)
    except ValueError as error:
        raise DataError(
            _("{path}: digit {number} {reason}. {again}").format(
                path=path, number=number, reason=error, again=_(_AGAIN)
            )
        ) from None


def _digit(item: Any) -> PenDigit:
    """One object of the JSON list.

    Raises:
        ValueError: it is not a digit; the message continues "digit 12 ...".
    """
    keys = ("label", "writer", "contributor", "strokes")
    if not isinstance(item, dict) or any(key not in item for key in keys):
        raise ValueError(_("has not all of {keys}").format(keys=", ".join(keys)))
    label, writer, contributor, strokes = (item[key] for key in keys)
    if type(label) is not int or not 0 <= label <= 9:
        raise ValueError(_("is labelled {label!r}, which is not one of 0 to 9").format(label=label))
    if not (isinstance(writer, str) and writer and isinstance(contributor, str) and contributor):
        raise ValueError(_("does not say who wrote it"))
    if not isinstance(strokes, list):
        raise ValueError(_("has no list of strokes"))
    try:
        lines = [as_points(stroke)[:, :2] for stroke in strokes]
    except StrokesError as error:
        raise ValueError(_("can't be drawn: {reason}").format(reason=error)) from None
    lines = [line for line in lines if len(line)]
    if not lines:
        raise ValueError(_("has no ink"))
    return PenDigit(label, writer, contributor, lines)


def _read_release(root: Path) -> list[PenDigit]:
    """UNIPEN's folder: labels in `data/CATEGORY/CONTRIBUTOR`, ink in `include`."""
    if not is_folder(root / "data" / "1a"):
        raise DataError(
            _("{root} has no folder data/1a, UNIPEN's digits: unpack the whole archive").format(
                root=root
            )
        )
    digits: list[PenDigit] = []
    spoiled = []
    for contributor, category in _CATEGORIES.items():
        folder = root / "data" / category
        wanted = {(kind, digit) for kind in _TYPES[category] for digit in uci.DIGITS}
        for path in sorted((folder / contributor).rglob("*.dat")):
            for segment in read_segments(path, root / "include", wanted):
                if segment.strokes is None:
                    spoiled.append(_("a {label} in {path}").format(label=segment.label, path=path))
                    continue
                file = path.relative_to(folder).with_suffix("").as_posix()
                writer = _pseudonym(contributor, segment.writer or file)
                digits.append(PenDigit(int(segment.label), writer, contributor, segment.strokes))
    count = len(digits) + len(spoiled)
    if len(spoiled) > _SPOILED * count:
        raise DataError(
            _(
                "{spoiled:,} of {count:,} digits refer to ink that is not there, the first "
                "{first}: unpack the whole archive again"
            ).format(spoiled=len(spoiled), count=count, first=spoiled[0])
        )
    if not digits:
        whose = ", ".join(_CATEGORIES)
        raise DataError(
            _("{root} holds no digits by {whose}: unpack the whole archive again").format(
                root=root, whose=whose
            )
        )
    return digits


def _pseudonym(contributor: str, person: str) -> str:
    """A writer's name as the JSON file has it."""
    laboratory = _LABORATORY.get(contributor, contributor)
    named = f"{laboratory}:{person}".encode()
    return f"{laboratory}-{hashlib.sha1(named, usedforsecurity=False).hexdigest()[:8]}"


def _read_uci(segments: Iterator[Segment], contributor: str, prefix: str) -> list[PenDigit]:
    """UCI's digits, with the writers' names that the JSON file has."""
    return [
        PenDigit(int(s.label), f"{prefix}{int(s.writer or 0):02}", contributor, s.strokes or [])
        for s in segments
    ]
