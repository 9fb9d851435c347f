"""Fit the weights of the segmentation to numbers composed of real and built-in digits.

    python -m benchmarks.recognition.fit_segmentation [--data DIR] [--count N] [--model FILE]

Only people kept for validation are fitted to, since the network is surer of those that it was
trained on. Their writers are halved: each half is fitted to and reported on the other half,
then both are fitted to for the weights. The present weights choose which divisions are
considered, so that a second run with what the first printed goes a little further. Reports
the log-loss and how many parts of a drawing are divided incorrectly, with the present and the
fitted weights, and the weights.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.command import progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.inputs import add_model_options, load_all_pen_digits, load_model
from benchmarks.recognition.written_numbers import (
    WrittenNumber,
    by_writer,
    compose,
    runs,
    usual_height,
)
from trainer.data.pen_digits import PenDigit, assign_splits
from trainer.drawing.rasterize import even_pen_widths
from trainer.drawing.segmentation import link_features, outline_features
from trainer.drawing.segmentation_graph import Group, is_dropped
from trainer.handwriting.font import write_digits
from trainer.networks.model import Model
from trainer.reading.arcs import (
    BY_CLASS,
    GEOMETRY,
    READ,
    class_features,
    reading_features,
)
from trainer.reading.interpretation import Interpretation
from trainer.reading.numbers import NumberReader

Floats = NDArray[np.float64]

_FEW = 8
"""Writers of fewer digits compose no number."""
_BUILT_IN, _SINGLE, _TOUCHING, _JOINED, _LIFTED, _LATE, _SHUFFLED = (
    0.2, 0.3, 0.3, 0.25, 0.04, 0.06, 0.06
)  # fmt: skip
"""How many numbers are of built-in digits, of one digit alone, touch, or are joined here and
there without lifting the pen; how many digits have a
stroke broken in two by a lifted pen; how many numbers have a stroke added at the end, or digits
written in another order than they are read."""
_SINGLE_WEIGHT = 10.0
"""How much more a digit alone counts: most drawings are one, and it must not be torn."""
_DECAY = 3e-4
"""How much weights are drawn to the present ones, which were fitted to other numbers."""
_WAYS = 30
"""Divisions of a part that are considered at most."""
_OWN = 0.85
"""How much of a group's ink must be of one digit, and of a digit's ink in its group."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A part of a drawing that may be divided in several ways."""

    measured: Floats  # (ways, weights), what is weighed
    right: NDArray[np.bool_]  # (ways,), the true ones: a ligature may go with either digit
    weight: float


def numbers(digits: Sequence[PenDigit], count: int, seed: int) -> Iterator[WrittenNumber]:
    """Numbers to learn from, and the neighbors that these writers wrote."""
    rng = np.random.default_rng(seed)
    writers = [written for written in by_writer(digits) if len(written) >= _FEW]
    built_in = [
        PenDigit(digit.label, "built-in", "built-in", [line[:, :2] for line in digit.strokes])
        for digit in write_digits(3000, seed)
    ]
    for _ in range(count):
        pool = built_in if rng.random() < _BUILT_IN else writers[rng.integers(len(writers))]
        length = 1 if rng.random() < _SINGLE else int(rng.integers(2, 6))
        chosen = [_lifted(pool[n], rng) for n in rng.integers(len(pool), size=length)]
        kind = rng.random()
        touching, joined = kind < _TOUCHING, 0.4 * (kind > 1 - _JOINED)
        usual = usual_height(pool[:200])
        number = compose(chosen, usual, rng, touching=touching, joined=joined)
        yield _slanted(_otherwise_ordered(number, rng), rng)
    for written in writers:
        yield from runs(written, 6)


