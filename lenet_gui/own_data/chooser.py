"""One's own data in a tab's list of datasets: the last entry asks for some."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QThread, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QWidget

from lenet_gui.own_data.dialog import OwnDataDialog, path_of
from trainer.data.own.reading import OwnData
from trainer.recipes.own_dataset import parse_own
from trainer.recipes.recipe import dataset_title
from trainer.translation import gettext as _


class OwnDataChooser(QObject):
    """Adds "Own data …" to `datasets`, and takes what is dropped on `area`.

    The entry's data are those of the dataset that was chosen before, so that whoever reads
    the list never finds in it what is no dataset.

    Args:
        datasets: the list, whose data are names as recipes have them.
        area: the part of the window that asks; what is dropped on it is looked into.
    """

    chosen = Signal(str)
    """These data are chosen now, by their name."""

    def __init__(self, datasets: QComboBox, area: QWidget) -> None:
        super().__init__(area)
        self._datasets, self._area = datasets, area
        self._before = 0  # the entry that was chosen last
        self.dialog: OwnDataDialog | None = None
        """There once it was asked for."""
        datasets.addItem(_("Own data …"), datasets.currentData())
        datasets.currentIndexChanged.connect(self._remember)
        datasets.activated.connect(self._activated)
        self.take_drops(area)
        self._remember(datasets.currentIndex())

    @property
    def _last(self) -> int:
        return self._datasets.count() - 1

    def _remember(self, entry: int) -> None:
        if 0 <= entry < self._last:
            self._before = entry
            self._datasets.setItemData(self._last, self._datasets.itemData(entry))

    def _activated(self, entry: int) -> None:
        if entry == self._last:
            blocker = QSignalBlocker(self._datasets)
            self._datasets.setCurrentIndex(self._before)
            blocker.unblock()
            self.ask()

    def admit(self, name: str) -> None:
        """Have own data of this name in the list; other names are there, or unknown."""
        places = [self._datasets.itemData(entry) for entry in range(self._last)]
        if parse_own(name) is None or name in places:
            return
        blocker = QSignalBlocker(self._datasets)
        self._datasets.insertItem(self._last, dataset_title(name), name)
        blocker.unblock()

    # Asking

    def take_drops(self, area: QWidget) -> None:
        """Look into what is dropped there."""
        area.setAcceptDrops(True)
        area.installEventFilter(self)

    def ask(self) -> None:
        """Open the dialog."""
        if self.dialog is None:
            self.dialog = OwnDataDialog(self._area)
            self.dialog.chosen.connect(self._take)
        self.dialog.open()

    def read(self, path: Path) -> None:
        """Open the dialog with what lies there."""
        self.ask()
        assert self.dialog is not None
        self.dialog.read(path)

    def _take(self, found: OwnData) -> None:
        name = found.dataset.name
        self.admit(name)
        places = [self._datasets.itemData(entry) for entry in range(self._last)]
        self._datasets.setCurrentIndex(places.index(name))
        self.chosen.emit(name)

    def eventFilter(self, area: QObject, event: QEvent) -> bool:
        """A folder or file that is dragged over the tab is welcome."""
        if isinstance(event, QDropEvent | QDragEnterEvent | QDragMoveEvent):
            path = path_of(event, anything=False)
            if path is not None:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self.read(path)
                return True
        return super().eventFilter(area, event)

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        return self.dialog.end() if self.dialog is not None else []
