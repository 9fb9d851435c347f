"""Who wrote the real pen digits: people and digits by contributor and split.

    python -m benchmarks.recognition.people [--data DIR]

Counts; reads no digit.
"""

from __future__ import annotations

import argparse
from collections import Counter

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.inputs import add_data_option, load_all_pen_digits
from trainer.data.pen_digits import PenDigit, assign_splits
from trainer.files import data_folder

SPLITS = ("train", "validation", "writers", "contributors")


def count(name: str, digits: list[tuple[PenDigit, str]]) -> Row:
    """How many people and digits each split has.

    Args:
        name: of the row.
        digits: and their splits.
    """
    row: Row = {"contributor": name}
    counts = Counter(split for _, split in digits)
    for split in SPLITS:
        row[f"{split}_people"] = len({digit.writer for digit, of in digits if of == split})
        row[f"{split}_digits"] = counts[split]
    return row


def measure(options: argparse.Namespace) -> Tables:
    """A row for each contributor, and one for all."""
    digits = load_all_pen_digits(data_folder(options.data))
    pairs = list(zip(digits, assign_splits(digits), strict=True))
    contributors = dict.fromkeys(digit.contributor for digit in digits)
    rows = [
        count(name, [pair for pair in pairs if pair[0].contributor == name])
        for name in contributors
    ]
    return {"people": Table({}, [*rows, count("all", pairs)])}


if __name__ == "__main__":
    run(__doc__, measure, add_data_option)
