"""One digit that a user labelled, as the program and its files hold it.

And as pictures: as it is read, and varied as the same hand might have drawn it.
"""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data.labelled_images import LabelledImages
from trainer.drawing.rasterize import StrokesError, even_pen_widths, rasterize
from trainer.drawing.stroke_files import LARGEST_FILE, items_from_json, strokes_of
from trainer.drawing.variation import vary
from trainer.errors import UserError
from trainer.files import decode_text, read_bounded, save_file
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _

WRITER = "me"
_SIDE = 28
LONGEST_NAME = 80  # of a writer
_LARGEST = 1e7
"""Coordinates beyond it are no tablet's, and the window can't draw them."""

Strokes = tuple[tuple[tuple[float, ...], ...], ...]
"""Strokes of points (x, y) or (x, y, width), in any unit; y points down."""


class MyDigitsError(UserError):
    """The file, or one to import, can't be read or written; the message says why."""


@dataclass(frozen=True, slots=True)
class OwnDigit:
    """One digit with the label that its writer gave it: strokes, or a picture."""

    id: str
    label: int  # 0 to 9
    strokes: Strokes  # none where a picture was read
    image: bytes | None  # 784, row by row, 0 paper and 255 ink; None where there are strokes
    read_as: int | None  # what a network took it for; None if not known
    when: str  # ISO 8601, UTC
    source: str = ""  # of a dataset's picture: dataset, split and number, "mnist test 247"
    writer: str = WRITER  # who drew it, as the file says that it was imported from

    @property
    def test_set(self) -> str:
        """The dataset, a key of `DATASETS`, of whose test pictures it is; empty if it is of none.

        As far as its source says: `familiar` also compares pictures.
        """
        name, _other, rest = self.source.partition(" ")
        return name if name in DATASETS and rest.startswith("test") else ""

    @property
    def ink(self) -> tuple[Strokes, bytes | None]:
        """What was drawn: the same for the same drawing."""
        return self.strokes, self.image


def own_digit(
    label: int,
    strokes: Sequence[Sequence[Sequence[float]]],
    image: bytes | None = None,
    read_as: int | None = None,
    when: str | None = None,
    source: str = "",
    writer: str = WRITER,
) -> OwnDigit:
    """A new entry, with an id that no other has.

    Args:
        label: 0 to 9.
        strokes: those drawn; if there are any, `image` is not kept.
        image: 784 bytes, as in `OwnDigit`.
        read_as: 0 to 9, or None.
        when: ISO 8601; now if None.
        source: as in `OwnDigit`.
        writer: as in `OwnDigit`.

    Raises:
        ValueError: a label or ink that can't be; the message goes on from "it".
    """
    if type(label) is not int or not 0 <= label <= 9:
        raise ValueError(_("has a label other than 0 to 9"))
    checked = _check_strokes(strokes)
    if checked:
        image = None
    elif image is None or len(image) != _SIDE * _SIDE or not any(image):
        raise ValueError(_("has neither strokes nor a picture of 28 x 28 with ink on it"))
    if read_as is not None and (type(read_as) is not int or not 0 <= read_as <= 9):
        raise ValueError(_("was read as something other than 0 to 9"))
    return OwnDigit(
        id=secrets.token_hex(8),
        label=label,
        strokes=checked,
        image=image,
        read_as=read_as,
        when=when or current_time(),
        source=source,
        writer=writer,
    )


def _check_strokes(strokes: Any) -> Strokes:
    """Strokes as tuples, those without points left out.

    Raises:
        ValueError: they are something else.
    """
    try:
        checked = tuple(tuple(tuple(point[:3]) for point in stroke) for stroke in strokes)
        numbers = [value for stroke in checked for point in stroke for value in point]
        if any(len(point) < 2 for stroke in checked for point in stroke):
            raise ValueError(_("has a point without two coordinates"))
        if any(isinstance(value, bool | str) or not abs(value) < _LARGEST for value in numbers):
            raise ValueError(_("has a coordinate that is not a finite number"))
    except TypeError:
        raise ValueError(_("has strokes that are not lists of [x, y] points")) from None
    return tuple(_even(stroke) for stroke in checked if stroke)


