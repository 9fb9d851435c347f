"""The digits that were read on a picture of several: pure data, without numpy or torch."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import as_cell
from trainer.reading.verdict import Verdict
from trainer.translation import gettext as _

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the picture; the last two lie beyond the ink."""

WORKING = 1800
"""The longer side, in pixels, at which a page is searched; larger ones are reduced."""
_LEAST_SPACE, _MOST_GAP = 0.75, 1.3
"""In heights of the row's digits: a narrower gap is no space between two numbers, and a wider one
is one for certain."""
_SPACE_RATIO = 1.5
"""One in between is a space if it is so many times as wide as the median gap of its row: digits
that all stand that far apart are one number."""
COLUMNS = ("file", "page", "line", "place", "digit", "confidence", "verdict")
"""The columns of a table of digits, before the box's four."""


@dataclass(frozen=True, slots=True)
class PageDigit:
    """One digit on a page.

    Attributes:
        digit: index of the most probable class.
        second: of the next one.
        probabilities: of each class, 0 to 1.
        verdict: whether it is sure.
        box: where it is on the picture.
        line: number of its line, from the top; the first is 0.
        image: what the network read: 784 pixels, row by row, 0 paper and 255 ink.
    """

    digit: int
    second: int
    probabilities: tuple[float, ...]
    verdict: Verdict
    box: Box
    line: int
    image: bytes

    @property
    def height(self) -> int:
        """Of its box, in pixels of the picture."""
        return self.box[3] - self.box[1]

    @property
    def confidence(self) -> float:
        """The answer's probability, 0 to 1."""
        return self.probabilities[self.digit]


@dataclass(frozen=True, slots=True)
class Page:
    """One picture, read; no digits where none were found.

    Attributes:
        width, height: of the picture, in pixels.
        classes: the names of the network's classes.
        digits: line by line, each from left to right.
    """

    width: int
    height: int
    classes: tuple[str, ...]
    digits: tuple[PageDigit, ...]

    @property
    def lines(self) -> tuple[tuple[PageDigit, ...], ...]:
        """The digits, line by line."""
        grouped = itertools.groupby(self.digits, key=lambda digit: digit.line)
        return tuple(tuple(line) for _, line in grouped)

    @property
    def texts(self) -> tuple[str, ...]:
        """Each line as text, with spaces where there are wide gaps."""
        return tuple(_format_line(line, self.classes) for line in self.lines)

    @property
    def text(self) -> str:
        """All lines as text."""
        return "\n".join(self.texts)

    @property
    def verdict(self) -> Verdict:
        """That of the least sure digit, for one that is misread makes a number wrong."""
        order = (Verdict.REJECTED, Verdict.UNSURE, Verdict.SURE)
        found = {digit.verdict for digit in self.digits}
        return next((each for each in order if each in found), Verdict.REJECTED)


@dataclass(frozen=True, slots=True)
class FilePage:
    """One picture file, or one page of it, read.

    Attributes:
        path: of the file.
        number: of the page; the first is 1.
        pages: how many the file has.
        page: the digits on it.
    """

    path: Path
    number: int
    pages: int
    page: Page

    @property
    def name(self) -> str:
        """The file's name, with the page's number where there are several."""
        if self.pages == 1:
            return self.path.name
        return _("{file}, page {page}").format(file=self.path.name, page=self.number)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that can't be read, and why, as a sentence for people."""

    path: Path
    reason: str


def _format_line(line: tuple[PageDigit, ...], classes: tuple[str, ...]) -> str:
    """The digits of one line, which has one at least, with a space for each wide gap."""
    heights = sorted(digit.height for digit in line)
    height = heights[len(heights) // 2]
    gaps = [after.box[0] - before.box[2] for before, after in itertools.pairwise(line)]
    usual = sorted(gaps)[(len(gaps) - 1) // 2] if len(gaps) > 1 else 0
    least = min(max(_LEAST_SPACE * height, _SPACE_RATIO * usual), _MOST_GAP * height)
    text = classes[line[0].digit]
    for gap, digit in zip(gaps, line[1:], strict=True):
        text += (" " if gap > least else "") + classes[digit.digit]
    return text


def correct_digit(page: Page, number: int, label: int) -> Page:
    """The page with one of its digits as a person says that it is: sure from then on.

    Args:
        page: as it was read.
        number: the digit's place in `page.digits`.
        label: index of the class that it is.
    """
    certain = tuple(float(n == label) for n in range(len(page.classes)))
    digit = page.digits[number]
    second = digit.digit if digit.digit != label else digit.second
    corrected = dataclasses.replace(
        digit, digit=label, second=second, probabilities=certain, verdict=Verdict.SURE
    )
    digits = (*page.digits[:number], corrected, *page.digits[number + 1 :])
    return dataclasses.replace(page, digits=digits)


def remove_digits(page: Page, numbers: Collection[int]) -> Page:
    """The page without those digits, by their places in `page.digits`."""
    digits = tuple(digit for n, digit in enumerate(page.digits) if n not in numbers)
    return dataclasses.replace(page, digits=digits)


def sort_by_doubt(page: Page) -> list[int]:
    """The places of a page's digits in `page.digits`, those that are least sure first."""
    order = {Verdict.REJECTED: 0, Verdict.UNSURE: 1, Verdict.SURE: 2}
    return sorted(
        range(len(page.digits)),
        key=lambda n: (order[page.digits[n].verdict], page.digits[n].confidence),
    )


def make_csv(pages: Iterable[FilePage]) -> str:
    """A table as text, with a row for each digit of all pages, and the columns' names above."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow((*COLUMNS, "left", "top", "right", "bottom"))
    for file_page in pages:
        page = file_page.page
        for line, digits in enumerate(page.lines, 1):
            for place, digit in enumerate(digits, 1):
                row = (
                    str(file_page.path),
                    file_page.number,
                    line,
                    place,
                    page.classes[digit.digit],
                    f"{digit.confidence:.4f}",
                    str(digit.verdict),
                    *digit.box,
                )
                writer.writerow(map(as_cell, row))
    return content.getvalue()
