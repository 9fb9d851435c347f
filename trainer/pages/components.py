"""What hangs together on a page, which of it may be a digit or a part of one, and in which row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from trainer.pages.ink import Mask

MOST = 20_000
"""A page of more things than this is a texture, not writing."""
_SPECK = 0.12
"""What is no longer than this, in heights of a digit, is dust."""
_SMALL = 0.5
"""What is lower than this, in heights of a digit, is a part of one, or a mark."""
_INSIDE = 0.08
"""What is lower than this inside a frame, of its shorter side, does not make it one."""
_FRAME = 1.25
"""A frame is longer than this, in heights of a digit: a slash may lie inside a 0."""
_LARGE = 2.3
"""What is higher or, for its height, much wider than writing is none."""


@dataclass(frozen=True, slots=True, eq=False)
class InkPiece:
    """Ink that hangs together, or a part of it."""

    left: int
    top: int  # of its box on the page, in pixels
    mask: Mask  # (height, width), within the box

    @property
    def height(self) -> int:
        """From top to bottom."""
        return int(self.mask.shape[0])

    @property
    def width(self) -> int:
        """From left to right."""
        return int(self.mask.shape[1])

    @property
    def right(self) -> int:
        """Beyond its last column."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Beyond its last row."""
        return self.top + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Of its box: x, y."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def longest(self) -> int:
        """The longer side of its box."""
        return max(self.width, self.height)


def join(pieces: Sequence[InkPiece]) -> InkPiece:
    """All as one."""
    if len(pieces) == 1:
        return pieces[0]
    left, top = min(p.left for p in pieces), min(p.top for p in pieces)
    right, bottom = max(p.right for p in pieces), max(p.bottom for p in pieces)
    mask = np.zeros((bottom - top, right - left), bool)
    for p in pieces:
        mask[p.top - top : p.bottom - top, p.left - left : p.right - left] |= p.mask
    return InkPiece(left, top, mask)


def find_pieces(ink: Mask) -> list[InkPiece]:
    """All that hangs together, but for what is a few pixels; none where there is too much."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    if count > MOST:
        return []
    return [
        InkPiece(left, top, labels[top : top + high, left : left + wide] == n)
        for n, (left, top, wide, high, area) in enumerate(stats.tolist())
        if n and area >= 6 and max(wide, high) >= 4
    ]


def usual_height(pieces: Sequence[InkPiece], page: tuple[int, ...]) -> float:
    """How high the page's digits are, in pixels: the height about which most of the writing lies.

    Args:
        pieces: all on the page.
        page: its height and width.
    """
    written = [p for p in pieces if _is_writing(p, page)]
    frames = find_frames(written)
    heights = np.array([p.height for p in written if id(p) not in frames], np.float64)
    if not heights.size:
        return 0.0
    # Each counts by its height: a digit as much as the ten specks about it.
    order = np.argsort(heights)
    total = np.cumsum(heights[order])
    return float(heights[order][np.searchsorted(total, total[-1] / 2)])


def find_frames(pieces: Sequence[InkPiece]) -> set[int]:
    """The ids of pieces that have another one inside, on all four sides: tables and boxes."""
    boxes = np.array([(p.left, p.top, p.right, p.bottom) for p in pieces]).reshape(-1, 4)
    found = set()
    for piece in pieces:
        inside = (boxes[:, :2] > (piece.left, piece.top)).all(axis=1)
        inside &= (boxes[:, 2:] < (piece.right, piece.bottom)).all(axis=1)
        inside &= boxes[:, 3] - boxes[:, 1] > _INSIDE * min(piece.height, piece.width)
        if any(_surrounds(piece, box) for box in boxes[inside].tolist()):
            found.add(id(piece))
    return found


def _surrounds(piece: InkPiece, box: list[int]) -> bool:
    """Whether there is ink of `piece` on all four sides of a box's middle."""
    x, y = (box[0] + box[2]) // 2 - piece.left, (box[1] + box[3]) // 2 - piece.top
    row, column = piece.mask[y], piece.mask[:, x]
    return bool(row[:x].any() and row[x:].any() and column[:y].any() and column[y:].any())


def _is_writing(piece: InkPiece, page: tuple[int, ...]) -> bool:
    edges = (piece.left <= 1) + (piece.top <= 1)
    edges += (piece.right >= page[1] - 1) + (piece.bottom >= page[0] - 1)
    large = piece.height > 0.95 * page[0] or (edges and piece.longest > 0.5 * min(page))
    return edges < 2 and not large and piece.width < 8 * piece.height


@dataclass(frozen=True, slots=True, eq=False)
class DigitRow:
    """Digits beside each other."""

    pieces: tuple[InkPiece, ...]  # by their middles, from left to right
    height: float  # of its digits, in pixels


def find_rows(pieces: Sequence[InkPiece], height: float, page: tuple[int, ...]) -> list[DigitRow]:
    """The writing on a page in rows, from top to bottom; they may rise, fall or bend a little.

    Args:
        pieces: all on the page.
        height: the usual one of its digits.
        page: its height and width.
    """
    written = [
        p
        for p in pieces
        if p.height <= _LARGE * height and p.longest > _SPECK * height and _is_writing(p, page)
    ]
    frames = find_frames(written)
    written = [p for p in written if id(p) not in frames or p.longest < _FRAME * height]
    tall = [p for p in written if p.height >= _SMALL * height]
    rows = _chains(sorted(tall, key=lambda p: p.left), height)
    small = [p for p in written if p.height < _SMALL * height]
    for piece in small:
        near = [(_distance(row, piece, height), n) for n, row in enumerate(rows)]
        if near and min(near)[0] < 0.45:
            rows[min(near)[1]].append(piece)
    rows.sort(key=lambda row: float(np.mean([p.middle[1] for p in row])))
    return [
        DigitRow(
            tuple(sorted(row, key=lambda p: p.middle[0])),
            float(np.median([p.height for p in row if p.height >= _SMALL * height])),
        )
        for row in rows
    ]


def _chains(tall: Sequence[InkPiece], height: float) -> list[list[InkPiece]]:
    """Each piece, from left to right, goes to the row whose end it continues."""
    rows: list[list[InkPiece]] = []
    for piece in tall:
        near = []
        for n, row in enumerate(rows):
            ends = row[-3:]
            level = float(np.median([p.middle[1] for p in ends]))
            off = abs(level - piece.middle[1]) / height
            # A long piece may be two rows' digits that touch, and has its middle between them.
            if off < 0.55:
                near.append((off, n))
        if near:
            rows[min(near)[1]].append(piece)
        else:
            rows.append([piece])
    return rows


def _distance(row: Sequence[InkPiece], piece: InkPiece, height: float) -> float:
    """How far a small piece lies from a row's nearest digit, in heights."""

    def apart(other: InkPiece) -> float:
        across = max(other.left - piece.right, piece.left - other.right, 0)
        down = max(other.top - piece.bottom, piece.top - other.bottom, 0)
        return max(across, down) / height

    return min(apart(p) for p in row if p.height >= _SMALL * height)
