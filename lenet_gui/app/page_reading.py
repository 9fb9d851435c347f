"""Pictures of several digits: noticed where one is opened, and read in a window of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from lenet_gui.widgets.colormap import pixels_of
from trainer.errors import UserError
from trainer.reading.sheet_reading import DIGITS
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.app.window import Window
    from lenet_gui.pages.window import PageCorrection, PagesWindow
    from trainer.drawing.picture import Picture


class PageReading(QObject):
    """Opens the window of several digits for what the Draw tab was given.

    Args:
        window: whose network reads, and whose My digits keep corrections.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.shown: PagesWindow | None = None
        """The window that was opened last, while it is open."""
        window.draw.pictures.shows_several = self._shows_several
        window.draw.pictures.several_found.connect(self._wait_and_open)

    def _wait_and_open(self, sources: list[Path | QImage]) -> None:
        self._window.once_imported(lambda: self._open(sources))

    def _open(self, sources: list[Path | QImage]) -> None:
        # Brings torch: not before the window shows.
        from lenet_gui.pages.window import PagesWindow

        model = self._window.reader.model
        if model is None:
            self._window.tell(_("The network is not loaded yet: try again in a moment"))
            return
        if model.classes != DIGITS:
            self._window.tell(_("The network on show does not read digits: choose another one"))
            return
        opened = PagesWindow(self._window, model, sources)
        opened.corrected.connect(self._keep)
        opened.destroyed.connect(self._forget)
        self.shown = opened
        opened.show()

    def _forget(self) -> None:
        self.shown = None

    def _keep(self, told: PageCorrection) -> None:
        # Brings numpy: not before the window shows.
        import numpy as np

        image = np.frombuffer(told.image, np.uint8).reshape(28, 28)
        self._window.my_digits.add(told.label, (), image, told.read_as, told.source)

    def _shows_several(self, source: Path | QImage, picture: Picture | None) -> bool:
        """Whether several digits are on a picture; called in another thread.

        Args:
            source: the file, or pixels.
            picture: the single digit that was found; None where none was.
        """
        model = self._window.reader.model
        if model is None or model.classes != DIGITS:
            return False
        # They bring torch, which is there once there is a network.
        from trainer.pages.files import load_pages
        from trainer.pages.reader import read_page
        from trainer.pages.several import can_show_several, shows_several
        from trainer.reading.predict import read_answers

        if isinstance(source, QImage):
            count, colors = 1, pixels_of(source)
        else:
            try:
                count, colors, _size = next(load_pages(source))
            except (UserError, StopIteration):
                return False  # what was said of it as a single digit stands
        if count > 1:
            return True
        if not can_show_several(colors):
            return False
        alone = None if picture is None else read_answers(model, picture.image[None])[0]
        return shows_several(read_page(model, colors), alone)
