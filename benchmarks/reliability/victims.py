"""What is killed: the program's command line, and loops that keep, save or export without end.

    python -m benchmarks.reliability.victims lenet ARGUMENT ...     `lenet` with few built-in digits
    python -m benchmarks.reliability.victims keep|save|export FILE

The loops print a line for each digit or file that they have been told is written.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from trainer.cli import parser
from trainer.data import pen
from trainer.my_digits.digit import export, own_digit
from trainer.my_digits.store import MyDigits
from trainer.networks import model as weights

FEW = {"train": 300, "test": 100}
"""Digits of the dataset `pen`, so that a run takes a moment."""


def keep(path: Path) -> None:
    """Keep one digit after the other."""
    mine = MyDigits(path)
    for number in itertools.count():
        digit = mine.add(own_digit(number % 10, [[(number, 1), (number, 9)]] * (1 + number % 7)))
        print(digit.id, flush=True)


def save(path: Path) -> None:
    """Save two networks in turn."""
    model = weights.load_shipped()
    for number in itertools.count():
        weights.save(dataclasses.replace(model, history={"epochs": number % 2}), path)
        print(number, flush=True)


def export_digits(path: Path) -> None:
    """Export a hundred digits, then two hundred, in turn."""
    digits = [own_digit(n % 10, [[(n, 1), (n, 9)]]) for n in range(200)]
    for number in itertools.count():
        export(digits[: 100 * (1 + number % 2)], path)
        print(number, flush=True)


def main(arguments: list[str]) -> int:
    """Do what is asked for until it is done or this process is killed."""
    what, *rest = arguments
    if what == "lenet":
        pen.WRITTEN.update(FEW)
        return parser.main(rest)
    {"keep": keep, "save": save, "export": export_digits}[what](Path(rest[0]))
    return 0


def begin(arguments: list[str], output: Connection) -> None:
    """`main` in a process that was forked, with what it prints going to `output`."""
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    output.close()
    # As those of a program that begins: the former ones may have been files.
    sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))  # noqa: SIM115
    sys.exit(main(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
