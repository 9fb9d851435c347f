"""How well photos of pen digits are read, damage by damage, beside the clean strokes.

    python -m benchmarks.recognition.photos [--data DIR] [--people SPLIT] [--count N] [--seed N]
                                            [--keep DIR]

Real pen digits (dataset `unipen`) are drawn onto photos of 600 to 3000 pixels,
each of them damaged in one way, or in all at once, saved as the camera or
scanner would, and read by `read_picture` and the built-in network. For each kind
of damage: how many are recognized correctly, how many from the clean strokes,
in how many no digit was found, and the processor time per photo.
Everything was chosen on the people of "train" and "validation"; the people of
"writers" (the default) and "contributors" chose nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.inputs import add_model_options, load_model, load_pen_digits
from trainer.data.pen_digits import PenDigit
from trainer.drawing.picture import PictureError, read_picture
from trainer.drawing.rasterize import rasterize
from trainer.networks.model import Model
from trainer.reading.predict import read

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
    ink = _ink(strokes, (height, width), side, random.uniform(*kind.pen) * side, random)
    for _ in range(kind.specks):
        at = random.integers(0, (width, height))
        cv2.circle(ink, at.tolist(), int(random.integers(1, 2 + longer // 500)), 255, -1)
    rules = _rules(kind.ruled, (height, width), side)
    bend = _bend(height, width, kind, random)
    ink = cv2.warpPerspective(ink, bend, (width, height), flags=cv2.INTER_LINEAR)
    rules = cv2.warpPerspective(rules, bend, (width, height), flags=cv2.INTER_LINEAR)
    page = np.empty((height, width, 3), np.float32)
    page[:] = kind.paper
    page = _inked(page, rules, RULES, 0.75)
    page = _inked(page, ink, kind.ink, 0.95)
    page *= _light(height, width, kind, random)[..., None]
    page = cv2.GaussianBlur(page, (0, 0), longer / 2000)
    cv2.setRNGSeed(int(random.integers(2**31)))
    noise = cv2.randn(np.empty_like(page), (0, 0, 0), (random.uniform(*kind.noise),) * 3)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def _ink(
    strokes: Sequence[NDArray[np.float64]],
    size: tuple[int, int],
    side: float,
    pen: float,
    random: np.random.Generator,
) -> NDArray[np.uint8]:
    """Where the pen was, uint8 (H, W); the digit's longer side is `side`, near the middle."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = side / max(float((high - low).max()), 1e-9)
    room = np.maximum((np.array(size[::-1]) - side) / 2 - pen, 0)
    middle = np.array(size[::-1]) / 2 + random.uniform(-0.6, 0.6, 2) * room
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


@dataclass
class Tally:
    """What became of the photos of one kind."""

    correct: int = 0
    correct_clean: int = 0
    not_found: int = 0
    count: int = 0
    seconds: float = 0.0

    def row(self, name: str) -> Row:
        """One row of the table."""
        return {
            "damage": name,
            "photos": self.count,
            "correct": self.correct / self.count,
            "correct_clean": self.correct_clean / self.count,
            "not_found": self.not_found,
            "milliseconds": round(1000 * self.seconds / self.count),
        }


def score(
    name: str,
    kind: Kind,
    digits: list[PenDigit],
    model: Model,
    options: argparse.Namespace,
    folder: Path,
) -> Tally:
    """Photograph and read all digits; the photos go to `folder`."""
    tally = Tally()
    random = np.random.default_rng([options.seed, *name.encode()])
    for number, digit in enumerate(digits):
        path = folder / f"{name.replace(' ', '-')}-{number}-{digit.label}.jpg"
        colors = kind
        if kind is ALL_AT_ONCE:
            looks = list(KINDS.values())[int(random.choice([0, 1, 9, 10]))]
            colors = replace(kind, paper=looks.paper, ink=looks.ink)
        Image.fromarray(photo(digit.strokes, colors, random)).save(path, quality=kind.quality)
        tally.count += 1
        clean = read(model, rasterize(digit.strokes)).digit == digit.label
        tally.correct_clean += clean
        began = time.process_time()
        try:
            image = read_picture(path).image
        except PictureError as error:
            tally.not_found += 1
            if options.failures:
                progress(f"    {path}: {error}")
        else:
            correct = read(model, image).digit == digit.label
            tally.correct += correct
            if options.failures and clean and not correct:
                progress(f"    {path}: misread")
        tally.seconds += time.process_time() - began
        if not options.keep:
            path.unlink()
    return tally


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", default="writers", help="a split of `trainer.data.pen_digits`")
    parser.add_argument("--count", type=int, default=300, help="photos of each kind")
    parser.add_argument("--kind", action="append", help="only this kind; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the photos there")
    parser.add_argument("--failures", action="store_true", help="name each photo that fails")


def measure(options: argparse.Namespace) -> Tables:
    """Photograph and read some people's digits with each kind of damage."""
    people = load_pen_digits(options.data).get(options.people)
    if not people:
        raise NothingToMeasure(f"nobody is in {options.people!r}")
    order = np.random.default_rng(options.seed).permutation(len(people))[: options.count]
    chosen = [people[n] for n in order]
    model = load_model(options)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for name, kind in {**KINDS, "all at once": ALL_AT_ONCE}.items():
            if not options.kind or name in options.kind:
                folder = options.keep or Path(temporary)
                rows.append(score(name, kind, chosen, model, options, folder).row(name))
                progress(str(rows[-1]))
    units = {"correct": "share", "correct_clean": "share", "milliseconds": "ms"}
    return {"damages": Table(units, rows)}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
