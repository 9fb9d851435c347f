"""The arguments of the commands about networks; brings no torch."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from trainer import files
from trainer.cli.arguments import (
    add_data_option,
    add_dataset_option,
    add_device_option,
    add_json_option,
    add_model_option,
)
from trainer.exchange import FORMATS
from trainer.recipes.recipe import DATASETS
from trainer.robustness.distortions import PARAMETERS
from trainer.translation import N_
from trainer.translation import gettext as _

SCALES = ("0 to 1", "MNIST", "-1 to 1", "1998", "0 to 255")
_TRAIN_JSON = N_(
    "one object a line: for an epoch epoch, train_loss, val_accuracy, seconds; at "
    "the end run, test_accuracy, seconds"
)
_DATA_OR_WRITTEN = N_(
    "where datasets are; default: the environment's LENET_DATA, else the user's data "
    "folder; digits written by code are taken where there are none"
)


def _add_threads(parser: argparse.ArgumentParser, help: str) -> None:
    parser.add_argument("--threads", type=int, metavar="N", help=help)


def add_train(subparsers: Any) -> None:
    """`lenet train`."""
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
    _add_changes(train)
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
    _add_threads(train, _("CPU threads to train with; default: all cores"))
    add_json_option(train, _(_TRAIN_JSON))
    train.set_defaults(command="train:train")


def _add_changes(train: argparse.ArgumentParser) -> None:
    """What is trained otherwise than the recipe says."""
    add_dataset_option(train, None, _("instead of the recipe's"))
    for option in ("--epochs", "--batch-size", "--seed"):
        train.add_argument(option, type=int, metavar="N", help=_("instead of the recipe's"))
    train.add_argument(
        "--streamed",
        type=int,
        metavar="N",
        help=_("images an epoch, written anew each time, with the dataset pen"),
    )
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


def add_resume(subparsers: Any) -> None:
    """`lenet resume`."""
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
    add_device_option(resume, None, _("where to compute; default: where it began"))
    add_data_option(resume)
    _add_threads(
        resume, _("CPU threads; default: as many as it began with, which the exact figures need")
    )
    add_json_option(resume, _(_TRAIN_JSON))
    resume.set_defaults(command="train:resume")


def add_gate(subparsers: Any) -> None:
    """`lenet gate`."""
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
    gate.set_defaults(command="train:gate")


def add_evaluate(subparsers: Any) -> None:
    """`lenet evaluate`."""
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


def add_robustness(subparsers: Any) -> None:
    """`lenet robustness`."""
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
    _add_distortions(robustness)
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
    _add_threads(robustness, _("CPU threads; default: all cores"))
    robustness.add_argument("--csv", type=Path, metavar="FILE", help=_("write a table there"))
    robustness.add_argument(
        "--picture",
        type=Path,
        metavar="FILE",
        help=_("draw the curves there, as .png, .svg, .pdf or .pgf"),
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


def _add_distortions(robustness: argparse.ArgumentParser) -> None:
    """What is done to the images, and how much of it."""
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
        "--seed", type=int, default=0, help=_("decides noise and scribbles [0]")
    )
    robustness.add_argument(
        "--refit",
        action="store_true",
        help=_("resize and center the distorted digit again, as in MNIST"),
    )


def _numbers(text: str) -> list[float]:
    """Numbers with commas between them."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text!r} must be numbers with commas between them").format(text=text)
        ) from None


def add_summary(subparsers: Any) -> None:
    """`lenet summary`."""
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
    summary.set_defaults(command="evaluate:summary")


def add_predict(subparsers: Any) -> None:
    """`lenet predict`."""
    predict = subparsers.add_parser(
        "predict",
        help=_("recognize digits in pictures or pen strokes"),
        description=_(
            "Recognize digits in picture files or pen strokes. A picture of 28 × 28 is used "
            "unchanged; any other is cropped to its ink, resized and centered. The border "
            "decides whether the paper is light or dark."
        ),
        epilog=_("Example: echo '[{\"strokes\": [[[5, 0], [5, 9]]]}]' | lenet predict --strokes -"),
    )
    _add_inputs(predict)
    add_model_option(predict)
    add_device_option(predict)
    add_json_option(
        predict,
        _(
            'a list of {"digit", "probabilities", "verdict": "sure", "unsure" or "not a digit"}, '
            'in the order given, with "class" where the network reads other things than digits, '
            'whose number is "digit" then; with --multiple of {"number", "digits"}, its digits '
            'with "strokes" (indices) and "box" [left, top, right, bottom] as well; a picture of '
            'several digits is {"number", "lines", "verdict", "width", "height", "digits"}, its '
            'digits with "box", in pixels, and "line"; with --multiple also "file" and "page"'
        ),
    )
    predict.set_defaults(command="predict:predict")


