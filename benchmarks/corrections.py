"""What a few corrections bring: one person's digits learnt, for each of twenty people.

    python benchmarks/corrections.py [--model FILE] [--data DIR] [--people SPLIT ...] [--json]

The people are held out: nobody of them, and nobody's digits, were trained on
(`trainer/unipen.py`: splits "writers" and "contributors"). Of all of them the
twenty who have most drawings left when three of each digit are taken out. These,
chosen by chance, are learnt as "Learn from my digits" learns; the others are
read before and after, as are MNIST's test set and the built-in one. Each seed
chooses other drawings, and other chance in learning.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from trainer.data import unipen
from trainer.data.labelled_images import Digits
from trainer.data.unipen import PenDigit
from trainer.errors import UserError
from trainer.evaluation.scoring import evaluate
from trainer.files import data_folder
from trainer.my_digits.digit import OwnDigit, own_digit, pictures
from trainer.my_digits.fine_tuning import Known, Method, fine_tuned, practised, remembered
from trainer.my_digits.rehearsal import BUILT_IN, MNIST, known_pictures, test_sets
from trainer.networks import model as weights
from trainer.progress import result_of

EACH = 3
"""Corrections a digit."""


@dataclass(frozen=True, slots=True)
class Row:
    """What learning from one person's corrections did; accuracies and changes, 0 to 1."""

    writer: str
    seed: int
    corrections: int
    left: int
    before: float
    after: float
    mnist: float  # the change on MNIST's test set
    built_in: float


def left_after(digits: list[PenDigit]) -> int:
    """How many drawings are left when `EACH` of each digit, or all there are, are taken out."""
    return sum(max(0, n - EACH) for n in Counter(digit.label for digit in digits).values())


def people(path: Path, splits: list[str], count: int) -> dict[str, list[PenDigit]]:
    """The `count` people of these splits with most drawings left, by name."""
    digits = unipen.read(path)
    found: dict[str, list[PenDigit]] = {}
    for digit, split in zip(digits, unipen.splits(digits), strict=True):
        if split in splits:
            found.setdefault(digit.writer, []).append(digit)
    order = sorted(found, key=lambda writer: (-left_after(found[writer]), writer))
    return {writer: found[writer] for writer in order[:count]}


def chosen(digits: list[PenDigit], seed: int) -> tuple[list[OwnDigit], list[OwnDigit]]:
    """Corrections, at most `EACH` a digit, and the rest."""
    source = torch.Generator().manual_seed(seed)
    corrections: list[OwnDigit] = []
    rest: list[OwnDigit] = []
    seen: Counter[int] = Counter()
    for number in torch.randperm(len(digits), generator=source).tolist():
        digit = digits[number]
        seen[digit.label] += 1
        taken = corrections if seen[digit.label] <= EACH else rest
        taken.append(own_digit(digit.label, [stroke.tolist() for stroke in digit.strokes]))
    return corrections, rest


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What is the same for everyone."""

    model: weights.Model
    known: Known
    tests: dict[str, Digits]
    before: dict[str, float]

    def row(self, writer: str, digits: list[PenDigit], seed: int) -> Row:
        """Learn from one person, and measure."""
        corrections, rest = chosen(digits, seed)
        method, model = Method(), self.model
        practice = result_of(practised(model, corrections, method, seed))
        network = result_of(fine_tuned(model, practice, self.known, method, seed))
        left = pictures(rest)
        change = {
            name: evaluate(network, test, model.recipe).accuracy - self.before[name]
            for name, test in self.tests.items()
        }
        return Row(
            writer,
            seed,
            len(corrections),
            len(rest),
            evaluate(model.network, left, model.recipe).accuracy,
            evaluate(network, left, model.recipe).accuracy,
            change.get(MNIST, float("nan")),
            change[BUILT_IN],
        )


def prepared(model: weights.Model, data: Path) -> Bench:
    """Read, write and remember all that everyone needs."""
    known = result_of(remembered(model, result_of(known_pictures(data)), Method(), seed=1))
    tests = result_of(test_sets(data))
    before = {name: evaluate(model.network, t, model.recipe).accuracy for name, t in tests.items()}
    return Bench(model, known, tests, before)


def table(rows: list[Row], before: dict[str, float]) -> str:
    """A line a person, means over the seeds; then a line a seed."""
    line = "{:<18}{:>12}{:>7}{:>10}{:>10}{:>10}{:>10}"
    text = [line.format("writer", "corrections", "left", "before", "after", "MNIST", "built-in")]
    for writer in dict.fromkeys(row.writer for row in rows):
        of = [row for row in rows if row.writer == writer]
        means = (sum(getattr(row, key) for row in of) / len(of) for key in ("before", "after"))
        falls = (min(getattr(row, key) for row in of) for key in ("mnist", "built_in"))
        text.append(
            line.format(
                writer,
                of[0].corrections,
                of[0].left,
                *(f"{value:.2%}" for value in means),
                *(f"{value:+.2%}" for value in falls),
            )
        )
    text += ["", "before and after are means over the seeds; MNIST and built-in the worst change"]
    text.append(", ".join(f"{name} before: {value:.2%}" for name, value in before.items()))
    for seed in dict.fromkeys(row.seed for row in rows):
        text.append(summary([row for row in rows if row.seed == seed], f"seed {seed}"))
    text.append(summary(rows, "all"))
    return "\n".join(text)


def summary(rows: list[Row], name: str) -> str:
    """Mean and worst of some rows."""

    def mean(key: str) -> float:
        return sum(float(getattr(row, key)) for row in rows) / len(rows)

    worse = sum(row.after < row.before for row in rows)
    worst = (min(row.before for row in rows), min(row.after for row in rows))
    falls = (min(row.mnist for row in rows), min(row.built_in for row in rows))
    return (
        f"{name}: mean {mean('before'):.2%} -> {mean('after'):.2%}, "
        f"worst {worst[0]:.2%} -> {worst[1]:.2%}, {worse} of {len(rows)} worse; "
        f"MNIST mean {mean('mnist'):+.3%} worst {falls[0]:+.2%}, "
        f"built-in mean {mean('built_in'):+.3%} worst {falls[1]:+.2%}"
    )


def main() -> int:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--model", type=Path, metavar="FILE", help="default: the one that ships")
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--people", nargs="+", default=["writers", "contributors"], metavar="SPLIT")
    parser.add_argument("--count", type=int, default=20, help="how many people")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = data_folder(given.data)
    path = unipen.find(data)
    if path is None:
        print(f"the real pen digits are not in {data}", file=sys.stderr)
        return 2
    try:
        model = weights.load(given.model) if given.model else weights.shipped()
        bench = prepared(model, data)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    rows = []
    for seed in given.seeds:
        for writer, digits in people(path, given.people, given.count).items():
            rows.append(bench.row(writer, digits, seed))
            print(rows[-1], file=sys.stderr, flush=True)
    if given.json:
        print(json.dumps({"before": bench.before, "rows": [asdict(row) for row in rows]}, indent=1))
    else:
        print(table(rows, bench.before))
    return 0


if __name__ == "__main__":
    sys.exit(main())
