"""`lenet forms`: in which forms the digits written by code are written; it needs no torch."""

from __future__ import annotations

import argparse
import json

from trainer.files import convert_write_errors, write_whole
from trainer.handwriting.allographs import ALLOGRAPHS
from trainer.handwriting.contact_sheet import draw_contact_sheet


def forms(given: argparse.Namespace) -> int:
    """Print the table of forms, and draw them all if a picture is asked for."""
    table = [
        {"digit": digit, "form": name, "share": form.share, "reason": form.reason}
        for digit, forms_of_digit in ALLOGRAPHS.items()
        for name, form in forms_of_digit.items()
    ]
    if given.picture is not None:
        content = draw_contact_sheet(given.examples, given.seed)
        with convert_write_errors(given.picture):
            write_whole(given.picture, content)
    if given.json:
        print(json.dumps(table))
        return 0
    for row in table:
        print(f"{row['digit']}  {row['form']:<24}{row['share']:>5.0%}  {row['reason']}")
    if given.picture is not None:
        print(f"{given.picture}: {given.examples} examples of each form")
    return 0
