"""The connected components of a page's ink: which may be digits or parts of one, and in which row.

Heights are those of digits; where a length is in heights, it is a multiple of the usual one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from trainer.drawing.photos.components import BoundingBox, find_bounding_box
from trainer.drawing.photos.preparation import Mask

PageShape = tuple[int, ...]
"""A page's height and width, in pixels."""

MOST_COMPONENTS = 20_000
"""A page of more components than this is a texture, not writing."""
_LEAST_AREA, _LEAST_SIDE = 6, 4
"""Components of fewer pixels, or whose longer side is shorter, are noise."""
_SPECK = 0.12
"""What is no longer than this, in heights, is dust."""
_SMALL = 0.5
"""What is lower than this, in heights, is a part of a digit, or a mark."""
_LEAST_FRAMED = 0.08
"""What is lower than this inside a frame, of the frame's shorter side, does not make it one."""
_LEAST_FRAME = 1.25
"""A frame is longer than this, in heights: a slash may lie inside a 0."""
_TALLEST = 2.3
"""What is higher than this, in heights, is no writing."""
_MOST_ASPECT = 8
"""Nor is what has a greater width, as a multiple of its height."""
_MOST_OFFSET = 0.55
"""A digit's middle is no farther than this, in heights, above or below the end of its row."""
_ROW_END = 3
"""So many digits are a row's end."""
_FARTHEST_MARK = 0.45
"""A small piece belongs to a row if it is nearer to one of its digits, in heights."""


@dataclass(frozen=True, slots=True, eq=False)
class InkPiece:
    """A piece of ink: a connected component, a part of one between two cuts, or several as one.

    Attributes:
        left, top: of its bounding box on the page, in pixels.
        mask: bool (height, width), its ink within the box.
    """

    left: int
    top: int
    mask: Mask

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
    def center(self) -> tuple[float, float]:
        """Of its bounding box: x, y."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def box(self) -> BoundingBox:
        """Its bounding box on the page."""
        return BoundingBox(self.left, self.top, self.right, self.bottom)

    @property
    def longer_side(self) -> int:
        """Of its bounding box."""
        return max(self.width, self.height)

    def crop(self, mask: Mask) -> InkPiece | None:
        """The part of it that is in a mask, bool (height, width); None where there is none."""
        part = self.mask & mask
        box = find_bounding_box(part)
        if box is None:
            return None
        return InkPiece(self.left + box.left, self.top + box.top, part[box.region])


def merge_pieces(pieces: Sequence[InkPiece]) -> InkPiece:
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
    """The 8-connected components of a page's ink, bool (H, W), without noise.

    Returns:
        None at all where there are more than `MOST_COMPONENTS`.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    if count > MOST_COMPONENTS:
        return []
    return [
        InkPiece(left, top, labels[top : top + height, left : left + width] == label)
        for label, (left, top, width, height, area) in enumerate(stats.tolist())
        if label and area >= _LEAST_AREA and max(width, height) >= _LEAST_SIDE
    ]


def estimate_digit_height(pieces: Sequence[InkPiece], shape: PageShape) -> float:
    """The usual height of a page's digits in pixels: the weighted median of its pieces' heights.

    Each counts by its height: a digit as much as the ten specks around it. 0 without any writing.
    """
    written = [p for p in pieces if _may_be_writing(p, shape)]
    frames = find_frames(written)
    heights = np.array([p.height for p in written if p not in frames], np.float64)
    if not heights.size:
        return 0.0
    order = np.argsort(heights)
    total = np.cumsum(heights[order])
    return float(heights[order][np.searchsorted(total, total[-1] / 2)])


