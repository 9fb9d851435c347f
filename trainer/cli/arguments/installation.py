"""The options of `lenet doctor`, `lenet completion` and `lenet bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.cli.arguments import add_data_option, add_json_option
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _

SHELLS = ("bash", "zsh", "tcsh")


def add_doctor(subparsers: Any) -> None:
    """`lenet doctor`."""
    doctor = subparsers.add_parser(
        "doctor",
        help=_("check this installation"),
        description=_(
            "Show what a report of a fault needs: versions, devices, folders, fonts, free space, "
            "optional parts, and what is wrong. The status is 1 if anything is."
        ),
    )
    add_data_option(doctor)
    add_json_option(
        doctor,
        _(
            "one object: program, libraries, extras, devices, display, folders, datasets, fonts, "
            "and problems, a list"
        ),
    )
    doctor.set_defaults(command="installation.doctor:doctor")


def add_completion(subparsers: Any) -> None:
    """`lenet completion`."""
    completion = subparsers.add_parser(
        "completion",
        help=_("complete commands in your shell"),
        description=_("Print a script that lets a shell complete commands and options."),
        epilog=_('Example: eval "$(lenet completion bash)", as a line of ~/.bashrc'),
    )
    completion.add_argument("shell", choices=SHELLS, help=_("which shell"))
    completion.set_defaults(command="installation.completion:completion")


def add_bundle(subparsers: Any) -> None:
    """`lenet bundle`."""
    bundle = subparsers.add_parser(
        "bundle",
        help=_("collect what a class without a network connection needs"),
        description=_(
            "Collect into one folder what computers without a network connection need: a list of "
            "all packages with their versions, datasets and networks. With LENET_BUNDLE=FOLDER in "
            "the environment, the program takes datasets and networks from there."
        ),
        epilog=_("Example: lenet bundle lab --dataset mnist --dataset fashion --wheels"),
    )
    bundle.add_argument("folder", type=Path, metavar="FOLDER", help=_("made if it is not there"))
    bundle.add_argument(
        "--dataset",
        action="append",
        choices=tuple(name for name in DATASETS if "+" not in name and name != "pen"),
        help=_("may be given several times; what is missing here is downloaded; default: mnist"),
    )
    bundle.add_argument(
        "--model",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help=_("a network to take along; may be given several times"),
    )
    bundle.add_argument(
        "--wheels",
        action="store_true",
        help=_("also download all packages with pip, for computers like this one, and list "
               "their checksums"),
    )  # fmt: skip
    bundle.add_argument(
        "--check", action="store_true", help=_("only see whether a bundle is whole")
    )
    add_data_option(bundle)
    bundle.set_defaults(command="installation.bundle:bundle")
