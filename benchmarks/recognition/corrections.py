"""The effect of a few corrections: one person's digits learned, for each of twenty people.

    python -m benchmarks.recognition.corrections [--model FILE] [--data DIR] [--people SPLIT ...]

The people are held out: nobody of them, and nobody's digits, were trained on
(`trainer.data.pen_digits`: splits "writers" and "contributors"). Of all of them the
twenty who have most drawings left when three of each digit are taken out. These,
chosen by chance, are learned as "Learn from my digits" does; the others are
read before and after, as are MNIST's test set, the built-in one, and everyone else who is held
out, of all collections. Each seed chooses other drawings, and other chance in learning.

Then one form at a time: wherever a person held out, of any collection, writes a
digit so that it is misread at least `MISREAD` times, three of that digit are learned alone,
misread ones first, as people correct them, but for one; the person's others of that digit,
this one among them, show whether the form is learned for good. The built-in network misreads
few people's digits so often. So this is measured with another built-in network as well, which
knows MNIST alone and misreads more.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

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
from trainer.data.loading import list_missing, load
from trainer.data.pen_digits import PenDigit
from trainer.drawing.rasterize import rasterize
from trainer.files import data_folder
from trainer.my_digits.digit import OwnDigit, own_digit, render_digits
from trainer.my_digits.familiar import load_rehearsal
from trainer.my_digits.fine_tuning import (
    FineTuningOptions,
    Known,
    fine_tune_network,
    prepare_practice,
    record_answers,
)
from trainer.networks.builtin import BUILTIN
from trainer.networks.factory import prepare_images
from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model
from trainer.networks.model import load as load_file
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
    people: float  # the change on the digits of everyone else who is held out


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

    network: str
    writer: str
    digit: int
    seed: int
    left: int
    misread: int  # of those left, before
    before: float  # of the person's others of this digit
    after: float
    mnist: float
    built_in: float
    people: float


MISREAD = 2
"""Drawings of a person's digit that must be misread: one to learn from, and one to see it by."""
FEWEST_LEFT = 3
"""Drawings that must be left of a person's digit for its rate to mean anything."""
KNOWS_MNIST_ALONE = "lenet5-plain"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one learning did."""

    before: float  # accuracy on the remaining drawings, 0 to 1
    after: float
    change: dict[str, float]  # of the accuracy on each test set


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Digits as the convolutions see them, which learning leaves as they are."""

    features: torch.Tensor  # float32, (N, 400)
    labels: torch.Tensor  # int64, (N,)

    def read(self, network: LeNet5) -> NDArray[np.bool_]:
        """Which of them a network reads correctly, (N,)."""
        with torch.inference_mode():
            answers = network.head(self.features)[-1].argmax(1)
        correct: NDArray[np.bool_] = (answers == self.labels).numpy()
        return correct


def see(model: Model, digits: LabelledImages) -> Seen:
    """What the convolutions of a model make of digits."""
    with torch.inference_mode():
        parts = [
            _old(model).layers(prepare_images(part, model.recipe)).pool2.flatten(1)
            for part in digits.images.split(500)
        ]
    return Seen(torch.cat(parts), digits.labels)


