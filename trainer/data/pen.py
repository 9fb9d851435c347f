"""Pen strokes as training pictures: digits written by code, and real ones varied.

Rendering takes seconds, and so is done once a process and shared by its runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator

import numpy as np
import torch

from trainer.data import pen_digits
from trainer.data.labelled_images import TRAINING, VALIDATION, LabelledImages
from trainer.data.pen_digits import PenFiles
from trainer.data.rendered import keep_rendered
from trainer.drawing.rasterize import rasterize
from trainer.drawing.variation import vary
from trainer.handwriting import font
from trainer.handwriting.allographs import FORMS
from trainer.progress import Progress, once
from trainer.translation import gettext as _

WRITTEN = {"train": 20_000, "test": 5_000}
"""How many built-in digits are written for a split."""
VARIANTS = 4
"""How many times a real drawing to be trained on is rendered, each time varied anew."""
_SEED = {"train": 1998, "test": 2026}


def load_builtin(split: str) -> Generator[Progress, None, LabelledImages]:
    """The built-in digits of a split, always the same."""
    count = WRITTEN[split]

    def render() -> Generator[Progress, None, LabelledImages]:
        made = _empty(count)
        for n, (image, label) in enumerate(font.render_digits(count, _SEED[split])):
            made.images[n], made.labels[n] = torch.from_numpy(image), label
            if n % 100 == 0:
                yield Progress(_("writing pen digits"), n, count)
        return made

    kept = keep_rendered(f"written-{split}-{count}", render())
    return (yield from once(("written", split), kept))


def load_forms(each: int, seed: int) -> Generator[Progress, None, LabelledImages]:
    """Every form of every digit equally often, form by form in the order of `FORMS`.

    Args:
        each: how many of each form.
        seed: decides all.
    """
    made = _empty(each * len(FORMS))
    rng = np.random.default_rng(seed)
    for n, (digit, name) in enumerate(form for form in FORMS for _time in range(each)):
        written = font.write_digit(digit, rng, name)
        made.images[n] = torch.from_numpy(rasterize(written.strokes, width=written.width))
        made.labels[n] = digit
        if n % 100 == 0:
            yield Progress(_("writing each form"), n, len(made))
    return made


def load_pen_digits(
    split: str, files: PenFiles, varied: bool = True
) -> Generator[Progress, None, LabelledImages]:
    """Real pen digits of a split.

    Args:
        split: "train": the drawings to train on, `VARIANTS` times each, and
            those of the people kept for validation as they are; "test": the
            people and the contributors held out, as they are.
        files: what `pen_digits.find` found.
        varied: False renders the drawings to train on as often, but as they are.

    Raises:
        DataError: it can't be read.
    """

    def render() -> Generator[Progress, None, LabelledImages]:
        yield Progress(_("reading real pen digits"), 0, 0)
        digits = pen_digits.read(files)
        if split == "test":
            parts = {"writers": 1, "contributors": 1}
        else:
            parts = {"train": VARIANTS, "validation": 1}
        wanted = [
            (digit, part)
            for digit, part in zip(digits, pen_digits.assign_splits(digits), strict=True)
            for _ in range(parts.get(part, 0))
        ]
        rng = np.random.default_rng(_SEED["train"])
        made = _empty(len(wanted))
        allotted = torch.full((len(wanted),), TRAINING, dtype=torch.uint8)
        for n, (digit, part) in enumerate(wanted):
            if part == "train" and varied:
                strokes, width = vary(digit.strokes, rng)
                image = rasterize(strokes, width=width)
            else:
                image = rasterize(digit.strokes)
            made.images[n], made.labels[n] = torch.from_numpy(image), digit.label
            allotted[n] = VALIDATION if part == "validation" else TRAINING
            if n % 100 == 0:
                yield Progress(_("drawing real pen digits"), n, len(wanted))
        return dataclasses.replace(made, allotted=allotted) if split == "train" else made

    key = (*map(str, files.paths()), split, str(varied))
    if split != "test":
        return (yield from once(key, render()))
    stats = [path.stat() for path in files.paths()]
    version = " ".join([*key, *(f"{each.st_size} {each.st_mtime_ns}" for each in stats)])
    return (yield from once(key, keep_rendered("people-test", render(), version)))


def _empty(count: int) -> LabelledImages:
    return LabelledImages(
        torch.empty((count, 28, 28), dtype=torch.uint8), torch.empty(count, dtype=torch.int64)
    )
