"""How a network does on a dataset's test split, told in full.

Accuracy, loss, figures by class, confusion matrix, misread images, calibration
and rejection curve, time and environment. Everything is computed from all
answers at once with NumPy; `export` writes it.

`compare` sets two networks on the same images side by side: where they differ, and whether
that may be chance. McNemar, "Note on the sampling error of the difference between correlated
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

_BATCH = 500  # what twice as many need is too large for a processor's cache


@dataclass(frozen=True, slots=True)
class Score:
    """How a network did on a dataset."""

    accuracy: float  # 0 to 1
    loss: float  # mean cross-entropy, nats
    count: int


def compute_logits(
    network: Network, digits: LabelledImages, recipe: Recipe, what: str = "testing"
) -> Generator[Progress, None, Tensor]:
    """A network's scores for digits that lie on its device; returns float32 (N, classes) there."""
    parts = []
    for done in range(0, len(digits), _BATCH):
        yield Progress(what, done, len(digits))
        # The mode must not stay on across a yield: other code of this thread may run there.
        with torch.inference_mode():
            parts.append(network(prepare_images(digits.images[done : done + _BATCH], recipe)))
    return torch.cat(parts)


def score(logits: Tensor, labels: Tensor) -> Score:
    """How right scores (N, classes) are, for int64 labels (N,)."""
    right = float((logits.argmax(1) == labels).sum())
    return Score(right / len(labels), float(F.cross_entropy(logits, labels)), len(labels))


def evaluate_with_progress(
    network: Network, digits: LabelledImages, recipe: Recipe
) -> Generator[Progress, None, Score]:
    """Test a network on digits that lie on its device; returns its `Score`."""
    return score((yield from compute_logits(network, digits, recipe)), digits.labels)


def evaluate(network: Network, digits: LabelledImages, recipe: Recipe) -> Score:
    """Test a network on digits that lie on its device."""
    return result_of(evaluate_with_progress(network, digits, recipe))


Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class ReportError(UserError):
    """What can't be tested or told; the message says why."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class is read; None where nothing can be said."""

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
        """Which images are read rightly, (N,)."""
        return np.equal(self.answers, self.labels)

    @property
    def misread(self) -> Indices:
        """Numbers of the images read wrongly, the surest answer first."""
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
        """What must be known to understand the figures; mostly nothing."""
        if self.model.classes == self.classes:
            return ""
        known, here = (", ".join(names[:2]) for names in (self.model.classes, self.classes))
        return _(
            "The names differ: {name} knows {known} … and {title} has {here} …; classes are "
            "compared by their number."
        ).format(name=self.model.name, known=known, title=self.title, here=here)


def check(model: Model, classes: tuple[str, ...], title: str) -> None:
    """See whether a network can be tested on images of these classes.

    Raises:
        ReportError: it tells another number of classes apart.
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
        ReportError: there are no images, or the network tells another number of classes apart.
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
    """All scores, (N, classes), on the CPU, and the seconds that took without the caller's."""
    work = compute_logits(model.network, digits, model.recipe, _("testing on the images"))
    seconds = 0.0
    while True:
        began = time.perf_counter()
        try:
            progress = next(work)
        except StopIteration as end:
            logits: Tensor = end.value.cpu()  # waits for a GPU: it belongs to the time
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
    """How strongly each cell of a confusion matrix is colored, 0 to 1: only errors are.

    By the root of their count, or one error beside a hundred would not be seen.
    """
    errors = confusion - np.diag(np.diag(confusion))
    return np.sqrt(errors / max(1, int(errors.max())))


def describe_environment(device: torch.device) -> dict[str, str]:
    """On what the figures were found."""
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
    """Numbers of the images by who reads them rightly; ascending."""

    both: Indices
    only_first: Indices
    only_second: Indices
    neither: Indices

    @property
    def p_value(self) -> float:
        """How probable it is that equally good networks differ at least so much, 0 to 1."""
        return sign_test_p_value(len(self.only_first), len(self.only_second))

    @property
    def verdict(self) -> str:
        """The same in words."""
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
    """Who reads which images rightly.

    Raises:
        ValueError: they are about different images.
    """
    if first.images is not second.images and not (
        np.array_equal(first.labels, second.labels) and np.array_equal(first.images, second.images)
    ):
        raise ValueError("the two reports are about different images")
    a, b = first.right, second.right
    parts = (a & b, a & ~b, ~a & b, ~a & ~b)
    return Comparison(*(np.flatnonzero(part) for part in parts))


def sign_test_p_value(first: int, second: int) -> float:
    """Of a fair coin thrown `first + second` times: how probable so uneven a result is."""
    thrown = first + second
    tail = sum(math.comb(thrown, k) for k in range(min(first, second) + 1))
    return min(1.0, 2 * tail / (1 << thrown))
