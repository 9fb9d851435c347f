"""What is made of a picture of several digits: pure data, without numpy or torch."""

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
"""The longer side, in pixels, at which a page is looked at; larger ones are made smaller."""
_SPACE, _SURE_SPACE = 0.75, 1.3
"""A gap wider than this, in heights of the row's digits, may be a space between two numbers, and
is one for sure."""
_WIDER = 1.5
"""One in between is a space if it is so many times as wide as the usual one of its row: digits
that all stand that far apart are one number."""
COLUMNS = ("file", "page", "line", "place", "digit", "confidence", "verdict")
"""The columns of a table of digits, before the box's four."""


@dataclass(frozen=True, slots=True)
class PageDigit:
    """One digit on a page."""

    digit: int  # index of the most probable class
    second: int  # of the next one
    probabilities: tuple[float, ...]
    verdict: Verdict
    box: Box
    line: int  # from the top, 0 first
    image: bytes  # 784, row by row, 0 paper and 255 ink: what the network read

    @property
    def confidence(self) -> float:
        """The answer's probability, 0 to 1."""
        return self.probabilities[self.digit]


@dataclass(frozen=True, slots=True)
class Page:
    """One picture, read; no digits where none were found."""

    width: int
    height: int  # of the picture, in pixels
    classes: tuple[str, ...]
    digits: tuple[PageDigit, ...]  # line by line, each from left to right

    @property
    def lines(self) -> tuple[tuple[PageDigit, ...], ...]:
        """The digits, line by line."""
        grouped = itertools.groupby(self.digits, key=lambda digit: digit.line)
        return tuple(tuple(line) for _, line in grouped)

    @property
    def texts(self) -> tuple[str, ...]:
        """Each line as text, with spaces where there are wide gaps."""
        return tuple(_text(line, self.classes) for line in self.lines)

    @property
    def text(self) -> str:
        """All lines as text."""
        return "\n".join(self.texts)

    @property
    def verdict(self) -> Verdict:
        """That of the least sure digit: one that is wrong makes a number wrong."""
        order = (Verdict.REJECTED, Verdict.UNSURE, Verdict.SURE)
        found = {digit.verdict for digit in self.digits}
        return next((each for each in order if each in found), Verdict.REJECTED)


@dataclass(frozen=True, slots=True)
class FilePage:
    """One picture, or one page of a file, read."""

    path: Path
    number: int  # of the page, 1 first
    pages: int  # of the file
    page: Page

    @property
    def name(self) -> str:
        """The file's name, with the page's number where there are several."""
        if self.pages == 1:
            return self.path.name
        return _("{file}, page {page}").format(file=self.path.name, page=self.number)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that can't be read."""

    path: Path
    why: str


def _text(line: tuple[PageDigit, ...], classes: tuple[str, ...]) -> str:
    heights = sorted(digit.box[3] - digit.box[1] for digit in line)
    height = heights[len(heights) // 2]
    gaps = [after.box[0] - before.box[2] for before, after in itertools.pairwise(line)]
    usual = sorted(gaps)[(len(gaps) - 1) // 2] if len(gaps) > 1 else 0
    least = min(max(_SPACE * height, _WIDER * usual), _SURE_SPACE * height)
    text = classes[line[0].digit]
    for gap, after in zip(gaps, line[1:], strict=True):
        text += (" " if gap > least else "") + classes[after.digit]
    return text


def correct_digit(page: Page, number: int, label: int) -> Page:
    """The page where a person said what one of its digits is: sure from then on.

    Args:
        page: as it was read.
        number: the digit's place in `page.digits`.
        label: index of the class that it is.
    """
    certain = tuple(float(n == label) for n in range(len(page.classes)))
    before = page.digits[number]
    second = before.digit if before.digit != label else before.second
    said = dataclasses.replace(
        before, digit=label, second=second, probabilities=certain, verdict=Verdict.SURE
    )
    digits = (*page.digits[:number], said, *page.digits[number + 1 :])
    return dataclasses.replace(page, digits=digits)


def remove_digits(page: Page, numbers: Collection[int]) -> Page:
    """The page without those digits, by their places in `page.digits`."""
    digits = tuple(digit for n, digit in enumerate(page.digits) if n not in numbers)
    return dataclasses.replace(page, digits=digits)


def sorted_by_doubt(page: Page) -> list[int]:
    """The places of a page's digits, those that are least sure first."""
    order = {Verdict.REJECTED: 0, Verdict.UNSURE: 1, Verdict.SURE: 2}
    return sorted(
        range(len(page.digits)),
        key=lambda n: (order[page.digits[n].verdict], page.digits[n].confidence),
    )


def make_csv(pages: Iterable[FilePage]) -> str:
    """A table with a row for each digit of all pages."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow((*COLUMNS, "left", "top", "right", "bottom"))
    for each in pages:
        for line, digits in enumerate(each.page.lines, 1):
            for place, digit in enumerate(digits, 1):
                answer = each.page.classes[digit.digit], f"{digit.confidence:.4f}"
                at = str(each.path), each.number, line, place
                row = (*at, *answer, str(digit.verdict), *digit.box)
                writer.writerow(map(as_cell, row))
    return content.getvalue()
