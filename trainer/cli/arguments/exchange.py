"""The arguments of `lenet import` and `lenet export`; needs no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.exchange.formats import FORMATS
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _

SCALES = ("0 to 1", "MNIST", "-1 to 1", "1998", "0 to 255")


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
    command.add_argument("file", type=Path, metavar="FILE", help=_("the other program’s file"))
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
    command.add_argument(
        "--activation", choices=("relu", "tanh", "sigmoid"), help=_("after the layers")
    )
    command.add_argument(
        "--pooling", choices=("max", "average"), help=_("how 2x2 values become one")
    )
    command.add_argument(
        "--border",
        choices=("zeros", "paper", "enlarged", "none"),
        help=_(
            "28x28 padded by zeros in C1, with two pixels of paper, enlarged to 32x32, or neither"
        ),
    )
    command.add_argument(
        "--scale", choices=SCALES, help=_("the range of pixels; MNIST: less 0.1307, over 0.3081")
    )
    command.add_argument("--ink", choices=("light", "dark"), help=_("light as in MNIST, or dark"))
    _add_data_and_json(
        command,
        _(
            "one object: file, format, tested_on, unused, out, variants, a list with border, "
            "scale, ink, activation, hidden_activation, pooling, accuracy (0 to 1), loss; the "
            "likeliest first"
        ),
    )
    command.set_defaults(command="exchange:import_model")


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
        "model", type=Path, metavar="MODEL", help=_("a model file, or a built-in network’s name")
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
    _add_data_and_json(
        command, _("one object: out, format, bytes, images, largest_difference, accuracy")
    )
    command.set_defaults(command="exchange:export_model")


def _add_data_and_json(command: Any, what: str) -> None:
    command.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=_(
            "where datasets are; default: the environment's LENET_DATA, else the user's data "
            "folder; digits written by code are taken where there are none"
        ),
    )
    command.add_argument(
        "--json", action="store_true", help=_("print JSON: {what}").format(what=what)
    )
