"""The status line's end: where drawings are read and runs train, and how long a reading took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from lenet_gui.widgets.throttle import Pause

if TYPE_CHECKING:
    from lenet_gui.train.run_model import Run


class WhereLabel(QLabel):
    """Such as "read on CUDA in 0.2 ms, training on CUDA"."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("where")
        self.setAccessibleName("Where networks run")
        self._device = self._training = ""
        self._milliseconds: float | None = None
        # Each new text lays the whole line out.
        self._pause = Pause(self._tell, self)

    def read_on(self, device: str) -> None:
        """Drawings are read on this device now."""
        self._device, self._milliseconds = device, None
        self._pause.now()

    def read_in(self, milliseconds: float) -> None:
        """A drawing was read."""
        first = self._milliseconds is None
        self._milliseconds = milliseconds
        if first:
            self._pause.now()
        else:
            self._pause.ask()

    def show_trained(self, runs: Iterable[Run]) -> None:
        """Tell where those that train now do."""
        devices = sorted({run.device.upper() for run in runs if run.under_way and run.device})
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
