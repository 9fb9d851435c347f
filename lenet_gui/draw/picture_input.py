"""Pictures of digits from outside: a file, the clipboard, or dropped on the Draw tab.

Only names and pixels are taken in the window's thread; reading files and finding
the digit happen in the background. What comes last is what is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer, QUrl, Signal
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
from lenet_gui.widgets.file_dialogs import (
    ask_for_files,
    ask_for_folder,
    ask_what_to_open,
    local_files,
)
from lenet_gui.widgets.formatting import cut_text
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import PAGE_ENDINGS, expand_user, is_folder
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model
    from trainer.pages.opening import OpenedPicture

_KINDS = (
    N_("Pictures ({patterns})"),
    N_("All files (*)"),
)
_PATTERNS = " ".join(f"*{ending}" for ending in PAGE_ENDINGS)
_OVER, _DROPPED, _COPIED = "over", "dropped", "copied"
_NOTHING = {
    _OVER: N_("There is no picture there: copy a picture, or a picture's file"),
    _DROPPED: N_("There is no picture dropped here: copy a picture, or a picture's file"),
    _COPIED: N_("There is no picture on the clipboard: copy a picture, or a picture's file"),
}
_CAPTIONS = {_DROPPED: N_("picture dropped here"), _COPIED: N_("picture on the clipboard")}
_ELSEWHERE = N_("{address} is not on this computer: save the picture, or copy the picture itself")
_LONGEST_ADDRESS = 200  # characters that are told of one
_LONG = 250  # milliseconds until it is said that a picture is being read
_KEPT = 4
"""Pictures of which the pixels are kept, so that they can be adjusted."""


class PictureInput(QObject):
    """Takes pictures for `tab`, onto which they can be dropped, and says what came of it."""

    found = Signal(object)
    """A digit to lay on the paper (`Picture`)."""
    notice = Signal(str)
    """What to say on the paper, while something is dragged over the tab or read; "" for nothing."""
    message = Signal(str)
    refusal_changed = Signal()
    """`refused` is another one."""
    several_found = Signal(object)
    """Pictures to be read for several digits: a list of files, folders, and `QImage`s."""

    def __init__(self, tab: QWidget) -> None:
        super().__init__(tab)
        self._tab = tab
        self.model: Callable[[], Model | None] = lambda: None
        """The network that will read them: pictures are laid out as its dataset is."""
        self._asked = 0  # how many pictures were begun; only the last one counts
        self._waiting = QTimer(self)  # runs out when a picture takes long to read
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_LONG)
        self._waiting.timeout.connect(lambda: self.notice.emit(_("Reading…")))
        self._folder = Path.home()
        self.open = self._action(_("Open picture…"), _("Read a photo or scan of a digit"))
        self.open.setShortcut(QKeySequence("Ctrl+Shift+O"))
        self.open.triggered.connect(self.ask)
        self.paste = self._action(_("Paste"), _("Read the picture on the clipboard"))
        self.paste.setShortcut(QKeySequence(QKeySequence.StandardKey.Paste))
        self.paste.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.paste.triggered.connect(self.take_clipboard)
        self.notices_several = False
        """Whether a picture of several digits is told from one of a single digit."""
        self._opened: deque[OpenedPicture] = deque(maxlen=_KEPT)
        self.refused: OpenedPicture | None = None
        """What was opened last, if no digit was found on it."""
        self.open_several = self._action(
            _("Read several digits…"), _("Read numbers, tables and whole pages from pictures")
        )
        self.open_several.triggered.connect(self.ask_for_several)
        self.open_folder = self._action(
            _("Read a folder of pictures…"), _("Read all digits of all pictures in a folder")
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
        self._take(QGuiApplication.clipboard().mimeData(), _COPIED)

    def take_file(self, path: Path, refused: Callable[[str], object] | None = None) -> None:
        """Show the digit in a file; `refused` is told what is wrong, else `message`."""
        self._folder = path.parent
        self._begin(path, "", refused)

    def _begin(
        self, source: Path | QImage, caption: str, refused: Callable[[str], object] | None
    ) -> None:
        self._asked += 1
        number, model, several = self._asked, self.model, self.notices_several

        def read() -> OpenedPicture | None:
            """None where it is a folder."""
            # Brings numpy, Pillow and torch: not before the window shows.
            from trainer.pages import opening

            if isinstance(source, Path):
                if is_folder(source):
                    return None
                return opening.open_file(source, model(), several)
            return opening.open_pixels(pixels_of(source), caption, model(), several)

        def show(opened: OpenedPicture | None) -> None:
            if number != self._asked:
                return
            self._end_wait()
            if opened is None or opened.several:
                self.several_found.emit([source])
            elif opened.picture is not None:
                self.show(opened)
            else:
                self.refused = opened
                self.refusal_changed.emit()
                (refused or self.message.emit)(
                    _("{problem}, or show where it is: Edit > Adjust picture").format(
                        problem=opened.problem
                    )
                )

        def tell(problem: str) -> None:
            if number == self._asked:
                self._end_wait()
                (refused or self.message.emit)(problem)

        self._waiting.start()
        BackgroundTask.begin(read, show, tell, context=self)

    def _end_wait(self) -> None:
        self._waiting.stop()
        self.notice.emit("")

    def show(self, opened: OpenedPicture) -> None:
        """Lay a picture that was opened, and perhaps adjusted, on the paper."""
        self.refused = None
        self._opened.append(opened)
        self.found.emit(opened.picture)

    def adjustable(self, shown: Picture | None) -> OpenedPicture | None:
        """What can be adjusted: what was refused last, or else what `shown` was made of."""
        if self.refused is not None:
            return self.refused
        return next((each for each in self._opened if each.picture is shown), None)

    def _take(self, data: QMimeData | None, place: str) -> None:
        if data is None:  # the clipboard was never filled
            self.message.emit(_(_NOTHING[place]))
            return
        several = _several_paths(data)
        problem = _problem(data, place)
        path = _path(data)
        if several:
            self._asked += 1  # what was begun before no longer counts
            self._end_wait()
            self.several_found.emit(several)
        elif problem:
            self.message.emit(problem)
        elif path is not None:
            self.take_file(path)
        else:
            image = data.imageData()
            image = image.toImage() if isinstance(image, QPixmap) else image
            if isinstance(image, QImage) and not image.isNull():
                self._begin(image, _(_CAPTIONS[place]), None)
            else:  # an empty picture, or bytes that are none
                self.message.emit(_(_NOTHING[place]))

    # Dropping

    def eventFilter(self, tab: QObject, event: QEvent) -> bool:
        """What is dragged over the tab is welcome, or it is told why not."""
        if isinstance(event, QDragEnterEvent):
            problem = _problem(event.mimeData(), _OVER)
            if problem:
                self.message.emit(problem)
                event.ignore()
            else:
                event.acceptProposedAction()
                self.notice.emit(_("Drop the picture here"))
            return True
        if isinstance(event, QDragMoveEvent):  # only comes where entering was accepted
            event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self.notice.emit("")
            return True
        if isinstance(event, QDropEvent):
            self.notice.emit("")
            event.acceptProposedAction()
            self._take(event.mimeData(), _DROPPED)
            return True
        return super().eventFilter(tab, event)


def _kinds() -> tuple[str, ...]:
    return tuple(_(kind).format(patterns=_PATTERNS) for kind in _KINDS)


def _several_paths(data: QMimeData) -> list[Path]:
    """Two files or more on this computer; none where there are fewer."""
    paths = local_files(data.urls())
    return paths if len(paths) > 1 else []


def _problem(data: QMimeData, place: str) -> str:
    """Why that is no picture, as far as can be told without reading a file; or ""."""
    urls = [url for url in data.urls() if not url.isEmpty()]
    if _path(data) is not None or data.hasImage():
        return ""
    if urls:
        return _(_ELSEWHERE).format(address=cut_text(urls[0].toString(), _LONGEST_ADDRESS))
    return _(_NOTHING[place])


def _path(data: QMimeData) -> Path | None:
    """A file on this computer, given as a file or as its name.

    Before any pixels: a file manager may put the file's icon beside its name.
    """
    if paths := local_files(data.urls()):
        return paths[0]
    text = data.text().strip().strip("'\"")
    if data.hasUrls() or data.hasImage() or not text or {"\n", "\0"} & {*text} or len(text) > 4096:
        return None
    if paths := local_files([QUrl(text)]):
        return paths[0]
    path = expand_user(Path(text)) if text.startswith("~") else Path(text)
    return path if path.is_absolute() else None
