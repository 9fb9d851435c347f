"""LeNet-5 as a classifier of scikit-learn's kind: `fit`, `predict`, `predict_proba`, `score`.

Needs scikit-learn (`pip install 'lenet-studio[sklearn]'`). Images come as rows of numbers, as
scikit-learn has them; how a row becomes what the network takes is said in `LeNetClassifier`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.nn import functional as F

from trainer import api
from trainer.drawing.rasterize import SIDE
from trainer.reading.predict import read_many
from trainer.recipes.recipe import Recipe, count_classes
from trainer.runtime import devices
from trainer.translation import gettext as _

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:  # not a part of every installation: see `sklearn` in pyproject.toml
    raise ImportError(
        _("LeNetClassifier needs scikit-learn 1.6 or newer: pip install 'lenet-studio[sklearn]'")
    ) from error

RECIPE = Recipe(
    name="LeNetClassifier",
    epochs=20,
    batch_size=32,
    learning_rate=4e-3,
    schedule="cosine",
    kept="last",  # a few images held out do not tell the best epoch
    arithmetic="plain",  # the same numbers give the same network
)
"""By which a classifier trains that was given no recipe: no distortion, for a row of numbers need
not be a drawing."""

_DATASETS = ("mnist", "emnist-letters", "emnist-balanced")
"""Their networks have 10, 26 and 47 outputs; those that there is no class for are left out."""


class LeNetClassifier(ClassifierMixin, BaseEstimator):
    """A LeNet-5 that learns from rows of numbers.

    A row of `X` is an image, line by line. A network takes 28 x 28 pixels: smaller squares are
    enlarged by the largest whole factor and centered, larger ones shrunk, and a row that is no
    square is filled up with the lowest value. The lowest and the highest number of the training
    images become 0 and 255, so ink should be the higher one.

    Args:
        recipe: every number of the training; None for `RECIPE`.
        epochs: instead of the recipe's.
        device: "auto", "cuda", "mps" or "cpu".
        random_state: decides initial weights, order and what is held out.

    Attributes:
        classes_: the labels, sorted.
        model_: the trained network (`Model`), which `trainer.save_model` writes.
        history_: loss and accuracy by epoch.

    Example:
        >>> import numpy as np
        >>> X, y = np.eye(9).repeat(9, 0), np.repeat(range(9), 9)
        >>> int(LeNetClassifier(device="cpu", random_state=1).fit(X, y).predict(X)[80])
        8
    """

    def __init__(
        self,
        recipe: Recipe | None = None,
        *,
        epochs: int | None = None,
        device: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.recipe = recipe
        self.epochs = epochs
        self.device = device
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on images with their labels.

        Args:
            X: numbers, (N, pixels), or (N, height, width).
            y: labels, (N,), of at most 47 classes.

        Raises:
            ValueError: too few images, too many classes, or arrays that do not fit together.
        """
        rows, labels = validate_data(self, _as_rows(X), y, ensure_min_samples=2)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        self.range_ = float(rows.min()), float(rows.max())
        recipe = self._recipe(len(rows))
        names = [" ".join(str(label).split())[:40] for label in self.classes_]
        names += [""] * (count_classes(recipe.dataset) - len(names))
        result = api.train(
            recipe,
            api.make_dataset(self._images(rows), numbers.astype(np.int64), names),
            device=self.device,
        )
        self.model_, self.history_ = result.model, result.history
        return self

    def _recipe(self, count: int) -> Recipe:
        """By which to train on `count` images."""
        recipe = self.recipe if self.recipe is not None else RECIPE
        fitting = [name for name in _DATASETS if count_classes(name) >= len(self.classes_)]
        if not fitting:
            raise ValueError(
                _("LeNetClassifier tells at most {most} classes apart, and y has {count}").format(
                    most=count_classes(_DATASETS[-1]), count=len(self.classes_)
                )
            )
        return dataclasses.replace(
            recipe,
            dataset=fitting[0],
            epochs=recipe.epochs if self.epochs is None else self.epochs,
            validation=min(0.5, max(recipe.validation, 1 / count)),  # one image at least
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
        )

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """The probability of each class, (N, classes), in the order of `classes_`.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: the rows have another length than those of `fit`.
        """
        check_is_fitted(self)
        rows = validate_data(self, _as_rows(X), reset=False)
        model = self.model_.to(devices.choose(self.device))
        probabilities = np.array(read_many(model, self._images(rows)))[:, : len(self.classes_)]
        shares: NDArray[np.float64] = probabilities / probabilities.sum(1, keepdims=True)
        return shares

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each image, (N,).

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: the rows have another length than those of `fit`.
        """
        numbers = self.predict_proba(X).argmax(1)
        labels: NDArray[Any] = self.classes_[numbers]
        return labels

    def _images(self, rows: NDArray[Any]) -> NDArray[np.uint8]:
        """Rows, (N, pixels), as uint8 (N, 28, 28)."""
        low, high = self.range_
        levels = (rows.astype(np.float32) - low) / max(high - low, 1e-12) * 255
        levels = levels.clip(0, 255)
        side = math.isqrt(rows.shape[1] - 1) + 1
        squares = np.zeros((len(rows), side * side), np.float32)
        squares[:, : rows.shape[1]] = levels
        images = _fit_to_network(torch.from_numpy(squares).view(-1, 1, side, side))
        return images.squeeze(1).round().to(torch.uint8).numpy()


def _as_rows(X: Any) -> Any:
    """Images, (N, height, width), as rows; anything else as it is."""
    return X.reshape(len(X), -1) if isinstance(X, np.ndarray) and X.ndim == 3 else X


def _fit_to_network(images: torch.Tensor) -> torch.Tensor:
    """float32, (N, 1, S, S), as (N, 1, 28, 28)."""
    side = images.shape[2]
    if side > SIDE:
        return F.interpolate(images, size=(SIDE, SIDE), mode="area")
    enlarged = F.interpolate(images, scale_factor=SIDE // side, mode="nearest")
    free = SIDE - enlarged.shape[2]
    return F.pad(enlarged, (free // 2, free - free // 2, free // 2, free - free // 2))
