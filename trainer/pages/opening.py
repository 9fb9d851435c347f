"""Opens a picture once: its pixels, the one digit on it, and whether it shows several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.ink import AUTOMATIC, InkSettings
from trainer.drawing.picture import Picture, find_in_pages
from trainer.drawing.picture_file import count_pages, read_pages
from trainer.errors import UserError
from trainer.networks.model import Model, load_shipped
from trainer.pages.page import WORKING
from trainer.pages.reader import read_several
from trainer.pages.several import can_show_several, shows_several
from trainer.reading import pictures
from trainer.reading.predict import read_answers
from trainer.recipes.recipe import DIGIT_CLASSES

_WORTHWHILE = 0.8
"""A picture is made smaller only to this share of its size or less."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPicture:
    """A picture from outside, and what was made of it."""

    colors: NDArray[np.uint8]  # (H, W, 3), upright; of several pages one; made smaller if large
    caption: str  # whence it comes
    picture: Picture | None  # the one digit on it
    problem: str = ""  # why there is none
    several: bool = False  # it shows several digits, or has several pages
    settings: InkSettings = AUTOMATIC  # how the digit was found


def open_file(path: Path, model: Model | None, several: bool = True) -> OpenedPicture:
    """A picture file, decoded once.

    Args:
        path: the file.
        model: what will read it; None: the built-in network.
        several: notice where it shows several digits.

    Raises:
        UserError: no such file, no picture, a damaged one, or too large a one.
    """
    pages = _Pages(read_pages(path, WORKING))
    model = model or load_shipped()
    looking = several and model.classes == DIGIT_CLASSES
    if looking and count_pages(path) > 1:
        return OpenedPicture(next(pages), path.name, None, several=True)
    how = pictures.make_judge(model), None, pictures.choose_layout(model)
    found, problem = None, ""
    try:
        found = find_in_pages(pages, path, *how)
    except UserError as error:
        if pages.last is None:
            raise
        problem = str(error)
    assert pages.last is not None  # else there was an error
    opened = OpenedPicture(pages.last, path.name, found, problem)
    return _finish(opened, model if looking else None)


class _Pages(Iterator[NDArray[np.uint8]]):
    """A file's pages, of which the last one is kept."""

    def __init__(self, pages: Iterator[NDArray[np.uint8]]) -> None:
        self._pages = pages
        self.last: NDArray[np.uint8] | None = None

    def __next__(self) -> NDArray[np.uint8]:
        self.last = _shrink(next(self._pages))
        return self.last


def _shrink(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture with no more pixels than are looked at: they are kept while it can be adjusted."""
    height, width = colors.shape[:2]
    scale = WORKING / max(height, width)
    if scale > _WORTHWHILE:
        return colors
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(colors, size, interpolation=cv2.INTER_AREA))


def open_pixels(
    colors: NDArray[np.uint8], caption: str, model: Model | None, several: bool = True
) -> OpenedPicture:
    """As `open_file`, of uint8 pixels of shape (H, W, 3); `caption` says whence they come."""
    model = model or load_shipped()
    looking = several and model.classes == DIGIT_CLASSES
    colors = _shrink(colors)
    try:
        found, problem = pictures.from_pixels(colors, caption, model), ""
    except UserError as error:
        found, problem = None, str(error)
    return _finish(OpenedPicture(colors, caption, found, problem), model if looking else None)


def _finish(opened: OpenedPicture, model: Model | None) -> OpenedPicture:
    """The same, where it is told whether `model` reads several digits on it; None: it can't."""
    colors, found = opened.colors, opened.picture
    if model is None or not can_show_several(colors):
        return opened
    alone = None if found is None else read_answers(model, found.image[None])[0]
    page = read_several(model, colors)
    place = None if found is None else found.place
    if page is None or not shows_several(page, alone, place):
        return opened
    return OpenedPicture(colors, opened.caption, None, several=True)
