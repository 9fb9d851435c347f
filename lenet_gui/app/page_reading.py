"""Pictures of several digits: noticed where one is opened, and read in a window of their own."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from lenet_gui.draw.reader import Reader
from lenet_gui.draw.result_view import Correction
from lenet_gui.draw.tab import DrawTab
from trainer.reading.sheet_reading import DIGITS
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.pages.window import PageCorrection, PagesWindow
    from trainer.drawing.picture import Picture


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
        draw.pictures.shows_several = self._shows_several
        draw.pictures.several_found.connect(self._open)

    def _open(self, sources: list[Path | QImage]) -> None:
        model = self._reader.model
        if model is None:
            self._draw.message.emit(_("The network is not loaded yet: try again in a moment"))
            return
        if model.classes != DIGITS:
            self._draw.message.emit(
                _("The network on show does not read digits: choose another one")
            )
            return
        opened: PagesWindow = _pages()[1].PagesWindow(self._parent, model, sources)
        opened.corrected.connect(self._keep)
        opened.destroyed.connect(self._forget)
        self.shown = opened
        opened.show()

    def _forget(self) -> None:
        self.shown = None

    def _keep(self, told: PageCorrection) -> None:
        correction = Correction(told.label, (), told.image, told.read_as, told.source)
        self._draw.corrected.emit(correction)

    def _shows_several(self, source: Path | QImage, picture: Picture | None) -> bool:
        """Whether several digits are on a picture; called in another thread."""
        model = self._reader.model
        if model is None or model.classes != DIGITS:
            return False
        return bool(_pages()[0].is_of_several(model, source, picture))


def _pages() -> tuple[ModuleType, ModuleType]:
    """What notices several digits, and their window."""
    # They bring torch, which is there once there is a network.
    from lenet_gui.pages import noticing, window

    return noticing, window
