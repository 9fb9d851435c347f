"""Which written forms lie nearest to a drawing, as a network sees them: "why was it read as a 7?"

Two pictures are near to each other where the network's last hidden layer (F6, 84 units) has
nearly the same values for both: all that its answer is made of. The forms are those in which
the built-in digits are written (`trainer.handwriting.allographs`), so that each has a name.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.drawing.rasterize import rasterize
from trainer.handwriting.allographs import ALLOGRAPHS
from trainer.handwriting.font import write_digit
from trainer.networks.factory import prepare_images
from trainer.networks.model import Model
from trainer.progress import Progress, once

EXAMPLES = 32
"""How many of each form are compared."""
_LAYER = "fc2"
_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class WrittenForms:
    """Examples of every form, `EXAMPLES` of each in a row."""

    images: NDArray[np.uint8]  # (N, 28, 28)
    labels: NDArray[np.int64]  # (N,)
    names: tuple[str, ...]  # N names, as in ALLOGRAPHS


@dataclass(frozen=True, slots=True, eq=False)
class NearestForm:
    """The example of a digit that is nearest to a drawing."""

    digit: int
    name: str  # of its form
    image: NDArray[np.uint8]  # (28, 28)
    distance: float  # Euclidean, between the values of F6


def write_forms() -> Generator[Progress, None, WrittenForms]:
    """The examples, always the same ones, written when they are first asked for."""

    def write() -> Generator[Progress, None, WrittenForms]:
        rng = np.random.default_rng(1995)
        rows = [(digit, name) for digit, forms in ALLOGRAPHS.items() for name in forms]
        rows = [row for row in rows for _ in range(EXAMPLES)]
        images = np.empty((len(rows), 28, 28), np.uint8)
        for number, (digit, name) in enumerate(rows):
            written = write_digit(digit, rng, name)
            images[number] = rasterize(written.strokes, width=written.width)
            if number % 100 == 0:
                yield Progress("writing forms of digits", number, len(rows))
        labels, names = zip(*rows, strict=True)
        return WrittenForms(images, np.array(labels, np.int64), tuple(names))

    return (yield from once(("nearest forms",), write()))


class FormFinder:
    """Finds the nearest forms for one network, whose values for all examples it keeps.

    Args:
        model: a network that reads the ten digits, on any device.
        forms: what `write_forms` returns.
    """

    def __init__(self, model: Model, forms: WrittenForms) -> None:
        self._model, self._forms = model, forms
        parts = torch.from_numpy(forms.images).split(_BATCH)
        self._features = torch.cat([self._compute_features(part) for part in parts])

    def find(self, image: NDArray[np.uint8], digits: Sequence[int]) -> list[NearestForm]:
        """The nearest example of each of `digits` to a picture, uint8 (28, 28), in their order."""
        feature = self._compute_features(torch.from_numpy(image.copy())[None])
        distances = (self._features - feature).norm(dim=1).numpy()
        found = []
        for digit in digits:
            (places,) = np.nonzero(self._forms.labels == digit)
            nearest = int(places[distances[places].argmin()])
            picture, name = self._forms.images[nearest], self._forms.names[nearest]
            found.append(NearestForm(digit, name, picture, float(distances[nearest])))
        return found

    def _compute_features(self, images: Tensor) -> Tensor:
        """The last hidden layer's values, float32 (N, 84) on the CPU, for uint8 (N, 28, 28)."""
        with torch.inference_mode():
            given = prepare_images(images.to(self._model.device), self._model.recipe)
            layers = self._model.network.layers(given)._asdict()
        values: Tensor = layers[_LAYER].float().cpu()
        return values
