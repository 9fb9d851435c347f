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
        import numpy as np
        import torch

        from trainer.my_digits.digit import render_digit
        from trainer.reading.predict import read_many

        torch.set_num_threads(1)  # the other processors are the pen's, or train
        model, digits = request
        self._images = {
            d.id: self._images[d.id] if d.id in self._images else render_digit(d) for d in digits
        }
        if not digits:
            return model, {}
        found = read_many(model, np.stack(list(self._images.values())))
        answers = (int(np.argmax(row)) for row in found)
        return model, dict(zip(self._images, answers, strict=True))
