"""Asking for a file or a folder; each dialog returns at once and calls back.

Where something is saved, the ending follows the chosen kind, and no file is
replaced unasked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from lenet_gui.workers.serial import BackgroundTask
from trainer.files import is_folder, is_there
from trainer.translation import N_
from trainer.translation import gettext as _

PICTURE_KINDS = (
    N_("PNG picture (*.png)"),
    N_("SVG picture (*.svg)"),
    N_("PDF document (*.pdf)"),
    N_("PGF picture for LaTeX (*.pgf)"),
)
"""As what figures are saved."""
_KEY = "save_folder"  # of a property of the application


def local_files(urls: Iterable[QUrl]) -> list[Path]:
    """Those of dropped or copied addresses that can be files of this computer."""
    texts = (url.toLocalFile() for url in urls if url.isLocalFile())
    return [Path(text) for text in texts if "\0" not in text]  # which no file's name can hold


def saving_folder() -> Path | None:
    """Where something was saved last; that folder may be gone."""
    app = QCoreApplication.instance()
    folder = app.property(_KEY) if app is not None else None
    return Path(folder) if folder else None


def _saving_folder_there() -> Path | None:
    """That folder, if it is there: Qt's dialog, which looks into it next, would show the root."""
    folder = saving_folder()
    return folder if folder is not None and is_folder(folder) else None


def remember_saving_folder(folder: Path | None) -> None:
    """Begin there when something is saved next; None for the usual place."""
    app = QCoreApplication.instance()
    if app is not None:
        app.setProperty(_KEY, "" if folder is None else str(folder))


def ask_where_to_save(
    parent: QWidget,
    title: str,
    start: Path,
    kinds: tuple[str, ...],
    save: Callable[[Path], None],
) -> QFileDialog:
    """Open a dialog and return at once; `save` is called if the user chooses a place.

    Args:
        parent: the window part that asks.
        title: of the dialog.
        start: the name to begin with, and the folder if nothing was saved yet.
        kinds: such as "PNG picture (*.png)"; the first is chosen at first.
        save: takes the path, which has the ending of the chosen kind.
    """
    dialog = QFileDialog(parent, title, str(_saving_folder_there() or start.parent))
    dialog.setObjectName("save_dialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    kinds = tuple(map(_, kinds))
    dialog.setNameFilters(list(kinds))
    dialog.selectFile(start.name)

    def ending_of(kind: str) -> str:
        match = re.search(r"\*\.(\w+)", kind)
        return match.group(1) if match else ""

    # Qt adds this ending before it asks whether a file may be replaced.
    dialog.setDefaultSuffix(ending_of(kinds[0]))
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(ending_of(kind)))
    endings = {"." + ending_of(kind) for kind in kinds}

    def chosen(name: str) -> None:
        path = Path(name)
        remember_saving_folder(path.parent)
        if path.suffix.lower() in endings:
            save(path)
            return
        path = path.with_name(f"{path.name}.{dialog.defaultSuffix()}")  # "net 99.5", say
        free = partial(_free_name, path)
        BackgroundTask.begin(free, save, lambda _problem: save(path), context=parent)

    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _free_name(path: Path) -> Path:
    """The path, or another one where nobody was asked whether that file may be replaced."""
    return path.with_stem(f"{path.stem}-{time.strftime('%H%M%S')}") if is_there(path) else path


def ask_what_to_open(
    parent: QWidget,
    title: str,
    name: str,
    kinds: tuple[str, ...],
    take: Callable[[Path], object],
    start: Path | None = None,
) -> None:
    """Open a dialog and return at once; `take` is called with the file that the user chooses.

    Args:
        parent: the window part that asks.
        title: of the dialog.
        name: of the dialog, as an object.
        kinds: such as "PNG picture (*.png)"; the first is chosen at first.
        take: takes the path.
        start: the folder to begin with; the user's own if None.
    """
    dialog = QFileDialog(parent, title, str(start or Path.home()))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([_(kind) for kind in kinds])
    _open(dialog, name, take)


def ask_for_files(
    parent: QWidget,
    title: str,
    name: str,
    kinds: tuple[str, ...],
    take: Callable[[list[Path]], object],
    start: Path | None = None,
) -> None:
    """As `ask_what_to_open`, for one file or several."""
    dialog = QFileDialog(parent, title, str(start or Path.home()))
    dialog.setObjectName(name)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters(list(kinds))
    dialog.filesSelected.connect(lambda chosen: take([Path(each) for each in chosen]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_for_folder(
    parent: QWidget,
    title: str,
    name: str,
    take: Callable[[Path], object],
    to_save: bool = False,
) -> None:
    """As `ask_what_to_open`, for a folder; `to_save` if something is to be saved there."""
    start = (_saving_folder_there() if to_save else None) or Path.home()
    dialog = QFileDialog(parent, title, str(start))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    if to_save:
        dialog.fileSelected.connect(lambda chosen: remember_saving_folder(Path(chosen)))
    _open(dialog, name, take)


def _open(dialog: QFileDialog, name: str, take: Callable[[Path], object]) -> None:
    dialog.setObjectName(name)
    dialog.fileSelected.connect(lambda chosen: take(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
