"""Testing one network, or two on the same images, in a thread of its own."""

from __future__ import annotations

import dataclasses
import logging
import os
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QThread, Signal

from trainer.errors import UserError
from trainer.recipes import DATASETS

if TYPE_CHECKING:
    import torch

    from trainer.comparison import Comparison
    from trainer.digits import Digits
    from trainer.report import Report
    from trainer.weights import Model

_log = logging.getLogger(__name__)
_PROGRESS_EVERY = 0.1  # seconds between two messages to the window
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a network comes from: it is here, in a file, or with neither the one that ships."""

    title: str
    model: Model | None = None
    path: Path | None = None

    def load(self) -> Model:
        """The network, on the CPU.

        Raises:
            ModelError: its file can't be read.
        """
        from trainer import weights

        if self.model is not None:
            return self.model
        if self.path is None:
            return weights.shipped()
        return dataclasses.replace(weights.load(self.path), name=self.title)


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


class _Cancelled(Exception):
    """Nobody waits for it any longer."""


class EvaluationThread(QThread):
    """Start it once; interrupted, it ends soon and tells nothing."""

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    evaluated = Signal(object)
    """`Evaluation`."""
    data_missing = Signal(str, str)
    """The dataset is not on this computer: its name, and where it was looked for."""
    failed = Signal(str)

    def __init__(
        self, sources: list[ModelSource], dataset: str, data: Path, device: str = "auto"
    ) -> None:
        super().__init__()
        self.setObjectName("evaluation")
        self._sources, self._dataset, self._data = sources, dataset, data
        self._device = device
        self._told = 0.0

    def run(self) -> None:
        """The thread."""
        try:
            self._evaluate()
        except _Cancelled:
            return
        except UserError as error:
            self.failed.emit(str(error))
        except Exception as error:  # what fails here must not take the window along
            _log.exception("evaluation failed")
            self.failed.emit(f"{type(error).__name__}: {error}")

    def _evaluate(self) -> None:
        import torch

        # What the window needs of a result must not be imported there.
        from trainer import comparison, datasets, pictures, report  # noqa: F401

        # One core is left to the window; the setting holds for this thread alone.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        models = [source.load() for source in self._sources]
        try:
            digits = self._result(datasets.load(self._dataset, "test", self._data))
        except datasets.DataMissing as error:
            self.data_missing.emit(error.name, str(error))
            return
        for model in models:
            report.check(model, digits.classes, DATASETS[self._dataset])
        reports = self._reports(models, digits)
        second = reports[1] if len(reports) > 1 else None
        compared = None if second is None else comparison.compare(reports[0], second)
        self._go_on()
        self.evaluated.emit(Evaluation(reports[0], second, compared))

    def _reports(self, models: list[Model], digits: Digits) -> list[Report]:
        """Each network's report; on the CPU if the device gives up."""
        from trainer import devices

        device = devices.choose(self._device)
        try:
            return self._reports_on(device, models, digits)
        except RuntimeError as error:
            if not devices.failed(error, device):
                raise
            return self._reports_on(devices.choose("cpu"), models, digits)

    def _reports_on(
        self, device: torch.device, models: list[Model], digits: Digits
    ) -> list[Report]:
        from trainer import report

        there = digits.to(device)
        works = (report.reporting(model.to(device), there, self._dataset) for model in models)
        found = [self._result(work) for work in works]
        # What a report holds must be the same pictures for both, and usable anywhere.
        images = digits.images.numpy()
        return [
            dataclasses.replace(each, model=model, images=images)
            for each, model in zip(found, models, strict=True)
        ]

    def _result(self, work: Generator[Any, None, Result]) -> Result:
        """Run `work` to its end, telling how far it is."""
        with closing(work):
            while True:
                self._go_on()
                try:
                    progress = next(work)
                except StopIteration as end:
                    result: Result = end.value
                    return result
                if time.monotonic() - self._told > _PROGRESS_EVERY:
                    self._told = time.monotonic()
                    self.progressed.emit(progress)

    def _go_on(self) -> None:
        if self.isInterruptionRequested():
            raise _Cancelled
