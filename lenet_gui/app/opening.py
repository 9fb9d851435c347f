"""Files from outside: what is dropped on any tab goes where it belongs, and drawings are opened.

A name's ending says what a file is; only a JSON file is looked into, in the background. Pictures of
several digits are noticed where one is opened, and read in a window of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QWidget

from lenet_gui import pages
from lenet_gui.draw.canvas import Canvas
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.result_view import Correction
from lenet_gui.draw.tab import DrawTab
from lenet_gui.widgets.file_dialogs import local_files
from lenet_gui.workers.serial import BackgroundTask
from trainer.drawing.sheet import fit_to_sheet
from trainer.errors import UserError
from trainer.files import PAGE_ENDINGS, open_plain
from trainer.reading.sheet_reading import DIGITS
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.pages.window import PageCorrection


_NETWORK, _DRAWING, _EITHER = ".safetensors", ".ndjson", ".json"

_CLASSES = b'"lenet-studio classes"'
"""What stands in such a file (`trainer.my_classes.class_file`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takers:
    """Who takes what, and who is told what went wrong."""

    network: Callable[[Path], object]
    drawing: Callable[[Path], object]
    recipe: Callable[[Path], object]
    picture: Callable[[Path], object]
    classes: Callable[[Path], object]
    tell: Callable[[str], object]


class DropTarget(QObject):
    """Takes a dropped file, but on a page that takes pictures itself no picture.

    Args:
        window: onto which it is dropped.
        takers: called with the path.
    """

    def __init__(self, window: QWidget, takers: Takers) -> None:
        super().__init__(window)
        self._takers = takers
        self._with_pictures: QWidget | None = None
        self._watch(window)

    def watch_pictures(self, page: QWidget) -> None:
        """Look first at what is dropped on this page, which takes pictures itself."""
        self._with_pictures = page
        self._watch(page)

    def _watch(self, page: QWidget) -> None:
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    def taker_of(self, path: Path, onto: QObject) -> Callable[[Path], object] | None:
        """Who takes this file; None for a folder, and for a picture on the page of pictures."""
        takers = {
            _NETWORK: self._takers.network,
            _DRAWING: self._takers.drawing,
            _EITHER: self._take_json,
        }
        ending = path.suffix.lower()
        if ending in PAGE_ENDINGS and onto is not self._with_pictures:
            return self._takers.picture
        return takers.get(ending)

    def _take_json(self, path: Path) -> None:
        """A recipe, a drawing or a file of My classes, by its keys."""

        def find_taker() -> Callable[[Path], object]:
            try:
                with open_plain(path) as file:
                    begin = file.read(4096)
            except OSError as error:
                problem = _("{file} cannot be opened: {reason}")
                raise UserError(problem.format(file=path, reason=error.strerror)) from None
            is_object = begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
            if is_object and _CLASSES in begin:
                return self._takers.classes
            drawn = b'"strokes"' in begin or b'"drawing"' in begin
            return self._takers.recipe if is_object and not drawn else self._takers.drawing

        BackgroundTask.begin(find_taker, lambda taker: taker(path), self._takers.tell, context=self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What belongs elsewhere is taken here."""
        if isinstance(event, QDropEvent | QDragMoveEvent | QDragEnterEvent):
            paths = local_files(event.mimeData().urls())
            path = paths[0] if len(paths) == 1 else Path()
            taker = self.taker_of(path, watched)
            if taker is not None:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    taker(path)
                return True
        return super().eventFilter(watched, event)


def open_drawing(canvas: Canvas, path: Path, refused: Callable[[str], object]) -> None:
    """Lay the first drawing of a file on the paper; it is read in the background.

    Args:
        canvas: the paper.
        path: strokes as `trainer.drawing.stroke_files` reads them.
        refused: is told what is wrong with the file.
    """

    def read() -> list[list[list[float]]]:
        # Brings numpy and Pillow: not before the window shows.
        from trainer.drawing import stroke_files

        drawings = stroke_files.read_drawings(path)
        if not drawings:
            raise UserError(_("{file} holds no drawing").format(file=path))
        return [[list(map(float, point)) for point in stroke] for stroke in drawings[0]]

    BackgroundTask.begin(
        read, lambda strokes: canvas.show_strokes(fit_to_sheet(strokes)), refused, context=canvas
    )


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
        opened.show()

    def _keep(self, corrected: PageCorrection) -> None:
        correction = Correction(
            corrected.label, (), corrected.image, corrected.read_as, corrected.source
        )
        self._draw.corrected.emit(correction)
