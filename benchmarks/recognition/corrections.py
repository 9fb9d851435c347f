"""The effect of a few corrections: one person's digits learned, for each of twenty people.

    python -m benchmarks.recognition.corrections [--model FILE] [--data DIR] [--people SPLIT ...]

The people are held out: nobody of them, and nobody's digits, were trained on
(`trainer.data.pen_digits`: splits "writers" and "contributors"). Of all of them the
twenty who have most drawings left when three of each digit are taken out. These,
chosen by chance, are learned as "Learn from my digits" does; the others are
read before and after, as are MNIST's test set and the built-in one. Each seed
chooses other drawings, and other chance in learning.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables, row_of
from benchmarks.recognition.inputs import HELD_OUT, add_model_options, load_model, load_pen_digits
from trainer.data.labelled_images import LabelledImages
from trainer.data.pen_digits import PenDigit
from trainer.evaluation.report import evaluate
from trainer.files import data_folder
from trainer.my_digits.digit import OwnDigit, own_digit, render_digits
from trainer.my_digits.fine_tuning import (
    BUILT_IN,
    MNIST,
    FineTuningOptions,
    Known,
    fine_tune_network,
    load_rehearsal,
    load_test_sets,
    prepare_practice,
    record_answers,
)
from trainer.networks.model import Model
from trainer.progress import result_of

EACH = 3
"""Corrections a digit."""


@dataclass(frozen=True, slots=True)
class Trial:
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


def choose_people(digits: list[PenDigit], count: int) -> list[list[PenDigit]]:
    """The digits of the `count` people with most drawings left."""
    by_writer: dict[str, list[PenDigit]] = {}
    for digit in digits:
        by_writer.setdefault(digit.writer, []).append(digit)
    order = sorted(by_writer, key=lambda writer: (-left_after(by_writer[writer]), writer))
    return [by_writer[writer] for writer in order[:count]]


def choose_corrections(digits: list[PenDigit], seed: int) -> tuple[list[OwnDigit], list[OwnDigit]]:
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

    model: Model
    known: Known
    tests: dict[str, LabelledImages]
    before: dict[str, float]

    def trial(self, digits: list[PenDigit], seed: int) -> Trial:
        """Learn from one person, and measure."""
        corrections, rest = choose_corrections(digits, seed)
        method, model = FineTuningOptions(), self.model
        practice = result_of(prepare_practice(model, corrections, method, seed))
        network = result_of(fine_tune_network(model, practice, self.known, method, seed))
        left = render_digits(rest)
        change = {
            name: evaluate(network, test, model.recipe).accuracy - self.before[name]
            for name, test in self.tests.items()
        }
        return Trial(
            digits[0].writer,
            seed,
            len(corrections),
            len(rest),
            evaluate(model.network, left, model.recipe).accuracy,
            evaluate(network, left, model.recipe).accuracy,
            change[MNIST],
            change[BUILT_IN],
        )


def prepare(model: Model, data: Path) -> Bench:
    """Read, write and remember all that everyone needs."""
    known = result_of(
        record_answers(model, result_of(load_rehearsal(data)), FineTuningOptions(), seed=1)
    )
    tests = result_of(load_test_sets(data))
    before = {name: evaluate(model.network, t, model.recipe).accuracy for name, t in tests.items()}
    return Bench(model, known, tests, before)


def summarize(trials: list[Trial], name: str, before: dict[str, float]) -> Row:
    """Mean and worst of some trials."""

    def mean(key: str) -> float:
        return round(sum(float(getattr(trial, key)) for trial in trials) / len(trials), 6)

    def worst(key: str) -> float:
        return round(min(float(getattr(trial, key)) for trial in trials), 6)

    return {
        "trials_of": name,
        "trials": len(trials),
        "mean_before": mean("before"),
        "mean_after": mean("after"),
        "worst_before": worst("before"),
        "worst_after": worst("after"),
        "fewer_correct": sum(trial.after < trial.before for trial in trials),
        "mnist_before": round(before[MNIST], 6),
        "mnist_worst_after": round(before[MNIST] + worst("mnist"), 6),
        "built_in_before": round(before[BUILT_IN], 6),
        "built_in_worst_after": round(before[BUILT_IN] + worst("built_in"), 6),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", nargs="+", default=HELD_OUT, metavar="SPLIT")
    parser.add_argument("--count", type=int, default=20, help="how many people")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])


def measure(options: argparse.Namespace) -> Tables:
    """Learn from each person with each seed."""
    torch.set_num_threads(1)
    by_split = load_pen_digits(options.data)
    digits = [digit for split in options.people for digit in by_split.get(split, ())]
    bench = prepare(load_model(options), data_folder(options.data))
    if MNIST not in bench.tests:
        raise NothingToMeasure(f"MNIST is not in {data_folder(options.data)}")
    trials = []
    for seed in options.seeds:
        for drawn in choose_people(digits, options.count):
            trials.append(bench.trial(drawn, seed))
            progress(str(trials[-1]))
    names = ("before", "after", "mnist", "built_in")
    groups = {f"seed {seed}": [t for t in trials if t.seed == seed] for seed in options.seeds}
    groups["all"] = trials
    summaries = [summarize(those, name, bench.before) for name, those in groups.items()]
    counts = {"trials_of", "trials", "fewer_correct"}
    return {
        "trials": Table(dict.fromkeys(names, "share"), [row_of(trial) for trial in trials]),
        "summary": Table(
            {column: "share" for column in summaries[0] if column not in counts}, summaries
        ),
    }


if __name__ == "__main__":
    run(__doc__, measure, add_options)
