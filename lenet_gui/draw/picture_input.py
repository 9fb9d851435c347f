"""Pictures of digits from outside: a file, the clipboard, or dropped on the Draw tab.

Only names and pixels are taken in the window's thread; reading files and finding
the digit happen in the background. What comes last is what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from lenet_gui.widgets.colormap import pixels_of
from lenet_gui.widgets.file_dialogs import ask_for_files, ask_for_folder, ask_what_to_open
from lenet_gui.workers.serial import BackgroundTask
from trainer.errors import UserError
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model

_KINDS = (
    N_(
        "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif *.avif *.jp2 "
        "*.pgm *.ppm *.heic)"
    ),
    N_("All files (*)"),
)
_ELSEWHERE = N_("{address} is not on this computer: save the picture, or copy the picture itself")


class _Place(NamedTuple):
    """What is said of pictures from one place: where they come from decides the sentence."""

    nothing: str
    several: str
    caption: str = ""


_CLIPBOARD = _Place(
    N_("There is no picture on the clipboard: copy a picture, or a picture's file"),
    N_("One picture at a time: there are {count} files on the clipboard"),
    N_("picture on the clipboard"),
)
_DRAGGED = _Place(
    N_("There is no picture there: copy a picture, or a picture's file"),
    N_("One picture at a time: there are {count} files there"),
)
_DROPPED = _Place(
    N_("There is no picture dropped here: copy a picture, or a picture's file"),
    N_("One picture at a time: there are {count} files dropped here"),
    N_("picture dropped here"),
)


class PictureInput(QObject):
    """Takes pictures for `tab`, onto which they can be dropped, and says what came of it."""

    found = Signal(object)
    """A digit to lay on the paper (`Picture`)."""
    welcome = Signal(bool)
    """Something that can be dropped is over the tab, or no longer."""
    message = Signal(str)
    several_found = Signal(object)
    """Pictures to be read for several digits: a list of files, folders, and `QImage`s."""

    def __init__(self, tab: QWidget) -> None:
        super().__init__(tab)
        self._tab = tab
        self.model: Callable[[], Model | None] = lambda: None
        """The network that will read them: pictures are laid out as its dataset is."""
        self._asked = 0  # how many pictures were begun; only the last one counts
        self._folder = Path.home()
        self.open = self._action(_("Open picture …"), _("Read a photo or scan of a digit"))
        self.open.setShortcut(QKeySequence("Ctrl+Shift+O"))
        self.open.triggered.connect(self.ask)
        self.paste = self._action(_("Paste"), _("Read the picture on the clipboard"))
        self.paste.setShortcut(QKeySequence(QKeySequence.StandardKey.Paste))
        self.paste.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.paste.triggered.connect(self.take_clipboard)
        self.shows_several: Callable[[Path | QImage, Picture | None], bool] | None = None
        """Whether there are several digits on a picture; is called in another thread."""
        self.open_several = self._action(
            _("Read several digits …"), _("Read numbers, tables and whole pages from pictures")
        )
        self.open_several.triggered.connect(self.ask_for_several)
        self.open_folder = self._action(
            _("Read a folder of pictures …"), _("Read all digits of all pictures in a folder")
        )
        self.open_folder.triggered.connect(self.ask_for_folder)
        tab.setAcceptDrops(True)
        tab.installEventFilter(self)

    def _action(self, text: str, tip: str) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        self._tab.addAction(action)
        return action

    # Where pictures come from

    def ask(self) -> None:
        """Ask for a file."""
        title, name = _("Open a picture of a digit"), "picture_dialog"
        ask_what_to_open(self._tab, title, name, _kinds(), self.take_file, self._folder)

    def ask_for_several(self) -> None:
        """Ask for pictures of several digits."""
        title, name = _("Open pictures of several digits"), "several_dialog"
        ask_for_files(self._tab, title, name, _kinds(), self.several_found.emit, self._folder)

    def ask_for_folder(self) -> None:
        """Ask for a folder of pictures."""
        title = _("Choose a folder of pictures")
        ask_for_folder(
            self._tab, title, "pictures_dialog", lambda path: self.several_found.emit([path])
        )

    def take_clipboard(self) -> None:
        """Show the picture that was copied: its pixels, its file, or its file's name."""
        self._take(QGuiApplication.clipboard().mimeData(), _CLIPBOARD)

    def take_file(self, path: Path, refused: Callable[[str], object] | None = None) -> None:
        """Show the digit in a file; `refused` is told what is wrong, else `message`."""
        self._folder = path.parent

        self._begin(path, "", refused)

    def _begin(
        self, source: Path | QImage, caption: str, refused: Callable[[str], object] | None
    ) -> None:
        self._asked += 1
        number = self._asked

        def read() -> Picture | None:
            """The one digit; None where there are several."""
            # Brings numpy, Pillow and torch: not before the window shows.
            from trainer.reading import pictures

            found, problem = None, None
            try:
                if isinstance(source, Path):
                    found = pictures.read_picture(source, self.model())
                else:
                    found = pictures.from_pixels(pixels_of(source), caption, self.model())
            except UserError as error:
                problem = error
            if self.shows_several is not None and self.shows_several(source, found):
                return None
            if problem is not None:
                raise problem
            return found

        def show(picture: Picture | None) -> None:
            if number == self._asked:
                if picture is None:
                    self.several_found.emit([source])
                else:
                    self.found.emit(picture)

        def tell(problem: str) -> None:
            if number == self._asked:
                (refused or self.message.emit)(problem)

        BackgroundTask.begin(read, show, tell)

    def _take(self, data: QMimeData | None, place: _Place) -> None:
        if data is None:  # the clipboard was never filled
            self.message.emit(_(place.nothing))
            return
        problem = _problem(data, place)
        path = _path(data)
        if problem:
            self.message.emit(problem)
        elif path is not None:
            self.take_file(path)
        else:
            image = data.imageData()
            image = image.toImage() if isinstance(image, QPixmap) else image
            if isinstance(image, QImage) and not image.isNull():
                self._begin(image, _(place.caption), None)
            else:  # an empty picture, or bytes that are none
                self.message.emit(_(place.nothing))

    # Dropping

    def eventFilter(self, tab: QObject, event: QEvent) -> bool:
        """What is dragged over the tab is welcome, or it is told why not."""
        if isinstance(event, QDragEnterEvent):
            problem = _problem(event.mimeData(), _DRAGGED)
            if problem:
                self.message.emit(problem)
                event.ignore()
            else:
                event.acceptProposedAction()
                self.welcome.emit(True)
            return True
        if isinstance(event, QDragMoveEvent):  # only comes where entering was accepted
            event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self.welcome.emit(False)
            return True
        if isinstance(event, QDropEvent):
            self.welcome.emit(False)
            event.acceptProposedAction()
            self._take(event.mimeData(), _DROPPED)
            return True
        return super().eventFilter(tab, event)


def _kinds() -> tuple[str, ...]:
    """What a file's dialog offers."""
    return tuple(_(kind) for kind in _KINDS)


def _problem(data: QMimeData, place: _Place) -> str:
    """Why that is no picture, as far as can be told without reading a file; or ""."""
    urls = [url for url in data.urls() if not url.isEmpty()]
    if len(urls) > 1:
        return _(place.several).format(count=len(urls))
    if _path(data) is not None or data.hasImage():
        return ""
    if urls:
        return _(_ELSEWHERE).format(address=urls[0].toString())
    return _(place.nothing)


def _path(data: QMimeData) -> Path | None:
    """A file on this computer, given as a file or as its name.

    Before any pixels: a file manager may put the file's icon beside its name.
    """
    for url in data.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    text = data.text().strip().strip("'\"")
    if data.hasUrls() or data.hasImage() or not text or "\n" in text or len(text) > 4096:
        return None
    url = QUrl(text)
    if url.isLocalFile():
        return Path(url.toLocalFile())
    path = Path(text).expanduser() if text.startswith("~") else Path(text)
    return path if path.is_absolute() else None
