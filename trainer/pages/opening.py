"""Opens a picture once: its pixels, the one digit on it, and whether it shows several instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from trainer.drawing.photos.preparation import AUTOMATIC, InkSettings, scale_photo
from trainer.drawing.picture import Picture, Place, find_in_pages
from trainer.drawing.picture_file import count_pages, read_pages
from trainer.drawing.rasterize import Pixels
from trainer.errors import UserError
from trainer.networks.model import Model, load_shipped
from trainer.pages.page import WORKING, Page, PageDigit
from trainer.pages.reader import read_several
from trainer.reading import pictures
from trainer.reading.predict import Answer, read_answers
from trainer.reading.verdict import Verdict
from trainer.recipes.recipe import DIGIT_CLASSES

_MOST_SCALE = 0.8
"""A picture is reduced to this share of its size or less; to reduce it by less saves little."""
_LEAST_HEIGHT = 0.55
"""Digits of one number are at least so high, as a share of the median."""
_LEAST_PROBABILITY = 0.9
"""A digit that is read with less is no evidence that there are several."""
_LEAST_SURE = 0.6
"""The share of all digits found that must be sure."""
_PART_HEIGHT = 0.7
"""Within what is surely one digit, something lower than this share of its height is a part of it:
ink that fades, or that a reflection hides, falls apart."""
_CLEAR_SIDE = 64
"""In pictures of a shorter side, in pixels, the parts of one blurred digit pass for a digit and a
1."""
_LEAST_SIDE = 40
"""The longer side, in pixels, of the smallest picture of two digits; MNIST's have 28."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPicture:
    """A picture from outside, and what was found on it.

    Attributes:
        colors: uint8 (H, W, 3), upright, reduced if large; of several pages one.
        caption: where it comes from.
        picture: the one digit on it; None where there is none.
        problem: why there is none.
        several: whether it shows several digits, or has several pages.
        settings: how the digit was found.
    """

    colors: Pixels
    caption: str
    picture: Picture | None
    problem: str = ""
    several: bool = False
    settings: InkSettings = AUTOMATIC


def open_file(path: Path, model: Model | None, several: bool = True) -> OpenedPicture:
    """Open a picture file; it is decoded once.

    Args:
        path: the file.
        model: what will read it; None: the built-in network.
        several: notice where it shows several digits.

    Raises:
        UserError: no such file, no picture, a damaged one, or too large a one.
    """
    pages = _Pages(read_pages(path, WORKING))
    model = model or load_shipped()
    notice_several = several and model.classes == DIGIT_CLASSES
    if notice_several and count_pages(path) > 1:
        return OpenedPicture(next(pages), path.name, None, several=True)
    picture, problem = None, ""
    try:
        picture = find_in_pages(
            pages,
            path,
            pictures.make_scorer(model),
            layout=pictures.choose_layout(model),
        )
    except UserError as error:
        if pages.last is None:
            raise
        problem = str(error)
    assert pages.last is not None  # else there was an error
    opened = OpenedPicture(pages.last, path.name, picture, problem)
    return _notice_several(opened, model) if notice_several else opened


def open_pixels(
    colors: Pixels, caption: str, model: Model | None, several: bool = True
) -> OpenedPicture:
    """As `open_file`, of uint8 pixels (H, W, 3); `caption` says where they come from."""
    model = model or load_shipped()
    colors = _reduce(colors)
    picture, problem = None, ""
    try:
        picture = pictures.from_pixels(colors, caption, model)
    except UserError as error:
        problem = str(error)
    opened = OpenedPicture(colors, caption, picture, problem)
    notice_several = several and model.classes == DIGIT_CLASSES
    return _notice_several(opened, model) if notice_several else opened


class _Pages(Iterator[Pixels]):
    """A file's pages, of which the last one is kept."""

    def __init__(self, pages: Iterator[Pixels]) -> None:
        self._pages = pages
        self.last: Pixels | None = None

    def __next__(self) -> Pixels:
        self.last = _reduce(next(self._pages))
        return self.last


def _reduce(colors: Pixels) -> Pixels:
    """A picture without more pixels than are searched: they are kept while it can be adjusted."""
    scale = WORKING / max(colors.shape[:2])
    return colors if scale > _MOST_SCALE else scale_photo(colors, scale)


def _notice_several(opened: OpenedPicture, model: Model) -> OpenedPicture:
    """The same, or that it shows several digits, which `model` reads."""
    if not can_show_several(opened.colors):
        return opened
    picture = opened.picture
    alone = None if picture is None else read_answers(model, picture.image[None])[0]
    place = None if picture is None else picture.place
    page = read_several(model, opened.colors)
    if page is None or not shows_several(page, alone, place):
        return opened
    return replace(opened, picture=None, problem="", several=True)


# One digit, or several


def can_show_several(colors: Pixels) -> bool:
    """Whether a picture, uint8 (H, W, 3), is large enough for several digits."""
    return bool(max(colors.shape[:2]) >= _LEAST_SIDE)


def shows_several(page: Page, alone: Answer | None, place: Place | None = None) -> bool:
    """Whether a picture is to be read as several digits, such as a number.

    Args:
        page: what it holds if it holds several.
        alone: the answer if it holds one; None where no single digit was found.
        place: where that one is; None if that is not known.
    """
    sure = [
        digit
        for digit in _find_high(page)
        if digit.verdict == Verdict.SURE and digit.confidence > _LEAST_PROBABILITY
    ]
    # A stroke of a frame or of the paper's edge passes for a 1, but seldom for another digit.
    evidence = [digit for digit in sure if page.classes[digit.digit] != "1"]
    if len(sure) < 2 or not evidence or len(sure) < _LEAST_SURE * len(page.digits):
        return False
    sure_alone = alone is not None and alone.verdict == Verdict.SURE
    if place is not None and sure_alone:
        evidence = [digit for digit in evidence if not _is_part(digit, page, place)]
    if len(evidence) >= 2:
        return True
    clear = page.verdict == Verdict.SURE and min(page.width, page.height) >= _CLEAR_SIDE
    return clear and not sure_alone


def _find_high(page: Page) -> list[PageDigit]:
    """The digits that are not much lower than the others."""
    heights = sorted(digit.height for digit in page.digits)
    median = heights[len(heights) // 2] if heights else 0
    return [digit for digit in page.digits if digit.height >= _LEAST_HEIGHT * median]


def _is_part(digit: PageDigit, page: Page, place: Place) -> bool:
    """Whether it is only a part of the one digit that is at `place`."""
    left, top, right, bottom = digit.box
    x, y = (left + right) / (2 * page.width), (top + bottom) / (2 * page.height)
    inside = place[0] <= x <= place[2] and place[1] <= y <= place[3]
    return inside and digit.height < _PART_HEIGHT * (place[3] - place[1]) * page.height
