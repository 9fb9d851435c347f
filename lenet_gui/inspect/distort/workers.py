"""The threads behind the Distort panel: one picture distorted and read, sweeps, whole datasets."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lenet_gui.widgets.model_chooser import ModelSource, load_for_test
from lenet_gui.workers.latest import LatestWorker
from trainer.drawing.rasterize import even_pen_widths
from trainer.drawing.sheet import SMALLEST, Stroke
from trainer.errors import UserError
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.reading import predict
from trainer.reading.predict import Answer
from trainer.robustness import sweep
from trainer.robustness.distortions import Distortion, Parameter
from trainer.robustness.drawings import Distorter
from trainer.robustness.sweep import Curve, Robustness, Sweep
from trainer.translation import gettext as _


def make_distorter(image: NDArray[np.uint8], strokes: tuple[Stroke, ...]) -> Distorter:
    """Ready to distort a drawing; a picture, uint8 (28, 28), has no strokes."""
    return Distorter(image, even_pen_widths(strokes), SMALLEST)


def measure(
    sources: list[ModelSource],
    dataset: str,
    data: Path,
    names: tuple[str, ...],
    count: int | None,
    base: Distortion,
) -> Generator[Progress | Robustness, None, None]:
    """Measure one distortion after another; yields all curves so far as each is complete.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: folder of datasets.
        names: of the distortions to measure.
        count: how many of the test images at most; None for all.
        base: what is done besides.
    """
    models, images = yield from load_for_test(sources, dataset, data)
    if count is not None:
        images = images.at(torch.arange(min(count, len(images))))
    titles = tuple(source.title for source in sources)
    curves: list[Curve] = []
    parameters = sweep.choose_parameters(names)
    for event in sweep.measure_robustness(models, images, dataset, parameters, base):
        if isinstance(event, Curve):
            curves.append(event)
            yield Robustness(dataset, len(images), titles, tuple(curves), base.refit)
        else:
            yield event


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is distorted, and who reads it."""

    model: Model
    image: NDArray[np.uint8]  # (28, 28), undistorted
    strokes: tuple[Stroke, ...]  # on the paper; none for a picture

    def same(self, other: Subject | None) -> bool:
        """Whether there is nothing new in it."""
        return (
            other is not None
            and self.model is other.model
            and self.image.tobytes() == other.image.tobytes()
            and self.strokes == other.strokes
        )


@dataclass(frozen=True, slots=True, eq=False)
class DistortionRequest:
    """One distortion of it."""

    subject: Subject
    how: Distortion


@dataclass(frozen=True, slots=True, eq=False)
class DistortionResult:
    """What came of it."""

    request: DistortionRequest
    image: NDArray[np.uint8]  # (28, 28)
    answer: Answer
    plain: Answer  # to the undistorted one
    of_strokes: bool  # drawn anew, and not a picture's pixels moved
    milliseconds: float


class DistortWorker(LatestWorker):
    """Ask it for `DistortionRequest`; it answers with `DistortionResult`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("distorting")
        self._kept: tuple[Subject, Distorter, Answer] | None = None

    def work(self, request: DistortionRequest) -> DistortionResult:
        """Distort and read."""
        began = time.perf_counter()
        if self._kept is None or self._kept[0] is not request.subject:
            subject = request.subject
            plain = predict.read_answers(subject.model, subject.image[None])[0]
            self._kept = (subject, make_distorter(subject.image, subject.strokes), plain)
        _other, distorter, plain = self._kept
        image = distorter.picture(request.how)
        answer = plain
        if not request.how.nothing:
            answer = predict.read_answers(request.subject.model, image[None])[0]
        took = (time.perf_counter() - began) * 1000
        return DistortionResult(request, image, answer, plain, distorter.of_strokes, took)


@dataclass(frozen=True, slots=True, eq=False)
class SweepRequest:
    """One distortion varied."""

    subject: Subject
    how: Distortion
    parameter: Parameter
    beside: ModelSource | None  # another network that reads the same

    def same(self, other: SweepRequest | None) -> bool:
        """Whether it would come to the same."""
        return (
            other is not None
            and self.subject is other.subject
            and self.how == other.how
            and self.parameter is other.parameter
            and self.beside == other.beside
        )


@dataclass(frozen=True, slots=True, eq=False)
class SweepResult:
    """What came of it."""

    request: SweepRequest
    sweep: Sweep | None  # none if a newer one is wanted
    milliseconds: float


class SweepWorker(LatestWorker):
    """Ask it for `SweepRequest`; it answers with `SweepResult`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sweeping")
        self._beside: tuple[ModelSource, Model] | None = None

    def work(self, request: SweepRequest) -> SweepResult:
        """Distort and read at each value."""
        began = time.perf_counter()
        subject, models = request.subject, [request.subject.model]
        if request.beside is not None:
            models.append(self._loaded(request.beside, models[0]))
        try:
            distorter = make_distorter(subject.image, subject.strokes)
            swept = sweep.sweep(models, distorter, request.how, request.parameter, stale=self.stale)
        except sweep.Stale:
            return SweepResult(request, None, 0.0)
        return SweepResult(request, swept, (time.perf_counter() - began) * 1000)

    def _loaded(self, source: ModelSource, first: Model) -> Model:
        """The other network; read from its file once.

        Raises:
            UserError: it can't be read, or tells other classes apart.
        """
        if self._beside is None or self._beside[0] != source:
            self._beside = (source, source.load())
        model = self._beside[1]
        if model.classes != first.classes:
            raise UserError(
                _(
                    "{title} knows {classes}, {classes2} …, and the current network {classes3}, "
                    "{classes4} …: choose another one"
                ).format(
                    title=source.title,
                    classes=model.classes[0],
                    classes2=model.classes[1],
                    classes3=first.classes[0],
                    classes4=first.classes[1],
                )
            )
        return model
