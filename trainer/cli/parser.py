"""`lenet`: train, resume, evaluate, predict, download and the others, from a terminal."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from trainer import __version__, files, translation
from trainer.cli.arguments import exchange
from trainer.cli.arguments.predict import add_predict
from trainer.cli.arguments.shared import (
    add_data_option,
    add_dataset_option,
    add_device_option,
    add_json_option,
    add_model_option,
)
from trainer.cli.installation.arguments import add_commands
from trainer.cli.own.arguments import add_classes, add_data
from trainer.errors import UserError
from trainer.recipes.recipe import DATASETS
from trainer.robustness.distortions import PARAMETERS
from trainer.translation import N_
from trainer.translation import gettext as _


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status, 2 for the user's mistake."""
    if sys.stderr is None:  # closed by whoever started the program: nobody reads it
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for all its life
    if sys.stdout is None:
        return _refused(_("standard output is closed: send it to a file or to /dev/null"), 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal can't show is no fault
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            status = _run(arguments)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _refused("stopped", 130)
    except BrokenPipeError:
        _discard_output()  # whoever read our output has closed it: nobody to tell
        return 1
    except UserError as error:
        return _refused(str(error), 2)
    except OSError as error:
        if error.filename is not None or error.errno not in _NOT_WRITTEN:
            raise
        _discard_output()
        return _refused(
            _("the output cannot be written: {reason}").format(reason=error.strerror), 2
        )
    return status


_NOT_WRITTEN = (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT, errno.EFBIG)
"""What goes wrong with an open file, as standard output is one."""


def _run(arguments: list[str] | None) -> int:
    """One command; returns its exit status."""
    translation.follow_environment(os.environ, files.asset("locale"))
    given = make_parser().parse_args(arguments)
    # Only the command asked for is imported: most need torch, which takes seconds.
    command: Callable[[argparse.Namespace], int]
    command = pkgutil.resolve_name(f"trainer.cli.{given.command}")
    return command(given)


def _refused(reason: str, status: int) -> int:
    """Say why in one line; returns `status`."""
    with contextlib.suppress(OSError):  # nobody reads it
        print(f"lenet: {' '.join(reason.split())}", file=sys.stderr)
    return status


def _discard_output() -> None:
    """Let what is still to be printed go nowhere, or Python's exit would fail on it."""
    with contextlib.suppress(OSError):  # not a real stream: nothing to do
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(
            _refused(_("{message} (see {prog} --help)").format(message=message, prog=self.prog), 2)
        )


def make_parser() -> argparse.ArgumentParser:
    """The whole command line: each command with its options."""
    parser = _Parser(
        prog="lenet", description=_("Train LeNet-5 and recognize digits from a terminal.")
    )
    parser.add_argument("--version", action="version", version=f"lenet-studio {__version__}")
    subparsers = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    _add_train(subparsers)
    _add_resume(subparsers)
    _add_evaluate(subparsers)
    add_predict(subparsers)
    _add_robustness(subparsers)
    _add_summary(subparsers)
    _add_gate(subparsers)
    _add_forms(subparsers)
    _add_download(subparsers)
    add_data(subparsers, add_json_option)
    add_classes(subparsers, add_json_option)
    _add_recipes(subparsers)
    add_commands(subparsers)
    exchange.add_import(subparsers)
    exchange.add_export(subparsers)
    return parser


def _add_train(subparsers: Any) -> None:
    train = subparsers.add_parser(
        "train",
        help=_("train a network"),
        description=_(
            "Train a network by a recipe, test it, and leave everything in a run's folder. A "
            "dataset that is not on this computer is downloaded. Ctrl-C ends the run and "
            "keeps the best weights so far; `lenet resume` goes on with it. Started by "
            "torchrun (`torchrun --nproc-per-node=8 -m trainer train`), several processes "
            "train it together."
        ),
        epilog=_("Example: lenet train --recipe studio --dataset pen --epochs 3"),
    )
    train.add_argument(
        "--recipe",
        default="studio",
        metavar="NAME|FILE.json|-",
        help=_(
            "a named recipe (see `lenet recipes`), or a file with one, whole or as the "
            "window shares it; - for standard input; default: studio"
        ),
    )
    add_dataset_option(train, None, _("instead of the recipe's"))
    train.add_argument("--epochs", type=int, metavar="N", help=_("instead of the recipe's"))
    train.add_argument(
        "--streamed",
        type=int,
        metavar="N",
        help=_("images an epoch, written anew each time, with the dataset pen"),
    )
    train.add_argument("--batch-size", type=int, metavar="N", help=_("instead of the recipe's"))
    train.add_argument("--seed", type=int, metavar="N", help=_("instead of the recipe's"))
    train.add_argument(
        "--arithmetic",
        choices=("auto", "plain"),
        help=_(
            "instead of the recipe's: auto times which way of computing is quickest here, "
            "and another training may get another one; plain makes the same weights each "
            "time, for the same seed, threads, versions and kind of processor"
        ),
    )
    train.add_argument(
        "--exact",
        action="store_true",
        help=_("one image a step, as the paper trains; for the network lenet5-1998, and slow"),
    )
    add_device_option(train)
    add_data_option(train)
    train.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help=_("where the run's folder is made; default: {folder}").format(
            folder=str(files.runs_folder()).replace("%", "%%")
        ),
    )
    train.add_argument(
        "--threads", type=int, metavar="N", help=_("CPU threads to train with; default: all cores")
    )
    add_json_option(train, _(_TRAIN_JSON))
    train.set_defaults(command="train:train")


_TRAIN_JSON = N_(
    "one object a line: for an epoch epoch, train_loss, val_accuracy, seconds; at "
    "the end run, test_accuracy, seconds"
)


