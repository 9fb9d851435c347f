"""How well numbers of several digits are read: "2026" written on one sheet.

    python benchmarks/several_digits.py [--data DIR] [--model FILE] [--people PART ...]
                                        [--count N] [--json]

Numbers of 2 to 6 digits, N of each length, composed of one writer's pen digits
with natural spacing (`written_numbers.py` says how): whole numbers and digits
read rightly, and the right count of digits. Then the same people's neighbouring
digits where they wrote them, digits that touch or overlap, and how many single
digits, drawn alone on the paper, are torn in two. PART is a split of
`trainer.data.unipen`: writers and contributors (people held out; the default), or
validation, on which the method was tuned.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from written_numbers import WrittenNumber, by_writer, compose, runs, usual_height

from trainer.data import unipen
from trainer.data.unipen import PenDigit
from trainer.drawing.sheet import PAPER, SMALLEST
from trainer.files import data_folder
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.reading.numbers import read_number

_FEW = 4
"""A writer of fewer digits lends none to a number."""
_SHARE_OF_PAPER = (0.3, 0.9)
"""How large a single digit is drawn, of the paper's side."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one kind of numbers was read; shares from 0 to 1."""

    people: str
    kind: str
    count: int
    whole: float  # numbers read rightly, every digit
    digits: float  # digits read rightly, of those written
    right_count: float  # numbers with as many digits found as there are
    milliseconds: float  # of one processor for a number, the median


def right_digits(written: Sequence[int], read: Sequence[int]) -> int:
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


def measured(model: Model, people: str, kind: str, numbers: Iterable[WrittenNumber]) -> Row:
    """Read numbers as the window does, one after the other."""
    whole, digits, written, counts, times = 0, 0, 0, 0, []
    for number in numbers:
        began = time.thread_time()
        found = read_number(model, number.strokes)
        times.append(1000 * (time.thread_time() - began))
        read = tuple(digit.prediction.digit for digit in found.digits)
        whole += read == number.labels
        digits += right_digits(number.labels, read)
        written += len(number.labels)
        counts += len(read) == len(number.labels)
    n = len(times)
    if not n:
        return Row(people, kind, 0, 0.0, 0.0, 0.0, 0.0)
    return Row(people, kind, n, whole / n, digits / written, counts / n, float(np.median(times)))


def numbers(
    digits: Sequence[PenDigit], length: int, count: int, seed: int, *, touching: bool = False
) -> Iterable[WrittenNumber]:
    """Numbers of random labels, all of a number's digits from one writer."""
    rng = np.random.default_rng([seed, length, touching])
    writers = [written for written in by_writer(digits) if len(written) >= _FEW]
    for _ in range(count):
        pool = writers[rng.integers(len(writers))]
        chosen = [pool[n] for n in rng.integers(len(pool), size=length)]
        yield compose(chosen, usual_height(pool), rng, touching=touching)


def torn(model: Model, digits: Sequence[PenDigit], seed: int) -> int:
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


def rows(model: Model, people: str, digits: Sequence[PenDigit], count: int) -> list[Row]:
    """All kinds of numbers of some people."""
    lengths = range(2, 7)
    found = [
        measured(model, people, f"{length} digits", numbers(digits, length, count, seed=1))
        for length in lengths
    ]
    shares = np.array([[row.whole, row.digits, row.right_count] for row in found])
    written = np.array(lengths)
    middle = float(np.median([row.milliseconds for row in found]))
    everything = replace(
        found[0],
        kind="2 to 6, all",
        count=count * len(found),
        whole=float(shares[:, 0].mean()),
        digits=float((shares[:, 1] * written).sum() / written.sum()),
        right_count=float(shares[:, 2].mean()),
        milliseconds=middle,
    )
    neighbours = [run for written in by_writer(digits) for run in runs(written, 6)]
    close = (
        number
        for length in lengths
        for number in numbers(digits, length, count // 2, seed=2, touching=True)
    )
    return [
        *found,
        everything,
        measured(model, people, "as written", neighbours),
        measured(model, people, "touching", close),
    ]


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--model", type=Path, metavar="FILE")
    parser.add_argument("--people", nargs="+", default=["writers", "contributors"], metavar="PART")
    parser.add_argument("--count", type=int, default=400, metavar="N", help="[400]")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = weights.load(given.model) if given.model else weights.shipped()
    place = unipen.find(data_folder(given.data))
    if place is None:
        raise SystemExit("there are no real pen digits in the data folder")
    digits = unipen.read(place)
    split = unipen.splits(digits)
    table: list[Row] = []
    singles: dict[str, tuple[int, int]] = {}
    for part in given.people:
        people = [digit for digit, of in zip(digits, split, strict=True) if of == part]
        if not people:
            raise SystemExit(f"nobody is in {part!r}")
        table += rows(model, part, people, given.count)
        singles[part] = (torn(model, people, seed=3), len(people))
    if given.json:
        print(json.dumps({"numbers": [asdict(row) for row in table], "torn": singles}))
        return
    line = "{:<14}{:<14}{:>7}{:>10}{:>10}{:>13}{:>8}"
    print(line.format("people", "numbers", "count", "whole", "digits", "right count", "ms"))
    for row in table:
        shares = (f"{share:.2%}" for share in (row.whole, row.digits, row.right_count))
        print(line.format(row.people, row.kind, row.count, *shares, f"{row.milliseconds:.1f}"))
    for part, (wrong, count) in singles.items():
        print(f"{part}: {wrong} of {count:,} single digits torn, {wrong / count:.2%}")


if __name__ == "__main__":
    main()
