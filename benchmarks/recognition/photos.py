"""How well pictures of pen digits are read, kind by kind, beside the clean strokes.

    python -m benchmarks.recognition.photos [--data DIR] [--people SPLIT] [--count N] [--seed N]
                                            [--kind NAME] [--keep DIR]

Real pen digits (dataset `unipen`) are drawn onto photos of 600 to 3000 pixels,
each of them damaged in one way, or in all at once, and onto pictures of other kinds:
cut at the ink, in printed frames, bold, on transparent ground and so on. They are saved as the
camera, scanner or program would, and read by `read_picture` and the built-in network. For each
kind: how many are recognized correctly and taken for a digit, how many from the clean strokes,
in how many no digit was found or it was refused, and the processor time per photo. Then of how
many pictures without a digit one is read, and how long a photo of 12 megapixels takes.
Everything was chosen on the people of "train" and "validation"; the people of
"writers" (the default) and "contributors" chose nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition import odd_pictures
from benchmarks.recognition.camera import ALL_AT_ONCE, KINDS, PLAIN, Kind, photo
from benchmarks.recognition.inputs import add_model_options, load_model, load_pen_digits
from trainer.data.pen_digits import PenDigit
from trainer.drawing.picture import PictureError, read_picture
from trainer.drawing.rasterize import rasterize
from trainer.handwriting.non_digits import FOR_TESTING, write_non_digits
from trainer.networks.model import Model
from trainer.reading.pictures import score_digits
from trainer.reading.predict import read
from trainer.reading.verdict import Verdict

_TIMED = 12


def take_photo(kind: Kind, digit: PenDigit, random: np.random.Generator, path: Path) -> Path:
    """Write a photo with one kind of damage, or with all."""
    colors = kind
    if kind is ALL_AT_ONCE:
        looks = list(KINDS.values())[int(random.choice([0, 1, 9, 10]))]
        colors = replace(kind, paper=looks.paper, ink=looks.ink)
    path = path.with_suffix(".jpg")
    Image.fromarray(photo(digit.strokes, colors, random)).save(path, quality=kind.quality)
    return path


ALL_KINDS: dict[str, odd_pictures.Maker] = {
    **{name: partial(take_photo, kind) for name, kind in KINDS.items()},
    **odd_pictures.KINDS,
    "all at once": partial(take_photo, ALL_AT_ONCE),
}


@dataclass
class Tally:
    """What became of the photos of one kind."""

    correct: int = 0
    correct_clean: int = 0
    not_found: int = 0
    refused: int = 0
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
            "refused": self.refused,
            "milliseconds": round(1000 * self.seconds / self.count),
        }


def score(
    name: str,
    make: odd_pictures.Maker,
    digits: list[PenDigit],
    model: Model,
    options: argparse.Namespace,
    folder: Path,
) -> Tally:
    """Make and read a picture of each digit; the pictures go to `folder`."""
    tally = Tally()
    random = np.random.default_rng([options.seed, *name.encode()])
    for number, digit in enumerate(digits):
        path = make(digit, random, folder / f"{name.replace(' ', '-')}-{number}-{digit.label}")
        tally.count += 1
        clean = read(model, rasterize(digit.strokes)).digit == digit.label
        tally.correct_clean += clean
        began = time.process_time()
        problem = ""
        try:
            found = read(model, read_picture(path, score_digits).image)
        except PictureError as error:
            tally.not_found += 1
            problem = str(error)
        else:
            refused = found.verdict is Verdict.REJECTED
            tally.refused += refused
            if refused or found.digit != digit.label:
                problem = f"{path}: read as {found.digit}, {found.verdict}"
            tally.correct += not problem
        tally.seconds += time.process_time() - began
        if problem and clean and options.failures:
            progress(f"    {problem}")
        if not options.keep:
            path.unlink()
    return tally


def count_accepted(model: Model, options: argparse.Namespace, folder: Path) -> Row:
    """Read pictures without a digit: how many are taken for one."""
    random = np.random.default_rng([options.seed, 5])
    marks = write_non_digits(options.count, options.seed + 1, FOR_TESTING)
    accepted = count = 0
    for number, mark in enumerate(marks):
        strokes = [stroke[:, :2] for stroke in mark.strokes if len(stroke)]
        path = odd_pictures.no_digit(strokes, random, folder / f"none-{number}-{mark.name}")
        count += 1
        try:
            found = read(model, read_picture(path, score_digits).image)
        except PictureError:
            pass
        else:
            taken = found.verdict is not Verdict.REJECTED
            accepted += taken
            if taken and options.failures:
                progress(f"    {path}: taken for a {found.digit}, {found.verdict}")
        if not options.keep:
            path.unlink()
    return {"pictures": count, "accepted": accepted / count}


def time_large_photos(digits: list[PenDigit], options: argparse.Namespace, folder: Path) -> Row:
    """The median time of a photo of 4000x3000, from the file to the 28x28."""
    random = np.random.default_rng([options.seed, 12])
    times = []
    for number, digit in enumerate(digits[:_TIMED]):
        path = folder / f"large-{number}.jpg"
        taken = Image.fromarray(photo(digit.strokes, PLAIN, random))
        taken.resize((4000, 3000)).save(path, quality=90)
        began = time.perf_counter()
        try:
            read_picture(path, score_digits)
        except PictureError as error:
            progress(f"    {path}: {error}")
        times.append(1000 * (time.perf_counter() - began))
        path.unlink()
    return {"photos": len(times), "median": float(np.median(times)), "most": max(times)}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", default="writers", help="a split of `trainer.data.pen_digits`")
    parser.add_argument("--count", type=int, default=500, help="pictures of each kind")
    parser.add_argument("--kind", action="append", help="only this kind; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the pictures there")
    parser.add_argument("--failures", action="store_true", help="name each picture that fails")


def measure(options: argparse.Namespace) -> Tables:
    """Make and read pictures of some people's digits, of each kind."""
    people = load_pen_digits(options.data).get(options.people)
    if not people:
        raise NothingToMeasure(f"nobody is in {options.people!r}")
    order = np.random.default_rng(options.seed).permutation(len(people))[: options.count]
    chosen = [people[n] for n in order]
    model = load_model(options)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        rows = [
            _told(score(name, make, chosen, model, options, folder).row(name))
            for name, make in ALL_KINDS.items()
            if not options.kind or name in options.kind
        ]
        units = {"correct": "share", "correct_clean": "share", "milliseconds": "ms"}
        tables = {"damages": Table(units, rows)}
        if not options.kind or "no digit" in options.kind:
            row = _told(count_accepted(model, options, folder))
            tables["no_digit"] = Table({"accepted": "share"}, [row])
        if not options.kind or "time" in options.kind:
            row = _told(time_large_photos(chosen, options, folder))
            tables["twelve_megapixels"] = Table({"median": "ms", "most": "ms"}, [row])
    return {name: table for name, table in tables.items() if table.rows}


def _told(row: Row) -> Row:
    progress(str(row))
    return row


if __name__ == "__main__":
    run(__doc__, measure, add_options)
