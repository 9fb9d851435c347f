"""Digits that code renders, kept on disk: they are the same each time, and take seconds.

A file belongs to the sources that rendered it: where these change, it is rendered anew, and
what was kept before is deleted. Whatever cannot be read is rendered anew as well.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Generator
from functools import cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

import trainer
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.files import cache_folder, convert_write_errors, write_whole
from trainer.progress import Progress

_log = logging.getLogger(__name__)
_SOURCES = ("handwriting", "drawing")
"""The packages whose code decides what is rendered."""


@cache
def _fingerprint(version: str) -> str:
    """Of the sources that render, of numpy, whose random numbers they use, and of a version."""
    root = Path(trainer.__file__).parent
    digest = hashlib.sha256(f"{np.__version__} {version}".encode())
    for path in sorted(path for package in _SOURCES for path in (root / package).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def keep_rendered(
    name: str, render: Generator[Progress, None, LabelledImages], version: str = ""
) -> Generator[Progress, None, LabelledImages]:
    """What `render` makes, from disk if it is there; images and labels alone are kept.

    Args:
        name: of what is rendered; other contents need another name.
        render: makes it, the same each time.
        version: of what it is rendered from, where that is more than the sources.
    """
    folder = cache_folder() / "rendered"
    path = folder / f"{name}-{_fingerprint(version)}.safetensors"
    kept = _read(path)
    if kept is not None:
        return kept
    made = yield from render
    tensors = {"images": made.images.contiguous(), "labels": made.labels.contiguous()}
    try:
        with convert_write_errors(path):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, safetensors.torch.save(tensors))
            for other in folder.glob(f"{name}-*.safetensors"):
                if other != path:
                    other.unlink(missing_ok=True)
    except UserError as error:  # a full disk costs time, nothing else
        _log.info("rendered digits are not kept: %s", error)
    return made


def _read(path: Path) -> LabelledImages | None:
    """What was kept; None if it is not there, or not as it was written."""
    try:
        found = safetensors.torch.load(path.read_bytes())
        images, labels = found["images"], found["labels"]
    except FileNotFoundError:
        return None
    except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
        _log.info("%s is rendered anew: %s", path, error)
        return None
    shapes = images.shape == (len(labels), 28, 28) and labels.dim() == 1
    if not shapes or (images.dtype, labels.dtype) != (torch.uint8, torch.int64):
        return None
    return LabelledImages(images, labels)
