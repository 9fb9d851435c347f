"""The arguments of `lenet predict`; brings no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.cli.arguments.shared import add_device_option, add_json_option, add_model_option
from trainer.translation import gettext as _


def add_predict(subparsers: Any) -> None:
    """`lenet predict`."""
    predict = subparsers.add_parser(
        "predict",
        help=_("recognize digits in pictures or pen strokes"),
        description=_(
            "Recognize digits in picture files or pen strokes. A picture of 28x28 is used "
            "unchanged; any other is cropped to its ink, resized and centered. The border "
            "decides whether the paper is light or dark."
        ),
        epilog=_("Example: echo '[{\"strokes\": [[[5, 0], [5, 9]]]}]' | lenet predict --strokes -"),
    )
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
    add_model_option(predict)
    add_device_option(predict)
    add_json_option(
        predict,
        _(
            'a list of {"digit", "probabilities", "verdict": "sure", "unsure" or "not a digit"}, '
            'in the order given; with --multiple of {"number", "digits"}, its digits with '
            '"strokes" (indices) and "box" [left, top, right, bottom] as well; a picture of '
            'several digits is {"number", "lines", "verdict", "width", "height", "digits"}, its '
            'digits with "box", in pixels, and "line"; with --multiple also "file" and "page"'
        ),
    )
    predict.set_defaults(command="predict:predict")
