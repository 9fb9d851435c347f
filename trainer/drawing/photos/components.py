"""Which connected components of the ink on a photo are the digit.

Components near each other make a group, and the large group near the middle is the digit. Lengths
are in pixels of the photo at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.preparation import Mask
from trainer.translation import gettext as _

Labels = NDArray[np.int32]
"""(H, W): the number of each pixel's component, 0 for paper."""
Shape = tuple[int, ...]
"""A photo's height and width."""

MOST_COMPONENTS = 80
"""A photo with more components than this shows something else than a digit."""
_MOST_RIVALS = 5
"""And so does one with more groups than this that are as likely the digit as the largest."""
_SMALL_AT_EDGE = 0.35
"""What touches an edge of the photo, and is smaller than this share of the digit, is no part of
the digit."""
_FRAME_DENSITY = 0.14
"""The ink of a frame covers less than this of its box."""
_FRAME_ROUNDNESS = 0.75
"""The shorter side of a frame that is not rectangular is more than this of its longer one."""


class NoDigitError(Exception):
    """There is not one digit to be found; the message says what there is, and what to do."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(
            message or _("no digit was found: fill the picture with one digit on plain paper")
        )


class SeveralObjectsError(NoDigitError):
    """There are more than one."""


class NoInkError(NoDigitError):
    """There is no ink that could be told from paper."""

    def __init__(self) -> None:
        super().__init__(_("nothing is written there, or too faintly: take it in better light"))


def _crowded() -> SeveralObjectsError:
    return SeveralObjectsError(
        _("there is much on it, not one digit: cut the picture to the digit")
    )


def _several() -> SeveralObjectsError:
    return SeveralObjectsError(
        _("there is more than one thing on it: cut the picture to one digit")
    )


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """The smallest upright rectangle around some ink, in pixels."""

    left: int
    top: int
    right: int  # beyond its last column
    bottom: int  # beyond its last row

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def longer_side(self) -> int:
        """The greater of width and height."""
        return max(self.width, self.height)

    @property
    def region(self) -> tuple[slice, slice]:
        """The index of its rows and columns in an array of the photo."""
        return np.s_[self.top : self.bottom, self.left : self.right]

    def count_touched_edges(self, shape: Shape) -> int:
        """How many of the four edges of a photo of `shape` it touches, within a pixel."""
        touched = (self.left <= 1) + (self.top <= 1)
        return touched + (self.right >= shape[1] - 1) + (self.bottom >= shape[0] - 1)


def find_bounding_box(mask: Mask) -> BoundingBox | None:
    """The box around what is true in bool (H, W); None where nothing is."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return BoundingBox(left, top, left + width, top + height) if width else None


