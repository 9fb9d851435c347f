"""How well numbers of several digits are read: "2026" written on one sheet.

    python -m benchmarks.recognition.several_digits [--data DIR] [--model FILE] [--people PART ...]
                                                    [--count N]

Numbers of 2 to 6 digits, N of each length, composed of one writer's pen digits
with natural spacing (`written_numbers.py` says how): whole numbers and digits
recognized correctly, and the correct count of digits. Then the same people's
neighboring digits where they wrote them, digits that touch or overlap, digits of
which some are joined to the next in one stroke, and how many single digits, drawn
alone on the paper, are split in two. PART is a split
of `trainer.data.pen_digits`: writers and contributors (people held out; the default), or
validation, to whom the weights are fitted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.command import NothingToMeasure, run
from benchmarks.measurement import Row, Table, Tables, row_of
from benchmarks.recognition.inputs import HELD_OUT, add_model_options, load_model, load_pen_digits
from benchmarks.recognition.written_numbers import (
    WrittenNumber,
    by_writer,
    compose,
    runs,
    usual_height,
)
from trainer.data.pen_digits import PenDigit
from trainer.drawing.sheet import PAPER, SMALLEST
from trainer.networks.model import Model
from trainer.reading.numbers import read_number

_FEW = 4
"""A writer of fewer digits lends none to a number."""
_JOINED = 0.3
"""The share of neighbors that are written without lifting the pen, where digits are joined."""
_SHARE_OF_PAPER = (0.3, 0.9)
"""How large a single digit is drawn, of the paper's side."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one kind of numbers was read; shares from 0 to 1."""

    people: str
    kind: str
    count: int
    whole: float  # numbers of which every digit is correct
    digits: float  # correct digits, of those written
    correct_count: float  # numbers with as many digits found as there are
    milliseconds: float  # of one processor for a number, the median


def count_correct_digits(written: Sequence[int], read: Sequence[int]) -> int:
    """How many written digits are read in their order: those that an edit of least cost keeps."""
    # Cost so far, and digits kept so far as a reward within equal cost.
    best = [(column, 0) for column in range(len(read) + 1)]
    for row, label in enumerate(written, 1):
        before, best = best, [(row, 0)]
        for column, found in enumerate(read, 1):
            kept = int(label == found)
            cost, reward = before[column - 1]
            ways = [(cost + 1 - kept, reward - kept)]
            ways += [(c + 1, r) for c, r in (before[column], best[column - 1])]
            best.append(min(ways))
    return -best[-1][1]


def score(model: Model, people: str, kind: str, numbers: Iterable[WrittenNumber]) -> Score:
    """Read numbers as the window does, one after the other."""
    whole, digits, written, counts, times = 0, 0, 0, 0, []
    for number in numbers:
        began = time.thread_time()
        found = read_number(model, number.strokes)
        times.append(1000 * (time.thread_time() - began))
        read = tuple(digit.prediction.digit for digit in found.digits)
        whole += read == number.labels
        digits += count_correct_digits(number.labels, read)
        written += len(number.labels)
        counts += len(read) == len(number.labels)
    n = len(times)
    if not n:
        return Score(people, kind, 0, 0.0, 0.0, 0.0, 0.0)
    return Score(people, kind, n, whole / n, digits / written, counts / n, float(np.median(times)))


def numbers(
    digits: Sequence[PenDigit],
    length: int,
    count: int,
    seed: int,
    *,
    touching: bool = False,
    joined: float = 0.0,
) -> Iterable[WrittenNumber]:
    """Numbers of random labels, all of a number's digits from one writer."""
    rng = np.random.default_rng([seed, length, touching])
    writers = [written for written in by_writer(digits) if len(written) >= _FEW]
    for _ in range(count):
        pool = writers[rng.integers(len(writers))]
        chosen = [pool[n] for n in rng.integers(len(pool), size=length)]
        yield compose(chosen, usual_height(pool), rng, touching=touching, joined=joined)


def count_torn(model: Model, digits: Sequence[PenDigit], seed: int) -> int:
    """How many single digits, each somewhere on the paper, are not taken as one."""
    rng = np.random.default_rng(seed)
    wrong = 0
    for digit in digits:
        points = np.concatenate(digit.strokes)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        scale = rng.uniform(*_SHARE_OF_PAPER) * PAPER / (float(span.max()) or 1.0)
        offset = rng.uniform(0, 1, 2) * (PAPER - span * scale)
        drawn = [(line - low) * scale + offset for line in digit.strokes]
        wrong += len(read_number(model, drawn, smallest=SMALLEST).digits) != 1
    return wrong


def score_all(model: Model, people: str, digits: Sequence[PenDigit], count: int) -> list[Score]:
    """All kinds of numbers of some people."""
    lengths = range(2, 7)
    found = [
        score(model, people, f"{length} digits", numbers(digits, length, count, seed=1))
        for length in lengths
    ]
    shares = np.array([[row.whole, row.digits, row.correct_count] for row in found])
    written = np.array(lengths)
    middle = float(np.median([row.milliseconds for row in found]))
    everything = replace(
        found[0],
        kind="2 to 6, all",
        count=count * len(found),
        whole=float(shares[:, 0].mean()),
        digits=float((shares[:, 1] * written).sum() / written.sum()),
        correct_count=float(shares[:, 2].mean()),
        milliseconds=middle,
    )
    neighbors = [run for written in by_writer(digits) for run in runs(written, 6)]
    close = (
        number
        for length in lengths
        for number in numbers(digits, length, count // 2, seed=2, touching=True)
    )
    in_one_stroke = (
        number
        for length in lengths
        for number in numbers(digits, length, count // 2, seed=4, joined=_JOINED)
    )
    return [
        *found,
        everything,
        score(model, people, "as written", neighbors),
        score(model, people, "touching", close),
        score(model, people, "joined", in_one_stroke),
    ]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", nargs="+", default=HELD_OUT, metavar="PART")
    parser.add_argument("--count", type=int, default=400, metavar="N", help="[400]")


def measure(options: argparse.Namespace) -> Tables:
    """Read all kinds of numbers of all the people asked for."""
    torch.set_num_threads(1)
    model = load_model(options)
    by_split = load_pen_digits(options.data)
    scores: list[Score] = []
    singles: list[Row] = []
    for part in options.people:
        people = by_split.get(part)
        if not people:
            raise NothingToMeasure(f"nobody is in {part!r}")
        scores += score_all(model, part, people, options.count)
        torn = count_torn(model, people, seed=3)
        singles.append({"people": part, "digits": len(people), "torn": torn})
    shares = dict.fromkeys(("whole", "digits", "correct_count"), "share")
    return {
        "numbers": Table(shares | {"milliseconds": "ms"}, [row_of(each) for each in scores]),
        "single_digits": Table({}, singles),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
