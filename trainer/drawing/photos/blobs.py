"""Which of the ink on a photo is the digit.

What hangs together is a blob; blobs near each other make a group, and the large
group near the middle is the digit. Lengths are in pixels of the picture at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.translation import gettext as _

MOST_BLOBS = 80
"""A picture with more things than this on it shows something else than a digit."""


_AT_THE_EDGE = 0.35
"""What touches an edge of the picture, and is smaller than this beside the digit, is none of it."""

_FRAMES_INK = 0.14
"""A frame's ink covers less than this of its box."""
_ROUND = 0.75
"""The shorter side of a frame that is no box is more than this of its longer one."""


class NoDigit(Exception):
    """There is not one digit to be found; the message says what there is, and what to do."""


class SeveralThings(NoDigit):
    """There are more than one."""


class NothingWritten(NoDigit):
    """There is no ink at all."""


def nothing_written() -> NothingWritten:
    """There is no ink that could be told from paper."""
    return NothingWritten(_("nothing is written there, or too faintly: take it in better light"))


def no_digit() -> NoDigit:
    """Nothing on the picture looks like one."""
    return NoDigit(_("no digit was found: fill the picture with one digit on plain paper"))


def _much() -> SeveralThings:
    return SeveralThings(_("there is much on it, not one digit: cut the picture to the digit"))


def _several() -> SeveralThings:
    return SeveralThings(_("there is more than one thing on it: cut the picture to one digit"))


@dataclass(frozen=True, slots=True)
class Blob:
    """Ink that hangs together."""

    number: int  # in the picture of labels
    left: int
    top: int
    right: int
    bottom: int  # the box's, the last two beyond it
    area: int

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def longest(self) -> int:
        """The longer of the two."""
        return max(self.width, self.height)

    def edges(self, shape: tuple[int, ...]) -> int:
        """How many of the four edges of a picture of `shape` it touches."""
        low = (self.left <= 1) + (self.top <= 1)
        return low + (self.right >= shape[1] - 1) + (self.bottom >= shape[0] - 1)

    def gap(self, other: Blob) -> int:
        """How far apart the two boxes are, along the axis on which it is more; below 0: overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(across, down)

    def shared_width(self, other: Blob) -> float:
        """Overlap from left to right, as a share of the narrower box."""
        both = min(self.right, other.right) - max(self.left, other.left)
        return both / min(self.width, other.width)

    def with_(self, other: Blob) -> Blob:
        """Both as one."""
        return Blob(
            self.number,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.area + other.area,
        )


def find_digit_masks(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Where the digit's ink is: the likeliest by itself, and with what it may reach the edge by.

    Args:
        mask: bool, shape (H, W), all ink.

    Returns:
        One or two, bool, shape (H, W).

    Raises:
        NoDigit: nothing looks like one, or several things do.
    """
    shape = mask.shape
    blobs, labels = _find_blobs(mask)
    if len(blobs) > MOST_BLOBS:
        raise _much()
    ring = np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])
    contact = np.bincount(ring, minlength=1 + int(labels.max())) / len(ring)
    blobs = [
        blob
        for blob in blobs
        if not _surrounds(blob, contact[blob.number], shape)
        and not _is_frame(blob, blobs, labels)
        and not any(_underlines(blob, other) for other in blobs)
    ]
    chosen: list[list[int]] = []
    problem: NoDigit | None = None
    for reaching in (False, True):
        try:
            numbers = _choose(_groups(blobs, shape, reaching), shape)
        except NoDigit as each:
            problem = problem or each
            continue
        if numbers not in chosen:
            chosen.append(numbers)
    if not chosen:
        raise problem or no_digit()
    return [np.isin(labels, numbers) for numbers in chosen]


def _choose(groups: list[tuple[Blob, list[int]]], shape: tuple[int, ...]) -> list[int]:
    """The numbers of the blobs of the group that is the digit.

    Raises:
        NoDigit: as `find_digit_masks`.
    """
    likely = [g for g in groups if _plausible(g[0], shape)]
    likely.sort(key=lambda g: _score(g[0], shape), reverse=True)
    if not likely:
        raise no_digit()
    best, numbers = likely[0]
    rivals = [g[0] for g in likely[1:] if g[0].longest > 0.5 * best.longest]
    if len(rivals) >= 6:
        raise _much()
    # What comes in from beyond the edge, as a finger or the next digit does, is not looked for.
    edges = best.edges(shape)
    larger = [
        g[0]
        for g in groups
        if g[0].area > 2 * best.area and g[0].edges(shape) <= edges and not _is_thin(g[0])
    ]
    if larger and not any(_inside(best, blob) for blob in larger):
        raise no_digit()  # it is but a part of what is seen
    least = 0.5 * _score(best, shape)
    if any(_score(r, shape) > least and r.edges(shape) <= edges for r in rivals):
        raise _several()
    return numbers


def is_one_thing(mask: NDArray[np.bool_]) -> bool:
    """Whether nearly all ink, bool (H, W), can be one digit's: in one part, or a few nearby."""
    blobs, labels = _find_blobs(mask)
    if any(_is_frame(blob, blobs, labels) for blob in blobs):
        return False
    groups = _groups(blobs, mask.shape, reaching=True)
    most = max((group.area for group, numbers in groups if len(numbers) <= 3), default=0)
    return bool(most > 0.97 * np.count_nonzero(mask))


def _find_blobs(mask: NDArray[np.bool_]) -> tuple[list[Blob], NDArray[np.int32]]:
    """What hangs together in bool (H, W), but for specks, and the number of each pixel's."""
    count, labels, stats, _centers = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    blobs = [
        Blob(n, x, y, x + w, y + h, area)
        for n, (x, y, w, h, area) in enumerate(stats[:count].tolist())
        if n and max(w, h) >= 0.02 * min(mask.shape)
    ]
    return blobs, np.asarray(labels, np.int32)


