"""Picture files as the 28x28 images of a network's dataset.

`trainer.drawing.photos` proposes several candidates for the ink on a photo; here the built-in
network and its gate choose the one that is most certainly a digit. For letters, the network that
is to read them chooses.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.drawing import picture
from trainer.drawing.photos import search
from trainer.drawing.photos.ink import InkSettings
from trainer.drawing.photos.search import Judge
from trainer.drawing.picture import Layout, Picture, SeenPicture
from trainer.drawing.rasterize import Pixels
from trainer.networks.factory import prepare_images
from trainer.networks.gate import Gate, load_gate_for
from trainer.networks.model import Model, load_shipped
from trainer.recipes.recipe import DIGIT_CLASSES

_THINGS = ("fashion", "cifar10")
"""Datasets of pictures of objects, which are not cut out as ink is."""
_SOFTNESS = 2.0
"""Scores of the gate that are this much above its threshold are fairly sure."""
_CLEAR = 0.8
"""They are so much above it at least, for a part of a picture to be a digit: of the many ways of
seeing what is none, one is often a little like one. Chosen with `_APART` and `_QUITE` on digits of
the validation people and on non-digits, of which a tenth was accepted without."""
_APART, _QUITE = 0.4, 6.0
"""A part whose best answer is less than this above the second must score so much."""


@cache
def _load() -> tuple[Model, Gate]:
    """The built-in network and its gate, on the CPU; what is seen must not depend on what reads."""
    gate = load_gate_for(DIGIT_CLASSES, torch.device("cpu"))
    assert gate is not None  # there is one for digits
    return load_shipped(), gate


def judge_digits(images: Pixels) -> list[float]:
    """How surely each of uint8 pictures (N, 28, 28), cut out of photos, is a digit.

    Returns:
        0 rejected, 1 quite.
    """
    model, gate = _load()
    pictures = torch.from_numpy(images)
    with torch.inference_mode():
        logits = model.network(prepare_images(pictures, model.recipe)).double()
        best = (logits / model.temperature).softmax(1).topk(2).values
        above = gate.scores(pictures).double() - gate.threshold
        apart = best[:, 0] - best[:, 1]
        sure = apart * torch.sigmoid(above / _SOFTNESS)
        vague = (above < _CLEAR) | ((apart < _APART) & (above < _QUITE))
        sure[gate.rejects(pictures) | vague] = 0
    certainties: list[float] = sure.tolist()
    return certainties


def choose_layout(model: Model | None) -> Layout:
    """How pictures are laid out for a network; None: the built-in one."""
    if model is None or model.classes == DIGIT_CLASSES:
        return Layout.DIGIT
    return Layout.WHOLE if model.recipe.dataset in _THINGS else Layout.WRITING


def make_judge(model: Model | None) -> Judge:
    """What decides how a picture is seen that is laid out for `model`."""
    if model is None or model.classes == DIGIT_CLASSES:
        return judge_digits

    def judge(images: Pixels) -> list[float]:
        with torch.inference_mode():
            pictures = torch.from_numpy(images).to(model.device)
            logits = model.network(prepare_images(pictures, model.recipe)).cpu().double()
            best = (logits / model.temperature).softmax(1).topk(2).values
        margins: list[float] = (best[:, 0] - best[:, 1]).tolist()
        return margins

    return judge


def read_picture(
    path: Path, model: Model | None = None, settings: InkSettings | None = None
) -> Picture:
    """A picture file as `model` is to read it; None: the built-in network.

    Args:
        path: the file.
        model: what will read it.
        settings: what a person has decided of where the ink is.

    Raises:
        PictureError: no such file, no picture, or not one thing in it.
    """
    return picture.read_picture(path, make_judge(model), settings, choose_layout(model))


def from_pixels(
    colors: NDArray[np.uint8],
    caption: str,
    model: Model | None = None,
    settings: InkSettings | None = None,
) -> Picture:
    """As `read_picture`, of uint8 pixels of shape (H, W, 3); `caption` says whence they come."""
    return picture.from_pixels(colors, caption, make_judge(model), settings, choose_layout(model))


def see(
    colors: NDArray[np.uint8],
    caption: str,
    model: Model | None = None,
    settings: InkSettings | None = None,
) -> SeenPicture:
    """As `from_pixels`, and where the ink is."""
    return picture.see(colors, caption, caption, make_judge(model), settings, choose_layout(model))


def find_ink(
    colors: NDArray[np.uint8], settings: InkSettings | None = None
) -> tuple[NDArray[np.bool_], InkSettings]:
    """All ink, where `see` finds no digit among it; see `search.find_ink`."""
    return search.find_ink(colors, picture.WORKING, settings or InkSettings())
