"""What is asked of `sheet_reader`, and what it answers about one sheet.

Imports neither numpy nor torch: the window has these types before it shows.
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
    """A picture made of what lies on the sheet, to be read in place of it."""

    image: NDArray[np.uint8]  # (28, 28)


@dataclass(frozen=True, slots=True)
class ReadingRequest:
    """What to read, and how."""

    sheet: Sheet = Sheet()  # noqa: RUF009  it is frozen
    steps: PreprocessingOptions = PreprocessingOptions()  # noqa: RUF009
    several: bool = True  # look for more than one digit
    punctuation: bool = False  # and for decimal points, commas, minuses and spaces
    chosen: int | None = None  # of several digits, from the left; None for the one drawn last
    edits: tuple[Intervention, ...] = ()  # maps to hold at a value
    instead: ReplacementImage | None = None  # read this of the sheet
    gate: bool = True  # whether it is asked if it looks like a digit
    pen_down: bool = False  # the sheet's last stroke goes on


@dataclass(frozen=True, eq=False)
class SheetReading:
    """What was made of one sheet."""

    sheet: Sheet
    steps: PreprocessingOptions
    image: NDArray[np.uint8]  # (28, 28), what the network sees
    prediction: Prediction | None  # None: nothing drawn, or no network
    classes: tuple[str, ...]
    digits: tuple[NumberDigit, ...]  # from left to right, where there are several; else none
    chosen: int  # the one of them that all the above is about
    milliseconds: float  # from sheet to answer
    model: Model | None = None  # that read, on the CPU
    kernels: Kernels | None = None  # its kernels
    plain: Prediction | None = None  # with maps held at a value: what it would be without
    instead: ReplacementImage | None = None  # what `image` is, if not what the stages lead to
    text: str = ""  # of several digits, with the marks between them

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The strokes that `prediction` is about."""
        if not self.digits:
            return self.sheet.strokes
        return self.digits[self.chosen].lines

    @property
    def sheets_image(self) -> NDArray[np.uint8]:
        """uint8, (28, 28): what the sheet comes to, also where another was read instead."""
        return self.image if self.instead is None else self.stages.image

    @property
    def verdict(self) -> str:
        """`prediction`'s; empty without one."""
        return "" if self.prediction is None else str(self.prediction.verdict)

    def as_refused(self) -> SheetReading:
        """The same if the gate had been asked, and had refused."""
        if self.prediction is None:
            return self
        refused = dataclasses.replace(self.prediction, verdict=Verdict.REJECTED)
        return dataclasses.replace(self, prediction=refused)

    @cached_property
    def stages(self) -> PreprocessingStages:
        """How the image came to be; drawn when first asked for, which takes half a millisecond."""
        # numpy and Pillow: whoever holds a reading has them, but the window does not at its start.
        from trainer.drawing.preprocessing import preprocess_sheet

        return preprocess_sheet(self.sheet, self.strokes, self.steps)


def claimed_digit(reading: SheetReading) -> int | None:
    """The class that a drawing was read as; None where nothing was claimed."""
    if reading.prediction is None or not claimed_classes(reading.prediction):
        return None
    return reading.prediction.digit


def claimed_classes(prediction: Prediction) -> tuple[int, ...]:
    """The classes that may be the answer, the best first; none for what is no digit."""
    if prediction.verdict == Verdict.REJECTED:
        return ()
    if prediction.verdict == Verdict.UNSURE:
        return prediction.digit, prediction.second
    return (prediction.digit,)