def _even(stroke: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
    """A stroke whose points all have a width, or none has: others can't be drawn."""
    if len({len(point) for point in stroke}) == 1:
        return stroke
    return tuple((*point, 1.0)[:3] for point in stroke)


def to_json(digit: OwnDigit) -> dict[str, Any]:
    """What the file and an export say of a digit, but for its id."""
    values: dict[str, Any] = {"label": digit.label, "strokes": digit.strokes}
    if digit.image is not None:
        values["image"] = [
            list(digit.image[start : start + _SIDE]) for start in range(0, len(digit.image), _SIDE)
        ]
    values |= {"read_as": digit.read_as, "when": digit.when}
    if digit.source:
        values["source"] = digit.source
    return values | ({"writer": digit.writer} if digit.writer != WRITER else {})


def from_json(item: Any) -> OwnDigit:
    """A new entry of what `to_json` told.

    Raises:
        ValueError: it can't be one; the message goes on from "it".
    """
    if not isinstance(item, dict):
        raise ValueError(_('is not {"label": 7, "strokes": [[[x, y], ...], ...]}'))
    image = item.get("image")
    if image is not None:
        try:
            image = bytes(value for row in image for value in row)
        except (TypeError, ValueError):
            raise ValueError(_("has a picture that is not 28 rows of 28 levels 0 to 255")) from None
    when, source, writer = item.get("when"), item.get("source"), item.get("writer")
    return own_digit(
        item.get("label", -1),
        item.get("strokes") or (),
        image,
        item.get("read_as"),
        when if isinstance(when, str) and len(when) <= 40 else None,
        source if isinstance(source, str) and len(source) <= 80 else "",
        writer if isinstance(writer, str) and 0 < len(writer) <= LONGEST_NAME else WRITER,
    )


def current_time() -> str:
    """The present moment, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def export(digits: Iterable[OwnDigit], path: Path) -> None:
    """Write digits as `lenet predict --strokes` takes them, and as the pen data are.

    A digit read from a picture has its "image", 28 rows of 28 levels, and no
    strokes.

    Raises:
        MyDigitsError: it can't be written; what was there is untouched.
    """
    items = [{"writer": WRITER, "contributor": WRITER, **to_json(digit)} for digit in digits]
    content = json.dumps(items, separators=(",", ":"), allow_nan=False).encode()
    if path.suffix == ".gz":
        content = gzip.compress(content)
    save_file(path, content, MyDigitsError)


def read_export(path: Path) -> list[OwnDigit]:
    """The digits of a file that `export` wrote, or of one in its form; each has a new id.

    Raises:
        MyDigitsError: unreadable, or an entry is not as it should be; the
            message names the entry.
    """
    try:
        items = items_from_json(decode_text(read_bounded(path, LARGEST_FILE)))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise MyDigitsError(
            _("{path} cannot be read: {why}").format(path=path, why=why or error)
        ) from None
    except StrokesError as error:
        raise MyDigitsError(f"{path}: {error}") from None
    digits = []
    for number, item in enumerate(items, start=1):
        try:
            digits.append(from_json(_in_our_form(item)))
        except ValueError as error:
            raise MyDigitsError(
                _("{path}: digit {number} {error}; nothing was imported").format(
                    path=path, number=number, error=error
                )
            ) from None
    return digits


def _in_our_form(item: Any) -> Any:
    """An item with its strokes as lists of points, whatever program wrote it.

    Raises:
        ValueError: its strokes can't be drawn; the message goes on from "it".
    """
    if not isinstance(item, dict) or not (item.get("strokes") or item.get("drawing")):
        return item
    try:
        return {**item, "strokes": strokes_of(item)}
    except StrokesError as error:
        raise ValueError(_("can't be drawn: {error}").format(error=error)) from None


def render_digit(digit: OwnDigit) -> NDArray[np.uint8]:
    """What the network reads of it: uint8 (28, 28), 0 paper and 255 ink."""
    if digit.image is not None:
        return np.frombuffer(digit.image, np.uint8).reshape(28, 28).copy()
    return rasterize(_strokes(digit))


def render_digits(digits: Sequence[OwnDigit]) -> LabelledImages:
    """All of them as they are."""
    return _as_digits([render_digit(digit) for digit in digits], digits)


def render_variations(
    digits: Sequence[OwnDigit], times: int, rng: np.random.Generator
) -> LabelledImages:
    """Each as it is, and `times` varied: by its strokes, where there are any."""
    images, labels = [], []
    for digit in digits:
        as_it_is = render_digit(digit)
        for number in range(times + 1):
            if number and digit.image is None:
                strokes, width = vary(_strokes(digit), rng)
                images.append(rasterize(strokes, width=width))
            else:
                images.append(as_it_is)
            labels.append(digit)
    return _as_digits(images, labels)


def _strokes(digit: OwnDigit) -> list[NDArray[np.float64]]:
    """As the window reads them."""
    return even_pen_widths(
        np.array([(*point, 1.0)[:3] for point in stroke]) for stroke in digit.strokes
    )


def _as_digits(images: list[NDArray[np.uint8]], digits: Sequence[OwnDigit]) -> LabelledImages:
    stacked = np.stack(images) if images else np.empty((0, 28, 28), np.uint8)
    return LabelledImages(
        torch.from_numpy(stacked), torch.tensor([digit.label for digit in digits])
    )
