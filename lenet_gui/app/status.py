"""The status line's end: where drawings are read and runs train, and how long a reading took.

What stands in the corner beside the tabs: the network on show, and where it computes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from lenet_gui.widgets.formatting import format_percent, format_tooltip
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.live_updates import Throttle

if TYPE_CHECKING:
    from lenet_gui.train.run_item import RunItem
    from trainer.networks.model import Model


class DeviceStatus(Label):
    """Such as "read on CUDA in 0.2 ms, training on CUDA"."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("where")
        self.setAccessibleName("Where networks run")
        self._device = self._training = ""
        self._milliseconds: float | None = None
        # Each new text lays the whole line out.
        self._pause = Throttle(self._tell, self)

    def read_on(self, device: str) -> None:
        """Drawings are read on this device now."""
        self._device, self._milliseconds = device, None
        self._pause.flush()

    def read_in(self, milliseconds: float) -> None:
        """A drawing was read."""
        first = self._milliseconds is None
        self._milliseconds = milliseconds
        if first:
            self._pause.flush()
        else:
            self._pause.trigger()

    def show_trained(self, runs: Iterable[RunItem]) -> None:
        """Tell where those that train now do."""
        devices = sorted({run.device.upper() for run in runs if run.in_thread and run.device})
        self._training = " and ".join(devices)
        self._tell()

    def _tell(self) -> None:
        parts = []
        if self._milliseconds is not None:
            where = f" on {self._device.upper()}" if self._device else ""
            parts.append(f"read{where} in {self._milliseconds:.1f} ms")
        if self._training:
            parts.append(f"training on {self._training}")
        text = ", ".join(parts)
        if text:
            text = f"{text} "  # a little room before the window's edge
        if text != self.text():
            self.setText(text)


class ModelStatus(QWidget):
    """Two labels."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.device = Label(), Label()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 14, 4)
        row.setSpacing(16)
        for label, name in ((self.model, "model_name"), (self.device, "device_name")):
            label.setObjectName(name)
            row.addWidget(label)

    def show_model(self, model: Model) -> None:
        """Name the network on show, with the best that is known of it."""
        tested = model.history.get("test_accuracy")
        known = tested if tested is not None else model.history.get("val_accuracy")
        kind = "test" if tested is not None else "validation"
        figure = f"  {format_percent(known)} {kind}" if known is not None else ""
        self.model.setText(f"{model.name}{figure}")
        self.model.setToolTip(format_tooltip(model.recipe.description or model.recipe.name))

    def show_watched(self, name: str) -> None:
        """Name the run that is watched in its place."""
        self.model.setText(name)
        self.model.setToolTip("This run is watched; Esc goes back to the network before")
