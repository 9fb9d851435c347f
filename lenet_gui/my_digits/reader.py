"""What the present network reads my digits as, found out in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenet_gui.workers.latest import LatestWorker
from trainer.my_digits.digit import OwnDigit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.networks.model import Model


class OwnReader(LatestWorker):
    """Ask with (model, digits); `done` has (model, the class it reads by the digit's id)."""

    def __init__(self) -> None:
        super().__init__()
        self._images: dict[str, NDArray[np.uint8]] = {}

    def work(self, request: tuple[Model, tuple[OwnDigit, ...]]) -> tuple[Model, dict[str, int]]:
        """Read all of them."""
        from lenet_gui.my_digits import jobs  # in the thread: it brings torch

        model, digits = request
        return model, jobs.read_digits(model, digits, self._images)
