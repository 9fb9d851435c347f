"""Picture files to the 28x28 that the network reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.drawing.picture_file import PictureError as PictureError  # what `read_picture` raises
from trainer.drawing.picture_file import read_pages
from trainer.drawing.rasterize import SIDE, Pixels
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.drawing.photos.ink import Bits, InkSettings
    from trainer.drawing.photos.search import Judge

Place = tuple[float, float, float, float]
"""Left, top, right, bottom of a part of a picture, each 0 to 1 of its width or height."""

_NO_CHARACTER = N_("nothing was found to cut out: fill the picture with one thing on plain paper")
WORKING = 640
"""Longest side at which a digit is looked for; larger pictures are made smaller."""


class Layout(StrEnum):
    """How what is on a picture is laid on 28x28."""

    DIGIT = "digit"  # as MNIST's are
    WRITING = "writing"  # the same for another character
    WHOLE = "whole"  # a thing in its grays, as Fashion-MNIST's are


class BlankError(PictureError):
    """Nothing is on the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A digit that was not drawn here: what is shown of it, and what is read."""

    shown: Pixels  # uint8, (S, S), square: 0 paper, 255 ink
    image: Pixels  # uint8, (28, 28): exactly what the network reads
    caption: str = ""  # what it is, such as "MNIST test 1,234: a 7"
    source: str = ""  # of a dataset's picture: dataset, split and number, "mnist test 1234"
    place: Place | None = None  # where it was found, on the picture turned and cut; None: not told


@dataclass(frozen=True, slots=True, eq=False)
class SeenPicture:
    """What was made of a picture, and of what."""

    picture: Picture
    ink: Bits  # (H, W) of the picture turned, cut and made smaller: what was taken for ink
    settings: InkSettings  # as given, with what was found out in place of None


def read_picture(
    path: Path,
    judge: Judge | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> Picture:
    """A digit from a picture file: a photo, a scan, or one drawn by a program.

    Of any format and size that `picture_file` reads, light or dark paper. A picture of
    28x28 that is laid out as MNIST's are is taken as it is (light paper is turned over);
    in any other, the digit is looked for and fitted as a drawing is. Of several pages
    or frames, the first with something on it counts.

    Args:
        path: the file.
        judge: see `search.find_digit`.
        settings: what a person has decided of where the ink is.
        layout: what is on it.

    Raises:
        PictureError: no such file, no picture, or not one digit in it.
    """
    return find_in_pages(read_pages(path, WORKING), path, judge, settings, layout)


def find_in_pages(
    pages: Iterable[NDArray[np.uint8]],
    path: Path,
    judge: Judge | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> Picture:
    """As `read_picture`, of pages that were read from the file, each uint8 (H, W, 3), any size."""
    blank: PictureError | None = None
    for colors in pages:
        try:
            return see(colors, path.name, str(path), judge, settings, layout).picture
        except BlankError as problem:
            blank = blank or problem
    raise blank or PictureError(_("{path} has no page").format(path=path))


def from_pixels(
    colors: NDArray[np.uint8],
    caption: str,
    judge: Judge | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> Picture:
    """A digit from pixels, as from the clipboard.

    Args:
        colors: uint8, shape (H, W, 3), light as it is on a screen.
        caption: where they come from, such as "the clipboard".
        judge: see `search.find_digit`.
        settings: what a person has decided of where the ink is.
        layout: what is on it.

    Raises:
        PictureError: not one digit in it.
    """
    return see(colors, caption, caption, judge, settings, layout).picture


def see(
    colors: NDArray[np.uint8],
    caption: str,
    source: str,
    judge: Judge | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> SeenPicture:
    """As `from_pixels`, and where the ink is; `source` is what errors are about."""
    # OpenCV, which strokes do without.
    from trainer.drawing.photos import blobs, ink, laying, search, things

    chosen = settings or ink.AUTOMATIC
    if layout is not Layout.WHOLE:
        colors = ink.undo_enlargement(colors)
    if colors.shape[:2] == (SIDE, SIDE) and settings is None:
        gray = np.asarray(Image.fromarray(colors).convert("L"))
        laid_out = things.is_thing_laid_out if layout is Layout.WHOLE else laying.is_laid_out
        for image, lighter in ((gray, True), (255 - gray, False)):
            if laid_out(image):
                found_out = ink.InkSettings(threshold=0.5, inverted=lighter)
                return SeenPicture(Picture(image, image, caption), image > 127, found_out)
    try:
        if layout is Layout.WHOLE:
            image, mask = things.lay_thing(colors, chosen)
            return SeenPicture(Picture(image, image, caption), mask, chosen)
        result = search.find_digit(colors, WORKING, judge, chosen)
    except blobs.NothingWritten as problem:
        raise BlankError(f"{source}: {problem}") from None
    except blobs.NoDigit as problem:
        why = str(problem) if layout is Layout.DIGIT else _(_NO_CHARACTER)
        raise PictureError(f"{source}: {why}") from None
    place = _find_place(result.mask)
    picture = Picture(result.shown, result.image, caption, place=place)
    return SeenPicture(picture, result.mask, result.settings)


def _find_place(mask: Bits) -> Place:
    """The box about what is in bool (H, W), which is not empty."""
    high, wide = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, right = float(columns[0]) / wide, float(columns[-1] + 1) / wide
    return left, float(rows[0]) / high, right, float(rows[-1] + 1) / high
