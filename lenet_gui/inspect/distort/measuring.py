"""Measuring accuracy on distorted images; imported in a thread, because it brings torch."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import torch

from lenet_gui.workers.model_source import ModelSource
from lenet_gui.workers.testing import load_for_test
from trainer.progress import Progress
from trainer.robustness import sweep
from trainer.robustness.distortions import Distortion
from trainer.robustness.sweep import Curve, Robustness


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
