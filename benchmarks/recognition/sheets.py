"""How well whole sheets of digits are read, each digit at its place.

    python -m benchmarks.recognition.sheets [--data DIR] [--model FILE] [--people PART ...]
                                            [--count N] [--seed N] [--kind KIND ...] [--keep DIR]

Draws N sheets of each kind, of 10 to 200 real pen digits of one writer each: single digits and
numbers of 2 to 4 in rows, a tenth of all digits touching its neighbor, the sheet turned by up to
15 degrees, in uneven light with a shadow's edge, with noise, and saved as a JPEG. A digit is
correct where the box of a digit that was read lies on it and has its label; `extra` are those
that lie on no digit. `clean` is the share that the network reads rightly where each digit is
drawn alone from its strokes: what reading a sheet cannot exceed by much. The method was tuned on
the people of "validation"; those of "writers" and "contributors" (the default) chose nothing.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.inputs import HELD_OUT, add_model_options, load_model, load_pen_digits
from benchmarks.recognition.written_numbers import by_writer, compose, usual_height
from trainer.data.pen_digits import PenDigit
from trainer.drawing.rasterize import rasterize
from trainer.networks.model import Model
from trainer.pages.page import Page
from trainer.pages.reader import read_page
from trainer.reading.predict import read_answers

Points = NDArray[np.float64]
Line = tuple[tuple[float, float], tuple[float, float]]
Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

FEW = 8
"""A writer of fewer digits fills no sheet."""
_TOUCHING = 0.1
"""The share of digits that touch another one."""
_OVERLAP = (-0.15, 0.0)
"""Where digits overlap: how far apart, in heights, the middles of the two lines come."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What sheets of one kind have; ranges are of equal chances."""

    skew: float = 0.0  # most degrees
    shadow: tuple[float, float] = (1.0, 1.0)  # light in the shadow, of the light beside it
    gradient: tuple[float, float] = (1.0, 1.0)  # light at the dark end, of the bright one's
    noise: tuple[float, float] = (1.0, 3.0)  # standard deviation, of 255
    ruled: str = ""  # "lines", "squares" or "table"
    touching: float = 0.0  # share of digits
    overlapping: bool = False  # those that touch go into one another


