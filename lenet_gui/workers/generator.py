"""Some work on a dataset's test split with one or two networks, in a thread of its own."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QThread, Signal

from lenet_gui.workers.model_source import ModelSource
from trainer.errors import UserError
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS

if TYPE_CHECKING:
    from trainer.data.labelled_images import LabelledImages
    from trainer.networks.model import Model

_log = logging.getLogger(__name__)
_PROGRESS_EVERY = 0.1  # seconds between two messages to the window
Result = TypeVar("Result")


class _Cancelled(Exception):
    """Nobody waits for it any longer."""


class DatasetWorker(QThread):
    """Start it once; interrupted, it ends soon and tells nothing.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: where datasets are.
    """

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    data_missing = Signal(str, str)
    """The dataset is not on this computer: its name, and where it was looked for."""
    failed = Signal(str)

    def __init__(self, sources: list[ModelSource], dataset: str, data: Path) -> None:
        super().__init__()
        self._sources, self._dataset, self._data = sources, dataset, data
        self._told = 0.0

    def work(self, models: list[Model], digits: LabelledImages) -> None:
        """What subclasses do with the networks and the images, all on the CPU."""
        raise NotImplementedError

    def run(self) -> None:
        """The thread."""
        try:
            self._load_and_work()
        except _Cancelled:
            return
        except UserError as error:
            self.failed.emit(str(error))
        except Exception as error:  # what fails here must not take the window along
            _log.exception("%s failed", self.objectName())
            self.failed.emit(f"{type(error).__name__}: {error}")

    def _load_and_work(self) -> None:
        import torch

        from trainer.data import loading
        from trainer.evaluation import report

        # One core is left to the window; the setting holds for this thread alone.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        models = [source.load() for source in self._sources]
        try:
            digits = self.result_of(loading.load(self._dataset, "test", self._data))
        except loading.DataMissing as error:
            self.data_missing.emit(error.name, str(error))
            return
        for model in models:
            report.check(model, digits.classes, DATASETS[self._dataset])
        self.work(models, digits)

    def result_of(
        self, work: Generator[Any, None, Result], other: Callable[[Any], None] | None = None
    ) -> Result:
        """Run `work` to its end, telling how far it is; `other` is called with the rest."""
        with closing(work):
            while True:
                self.go_on()
                try:
                    event = next(work)
                except StopIteration as end:
                    result: Result = end.value
                    return result
                if not isinstance(event, Progress):
                    if other is not None:
                        other(event)
                elif time.monotonic() - self._told > _PROGRESS_EVERY:
                    self._told = time.monotonic()
                    self.progressed.emit(event)

    def go_on(self) -> None:
        """End here, if nobody waits for it any longer."""
        if self.isInterruptionRequested():
            raise _Cancelled
