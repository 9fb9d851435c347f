"""Picture files to the 28x28 that the network reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.picture_file import PictureError as PictureError  # what `read_picture` raises
from trainer.drawing.picture_file import read_pages
from trainer.drawing.rasterize import SIDE, Pixels
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.drawing.photos.preparation import InkSettings, Mask
    from trainer.drawing.photos.search import CandidateScorer

Place = tuple[float, float, float, float]
"""Left, top, right, bottom of a part of a picture, each 0 to 1 of its width or height."""

_NO_CHARACTER = N_("nothing was found to cut out: fill the picture with one thing on plain paper")
WORKING = 640
"""Longest side at which a digit is looked for; larger pictures are made smaller."""


class Layout(StrEnum):
    """How what is on a picture is normalized to 28x28."""

    DIGIT = "digit"  # as MNIST's are
    CHARACTER = "character"  # the same for a letter
    OBJECT = "object"  # in its grays, as Fashion-MNIST's are


class BlankError(PictureError):
    """Nothing is on the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A digit that was not drawn here: what is shown of it, and what is read."""

    shown: Pixels  # uint8, (S, S), square: 0 paper, 255 ink
    image: Pixels  # uint8, (28, 28): exactly what the network reads
    caption: str = ""  # what it is, such as "MNIST test 1,234: a 7"
    source: str = ""  # of a dataset's picture: dataset, split and number, "mnist test 1234"
    place: Place | None = None  # on the picture rotated and cropped; None: not known


@dataclass(frozen=True, slots=True, eq=False)
class Extraction:
    """A digit, and where on the picture it was found.

    Attributes:
        picture: what is shown of it, and what is read.
        mask: bool (H, W) of the picture rotated, cropped and resized: what was taken for ink.
        settings: as given, with what was found automatically in place of None.
    """

    picture: Picture
    mask: Mask
    settings: InkSettings


def read_picture(
    path: Path,
    score_candidates: CandidateScorer | None = None,
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
        score_candidates: see `search.find_digit`.
        settings: what a person has decided of where the ink is.
        layout: what is on it.

    Raises:
        PictureError: no such file, no picture, or not one digit in it.
    """
    return find_in_pages(read_pages(path, WORKING), path, score_candidates, settings, layout)


def find_in_pages(
    pages: Iterable[NDArray[np.uint8]],
    path: Path,
    score_candidates: CandidateScorer | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> Picture:
    """As `read_picture`, of pages that were read from the file, each uint8 (H, W, 3), any size."""
    blank: PictureError | None = None
    for colors in pages:
        try:
            return extract(colors, path.name, str(path), score_candidates, settings, layout).picture
        except BlankError as problem:
            blank = blank or problem
    raise blank or PictureError(_("{path} has no page").format(path=path))


def from_pixels(
    colors: NDArray[np.uint8],
    caption: str,
    score_candidates: CandidateScorer | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> Picture:
    """A digit from pixels, as from the clipboard.

    Args:
        colors: uint8, shape (H, W, 3), light as it is on a screen.
        caption: where they come from, such as "the clipboard".
        score_candidates: see `search.find_digit`.
        settings: what a person has decided of where the ink is.
        layout: what is on it.

    Raises:
        PictureError: not one digit in it.
    """
    return extract(colors, caption, caption, score_candidates, settings, layout).picture


def extract(
    colors: NDArray[np.uint8],
    caption: str,
    source: str,
    score_candidates: CandidateScorer | None = None,
    settings: InkSettings | None = None,
    layout: Layout = Layout.DIGIT,
) -> Extraction:
    """As `from_pixels`, with the mask of the ink.

    Args:
        colors: uint8, shape (H, W, 3), any size.
        caption: where they come from.
        source: what errors begin with.
        score_candidates: see `search.find_digit`.
        settings: what a person has decided of where the ink is.
        layout: what is on it.

    Raises:
        BlankError: nothing is on it.
        PictureError: not one digit in it.
    """
    # OpenCV, which strokes do without.
    from trainer.drawing.photos import components, preparation, search, size_normalization

    chosen = settings or preparation.AUTOMATIC
    is_object = layout is Layout.OBJECT
    if not is_object:
        colors = preparation.undo_pixel_replication(colors)
    if colors.shape[:2] == (SIDE, SIDE) and settings is None:
        taken = size_normalization.take_normalized(colors, is_object=is_object)
        if taken is not None:
            image, used = taken
            return Extraction(Picture(image, image, caption), image > 127, used)
    try:
        if is_object:
            image, mask = size_normalization.normalize_object(colors, chosen)
            return Extraction(Picture(image, image, caption), mask, chosen)
        digit = search.find_digit(colors, WORKING, score_candidates, chosen)
    except components.NoInkError as problem:
        raise BlankError(f"{source}: {problem}") from None
    except components.NoDigitError as problem:
        reason = str(problem) if layout is Layout.DIGIT else _(_NO_CHARACTER)
        raise PictureError(f"{source}: {reason}") from None
    box = components.find_bounding_box(digit.mask)
    assert box is not None  # a digit has ink
    height, width = digit.mask.shape
    place = box.left / width, box.top / height, box.right / width, box.bottom / height
    picture = Picture(digit.shown, digit.image, caption, place=place)
    return Extraction(picture, digit.mask, digit.settings)
