"""What becomes of people's digits, counted by collection, digit and writer."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.recognition.verdicts import ReadDigit, accuracy_of_worst_writers, pair, tabulate
from trainer.data.pen_digits import PenDigit
from trainer.reading.predict import Answer
from trainer.reading.verdict import Verdict

DIGITS = [
    ReadDigit(1, "ann", True, Verdict.SURE),
    ReadDigit(1, "ann", True, Verdict.REJECTED),
    ReadDigit(7, "bob", False, Verdict.SURE),
    ReadDigit(7, "bob", True, Verdict.UNSURE),
]


def test_an_answer_is_compared_with_its_digit() -> None:
    digit = PenDigit(7, "ann", "gmd", [np.zeros((2, 2))])
    answers = [Answer(label, 0, (1.0,), Verdict.UNSURE) for label in (7, 1)]
    assert pair([digit, digit], answers) == [
        ReadDigit(7, "ann", True, Verdict.UNSURE),
        ReadDigit(7, "ann", False, Verdict.UNSURE),
    ]


def test_shares_are_of_all_digits() -> None:
    row = tabulate({"gmd": DIGITS})["collections"].where(collection="gmd")
    assert row == {
        "collection": "gmd",
        "digits": 4,
        "people": 2,
        "correct": 0.75,
        "sure_and_correct": 0.25,
        "rejected_although_correct": 0.25,
        "sure_and_wrong": 0.25,
        "worst_writers": 0.5,
    }


def test_collections_are_joined_and_taken_apart() -> None:
    tables = tabulate({"gmd": DIGITS[:2], "hpp": DIGITS[2:]})
    assert [row["collection"] for row in tables["collections"].rows] == ["gmd", "hpp", "all"]
    assert tables["collections"].where(collection="all")["correct"] == 0.75
    assert [(row["digit"], row["correct"]) for row in tables["digits"].rows] == [
        ("1", 1.0),
        ("7", 0.5),
    ]
    assert tables["collection_digits"].where(collection="hpp", digit="7")["digits"] == 2
    assert tables["collection_writers"].where(writer="bob")["correct"] == 0.5


@pytest.mark.parametrize(("people", "worst"), [(1, 0.0), (10, 0.0), (11, 0.5), (20, 0.5)])
def test_the_worst_tenth_is_of_whole_writers(people: int, worst: float) -> None:
    # One of them has no correct digit, and many digits; all others have one, which is correct.
    digits = [ReadDigit(1, "worst", False, Verdict.SURE)] * 50
    digits += [ReadDigit(1, f"writer {n}", True, Verdict.SURE) for n in range(1, people)]
    assert accuracy_of_worst_writers(digits) == worst
