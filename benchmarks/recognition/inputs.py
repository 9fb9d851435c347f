"""The network that is measured, and the real pen digits that it reads."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.command import NothingToMeasure
from trainer.data.pen_digits import UNIPEN_1A, PenDigit, assign_splits, find, read
from trainer.files import data_folder
from trainer.networks.model import Model, load, load_shipped

HELD_OUT = ("writers", "contributors")
"""The splits for testing: people of contributors that are trained on, and contributors of whom
nothing is trained on."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Contributors whose held-out people are reported together."""

    contributors: tuple[str, ...]
    split: str


COLLECTIONS = {
    "UNIPEN 1a, people": Collection(UNIPEN_1A, "writers"),
    "UNIPEN 1a, laboratories": Collection(UNIPEN_1A, "contributors"),
    "UNIPEN gmd": Collection(("gmd",), "writers"),
    "UNIPEN hpp": Collection(("hpp",), "writers"),
    "UCI pendigits": Collection(("pendigits",), "writers"),
    "UCI uji2": Collection(("uji2",), "writers"),
}
"""All whose digits are held out, by name. UNIPEN's category 1a, which was the whole dataset at
first, stands by itself, so that its figures stay comparable."""


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """The option for `load_pen_digits` and `load_collections`."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="default: LENET_DATA")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Options for `load_model` and `load_pen_digits`."""
    parser.add_argument("--model", type=Path, metavar="FILE", help="default: the built-in network")
    add_data_option(parser)


def load_model(options: argparse.Namespace) -> Model:
    """The network in `--model`, or the shipped one."""
    return load(options.model) if options.model else load_shipped()


def load_all_pen_digits(data: Path | None) -> list[PenDigit]:
    """The real pen digits.

    Args:
        data: the folder that holds them; None for the default.

    Raises:
        NothingToMeasure: there are none in the folder.
        DataError: a file is damaged.
    """
    folder = data_folder(data)
    files = find(folder)
    if files is None:
        raise NothingToMeasure(f"the real pen digits are not in {folder}")
    return read(files)


def load_collections(data: Path | None) -> dict[str, list[PenDigit]]:
    """The digits of the people held out, by collection; those that the folder has.

    Raises:
        NothingToMeasure: there are no pen digits in the folder.
        DataError: a file is damaged.
    """
    digits = load_all_pen_digits(data)
    pairs = list(zip(digits, assign_splits(digits), strict=True))
    by_collection = {
        name: [
            digit
            for digit, split in pairs
            if split == each.split and digit.contributor in each.contributors
        ]
        for name, each in COLLECTIONS.items()
    }
    return {name: digits for name, digits in by_collection.items() if digits}


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
    digits = load_all_pen_digits(data)
    wanted = set(contributors)
    by_split: dict[str, list[PenDigit]] = {}
    for digit, split in zip(digits, assign_splits(digits), strict=True):
        if (digit.contributor in wanted) is not others:
            by_split.setdefault(split, []).append(digit)
    return by_split
