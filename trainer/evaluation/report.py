"""The report on a network: accuracy, loss, figures by class, confusion matrix, misread images,
calibration, rejection curve, time and environment.

Everything is computed from the answers to a dataset's test split with NumPy; `export` writes it.

`compare` compares two networks on the same images: where they differ, and whether that is
significant. McNemar, "Note on the sampling error of the difference between correlated
proportions or percentages", Psychometrika 12(2), 1947; here the exact test.

`evaluate` is the short form: accuracy and loss alone.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer import __version__
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.evaluation.calibration import (
    BY_PROBABILITIES,
    BY_SCORES,
    Bin,
    Rejection,
    calibration_curve,
    calibration_error,
    rejection_curve,
)
from trainer.networks.factory import Network, prepare_images
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.recipes.recipe import Recipe, dataset_title
from trainer.translation import gettext as _

_BATCH = 500  # images; the values of twice as many do not fit a CPU's cache


@dataclass(frozen=True, slots=True)
class Score:
    """How a network did on a dataset."""

    accuracy: float  # 0 to 1
    loss: float  # mean cross-entropy, nats
    count: int


def compute_logits(
    network: Network, digits: LabelledImages, recipe: Recipe, what: str = "testing"
) -> Generator[Progress, None, Tensor]:
    """Compute a network's logits for images on its device.

    Returns:
        (of the generator) float32 (N, classes), on the same device.
    """
    parts = []
    for done in range(0, len(digits), _BATCH):
        yield Progress(what, done, len(digits))
        # Not across the yield: other code of this thread runs there.
        with torch.inference_mode():
            parts.append(network(prepare_images(digits.images[done : done + _BATCH], recipe)))
    return torch.cat(parts)


def score(logits: Tensor, labels: Tensor) -> Score:
    """Accuracy and loss of logits (N, classes) for int64 labels (N,)."""
    right = float((logits.argmax(1) == labels).sum())
    return Score(right / len(labels), float(F.cross_entropy(logits, labels)), len(labels))


def evaluate_with_progress(
    network: Network, digits: LabelledImages, recipe: Recipe
) -> Generator[Progress, None, Score]:
    """As `evaluate`; yields how far it is, and returns the `Score`."""
    return score((yield from compute_logits(network, digits, recipe)), digits.labels)


def evaluate(network: Network, digits: LabelledImages, recipe: Recipe) -> Score:
    """Test a network on images that are on its device."""
    return result_of(evaluate_with_progress(network, digits, recipe))


Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class ReportError(UserError):
    """A test or a comparison that is not possible; the message says why."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Precision, recall and F1 of one class; None where a denominator is 0."""

    name: str
    precision: float | None  # of the images read as this, the share that are this
    recall: float | None  # of the images that are this, the share read as this
    f1: float | None  # harmonic mean of the two
    support: int  # images that are this
    answered: int  # images read as this


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A network's answers to a test split, and what follows from them."""

    model: Model
    dataset: str  # a key of `recipe.DATASETS`
    images: NDArray[np.uint8]  # (N, 28, 28) or (N, 3, 32, 32)
    classes: tuple[str, ...]  # the dataset's
    labels: Indices  # (N,)
    answers: Indices  # (N,)
    confidences: Floats  # (N,), probability of the answer, calibrated
    margins: Floats  # (N,), what the rejection rule looks at
    accuracy: float  # 0 to 1
    loss: float  # mean cross-entropy, nats, as `report.score`
    confusion: Indices  # (classes, classes): row is the label, column the answer
    per_class: tuple[ClassFigures, ...]
    bins: tuple[Bin, ...]
    calibration_error: float  # expected, 0 to 1
    rejection: Rejection
    seconds: float  # that reading took, data not included
    environment: dict[str, str]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def title(self) -> str:
        """The dataset, for people."""
        return dataset_title(self.dataset)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which images are read correctly, (N,)."""
        return np.equal(self.answers, self.labels)

    @property
    def misread(self) -> Indices:
        """Numbers of the misread images, the most certain answer first."""
        return self.surest_first(np.flatnonzero(~self.right))

    def surest_first(self, numbers: Indices) -> Indices:
        """Those images, by falling probability of the answer."""
        return numbers[np.argsort(-self.confidences[numbers], kind="stable")]

    @property
    def images_per_second(self) -> float:
        """How fast they were read."""
        return len(self) / max(self.seconds, 1e-9)

    @property
    def note(self) -> str:
        """A remark that is needed to understand the figures; mostly empty."""
        if self.model.classes == self.classes:
            return ""
        known, here = (", ".join(names[:2]) for names in (self.model.classes, self.classes))
        return _(
            "The names differ: {name} knows {known} … and {title} has {here} …; classes are "
            "compared by their number."
        ).format(name=self.model.name, known=known, title=self.title, here=here)


def check(model: Model, classes: tuple[str, ...], title: str) -> None:
    """Check that a network can be tested on images of these classes.

    Raises:
        ReportError: it has another number of classes.
    """
    if len(model.classes) != len(classes):
        raise ReportError(
            _(
                "{name} knows {count} classes and {title} has {count2}: choose a network that "
                "was trained on such images"
            ).format(name=model.name, count=len(model.classes), title=title, count2=len(classes))
        )


def evaluate_in_full(
    model: Model, digits: LabelledImages, dataset: str = ""
) -> Generator[Progress, None, Report]:
    """Test a network in full.

    Args:
        model: on the device of `digits`.
        digits: the test split.
        dataset: its name, a key of `recipe.DATASETS`.

    Returns:
        (of the generator) the report, on the CPU but for the model.

    Raises:
        ReportError: there are no images, or the network has another number of classes.
    """
    title = dataset_title(dataset) or _("the dataset")
    check(model, digits.classes, title)
    if not len(digits):
        raise ReportError(_("{title} has no images to test a network on").format(title=title))
    logits, seconds = yield from _logits(model, digits)
    labels = digits.labels.cpu()
    scored = score(logits, labels)
    probabilities = (logits.double() / model.temperature).softmax(1)
    return _report(model, digits, dataset, logits, probabilities, scored, seconds)


def _logits(
    model: Model, digits: LabelledImages
) -> Generator[Progress, None, tuple[Tensor, float]]:
    """All logits, (N, classes), on the CPU, and the seconds without those of the caller."""
    work = compute_logits(model.network, digits, model.recipe, _("testing on the images"))
    seconds = 0.0
    while True:
        began = time.perf_counter()
        try:
            progress = next(work)
        except StopIteration as end:
            logits: Tensor = end.value.cpu()  # waits for a GPU, so it is inside the measurement
            return logits, seconds + time.perf_counter() - began
        seconds += time.perf_counter() - began
        yield progress


def _report(
    model: Model,
    digits: LabelledImages,
    dataset: str,
    logits: Tensor,
    probabilities: Tensor,
    score: Score,
    seconds: float,
) -> Report:
    labels = digits.labels.cpu().numpy().astype(np.int64)
    best = probabilities.max(1)
    answers, confidences = logits.argmax(1).numpy(), best.values.numpy()
    right = answers == labels
    confusion = confusion_matrix(labels, answers, len(digits.classes))
    bins = calibration_curve(confidences, right)
    by_scores = model.recipe.network == "lenet5-1998"
    two = (logits.double() if by_scores else probabilities).topk(2, dim=1).values.numpy()
    margins = two[:, 0] - two[:, 1]
    rule = BY_SCORES if by_scores else BY_PROBABILITIES
    return Report(
        model=model,
        dataset=dataset,
        images=digits.images.cpu().numpy(),
        classes=digits.classes,
        labels=labels,
        answers=answers,
        confidences=confidences,
        margins=margins,
        accuracy=score.accuracy,
        loss=score.loss,
        confusion=confusion,
        per_class=compute_class_figures(confusion, digits.classes),
        bins=bins,
        calibration_error=calibration_error(bins),
        rejection=rejection_curve(margins, right, rule),
        seconds=seconds,
        environment=describe_environment(digits.labels.device),
    )


def confusion_matrix(labels: Indices, answers: Indices, classes: int) -> Indices:
    """How often each class (row) is read as each (column)."""
    counts = np.bincount(labels * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def compute_class_figures(confusion: Indices, names: tuple[str, ...]) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of each class."""
    right, support, answered = np.diag(confusion), confusion.sum(1), confusion.sum(0)

    def share(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    return tuple(
        ClassFigures(name, share(r, a), share(r, s), share(2 * r, a + s), s, a)
        for name, r, s, a in zip(
            names, right.tolist(), support.tolist(), answered.tolist(), strict=True
        )
    )


def error_shades(confusion: Indices) -> Floats:
    """The color intensity of each cell of a confusion matrix, 0 to 1; only errors are colored.

    Proportional to the root of the count, so that one error is visible beside a hundred.
    """
    errors = confusion - np.diag(np.diag(confusion))
    return np.sqrt(errors / max(1, int(errors.max())))


def describe_environment(device: torch.device) -> dict[str, str]:
    """The hardware and versions that the figures were measured with."""
    named = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return {
        "when": datetime.now().astimezone().isoformat(timespec="seconds"),
        "device": named or str(device),
        "threads": str(torch.get_num_threads()),
        "processors": str(os.cpu_count() or 1),
        "system": f"{platform.system()} {platform.machine()}",
        "lenet-studio": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Numbers of the images by which network reads them correctly; ascending."""

    both: Indices
    only_first: Indices
    only_second: Indices
    neither: Indices

    @property
    def p_value(self) -> float:
        """The probability, 0 to 1, that equally good networks differ at least as much."""
        return sign_test_p_value(len(self.only_first), len(self.only_second))

    @property
    def verdict(self) -> str:
        """The p-value in words."""
        if not len(self.only_first) and not len(self.only_second):
            return _("Both recognize the same images correctly.")
        p = self.p_value
        p_text = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
        if p >= 0.05:
            return _("Not statistically significant (McNemar's exact test, {told}).").format(
                told=p_text
            )
        return _("Statistically significant (McNemar's exact test, {told}).").format(told=p_text)


def compare(first: Report, second: Report) -> Comparison:
    """Compare which images two networks read correctly.

    Raises:
        ValueError: the reports are of different images.
    """
    if first.images is not second.images and not (
        np.array_equal(first.labels, second.labels) and np.array_equal(first.images, second.images)
    ):
        raise ValueError("the two reports are about different images")
    a, b = first.right, second.right
    parts = (a & b, a & ~b, ~a & b, ~a & ~b)
    return Comparison(*(np.flatnonzero(part) for part in parts))


def sign_test_p_value(first: int, second: int) -> float:
    """The two-sided p-value of `first` heads and `second` tails of a fair coin."""
    count = first + second
    tail = sum(math.comb(count, k) for k in range(min(first, second) + 1))
    return min(1.0, 2 * tail / (1 << count))
