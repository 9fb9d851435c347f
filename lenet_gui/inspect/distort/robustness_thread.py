"""Measuring accuracy on distorted test images, in a thread of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from lenet_gui.dataset_worker import DatasetWorker, ModelSource
from trainer.robustness.distortions import Distortion

if TYPE_CHECKING:
    from trainer.data.labelled_images import Digits
    from trainer.networks.model import Model


class RobustnessThread(DatasetWorker):
    """Start it once; interrupted, it ends soon and tells nothing.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: where datasets are.
        names: of the distortions to measure.
        images: how many of the test images at most; None for all.
        base: what is done besides.
    """

    measured = Signal(object)
    """`Robustness`: with the curves so far, and at the end with all."""

    def __init__(
        self,
        sources: list[ModelSource],
        dataset: str,
        data: Path,
        names: tuple[str, ...],
        images: int | None = None,
        base: Distortion = Distortion(),  # noqa: B008  it is frozen
    ) -> None:
        super().__init__(sources, dataset, data)
        self.setObjectName("robustness")
        self._names, self._images, self._base = names, images, base

    def work(self, models: list[Model], digits: Digits) -> None:
        """Measure, telling of each curve as it is done."""
        from trainer.robustness import sweep

        wanted = sweep.chosen(self._names)
        part = self._part(digits)
        work = sweep.measuring(models, part, self._dataset, wanted, self._base)
        names = tuple(source.title for source in self._sources)
        curves: list[sweep.Curve] = []

        def keep(curve: object) -> None:
            if isinstance(curve, sweep.Curve):
                curves.append(curve)
                # All of them so far: whoever looks need not put them together.
                found = sweep.Robustness(
                    self._dataset, len(part), names, tuple(curves), self._base.refit
                )
                self.measured.emit(found)

        self.result_of(work, keep)

    def _part(self, digits: Digits) -> Digits:
        """The first of them."""
        import torch

        if self._images is None:
            return digits
        return digits.at(torch.arange(min(self._images, len(digits))))