def find_frames(pieces: Sequence[InkPiece]) -> set[InkPiece]:
    """The pieces with ink on all four sides of another one: tables and boxes."""
    boxes = np.array([(p.left, p.top, p.right, p.bottom) for p in pieces]).reshape(-1, 4)
    frames = set[InkPiece]()
    for piece in pieces:
        inside = (boxes[:, :2] > (piece.left, piece.top)).all(axis=1)
        inside &= (boxes[:, 2:] < (piece.right, piece.bottom)).all(axis=1)
        heights = boxes[:, 3] - boxes[:, 1]
        inside &= heights > _LEAST_FRAMED * min(piece.height, piece.width)
        if any(_surrounds(piece, BoundingBox(*box)) for box in boxes[inside].tolist()):
            frames.add(piece)
    return frames


def _surrounds(piece: InkPiece, box: BoundingBox) -> bool:
    """Whether there is ink of `piece` on all four sides of a box's middle."""
    x, y = (box.left + box.right) // 2 - piece.left, (box.top + box.bottom) // 2 - piece.top
    row, column = piece.mask[y], piece.mask[:, x]
    return bool(row[:x].any() and row[x:].any() and column[:y].any() and column[y:].any())


def _may_be_writing(piece: InkPiece, shape: PageShape) -> bool:
    """Whether it is no edge of the paper, and no line."""
    edges = piece.box.count_touched_edges(shape)
    large = piece.height > 0.95 * shape[0] or (edges and piece.longer_side > 0.5 * min(shape))
    return edges < 2 and not large and piece.width < _MOST_ASPECT * piece.height


@dataclass(frozen=True, slots=True, eq=False)
class DigitRow:
    """Digits beside each other."""

    pieces: tuple[InkPiece, ...]  # by their centers, from left to right
    height: float  # of its digits, in pixels


def find_rows(pieces: Sequence[InkPiece], height: float, shape: PageShape) -> list[DigitRow]:
    """Order a page's writing in rows, from top to bottom; they may rise, fall or bend a little.

    Args:
        pieces: all on the page.
        height: of its digits, in pixels.
        shape: the page's.
    """
    written = [
        p
        for p in pieces
        if p.height <= _TALLEST * height
        and p.longer_side > _SPECK * height
        and _may_be_writing(p, shape)
    ]
    frames = find_frames(written)
    written = [p for p in written if p not in frames or p.longer_side < _LEAST_FRAME * height]
    tall = [p for p in written if p.height >= _SMALL * height]
    rows = _link_rows(sorted(tall, key=lambda p: p.left), height)
    for piece in written:
        if piece.height < _SMALL * height:
            near = [(_measure_distance(row, piece, height), n) for n, row in enumerate(rows)]
            if near and min(near)[0] < _FARTHEST_MARK:
                rows[min(near)[1]].append(piece)
    rows.sort(key=lambda row: float(np.mean([p.center[1] for p in row])))
    return [
        DigitRow(
            tuple(sorted(row, key=lambda p: p.center[0])),
            float(np.median([p.height for p in row if p.height >= _SMALL * height])),
        )
        for row in rows
    ]


def _link_rows(tall: Sequence[InkPiece], height: float) -> list[list[InkPiece]]:
    """Append each piece, from left to right, to the row whose end it continues."""
    rows: list[list[InkPiece]] = []
    for piece in tall:
        near = []
        for n, row in enumerate(rows):
            level = float(np.median([p.center[1] for p in row[-_ROW_END:]]))
            offset = abs(level - piece.center[1]) / height
            # A long piece may be two rows' digits that touch, and has its center between them.
            if offset < _MOST_OFFSET:
                near.append((offset, n))
        if near:
            rows[min(near)[1]].append(piece)
        else:
            rows.append([piece])
    return rows


def _measure_distance(row: Sequence[InkPiece], piece: InkPiece, height: float) -> float:
    """How far a small piece lies from a row's nearest digit, in heights."""

    def measure_gap(other: InkPiece) -> float:
        horizontal = max(other.left - piece.right, piece.left - other.right, 0)
        vertical = max(other.top - piece.bottom, piece.top - other.bottom, 0)
        return max(horizontal, vertical) / height

    return min(measure_gap(p) for p in row if p.height >= _SMALL * height)
