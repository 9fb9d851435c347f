"""`lenet data`: what one's own data are; `lenet download`; and what `--dataset` means."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from trainer import files
from trainer.cli.output import show_progress
from trainer.data import loading, pen_digits
from trainer.data.own import reading
from trainer.data.own.reading import OwnData
from trainer.errors import UserError
from trainer.files import expand_user, is_there, save_file
from trainer.recipes.own_dataset import parse_own
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _
from trainer.translation import ngettext

MY_DIGITS = "my-digits"
"""What `--dataset` calls the user's own labeled digits."""
_COLORS = {"auto": None, "gray": False, "color": True}
_EACH = 20  # pictures of a class on a page of samples


def resolve_dataset(name: str, as_json: bool) -> str:
    """The name of the dataset that a command line means: one of the program's, or a path.

    Raises:
        UserError: it is neither, or nothing at the path can be trained on.
    """
    if name in DATASETS or parse_own(name) is not None:
        return name
    path = files.my_digits_file() if name == MY_DIGITS else expand_user(Path(name))
    if name != MY_DIGITS and not is_there(path):
        raise UserError(
            _(
                "{given} is neither a dataset ({names}, {own}) nor a folder or file of your own"
            ).format(given=name, names=", ".join(DATASETS), own=MY_DIGITS)
        )
    own: OwnData = show_progress(reading.inspect(path), as_json)
    return own.dataset.name


def data(options: argparse.Namespace) -> int:
    """Print what lies at a path."""
    path = files.my_digits_file() if str(options.path) == MY_DIGITS else options.path
    own: OwnData = show_progress(reading.inspect(path, _COLORS[options.color]), options.json)
    if options.picture is not None:
        content = draw_samples(own)
        save_file(options.picture, content)
    if options.json:
        print(json.dumps(describe(own)))
    else:
        _tell(own)
    return 0


def describe(own: OwnData) -> dict[str, object]:
    """What `lenet data --json` says."""
    names = ("train", "validation", "test")
    return {
        "path": own.dataset.path,
        "dataset": own.dataset.name,
        "format": own.kind,
        "count": len(own),
        "color": own.dataset.color,
        "sizes": own.sizes,
        "split": own.split,
        "classes": [
            {"name": name, **dict(zip(names, row, strict=True))}
            for name, row in zip(own.classes, own.counts().tolist(), strict=True)
        ],
        "notes": own.notes,
        "skipped": own.skipped,
    }


def _tell(own: OwnData) -> None:
    """The same for people."""
    sizes = f", {own.sizes}" if own.sizes else ""
    pictures = ngettext("{n:,} picture", "{n:,} pictures", len(own)).format(n=len(own))
    print(f"{own.dataset.path}: {own.kind}, {pictures}{sizes}")
    for sentence in (*own.notes, own.split):
        print(f"{sentence}.")
    wide = max(len(_("class")), *map(len, own.classes)) + 2
    print(f"  {_('class'):<{wide}}{_('train'):>9}{_('validation'):>12}{_('test'):>9}")
    for name, row in zip(own.classes, own.counts().tolist(), strict=True):
        print(f"  {name:<{wide}}{row[0]:>9,}{row[1]:>12,}{row[2]:>9,}")
    for sentence in own.skipped:
        print(_("Left out: {what}").format(what=sentence))


def draw_samples(own: OwnData) -> bytes:
    """A page of pictures as they are trained on, a row for each class, as a PNG file."""
    sample = own.sample(_EACH)
    side = sample.images.shape[-1]
    gap = 2
    shape = (len(own.classes) * (side + gap), _EACH * (side + gap), 3)
    page = np.zeros(shape, np.uint8)
    column = [0] * len(own.classes)
    for image, label in zip(sample.images.numpy(), sample.labels.tolist(), strict=True):
        top, left = label * (side + gap), column[label] * (side + gap)
        colors = image.transpose(1, 2, 0) if image.ndim == 3 else image[:, :, None]
        page[top : top + side, left : left + side] = colors
        column[label] += 1
    written = io.BytesIO()
    Image.fromarray(page).save(written, "PNG")
    return written.getvalue()


def download(options: argparse.Namespace) -> int:
    """Download what is missing of a dataset; 1 if a part has to be got by hand."""
    data = files.data_folder(options.data)
    parts = options.dataset.split("+")
    for name in loading.list_missing(options.dataset, data):
        show_progress(loading.download(name, data), False)
    pen_files = pen_digits.find(data) if "unipen" in parts else None
    if "unipen" in parts and (pen_files is None or pen_files.json is None):
        show_progress(loading.download("unipen", data), False)
        pen_files = pen_digits.find(data)
    if "unipen" in parts and pen_files is None:
        print(
            _(
                "{data} has UCI's pen digits now. UNIPEN's can't be downloaded by the program: "
                "unpack train_r01_v07 (https://doi.org/10.5281/zenodo.1195803) there"
            ).format(data=data)
        )
        return 1
    print(_("{dataset} is in {data}").format(dataset=options.dataset, data=data))
    return 0
