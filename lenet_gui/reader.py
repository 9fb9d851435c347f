"""Reads the drawing in a thread of its own; the newest drawing wins.

Owns the model on show. Whoever waits for torch waits here, not in the window:
drawings that come before the network is ready are read as soon as it is.
"""

from __future__ import annotations

import atexit
import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from lenet_gui import feature_maps
from lenet_gui.drawing import SMALLEST, Stroke
from lenet_gui.latest import LatestWorker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.reading import Prediction
    from trainer.weights import Model


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was made of one drawing."""

    image: NDArray[np.uint8]  # (28, 28), what the network sees
    prediction: Prediction | None  # None: nothing drawn, or no network
    classes: tuple[str, ...]
    milliseconds: float  # from strokes to answer


class Reader(LatestWorker):
    """Give it strokes with `read`; it answers with `done(Reading)`."""

    loaded = Signal(object)
    """The model that ships is ready (`Model`)."""
    moved = Signal(str, str)
    """The model runs on another device now: its name, and why if it was not asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.model: Model | None = None
        self.device = "auto"
        self._strokes: tuple[Stroke, ...] = ()
        self._placed: tuple[Model, str, Model] | None = None  # asked for, where, the copy there

    def read(self, strokes: tuple[Stroke, ...]) -> None:
        """Read this drawing next."""
        self._strokes = strokes
        self.ask(strokes)

    def show_model(self, model: Model) -> None:
        """Read with this model from now on, the present drawing first."""
        self.model = model
        self.ask(self._strokes)

    def set_device(self, name: str) -> None:
        """Compute there from now on: "auto", "cuda", "mps" or "cpu"."""
        self.device = name
        self.ask(self._strokes)

    def prepare(self) -> None:
        """Import torch and load the network that ships."""
        import torch

        from trainer import strokes, weights

        # More threads than one make a single picture slower, not faster.
        torch.set_num_threads(1)
        model = weights.shipped()
        # The first picture's colours, and the first pass of all, are slow: they shall
        # not be the user's.
        feature_maps.colours("viridis")
        self._predict(model, strokes.rasterize([[(0, 0), (0, 9)]]))
        # torch brought half a million objects that stay for good: without this, Python's
        # collector looks through them now and then, and stops the pen for 50 ms.
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries complain of what is not collected at the end
        if self.model is None:
            self.model = model
        self.loaded.emit(model)

    def work(self, request: Any) -> Reading:
        """Strokes to what the network makes of them."""
        from trainer import strokes

        began = time.perf_counter()
        image = strokes.rasterize(request, smallest=SMALLEST)
        prediction = None
        model = self.model
        if model is not None and request:
            prediction = self._predict(model, image)
        classes = model.classes if model is not None else ()
        return Reading(image, prediction, classes, (time.perf_counter() - began) * 1000)

    def _predict(self, model: Model, image: NDArray[np.uint8]) -> Prediction:
        from trainer import devices, reading

        placed = self._place(model)
        try:
            return reading.read(placed, image)
        except RuntimeError as error:
            device = placed.network.conv1.weight.device
            if not devices.failed(error, device):
                raise
            self.device = "cpu"
            self.moved.emit("cpu", f"{device} failed ({devices.reason(error)}); reading on the CPU")
            return reading.read(self._place(model), image)

    def _place(self, model: Model) -> Model:
        """The model on the chosen device, moved there once."""
        from trainer import devices

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
