"""Read a sheet: `read_sheet`, and `SheetReader`, which does so on a device.

Knows neither the window nor threads. Requests and results are defined in `sheet_reading`, which
imports neither numpy nor torch; this module imports both.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.preprocessing import preprocess_sheet
from trainer.drawing.rasterize import render_drawing
from trainer.drawing.sheet import SMALLEST, Stroke
from trainer.errors import UserError
from trainer.networks.kernels import Kernels, collect_kernels
from trainer.networks.model import Model
from trainer.reading.captured import LiveReading
from trainer.reading.numbers import Number, NumberDigit, NumberOptions, NumberReader
from trainer.reading.sheet_reading import DIGITS, ReadingRequest, SheetReading
from trainer.runtime import devices
from trainer.translation import gettext as _

_NO_NUMBER = Number((), "")


def read_sheet(
    model: Model | None,
    request: ReadingRequest,
    live: LiveReading | None = None,
    numbers: NumberReader | None = None,
) -> SheetReading:
    """Read what lies on a sheet.

    Args:
        model: on any device; None prepares the image only.
        request: what to read, and how.
        live: reads single images; one that is kept from sheet to sheet captures the pass
            on a GPU.
        numbers: reads several digits; one that is kept reads only what is new.

    Returns:
        The reading, with `model` as given, and without kernels.

    Raises:
        UserError: the network's values are too large to compute with.
        StrokesError: as `rasterize` does.
    """
    began = time.perf_counter()
    live = live or LiveReading()
    number = _read_number(model, request, numbers or NumberReader())
    digits = number.digits if len(number.digits) > 1 or number.marks else ()
    chosen = _choose_digit(digits, request.chosen)
    if number.digits and request.replacement is None:
        prediction = number.digits[chosen].prediction
        image = prediction.image
    else:
        strokes = digits[chosen].strokes if digits else request.sheet.strokes
        image, prediction = prepare_image(request, strokes), None
        if model is not None and not request.sheet.empty:
            prediction = live.read(model, image, gate=request.gate)
    baseline = None
    if request.interventions and model is not None and prediction is not None:
        baseline = prediction
        prediction = live.read(model, image, request.interventions, gate=False)
    if prediction is not None and not math.isfinite(sum(prediction.probabilities)):
        # The network of a run that is about to diverge: there is nothing to show of it.
        raise UserError(_("its numbers are too large to compute with"))
    return SheetReading(
        sheet=request.sheet,
        preprocessing=request.preprocessing,
        image=image,
        prediction=prediction,
        classes=model.classes if model is not None else (),
        digits=digits,
        chosen=chosen,
        milliseconds=(time.perf_counter() - began) * 1000,
        model=model,
        baseline=baseline,
        replacement=request.replacement,
        text=number.text if digits else "",
    )


def _choose_digit(digits: Sequence[NumberDigit], wanted: int | None) -> int:
    """The index of the digit to show: that which is wanted, or the one that was drawn last."""
    if wanted is not None:
        return min(wanted, max(0, len(digits) - 1))
    return max(range(len(digits)), key=lambda n: _drawing_order(digits[n]), default=0)


def _drawing_order(digit: NumberDigit) -> tuple[int, float]:
    """A key that is larger for a digit that was finished later."""
    last = digit.pieces[-1]
    return last.stroke, last.begin


def _read_number(model: Model | None, request: ReadingRequest, reader: NumberReader) -> Number:
    """The sheet as a number; no digits where it can only be one, which is read as a whole.

    Nothing is divided while a part of the preprocessing is switched off: without the crop,
    for example, the network is to see the whole paper.
    """
    strokes = request.sheet.strokes
    if model is None or model.classes != DIGITS or not strokes:
        return _NO_NUMBER
    if not (request.several and request.preprocessing.all):
        return _NO_NUMBER
    if not reader.may_be_several(strokes, growing=request.pen_down):
        return _NO_NUMBER
    options = NumberOptions(request.punctuation, request.gate, growing=request.pen_down)
    return reader.read(model, strokes, SMALLEST, options)


def prepare_image(request: ReadingRequest, strokes: tuple[Stroke, ...]) -> NDArray[np.uint8]:
    """The image that the network reads, uint8, (28, 28).

    Args:
        request: its sheet, and how to preprocess it.
        strokes: those of the sheet's strokes that are read.

    Raises:
        StrokesError: as `rasterize` does.
    """
    sheet = request.sheet
    if request.replacement is not None:
        return request.replacement.image
    if sheet.picture is not None:
        return sheet.picture.image
    if request.preprocessing.all:
        return render_drawing(strokes, smallest=SMALLEST)
    return preprocess_sheet(sheet, strokes, request.preprocessing).image


class SheetReader:
    """Reads sheets on a device, and on the CPU if the device fails; for one thread.

    Args:
        on_placed: called with a device's name when a model is moved there, and with the reason
            if it is not the one asked for; also when a GPU can't capture its passes.
        on_failure: called with a device's name and the reason when it fails; the caller should
            ask for "cpu" from then on.
    """

    def __init__(
        self, on_placed: Callable[[str, str], None], on_failure: Callable[[str, str], None]
    ) -> None:
        self._on_placed, self._on_failure = on_placed, on_failure
        self._live, self._numbers = LiveReading(), NumberReader()
        self._placed: tuple[Model, str, Model] | None = (
            None  # the model, the device's name, the copy there
        )
        self._kernels: tuple[Model, Kernels] | None = None

    def read(self, model: Model | None, request: ReadingRequest, device: str) -> SheetReading:
        """As `read_sheet`, with the model's kernels.

        Args:
            model: on the CPU.
            request: what to read, and how.
            device: one of `devices.NAMES`.
        """
        if model is None:
            return read_sheet(None, request)
        reading = self._read_placed(model, request, device)
        return dataclasses.replace(reading, model=model, kernels=self._collect_kernels(model))

    def may_be_several(self, request: ReadingRequest) -> bool:
        """Whether a sheet whose last stroke is finished may hold more than one digit."""
        return request.several and self._numbers.may_be_several(request.sheet.strokes)

    def _read_placed(self, model: Model, request: ReadingRequest, device: str) -> SheetReading:
        if request.sheet.empty:  # nothing to compute, wherever the model lies
            return read_sheet(model, request)
        placed = self._place(model, device)
        reading = devices.run_with_cpu_fallback(
            placed.device,
            lambda _: read_sheet(self._placed_model(), request, self._live, self._numbers),
            lambda reason: self._fall_back(model, placed, reason),
        )
        if problem := self._live.take_problem():
            self._on_placed(str(self._placed_model().device), problem)
        return reading

    def _placed_model(self) -> Model:
        assert self._placed is not None  # `read` places it first
        return self._placed[2]

    def _fall_back(self, model: Model, placed: Model, reason: str) -> None:
        self._on_failure(str(placed.device), reason)
        self._place(model, "cpu")

    def _place(self, model: Model, name: str) -> Model:
        """The model on the chosen device, moved there once."""
        if self._placed is None or self._placed[:2] != (model, name):
            problem = ""
            try:
                device = devices.choose(name)
                copy = model.to(device)
            except (devices.DeviceError, RuntimeError) as error:
                problem = _("{problem}; reading on the CPU").format(problem=error)
                device = devices.choose("cpu")
                copy = model.to(device)
            self._placed = (model, name, copy)
            self._on_placed(str(device), problem)
        return self._placed[2]

    def _collect_kernels(self, model: Model) -> Kernels:
        """Copied once for each model, whose weights do not change."""
        if self._kernels is None or self._kernels[0] is not model:
            self._kernels = model, collect_kernels(model.network)
        return self._kernels[1]
