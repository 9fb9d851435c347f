"""What is asked of the reader, and what it answers about one sheet."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trainer.drawing.preprocessing_options import PreprocessingOptions
from trainer.drawing.sheet import PAPER, PEN_WIDTH, SMALLEST, Sheet, Stroke

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

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The strokes that `prediction` is about."""
        if not self.digits:
            return self.sheet.strokes
        return tuple(self.sheet.strokes[number] for number in self.digits[self.chosen].strokes)

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
        from trainer.reading.predict import Verdict

        refused = dataclasses.replace(self.prediction, verdict=Verdict.REJECTED)
        return dataclasses.replace(self, prediction=refused)

    @cached_property
    def stages(self) -> PreprocessingStages:
        """How the image came to be; drawn when first asked for, which takes half a millisecond."""
        return _stages(self.sheet, self.strokes, self.steps)


def image_of(request: ReadingRequest, strokes: tuple[Stroke, ...]) -> NDArray[np.uint8]:
    """uint8, (28, 28): what the network is to see.

    Args:
        request: whose steps are taken.
        strokes: those of its sheet that are read.
    """
    from trainer.drawing.rasterize import even_pen_widths, rasterize

    sheet = request.sheet
    if request.instead is not None:
        return request.instead.image
    if sheet.picture is not None:
        return sheet.picture.image
    if request.steps.all:
        return rasterize(even_pen_widths(strokes), smallest=SMALLEST)
    return _stages(sheet, strokes, request.steps).image


def _stages(
    sheet: Sheet, strokes: tuple[Stroke, ...], steps: PreprocessingOptions
) -> PreprocessingStages:
    """The pictures of how the strokes, or the sheet's picture, become 28x28."""
    from trainer.drawing import preprocessing
    from trainer.drawing.rasterize import even_pen_widths

    if sheet.picture is not None:
        return preprocessing.preprocess_picture(sheet.picture.shown, sheet.picture.image)
    paper = preprocessing.Paper(PAPER, PEN_WIDTH)
    drawn = (
        even_pen_widths(strokes) if steps.fit else strokes
    )  # to see the pen as it is: leave the step out
    return preprocessing.preprocess_strokes(drawn, paper=paper, steps=steps, smallest=SMALLEST)


def claimed_digit(reading: SheetReading) -> int | None:
    """The class that a drawing was read as; None where nothing was claimed."""
    if reading.prediction is None or not claimed_classes(reading.prediction):
        return None
    return reading.prediction.digit


def claimed_classes(prediction: Prediction) -> tuple[int, ...]:
    """The classes that may be the answer, the best first; none for what is no digit."""
    from trainer.reading.predict import Verdict

    if prediction.verdict == Verdict.REJECTED:
        return ()
    if prediction.verdict == Verdict.UNSURE:
        return prediction.digit, prediction.second
    return (prediction.digit,)
