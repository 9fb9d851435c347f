"""What My digits' threads do; imported there alone, because it brings torch."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.my_digits.digit import OwnDigit, render_digit
from trainer.my_digits.fine_tuning import FineTuningOptions, Learned, learn_from
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.reading.predict import read_many
from trainer.runtime import cpu


def learn(
    model: Model, own: tuple[OwnDigit, ...], data: Path, method: FineTuningOptions | None
) -> Generator[Progress, None, Learned]:
    """Learn from `own`, in the usual way if `method` is None; `data` is the datasets' folder."""
    cpu.use_background_threads()
    return (yield from learn_from(model, own, data, method or FineTuningOptions()))


def read_digits(
    model: Model, digits: tuple[OwnDigit, ...], images: dict[str, NDArray[np.uint8]]
) -> dict[str, int]:
    """The class that `model` recognizes in each digit, by the digit's id.

    Args:
        model: the network.
        digits: the user's own digits.
        images: uint8 (28, 28) by a digit's id, of an earlier call; changed to those of `digits`.
    """
    rendered = {d.id: images[d.id] if d.id in images else render_digit(d) for d in digits}
    images.clear()
    images.update(rendered)
    if not digits:
        return {}
    rows = read_many(model, np.stack(list(images.values())))
    return {name: int(np.argmax(row)) for name, row in zip(images, rows, strict=True)}
