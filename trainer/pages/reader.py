"""Reads a picture of several digits: from pixels to a `Page`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.drawing.photos.preparation import resize_for_search
from trainer.drawing.photos.size_normalization import normalize_piece
from trainer.drawing.rasterize import Pixels
from trainer.networks.model import Model
from trainer.pages.binarization import (
    find_thresholds,
    measure_contrast,
    threshold_with_hysteresis,
)
from trainer.pages.components import (
    DigitRow,
    InkPiece,
    estimate_digit_height,
    find_pieces,
    find_rows,
)
from trainer.pages.division import Reading, divide_rows
from trainer.pages.page import WORKING, Box, Page, PageDigit
from trainer.pages.ruled_lines import remove_ruled_lines
from trainer.pages.skew import Matrix, measure_skew, remove_skew
from trainer.reading.predict import Answer, read_answers
from trainer.reading.verdict import Verdict
from trainer.recipes.recipe import DIGIT_CLASSES

Size = tuple[int, int]
"""Width and height of a picture, in pixels."""

_GLANCE_SIDE = 900
"""The longer side at which it is seen whether there may be several digits at all."""
_SHORTEST_SIDE = 320
"""Pictures whose shorter side has fewer pixels are enlarged, so that a pen's line has some."""
_LEAST_SKEWED = 6
"""Of fewer components than this, the skew can't be measured."""
_TALL = 0.6
"""What is lower than this, in heights of a row's digits, may be a mark."""
_NOISE_LENGTH, _NOISE_SHARE = 3, 0.6
"""A row of so many digits or more of which this share is rejected is text or a drawing."""
_CROWDED = 400
"""On a page of more pieces, rows of text are left out at a glance: all takes half a minute."""
_GLANCED, _TEXT_SHARE = 8, 0.4
"""So many pieces of a row are glanced at, of which this share looks like no digit in text."""


