"""Reads what lies on the paper in a thread of its own; the newest sheet wins.

Owns the model on show. Whoever waits for torch waits here, not in the window:
drawings that come before the network is ready are read as soon as it is.

While a stroke grows, the gate is asked now and then only, and the stroke is not looked through
for places where it may be two digits; both are made up for when the pen rests.

The gate takes about as long as the network that reads, and what it says of one point more is
seldom something else than what it said of the points before. A stroke in pieces takes as long
as ten that are whole.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import gc
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from lenet_gui.workers.latest import LatestWorker
from trainer.drawing.sheet import PreprocessingOptions, Sheet
from trainer.reading.sheet_reading import (
    DIGITS,
    ReadingRequest,
    ReplacementImage,
    SheetReading,
)
from trainer.reading.verdict import Verdict
from trainer.runtime.preloading import preload_torch
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.networks.interventions import Intervention
    from trainer.networks.model import Model
    from trainer.reading.sheet_reader import SheetReader


EVERY = 0.08  # seconds


class GateThrottle:
    """What the gate said lately, and whether that will do for the next request; for one thread."""

    def __init__(self) -> None:
        self._before: tuple[Model, ReadingRequest] | None = None
        self._asked = -EVERY
        self.rejected = False
        """What it said when it was asked last."""

    def can_skip(self, model: Model, request: ReadingRequest) -> bool:
        """Whether `rejected` says enough of this request; the next is compared with it."""
        before, self._before = self._before, (model, request)
        if before is None or model.classes != DIGITS or not (request.gate and request.pen_down):
            return False
        if before[1].sheet.empty and len(request.sheet.strokes) == 1:
            self.record(True)  # a stroke that has only begun is no digit yet
            return True
        recent = time.monotonic() - self._asked < EVERY
        return recent and before[0] is model and _grew(before[1], request)

    def record(self, rejected: bool) -> None:
        """The gate was asked, and said this."""
        self._asked, self.rejected = time.monotonic(), rejected


def _grew(before: ReadingRequest, now: ReadingRequest) -> bool:
    """Whether all that is new is that the pen went on."""
    if before.replacement is not None or now.replacement is not None:
        return False
    as_before = dataclasses.replace(now, sheet=before.sheet, pen_down=before.pen_down)
    if as_before != before:
        return False
    old, new = before.sheet.strokes, now.sheet.strokes
    return 0 < len(old) == len(new) and old[-1][0] == new[-1][0]


_SHOWN = 0.003  # seconds that the window needs to show a reading


_kept = False


@contextlib.contextmanager
def _keep_for_good() -> Iterator[None]:
    """What comes meanwhile, half a million objects, stays for good, and is not looked through.

    Python's collector would do so again and again while it grows, and stop the pen for 50 ms
    later on. Whatever else is there stays, too, a window before this one and all that it had:
    hence it is done for the first one alone.
    """
    global _kept
    if _kept:
        yield
        return
    _kept = True
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()
    atexit.register(gc.unfreeze)  # libraries complain of what is not collected at the end


class Reader(LatestWorker):
    """Give it sheets with `read`; it answers with `done(SheetReading)`."""

    imported = Signal()
    """torch is: what had to wait for that can be built."""
    loaded = Signal(object)
    """The model that ships is ready (`Model`)."""
    moved = Signal(str, str)
    """The model runs on another device now: its name, and why if it was not asked for."""

    explained = Signal(object)
    """Of a reading that was `done`, while the pen moves: its `stages` are drawn now."""

    pause = EVERY
    """Seconds from explanation to explanation, and those that the pen must rest."""

    def __init__(self) -> None:
        super().__init__()
        self.model: Model | None = None
        self.device = "auto"
        self._asked = ReadingRequest()
        self._sheets: SheetReader | None = None  # there from `prepare` on
        self._growing = GateThrottle()
        # Of a stroke that goes on; the last says whether the gate has seen all of it.
        self._rough: tuple[ReadingRequest, SheetReading, bool] | None = None
        self._unexplained: SheetReading | None = None
        self._explained = 0.0  # when, in monotonic time

    # In the window's thread

    def read(self, sheet: Sheet, pen_down: bool = False) -> None:
        """Read this sheet next; `pen_down` says that its last stroke goes on."""
        self._ask(sheet=sheet, chosen=None, pen_down=pen_down)

    def set_preprocessing(self, options: PreprocessingOptions) -> None:
        """Preprocess drawings so from now on."""
        self._ask(preprocessing=options)

    def look_for_several(self, several: bool, punctuation: bool = False) -> None:
        """Whether a drawing may be more than one digit, with marks between them, from now on."""
        self._ask(several=several, punctuation=punctuation, chosen=None)

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

    def hold(self, interventions: tuple[Intervention, ...]) -> None:
        """Read with these maps held at a value from now on."""
        self._ask(interventions=interventions)

    def set_replacement(self, replacement: ReplacementImage | None) -> None:
        """Read this image in place of the sheet, until None is set."""
        self._ask(replacement=replacement)

    def ask_gate(self, ask: bool) -> None:
        """Whether someone sees what the gate says, from now on."""
        self._ask(gate=ask)

    def _ask(self, **changed: Any) -> None:
        self._asked = dataclasses.replace(self._asked, **changed)
        self.ask(self._asked)

    # In its own thread

    def prepare(self) -> None:
        """Import torch and load the network that ships."""
        preload_torch()
        with _keep_for_good():
            model = self._prepare_model()
        if self.model is None:
            self.model = model
        self.loaded.emit(model)

    def _prepare_model(self) -> Model:
        super().prepare()
        # They bring torch, for which the window does not wait: here and nowhere else in this file.
        from trainer.networks.model import load_shipped
        from trainer.reading.sheet_reader import SheetReader

        self.imported.emit()
        self._sheets = SheetReader(self.moved.emit, self._fall_back)
        model = load_shipped()
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
            if request.pen_down:
                self._rough = request, reading, True
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
        if self._growing.rejected:
            reading = reading.as_rejected()
        self._rough = request, reading, False
        return reading

    def patience(self) -> float | None:
        """Until what explains a reading, which waits for the window to show it, or for the gate."""
        if self._unexplained is not None:
            due = self._explained + self.pause - time.monotonic()
            return max(_SHOWN, due)
        return None if self._rough is None else self.pause

    def rest(self) -> SheetReading | None:
        """Draw the stages; if the pen rests, read as if it were lifted, and tell what is new."""
        if self._unexplained is not None:
            explained, self._unexplained = self._unexplained, None
            self._explained = time.monotonic()
            _other = explained.stages
            self.explained.emit(explained)
            return None
        rough, self._rough = self._rough, None
        if rough is None:
            return None
        request, reading, gate_asked = rough
        assert self._sheets is not None  # it made the reading
        if gate_asked and not self._sheets.may_be_several(request):
            return None
        whole = self._read_wholly(reading.model, dataclasses.replace(request, pen_down=False))
        same = (whole.verdict, whole.text) == (reading.verdict, reading.text)
        return None if same else whole

    def _read_wholly(self, model: Model | None, request: ReadingRequest) -> SheetReading:
        reading = self._read_sheet(model, request)
        if reading.prediction is not None and not reading.digits:
            self._growing.record(reading.verdict == Verdict.REJECTED)
        return reading

    def _read_sheet(self, model: Model | None, request: ReadingRequest) -> SheetReading:
        assert self._sheets is not None  # `prepare` comes first
        return self._sheets.read(model, request, self.device)

    def _fall_back(self, device: str, reason: str) -> None:
        self.device = "cpu"
        self.moved.emit(
            "cpu",
            _("{device} failed ({reason}); now using the CPU").format(device=device, reason=reason),
        )
