"""Measuring accuracy on distorted test images, in a thread of its own."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QThread, Signal

from lenet_gui.evaluation_thread import ModelSource
from trainer.errors import UserError
from trainer.inspect.distortions import Distortion
from trainer.progress import Progress
from trainer.recipes import DATASETS

if TYPE_CHECKING:
    from trainer.digits import Digits

_log = logging.getLogger(__name__)
_PROGRESS_EVERY = 0.1  # seconds between two messages to the window
Result = TypeVar("Result")


class _Cancelled(Exception):
    """Nobody waits for it any longer."""


class RobustnessThread(QThread):
    """Start it once; interrupted, it ends soon and tells nothing.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: where datasets are.
        names: of the distortions to measure.
        images: how many of the test images at most; None for all.
        base: what is done besides.
    """

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    measured = Signal(object)
    """`Robustness`: with the curves so far, and at the end with all."""
    data_missing = Signal(str, str)
    """The dataset is not on this computer: its name, and where it was looked for."""
    failed = Signal(str)

    def __init__(
        self,
        sources: list[ModelSource],
        dataset: str,
        data: Path,
        names: tuple[str, ...],
        images: int | None = None,
        base: Distortion = Distortion(),  # noqa: B008  it is frozen
    ) -> None:
        super().__init__()
        self.setObjectName("robustness")
        self._sources, self._dataset, self._data = sources, dataset, data
        self._names, self._images, self._base = names, images, base
        self._told = 0.0

    def run(self) -> None:
        """The thread."""
        try:
            self._measure()
        except _Cancelled:
            return
        except UserError as error:
            self.failed.emit(str(error))
        except Exception as error:  # what fails here must not take the window along
            _log.exception("measuring robustness failed")
            self.failed.emit(f"{type(error).__name__}: {error}")

    def _measure(self) -> None:
        import torch

        from trainer import datasets, report
        from trainer.inspect import robustness

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
        wanted = robustness.chosen(self._names)
        part = self._part(digits)
        work = robustness.measuring(models, part, self._dataset, wanted, self._base)
        names = tuple(source.title for source in self._sources)
        curves: list[robustness.Curve] = []

        def keep(curve: object) -> None:
            if isinstance(curve, robustness.Curve):
                curves.append(curve)
                # All of them so far: whoever looks need not put them together.
                found = robustness.Robustness(
                    self._dataset, len(part), names, tuple(curves), self._base.refit
                )
                self.measured.emit(found)

        self._result(work, keep)

    def _part(self, digits: Digits) -> Digits:
        """The first of them."""
        import torch

        if self._images is None:
            return digits
        return digits.at(torch.arange(min(self._images, len(digits))))

    def _result(self, work: Generator[Any, None, Result], other: Any = None) -> Result:
        """Run `work` to its end, telling how far it is; `other` is called with the rest."""
        with closing(work):
            while True:
                if self.isInterruptionRequested():
                    raise _Cancelled
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
