"""Finds the ink on a picture as a person wants it found, and reads it, in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from lenet_gui.workers.latest import DetachedWorker
from trainer.drawing.photos.ink import InkSettings
from trainer.drawing.picture import Picture
from trainer.errors import UserError
from trainer.networks.model import Model
from trainer.reading import pictures
from trainer.reading.predict import Answer, read_answers

_SHOWN = 1100
"""The longer side, in pixels, of what is shown of a picture."""
_INK = (230, 0, 120)
"""The color of what is taken for ink: seldom that of a pen."""
_COVERED = 150
"""How opaque that color is, of 255."""


@dataclass(frozen=True, slots=True)
class SeeRequest:
    """How a picture is to be looked at."""

    settings: InkSettings


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen of a picture so."""

    request: SeeRequest
    shown: QImage  # the picture, turned, but not cut
    ink: QImage  # of the cut picture: transparent where there is paper
    settings: InkSettings  # with what was found out in place of None
    picture: Picture | None  # the digit; None where none was found
    answer: Answer | None
    problem: str  # why there is no digit


class Seer(DetachedWorker):
    """Looks at one picture as it is asked to.

    Args:
        colors: the picture, uint8 (H, W, 3).
        caption: whence it comes.
        model: reads it, on any device.
    """

    def __init__(self, colors: NDArray[np.uint8], caption: str, model: Model) -> None:
        super().__init__()
        self._colors, self._caption, self._model = colors, caption, model
        self._turned: tuple[int, QImage] | None = None

    def work(self, request: SeeRequest) -> Sight:
        """Find the ink, lay it out and read it."""
        settings = request.settings
        shown = self._show(settings.quarter_turns)
        try:
            seen = pictures.see(self._colors, self._caption, self._model, settings)
        except UserError as error:
            mask, found = pictures.find_ink(self._colors, settings)
            return Sight(request, shown, _paint_ink(mask), found, None, None, str(error))
        answer = read_answers(self._model, seen.picture.image[None])[0]
        ink = _paint_ink(seen.ink)
        return Sight(request, shown, ink, seen.settings, seen.picture, answer, "")

    def _show(self, turns: int) -> QImage:
        """The turned picture; kept, since only turning changes it."""
        if self._turned is None or self._turned[0] != turns:
            turned = InkSettings(quarter_turns=turns).apply(self._colors)
            scale = min(1.0, _SHOWN / max(turned.shape[:2]))
            size = (
                max(1, round(turned.shape[1] * scale)),
                max(1, round(turned.shape[0] * scale)),
            )
            small = cv2.resize(turned, size, interpolation=cv2.INTER_AREA)
            format = QImage.Format.Format_RGB888
            self._turned = turns, QImage(small.tobytes(), *size, 3 * size[0], format).copy()
        return self._turned[1]


def _paint_ink(mask: NDArray[np.bool_]) -> QImage:
    """What is taken for ink, bool (H, W), in its color on nothing."""
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[mask] = (*_INK, _COVERED)
    high, wide = mask.shape
    return QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