@dataclass(frozen=True, slots=True)
class Component(BoundingBox):
    """Ink that is 8-connected, or several such pieces as a group."""

    label: int  # in the array of labels
    area: int  # pixels of ink

    def measure_gap(self, other: Component) -> int:
        """The distance of the boxes, on the axis on which it is greater; below 0: they overlap."""
        horizontal = max(self.left, other.left) - min(self.right, other.right)
        vertical = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(horizontal, vertical)

    def measure_overlap(self, other: Component) -> float:
        """The width that both boxes share, of that of the narrower box."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        return shared / min(self.width, other.width)

    def is_thin(self) -> bool:
        """Whether it is a horizontal or vertical line."""
        return min(self.width, self.height) < 0.05 * self.longer_side

    def lies_inside(self, frame: Component) -> bool:
        """Whether it lies in the box of another one, and is as high as a digit in a frame."""
        return (
            self.label != frame.label
            and self.left >= frame.left
            and self.right <= frame.right
            and self.top >= frame.top
            and self.bottom <= frame.bottom
            and self.height > 0.2 * frame.height
        )

    def merge(self, other: Component) -> Component:
        """Both as one, with this one's label."""
        return Component(
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
            label=self.label,
            area=self.area + other.area,
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """Components that may be one digit, such as a 5 and its bar."""

    whole: Component  # all as one
    labels: list[int]


def find_digit_masks(mask: Mask) -> list[Mask]:
    """Where the digit's ink is: without what reaches the photo's edge, and with it.

    Args:
        mask: bool (H, W), all ink.

    Returns:
        One or two, bool (H, W), the likelier first.

    Raises:
        NoDigitError: nothing looks like one, or several things do.
    """
    components, labels = _find_components(mask)
    if len(components) > MOST_COMPONENTS:
        raise _crowded()
    components = _remove_background(components, labels)
    choices: list[list[int]] = []
    problem: NoDigitError | None = None
    for join_at_edges in (False, True):
        groups = _group_components(components, mask.shape, join_at_edges=join_at_edges)
        try:
            choice = _choose_group(groups, mask.shape).labels
        except NoDigitError as error:
            problem = problem or error
            continue
        if choice not in choices:
            choices.append(choice)
    if not choices:
        raise problem or NoDigitError()
    return [np.isin(labels, choice) for choice in choices]


def is_one_object(mask: Mask) -> bool:
    """Whether nearly all ink, bool (H, W), can be one digit's: one component, or up to three."""
    components, labels = _find_components(mask)
    if any(_is_frame(component, components, labels) for component in components):
        return False
    groups = _group_components(components, mask.shape, join_at_edges=True)
    most = max((group.whole.area for group in groups if len(group.labels) <= 3), default=0)
    return bool(most > 0.97 * np.count_nonzero(mask))


def _find_components(mask: Mask) -> tuple[list[Component], Labels]:
    """The 8-connected components of bool (H, W) without specks, and the labels of all."""
    count, labels, stats, _centers = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    components = [
        Component(left, top, left + width, top + height, label, area)
        for label, (left, top, width, height, area) in enumerate(stats[:count].tolist())
        if label and max(width, height) >= 0.02 * min(mask.shape)
    ]
    return components, np.asarray(labels, np.int32)


# What is no digit


def _remove_background(components: list[Component], labels: Labels) -> list[Component]:
    """The components that are no table beyond the paper, no frame, and no underline."""
    border = np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])
    contact = np.bincount(border, minlength=1 + int(labels.max())) / len(border)
    return [
        component
        for component in components
        if not _is_beyond_paper(component, contact[component.label], labels.shape)
        and not _is_frame(component, components, labels)
        and not any(_is_underline(component, other) for other in components)
    ]


def _is_beyond_paper(component: Component, contact: float, shape: Shape) -> bool:
    """Whether it is a table beyond the paper, or a line across the photo.

    Args:
        component: of the photo.
        contact: the share of the photo's border that it covers, 0 to 1.
        shape: the photo's.
    """
    edges = component.count_touched_edges(shape)
    long_line = component.is_thin() and component.longer_side > 0.3 * min(shape)
    if edges and (contact > 0.2 or long_line):
        return True
    across = component.width > 0.95 * shape[1] and component.height < 0.3 * shape[0]
    return edges >= 2 and across


def _is_frame(component: Component, components: list[Component], labels: Labels) -> bool:
    """Whether it is printed around another one: a box, a circle, a comb that is open above."""
    if any(other.lies_inside(component) for other in components) and _is_box(component, labels):
        return True
    if component.area > _FRAME_DENSITY * component.width * component.height:
        return False
    # Not the ring of a 0 with a slash in it.
    if not _FRAME_ROUNDNESS < component.width / component.height < 1 / _FRAME_ROUNDNESS:
        return False
    return any(_encloses(component, other, labels) for other in components)


def _is_box(component: Component, labels: Labels) -> bool:
    """Whether its ink lies along the four sides of its bounding box."""
    margin = round(0.08 * min(component.width, component.height))
    if margin < 2:
        return False
    ink = labels[component.region] == component.label
    return int(ink[margin:-margin, margin:-margin].sum()) < 0.12 * component.area


def _encloses(frame: Component, part: Component, labels: Labels) -> bool:
    """Whether a frame's ink is left, right and below of a part's middle; above it may be open."""
    if part.bottom > frame.bottom or part.height < 0.2 * frame.height:
        return False
    if part.label == frame.label or part.left < frame.left or part.right > frame.right:
        return False
    x, y = (part.left + part.right) // 2, (part.top + part.bottom) // 2
    row, column = labels[y] == frame.label, labels[:, x] == frame.label
    return bool(row[:x].any() and row[x:].any() and column[y:].any())


