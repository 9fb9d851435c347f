"""While a stroke grows, the gate is asked now and then only, and once more when the pen rests.

It takes about as long as the network that reads, and what it says of one point
more is seldom something else than what it said of the points before.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trainer.reading.sheet_reading import DIGITS

if TYPE_CHECKING:
    from trainer.networks.model import Model
    from trainer.reading.sheet_reading import Request

EVERY = 0.08  # seconds


class GrowingStroke:
    """What the gate said lately, and whether that will do for the next request; for one thread."""

    def __init__(self) -> None:
        self._before: tuple[Model, Request] | None = None
        self._asked = -EVERY
        self.refused = False
        """What it said when it was asked last."""

    def will_do(self, model: Model, request: Request) -> bool:
        """Whether `refused` says enough of this request; the next is compared with it."""
        before, self._before = self._before, (model, request)
        if before is None or model.classes != DIGITS or not (request.gate and request.pen_down):
            return False
        if before[1].sheet.empty and len(request.sheet.strokes) == 1:
            self.said(True)  # a stroke that has only begun is no digit yet
            return True
        recent = time.monotonic() - self._asked < EVERY
        return recent and before[0] is model and _grew(before[1], request)

    def said(self, refused: bool) -> None:
        """The gate was asked, and said this."""
        self._asked, self.refused = time.monotonic(), refused


def _grew(before: Request, now: Request) -> bool:
    """Whether all that is new is that the pen went on."""
    if before.instead is not None or now.instead is not None:
        return False
    asked_before = (before.gate, before.steps, before.several, before.chosen, before.edits)
    if asked_before != (now.gate, now.steps, now.several, now.chosen, now.edits):
        return False
    old, new = before.sheet.strokes, now.sheet.strokes
    return 0 < len(old) == len(new) and old[-1][0] == new[-1][0]