def _add_inputs(predict: argparse.ArgumentParser) -> None:
    """What is read, and as what."""
    predict.add_argument(
        "images",
        nargs="*",
        type=Path,
        metavar="IMAGE",
        help=_("picture files; with --multiple also folders and scans of several pages"),
    )
    predict.add_argument(
        "--strokes",
        metavar="FILE",
        help=_(
            'a JSON list of {"strokes": [[[x, y], ...], ...]}, y pointing down, in any unit, '
            "gzipped or not; - for standard input"
        ),
    )
    predict.add_argument(
        "--multiple",
        action="store_true",
        help=_(
            "each drawing of --strokes is a number: divide it into digits and read each; of "
            "pictures, find all digits: numbers, rows, tables and whole pages"
        ),
    )
    predict.add_argument(
        "--punctuation",
        action="store_true",
        help=_("with --strokes and --multiple: read decimal point, comma, minus and space, too"),
    )
    predict.add_argument(
        "--csv",
        action="store_true",
        help=_("with pictures and --multiple: print a table with a row for each digit"),
    )


def add_import(subparsers: Any) -> None:
    """`lenet import`."""
    command = subparsers.add_parser(
        "import",
        help=_("import a LeNet-5 of another program"),
        description=_(
            "Import the weights of a LeNet-5 from a file of PyTorch (.pt, .pth), safetensors, "
            "NumPy (.npz), Keras (.h5, .keras) or ONNX. Layers are found by their shapes, "
            "whatever their names. How pictures were prepared, and which activation and pooling "
            "the network has, is found by trying what is usual on the test images; what is given "
            "here is not tried. Nothing in the file is run."
        ),
        epilog=_("Example: lenet import lenet5.pth --out lenet5-web.safetensors"),
    )
    command.add_argument("file", type=Path, metavar="FILE", help=_("the other program's file"))
    command.add_argument(
        "--out",
        type=Path,
        metavar="MODEL",
        help=_("the model file to write; without it, what was found is only shown"),
    )
    command.add_argument(
        "--dataset",
        choices=tuple(DATASETS),
        default="mnist",
        help=_("what the network was trained on [mnist]"),
    )
    _add_what_is_tried(command)
    add_data_option(command, _(_DATA_OR_WRITTEN))
    add_json_option(
        command,
        _(
            "one object: file, format, tested_on, unused, out, variants, a list with border, "
            "scale, ink, activation, hidden_activation, pooling, accuracy (0 to 1), loss; the "
            "likeliest first"
        ),
    )
    command.set_defaults(command="exchange:import_model")


def _add_what_is_tried(command: argparse.ArgumentParser) -> None:
    """What is found by trying, unless it is given."""
    command.add_argument(
        "--activation", choices=("relu", "tanh", "sigmoid"), help=_("after the layers")
    )
    command.add_argument(
        "--pooling", choices=("max", "average"), help=_("how 2 × 2 values become one")
    )
    command.add_argument(
        "--border",
        choices=("zeros", "paper", "enlarged", "none"),
        help=_(
            "28 × 28 padded by zeros in C1, with two pixels of paper, enlarged to 32 × 32, or "
            "neither"
        ),
    )
    command.add_argument(
        "--scale", choices=SCALES, help=_("the range of pixels; MNIST: less 0.1307, over 0.3081")
    )
    command.add_argument("--ink", choices=("light", "dark"), help=_("light as in MNIST, or dark"))


def add_export(subparsers: Any) -> None:
    """`lenet export`."""
    command = subparsers.add_parser(
        "export",
        help=_("export a network for other programs"),
        description=_(
            "Write a network as ONNX, as a program by torch.export, as NumPy arrays, or as a C "
            "header with 8-bit weights for microcontrollers. What was written is run on 1,000 "
            "pictures and compared with the network before it is kept."
        ),
        epilog=_("Example: lenet export --format onnx lenet5.safetensors lenet5.onnx"),
    )
    command.add_argument("--format", choices=FORMATS, required=True, help=_("what to write"))
    command.add_argument(
        "model", type=Path, metavar="MODEL", help=_("a model file, or a built-in network's name")
    )
    command.add_argument("out", type=Path, metavar="OUT", help=_("the file to write"))
    command.add_argument(
        "--softmax",
        action="store_true",
        help=_("probabilities instead of scores, with onnx and torch-export"),
    )
    command.add_argument(
        "--without-normalization",
        action="store_true",
        help=_("pictures are given normalized already, with onnx and torch-export"),
    )
    add_data_option(command, _(_DATA_OR_WRITTEN))
    add_json_option(
        command, _("one object: out, format, bytes, images, largest_difference, accuracy")
    )
    command.set_defaults(command="exchange:export_model")
