"""What the Inspect tab's tests share: networks of both kinds, and readings of a picture."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from lenet_gui.inspect.common.inspection import Inspection, make_inspection
from trainer.drawing.picture import Picture
from trainer.drawing.rasterize import rasterize
from trainer.drawing.sheet import PreprocessingOptions
from trainer.handwriting import font
from trainer.networks import model as weights
from trainer.networks.factory import build
from trainer.networks.interventions import Intervention
from trainer.networks.kernels import collect_kernels
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.sheet_reading import SheetReading
from trainer.recipes.catalog import find_recipe

DIGITS = tuple("0123456789")


@cache
def shipped() -> Model:
    """The network that ships."""
    return weights.load_shipped()


@cache
def paper_model() -> Model:
    """The network of 1998 with initial weights."""
    recipe = find_recipe("lenet5-1998")
    network = build(recipe, torch.Generator().manual_seed(3)).eval()
    return Model(network, recipe, DIGITS, name="of 1998")


@cache
def picture(number: int = 0) -> NDArray[np.uint8]:
    """A built-in pen digit, uint8 (28, 28)."""
    images = [image for image, _ in font.render_digits(number + 1, seed=5)]
    return images[number]


def inspection(
    model: Model,
    image: NDArray[np.uint8] | None = None,
    interventions: tuple[Intervention, ...] = (),
) -> Inspection:
    """The model's reading of a picture, by default `picture()`, as the window gets it."""
    image = picture() if image is None else image
    found = predict.read(model, image, interventions)
    made = make_inspection(
        _reading(model, image, found, predict.read(model, image) if interventions else None)
    )
    assert made is not None
    return made


def empty(model: Model) -> Inspection:
    """A clean sheet."""
    made = make_inspection(_reading(model, rasterize([]), None, None))
    assert made is not None
    return made


def _reading(
    model: Model,
    image: NDArray[np.uint8],
    prediction: predict.Prediction | None,
    baseline: predict.Prediction | None,
) -> SheetReading:
    from trainer.drawing.sheet import Sheet

    return SheetReading(
        sheet=Sheet() if prediction is None else Sheet(picture=Picture(image, image)),
        preprocessing=PreprocessingOptions(),
        image=image,
        prediction=prediction,
        classes=model.classes,
        digits=(),
        chosen=0,
        milliseconds=1.0,
        model=model,
        kernels=collect_kernels(model.network),
        baseline=baseline,
    )