KINDS = {
    "plain": Kind(),
    "touching": Kind(touching=_TOUCHING),
    "overlapping": Kind(touching=_TOUCHING, overlapping=True),
    "skewed": Kind(skew=15),
    "shadows": Kind(shadow=(0.45, 0.8), gradient=(0.5, 0.9), noise=(2.0, 6.0)),
    "lines": Kind(ruled="lines"),
    "squares": Kind(ruled="squares"),
    "table": Kind(ruled="table"),
    "all at once": Kind(
        skew=15,
        shadow=(0.45, 0.8),
        gradient=(0.5, 0.9),
        noise=(2.0, 6.0),
        ruled="any",
        touching=_TOUCHING,
    ),
}
_INKS = ((40, 40, 45), (30, 45, 120), (25, 25, 30), (120, 40, 50))
_RULES = (165, 190, 215)
_TABLE = (110, 110, 115)


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """One digit on a sheet."""

    label: int
    strokes: list[Points]  # in pixels of the sheet
    owner: PenDigit
    pen: float = 0.0  # the line's width, in pixels

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the ink: a 1's points alone have no width."""
        points, half = np.concatenate(self.strokes), self.pen / 2
        return (*(points.min(axis=0) - half).tolist(), *(points.max(axis=0) + half).tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A photo of a sheet, and what stands on it."""

    colors: Pixels  # (H, W, 3)
    digits: list[Written]


def make_sheet(digits: Sequence[PenDigit], kind: Kind, rng: np.random.Generator) -> Sheet:
    """A sheet of one writer's digits."""
    count = round(float(np.exp(rng.uniform(np.log(10), np.log(200)))))
    pen = rng.uniform(0.05, 0.11)
    units = _units(digits, count, pen, kind, rng)
    ruled = (
        str(rng.choice(["", "lines", "squares", "table"])) if kind.ruled == "any" else kind.ruled
    )
    written, rules, size = _lay_out(units, ruled, rng)
    # Heights to pixels: the longer side of the photo is 1200 to 2600.
    scale = min(rng.uniform(1200, 2600) / max(size), 110)
    angle = rng.uniform(-kind.skew, kind.skew)
    turn, shape = _turned((size[0] * scale, size[1] * scale), angle)
    move = np.array([[scale, 0, 0], [0, scale, 0], [0, 0, 1.0]])
    to_photo = (turn @ move)[:2]

    def place(points: Points) -> Points:
        return np.asarray(points @ to_photo[:, :2].T + to_photo[:, 2])

    written = [
        replace(each, strokes=[place(s) for s in each.strokes], pen=pen * scale) for each in written
    ]
    height, width = shape
    page = np.empty((height, width, 3), np.float32)
    page[:] = (246, 245, 242)
    lines = np.zeros((height, width), np.uint8)
    for a, b in rules:
        ends = np.rint(place(np.array([a, b])) * 16).astype(np.int32)
        thick = max(1, round(scale * (0.03 if ruled == "table" else 0.02)))
        cv2.line(lines, ends[0].tolist(), ends[1].tolist(), 255, thick, cv2.LINE_AA, 4)
    page = _inked(page, lines, _TABLE if ruled == "table" else _RULES)
    ink = np.zeros((height, width), np.uint8)
    for each in written:
        draw_strokes(ink, each.strokes, max(1, round(pen * scale)))
    page = _inked(page, ink, _INKS[int(rng.integers(len(_INKS)))])
    page *= _light(height, width, kind, rng)[..., None]
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), 0.7), np.float32)
    page += rng.normal(0, rng.uniform(*kind.noise), page.shape).astype(np.float32)
    photo = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=int(rng.integers(60, 93)))
    return Sheet(np.asarray(Image.open(file).convert("RGB")), written)


def _units(
    digits: Sequence[PenDigit], count: int, pen: float, kind: Kind, rng: np.random.Generator
) -> list[list[Written]]:
    """Single digits, numbers and touching pairs, in heights of the writer's digits, each at 0."""
    usual = usual_height(digits)
    units: list[list[Written]] = []
    while (left := count - sum(map(len, units))) > 0:
        # Other units have 2.5 digits on average, a touching pair has 2.
        touching = left > 1 and rng.random() < kind.touching / (0.8 + 0.2 * kind.touching)
        length = 2 if touching else min(left, int(rng.integers(1, 5)))
        unit: list[Written] = []
        for _ in range(length):
            digit = digits[int(rng.integers(len(digits)))]
            strokes = list(compose([digit], usual, rng).strokes)
            way = 0.0
            if unit and touching:
                gap = rng.uniform(*_OVERLAP) if kind.overlapping else rng.uniform(0.1, 0.9) * pen
                way = gap - _nearest(unit[0].strokes, strokes)
            elif unit:
                way = _right(unit) + pen + rng.uniform(0.12, 0.4) - _left(strokes)
            unit.append(
                Written(digit.label, [stroke + np.array([way, 0]) for stroke in strokes], digit)
            )
        units.append(unit)
    return units


def _nearest(left: Sequence[Points], right: Sequence[Points]) -> float:
    """How far two digits are apart, level, where their lines come nearest."""
    one, other = (_dense(strokes) for strokes in (left, right))
    near = np.abs(one[:, None, 1] - other[None, :, 1]) < 0.05
    gaps = np.where(near, other[None, :, 0] - one[:, None, 0], np.inf)
    return float(gaps.min()) if near.any() else float(other[:, 0].min() - one[:, 0].max())


def _dense(strokes: Sequence[Points]) -> Points:
    """Points at most 0.03 apart along all lines."""
    found = []
    for stroke in strokes:
        steps = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
        along = np.linspace(0, steps[-1], int(steps[-1] / 0.03) + 2)
        found.append(np.column_stack([np.interp(along, steps, stroke[:, n]) for n in (0, 1)]))
    return np.concatenate(found)


