"""Pictures of several digits in files: folders of them, and scans of several pages.

A bad file is named, and the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.drawing.picture_file import PictureError, read_colors
from trainer.errors import UserError, describe_error
from trainer.files import PAGE_ENDINGS, convert_read_errors, is_file, is_folder, open_plain
from trainer.networks.model import Model
from trainer.pages.page import WORKING, FilePage, Refused
from trainer.pages.reader import read_page
from trainer.progress import Progress
from trainer.translation import gettext as _

try:
    import pypdfium2
except ImportError:  # not a part of every installation: see `pdf` in pyproject.toml
    pypdfium2 = None

_MOST_PIXELS = 120_000_000
"""Of one page of a scan: more take too much memory."""
_PDF, _TIFF = b"%PDF-", (b"II*\0", b"MM\0*")
"""What files of several pages begin with."""
_PDF_DOTS = 200
"""At how many dots an inch a page of a PDF is drawn."""

Size = tuple[int, int]


def list_files(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, and the pictures in folders by name, with 2 before 10.

    Raises:
        UserError: a folder can't be looked into, or has no pictures.
    """
    found: list[Path] = []
    for path in paths:
        if not is_folder(path):
            found.append(path)
            continue
        with convert_read_errors(path):
            there = [p for p in path.iterdir() if p.suffix.lower() in PAGE_ENDINGS and is_file(p)]
        pictures = [p for p in there if not p.name.startswith(".")]
        if not pictures:
            raise UserError(
                _("{folder} holds no pictures: choose another folder").format(folder=path)
            )
        found += sorted(pictures, key=_natural)
    return found


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def read_files(
    model: Model, paths: Sequence[Path]
) -> Generator[Progress | FilePage | Refused, None, None]:
    """Read all pages of all files, one after the other.

    Args:
        model: on any device.
        paths: of files, as `list_files` gives them.
    """
    for number, path in enumerate(paths):
        yield Progress(_("reading {file}").format(file=path.name), number, len(paths))
        try:
            for at, (count, colors, size) in enumerate(load_pages(path), 1):
                page = read_page(model, colors, size)
                yield FilePage(path, at, count, page)
        except UserError as error:
            yield Refused(path, str(error))
    yield Progress(_("done"), len(paths), len(paths))


def load_pages(path: Path) -> Iterator[tuple[int, NDArray[np.uint8], Size]]:
    """The pages of a file, one after the other.

    Yields:
        How many there are; the pixels, uint8 (H, W, 3), made smaller where there are more than
        are looked at; and the width and height before that.

    Raises:
        PictureError: it is no picture, or damaged.
    """
    head = _read_head(path)
    if head == _PDF:
        yield from _load_pdf(path)
    elif head[:4] in _TIFF and (count := _count_frames(path)) > 1:
        for number in range(count):
            yield count, *_load_frame(path, number)
    else:
        colors = read_colors(path, WORKING)
        yield 1, colors, find_size(path, colors)


def count_pages(path: Path) -> int:
    """How many pages a PDF or a TIFF has; 1 of any other file, whatever is in it."""
    head = _read_head(path)
    if head[:4] in _TIFF:
        return _count_frames(path)
    if head != _PDF or pypdfium2 is None:
        return 1
    try:
        with pypdfium2.PdfDocument(path) as document:
            return len(document)
    except pypdfium2.PdfiumError:
        return 1  # whoever reads it says what is wrong


def _read_head(path: Path) -> bytes:
    try:
        with open_plain(path) as file:
            return file.read(5)
    except OSError:
        return b""  # whoever reads it says what is wrong


def find_size(path: Path, colors: NDArray[np.uint8]) -> Size:
    """A picture's width and height, upright; that of its pixels where Pillow can't tell."""
    height, width = colors.shape[:2]
    try:
        with Image.open(path) as picture:
            size = picture.size
    except Exception:  # of any kind: a format that is drawn, or what a newer reader reads
        return width, height
    same = (size[0] >= size[1]) == (width >= height)
    return size if same else (size[1], size[0])


def _count_frames(path: Path) -> int:
    try:
        with Image.open(path, formats=("TIFF",)) as picture:
            return int(getattr(picture, "n_frames", 1))
    except Exception:  # of any kind: `read_colors` says what is wrong
        return 1


def _load_frame(path: Path, number: int) -> tuple[NDArray[np.uint8], Size]:
    """One page of a TIFF."""
    try:
        with Image.open(path, formats=("TIFF",)) as picture:
            picture.seek(number)
            size = picture.size
            if size[0] * size[1] > _MOST_PIXELS:
                raise PictureError(
                    _("{file}, page {page} is too large: make it smaller").format(
                        file=path, page=number + 1
                    )
                )
            return _as_colors(picture), size
    except PictureError:
        raise
    except Exception as error:  # of any kind, as the content may be anything
        raise PictureError(
            _("{file}, page {page} is damaged ({why}): save it anew").format(
                file=path, page=number + 1, why=describe_error(error)
            )
        ) from None


def _as_colors(picture: Image.Image) -> NDArray[np.uint8]:
    factor = max(1, max(picture.size) // (2 * WORKING))
    if picture.mode.startswith(("I", "F")):  # deep gray: convert would cut it off at 255
        deep = np.nan_to_num(np.asarray(picture, np.float32))
        lowest, highest = float(deep.min()), float(deep.max())
        gray = (deep - lowest) * (255 / max(highest - lowest, 1e-9))
        picture = Image.fromarray(gray.astype(np.uint8))
    small = picture.convert("RGBA" if picture.has_transparency_data else "RGB").reduce(factor)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    return np.asarray(small.convert("RGB"))


def _load_pdf(path: Path) -> Iterator[tuple[int, NDArray[np.uint8], Size]]:
    if pypdfium2 is None:
        raise PictureError(
            _(
                "{file} is a PDF: install pypdfium2 (pip install pypdfium2), or save its pages "
                "as PNG"
            ).format(file=path)
        )
    try:
        with pypdfium2.PdfDocument(path) as document:
            for page in document:
                longest = max(*page.get_size(), 1.0) / 72 * _PDF_DOTS
                scale = _PDF_DOTS / 72 * min(1.0, 2 * WORKING / longest)
                colors = np.asarray(page.render(scale=scale).to_pil().convert("RGB"))
                yield len(document), colors, (colors.shape[1], colors.shape[0])
    except pypdfium2.PdfiumError as error:
        raise PictureError(
            _("{file} is damaged ({why}): save it anew").format(file=path, why=error)
        ) from None