def _lifted(digit: PenDigit, rng: np.random.Generator) -> PenDigit:
    """Now and then with its longest stroke broken in two, the halves not quite in line."""
    strokes = list(digit.strokes)
    longest = max(range(len(strokes)), key=lambda n: len(strokes[n]))
    line = strokes[longest]
    if rng.random() >= _LIFTED or len(line) < 8:
        return digit
    cut = int(rng.integers(3, len(line) - 3))
    moved = rng.normal(0, 0.02, 2) * np.ptp(line, axis=0).max()
    strokes[longest : longest + 1] = [line[: cut + 1], line[cut:] + moved]
    return PenDigit(digit.label, digit.writer, digit.contributor, strokes)


def _otherwise_ordered(number: WrittenNumber, rng: np.random.Generator) -> WrittenNumber:
    """Now and then with a bar added at the end, or digits written in any order."""
    owners = [int(of.max()) for of in number.owners]
    order = list(range(len(owners)))
    bars = [n for n in order[1:] if owners[n] == owners[n - 1]]
    if bars and rng.random() < _LATE:
        late = bars[rng.integers(len(bars))]
        order = [n for n in order if n != late] + [late]
    if rng.random() < _SHUFFLED:
        place = rng.permutation(len(number.labels))
        order.sort(key=lambda n: int(place[owners[n]]))
    return WrittenNumber(
        number.labels,
        [number.strokes[n] for n in order],
        tuple(number.owners[n] for n in order),
    )


def _slanted(number: WrittenNumber, rng: np.random.Generator) -> WrittenNumber:
    lean = np.array([[1, 0], [rng.normal(0, 0.15), 1]])
    return WrittenNumber(number.labels, [line @ lean for line in number.strokes], number.owners)


def examples(written: Iterator[WrittenNumber], model: Model) -> list[Example]:
    """All parts of drawings that may be divided in several ways, one of them the true one."""
    reader, kept, lost = NumberReader(), [], 0
    for number in written:
        found = reader.interpret(model, even_pen_widths(number.strokes))
        weight = _SINGLE_WEIGHT if len(number.labels) == 1 else 1.0
        known: dict[Group, Floats] = {}
        for ways in found.best_paths(_WAYS):
            if len(ways) == 1:
                continue
            right = np.array([_is_true(found, division, number) for division, _ in ways])
            if not right.any():
                lost += 1
                continue
            for division, _ in ways:
                known |= {g: _measured(found, g) for g in division if g not in known}
            measured = np.stack([sum(known[g] for g in division) for division, _ in ways])
            kept.append(Example(measured, right, weight))
    progress(f"{len(kept):,} parts; {lost} without the true division")
    return kept


def _is_true(found: Interpretation, division: Sequence[Group], number: WrittenNumber) -> bool:
    """Whether each group is of one digit, and no digit is in two."""
    written = {}
    for digit in range(len(number.labels)):
        written[digit] = sum(int((of == digit).sum()) for of in number.owners)
    taken = []
    for group in division:
        if is_dropped(group):
            continue
        counts = np.zeros(len(number.labels))
        for piece in found.pieces_of(group):
            of = number.owners[piece.stroke]
            places = np.arange(len(of))
            of = of[(places >= piece.begin) & (places <= piece.end)]
            counts += np.bincount(of[of >= 0], minlength=len(counts))
        digit = int(counts.argmax())
        if counts[digit] < _OWN * max(counts.sum(), written[digit]):
            return False
        taken.append(digit)
    return len(taken) == len(set(taken))


def _measured(found: Interpretation, group: Group) -> Floats:
    owners = found.ink.owners
    pairs = [(a, b) for a, b in combinations(group, 2) if owners[a] != owners[b]]
    first, second = (np.array([pair[side] for pair in pairs], np.intp) for side in (0, 1))
    links = link_features(found.ink, first, second).sum(axis=0)
    geometry = np.concatenate([links, outline_features(found.ink, group)])
    of_classes = np.zeros((len(BY_CLASS), len(BY_CLASS[0])))
    arc = found.read.get(group)
    if arc is None:
        return np.concatenate([geometry, [0.0] * len(READ), of_classes.ravel()])
    of_classes[arc.digit] = class_features(found.ink, group)
    read = reading_features(found.ink, group, arc)
    return np.concatenate([geometry, read, of_classes.ravel()])


