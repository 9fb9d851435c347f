"""Pen strokes rendered as images: built-in digits, and real ones with random variation.

Rendering takes seconds, so it is done once in a process and shared by its runs; the built-in
digits, which are always the same, are cached on disk. A cached file belongs to the sources that
rendered it: when these change, or it cannot be read, it is replaced.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Generator
from functools import cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

import trainer
from trainer.data import pen_digits
from trainer.data.labelled_images import TRAINING, VALIDATION, LabelledImages
from trainer.data.pen_digits import PenFiles
from trainer.drawing.rasterize import rasterize
from trainer.drawing.variation import vary
from trainer.errors import UserError
from trainer.files import cache_folder, convert_write_errors, write_whole
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
        digits = _empty(count)
        for n, (image, label) in enumerate(font.render_digits(count, _SEED[split])):
            digits.images[n], digits.labels[n] = torch.from_numpy(image), label
            if n % 100 == 0:
                yield Progress(_("writing pen digits"), n, count)
        return digits

    kept = keep_rendered(f"written-{split}-{count}", render())
    return (yield from once(("written", split), kept))


def load_forms(
    each: int, seed: int, widths: tuple[float, float] | None = None
) -> Generator[Progress, None, LabelledImages]:
    """Every form of every digit equally often, form by form in the order of `FORMS`.

    Args:
        each: how many of each form.
        seed: decides all.
        widths: the least and the greatest width of the pen, as `rasterize` takes it; None: as a
            handwriting has it.
    """
    digits = _empty(each * len(FORMS))
    rng = np.random.default_rng(seed)
    for n, (digit, name) in enumerate(form for form in FORMS for _time in range(each)):
        written = font.write_digit(digit, rng, name)
        width = written.width if widths is None else float(rng.uniform(*widths))
        digits.images[n] = torch.from_numpy(rasterize(written.strokes, width=width))
        digits.labels[n] = digit
        if n % 100 == 0:
            yield Progress(_("writing each form"), n, len(digits))
    return digits


def load_pen_digits(
    split: str, files: PenFiles, *, varied: bool = True
) -> Generator[Progress, None, LabelledImages]:
    """Real pen digits of a split.

    Args:
        split: "train": the drawings to train on, `VARIANTS` times each, and
            those of the people kept for validation as they are; "test": the
            people and the contributors held out, as they are.
        files: what `pen_digits.find` found.
        varied: whether drawings to train on are varied; else they are rendered as often, as they
            are.

    Raises:
        DataError: they can't be read.
    """

    def render() -> Generator[Progress, None, LabelledImages]:
        yield Progress(_("reading real pen digits"), 0, 0)
        digits = pen_digits.read(files)
        if split == "test":
            parts = {"writers": 1, "contributors": 1}
        else:
            parts = {"train": VARIANTS, "validation": 1}
        training = [
            (digit, part)
            for digit, part in zip(digits, pen_digits.assign_splits(digits), strict=True)
            for _ in range(parts.get(part, 0))
        ]
        rng = np.random.default_rng(_SEED["train"])
        images = _empty(len(training))
        allotted = torch.full((len(training),), TRAINING, dtype=torch.uint8)
        for n, (digit, part) in enumerate(training):
            if part == "train" and varied:
                strokes, width = vary(digit.strokes, rng)
                image = rasterize(strokes, width=width)
            else:
                image = rasterize(digit.strokes)
            images.images[n], images.labels[n] = torch.from_numpy(image), digit.label
            allotted[n] = VALIDATION if part == "validation" else TRAINING
            if n % 100 == 0:
                yield Progress(_("drawing real pen digits"), n, len(training))
        return dataclasses.replace(images, allotted=allotted) if split == "train" else images

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


_log = logging.getLogger(__name__)
_SOURCES = ("handwriting", "drawing")
"""The packages whose code decides what is rendered."""


@cache
def _fingerprint(version: str) -> str:
    """A hash of the rendering sources, of numpy's version, whose random numbers they use, and of
    another version."""
    root = Path(trainer.__file__).parent
    digest = hashlib.sha256(f"{np.__version__} {version}".encode())
    for path in sorted(path for package in _SOURCES for path in (root / package).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def keep_rendered(
    name: str, render: Generator[Progress, None, LabelledImages], version: str = ""
) -> Generator[Progress, None, LabelledImages]:
    """The images that `render` makes, from the cache on disk if they are there.

    Args:
        name: of the cached file; other contents need another name.
        render: renders, the same each time; only images and labels are cached.
        version: of input files, where it is rendered from any.
    """
    folder = cache_folder() / "rendered"
    path = folder / f"{name}-{_fingerprint(version)}.safetensors"
    kept = _read_rendered(path)
    if kept is not None:
        return kept
    rendered = yield from render
    tensors = {"images": rendered.images.contiguous(), "labels": rendered.labels.contiguous()}
    try:
        with convert_write_errors(path):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, safetensors.torch.save(tensors))
            for other in folder.glob(f"{name}-*.safetensors"):
                if other != path:
                    other.unlink(missing_ok=True)
    except UserError as error:  # a full disk costs time, nothing else
        _log.info("rendered digits are not kept: %s", error)
    return rendered


def _read_rendered(path: Path) -> LabelledImages | None:
    """The cached images; None if there are none, or they are damaged."""
    try:
        tensors = safetensors.torch.load(path.read_bytes())
        images, labels = tensors["images"], tensors["labels"]
    except FileNotFoundError:
        return None
    except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
        _log.info("%s is rendered anew: %s", path, error)
        return None
    shapes = images.shape == (len(labels), 28, 28) and labels.dim() == 1
    if not shapes or (images.dtype, labels.dtype) != (torch.uint8, torch.int64):
        return None
    return LabelledImages(images, labels)
