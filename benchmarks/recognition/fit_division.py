"""Fit the weights by which pictures of several digits are divided, to sheets of real digits.

    python -m benchmarks.recognition.fit_division [--data DIR] [--count N] [--model FILE]

Draws N sheets as `sheets.py` does, of all kinds, those most often on which digits touch: a third
of people who are trained on, half of those kept for validation, and the rest of built-in digits.
The weights are fitted to all. Each half of the people kept for validation is also reported with
weights that were fitted to all others. A way to divide a part of a row is right where each arc
lies on one digit and reads it; where none reads all, lying there is enough. The present weights
choose which ways are considered.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.command import progress, run
from benchmarks.measurement import Table, Tables
from benchmarks.recognition.fit_segmentation import Example, fit, half_of, report, table_of
from benchmarks.recognition.inputs import add_model_options, load_model, load_pen_digits
from benchmarks.recognition.sheets import FEW, KINDS, Sheet, Written, draw_strokes, make_sheet
from benchmarks.recognition.written_numbers import by_writer
from trainer.data.pen_digits import PenDigit
from trainer.handwriting.font import write_digits
from trainer.networks.model import Model
from trainer.pages.components import InkPiece
from trainer.pages.division import BY_CLASS, WEIGHTS, Arc, Reading, RowGraph, build_graphs
from trainer.pages.reader import PageReader

Floats = NDArray[np.float64]
Way = list[int]
"""Places of a row's arcs, one after the other."""

_KINDS = (*KINDS, "touching", "overlapping", *["all at once"] * 5)
_SHARES = {"train": 0.33, "one half": 0.27, "the other": 0.27, "built-in": 0.13}
"""Of all sheets."""
_WAYS = 40
"""Divisions of a part that are considered at most."""
_OWN, _ENOUGH = 0.8, 0.55
"""How much of an arc's ink must be of one digit, and of a digit's ink in the arc; and how much is
enough where the digit is read rightly, if no division does better."""
_ROOM = 2
"""Pixels about a digit's ink that belong to it: it was blurred."""
_DECAY = 3e-3
"""As in `fit_segmentation.py`; people are few."""


def draw_sheets(digits: Sequence[PenDigit], count: int, seed: int) -> Iterator[Sheet]:
    """Sheets to learn from."""
    rng = np.random.default_rng(seed)
    writers = [written for written in by_writer(digits) if len(written) >= FEW]
    for _ in range(count):
        kind = KINDS[_KINDS[rng.integers(len(_KINDS))]]
        yield make_sheet(writers[rng.integers(len(writers))], kind, rng)


def examples(sheets: Iterator[Sheet], model: Model) -> list[Example]:
    """All parts of rows that may be divided in several ways, one of them a right one."""
    kept, lost = list[Example](), 0
    for sheet in sheets:
        reader = PageReader(model, sheet.colors)
        digits = _Digits(sheet.digits, reader)
        for graph, readings in build_graphs(reader.layout.rows, reader.read):
            for part in _parts(graph):
                ways = _best_ways(graph, part, readings)
                if len(ways) < 2:
                    continue
                right = digits.which_are_right(graph, part, ways, readings)
                if right.any():
                    measured = {n: _measure(graph.arcs[n], readings[n]) for n in part}
                    sums = [np.sum([measured[n] for n in way], axis=0) for way in ways]
                    kept.append(Example(np.stack(sums), right, 1.0))
                lost += not right.any()
    progress(f"{len(kept):,} parts; {lost} without a right division")
    return kept


def _parts(graph: RowGraph) -> Iterator[list[int]]:
    """The places of arcs between nodes that all ways pass."""
    part, end = list[int](), 0
    for n, arc in enumerate(graph.arcs):
        if part and arc.start >= end:
            yield part
            part = []
        part.append(n)
        end = max(end, arc.end)
    yield part


def _best_ways(
    graph: RowGraph, part: Sequence[int], readings: Sequence[Reading | None]
) -> list[Way]:
    """Ways through a part, the best first by the present weights."""
    first, last = graph.arcs[part[0]].start, max(graph.arcs[n].end for n in part)
    best: dict[int, list[tuple[float, Way]]] = {first: [(0.0, [])]}
    for n in part:
        arc = graph.arcs[n]
        merit = arc.compute_merit(readings[n])
        on = [(so_far + merit, [*way, n]) for so_far, way in best.get(arc.start, [])]
        best[arc.end] = sorted([*best.get(arc.end, []), *on], key=lambda way: -way[0])[:_WAYS]
    return [way for _, way in best[last]]


