"""Requests to `sheet_reader` and its results, as pure data.

Imports neither numpy nor torch, since the window uses these types before it shows.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trainer.drawing.sheet import PreprocessingOptions, Sheet, Stroke
from trainer.reading.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.drawing.preprocessing import PreprocessingStages
    from trainer.networks.interventions import Intervention
    from trainer.networks.kernels import Kernels
    from trainer.networks.model import Model
    from trainer.reading.numbers import NumberDigit
    from trainer.reading.predict import Prediction


DIGITS = tuple("0123456789")
"""The classes of a network that reads digits."""


@dataclass(frozen=True, slots=True, eq=False)
class ReplacementImage:
    """An image to read in place of the sheet, such as the drawing with a distortion."""

    image: NDArray[np.uint8]  # (28, 28), 0 paper and 255 ink


@dataclass(frozen=True, slots=True)
class ReadingRequest:
    """What to read, and how."""

    sheet: Sheet = Sheet()  # noqa: RUF009  it is frozen
    preprocessing: PreprocessingOptions = PreprocessingOptions()  # noqa: RUF009
    several: bool = True  # look for more than one digit
    punctuation: bool = False  # look for decimal points, commas, minus signs and spaces, too
    chosen: int | None = None  # index of the digit to show, from the left; None: drawn last
    interventions: tuple[Intervention, ...] = ()  # maps to hold at a value
    replacement: ReplacementImage | None = None  # read this in place of the sheet
    gate: bool = True  # whether the gate checks that it is a digit
    pen_down: bool = False  # the sheet's last stroke is not finished


@dataclass(frozen=True, eq=False)
class SheetReading:
    """The result for one sheet."""

    sheet: Sheet
    preprocessing: PreprocessingOptions
    image: NDArray[np.uint8]  # (28, 28), what the network was shown
    prediction: Prediction | None  # None: nothing drawn, or no network
    classes: tuple[str, ...]
    digits: tuple[NumberDigit, ...]  # left to right, where there are several; else empty
    chosen: int  # index of the digit that `prediction` and `image` are of
    milliseconds: float  # that the reading took
    model: Model | None = None  # the one that read, on the CPU
    kernels: Kernels | None = None  # its kernels
    baseline: Prediction | None = None  # without the interventions, where there are any
    replacement: ReplacementImage | None = None  # where `image` is that one's
    text: str = ""  # of several digits, with marks between them

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The strokes that `prediction` is about."""
        if not self.digits:
            return self.sheet.strokes
        return self.digits[self.chosen].strokes

    @property
    def sheets_image(self) -> NDArray[np.uint8]:
        """uint8, (28, 28): the sheet's own image, also where a replacement was read."""
        return self.image if self.replacement is None else self.stages.image

    @property
    def verdict(self) -> str:
        """The prediction's verdict; empty without a prediction."""
        return "" if self.prediction is None else str(self.prediction.verdict)

    def as_rejected(self) -> SheetReading:
        """The reading as if the gate had rejected it."""
        if self.prediction is None:
            return self
        rejected = dataclasses.replace(self.prediction, verdict=Verdict.REJECTED)
        return dataclasses.replace(self, prediction=rejected)

    @cached_property
    def stages(self) -> PreprocessingStages:
        """The preprocessing's images; rendered at first use, which takes half a millisecond."""
        # It imports numpy and Pillow, which the window does not wait for when it starts.
        from trainer.drawing.preprocessing import preprocess_sheet

        return preprocess_sheet(self.sheet, self.strokes, self.preprocessing)


def claimed_digit(reading: SheetReading) -> int | None:
    """The predicted class; None without a prediction, or where the gate rejected it."""
    if reading.prediction is None or not claimed_classes(reading.prediction):
        return None
    return reading.prediction.digit


def claimed_classes(prediction: Prediction) -> tuple[int, ...]:
    """The classes of an answer, the best first: two if it is unsure, none if it is rejected."""
    if prediction.verdict == Verdict.REJECTED:
        return ()
    if prediction.verdict == Verdict.UNSURE:
        return prediction.digit, prediction.second
    return (prediction.digit,)
