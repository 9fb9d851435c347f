"""Pictures of digits of every kind that people have beside good photos, made from pen strokes.

Each function writes one picture file and returns its path. Nothing here knows how pictures are
read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.recognition.camera import Floats, draw_ink
from trainer.data.pen_digits import PenDigit

Maker = Callable[[PenDigit, np.random.Generator, Path], Path]
"""Writes one picture of a digit; the path is without an ending."""

_FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSerif",
    "DejaVuSerif-Bold", "STIXGeneral", "STIXGeneralBol",
)  # fmt: skip


def _random_side(random: np.random.Generator, low: int = 200, high: int = 900) -> int:
    return round(float(np.exp(random.uniform(np.log(low), np.log(high)))))


def _plain(
    digit: PenDigit,
    random: np.random.Generator,
    size: tuple[int, int],
    share: tuple[float, float] = (0.4, 0.7),
    pen: tuple[float, float] = (0.06, 0.13),
) -> Floats:
    """How much ink is where, float32 (H, W), 0 to 1, the digit near the middle."""
    side = min(size) * random.uniform(*share)
    drawn = draw_ink(digit.strokes, size, side, max(1.0, random.uniform(*pen) * side), random, 0.3)
    return np.asarray(drawn.astype(np.float32) / 255, np.float32)


def _as_gray(
    ink: Floats, random: np.random.Generator, noise: float = 3.0, dark: float = 0.4
) -> NDArray[np.uint8]:
    """Ink on paper, uint8 (H, W): dark on light, but for that share."""
    paper, black = random.uniform(215, 255), random.uniform(0, 70)
    if random.random() < dark:
        paper, black = black, paper
    gray = paper + (black - paper) * ink + random.normal(0, noise, ink.shape)
    return np.clip(gray, 0, 255).astype(np.uint8)


def _save(gray: NDArray[np.generic], path: Path, random: np.random.Generator) -> Path:
    """As PNG or JPEG."""
    if random.random() < 0.5:
        path = path.with_suffix(".png")
        Image.fromarray(gray).save(path)
    else:
        path = path.with_suffix(".jpg")
        Image.fromarray(gray).save(path, quality=int(random.integers(60, 95)))
    return path


def _field(random: np.random.Generator, size: tuple[int, int], cells: int) -> Floats:
    """A smooth random field, float32 (H, W), 0 to 1."""
    coarse = random.random((cells, cells)).astype(np.float32)
    field = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray((field - field.min()) / max(float(np.ptp(field)), 1e-6), np.float32)


def fading_ink(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """A pen that runs dry, or a pencil pressed unevenly: down to a quarter of the ink."""
    size = (_random_side(random), _random_side(random))
    least = random.uniform(0.2, 0.5)
    strength = least + (1 - least) * _field(random, size, 4)
    ink = _plain(digit, random, size, pen=(0.04, 0.12)) * strength
    return _save(_as_gray(ink, random, noise=random.uniform(0, 3), dark=0.2), path, random)


def small_scan(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """A scan of 28 to 64 pixels in pencil, compressed."""
    side = int(random.integers(29, 65))
    ink = _plain(digit, random, (8 * side, 8 * side), (0.4, 0.75), (0.05, 0.12))
    ink = np.asarray(cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    ink *= random.uniform(0.4, 1.0) * (0.6 + 0.4 * _field(random, ink.shape, 3))
    return _save(_as_gray(ink, random, noise=2, dark=0.15), path, random)


def _trim(ink: Floats) -> Floats:
    rows, columns = np.flatnonzero((ink > 0.5).any(axis=1)), np.flatnonzero((ink > 0.5).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def cut_at_the_ink(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """No paper around: as USPS's 16x16, or cropped in a program; either polarity."""
    ink = _trim(_plain(digit, random, (600, 600), (0.6, 0.7), (0.07, 0.2)))
    high = int(random.integers(16, 33)) if random.random() < 0.4 else _random_side(random, 60, 400)
    narrow = ink.shape[1] / ink.shape[0]
    if random.random() < 0.3:  # made wider, as what is brought to a square
        narrow = min(1.0, narrow * 1.25)
    size = (max(3, round(high * narrow)), high)
    if narrow < 0.35 and random.random() < 0.5:  # a 1 in a box of its own
        size = (high, high)
        ink = np.pad(ink, ((0, 0), ((ink.shape[0] - ink.shape[1]) // 2,) * 2))
    small = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
    return _save(_as_gray(small, random, noise=1, dark=0.5), path.with_suffix(".png"), random)


def touching_edges(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """In a corner, or as high as the picture."""
    ink = _trim(_plain(digit, random, (800, 800), (0.6, 0.7)))
    high, wide = ink.shape
    if random.random() < 0.5:
        room = random.integers(high // 4, high, 2).tolist()
        keep = np.array([random.random() < 0.5, random.random() < 0.5])
        pads = (
            (0, room[0]) if keep[0] else (room[0], 0),
            (0, room[1]) if keep[1] else (room[1], 0),
        )
    else:
        pads = ((0, 0), tuple(random.integers(wide // 2, 2 * wide, 2).tolist()))
    page = np.pad(ink, pads)
    scale = _random_side(random, 120, 600) / max(page.shape)
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _save(_as_gray(np.asarray(small, np.float32), random), path, random)


def printed_frame(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """In a printed box, a box at the picture's edge, or a cell of a table."""
    size = (_random_side(random), _random_side(random))
    ink = _plain(digit, random, size, (0.35, 0.55))
    frame = np.zeros(size, np.uint8)
    thick = max(1, round(random.uniform(0.003, 0.012) * min(size)))
    kind = random.integers(3)
    margins = random.uniform(0.02, 0.12, 4) if kind != 1 else np.zeros(4)
    left, top = round(margins[0] * size[1]), round(margins[1] * size[0])
    right, bottom = round((1 - margins[2]) * size[1]), round((1 - margins[3]) * size[0])
    if kind == 2:  # lines run on to the next cells
        for x in (left, right):
            cv2.line(frame, (x, 0), (x, size[0]), 255, thick)
        for y in (top, bottom):
            cv2.line(frame, (0, y), (size[1], y), 255, thick)
    else:
        cv2.rectangle(frame, (left, top), (right - 1, bottom - 1), 255, thick)
    turn = cv2.getRotationMatrix2D((size[1] / 2, size[0] / 2), random.uniform(-3, 3), 1)
    if kind != 1:
        frame = np.asarray(cv2.warpAffine(frame, turn, size[::-1]), np.uint8)
    lines = frame.astype(np.float32) / 255 * np.float32(random.uniform(0.4, 1))
    return _save(_as_gray(np.maximum(ink, lines), random, dark=0.1), path, random)


def on_a_line(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """On, or a little across, a ruled line as dark as the ink."""
    size = (_random_side(random), _random_side(random))
    ink = _plain(digit, random, size, (0.4, 0.6), (0.05, 0.12))
    rows = np.flatnonzero((ink > 0.5).any(axis=1))
    at = rows[-1] + random.uniform(-0.08, 0.02) * len(rows)
    slope = np.tan(np.radians(random.uniform(-2, 2)))
    ends = [(0, round(at - slope * size[1] / 2)), (size[1], round(at + slope * size[1] / 2))]
    line = np.zeros(size, np.uint8)
    thick = max(1, round(random.uniform(0.004, 0.012) * min(size)))
    cv2.line(line, ends[0], ends[1], 255, thick, cv2.LINE_AA)
    both = np.maximum(ink, line.astype(np.float32) / 255 * np.float32(random.uniform(0.6, 1)))
    return _save(_as_gray(both, random, dark=0.1), path, random)


def thin_line(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """A pencil's or a ballpoint's line in a large picture."""
    side = _random_side(random, 800, 2500)
    ink = _plain(digit, random, (side, side), (0.4, 0.7), (0.003, 0.012))
    return _save(_as_gray(ink, random, noise=random.uniform(0, 4), dark=0.2), path, random)


def bold(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """A marker that nearly closes the loops."""
    size = (_random_side(random, 60, 900), _random_side(random, 60, 900))
    ink = _plain(digit, random, size, (0.4, 0.7), (0.19, 0.25))
    return _save(_as_gray(ink, random), path, random)


def printed(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """Set in type, regular or bold."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    high = _random_side(random, 24, 600)
    font = ImageFont.truetype(folder / f"{random.choice(_FONTS)}.ttf", 400)
    page = Image.new("L", (800, 800))
    ImageDraw.Draw(page).text((400, 400), str(digit.label), 255, font, anchor="mm")
    ink = np.asarray(page, np.float32) / 255
    small = cv2.resize(ink, (high, high), interpolation=cv2.INTER_AREA)
    return _save(_as_gray(np.asarray(small, np.float32), random), path, random)


def other_28x28(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """28x28, but in a corner, small, filling it, or on gray paper."""
    ink = _trim(_plain(digit, random, (600, 600), (0.6, 0.7), (0.07, 0.13)))
    side = int(random.integers(12, 29))
    scale = side / max(ink.shape)
    small = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    page = np.zeros((28, 28), np.float32)
    room = np.array(page.shape) - small.shape
    top, left = (int(random.integers(0, r + 1)) for r in room)
    page[top : top + small.shape[0], left : left + small.shape[1]] = small
    gray = _as_gray(page, random, noise=1)
    Image.fromarray(gray).save(path.with_suffix(".png"))
    return path.with_suffix(".png")


def on_transparent(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """Light or dark ink on nothing: RGBA, gray with alpha, a palette, GIF."""
    side = _random_side(random, 60, 600)
    ink = _plain(digit, random, (side, side))
    level = int(random.integers(190, 256) if random.random() < 0.7 else random.integers(0, 60))
    color = np.array([level, level, min(255, level + int(random.integers(0, 30)))], np.uint8)
    under = random.choice([0, 255])  # what a program left where nothing is seen
    pixels = np.full((side, side, 4), under, np.uint8)
    pixels[ink > 0, :3] = color
    pixels[..., 3] = (ink * 255).astype(np.uint8)
    picture = Image.fromarray(pixels)
    mode = random.choice(["RGBA", "LA", "P", "GIF"])
    if mode == "LA":
        picture = picture.convert("LA")
    if mode == "P":
        picture = picture.quantize(16)
    path = path.with_suffix(".gif" if mode == "GIF" else ".png")
    picture.save(path)
    return path


def glare(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """A lamp's reflection on a whiteboard or glossy paper, over a part of the digit."""
    size = (_random_side(random), _random_side(random))
    ink = _plain(digit, random, size, (0.45, 0.7))
    high, wide = size
    paper, black = random.uniform(130, 200), random.uniform(10, 60)
    gray = paper + (black - paper) * ink
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    middle = random.uniform(0.35, 0.65, 2) * np.array(size)
    radius = random.uniform(0.12, 0.25) * min(size)
    spot = np.exp(-((y - middle[0]) ** 2 + (x - middle[1]) ** 2) / (2 * radius**2))
    gray = gray + (255 - gray) * spot * random.uniform(0.6, 0.85) + random.normal(0, 2, size)
    return _save(np.clip(gray, 0, 255).astype(np.uint8), path, random)


def deep_gray(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """TIFF in floating point or 16 bits, of any range."""
    side = _random_side(random, 60, 600)
    gray = _as_gray(_plain(digit, random, (side, side)), random) / 255
    top = random.choice([1.0, 1.0, 2.0, 255.0, 4095.0, 65535.0])
    deep = (gray * top - (top / 2 if random.random() < 0.2 else 0)).astype(np.float32)
    path = path.with_suffix(".tif")
    if top > 255 and deep.min() >= 0:
        Image.fromarray(deep.astype(np.uint16)).save(path)
    else:
        Image.fromarray(deep).save(path)
    return path


def first_page_blank(digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """A TIFF, GIF or WebP of two or three pages or frames, on the last of which the digit is."""
    side = _random_side(random, 100, 600)
    gray = _as_gray(_plain(digit, random, (side, side)), random, noise=1, dark=0.0)
    blank = np.full_like(gray, int(np.percentile(gray, 99)))
    pages = [Image.fromarray(blank)] * int(random.integers(1, 3)) + [Image.fromarray(gray)]
    path = path.with_suffix(random.choice([".tif", ".gif", ".webp"]))
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


KINDS: dict[str, Maker] = {
    "fading ink": fading_ink,
    "small scan": small_scan,
    "cut at the ink": cut_at_the_ink,
    "touching edges": touching_edges,
    "printed frame": printed_frame,
    "thin line, large": thin_line,
    "bold": bold,
    "printed digit": printed,
    "28x28 otherwise": other_28x28,
    "on transparent": on_transparent,
    "on a line": on_a_line,
    "glare": glare,
    "deep gray": deep_gray,
    "first page blank": first_page_blank,
}


# Without a digit


def no_digit(
    strokes: Sequence[NDArray[np.float64]], random: np.random.Generator, path: Path
) -> Path:
    """A picture of strokes that are no digit, or of nothing written at all."""
    size = (_random_side(random), _random_side(random))
    kind = random.integers(10)
    if kind < 6:  # what someone wrote, as large as digits are
        side = min(size) * random.uniform(0.4, 0.7)
        pen = random.uniform(0.04, 0.14) * side
        drawn = draw_ink(strokes, size, side, pen, random, 0.3)
        ink: Floats = np.asarray(drawn.astype(np.float32) / 255, np.float32)
        ink = _trim(ink) if kind == 5 and (ink > 0.5).any() else ink
        return _save(_as_gray(ink, random), path, random)
    if kind == 6:  # empty paper, with a shadow
        light = 0.5 + 0.5 * _field(random, size, 3)
        return _save(
            (light * 240 + random.normal(0, 4, size)).clip(0, 255).astype(np.uint8), path, random
        )
    if kind == 7:  # a texture
        cells = int(random.integers(3, 40))
        return _save((255 * _field(random, size, cells)).astype(np.uint8), path, random)
    page = np.zeros(size, np.uint8)
    if kind == 8:  # empty frames and lines, none of them upright, as a 1 is
        thick = int(random.integers(1, 1 + max(2, min(size) // 60)))
        for _ in range(int(random.integers(1, 4))):
            a, b = random.integers(0, size[::-1], 2), random.integers(0, size[::-1], 2)
            if random.random() < 0.5:
                cv2.rectangle(page, a.tolist(), b.tolist(), 255, thick)
            else:
                b[1] = a[1] + (b[1] - a[1]) * min(
                    1.0, 0.7 * abs(b[0] - a[0]) / max(1, abs(b[1] - a[1]))
                )
                cv2.line(page, a.tolist(), b.tolist(), 255, thick)
    else:  # blots
        for _ in range(int(random.integers(1, 6))):
            at, axes = random.integers(0, size[::-1]), random.integers(2, max(3, min(size) // 4), 2)
            cv2.ellipse(page, at.tolist(), axes.tolist(), random.uniform(0, 360), 0, 360, 255, -1)
    gray = np.asarray(page.astype(np.float32) / 255, np.float32)
    return _save(_as_gray(gray, random), path, random)
