"""`lenet predict` of pictures of several digits: numbers, sheets, and scans of several pages.

Brings torch, which `predict` imports in a thread.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from trainer.cli.common import load_model, on_device
from trainer.drawing.picture import Place
from trainer.drawing.picture_file import Size, count_pages
from trainer.errors import UserError
from trainer.networks.model import Model
from trainer.pages.files import list_files, load_pages, read_files
from trainer.pages.opening import can_show_several, shows_several
from trainer.pages.page import FilePage, Page, PageDigit, RefusedFile, make_csv
from trainer.pages.reader import read_several
from trainer.progress import Progress
from trainer.reading.predict import Answer
from trainer.reading.verdict import Verdict
from trainer.translation import gettext as _
from trainer.translation import ngettext

MOST_DIGITS = 100
"""A picture of more is a page, which is read where `--multiple` asks for it."""


def predict_pages(options: argparse.Namespace) -> int:
    """Print all digits of pictures, folders and scans; returns 2 where one could not be read."""
    paths = list_files(options.images)
    model = load_model(options)

    def read(device: torch.device) -> list[FilePage | RefusedFile]:
        return _collect(read_files(model.to(device), paths))

    results = on_device(options.device, read)
    if len(results) == 1 and isinstance(results[0], RefusedFile):
        raise UserError(results[0].reason)
    return _show(options, results)


def _collect(
    work: Generator[Progress | FilePage | RefusedFile, None, None],
) -> list[FilePage | RefusedFile]:
    """What is read, with a progress bar on standard error."""
    results: list[FilePage | RefusedFile] = []
    with closing(work), tqdm(disable=None, leave=False, unit="", file=sys.stderr) as bar:
        for event in work:
            if isinstance(event, Progress):
                bar.set_description(event.what, refresh=False)
                bar.total, bar.n = event.total, event.done
                bar.refresh()
            else:
                results.append(event)
    return results


def _show(options: argparse.Namespace, results: Sequence[FilePage | RefusedFile]) -> int:
    values: list[dict[str, Any]] = []
    pages: list[FilePage] = []
    for each in results:
        if isinstance(each, RefusedFile):
            print(f"lenet: {each.reason}", file=sys.stderr)
            values.append({"file": str(each.path), "error": each.reason})
            continue
        pages.append(each)
        values.append({"file": str(each.path), "page": each.number, **page_as_json(each.page)})
        if not (options.json or options.csv):
            print(f"{each.name}: {page_in_words(each.page)}")
    if options.json:
        print(json.dumps(values))
    elif options.csv:
        print(make_csv(pages), end="")
    return 2 if len(pages) < len(results) else 0


def find_several(
    options: argparse.Namespace,
    model: Model,
    alone: Sequence[Answer | None],
    decoded: dict[int, tuple[NDArray[np.uint8], Size]],
    places: dict[int, Place],
) -> dict[int, Page | UserError]:
    """Which pictures show several digits, and what they read; or why they are not read here.

    Args:
        options: the command's options.
        model: the network that reads.
        alone: what each picture shows if it shows one digit; None where that was refused.
        decoded: pixels of some pictures, uint8 (H, W, 3), and their sizes before they were made
            smaller; the others are read again.
        places: where on a picture the one digit is, as far as that is known.
    """

    def read(device: torch.device) -> dict[int, Page | UserError]:
        placed = model.to(device)
        results = (
            (n, _several(placed, path, alone[n], decoded.get(n), places.get(n)))
            for n, path in enumerate(options.images)
        )
        return {n: page for n, page in results if page is not None}

    return on_device(options.device, read)


def _several(
    model: Model,
    path: Path,
    alone: Answer | None,
    decoded: tuple[NDArray[np.uint8], Size] | None,
    place: Place | None,
) -> Page | UserError | None:
    if count_pages(path) > 1:
        return None
    try:
        colors, size = next(load_pages(path))[1:] if decoded is None else decoded
    except (UserError, StopIteration):
        return None  # what was said of it as a single digit stands
    if not can_show_several(colors):
        return None
    page = read_several(model, colors, size)
    if page is None or not shows_several(page, alone, place):
        return None
    if len(page.digits) > MOST_DIGITS:
        count = len(page.digits)
        return UserError(
            ngettext(
                "{file} shows {count} digit: read it with --multiple",
                "{file} shows {count} digits: read it with --multiple",
                count,
            ).format(file=path, count=count)
        )
    return page


def page_as_json(page: Page) -> dict[str, Any]:
    """One page for `--json`."""
    return {
        "number": page.text,
        "lines": list(page.texts),
        "verdict": str(page.verdict),
        "width": page.width,
        "height": page.height,
        "digits": [_digit_as_json(digit) for digit in page.digits],
    }


def _digit_as_json(digit: PageDigit) -> dict[str, Any]:
    return {
        "digit": digit.digit,
        "probabilities": digit.probabilities,
        "verdict": str(digit.verdict),
        "box": digit.box,
        "line": digit.line,
    }


def page_in_words(page: Page) -> str:
    """One page for people: its number, or its lines, and how many digits are not sure."""
    if not page.digits:
        return _("no digits found")
    doubtful = sum(digit.verdict != Verdict.SURE for digit in page.digits)
    notes = ""
    if doubtful:
        notes = "  " + ngettext("({count} unsure)", "({count} unsure)", doubtful).format(
            count=doubtful
        )
    if len(page.texts) == 1:
        return page.text + notes
    count = len(page.digits)
    text = ngettext("{count} digit", "{count} digits", count).format(count=count)
    return "\n  ".join([text + notes, *page.texts])
