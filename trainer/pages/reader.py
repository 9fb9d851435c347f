"""Reads a picture of several digits: from pixels to a `Page`."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.networks.model import Model
from trainer.pages.components import DigitRow, InkPiece, find_pieces, find_rows, usual_height
from trainer.pages.division import Reading, divide_rows
from trainer.pages.ink import draw_image, find_ink, find_levels, measure_contrast
from trainer.pages.page import WORKING, Box, Page, PageDigit
from trainer.pages.rulings import remove_rulings
from trainer.pages.skew import Matrix, measure_skew, turn
from trainer.reading.predict import Answer, read_answers
from trainer.reading.verdict import Verdict
from trainer.recipes.recipe import DIGIT_CLASSES

_GLANCE = 900
"""The longer side at which it is seen whether there may be several digits at all."""
_SMALLEST = 320
"""Pictures of a shorter side are enlarged, so that a pen's line has some pixels."""
_FEW = 6
"""Of fewer things than this, it can't be told whether they lean."""
_NOISE = 0.6
"""A row of three or more of which this share looks like no digit is text or a drawing."""

_CROWD = 400
"""On a page of more things, rows of text are left out at a glance: all takes half a minute."""
_GLANCED, _TEXT = 8, 0.4
"""So many things of a row are glanced at, of which this share looks like no digit in text."""


