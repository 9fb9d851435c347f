"""How well a network recognizes everyone's handwriting, and when it declines to answer.

    python -m benchmarks.recognition.accuracy [--model FILE] [--data DIR]

Reads MNIST's test set, the real pen digits of held-out people and contributors
(`trainer.data.pen_digits` says who) and the built-in ones; the held-out pen digits again
as a mouse would draw them: at a third of the canvas, in each corner, with the
thinnest and the widest pen, in whole screen pixels; and pen digits of sources
other than UNIPEN's category 1a, if the data has some. Then all people held out by
collection, by digit and by writer: what is correct, sure, rejected, and how the
tenth of writers fares that is read worst. Then what is no digit.
Sets that are not in DIR are left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.command import NothingToMeasure, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.inputs import (
    HELD_OUT,
    add_model_options,
    load_collections,
    load_model,
    load_pen_digits,
)
from benchmarks.recognition.verdicts import SHARES, ReadDigit, count, pair, tabulate
from lenet_gui.draw.tab import PEN_WIDTHS
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import list_missing, load
from trainer.data.pen import load_forms
from trainer.data.pen_digits import PenDigit
from trainer.drawing.rasterize import even_pen_widths, rasterize
from trainer.drawing.sheet import PAPER, SMALLEST
from trainer.evaluation.calibration import calibration_curve, calibration_error
from trainer.files import data_folder
from trainer.handwriting.allographs import FORMS
from trainer.handwriting.non_digits import SMALLEST as SMALLEST_MARK
from trainer.handwriting.non_digits import write_non_digits
from trainer.networks.model import Model
from trainer.progress import result_of
from trainer.reading.predict import read_answers
from trainer.reading.verdict import Verdict

_SETS = {"writers": "pen, people held out", "contributors": "pen, laboratories held out"}
_SHARES = ("correct", "unsure", "correct_where_sure", "rejected", "calibration_error")
_OF_A_FORM = 200
"""How many are written of each form."""
_MARGIN_OF_PAPER = 4.0
_PIXEL = 0.6
"""A screen's pixel on the paper, in the paper's unit: a canvas of about 460 pixels."""


def place(
    strokes: list[NDArray[np.float64]], share: float, corner: tuple[float, float]
) -> list[NDArray[np.float64]]:
    """A digit as a mouse draws it on the paper.

    Args:
        strokes: in any unit.
        share: its longest side, of the paper's.
        corner: (0, 0) puts it into the paper's top left corner, (1, 1) into the
            bottom right one, (0.5, 0.5) into the middle.
    """
    points = np.concatenate(strokes)
    low, span = points.min(axis=0), points.max(axis=0) - points.min(axis=0)
    scale = share * PAPER / (float(span.max()) or 1.0)
    room = PAPER - 2 * _MARGIN_OF_PAPER - span * scale
    offset = _MARGIN_OF_PAPER + room * np.array(corner)
    return [np.rint(((stroke - low) * scale + offset) / _PIXEL) * _PIXEL for stroke in strokes]


def render(
    digits: list[PenDigit],
    share: float = 0.68,
    corner: tuple[float, float] = (0.5, 0.5),
    width: float = 1.0,
) -> LabelledImages:
    """Pen digits drawn on the paper and rendered as the window does."""
    images = []
    for digit in digits:
        points = place(digit.strokes, share, corner)
        drawn = even_pen_widths(np.insert(stroke, 2, width, axis=1) for stroke in points)
        images.append(rasterize(drawn, smallest=SMALLEST))
    return LabelledImages(
        torch.from_numpy(np.stack(images)), torch.tensor([digit.label for digit in digits])
    )


def render_placements(digits: list[PenDigit]) -> Iterator[tuple[str, LabelledImages]]:
    """The same digits small, in corners, thin and wide."""
    yield "at a third of the canvas", render(digits, 1 / 3)
    corners = {
        "top left": (0, 0),
        "top right": (1, 0),
        "bottom left": (0, 1),
        "bottom right": (1, 1),
    }
    for name, corner in corners.items():
        yield f"a third, {name}", render(digits, 1 / 3, corner)
    thin, wide = (width / 100 for width in PEN_WIDTHS)
    yield "thinnest pen", render(digits, width=thin)
    yield "widest pen", render(digits, width=wide)
    yield "a third, in a corner, thinnest pen", render(digits, 1 / 3, (0, 1), thin)
    yield "a third, in a corner, widest pen", render(digits, 1 / 3, (0, 1), wide)


def load_test_sets(data: Path) -> tuple[dict[str, LabelledImages], list[PenDigit]]:
    """The sets for testing by name, and the strokes of all held-out pen digits."""
    sets: dict[str, LabelledImages] = {}
    held_out: list[PenDigit] = []
    if not list_missing("mnist", data):
        sets["MNIST test"] = result_of(load("mnist", "test", data))
    try:
        by_split = load_pen_digits(data)
    except NothingToMeasure:
        by_split = {}
    for split in HELD_OUT:
        if digits := by_split.get(split):
            sets[_SETS[split]] = render(digits)
            held_out += digits
    sets["built-in test"] = result_of(load("pen", "test", data))
    return sets, held_out


def score(model: Model, name: str, digits: LabelledImages) -> Row:
    """Shares of all: correct, unsure, correct where sure, rejected; and calibration."""
    found = read_answers(model, digits.images.numpy())
    verdicts = [answer.verdict for answer in found]
    labels = digits.labels.numpy()
    correct = np.array([answer.digit for answer in found]) == labels
    sure = np.array([verdict is Verdict.SURE for verdict in verdicts])
    confidences = np.array([max(answer.probabilities) for answer in found], np.float64)
    return {
        "set": name,
        "images": len(digits),
        "correct": round(float(correct.mean()), 6),
        "unsure": round(verdicts.count(Verdict.UNSURE) / len(found), 6),
        "correct_where_sure": round(float(correct[sure].mean()), 6),
        "rejected": round(verdicts.count(Verdict.REJECTED) / len(found), 6),
        "calibration_error": round(calibration_error(calibration_curve(confidences, correct)), 6),
    }


def accept_non_digits(model: Model) -> list[Row]:
    """The share of what is no digit that is not rejected, by kind; not the drawings of training."""
    kinds: dict[str, list[NDArray[np.uint8]]] = {}
    for mark in write_non_digits(4000, 4711):
        kinds.setdefault(mark.kind, []).append(
            rasterize(mark.strokes, width=mark.width, smallest=SMALLEST_MARK)
        )
    accepted = {
        kind: [a.verdict is not Verdict.REJECTED for a in read_answers(model, np.stack(images))]
        for kind, images in sorted(kinds.items())
    }
    accepted["all"] = [each for of_kind in accepted.values() for each in of_kind]
    return [
        {"kind": kind, "drawings": len(those), "accepted": round(sum(those) / len(those), 6)}
        for kind, those in accepted.items()
    ]


def read_forms(model: Model) -> Tables:
    """What becomes of each form that the built-in digits have; not the digits of training."""
    images = result_of(load_forms(_OF_A_FORM, seed=4712)).images.split(_OF_A_FORM)
    rows: list[Row] = []
    for (digit, name), drawn in zip(FORMS, images, strict=True):
        read = [
            ReadDigit(digit, "code", answer.digit == digit, answer.verdict)
            for answer in read_answers(model, drawn.numpy())
        ]
        row: Row = {"digit": digit, "form": name, **count(read)}
        del row["people"], row["worst_writers"]
        rows.append(row)
    return {"forms": Table(dict.fromkeys(SHARES, "share"), rows)}


def read_collections(model: Model, data: Path) -> Tables:
    """The tables of the people held out; none without real pen digits."""
    try:
        collections = load_collections(data)
    except NothingToMeasure:
        return {}
    return tabulate(
        {
            name: pair(digits, read_answers(model, render(digits).images.numpy()))
            for name, digits in collections.items()
        }
    )


def measure(options: argparse.Namespace) -> Tables:
    """Read all sets and the non-digits."""
    torch.set_num_threads(1)
    model = load_model(options)
    data = data_folder(options.data)
    sets, people = load_test_sets(data)
    if people:
        others = load_pen_digits(data, others=True).get("writers")
        sets["pen, all held out"] = render(people)
        sets |= dict(render_placements(people))
        if others:
            sets["pen, other sources, people held out"] = render(others)
    return {
        "sets": Table(
            dict.fromkeys(_SHARES, "share"),
            [score(model, name, digits) for name, digits in sets.items()],
        ),
        **read_collections(model, data),
        **read_forms(model),
        "non_digits": Table({"accepted": "share"}, accept_non_digits(model)),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_model_options)
