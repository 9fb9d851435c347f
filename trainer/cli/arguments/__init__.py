"""The arguments of all commands, and the options that several of them have.

Nothing here brings torch: a command line is understood before what it needs is imported.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from trainer.networks.builtin import BUILTIN
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _

__all__ = ["data", "installation", "networks"]


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """`--model`."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE|NAME",
        help=_("a model file, or a built-in network: {names}; default: the first").format(
            names=", ".join(BUILTIN)
        ),
    )


def add_dataset_option(parser: argparse.ArgumentParser, default: str | None, what: str) -> None:
    """`--dataset`; `what` says what it is for."""
    names = ", ".join(DATASETS)
    parser.add_argument(
        "--dataset",
        default=default,
        metavar="NAME|PATH",
        help=_(
            "{what}: {names}; my-digits; or your own data, a folder or a file (see `lenet data`)"
        ).format(what=what, names=names),
    )


def add_device_option(
    parser: argparse.ArgumentParser, default: str | None = "auto", help: str = ""
) -> None:
    """`--device`; `help` in place of what it says of the usual default."""
    parser.add_argument(
        "--device",
        default=default,
        choices=("auto", "cuda", "mps", "cpu"),
        help=help or _("where to compute; auto takes a GPU if there is one [auto]"),
    )


def add_data_option(parser: argparse.ArgumentParser, help: str = "") -> None:
    """`--data`; `help` for commands that don't download."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=help
        or _(
            "where datasets are or are downloaded to; default: the environment's LENET_DATA, "
            "else the user's data folder"
        ),
    )


def add_json_option(parser: argparse.ArgumentParser, what: str) -> None:
    """`--json`; `what` says what is printed then."""
    parser.add_argument(
        "--json", action="store_true", help=_("print JSON: {what}").format(what=what)
    )