def _left(strokes: Sequence[Points]) -> float:
    return float(min(stroke[:, 0].min() for stroke in strokes))


def _right(unit: Sequence[Written]) -> float:
    return float(max(stroke[:, 0].max() for each in unit for stroke in each.strokes))


def _lay_out(
    units: list[list[Written]], ruled: str, rng: np.random.Generator
) -> tuple[
    list[Written], list[tuple[tuple[float, float], tuple[float, float]]], tuple[float, float]
]:
    """Units in rows on a sheet: the digits, ruled lines' ends, and width and height, in heights."""
    widths = [_right(unit) - _left([s for each in unit for s in each.strokes]) for unit in units]
    total = sum(widths) + 1.2 * len(units)
    pitch = rng.uniform(2.1, 2.8)
    width = max(max(widths) + 2.5, float(np.sqrt(total * pitch * rng.uniform(0.9, 1.6))))
    column = max(widths) + 1.2 if ruled == "table" else 0.0
    width = max(width, column + 2)
    written: list[Written] = []
    x, baseline = 1.2, pitch
    edges = {1.2 - 0.6}
    for unit, wide in zip(units, widths, strict=True):
        if x > 1.2 and x + wide > width - 0.8:
            x, baseline = 1.2, baseline + pitch
        shift = (x - _left([s for each in unit for s in each.strokes]), baseline)
        written += [replace(e, strokes=[s + shift for s in e.strokes]) for e in unit]
        x += column or wide + rng.uniform(0.9, 1.5)
        if column:
            edges.add(x - 0.6)
    height = baseline + pitch
    width = max(width, max(edges) + 0.6)
    rules: list[Line] = []
    rows = round(baseline / pitch)
    if ruled == "lines":
        rules = [((0, n * pitch + 0.03), (width, n * pitch + 0.03)) for n in range(1, rows + 1)]
    elif ruled == "squares":
        step = rng.uniform(0.5, 0.9)
        rules = [((0, y), (width, y)) for y in np.arange(step / 2, height, step)]
        rules += [((x, 0), (x, height)) for x in np.arange(step / 2, width, step)]
    elif ruled == "table":
        levels = [(n + 0.5) * pitch for n in range(rows + 1)]
        low, high = min(edges), max(edges)
        rules = [((low, y), (high, y)) for y in levels]
        rules += [((x, levels[0]), (x, levels[-1])) for x in sorted(edges)]
    return written, rules, (width, height)


def _turned(size: tuple[float, float], angle: float) -> tuple[Points, tuple[int, int]]:
    """A turn about the sheet's middle as a 3x3 matrix, and the photo's height and width then."""
    width, height = size
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    wide = width * abs(cos) + height * abs(sin)
    high = width * abs(sin) + height * abs(cos)
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    matrix[:2, 2] = np.array([wide, high]) / 2 - matrix[:2, :2] @ (np.array(size) / 2)
    return matrix, (int(high) + 1, int(wide) + 1)


