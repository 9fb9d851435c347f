"""Picture files as the 28x28 images of a network's dataset.

`trainer.drawing.photos` proposes several candidates for the digit on a photo; here the built-in
network and its gate score them. Letters are scored by the network that is to read them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.drawing import picture
from trainer.drawing.photos import search
from trainer.drawing.photos.preparation import InkSettings
from trainer.drawing.photos.search import CandidateScorer
from trainer.drawing.picture import Extraction, Layout, Picture
from trainer.drawing.rasterize import Pixels
from trainer.networks.factory import prepare_images
from trainer.networks.gate import Gate, load_gate_for
from trainer.networks.model import Model, load_shipped
from trainer.recipes.recipe import DIGIT_CLASSES

_OBJECT_DATASETS = ("fashion", "cifar10")
"""Datasets of pictures of objects, which are not cut out as ink is."""
_GATE_SCALE = 2.0
"""Scores of the gate that are this much above its threshold are fairly certain."""
_LEAST_MARGIN = 0.5
"""A candidate's score is so much above it at least: of the many candidates of what is no digit,
one is often a little like one. Chosen on digits of the validation people and on non-digits, as the
two below were: of 400 pictures without a digit 23 were accepted, and 27 with 0.1."""
_AMBIGUOUS, _AMBIGUOUS_MARGIN = 0.4, 6.0
"""A candidate whose two best probabilities are less apart must be so much above it."""


@cache
def _load() -> tuple[Model, Gate]:
    """The built-in network and its gate, on the CPU; what is seen must not depend on what reads."""
    gate = load_gate_for(DIGIT_CLASSES, torch.device("cpu"))
    assert gate is not None  # there is one for digits
    return load_shipped(), gate


def score_digits(images: Pixels) -> list[float]:
    """Score candidates, uint8 (N, 28, 28), found on photos, as digits.

    Returns:
        N scores: 0 where one is rejected; else, up to 1, how far the two best probabilities are
        apart, times the sigmoid of the gate's score above its threshold.
    """
    model, gate = _load()
    pictures = torch.from_numpy(images)
    with torch.inference_mode():
        logits = model.network(prepare_images(pictures, model.recipe)).double()
        best = (logits / model.temperature).softmax(1).topk(2).values
        margin = gate.scores(pictures).double() - gate.threshold
        apart = best[:, 0] - best[:, 1]
        scores = apart * torch.sigmoid(margin / _GATE_SCALE)
        vague = (margin < _LEAST_MARGIN) | ((apart < _AMBIGUOUS) & (margin < _AMBIGUOUS_MARGIN))
        scores[gate.rejects(pictures) | vague] = 0
    result: list[float] = scores.tolist()
    return result


def choose_layout(model: Model | None) -> Layout:
    """How pictures are laid out for a network; None: the built-in one."""
    if model is None or model.classes == DIGIT_CLASSES:
        return Layout.DIGIT
    return Layout.OBJECT if model.recipe.dataset in _OBJECT_DATASETS else Layout.CHARACTER


def make_scorer(model: Model | None) -> CandidateScorer:
    """What scores the candidates of a picture for `model`; None: the built-in network.

    For letters the score is how far the two best probabilities are apart, 0 to 1.
    """
    if model is None or model.classes == DIGIT_CLASSES:
        return score_digits

    def score(images: Pixels) -> list[float]:
        with torch.inference_mode():
            pictures = torch.from_numpy(images).to(model.device)
            logits = model.network(prepare_images(pictures, model.recipe)).cpu().double()
            best = (logits / model.temperature).softmax(1).topk(2).values
        margins: list[float] = (best[:, 0] - best[:, 1]).tolist()
        return margins

    return score


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
    return picture.read_picture(path, make_scorer(model), settings, choose_layout(model))


def from_pixels(
    colors: NDArray[np.uint8],
    caption: str,
    model: Model | None = None,
    settings: InkSettings | None = None,
) -> Picture:
    """As `read_picture`, of uint8 pixels of shape (H, W, 3); `caption` says whence they come."""
    return picture.from_pixels(colors, caption, make_scorer(model), settings, choose_layout(model))


def extract(
    colors: NDArray[np.uint8],
    caption: str,
    model: Model | None = None,
    settings: InkSettings | None = None,
) -> Extraction:
    """As `from_pixels`, with the mask of the ink."""
    scorer, layout = make_scorer(model), choose_layout(model)
    return picture.extract(colors, caption, caption, scorer, settings, layout)


def find_ink(
    colors: NDArray[np.uint8], settings: InkSettings | None = None
) -> tuple[NDArray[np.bool_], InkSettings]:
    """All ink, where `extract` finds no digit among it; see `search.find_ink`."""
    return search.find_ink(colors, picture.WORKING, settings or InkSettings())