def _is_underline(line: Component, digit: Component) -> bool:
    """Whether it is a line below what is as high as a digit, and reaches beyond it."""
    flat = line.height < 0.15 * line.width and line.area > 0.3 * line.height * line.width
    below = line.bottom > digit.bottom and line.top >= digit.bottom - line.height
    near = line.top - digit.bottom < 0.3 * digit.height
    shared = min(line.right, digit.right) - max(line.left, digit.left)
    under = shared > 0.7 * digit.width and line.width > 1.1 * digit.width
    return flat and below and near and under and digit.height > 0.3 * line.width


# Groups


def _group_components(
    components: list[Component], shape: Shape, *, join_at_edges: bool
) -> list[_Group]:
    """Components that may be of one digit together, the longer ones first.

    Args:
        components: of the photo.
        shape: the photo's.
        join_at_edges: whether what touches an edge may belong to what does not, and vice versa.
    """
    groups: list[_Group] = []
    for component in sorted(components, key=lambda each: each.longer_side, reverse=True):
        at_edge = component.count_touched_edges(shape) > 0
        near = [
            (group.whole.measure_gap(component) / group.whole.longer_side, n)
            for n, group in enumerate(groups)
            if (join_at_edges or at_edge == (group.whole.count_touched_edges(shape) > 0))
            and _may_belong(component, group.whole, shape)
        ]
        if near:
            n = min(near)[1]
            labels = [*groups[n].labels, component.label]
            groups[n] = _Group(groups[n].whole.merge(component), labels)
        else:
            groups.append(_Group(component, [component.label]))
    return groups


def _may_belong(part: Component, whole: Component, shape: Shape) -> bool:
    """Whether a smaller component may be a part of the digit whose larger part is `whole`."""
    gap = whole.measure_gap(part) / whole.longer_side
    if part.longer_side < 0.08 * whole.longer_side or part.area < 0.015 * whole.area:
        return False  # a speck
    small = part.longer_side < _SMALL_AT_EDGE * whole.longer_side
    if small and part.count_touched_edges(shape) > whole.count_touched_edges(shape):
        return False
    beside = part.height > 0.75 * whole.height and whole.measure_overlap(part) < 0.3
    return gap < (0.05 if beside else 0.28)


def _choose_group(groups: list[_Group], shape: Shape) -> _Group:
    """The group that is the digit.

    Raises:
        NoDigitError: as `find_digit_masks`.
    """
    plausible = [group for group in groups if _is_plausible(group.whole, shape)]
    plausible.sort(key=lambda group: _score(group.whole, shape), reverse=True)
    if not plausible:
        raise NoDigitError
    best = plausible[0].whole
    others = (group.whole for group in plausible[1:])
    rivals = [each for each in others if each.longer_side > 0.5 * best.longer_side]
    if len(rivals) > _MOST_RIVALS:
        raise _crowded()
    # What comes in from beyond an edge, as a finger or the next digit does, is not looked for.
    edges = best.count_touched_edges(shape)
    larger = [
        group.whole
        for group in groups
        if group.whole.area > 2 * best.area
        and group.whole.count_touched_edges(shape) <= edges
        and not group.whole.is_thin()
    ]
    if larger and not any(best.lies_inside(each) for each in larger):
        raise NoDigitError  # the best is only a part of what is seen
    least = 0.5 * _score(best, shape)
    if any(_score(r, shape) > least and r.count_touched_edges(shape) <= edges for r in rivals):
        raise _several()
    return plausible[0]


def _is_plausible(component: Component, shape: Shape) -> bool:
    """Whether ink of this size and form can be a digit at all."""
    solid = component.area >= 0.85 * component.width * component.height
    return (
        component.height >= max(6, 0.05 * min(shape))
        and component.width < 2.2 * component.height
        and component.count_touched_edges(shape) < 3
        and (not solid or component.width < 0.45 * component.height)
    )


def _score(component: Component, shape: Shape) -> float:
    """How likely ink is the digit: the larger and the nearer to the photo's middle, the more."""
    height, width = shape[:2]
    off_x = ((component.left + component.right) / 2 - width / 2) / width
    off_y = ((component.top + component.bottom) / 2 - height / 2) / height
    return component.longer_side * float(np.exp(-6 * (off_x**2 + off_y**2)))
