"""Testing one network, or two on the same images, in a thread of its own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from lenet_gui.workers.generator import DatasetWorker
from lenet_gui.workers.model_source import ModelSource

if TYPE_CHECKING:
    import torch

    from trainer.data.labelled_images import LabelledImages
    from trainer.evaluation.report import Comparison, Report
    from trainer.networks.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What came of it."""

    first: Report
    second: Report | None
    comparison: Comparison | None  # where there are two

    @property
    def reports(self) -> list[Report]:
        """One or two."""
        return [self.first] if self.second is None else [self.first, self.second]


class EvaluationThread(DatasetWorker):
    """Start it once; interrupted, it ends soon and tells nothing."""

    evaluated = Signal(object)
    """`Evaluation`."""

    def __init__(
        self, sources: list[ModelSource], dataset: str, data: Path, device: str = "auto"
    ) -> None:
        super().__init__(sources, dataset, data)
        self.setObjectName("evaluation")
        self._device = device

    def work(self, models: list[Model], digits: LabelledImages) -> None:
        """Test them."""
        # What the window needs of a result must not be imported there.
        from trainer.drawing import picture  # noqa: F401
        from trainer.evaluation import report as comparison

        reports = self._reports(models, digits)
        second = reports[1] if len(reports) > 1 else None
        compared = None if second is None else comparison.compare(reports[0], second)
        self.go_on()
        self.evaluated.emit(Evaluation(reports[0], second, compared))

    def _reports(self, models: list[Model], digits: LabelledImages) -> list[Report]:
        """Each network's report; on the CPU if the device gives up."""
        from trainer.runtime import devices

        return devices.run_with_cpu_fallback(
            devices.choose(self._device), lambda device: self._reports_on(device, models, digits)
        )

    def _reports_on(
        self, device: torch.device, models: list[Model], digits: LabelledImages
    ) -> list[Report]:
        from trainer.evaluation import report

        there = digits.to(device)
        works = (
            report.evaluate_in_full(model.to(device), there, self._dataset) for model in models
        )
        found = [self.result_of(work) for work in works]
        # What a report holds must be the same pictures for both, and usable anywhere.
        images = digits.images.numpy()
        return [
            dataclasses.replace(each, model=model, images=images)
            for each, model in zip(found, models, strict=True)
        ]
