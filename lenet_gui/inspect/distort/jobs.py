"""What the Distort panel's threads do; imported there alone, because it brings torch."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lenet_gui.workers.model_source import ModelSource
from lenet_gui.workers.testing import load_for_test
from trainer.drawing.rasterize import even_pen_widths
from trainer.drawing.sheet import SMALLEST, Stroke
from trainer.progress import Progress
from trainer.reading import predict as predict
from trainer.robustness import sweep as sweep
from trainer.robustness.distortions import Distortion
from trainer.robustness.drawings import Distorter
from trainer.robustness.sweep import Curve, Robustness


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
