"""Reads what lies on the paper in a thread of its own; the newest sheet wins.

Owns the model on show. Whoever waits for torch waits here, not in the window:
drawings that come before the network is ready are read as soon as it is.

While a stroke grows, the gate is asked now and then only, and once more when the pen rests.

It takes about as long as the network that reads, and what it says of one point
more is seldom something else than what it said of the points before.
"""

from __future__ import annotations

import atexit
import dataclasses
import gc
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Signal

from lenet_gui.workers.latest import LatestWorker
from trainer.drawing.preprocessing_options import PreprocessingOptions
from trainer.drawing.sheet import SMALLEST, Sheet
from trainer.errors import UserError
from trainer.reading.sheet_reading import (
    DIGITS,
    ReadingRequest,
    ReplacementImage,
    SheetReading,
    image_of,
)
from trainer.runtime.preloading import preload_torch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.networks.interventions import Intervention
    from trainer.networks.kernels import Kernels
    from trainer.networks.model import Model
    from trainer.reading.captured import LiveReading
    from trainer.reading.numbers import NumberDigit
    from trainer.reading.predict import Prediction
    from trainer.reading.sheet_reading import ReadingRequest


EVERY = 0.08  # seconds


class GateThrottle:
    """What the gate said lately, and whether that will do for the next request; for one thread."""

    def __init__(self) -> None:
        self._before: tuple[Model, ReadingRequest] | None = None
        self._asked = -EVERY
        self.refused = False
        """What it said when it was asked last."""

    def can_skip(self, model: Model, request: ReadingRequest) -> bool:
        """Whether `refused` says enough of this request; the next is compared with it."""
        before, self._before = self._before, (model, request)
        if before is None or model.classes != DIGITS or not (request.gate and request.pen_down):
            return False
        if before[1].sheet.empty and len(request.sheet.strokes) == 1:
            self.record(True)  # a stroke that has only begun is no digit yet
            return True
        recent = time.monotonic() - self._asked < EVERY
        return recent and before[0] is model and _grew(before[1], request)

    def record(self, refused: bool) -> None:
        """The gate was asked, and said this."""
        self._asked, self.refused = time.monotonic(), refused


def _grew(before: ReadingRequest, now: ReadingRequest) -> bool:
    """Whether all that is new is that the pen went on."""
    if before.instead is not None or now.instead is not None:
        return False
    asked_before = (before.gate, before.steps, before.several, before.chosen, before.edits)
    if asked_before != (now.gate, now.steps, now.several, now.chosen, now.edits):
        return False
    old, new = before.sheet.strokes, now.sheet.strokes
    return 0 < len(old) == len(new) and old[-1][0] == new[-1][0]


_SHOWN = 0.003  # seconds that the window needs to show a reading

T = TypeVar("T")