def _surrounds(blob: Blob, contact: float, shape: tuple[int, ...]) -> bool:
    """Whether it is no digit, but about one: a table beyond the paper, or a line across.

    Args:
        blob: of the picture.
        contact: how much of the picture's border it covers, 0 to 1.
        shape: the picture's.
    """
    edges = blob.edges(shape)
    if edges and (contact > 0.2 or (_is_thin(blob) and blob.longest > 0.3 * min(shape))):
        return True
    return edges >= 2 and blob.width > 0.95 * shape[1] and blob.height < 0.3 * shape[0]


def _is_thin(blob: Blob) -> bool:
    """Whether it is a line along one axis."""
    return min(blob.width, blob.height) < 0.05 * blob.longest


def _is_frame(blob: Blob, blobs: list[Blob], labels: NDArray[np.int32]) -> bool:
    """Whether it is printed about another one: a box, a circle, a comb that is open above."""
    if any(_inside(other, blob) for other in blobs) and _is_box(blob, labels):
        return True
    if blob.area > _FRAMES_INK * blob.width * blob.height:
        return False
    if not _ROUND < blob.width / blob.height < 1 / _ROUND:  # as a 0 with a slash in it
        return False
    return any(_encloses(blob, other, labels) for other in blobs)


def _is_box(blob: Blob, labels: NDArray[np.int32]) -> bool:
    """Whether its ink lies along the four sides of its box."""
    margin = round(0.08 * min(blob.width, blob.height))
    if margin < 2:
        return False
    part = labels[blob.top : blob.bottom, blob.left : blob.right] == blob.number
    return int(part[margin:-margin, margin:-margin].sum()) < 0.12 * blob.area


def _encloses(frame: Blob, part: Blob, labels: NDArray[np.int32]) -> bool:
    """Whether a frame's ink lies beside and below another's middle, which may stand out above."""
    if part.bottom > frame.bottom or part.height < 0.2 * frame.height:
        return False
    if part.number == frame.number or part.left < frame.left or part.right > frame.right:
        return False
    x, y = (part.left + part.right) // 2, (part.top + part.bottom) // 2
    row, column = labels[y] == frame.number, labels[:, x] == frame.number
    return bool(row[:x].any() and row[x:].any() and column[y:].any())


def _underlines(line: Blob, digit: Blob) -> bool:
    """Whether it is a line drawn below what is as high as a digit, and reaches beyond it."""
    flat = line.height < 0.15 * line.width and line.area > 0.3 * line.height * line.width
    below = line.bottom > digit.bottom and line.top >= digit.bottom - line.height
    near = line.top - digit.bottom < 0.3 * digit.height
    both = min(line.right, digit.right) - max(line.left, digit.left)
    under = both > 0.7 * digit.width and line.width > 1.1 * digit.width
    return flat and below and near and under and digit.height > 0.3 * line.width


def _inside(part: Blob, frame: Blob) -> bool:
    """Whether a blob, as high as a digit in a frame, lies within another's box."""
    return (
        part.number != frame.number
        and part.left >= frame.left
        and part.right <= frame.right
        and part.top >= frame.top
        and part.bottom <= frame.bottom
        and part.height > 0.2 * frame.height
    )


def _groups(
    blobs: list[Blob], shape: tuple[int, ...], reaching: bool
) -> list[tuple[Blob, list[int]]]:
    """Blobs that belong to one digit, such as a 5 and its bar, together; with their numbers.

    Args:
        blobs: of the picture.
        shape: the picture's.
        reaching: whether what touches an edge may belong to what doesn't, or the other way round.
    """
    groups: list[tuple[Blob, list[int]]] = []
    for blob in sorted(blobs, key=lambda b: b.longest, reverse=True):
        near = [
            (group[0].gap(blob) / group[0].longest, n)
            for n, group in enumerate(groups)
            if (reaching or (blob.edges(shape) > 0) == (group[0].edges(shape) > 0))
            and _belongs(blob, group[0], shape)
        ]
        if near:
            n = min(near)[1]
            groups[n] = (groups[n][0].with_(blob), [*groups[n][1], blob.number])
        else:
            groups.append((blob, [blob.number]))
    return groups


def _belongs(part: Blob, whole: Blob, shape: tuple[int, ...]) -> bool:
    """Whether a smaller blob is a part of the digit whose larger part is `whole`."""
    gap = whole.gap(part) / whole.longest
    if part.longest < 0.08 * whole.longest or part.area < 0.015 * whole.area:
        return False  # a speck
    if part.edges(shape) > whole.edges(shape) and part.longest < _AT_THE_EDGE * whole.longest:
        return False  # it comes in from beyond the edge
    beside = part.height > 0.75 * whole.height and whole.shared_width(part) < 0.3
    return gap < (0.05 if beside else 0.28)


def _plausible(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Whether ink of this size and form can be a digit at all."""
    return (
        blob.height >= max(6, 0.05 * min(shape))
        and blob.width < 2.2 * blob.height
        and blob.edges(shape) < 3
        and (blob.area < 0.85 * blob.width * blob.height or blob.width < 0.45 * blob.height)
    )


def _score(blob: Blob, shape: tuple[int, ...]) -> float:
    """Larger and nearer to the middle is better."""
    height, width = shape[:2]
    off_x = ((blob.left + blob.right) / 2 - width / 2) / width
    off_y = ((blob.top + blob.bottom) / 2 - height / 2) / height
    return blob.longest * float(np.exp(-6 * (off_x**2 + off_y**2)))
