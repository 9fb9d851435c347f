"""The status line's end: where drawings are read and runs train, and how long a reading took.

What stands in the corner beside the tabs: the network on show, and where it computes. And the
answer for screen readers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6 import QtGui
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lenet_gui.app.networks.button import NetworkButton
from lenet_gui.widgets.formatting import format_rounded
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.live_updates import Throttle
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.train.run_item import RunItem
    from trainer.networks.model import Model


_REST = 600  # ms without another answer: the pen rests


class DeviceStatus(Label):
    """Such as "Recognized on CUDA in 0.2 ms · Training on CUDA"."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("where")
        self.setAccessibleName(_("Where networks run"))
        self._device = self._training = ""
        self._milliseconds: float | None = None
        # Each new text lays the whole line out.
        self._pause = Throttle(self._tell, self)

    def read_on(self, device: str) -> None:
        """Drawings are read on this device now."""
        self._device, self._milliseconds = device, None
        self._pause.flush()

    def read_in(self, milliseconds: float | None) -> None:
        """A drawing was read; None if the paper is empty."""
        at_once = None in (self._milliseconds, milliseconds)
        self._milliseconds = milliseconds
        if at_once:
            self._pause.flush()
        else:
            self._pause.trigger()

    def show_trained(self, runs: Iterable[RunItem]) -> None:
        """Tell where those that train now do."""
        devices = sorted({run.device.upper() for run in runs if run.in_thread and run.device})
        self._training = ", ".join(devices)
        self._tell()

    def _tell(self) -> None:
        parts = []
        if self._milliseconds is not None:
            sentence = _("Recognized on {device} in {milliseconds} ms")
            if not self._device:
                sentence = _("Recognized in {milliseconds} ms")
            shown = format_rounded(self._milliseconds, 1)
            parts.append(sentence.format(device=self._device.upper(), milliseconds=shown))
        if self._training:
            parts.append(_("Training on {devices}").format(devices=self._training))
        text = " · ".join(parts)
        if text:
            text = f"{text} "  # a little room before the window's edge
        if text != self.text():
            self.setText(text)


class Announcer(QObject):
    """Has a screen reader say the answer, once the pen rests.

    Args:
        answer: the widget whose accessible name and description say it.
    """

    announced = Signal(str)
    """What was said."""

    def __init__(self, answer: QWidget) -> None:
        super().__init__(answer)
        self._answer, self._last = answer, ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._announce)

    def wait(self) -> None:
        """There is another answer, perhaps not the last one."""
        self._rest.start()

    def _announce(self) -> None:
        parts = self._answer.accessibleName(), self._answer.accessibleDescription()
        text = ". ".join(part for part in parts if part)
        if text == self._last:
            return
        self._last = text
        # Not imported by name: Qt's types are made when first named, and this one takes long.
        event = QtGui.QAccessibleAnnouncementEvent(self._answer, text)
        QtGui.QAccessible.updateAccessibility(event)
        self.announced.emit(text)


class ModelStatus(QWidget):
    """The button with the network, and the device's name."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.device = NetworkButton(), Label()
        self.device.setObjectName("device_name")
        self.device.setAccessibleName(_("Device"))
        self.device.setToolTip(_("Where drawings are read. The Device menu has the others."))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 14, 2)
        row.setSpacing(12)
        row.addWidget(self.model)
        row.addWidget(self.device)

    def show_model(self, model: Model) -> None:
        """Name the network on show, with the best that is known of it."""
        self.model.show_model(model)

    def show_watched(self, name: str) -> None:
        """Name the run that is watched in its place."""
        self.model.show_watched(name)
