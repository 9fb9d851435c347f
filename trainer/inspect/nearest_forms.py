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

from trainer.data.pen import keep_rendered, load_forms
from trainer.handwriting.allographs import FORMS
from trainer.networks.model import Model
from trainer.progress import Progress, once
from trainer.reading.predict import compute_layers

EXAMPLES = 24
"""How many of each form are compared."""
_SEED = 1995
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
    """The examples, always the same ones, written when they are first asked for on a machine."""

    def write() -> Generator[Progress, None, WrittenForms]:
        kept = keep_rendered(f"forms-{EXAMPLES}-{_SEED}", load_forms(EXAMPLES, _SEED))
        written = yield from kept
        names = tuple(name for _, name in FORMS for _ in range(EXAMPLES))
        return WrittenForms(written.images.numpy(), written.labels.numpy(), names)

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
        candidates = []
        for digit in digits:
            (places,) = np.nonzero(self._forms.labels == digit)
            nearest = int(places[distances[places].argmin()])
            picture, name = self._forms.images[nearest], self._forms.names[nearest]
            candidates.append(NearestForm(digit, name, picture, float(distances[nearest])))
        return candidates

    def _compute_features(self, images: Tensor) -> Tensor:
        """The last hidden layer's values, float32 (N, 84) on the CPU, for uint8 (N, 28, 28)."""
        layers = compute_layers(self._model, images.to(self._model.device), gate=False)
        return layers[_LAYER].cpu()