class PageLayout:
    """A page's ink, level and without rulings, in rows."""

    def __init__(self, colors: NDArray[np.uint8], scale: float) -> None:
        contrast = measure_contrast(colors)
        levels = find_levels(contrast)
        self.rows: list[DigitRow] = []
        self._matrix: Matrix = np.eye(2, 3)  # to the picture that `colors` are
        self.scale = scale
        self.contrast = contrast
        if not np.isfinite(levels[0]):
            return
        ink = find_ink(contrast, levels)
        pieces = find_pieces(ink)
        height = usual_height(pieces, contrast.shape)
        if not height:
            return
        angle = measure_skew(ink, height) if len(pieces) >= _FEW else 0.0
        self.contrast, self._matrix = turn(contrast, angle)
        if angle:
            ink = find_ink(self.contrast, levels)
        plain = remove_rulings(ink, self.contrast, height)
        if angle or plain is not ink:
            ink, pieces = plain, find_pieces(plain)
            height = usual_height(pieces, ink.shape)
        self.rows = find_rows(pieces, height, ink.shape) if height else []

    def image(self, piece: InkPiece) -> NDArray[np.uint8]:
        """What the network reads of it."""
        part = np.s_[piece.top : piece.bottom, piece.left : piece.right]
        return draw_image(self.contrast[part], piece.mask)

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (n, 2) of the picture as it was given lie on the level page."""
        turned = cv2.invertAffineTransform(self._matrix)
        return np.asarray(points * self.scale @ turned[:, :2].T + turned[:, 2])

    def box(self, piece: InkPiece, width: int, height: int) -> Box:
        """Where it lies on the picture as it was given."""
        y, x = np.nonzero(piece.mask)
        places = np.stack([x + piece.left + 0.5, y + piece.top + 0.5, np.ones(len(x))])
        left, top = (self._matrix @ places).min(axis=1) / self.scale
        right, bottom = (self._matrix @ places).max(axis=1) / self.scale
        half = 0.5 / self.scale
        return (
            max(0, int(left - half)), max(0, int(top - half)),
            min(width, int(np.ceil(right + half))), min(height, int(np.ceil(bottom + half))),
        )  # fmt: skip


class PageReader:
    """Reads what is on one page, each ink once.

    Args:
        model: on any device.
        colors: uint8, shape (H, W, 3), upright.
        size: width and height of the picture that `colors` was made of; None if it is the same.
    """

    def __init__(
        self, model: Model, colors: NDArray[np.uint8], size: tuple[int, int] | None = None
    ) -> None:
        self._model = model
        self._size: tuple[int, int] = size or (colors.shape[1], colors.shape[0])
        resized = _resized(colors)
        self.layout = PageLayout(resized, resized.shape[1] / self._size[0])
        self._answers: dict[int, tuple[Answer, NDArray[np.uint8]]] = {}

    def read(self, pieces: Sequence[InkPiece]) -> list[Reading]:
        """What the network makes of each."""
        new = [piece for piece in pieces if id(piece) not in self._answers]
        if new:
            images = np.stack([self.layout.image(piece) for piece in new])
            answers = read_answers(self._model, images)
            for piece, image, answer in zip(new, images, answers, strict=True):
                self._answers[id(piece)] = answer, image
        found = [self._answers[id(piece)][0] for piece in pieces]
        of_digits = self._model.classes == DIGIT_CLASSES
        return [
            Reading(a.digit if of_digits else None, a.probabilities[a.digit], a.margin)
            for a in found
        ]

    def make_page(self) -> Page:
        """All digits; none where none were found."""
        rows, digits, line = self._without_text(), list[PageDigit](), 0
        for row, pieces in zip(rows, divide_rows(rows, self.read), strict=True):
            kept = _without_noise([(p, *self._answers[id(p)]) for p in pieces], row.height)
            for piece, answer, image in kept:
                box = self.layout.box(piece, *self._size)
                said = answer.digit, answer.second, answer.probabilities, answer.verdict
                digits.append(PageDigit(*said, box, line, image.tobytes()))
            line += bool(kept)
        return Page(*self._size, self._model.classes, tuple(digits))

    def _without_text(self) -> list[DigitRow]:
        """All rows, but of a crowded page those of which a glance says that they are text."""
        rows = self.layout.rows
        if sum(len(row.pieces) for row in rows) <= _CROWD:
            return rows
        glances = [_choose_few(row) for row in rows]
        readings = iter(self.read([piece for glance in glances for piece in glance]))
        kept = []
        for row, glance in zip(rows, glances, strict=True):
            refused = sum(next(readings).margin < 0 for _ in glance)
            if len(glance) < _GLANCED or refused < _TEXT * _GLANCED:
                kept.append(row)
        return kept


def _choose_few(row: DigitRow) -> list[InkPiece]:
    """`_GLANCED` of a row's tall pieces, from all along it; all where there are fewer."""
    tall = [piece for piece in row.pieces if piece.height > 0.6 * row.height]
    return tall[:: max(1, len(tall) // _GLANCED)][:_GLANCED]


def read_page(model: Model, colors: NDArray[np.uint8], size: tuple[int, int] | None = None) -> Page:
    """Find, divide and read all digits of a picture, as `PageReader`.

    Returns:
        Boxes in pixels of the picture; no digits where none were found.
    """
    return PageReader(model, colors, size).make_page()


def read_several(
    model: Model, colors: NDArray[np.uint8], size: tuple[int, int] | None = None
) -> Page | None:
    """As `read_page`; None where at first glance there are not even two digits.

    A glance takes a quarter of the time, and finds too much rather than too little.
    """
    if max(colors.shape[:2]) > _GLANCE:
        glance = read_page(model, _resized(colors, _GLANCE))
        if len(glance.digits) < 2:
            return None
    return read_page(model, colors, size)


_Found = tuple[InkPiece, Answer, NDArray[np.uint8]]


def _without_noise(found: Sequence[_Found], height: float) -> list[_Found]:
    """What of a row may be digits: no marks, and nothing of a row of text."""
    refused = sum(answer.verdict == Verdict.REJECTED for _, answer, _ in found)
    if len(found) >= 3 and refused >= _NOISE * len(found):
        return []
    return [
        each
        for each in found
        if each[1].verdict != Verdict.REJECTED or each[0].height > 0.6 * height
    ]


def _resized(colors: NDArray[np.uint8], longest: int = WORKING) -> NDArray[np.uint8]:
    """The picture at the size at which it is looked at."""
    height, width = colors.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if min(height, width) < _SMALLEST:
        scale = min(_SMALLEST / min(height, width), longest / max(height, width))
    if scale == 1.0:
        return colors
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(colors, size, interpolation=kind))
