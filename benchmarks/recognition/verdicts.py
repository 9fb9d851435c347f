"""What becomes of the digits of many people: by collection, by digit and by writer.

What `accuracy` reports of the people held out; measures nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measurement import Row, Table, Tables
from trainer.data.pen_digits import PenDigit
from trainer.reading.predict import Answer
from trainer.reading.verdict import Verdict

WORST = 0.1
"""The share of writers, those read worst, whose mean accuracy is reported."""
SHARES = ("correct", "sure_and_correct", "rejected_although_correct", "sure_and_wrong")


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """A digit and what the network says of it."""

    label: int
    writer: str
    correct: bool
    verdict: Verdict


def pair(digits: Sequence[PenDigit], answers: Sequence[Answer]) -> list[ReadDigit]:
    """Each digit with its answer."""
    return [
        ReadDigit(digit.label, digit.writer, answer.digit == digit.label, answer.verdict)
        for digit, answer in zip(digits, answers, strict=True)
    ]


def count(digits: Sequence[ReadDigit]) -> Row:
    """How many digits by how many people, and the shares of what became of them."""
    outcomes = {
        "correct": [digit.correct for digit in digits],
        "sure_and_correct": [d.correct and d.verdict is Verdict.SURE for d in digits],
        "rejected_although_correct": [d.correct and d.verdict is Verdict.REJECTED for d in digits],
        "sure_and_wrong": [not d.correct and d.verdict is Verdict.SURE for d in digits],
    }
    shares = {name: round(sum(each) / len(digits), 6) for name, each in outcomes.items()}
    people = {digit.writer for digit in digits}
    worst = round(accuracy_of_worst_writers(digits), 6)
    return {"digits": len(digits), "people": len(people), **shares, "worst_writers": worst}


def accuracy_of_worst_writers(digits: Sequence[ReadDigit]) -> float:
    """The mean accuracy of the `WORST` share of writers, rounded up to whole ones.

    Each of them counts the same, however many digits there are by them.
    """
    by_writer = group(digits, lambda digit: digit.writer)
    accuracies = sorted(
        sum(digit.correct for digit in each) / len(each) for each in by_writer.values()
    )
    worst = accuracies[: math.ceil(WORST * len(accuracies))]
    return sum(worst) / len(worst)


def group(
    digits: Sequence[ReadDigit], key: Callable[[ReadDigit], str]
) -> dict[str, list[ReadDigit]]:
    """The digits by a key, in the keys' order."""
    groups: dict[str, list[ReadDigit]] = {}
    for digit in digits:
        groups.setdefault(key(digit), []).append(digit)
    return dict(sorted(groups.items()))


def tabulate(collections: Mapping[str, Sequence[ReadDigit]]) -> Tables:
    """Tables of collections, of digits, of each collection's digits, and of its writers.

    Args:
        collections: the digits by the collection's name, none of them empty.
    """
    everything = [digit for digits in collections.values() for digit in digits]
    rows: dict[str, list[Row]] = {"collection_digits": [], "collection_writers": []}
    for name, digits in collections.items():
        for label, of_label in group(digits, lambda digit: str(digit.label)).items():
            rows["collection_digits"].append(
                {"collection": name, "digit": label, **count(of_label)}
            )
        for writer, of_writer in group(digits, lambda digit: digit.writer).items():
            row = {"collection": name, "writer": writer, **count(of_writer)}
            del row["people"], row["worst_writers"]
            rows["collection_writers"].append(row)
    rows["collections"] = [
        {"collection": name, **count(digits)}
        for name, digits in {**collections, "all": everything}.items()
    ]
    rows["digits"] = [
        {"digit": label, **count(digits)}
        for label, digits in group(everything, lambda digit: str(digit.label)).items()
    ]
    units = dict.fromkeys((*SHARES, "worst_writers"), "share")
    tables = {name: Table(units, each) for name, each in rows.items()}
    tables["collection_writers"] = Table(dict.fromkeys(SHARES, "share"), rows["collection_writers"])
    return tables