class _Digits:
    """The digits that were written on a page, as it is read."""

    def __init__(self, written: Sequence[Written], reader: PageReader) -> None:
        self._labels = [digit.label for digit in written]
        self._inks = [_ink_of(digit, reader) for digit in written]
        pieces = [piece for row in reader.layout.rows for piece in row.pieces]
        found = np.sum([self._shared(piece) for piece in pieces], axis=0)
        # Some ink is too faint to be found, and some lies under a ruled line.
        self._sizes = np.maximum(found, [ink.mask.sum() / 2 for ink in self._inks])

    def _shared(self, piece: InkPiece) -> Floats:
        """How many pixels of a piece are of each digit."""
        return np.array([_count_shared(piece, ink) for ink in self._inks], np.float64)

    def which_are_right(
        self,
        graph: RowGraph,
        part: Sequence[int],
        ways: Sequence[Way],
        readings: Sequence[Reading | None],
    ) -> NDArray[np.bool_]:
        """Which ways are right, (ways,)."""
        owners, fits, read = dict[int, int](), dict[int, float](), dict[int, bool]()
        present = set()
        for n in part:
            ink, reading = graph.arcs[n].ink, readings[n]
            if ink is None or reading is None:
                continue
            shared = self._shared(ink)
            owner = int((shared / np.maximum(ink.mask.sum(), self._sizes)).argmax())
            own = shared[owner] / self._sizes[owner]
            owners[n], fits[n] = owner, min(own, shared[owner] / ink.mask.sum())
            read[n] = reading.digit == self._labels[owner]
            if own > 0.5:
                present.add(owner)
        rules = (
            lambda n: fits[n] >= _OWN and read[n],
            lambda n: fits[n] >= _OWN,
            lambda n: fits[n] >= _OWN or (fits[n] >= _ENOUGH and read[n]),
        )
        digits = [[n for n in way if n in owners] for way in ways]
        whole = [sorted(owners[n] for n in way) == sorted(present) for way in digits]
        for rule in rules:
            right = [w and all(map(rule, way)) for w, way in zip(whole, digits, strict=True)]
            if any(right):
                break
        return np.array(right)


def _ink_of(digit: Written, reader: PageReader) -> InkPiece:
    """Where a digit of a sheet lies on the page that is read."""
    scale, matrix = reader.layout.scale, cv2.invertAffineTransform(reader.layout.matrix)
    strokes = [stroke * scale @ matrix[:, :2].T + matrix[:, 2] for stroke in digit.strokes]
    thick = max(1, round(digit.pen * scale)) + _ROOM
    points = np.concatenate(strokes)
    low = np.floor(points.min(axis=0)).astype(int) - thick
    width, height = np.ceil(points.max(axis=0)).astype(int) + thick - low
    drawn = np.zeros((height, width), np.uint8)
    draw_strokes(drawn, [stroke - low for stroke in strokes], thick)
    return InkPiece(int(low[0]), int(low[1]), drawn > 127)


def _count_shared(one: InkPiece, other: InkPiece) -> int:
    """How many pixels are of both."""
    left, top = max(one.left, other.left), max(one.top, other.top)
    right, bottom = min(one.right, other.right), min(one.bottom, other.bottom)
    if left >= right or top >= bottom:
        return 0
    a, b = (
        p.mask[top - p.top : bottom - p.top, left - p.left : right - p.left] for p in (one, other)
    )
    return int((a & b).sum())


def _measure(arc: Arc, reading: Reading | None) -> Floats:
    """All that is weighed of an arc, in the order of `present_weights`."""
    features = arc.compute_features(reading)
    by_class = np.zeros((len(BY_CLASS), len(BY_CLASS[0])))
    if reading is not None and reading.digit is not None:
        by_class[reading.digit] = arc.shape_features
    return np.concatenate([[features.get(name, 0.0) for name in WEIGHTS], by_class.ravel()])


def present_weights() -> dict[str, float]:
    """All weights as they are, by name."""
    names = "pieces", "aspect", "squared"
    by_class = {
        f"{digit}: {name}": value
        for digit, row in enumerate(BY_CLASS)
        for name, value in zip(names, row, strict=True)
    }
    return {**WEIGHTS, **by_class}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--count", type=int, default=370, metavar="N", help="[370]")


def fit_and_report(options: argparse.Namespace) -> Tables:
    """Fit, and compare the fitted weights with the present ones."""
    torch.set_num_threads(1)
    model = load_model(options)
    people = load_pen_digits(options.data)
    validation = people["validation"]
    digits = {
        "train": people["train"],
        "one half": [digit for digit in validation if half_of(digit.writer) == 0],
        "the other": [digit for digit in validation if half_of(digit.writer) == 1],
        "built-in": [
            PenDigit(digit.label, "built-in", "built-in", [line[:, :2] for line in digit.strokes])
            for digit in write_digits(3000, 1)
        ],
    }
    parts = {
        name: examples(draw_sheets(digits[name], round(share * options.count), seed), model)
        for seed, (name, share) in enumerate(_SHARES.items())
    }
    present = present_weights()
    before = np.array(list(present.values()))
    rows = []
    for half in ("one half", "the other"):
        others = list(chain.from_iterable(of for name, of in parts.items() if name != half))
        rows.append(report(half, "present", parts[half], before))
        rows.append(report(half, "fitted to others", parts[half], fit(others, before, _DECAY)))
    found = fit(list(chain.from_iterable(parts.values())), before, _DECAY)
    return {"parts": Table({"log_loss": "nats"}, rows), "weights": table_of(present, found)}


if __name__ == "__main__":
    run(__doc__, fit_and_report, add_options)
