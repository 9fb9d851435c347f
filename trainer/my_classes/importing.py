"""Drawings for a set from files: sets of classes, My digits, Quick, Draw!, and others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trainer.data.own.drawings import label_of, read_items
from trainer.drawing.rasterize import StrokesError
from trainer.drawing.stroke_files import LARGEST_FILE, strokes_of
from trainer.files import convert_read_errors, decode_text, read_bounded
from trainer.my_classes.class_file import FORMAT, ClassFileError, load
from trainer.my_classes.class_set import (
    LONGEST_NAME,
    ClassDrawing,
    ClassSet,
    ClassSetError,
    check_name,
    make_drawing,
)
from trainer.translation import gettext as _

MOST_OF_A_CLASS = 500
"""Drawings that are taken of a class: Quick, Draw! has a hundred thousand, and fewer do."""

_NOBODY = "me"
"""Whose drawings an export of My digits says that they are: anybody's."""


@dataclass(frozen=True, slots=True)
class ImportedDrawings:
    """What was found in a file."""

    found: ClassSet
    unusable: int  # drawings without strokes or label, or that can't be drawn
    surplus: int  # drawings above `MOST_OF_A_CLASS`


def import_drawings(path: Path, label: str) -> ImportedDrawings:
    """The drawings of a file; those without a label are of the class `label`.

    Args:
        path: a file of classes, or JSON as `trainer.drawing.stroke_files` reads it, with "label",
            "word" or "class", and perhaps "writer".
        label: of drawings that have none; those are unusable if it is empty.

    Raises:
        ClassSetError: it can't be read, or holds no drawing that can be used.
    """
    try:
        with convert_read_errors(path, ClassFileError):
            text = decode_text(read_bounded(path, LARGEST_FILE))
    except UnicodeDecodeError:
        raise ClassFileError(_("{path} is no text in JSON").format(path=path)) from None
    if FORMAT in text[:200]:
        return ImportedDrawings(load(path), 0, 0)
    try:
        items = read_items(text)
    except StrokesError as error:
        raise ClassFileError(f"{path}: {error}") from None
    return _collect(path, items, label)


def _collect(path: Path, items: list[Any], label: str) -> ImportedDrawings:
    drawings: list[ClassDrawing] = []
    counts, unusable, surplus = Counter[str](), 0, 0
    for item in items:
        name = label_of(item) or label
        if counts[name] >= MOST_OF_A_CLASS:
            surplus += 1
            continue
        drawing = _drawing(item, name) if name else None
        if drawing is None:
            unusable += 1
            continue
        counts[drawing.label] += 1
        drawings.append(drawing)
    if not drawings:
        raise ClassFileError(
            _("{path} holds no drawings that can be used: each needs strokes and a label").format(
                path=path
            )
        )
    found = ClassSet()
    for name in dict.fromkeys(drawing.label for drawing in drawings):
        found = found.with_class(name)
    return ImportedDrawings(found.with_drawings(drawings), unusable, surplus)


def _drawing(item: Any, label: str) -> ClassDrawing | None:
    """One drawing; None if it can't be drawn."""
    writer = item.get("writer") if isinstance(item, dict) else ""
    writer = writer if isinstance(writer, str) and writer != _NOBODY else ""
    try:
        strokes = [np.asarray(each).tolist() for each in strokes_of(item) if len(each)]
        return make_drawing(check_name(label), strokes, writer[:LONGEST_NAME])
    except (StrokesError, ClassSetError, ValueError, TypeError):
        return None