def draw_strokes(ink: Pixels, strokes: Sequence[Points], thick: int) -> None:
    """Lines of a pen that is `thick` pixels wide, drawn into `ink`, (H, W)."""
    for stroke in strokes:
        places = np.rint(stroke * 16).astype(np.int32)
        cv2.polylines(ink, [places], False, 255, thick, cv2.LINE_AA, 4)
        if len(places) == 1 or (places == places[0]).all():
            cv2.circle(ink, (places[0] // 16).tolist(), max(1, thick // 2), 255, -1, cv2.LINE_AA)


def _inked(page: Floats, mask: Pixels, color: tuple[int, int, int]) -> Floats:
    share = mask.astype(np.float32)[..., None] * np.float32(0.95 / 255)
    return np.asarray(page + share * (np.array(color, np.float32) - page), np.float32)


def _light(height: int, width: int, kind: Kind, rng: np.random.Generator) -> Floats:
    """How much light falls on each place, 0 to 1: falling off in one direction, and a shadow."""
    y, x = np.linspace(0, 1, height // 3)[:, None], np.linspace(0, 1, width // 3)[None]
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    along = (along - along.min()) / np.ptp(along)
    light = 1 - (1 - rng.uniform(*kind.gradient)) * along
    angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(0.004, 0.04)
    across = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    across = (across - rng.uniform(-0.3, 0.3)) / soft
    dark = 1 / (1 + np.exp(-np.clip(across, -30, 30)))
    light *= 1 - (1 - rng.uniform(*kind.shadow)) * dark
    return np.asarray(cv2.resize(light.astype(np.float32), (width, height)), np.float32)


def count_correct(digits: Sequence[Written], page: Page) -> tuple[int, int]:
    """How many digits are read at their places, and how many read digits lie on none.

    A read digit lies on the one that its box shares most with, at least 0.3 of both together;
    each digit is read once.
    """
    boxes = np.array([each.box for each in digits], np.float64)
    found = np.array([each.box for each in page.digits], np.float64).reshape(-1, 4)
    low = np.maximum(boxes[:, None, :2], found[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], found[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = (boxes[:, 2:] - boxes[:, :2]).clip(6).prod(axis=1)
    found_areas = (found[:, 2:] - found[:, :2]).prod(axis=1)
    over = shared / (areas[:, None] + found_areas[None] - shared).clip(1)
    correct = 0
    matched: set[int] = set()
    for written, read in sorted(np.argwhere(over > 0.2).tolist(), key=lambda p: -over[p[0], p[1]]):
        if written in matched or -1 - read in matched:
            continue
        matched |= {written, -1 - read}
        correct += digits[written].label == page.digits[read].digit
    extra = len(page.digits) - sum(each < 0 for each in matched)
    return correct, extra


def score(
    name: str, people: str, digits: Sequence[PenDigit], model: Model, options: argparse.Namespace
) -> Row:
    """Draw and read all sheets of one kind."""
    rng = np.random.default_rng([options.seed, *name.encode(), *people.encode()])
    writers = [written for written in by_writer(digits) if len(written) >= FEW]
    written = correct = extra = clean = 0
    seconds = []
    for number in range(options.count):
        sheet = make_sheet(writers[rng.integers(len(writers))], KINDS[name], rng)
        began = time.thread_time()
        page = read_page(model, sheet.colors)
        seconds.append(time.thread_time() - began)
        right, more = count_correct(sheet.digits, page)
        written, correct, extra = written + len(sheet.digits), correct + right, extra + more
        images = np.stack([rasterize(each.owner.strokes) for each in sheet.digits])
        answers = read_answers(model, images)
        clean += sum(a.digit == d.label for a, d in zip(answers, sheet.digits, strict=True))
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            name_of_file = f"{name.replace(' ', '-')}-{number}-{right}-of-{len(sheet.digits)}.jpg"
            Image.fromarray(sheet.colors).save(options.keep / name_of_file)
    return {
        "people": people,
        "sheets": name,
        "digits": written,
        "correct": correct / written,
        "extra": extra / written,
        "clean": clean / written,
        "milliseconds": round(1000 * float(np.median(seconds))),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", nargs="+", default=HELD_OUT, metavar="PART")
    parser.add_argument("--count", type=int, default=40, metavar="N", help="[40]")
    parser.add_argument("--kind", nargs="+", choices=tuple(KINDS), default=tuple(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="save the sheets there")


def measure(options: argparse.Namespace) -> Tables:
    """Read sheets of all kinds of all the people asked for."""
    torch.set_num_threads(1)
    model = load_model(options)
    by_split = load_pen_digits(options.data)
    rows: list[Row] = []
    for part in options.people:
        people = by_split.get(part)
        if not people:
            raise NothingToMeasure(f"nobody is in {part!r}")
        for name in options.kind:
            rows.append(score(name, part, people, model, options))
            progress(str(rows[-1]))
    units = {"correct": "share", "extra": "share", "clean": "share", "milliseconds": "ms"}
    return {"sheets": Table(units, rows)}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
