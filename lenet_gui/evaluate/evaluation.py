"""Testing one network, or two on the same images; for a thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch

from lenet_gui.widgets.model_chooser import ModelSource, load_for_test
from trainer.data.labelled_images import LabelledImages
from trainer.drawing import picture as picture  # the window needs it of a result
from trainer.evaluation import report
from trainer.evaluation.report import Comparison, Report
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.runtime import devices


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What testing one or two networks gave."""

    first: Report
    second: Report | None
    comparison: Comparison | None  # where there are two

    @property
    def reports(self) -> list[Report]:
        """The first report, and the second if there is one."""
        return [self.first] if self.second is None else [self.first, self.second]


def evaluate(
    sources: list[ModelSource], dataset: str, data: Path, device: str
) -> Generator[Progress, None, Evaluation]:
    """Test one or two networks, on the CPU if the device fails.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: folder of datasets.
        device: one of `devices.NAMES`.
    """
    models, images = yield from load_for_test(sources, dataset, data)
    place = devices.choose(device)
    try:
        reports = yield from _evaluate_on(place, models, images, dataset)
    except RuntimeError as error:
        if not devices.is_device_failure(error, place):
            raise
        reports = yield from _evaluate_on(devices.choose("cpu"), models, images, dataset)
    if len(reports) == 1:
        return Evaluation(reports[0], None, None)
    comparison = report.compare(*reports)
    return Evaluation(reports[0], reports[1], comparison)


def _evaluate_on(
    device: torch.device, models: list[Model], images: LabelledImages, dataset: str
) -> Generator[Progress, None, list[Report]]:
    placed = images.to(device)
    # What a report holds must be the same pictures for both, and usable anywhere.
    pixels = images.images.numpy()
    reports = []
    for model in models:
        result = yield from report.evaluate_in_full(model.to(device), placed, dataset)
        reports.append(dataclasses.replace(result, model=model, images=pixels))
    return reports
