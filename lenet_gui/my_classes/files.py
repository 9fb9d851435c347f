"""The menu of files: a set is opened, saved, merged with others, and divided by writer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton

from lenet_gui.widgets.file_dialogs import (
    ask_for_files,
    ask_for_folder,
    ask_what_to_open,
    ask_where_to_save,
)
from trainer.files import is_there
from trainer.my_classes import class_file
from trainer.my_classes.class_set import ClassSet
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

_KINDS = (N_("Classes (*.json)"), N_("Classes, packed (*.gz)"))
_TO_OPEN = N_("Classes (*.json *.json.gz *.gz)")
_TO_IMPORT = N_("Drawings (*.json *.ndjson *.jsonl *.gz)")
_ALL = N_("All files (*)")


class FileMenu(QPushButton):
    """A button that opens it."""

    opened = Signal(object)
    """Show the set of this file in place of the one that is here."""
    saved = Signal(object)
    """Save the set there."""
    merged = Signal(object)
    """Add the sets of these files."""
    imported = Signal(object)
    """Add the drawings of this file."""
    divided = Signal(object)
    """Save a file for each writer in this folder."""
    cleared = Signal()
    """Begin with no classes."""

    def __init__(self) -> None:
        super().__init__(_("File"))
        self.setObjectName("classes_file_button")
        self.setToolTip(_("Open, save and merge classes"))
        menu = QMenu(self)
        self.clear = self._add(menu, _("New set"), "classes_new", self.cleared.emit)
        self._add(menu, _("Open…"), "classes_open", self._ask_what_to_open)
        self.save = self._add(menu, _("Save as…"), "classes_save", self._ask_where_to_save)
        menu.addSeparator()
        self._add(menu, _("Merge files…"), "classes_merge", self._ask_what_to_merge)
        self._add(menu, _("Import drawings…"), "classes_import", self._ask_what_to_import)
        self.divide = self._add(
            menu, _("Save a file for each writer…"), "classes_divide", self._ask_where_to_divide
        )
        self.setMenu(menu)

    @staticmethod
    def _add(menu: QMenu, text: str, name: str, called: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        action.setObjectName(name)
        action.triggered.connect(lambda: called())
        return action

    def show_for(self, shown: ClassSet) -> None:
        """Enable what can be done with a set."""
        self.clear.setEnabled(bool(shown.classes))
        self.save.setEnabled(bool(shown.classes))
        self.divide.setEnabled(bool(shown.drawings))

    def _ask_what_to_open(self) -> None:
        kinds = (_TO_OPEN, _ALL)
        title = _("Open classes")
        ask_what_to_open(self, title, "classes_open_dialog", kinds, self.opened.emit)

    def _ask_where_to_save(self) -> None:
        start = Path.home() / "my-classes.json"
        ask_where_to_save(self, _("Save classes"), start, _KINDS, self.saved.emit)

    def _ask_what_to_merge(self) -> None:
        kinds = (_(_TO_OPEN), _(_ALL))
        title = _("Merge files of classes")
        ask_for_files(self, title, "classes_merge_dialog", kinds, self.merged.emit)

    def _ask_what_to_import(self) -> None:
        kinds = (_TO_IMPORT, _ALL)
        title = _("Import drawings")
        ask_what_to_open(self, title, "classes_import_dialog", kinds, self.imported.emit)

    def _ask_where_to_divide(self) -> None:
        title = _("Save a file for each writer")
        ask_for_folder(self, title, "classes_divide_dialog", self.divided.emit, to_save=True)


def save_by_writer(whole: ClassSet, folder: Path) -> str:
    """Save each person's drawings as a file of their own; returns what to say of it.

    Raises:
        ClassSetError: a file can't be written.
    """
    taken: set[str] = set()
    for writer in whole.writers:
        stem = re.sub(r"[^\w+-]+", "-", writer).strip("-") or _("nobody")
        name, number = stem, 2
        while f"{name}.json".casefold() in taken or is_there(folder / f"{name}.json"):
            name, number = f"{stem}-{number}", number + 1
        taken.add(f"{name}.json".casefold())
        class_file.save(whole.of_writer(writer), folder / f"{name}.json")
    text = ngettext("Saved {count} file in {folder}", "Saved {count} files in {folder}", len(taken))
    return text.format(count=len(taken), folder=folder)
