"""Pictures of several digits: noticed where one is opened, and read in a window of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from lenet_gui import pages
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.result_view import Correction
from lenet_gui.draw.tab import DrawTab
from trainer.reading.sheet_reading import DIGITS
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.pages.window import PageCorrection, PagesWindow


class PageReading(QObject):
    """Opens the window of several digits for what the Draw tab was given.

    Args:
        parent: of that window.
        draw: where pictures come from; corrections leave by its signal, as those of drawings.
        reader: owns the network that reads.
    """

    def __init__(self, parent: QWidget, draw: DrawTab, reader: Reader) -> None:
        super().__init__(parent)
        self._parent, self._draw, self._reader = parent, draw, reader
        self.shown: PagesWindow | None = None
        """The window that was opened last, while it is open."""
        draw.pictures.notices_several = True
        draw.pictures.several_found.connect(self._open)

    def _open(self, sources: list[Path | QImage]) -> None:
        model = self._reader.model
        if model is None:
            once = Qt.ConnectionType.SingleShotConnection
            self._reader.loaded.connect(lambda _model: self._open(sources), once)
            return
        if model.classes != DIGITS:
            self._draw.message.emit(
                _("The network on show does not read digits: choose another one")
            )
            return
        # Its module brings torch, which is there once there is a network.
        opened = pages.window.PagesWindow(self._parent, model, sources)
        opened.corrected.connect(self._keep)
        opened.destroyed.connect(self._forget)
        self.shown = opened
        opened.show()

    def _forget(self) -> None:
        self.shown = None

    def _keep(self, told: PageCorrection) -> None:
        correction = Correction(told.label, (), told.image, told.read_as, told.source)
        self._draw.corrected.emit(correction)
