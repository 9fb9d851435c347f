"""Pages of PDF to pixels, by PDFium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

try:
    import pypdfium2
except ImportError:  # not a part of every installation: see `pdf` in pyproject.toml
    PDF = False
else:
    PDF = True
"""Whether pages of PDF can be drawn."""

_one_document = threading.Lock()  # PDFium is not made for threads


class LockedPdfError(ValueError):
    """A PDF that asks for a password."""


def count_pdf_pages(path: Path) -> int:
    """How many pages a PDF has.

    Raises:
        pypdfium2.PdfiumError: it is damaged, or asks for a password.
    """
    with _one_document, pypdfium2.PdfDocument(path) as document:
        return len(document)


def draw_pdf_pages(
    source: Path | bytes, side: int, most: int, first: int = 0
) -> Iterator[NDArray[np.uint8]]:
    """The pages of a PDF from `first` to before `most`, each uint8 of shape (H, W, 3).

    Args:
        source: the file, of which only what is needed is read, or its content.
        side: pixels of a page's longer side.
        most: pages, counted from 0.
        first: the number of the first that is drawn.

    Raises:
        LockedPdfError: it asks for a password.
        pypdfium2.PdfiumError: it is damaged.
    """
    for number in range(first, most):
        with _one_document:  # open while a page is drawn: between two pages, others may draw theirs
            try:
                document = pypdfium2.PdfDocument(source)
            except pypdfium2.PdfiumError as error:
                if "password" in str(error).lower():
                    raise LockedPdfError from None
                raise
            try:
                if number >= len(document):
                    return
                page = document[number]
                scale = side / max(*page.get_size(), 1.0)
                colors = np.array(page.render(scale=scale, rev_byteorder=True).to_numpy())
            finally:
                document.close()
        yield np.ascontiguousarray(colors[..., :3])
