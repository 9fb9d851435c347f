"""Finds out in the background why a network answers as it does; the newest question wins."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from lenet_gui.workers.latest import LatestWorker
from trainer.inspect.attribution import Method, Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.networks.interventions import Edit
    from trainer.networks.model import Model

_STILL = 0.25
"""Seconds from one question to the next within which the pen is taken to move."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question about one drawing."""

    model: Model  # on the CPU
    image: NDArray[np.uint8]  # (28, 28), what the network sees
    question: Question
    edits: tuple[Edit, ...] = ()  # maps that are held at a value


class WhyThread(LatestWorker):
    """Ask with `Asked`; `found` has one method's answer after the other, the cheapest first.

    While the pen moves, questions come faster than all the methods answer: then
    the dearer ones are left out. `done` has the question, with whether all of
    them have answered it.
    """

    found = Signal(object, object)
    """What was asked (`Asked`) and one method's answer (`Attribution`)."""

    def __init__(self) -> None:
        super().__init__()
        self._warm = False
        self._began = 0.0

    def prepare(self) -> None:
        """What takes half a second to import, before the pen moves."""
        import captum.attr  # noqa: F401
        import torch

        torch.set_num_threads(1)  # the other processors are the pen's

    def work(self, request: Asked) -> Asked:
        """Ask all methods, or as many as there is time for."""
        from trainer.inspect.attribution import attribute

        given = (request.model, request.image, request.question, request.edits)
        if not self._warm:
            # torch's first way back takes half a second, which no method's cost should tell.
            attribute(Method.GRADIENT, *given)
            self._warm = True
        # While the pen moves, the dearer methods would take the processor from the maps.
        began, self._began = self._began, time.monotonic()
        patience = _STILL if self._began - began < _STILL else 0.0
        for method in Method:
            self.found.emit(request, attribute(method, *given))
            if self.stale(patience):
                break
            patience = 0.0
        return request
