"""Writes the guided tour's texts for the newest reading, in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lenet_gui.workers.latest import LatestWorker

if TYPE_CHECKING:
    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.inspect.tour_texts import Drawn, TourStep


@dataclass(frozen=True, slots=True, eq=False)
class WrittenTour:
    """All steps, for one reading."""

    steps: tuple[TourStep, ...]
    drawn: bool  # there is something on the paper to tell of


class TourThread(LatestWorker):
    """Give it inspections; it answers with `done(WrittenTour)`."""

    def prepare(self) -> None:
        """More threads than one would make it no faster."""
        import torch

        torch.set_num_threads(1)

    def work(self, request: Inspection) -> WrittenTour:
        """A reading to the texts about it."""
        from trainer.inspect.tour_texts import tour

        steps = tour(request.model, request.prediction, request.stages, _drawn(request))
        return WrittenTour(steps, request.prediction is not None)


def _drawn(inspection: Inspection) -> Drawn:
    from trainer.inspect.tour_texts import Drawn

    reading = inspection.reading
    picture = reading.sheet.picture is not None
    return Drawn(
        strokes=0 if picture else len(reading.strokes),
        digits=max(1, len(reading.digits)),
        changed=reading.instead is not None,
        prepared=reading.steps.all,
        held=reading.plain is not None,
    )