class Reader(LatestWorker):
    """Give it sheets with `read`; it answers with `done(Reading)`."""

    loaded = Signal(object)
    """The model that ships is ready (`Model`)."""
    moved = Signal(str, str)
    """The model runs on another device now: its name, and why if it was not asked for."""

    explained = Signal(object)
    """Of a reading that was `done`, while the pen moves: its `stages` are drawn now."""

    pause = EVERY
    """Seconds from explanation to explanation, and those that the pen must rest for the gate."""

    def __init__(self) -> None:
        super().__init__()
        self.model: Model | None = None
        self.device = "auto"
        self._asked = ReadingRequest()
        self._placed: tuple[Model, str, Model] | None = None  # asked for, where, the copy there
        self._kernels: tuple[Model, Kernels] | None = None
        self._live: LiveReading | None = None
        self._growing = GateThrottle()
        self._rough: tuple[ReadingRequest, SheetReading] | None = (
            None  # the gate has not seen its last points
        )
        self._unexplained: SheetReading | None = None
        self._explained = 0.0  # when, in monotonic time

    # In the window's thread

    def read(self, sheet: Sheet, pen_down: bool = False) -> None:
        """Read this sheet next; `pen_down` says that its last stroke goes on."""
        self._ask(sheet=sheet, chosen=None, pen_down=pen_down)

    def take_steps(self, steps: PreprocessingOptions) -> None:
        """Prepare what is read by these steps from now on."""
        self._ask(steps=steps)

    def look_for_several(self, several: bool) -> None:
        """Whether a drawing may be more than one digit, from now on."""
        self._ask(several=several, chosen=None)

    def choose(self, number: int) -> None:
        """Of several digits, tell about this one, counted from the left."""
        self._ask(chosen=number)

    def show_model(self, model: Model) -> None:
        """Read with this model from now on, the present sheet first."""
        self.model = model
        self._ask()

    def set_device(self, name: str) -> None:
        """Compute there from now on: "auto", "cuda", "mps" or "cpu"."""
        self.device = name
        self._ask()

    def hold(self, edits: tuple[Intervention, ...]) -> None:
        """Read with these maps held at a value from now on."""
        self._ask(edits=edits)

    def read_instead(self, instead: ReplacementImage | None) -> None:
        """Read this in place of what lies on the sheet, until None is given."""
        self._ask(instead=instead)

    def ask_gate(self, wanted: bool) -> None:
        """Whether someone sees what the gate says, from now on."""
        self._ask(gate=wanted)

    def _ask(self, **changed: Any) -> None:
        self._asked = dataclasses.replace(self._asked, **changed)
        self.ask(self._asked)

    # In its own thread

    def prepare(self) -> None:
        """Import torch and load the network that ships."""
        preload_torch()
        # What comes now, half a million objects, stays for good. Python's collector would
        # look through it again and again while it grows, and stop the pen for 50 ms later on.
        collected = gc.isenabled()
        gc.disable()
        try:
            model = self._prepare_model()
        finally:
            gc.freeze()
            if collected:
                gc.enable()
        atexit.register(gc.unfreeze)  # libraries complain of what is not collected at the end
        if self.model is None:
            self.model = model
        self.loaded.emit(model)

    def _prepare_model(self) -> Model:
        import torch

        from trainer.networks import model as weights

        # More threads than one make a single picture slower, not faster.
        torch.set_num_threads(1)
        model = weights.load_shipped()
        # The first pass of all is slow: it shall not be the user's, if none waits for it.
        stroke = ((140.0, 60.0, 1.0), (140.0, 220.0, 1.0))
        for strokes in ((stroke,), (stroke, stroke)):
            if self._asked.sheet.empty:
                self._read_sheet(model, ReadingRequest(Sheet(strokes)))
        return model

    def work(self, request: ReadingRequest) -> SheetReading:
        """A sheet to what the network makes of it."""
        model, self._rough = self.model, None
        reading = None if model is None else self._read_roughly(model, request)
        if reading is None:
            reading = self._read_wholly(model, request)
        # Without the pen, or where nobody asks for the gate, nobody waits for the stages.
        self._unexplained = reading if request.pen_down and request.gate else None
        return reading

    def _read_roughly(self, model: Model, request: ReadingRequest) -> SheetReading | None:
        """Without asking the gate; None where it must be asked."""
        if not self._growing.can_skip(model, request):
            return None
        reading = self._read_sheet(model, dataclasses.replace(request, gate=False))
        if reading.digits:  # more than one now: the gate has not seen any of them
            return None
        if self._growing.refused:
            reading = reading.as_refused()
        self._rough = request, reading
        return reading

    def patience(self) -> float | None:
        """Until what explains a reading, which waits for the window to show it, or for the gate."""
        if self._unexplained is not None:
            due = self._explained + self.pause - time.monotonic()
            return max(_SHOWN, due)
        return None if self._rough is None else self.pause

    def rest(self) -> SheetReading | None:
        """Draw the stages; if the pen rests, ask the gate too, and tell what it says anew."""
        if self._unexplained is not None:
            explained, self._unexplained = self._unexplained, None
            self._explained = time.monotonic()
            _ = explained.stages
            self.explained.emit(explained)
            return None
        rough, self._rough = self._rough, None
        if rough is None:
            return None
        whole = self._read_wholly(rough[1].model, rough[0])
        return None if whole.verdict == rough[1].verdict else whole

    def _read_wholly(self, model: Model | None, request: ReadingRequest) -> SheetReading:
        reading = self._read_sheet(model, request)
        if reading.prediction is not None and not reading.digits:
            from trainer.reading.predict import Verdict

            self._growing.record(reading.verdict == Verdict.REJECTED)
        return reading

    def _read_sheet(self, model: Model | None, request: ReadingRequest) -> SheetReading:
        began = time.perf_counter()
        sheet = request.sheet
        found = self._digits(model, request)
        digits = found if len(found) > 1 else ()
        last = max(range(len(digits)), key=lambda n: max(digits[n].strokes), default=0)
        chosen = last if request.chosen is None else min(request.chosen, max(0, len(digits) - 1))
        strokes = sheet.strokes
        if digits:
            strokes = tuple(strokes[number] for number in digits[chosen].strokes)
        prediction = plain = None
        if found and request.instead is None:
            prediction = found[chosen].prediction
            image = prediction.image
        else:
            image = image_of(request, strokes)
            if model is not None and not sheet.empty:
                prediction = self._predict(model, image, gate=request.gate)
        if request.edits and model is not None and prediction is not None:
            plain, prediction = prediction, self._predict(model, image, request.edits, gate=False)
        if prediction is not None and not math.isfinite(sum(prediction.probabilities)):
            # A run that is about to diverge; there is nothing to show of it.
            raise UserError("its numbers are too large to compute with")
        return SheetReading(
            sheet=sheet,
            steps=request.steps,
            image=image,
            prediction=prediction,
            classes=model.classes if model is not None else (),
            digits=digits,
            chosen=chosen,
            milliseconds=(time.perf_counter() - began) * 1000,
            model=model,
            kernels=self._kernels_of(model),
            plain=plain,
            instead=request.instead,
        )

    def _kernels_of(self, model: Model | None) -> Kernels | None:
        """Copied once for each model: its weights stay."""
        if model is None:
            return None
        if self._kernels is None or self._kernels[0] is not model:
            from trainer.networks.kernels import collect_kernels

            self._kernels = model, collect_kernels(model.network)
        return self._kernels[1]

    def _digits(self, model: Model | None, request: ReadingRequest) -> tuple[NumberDigit, ...]:
        """The digits from left to right; none where there can be but one.

        With a step left out nothing is taken apart: "the whole paper" is the whole of it.
        """
        if model is None or model.classes != DIGITS or len(request.sheet.strokes) < 2:
            return ()
        if not (request.several and request.steps.all):
            return ()
        from trainer.drawing.rasterize import even_pen_widths
        from trainer.reading import numbers

        strokes = even_pen_widths(request.sheet.strokes)
        number = self._on_device(
            model,
            lambda placed: numbers.read_number(
                placed, strokes, smallest=SMALLEST, gate=request.gate
            ),
        )
        return number.digits

    def _predict(
        self,
        model: Model,
        image: NDArray[np.uint8],
        edits: tuple[Intervention, ...] = (),
        gate: bool = True,
    ) -> Prediction:
        from trainer.reading.captured import LiveReading

        if self._live is None:
            self._live = LiveReading()
        live = self._live
        answer = self._on_device(model, lambda placed: live.read(placed, image, edits, gate))
        if problem := live.take_problem():
            self.moved.emit(str(self._place(model).device), problem)
        return answer

    def _on_device(self, model: Model, function: Callable[[Model], T]) -> T:
        """`function` of the model on the chosen device; on the CPU if that device fails."""
        from trainer.runtime import devices

        placed = self._place(model)
        try:
            return function(placed)
        except RuntimeError as error:
            device = placed.network.conv1.weight.device
            if not devices.is_device_failure(error, device):
                raise
            self.device = "cpu"
            self.moved.emit(
                "cpu", f"{device} failed ({devices.first_line(error)}); reading on the CPU"
            )
            return function(self._place(model))

    def _place(self, model: Model) -> Model:
        """The model on the chosen device, moved there once."""
        from trainer.runtime import devices

        if self._placed is None or self._placed[:2] != (model, self.device):
            problem = ""
            try:
                device = devices.choose(self.device)
                copy = model.to(device)
            except (devices.DeviceError, RuntimeError) as error:
                problem, device = f"{error}; reading on the CPU", devices.choose("cpu")
                copy = model.to(device)
            self._placed = (model, self.device, copy)
            self.moved.emit(str(device), problem)
        return self._placed[2]
