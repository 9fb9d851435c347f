"""Photographs pen digits by simulated cameras: light, paper, pens, and what damages a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """What photos of one kind have; ranges are of equal chances."""

    paper: Color = (246, 245, 242)
    ink: Color = (40, 40, 45)
    pen: tuple[float, float] = (0.06, 0.12)  # line's width, of the digit's longer side
    lean: float = 0.0  # most degrees that the camera is turned by
    perspective: float = 0.0  # how far a corner is shifted at most, of the photo's side
    gradient: tuple[float, float] = (1.0, 1.0)  # light at the dark end, of the bright one's
    shadow: tuple[float, float] = (1.0, 1.0)  # light in the shadow, of the light beside it
    noise: tuple[float, float] = (1.0, 1.0)  # standard deviation, of 255
    quality: int = 92  # of the JPEG
    ruled: str = ""  # "lines" or "squares"
    specks: int = 0  # dust on the page


PLAIN = Kind()
KINDS = {
    "plain": PLAIN,
    "light on dark": replace(PLAIN, paper=(40, 52, 46), ink=(232, 232, 226)),
    "turned, askew": replace(PLAIN, lean=8, perspective=0.06),
    "gradient": replace(PLAIN, gradient=(0.3, 0.6)),
    "shadow's edge": replace(PLAIN, shadow=(0.4, 0.7)),
    "noise": replace(PLAIN, noise=(12, 28)),
    "JPEG 30": replace(PLAIN, quality=30),
    "thin pen": replace(PLAIN, pen=(0.018, 0.035)),
    "thick pen": replace(PLAIN, pen=(0.15, 0.21)),
    "blue ink": replace(PLAIN, ink=(58, 84, 176)),
    "colored paper": replace(PLAIN, paper=(238, 214, 122), ink=(150, 50, 60)),
    "pencil": replace(PLAIN, ink=(150, 150, 152), noise=(3, 6)),
    "specks": replace(PLAIN, specks=60),
    "lined paper": replace(PLAIN, ruled="lines", ink=(40, 50, 120), pen=(0.045, 0.08)),
    "squared paper": replace(PLAIN, ruled="squares", ink=(40, 50, 120), pen=(0.045, 0.08)),
}
ALL_AT_ONCE = Kind(
    lean=8, perspective=0.06, gradient=(0.4, 0.9), shadow=(0.5, 0.9), noise=(3, 14), quality=30,
    specks=10, pen=(0.025, 0.17),
)  # fmt: skip
RULES: Color = (150, 180, 214)


def photo(strokes: Sequence[NDArray[np.float64]], kind: Kind, random: np.random.Generator) -> Any:
    """One photo, uint8 of shape (H, W, 3)."""
    longer = round(float(random.uniform(600, 3000)))
    shorter = round(longer * 0.75)
    height, width = (longer, shorter) if random.random() < 0.5 else (shorter, longer)
    side = shorter * random.uniform(0.25, 0.7)
    ink = draw_ink(strokes, (height, width), side, random.uniform(*kind.pen) * side, random)
    for _ in range(kind.specks):
        at = random.integers(0, (width, height))
        cv2.circle(ink, at.tolist(), int(random.integers(1, 2 + longer // 500)), 255, -1)
    rules = _rules(kind.ruled, (height, width), side)
    bend = _bend(height, width, kind, random)
    ink, rules = (
        cv2.warpPerspective(part, bend, (width, height)).astype(np.uint8) for part in (ink, rules)
    )
    page = np.empty((height, width, 3), np.float32)
    page[:] = kind.paper
    page = _inked(page, rules, RULES, 0.75)
    page = _inked(page, ink, kind.ink, 0.95)
    page *= _light(height, width, kind, random)[..., None]
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), longer / 2000), np.float32)
    cv2.setRNGSeed(int(random.integers(2**31)))
    noise = np.empty_like(page)
    cv2.randn(noise, np.zeros(3), np.full(3, random.uniform(*kind.noise)))
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def draw_ink(
    strokes: Sequence[NDArray[np.float64]],
    size: tuple[int, int],
    side: float,
    pen: float,
    random: np.random.Generator,
    spread: float = 0.6,
) -> NDArray[np.uint8]:
    """Where the pen was, uint8 (H, W); the digit's longer side is `side`, near the middle.

    Args:
        strokes: in any unit.
        size: the picture's height and width.
        side: of the digit without its line's width, in pixels.
        pen: the line's width in pixels.
        random: places it.
        spread: how far off the middle it is at most, of the room there is.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = side / max(float((high - low).max()), 1e-9)
    room = np.maximum((np.array(size[::-1]) - side) / 2 - pen, 0)
    middle = np.array(size[::-1]) / 2 + random.uniform(-spread, spread, 2) * room
    ink = np.zeros(size, np.uint8)
    for stroke in strokes:
        places = np.rint(((stroke - (low + high) / 2) * scale + middle) * 16).astype(np.int32)
        thick = max(1, round(pen))
        cv2.polylines(ink, [places], False, 255, thick, cv2.LINE_AA, 4)
        if len(places) == 1 or (places == places[0]).all():
            cv2.circle(ink, (places[0] // 16).tolist(), max(1, thick // 2), 255, -1, cv2.LINE_AA)
    return ink


def _rules(ruled: str, size: tuple[int, int], side: float) -> NDArray[np.uint8]:
    """Printed lines: a digit is about as high as three lines' distance of 8 mm, or 4 squares."""
    lines = np.zeros(size, np.uint8)
    step, thick = side / (1.4 if ruled == "lines" else 2.6), max(1, round(side / 60))
    if ruled:
        for y in np.arange(step / 2, size[0], step):
            cv2.line(lines, (0, round(y)), (size[1], round(y)), 255, thick)
    if ruled == "squares":
        for x in np.arange(step / 2, size[1], step):
            cv2.line(lines, (round(x), 0), (round(x), size[0]), 255, thick)
    return lines


def _bend(height: int, width: int, kind: Kind, random: np.random.Generator) -> Any:
    """The camera's turn about the middle and its perspective, as a 3x3 matrix."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shift = random.uniform(-1, 1, (4, 2)) * kind.perspective * min(height, width)
    moved = (corners + shift).astype(np.float32)
    turn = np.eye(3)
    angle = random.uniform(-kind.lean, kind.lean)
    turn[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return turn @ cv2.getPerspectiveTransform(corners, moved)


def _inked(page: Floats, mask: NDArray[np.uint8], color: Color, most: float) -> Floats:
    share = mask.astype(np.float32)[..., None] * np.float32(most / 255)
    return page + share * (np.array(color, np.float32) - page)


def _light(height: int, width: int, kind: Kind, random: np.random.Generator) -> Floats:
    """How much light falls on each place, 0 to 1: falling off in some direction, and a shadow."""
    rows, columns = np.linspace(0, 1, height // 3), np.linspace(0, 1, width // 3)
    y, x = rows[:, None], columns[None]
    angle = random.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    along = (along - along.min()) / np.ptp(along)
    light = 1 - (1 - random.uniform(*kind.gradient)) * along
    # The shadow's edge runs through the middle third, where the digit is.
    angle, soft = random.uniform(0, 2 * np.pi), random.uniform(0.004, 0.04)
    across = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    across = (across - random.uniform(-0.17, 0.17)) / soft
    dark = 1 / (1 + np.exp(-np.clip(across, -30, 30)))
    light *= 1 - (1 - random.uniform(*kind.shadow)) * dark
    return np.asarray(cv2.resize(light.astype(np.float32), (width, height)), np.float32)
