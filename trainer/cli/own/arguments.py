"""The options of the commands about one's own data and classes; brings no torch."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainer.translation import gettext as _

AddJson = Callable[[argparse.ArgumentParser, str], None]
"""Adds `--json`, with what is printed then."""


def add_data(subparsers: Any, add_json: AddJson) -> None:
    """`lenet data`."""
    data = subparsers.add_parser(
        "data",
        help=_("show what your own data are"),
        description=_(
            "Show what --dataset would take your own data for: classes, pictures, how they "
            "are divided and drawn, what is left out and why. Taken are a folder with a folder of "
            "pictures for each class, IDX files, CSV, NPZ, tensors (PT), a Hugging Face dataset "
            "(parquet), and drawings (JSON)."
        ),
        epilog=_("Example: lenet data letters --picture samples.png"),
    )
    data.add_argument("path", type=Path, metavar="PATH", help=_("a folder or a file, or my-digits"))
    data.add_argument(
        "--color",
        choices=("auto", "gray", "color"),
        default="auto",
        help=_("draw at 28x28 in gray, at 32x32 in color, or as most pictures are [auto]"),
    )
    data.add_argument("--picture", type=Path, metavar="FILE", help=_("draw samples there, as PNG"))
    add_json(
        data,
        _(
            "one object: path, dataset (for recipes), format, count, color, sizes, split, classes "
            "(a list of name, train, validation, test), notes, skipped"
        ),
    )
    data.set_defaults(command="own.data:data")


def add_classes(subparsers: Any, add_json: AddJson) -> None:
    """`lenet classes`."""
    classes = subparsers.add_parser(
        "classes",
        help=_("merge sets of drawings of your own classes, and learn them"),
        description=_(
            "Show what is in a file of your own classes, or in several merged, as of "
            "a whole class of pupils; rename and join classes; train a network on them in seconds."
        ),
        epilog=_("Example: lenet classes ann.json.gz ben.json.gz --train forms.safetensors"),
    )
    classes.add_argument("files", nargs="+", type=Path, metavar="FILE", help=_("files of classes"))
    changes = {
        "rename": ("OLD=NEW", _("give a class another name")),
        "merge": ("ONE=OTHER", _("put the drawings of one class into another")),
        "remove": ("NAME", _("leave a class out")),
    }
    for name, (what, help) in changes.items():
        again = _("{what}; may be given several times").format(what=help)
        classes.add_argument(f"--{name}", action="append", default=[], metavar=what, help=again)
    classes.add_argument("--out", type=Path, metavar="FILE", help=_("write the set there"))
    classes.add_argument(
        "--train",
        type=Path,
        metavar="FILE",
        help=_("train a network, and write its model there"),
    )
    classes.add_argument(
        "--start",
        type=Path,
        metavar="FILE|nothing",
        help=_("whose convolutions are kept, or nothing; default: the network that ships"),
    )
    classes.add_argument("--seed", type=int, default=1, metavar="N", help=_("decides all [1]"))
    add_json(
        classes,
        _(
            "one object: classes (drawings by name), writers; with --train also accuracy (0 to 1), "
            "tested, by_writer"
        ),
    )
    classes.set_defaults(command="own.classes:classes")