def _old(model: Model) -> LeNet5:
    """The network before it learns."""
    assert isinstance(model.network, LeNet5)
    return model.network


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What is the same for everyone."""

    model: Model
    known: Known
    tests: dict[str, Seen]  # "mnist", "built_in", and "people": all who are held out
    writers: NDArray[np.str_]  # (N,), of "people"
    correct: dict[str, NDArray[np.bool_]]  # (N,), which of `tests` the network reads correctly

    def trial(self, digits: list[PenDigit], seed: int) -> Trial:
        """Learn from one person, and measure."""
        corrections, rest = choose_corrections(digits, seed)
        found = self._learn(corrections, rest, seed, digits[0].writer)
        return Trial(
            writer=digits[0].writer,
            seed=seed,
            corrections=len(corrections),
            left=len(rest),
            before=found.before,
            after=found.after,
            **found.change,
        )

    def form_trial(self, digits: list[PenDigit], misread: set[int], seed: int) -> FormTrial:
        """Learn three of one person's drawings of one digit, and measure.

        Args:
            digits: the drawings.
            misread: the places of those that are read wrongly, at least `MISREAD`.
            seed: decides which are learned, and all chance in learning.
        """
        order = np.random.default_rng(seed).permutation(len(digits)).tolist()
        order.sort(key=lambda place: place not in misread)
        kept = order.pop(min(EACH, len(misread) - 1))  # one that is misread is not learned from
        own = [as_own(digits[place]) for place in [*order[:EACH], kept, *order[EACH:]]]
        found = self._learn(own[:EACH], own[EACH:], seed, digits[0].writer)
        return FormTrial(
            network=self.model.name,
            writer=digits[0].writer,
            digit=digits[0].label,
            seed=seed,
            left=len(own) - EACH,
            misread=round((1 - found.before) * (len(own) - EACH)),
            before=found.before,
            after=found.after,
            **found.change,
        )

    def _learn(
        self, corrections: list[OwnDigit], rest: list[OwnDigit], seed: int, writer: str
    ) -> Effect:
        """Learn, and read the rest, the test sets and all but the writer before and after."""
        method, model = FineTuningOptions(), self.model
        practice = result_of(prepare_practice(model, corrections, method, seed))
        network = result_of(fine_tune_network(model, practice, self.known, method, seed))
        left = see(model, render_digits(rest))
        others = self.writers != writer
        change = {}
        for name, test in self.tests.items():
            gained = test.read(network).astype(float) - self.correct[name]
            change[name] = float((gained[others] if name == "people" else gained).mean())
        before, after = (float(left.read(each).mean()) for each in (_old(model), network))
        return Effect(before, after, change)

    def choose_forms(self, digits: list[PenDigit]) -> list[tuple[list[PenDigit], set[int]]]:
        """Each person's drawings of a digit that is misread, and the places of these.

        Args:
            digits: those of the test set "people", in their order.
        """
        drawn: dict[tuple[str, int], list[tuple[PenDigit, bool]]] = {}
        for digit, correct in zip(digits, self.correct["people"].tolist(), strict=True):
            drawn.setdefault((digit.writer, digit.label), []).append((digit, correct))
        found = []
        for _, those in sorted(drawn.items()):
            misread = {place for place, (_digit, correct) in enumerate(those) if not correct}
            if len(those) >= EACH + FEWEST_LEFT and len(misread) >= MISREAD:
                found.append(([digit for digit, _correct in those], misread))
        return found


def prepare(model: Model, data: Path, everyone: list[PenDigit]) -> Bench:
    """Read, write and remember all that everyone needs."""
    known = result_of(
        record_answers(model, result_of(load_rehearsal(data)), FineTuningOptions(), seed=1)
    )
    sets = {
        name: result_of(load(dataset, "test", data))
        for name, dataset in (("mnist", "mnist"), ("built_in", "pen"))
    }
    images = torch.from_numpy(np.stack([rasterize(digit.strokes) for digit in everyone]))
    sets["people"] = LabelledImages(images, torch.tensor([digit.label for digit in everyone]))
    tests = {name: see(model, digits) for name, digits in sets.items()}
    writers = np.array([digit.writer for digit in everyone])
    correct = {name: test.read(_old(model)) for name, test in tests.items()}
    return Bench(model, known, tests, writers, correct)


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
        "mnist_before": round(before["mnist"], 6),
        "mnist_worst_after": round(before["mnist"] + worst("mnist"), 6),
        "built_in_before": round(before["built_in"], 6),
        "built_in_worst_after": round(before["built_in"] + worst("built_in"), 6),
        "people_worst": worst("people"),
    }


def summarize_forms(trials: list[FormTrial]) -> Row:
    """How often a form is learned for good; the trials are of one network."""
    lefts = sum(trial.left for trial in trials)
    misread = sum(trial.misread for trial in trials)
    still = sum(round((1 - trial.after) * trial.left) for trial in trials)
    return {
        "network": trials[0].network,
        "people": len({trial.writer for trial in trials}),
        "trials": len(trials),
        "left": lefts,
        "misread_before": misread,
        "misread_after": still,
        "mean_before": round(sum(t.before * t.left for t in trials) / lefts, 6),
        "mean_after": round(sum(t.after * t.left for t in trials) / lefts, 6),
        "worst_before": round(min(trial.before for trial in trials), 6),
        "worst_after": round(min(trial.after for trial in trials), 6),
        "mnist_worst": round(min(trial.mnist for trial in trials), 6),
        "built_in_worst": round(min(trial.built_in for trial in trials), 6),
        "people_worst": round(min(trial.people for trial in trials), 6),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--people", nargs="+", default=HELD_OUT, metavar="SPLIT")
    parser.add_argument("--count", type=int, default=20, help="how many people")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])


def measure(options: argparse.Namespace) -> Tables:
    """Learn from each person with each seed, and from each form that is misread."""
    torch.set_num_threads(1)
    data = data_folder(options.data)
    if list_missing("mnist", data):
        raise NothingToMeasure(f"MNIST is not in {data}")
    by_split = load_pen_digits(options.data)
    digits = [digit for split in options.people for digit in by_split.get(split, ())]
    everyone = [digit for those in load_collections(options.data).values() for digit in those]
    bench = prepare(load_model(options), data, everyone)
    trials = []
    for seed in options.seeds:
        for drawn in choose_people(digits, options.count):
            trials.append(bench.trial(drawn, seed))
            progress(str(trials[-1]))
    others = prepare(load_file(BUILTIN[KNOWS_MNIST_ALONE].path), data, everyone)
    forms = []
    for each in (bench, others):
        for drawn, misread in each.choose_forms(everyone):
            for seed in options.seeds:
                forms.append(each.form_trial(drawn, misread, seed))
                progress(str(forms[-1]))
    before = {name: float(correct.mean()) for name, correct in bench.correct.items()}
    return tabulate(trials, forms, before)


def tabulate(trials: list[Trial], forms: list[FormTrial], before: dict[str, float]) -> Tables:
    """Each trial, and the summaries."""
    names = ("before", "after", "mnist", "built_in", "people")
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
        networks = dict.fromkeys(trial.network for trial in forms)
        rows = [summarize_forms([t for t in forms if t.network == name]) for name in networks]
        names_and_counts = ("network", "people", "trials", "left", "misread_before")
        units = {
            column: "share"
            for column in rows[0]
            if column not in (*names_and_counts, "misread_after")
        }
        tables["forms"] = Table(shares, [row_of(trial) for trial in forms])
        tables["forms_summary"] = Table(units, rows)
    return tables


if __name__ == "__main__":
    run(__doc__, measure, add_options)
