"""Drawings with labels: those that the program exports, those of My digits, and Quick, Draw!'s.

The file of My digits says line by line what was done; here only what is left of it counts.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np

from trainer.data.labelled_images import DataError
from trainer.data.own.place import Place, cannot_read
from trainer.data.own.source import OwnPart, Pixels, RawPictures, Role, role_of
from trainer.drawing.rasterize import SIDE, StrokesError, render_drawing
from trainer.drawing.stroke_files import (
    LARGEST_FILE,
    check_memory,
    items_from_json,
    parse_json,
    strokes_of,
)
from trainer.files import decode_text, read_bounded
from trainer.progress import Progress
from trainer.translation import gettext as _
from trainer.translation import ngettext

_LABELS = ("label", "word", "class")
_EVERY = 500  # drawings between two messages


def read_drawings(place: Place) -> Generator[Progress, None, RawPictures]:
    """The drawings of files, each in 28x28 as the paper's are read.

    Raises:
        DataError: unreadable, or no drawing has a label.
    """
    parts, skipped = [], []
    for file in place.files:
        try:
            items = read_items(decode_text(read_bounded(file, LARGEST_FILE)))
        except OSError as error:
            raise cannot_read(file, error) from None
        except UnicodeDecodeError:
            raise DataError(_("{path} is no text in JSON").format(path=file)) from None
        except StrokesError as error:
            raise DataError(f"{file}: {error}") from None
        pictures, keys, bad = [], [], 0
        for number, item in enumerate(items):
            if number % _EVERY == 0:
                yield Progress(_("drawing {name}").format(name=file.name), number, len(items))
            key, picture = label_of(item), _picture(item)
            if key is None or picture is None:
                bad += 1
                continue
            pictures.append(picture)
            keys.append(key)
        if bad:
            skipped.append(
                ngettext(
                    "{name}: {n} drawing has no label or no ink",
                    "{name}: {n} drawings have no label or no ink",
                    bad,
                ).format(name=file.name, n=bad)
            )
        if pictures:
            parts.append(_part(file, pictures, keys))
    if not parts:
        raise DataError(
            _(
                '{path} holds no drawings with labels, a list of {{"label": "7", "strokes": '
                "[[[x, y], ...], ...]}}"
            ).format(path=place.path)
        )
    return RawPictures(tuple(parts), skipped=tuple(skipped), drawn=True)


def _part(file: Path, pictures: list[Pixels], keys: list[str]) -> OwnPart:
    def picture(number: int) -> Pixels:
        return pictures[number]

    role = role_of(file.name)
    return OwnPart(role if role is not Role.VALIDATION else Role.ALL, keys, picture)


def read_items(text: str) -> list[Any]:
    """What stands for a drawing each, of a JSON text of any kind that is read here.

    Raises:
        StrokesError: it is something else.
    """
    check_memory(text)
    first, _sep, _rest = text.lstrip().partition("\n")
    try:
        begin = json.loads(first)
    except (ValueError, RecursionError):
        begin = None
    if isinstance(begin, dict) and {"do", "id"} <= begin.keys():
        return _replay(text)
    try:  # a file of My classes, an object with a list
        whole = parse_json(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict) and isinstance(whole.get("drawings"), list):
        items: list[Any] = whole["drawings"]
        return items
    return items_from_json(text)


def _replay(text: str) -> list[Any]:
    """What is left of My digits' drawings after all that was done; damaged lines are passed over.

    `trainer.my_digits.store` writes that file, and stands above this package.
    """
    left: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        try:
            record = json.loads(line)
            number, do = str(record["id"]), record["do"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if do == "add":
            left[number] = record
        elif do == "delete":
            left.pop(number, None)
        elif do == "relabel" and number in left:
            left[number] = {**left[number], "label": record.get("label")}
    return list(left.values())


def label_of(item: Any) -> str | None:
    """The name of a drawing's class."""
    if not isinstance(item, dict):
        return None
    value = next((item[key] for key in _LABELS if key in item), None)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _picture(item: Any) -> Pixels | None:
    """A drawing as the network reads it; None if nothing is drawn, or it can't be."""
    if not isinstance(item, dict):
        return None
    try:
        if item.get("strokes") or item.get("drawing"):
            strokes = [stroke for stroke in strokes_of(item) if len(stroke)]
            return render_drawing(strokes) if strokes else None
        image = np.array(item.get("image") or (), np.int64)
    except (StrokesError, ValueError, TypeError, OverflowError):
        return None
    if image.shape != (SIDE, SIDE) or image.min() < 0 or not 0 < image.max() <= 255:
        return None
    return image.astype(np.uint8)
