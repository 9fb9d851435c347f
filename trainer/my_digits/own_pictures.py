"""My digits as pictures: as they are read, and varied as the same hand might have drawn them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data.labelled_images import Digits
from trainer.drawing.rasterize import evened, rasterize
from trainer.drawing.variation import vary
from trainer.my_digits.digit import OwnDigit


def picture(digit: OwnDigit) -> NDArray[np.uint8]:
    """What the network reads of it: uint8 (28, 28), 0 paper and 255 ink."""
    if digit.image is not None:
        return np.frombuffer(digit.image, np.uint8).reshape(28, 28).copy()
    return rasterize(_strokes(digit))


def pictures(digits: Sequence[OwnDigit]) -> Digits:
    """All of them as they are."""
    return _as_digits([picture(digit) for digit in digits], digits)


def varied(digits: Sequence[OwnDigit], times: int, rng: np.random.Generator) -> Digits:
    """Each as it is, and `times` varied: by its strokes, where there are any."""
    images, labels = [], []
    for digit in digits:
        as_it_is = picture(digit)
        for number in range(times + 1):
            if number and digit.image is None:
                strokes, width = vary(_strokes(digit), rng)
                images.append(rasterize(strokes, width=width))
            else:
                images.append(as_it_is)
            labels.append(digit)
    return _as_digits(images, labels)


def _strokes(digit: OwnDigit) -> list[NDArray[np.float64]]:
    """As the window reads them."""
    return evened(np.array([(*point, 1.0)[:3] for point in stroke]) for stroke in digit.strokes)


def _as_digits(images: list[NDArray[np.uint8]], digits: Sequence[OwnDigit]) -> Digits:
    stacked = np.stack(images) if images else np.empty((0, 28, 28), np.uint8)
    return Digits(torch.from_numpy(stacked), torch.tensor([digit.label for digit in digits]))