def fit(parts: Sequence[Example], present: Floats, decay: float = _DECAY) -> Floats:
    """The weights that make the true divisions likeliest, a little drawn to the present ones."""
    ways = max(len(part.measured) for part in parts)
    measured = np.zeros((len(parts), ways, parts[0].measured.shape[1]))
    absent = np.full((len(parts), ways), -1e9)
    for n, part in enumerate(parts):
        measured[n, : len(part.measured)] = part.measured
        absent[n, : len(part.measured)] = 0
    values = measured.reshape(-1, measured.shape[2])
    # What is seldom seen has little spread, and would be given any weight.
    spread = values.std(axis=0) + 0.05 * np.abs(values).max(axis=0) + 1e-9
    inputs, mask = torch.from_numpy(measured / spread), torch.from_numpy(absent)
    wrong = np.full(absent.shape, -1e9)
    for n, part in enumerate(parts):
        wrong[n, : len(part.right)][part.right] = 0
    true = torch.from_numpy(wrong)
    counts = torch.tensor([part.weight for part in parts])
    start = torch.from_numpy(present * spread)
    found = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([found], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        merits = inputs @ found
        each = (merits + mask).logsumexp(1) - (merits + true).logsumexp(1)
        total = (each * counts).sum() / counts.sum() + decay * ((found - start) ** 2).sum()
        total.backward()
        return total

    optimizer.step(loss)
    return np.asarray(found.detach().numpy() / spread)


def report(people: str, weights: str, parts: Sequence[Example], found: Floats) -> Row:
    """How these weights do on some people's parts of drawings."""
    wrong, losses = 0, []
    for part in parts:
        merit = part.measured @ found
        wrong += not part.right[merit.argmax()]
        right = np.logaddexp.reduce(merit[part.right])
        losses.append(float(np.logaddexp.reduce(merit) - right))
    loss = round(float(np.mean(losses)), 4)
    return {
        "people": people, "weights": weights, "parts": len(parts), "wrong": wrong, "log_loss": loss,
    }  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_model_options(parser)
    parser.add_argument("--count", type=int, default=6000, metavar="N", help="[6000]")


def present_weights() -> dict[str, float]:
    """All weights as they are, by name, in the order of what is measured."""
    by_class = {
        f"{digit}: {name}": value
        for digit, row in enumerate(BY_CLASS)
        for name, value in zip(("2 strokes", "more", "aspect", "squared"), row, strict=True)
    }
    return {**GEOMETRY, **READ, **by_class}


def half_of(writer: str) -> int:
    """In which half of the people a writer is, 0 or 1."""
    return hashlib.sha256(writer.encode()).digest()[4] % 2


def fit_and_report(options: argparse.Namespace) -> Tables:
    """Fit, and compare the fitted weights with the present ones."""
    torch.set_num_threads(1)
    model = load_model(options)
    digits = load_all_pen_digits(options.data)
    people = [
        digit
        for digit, split in zip(digits, assign_splits(digits), strict=True)
        if split == "validation"
    ]
    halves = [
        examples(
            numbers([d for d in people if half_of(d.writer) == half], options.count // 2, half),
            model,
        )
        for half in (0, 1)
    ]
    present = present_weights()
    before = np.array(list(present.values()))
    rows = []
    for half, name in enumerate(("one half", "the other")):
        rows.append(report(name, "present", halves[half], before))
        fitted = fit(halves[1 - half], before)
        rows.append(report(name, "fitted to the other", halves[half], fitted))
    found = fit([*halves[0], *halves[1]], before)
    return {
        "parts": Table({"log_loss": "nats"}, rows),
        "weights": table_of(present, found),
    }


def table_of(present: dict[str, float], found: Floats) -> Table:
    """The weights by name, before and after the fit."""
    return Table(
        {},
        [
            {"weight": name, "present": float(before), "fitted": round(float(after), 2)}
            for (name, before), after in zip(present.items(), found, strict=True)
        ],
    )


if __name__ == "__main__":
    run(__doc__, fit_and_report, add_options)
