"""The effect of a few corrections: one person's digits learned, for each of twenty people.

    python -m benchmarks.recognition.corrections [--model FILE] [--data DIR] [--people SPLIT ...]

The people are held out: nobody of them, and nobody's digits, were trained on
(`trainer.data.pen_digits`: splits "writers" and "contributors"). Of all of them the
twenty who have most drawings left when three of each digit are taken out. These,
chosen by chance, are learned as "Learn from my digits" does; the others are
read before and after, as are MNIST's test set and the built-in one. Each seed
chooses other drawings, and other chance in learning.

Then one form at a time: wherever a person held out, of any collection, writes a
digit so that it is read wrongly, or read correctly and not surely, three of that
digit are learned alone, wrongly read ones first, as people correct them; the
person's others of that digit show whether the form is learned for good.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.command import NothingToMeasure, progress, run
from benchmarks.measurement import Row, Table, Tables, row_of
from benchmarks.recognition.inputs import (
    HELD_OUT,
    add_model_options,
    load_collections,
    load_model,
    load_pen_digits,
)
from trainer.data.labelled_images import LabelledImages
from trainer.data.pen_digits import PenDigit
from trainer.drawing.rasterize import rasterize
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
from trainer.reading.predict import read_answers
from trainer.reading.verdict import Verdict

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
        taken.append(as_own(digit))
    return corrections, rest


def as_own(digit: PenDigit) -> OwnDigit:
    """The same drawing, as My digits keeps it."""
    return own_digit(digit.label, [stroke.tolist() for stroke in digit.strokes])


@dataclass(frozen=True, slots=True)
class FormTrial:
    """What three corrections of one digit did; accuracies and changes, 0 to 1."""

    writer: str
    digit: int
    left: int
    before: float  # of the person's others of this digit
    after: float
    mnist: float  # the change on MNIST's test set
    built_in: float


FEWEST_LEFT = 3
"""Drawings that must be left of a person's digit for its rate to mean anything."""


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
        before, after, change = self._learn(corrections, rest, seed)
        counts = len(corrections), len(rest)
        return Trial(
            digits[0].writer, seed, *counts, before, after, change[MNIST], change[BUILT_IN]
        )

    def form_trial(self, digits: list[PenDigit]) -> FormTrial:
        """Learn three of one person's drawings of one digit, the first ones, and measure."""
        own = [as_own(digit) for digit in digits]
        before, after, change = self._learn(own[:EACH], own[EACH:], seed=1)
        return FormTrial(
            digits[0].writer,
            digits[0].label,
            len(own) - EACH,
            before,
            after,
            change[MNIST],
            change[BUILT_IN],
        )

    def _learn(
        self, corrections: list[OwnDigit], rest: list[OwnDigit], seed: int
    ) -> tuple[float, float, dict[str, float]]:
        """The accuracy on the rest before and after learning, and the change on each test set."""
        method, model = FineTuningOptions(), self.model
        practice = result_of(prepare_practice(model, corrections, method, seed))
        network = result_of(fine_tune_network(model, practice, self.known, method, seed))
        left = render_digits(rest)
        change = {
            name: evaluate(network, test, model.recipe).accuracy - self.before[name]
            for name, test in self.tests.items()
        }
        before, after = (
            evaluate(each, left, model.recipe).accuracy for each in (model.network, network)
        )
        return before, after, change

    def choose_forms(self, digits: list[PenDigit]) -> list[list[PenDigit]]:
        """Each person's drawings of a digit that is not always read surely and correctly.

        The wrongly read ones come first, then those that are correct but not sure.
        """
        images = np.stack([rasterize(digit.strokes) for digit in digits])
        answers = read_answers(self.model, images)
        drawn: dict[tuple[str, int], list[tuple[int, PenDigit]]] = {}
        for digit, answer in zip(digits, answers, strict=True):
            correct, sure = answer.digit == digit.label, answer.verdict is Verdict.SURE
            rank = 0 if not correct else 2 if sure else 1
            drawn.setdefault((digit.writer, digit.label), []).append((rank, digit))
        return [
            [digit for _, digit in sorted(those, key=lambda each: each[0])]
            for _, those in sorted(drawn.items())
            if len(those) >= EACH + FEWEST_LEFT and min(rank for rank, _ in those) < 2
        ]


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


def summarize_forms(trials: list[FormTrial]) -> Row:
    """How often a form is learned for good."""
    lefts = sum(trial.left for trial in trials)
    return {
        "trials": len(trials),
        "mean_before": round(sum(t.before * t.left for t in trials) / lefts, 6),
        "mean_after": round(sum(t.after * t.left for t in trials) / lefts, 6),
        "worst_before": round(min(trial.before for trial in trials), 6),
        "worst_after": round(min(trial.after for trial in trials), 6),
        "mnist_worst": round(min(trial.mnist for trial in trials), 6),
        "built_in_worst": round(min(trial.built_in for trial in trials), 6),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", nargs="+", default=HELD_OUT, metavar="SPLIT")
    parser.add_argument("--count", type=int, default=20, help="how many people")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])


def measure(options: argparse.Namespace) -> Tables:
    """Learn from each person with each seed, and from each form that is not read surely."""
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
    everyone = [digit for those in load_collections(options.data).values() for digit in those]
    forms = []
    for drawn in bench.choose_forms(everyone):
        forms.append(bench.form_trial(drawn))
        progress(str(forms[-1]))
    return tabulate(trials, forms, bench.before)


def tabulate(trials: list[Trial], forms: list[FormTrial], before: dict[str, float]) -> Tables:
    """Each trial, and the summaries."""
    names = ("before", "after", "mnist", "built_in")
    shares = dict.fromkeys(names, "share")
    groups: dict[str, list[Trial]] = {
        f"seed {seed}": [] for seed in dict.fromkeys(trial.seed for trial in trials)
    }
    for trial in trials:
        groups[f"seed {trial.seed}"].append(trial)
    groups["all"] = trials
    summaries = [summarize(those, name, before) for name, those in groups.items()]
    counts = {"trials_of", "trials", "fewer_correct"}
    tables = {
        "trials": Table(shares, [row_of(trial) for trial in trials]),
        "summary": Table(
            {column: "share" for column in summaries[0] if column not in counts}, summaries
        ),
    }
    if forms:
        row = summarize_forms(forms)
        units = {column: "share" for column in row if column != "trials"}
        tables["forms"] = Table(shares, [row_of(trial) for trial in forms])
        tables["forms_summary"] = Table(units, [row])
    return tables


if __name__ == "__main__":
    run(__doc__, measure, add_options)
