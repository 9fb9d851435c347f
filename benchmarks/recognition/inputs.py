"""The network that is measured, and the real pen digits that it reads."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from benchmarks.command import NothingToMeasure
from trainer.data.pen_digits import PenDigit, assign_splits, find, read
from trainer.files import data_folder
from trainer.networks.model import Model, load, load_shipped

UNIPEN_1A = ("aga", "apa", "apb", "app", "cea", "ceb", "ibm", "imp", "lou", "syn", "tos")
"""The contributors of UNIPEN's category 1a whose digits all recorded figures are about, so that
figures stay comparable where a data file holds more."""
HELD_OUT = ("writers", "contributors")
"""The splits for testing: people of contributors that are trained on, and contributors of whom
nothing is trained on."""


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Options for `load_model` and `load_pen_digits`."""
    parser.add_argument("--model", type=Path, metavar="FILE", help="default: the built-in network")
    parser.add_argument("--data", type=Path, metavar="DIR", help="default: LENET_DATA")


def load_model(options: argparse.Namespace) -> Model:
    """The network in `--model`, or the shipped one."""
    return load(options.model) if options.model else load_shipped()


def load_pen_digits(
    data: Path | None, contributors: Iterable[str] = UNIPEN_1A, *, others: bool = False
) -> dict[str, list[PenDigit]]:
    """The real pen digits by split.

    Args:
        data: the folder that holds them; None for the default.
        contributors: whose digits.
        others: take the digits of all others instead.

    Raises:
        NothingToMeasure: there are none in the folder.
        DataError: the file is damaged.
    """
    folder = data_folder(data)
    files = find(folder)
    if files is None:
        raise NothingToMeasure(f"the real pen digits are not in {folder}")
    digits = read(files)
    wanted = set(contributors)
    by_split: dict[str, list[PenDigit]] = {}
    for digit, split in zip(digits, assign_splits(digits), strict=True):
        if (digit.contributor in wanted) is not others:
            by_split.setdefault(split, []).append(digit)
    return by_split