def _add_resume(subparsers: Any) -> None:
    resume = subparsers.add_parser(
        "resume",
        help=_("resume a run that was stopped or interrupted"),
        description=_(
            "Resume a run that was stopped or interrupted by a crash, from its last "
            "checkpoint. On the CPU it ends with the same weights and history as if it had "
            "never stopped."
        ),
        epilog=_("Example: lenet resume runs/2026-11-21_141500_studio"),
    )
    resume.add_argument("run", type=Path, metavar="RUN_FOLDER", help=_("the run's folder"))
    resume.add_argument(
        "--device",
        choices=("auto", "cuda", "mps", "cpu"),
        help=_("where to compute; default: where it began"),
    )
    add_data_option(resume)
    resume.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help=_("CPU threads; default: as many as it began with, which the exact figures need"),
    )
    add_json_option(resume, _(_TRAIN_JSON))
    resume.set_defaults(command="train:resume")


def _add_gate(subparsers: Any) -> None:
    gate = subparsers.add_parser(
        "gate",
        help=_("train the gate, which tells digits from scribbles and letters"),
        description=_(
            "Train the small network that rejects drawings that are not digits before they "
            "are recognized. Needs the real pen digits (UNIPEN and UCI) among the data."
        ),
    )
    gate.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=_("where to write it")
    )
    gate.add_argument("--epochs", type=int, default=20, metavar="N", help=_("passes [20]"))
    gate.add_argument("--seed", type=int, default=1, metavar="N", help=_("decides all [1]"))
    add_data_option(gate)
    gate.set_defaults(command="gate:gate")


def _add_forms(subparsers: Any) -> None:
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


def _add_download(subparsers: Any) -> None:
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
    download.set_defaults(command="download:download")


def _add_evaluate(subparsers: Any) -> None:
    evaluate = subparsers.add_parser(
        "evaluate",
        help=_("test a network on a dataset"),
        description=_("Test a network on a dataset's test split."),
        epilog=_(
            "Example: lenet evaluate --dataset fashion --model best.safetensors --report told"
        ),
    )
    add_model_option(evaluate)
    add_dataset_option(evaluate, "mnist", _("what to test on [mnist]"))
    evaluate.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help=_(
            "write a report there as JSON, CSV, PNG and SVG: figures by class, confusion "
            "matrix, misread images, calibration and rejection curves, feature maps"
        ),
    )
    evaluate.add_argument(
        "--compare", type=Path, metavar="FILE", help=_("a second model file, on the same images")
    )
    add_device_option(evaluate)
    add_data_option(evaluate)
    add_json_option(
        evaluate,
        _(
            "one object: accuracy (0 to 1), loss, count; with --report or --compare also "
            "calibration_error, seconds, report, comparison"
        ),
    )
    evaluate.set_defaults(command="evaluate:evaluate")


def _add_robustness(subparsers: Any) -> None:
    robustness = subparsers.add_parser(
        "robustness",
        help=_("test a network on distorted images"),
        description=_(
            "Test a network, or several, on a dataset's test split with its images distorted: "
            "{list}. Shifts are in pixels, rotation is in degrees, scale, squeeze and width are "
            "factors, noise and scribble go from 0 to 1."
        ).format(list=", ".join(PARAMETERS)),
        epilog=_("Example: lenet robustness --distortion rotation --values=-40,-20,0,20,40"),
    )
    add_dataset_option(robustness, "mnist", _("what to test on [mnist]"))
    robustness.add_argument(
        "--distortion",
        action="append",
        choices=tuple(PARAMETERS),
        help=_("what to do to the images; may be given several times; default: each in turn"),
    )
    robustness.add_argument(
        "--values",
        type=_numbers,
        metavar="A,B,...",
        help=_("how much of it, with one --distortion"),
    )
    robustness.add_argument(
        "--compare",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help=_("another model file, on the same images; may be given several times"),
    )
    robustness.add_argument(
        "--images", type=int, metavar="N", help=_("only the first N of the images")
    )
    robustness.add_argument(
        "--seed", type=int, default=0, help=_("decides noise and scribbles [0]")
    )
    robustness.add_argument(
        "--refit",
        action="store_true",
        help=_("resize and center the distorted digit again, as in MNIST"),
    )
    robustness.add_argument(
        "--threads", type=int, metavar="N", help=_("CPU threads; default: all cores")
    )
    robustness.add_argument("--csv", type=Path, metavar="FILE", help=_("write a table there"))
    robustness.add_argument(
        "--picture", type=Path, metavar="FILE", help=_("draw the curves there, as .png or .svg")
    )
    add_model_option(robustness)
    add_device_option(robustness)
    add_data_option(robustness)
    add_json_option(
        robustness,
        _(
            "one object: dataset, count, networks, refit, seed, and distortions, a list of "
            "name, unit, values, and accuracies (0 to 1) with a list for each network"
        ),
    )
    robustness.set_defaults(command="robustness:robustness")


def _numbers(text: str) -> list[float]:
    """Numbers with commas between them."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text!r} must be numbers with commas between them").format(text=text)
        ) from None


def _add_summary(subparsers: Any) -> None:
    summary = subparsers.add_parser(
        "summary",
        help=_("show a network's layers"),
        description=_("Show each layer's output shape, neurons, parameters and connections."),
    )
    add_model_option(summary)
    summary.add_argument(
        "--recipe", metavar="NAME|FILE.json", help=_("the network that this recipe trains, instead")
    )
    add_json_option(summary, _("a list with one object a layer"))
    summary.set_defaults(command="summary:summary")


def _add_recipes(subparsers: Any) -> None:
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
