"""Reads files of pictures of several digits: folders of them, and scans of several pages.

A file that can't be read is named, and the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.picture_file import Size, count_pages, read_sized_pages
from trainer.errors import UserError
from trainer.files import PAGE_ENDINGS, convert_read_errors, is_file, is_folder
from trainer.networks.model import Model
from trainer.pages.page import WORKING, FilePage, RefusedFile
from trainer.pages.reader import read_page
from trainer.progress import Progress
from trainer.translation import gettext as _


def list_files(paths: Iterable[Path]) -> list[Path]:
    """List files as they are given, and the pictures in folders by name, with 2 before 10.

    Raises:
        UserError: a folder can't be looked into, or has no pictures.
    """
    listed: list[Path] = []
    for path in paths:
        if not is_folder(path):
            listed.append(path)
            continue
        with convert_read_errors(path):
            files = [p for p in path.iterdir() if p.suffix.lower() in PAGE_ENDINGS and is_file(p)]
        pictures = [p for p in files if not p.name.startswith(".")]
        if not pictures:
            raise UserError(
                _("{folder} holds no pictures: choose another folder").format(folder=path)
            )
        listed += sorted(pictures, key=_split_numbers)
    return listed


def _split_numbers(path: Path) -> list[tuple[int, str]]:
    """The key by which names are in natural order: numbers in them by their values."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def read_files(
    model: Model, paths: Sequence[Path]
) -> Generator[Progress | FilePage | RefusedFile, None, None]:
    """Read all pages of all files, one after the other.

    Args:
        model: on any device.
        paths: of files, as `list_files` gives them.

    Yields:
        Progress by files, and each page as soon as it is read.
    """
    for number, path in enumerate(paths):
        yield Progress(_("reading {file}").format(file=path.name), number, len(paths))
        try:
            for page_number, (count, colors, size) in enumerate(load_pages(path), 1):
                page = read_page(model, colors, size)
                yield FilePage(path, page_number, count, page)
        except UserError as error:
            yield RefusedFile(path, str(error))
    yield Progress(_("done"), len(paths), len(paths))


def load_pages(path: Path) -> Iterator[tuple[int, NDArray[np.uint8], Size]]:
    """Load the pages of a PDF or a TIFF, or the one of another file.

    Yields:
        Of one page after the other: how many there are; the pixels, uint8 (H, W, 3), reduced where
        there are more than are searched; and the width and height before that.

    Raises:
        PictureError: it is no picture, or damaged.
    """
    count = count_pages(path)
    for colors, size in read_sized_pages(path, WORKING, count):
        yield count, colors, size


def load_page(path: Path, number: int) -> NDArray[np.uint8] | None:
    """The pixels of one page, 1 first, as `load_pages` gives them; no other one is decoded.

    Returns:
        None if there are fewer pages.

    Raises:
        PictureError: it is no picture, or damaged.
    """
    pages = read_sized_pages(path, WORKING, number, number - 1)
    return next((colors for colors, _size in pages), None)
