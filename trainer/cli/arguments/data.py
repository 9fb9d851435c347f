"""The arguments of the commands about data, forms and recipes; brings no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.cli.arguments import add_data_option, add_json_option
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _


def add_download(subparsers: Any) -> None:
    """`lenet download`."""
    download = subparsers.add_parser(
        "download",
        help=_("download a dataset"),
        description=_(
            "Download what is missing of a dataset, without training on it. Of the real pen "
            "digits (unipen) only the two collections of UCI can be downloaded; it says "
            "where UNIPEN is."
        ),
        epilog=_("Example: lenet download unipen"),
    )
    names = tuple(name for name in DATASETS if name != "pen")
    download.add_argument("dataset", choices=names, help=_("which one"))
    add_data_option(download)
    download.set_defaults(command="data:download")


def add_data(subparsers: Any) -> None:
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
        help=_("draw at 28 × 28 in gray, at 32 × 32 in color, or as most pictures are [auto]"),
    )
    data.add_argument("--picture", type=Path, metavar="FILE", help=_("draw samples there, as PNG"))
    add_json_option(
        data,
        _(
            "one object: path, dataset (for recipes), format, count, color, sizes, split, classes "
            "(a list of name, train, validation, test), notes, skipped"
        ),
    )
    data.set_defaults(command="data:data")


def add_classes(subparsers: Any) -> None:
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
    add_json_option(
        classes,
        _(
            "one object: classes (drawings by name), writers; with --train also accuracy (0 to 1), "
            "tested, by_writer"
        ),
    )
    classes.set_defaults(command="classes:classes")


def add_forms(subparsers: Any) -> None:
    """`lenet forms`."""
    forms = subparsers.add_parser(
        "forms",
        help=_("list the forms of the generated digits"),
        description=_(
            "List the forms in which the built-in digits are written: how often each is, and why."
        ),
        epilog=_("Example: lenet forms --picture forms.png"),
    )
    forms.add_argument(
        "--picture", type=Path, metavar="FILE", help=_("draw examples of all there, as PNG")
    )
    forms.add_argument(
        "--examples",
        type=int,
        choices=range(1, 41),
        default=12,
        metavar="N",
        help=_("of each [12]"),
    )
    forms.add_argument(
        "--seed", type=int, default=1, metavar="N", help=_("decides the examples [1]")
    )
    add_json_option(forms, _("a list with one object a form: digit, form, share (0 to 1), reason"))
    forms.set_defaults(command="listings:forms")


def add_recipes(subparsers: Any) -> None:
    """`lenet recipes`."""
    recipes = subparsers.add_parser(
        "recipes",
        help=_("list the named recipes"),
        description=_(
            "List the named recipes, or print one whole as JSON, to be edited and given to "
            "`lenet train --recipe FILE.json`."
        ),
    )
    recipes.add_argument("name", nargs="?", metavar="NAME", help=_("print this one as JSON"))
    add_json_option(recipes, _("a list with one object a recipe"))
    recipes.set_defaults(command="listings:recipes")