class PageLayout:
    """A page's ink in rows, its skew and ruled lines removed.

    Args:
        colors: uint8 (H, W, 3), resized as it is searched.
        scale: by how much the picture was enlarged for it.

    Attributes:
        rows: of digits, from top to bottom; none where nothing is written.
        contrast: float32 (H, W), of the page without skew.
        matrix: from that page's pixels to those of `colors`.
        scale: as given.
    """

    def __init__(self, colors: Pixels, scale: float) -> None:
        contrast = measure_contrast(colors)
        thresholds = find_thresholds(contrast)
        self.rows: list[DigitRow] = []
        self.matrix: Matrix = np.eye(2, 3)
        self.scale = scale
        self.contrast = contrast
        if not np.isfinite(thresholds[0]):
            return
        ink = threshold_with_hysteresis(contrast, thresholds)
        pieces = find_pieces(ink)
        height = estimate_digit_height(pieces, contrast.shape)
        if not height:
            return
        skew = measure_skew(ink, height) if len(pieces) >= _LEAST_SKEWED else 0.0
        self.contrast, self.matrix = remove_skew(contrast, skew)
        if skew:
            ink = threshold_with_hysteresis(self.contrast, thresholds)
        without_lines = remove_ruled_lines(ink, self.contrast, height)
        if skew or without_lines is not ink:
            ink, pieces = without_lines, find_pieces(without_lines)
            height = estimate_digit_height(pieces, ink.shape)
        self.rows = find_rows(pieces, height, ink.shape) if height else []

    def normalize(self, piece: InkPiece) -> Pixels:
        """What the network reads of a piece, uint8 (28, 28)."""
        return normalize_piece(self.contrast[piece.box.region], piece.mask)

    def find_box(self, piece: InkPiece, size: Size) -> Box:
        """The bounding box of a piece on the picture, whose width and height are `size`."""
        y, x = np.nonzero(piece.mask)
        centers = np.stack([x + piece.left + 0.5, y + piece.top + 0.5, np.ones(len(x))])
        places = self.matrix @ centers
        left, top = places.min(axis=1) / self.scale
        right, bottom = places.max(axis=1) / self.scale
        half = 0.5 / self.scale
        return (
            max(0, int(left - half)),
            max(0, int(top - half)),
            min(size[0], int(np.ceil(right + half))),
            min(size[1], int(np.ceil(bottom + half))),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _ReadPiece:
    """A piece, with what the network reads of it."""

    piece: InkPiece
    image: Pixels  # (28, 28)
    answer: Answer


class PageReader:
    """Reads what is on one page, each piece of ink once.

    Args:
        model: on any device.
        colors: uint8 (H, W, 3), upright.
        size: of the picture that `colors` was reduced from; None if it is the same.
    """

    def __init__(self, model: Model, colors: Pixels, size: Size | None = None) -> None:
        self._model = model
        self._size: Size = size or (colors.shape[1], colors.shape[0])
        resized, _ = resize_for_search(colors, longest=WORKING, shortest=_SHORTEST_SIDE)
        self.layout = PageLayout(resized, resized.shape[1] / self._size[0])
        self._read: dict[InkPiece, _ReadPiece] = {}

    def read(self, pieces: Sequence[InkPiece]) -> list[Reading]:
        """What the network makes of each piece."""
        new = [piece for piece in pieces if piece not in self._read]
        if new:
            images = np.stack([self.layout.normalize(piece) for piece in new])
            answers = read_answers(self._model, images)
            for piece, image, answer in zip(new, images, answers, strict=True):
                self._read[piece] = _ReadPiece(piece, image, answer)
        answers = [self._read[piece].answer for piece in pieces]
        of_digits = self._model.classes == DIGIT_CLASSES
        return [
            Reading(a.digit if of_digits else None, a.probabilities[a.digit], a.margin)
            for a in answers
        ]

    def make_page(self) -> Page:
        """All digits; none where none were found."""
        rows, digits, line = self._remove_text(), list[PageDigit](), 0
        for row, pieces in zip(rows, divide_rows(rows, self.read), strict=True):
            kept = _remove_noise([self._read[piece] for piece in pieces], row.height)
            digits += [self._make_digit(each, line) for each in kept]
            line += bool(kept)
        return Page(*self._size, self._model.classes, tuple(digits))

    def _make_digit(self, read: _ReadPiece, line: int) -> PageDigit:
        return PageDigit(
            digit=read.answer.digit,
            second=read.answer.second,
            probabilities=read.answer.probabilities,
            verdict=read.answer.verdict,
            box=self.layout.find_box(read.piece, self._size),
            line=line,
            image=read.image.tobytes(),
        )

    def _remove_text(self) -> list[DigitRow]:
        """All rows, but of a crowded page those of which a glance says that they are text."""
        rows = self.layout.rows
        if sum(len(row.pieces) for row in rows) <= _CROWDED:
            return rows
        glances = [_choose_few(row) for row in rows]
        readings = iter(self.read([piece for glance in glances for piece in glance]))
        kept = []
        for row, glance in zip(rows, glances, strict=True):
            refused = sum(next(readings).margin < 0 for _ in glance)
            if len(glance) < _GLANCED or refused < _TEXT_SHARE * _GLANCED:
                kept.append(row)
        return kept


def _choose_few(row: DigitRow) -> list[InkPiece]:
    """`_GLANCED` of a row's tall pieces, from all along it; all where there are fewer."""
    tall = [piece for piece in row.pieces if piece.height > _TALL * row.height]
    return tall[:: max(1, len(tall) // _GLANCED)][:_GLANCED]


def _remove_noise(row: Sequence[_ReadPiece], height: float) -> list[_ReadPiece]:
    """What of a row may be digits: no marks, and nothing of a row of text.

    Args:
        row: from left to right.
        height: of its digits, in pixels.
    """
    rejected = sum(read.answer.verdict == Verdict.REJECTED for read in row)
    if len(row) >= _NOISE_LENGTH and rejected >= _NOISE_SHARE * len(row):
        return []
    return [
        read
        for read in row
        if read.answer.verdict != Verdict.REJECTED or read.piece.height > _TALL * height
    ]


def read_page(model: Model, colors: Pixels, size: Size | None = None) -> Page:
    """Find, divide and read all digits of a picture, as `PageReader`.

    Returns:
        Boxes in pixels of the picture; no digits where none were found.
    """
    return PageReader(model, colors, size).make_page()


def read_several(model: Model, colors: Pixels, size: Size | None = None) -> Page | None:
    """As `read_page`; None where at first glance there are not even two digits.

    A glance takes a quarter of the time, and finds too much rather than too little.
    """
    if max(colors.shape[:2]) > _GLANCE_SIDE:
        small, _ = resize_for_search(colors, longest=_GLANCE_SIDE, shortest=_SHORTEST_SIDE)
        if len(read_page(model, small).digits) < 2:
            return None
    return read_page(model, colors, size)
