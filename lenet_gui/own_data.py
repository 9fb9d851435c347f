"""What one's own data are, before anything is trained on them; and how a tab's list offers them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QThread, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.colormap import dataset_image
from lenet_gui.widgets.controls import make_push_button, resize_for_text
from lenet_gui.widgets.file_dialogs import ask_for_folder, ask_what_to_open, local_files
from lenet_gui.widgets.formatting import format_tooltip
from lenet_gui.widgets.labels import Label, ScrollArea
from lenet_gui.widgets.lists import lay_out_as_table, make_chooser
from lenet_gui.workers.generator import BackgroundWork
from trainer import files
from trainer.data import own as own_data
from trainer.files import PICTURE_ENDINGS
from trainer.progress import Progress
from trainer.recipes.own_dataset import parse_own
from trainer.recipes.recipe import dataset_title
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.data.own.reading import OwnData

SAMPLES = 8  # pictures of a class that are shown
_HINT = N_(
    "Choose a folder that has a folder of pictures for each class; or a file: a table (CSV), "
    "NumPy arrays (NPZ), tensors (PT), IDX, parquet, or drawings (JSON). Or drop it here."
)
_KINDS = N_(
    "Data (*.csv *.tsv *.csv.gz *.npz *.npy *.pt *.pth *.parquet *.json *.jsonl *.json.gz *ubyte*)"
)
_COLORS = ((N_("Colors as found"), None), (N_("Gray"), False), (N_("Color"), True))


class OwnDataDialog(QDialog):
    """Asks for a path, reads it in a thread of its own, and shows what was found."""

    chosen = Signal(object)
    """Use these data (`OwnData`)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("own_data_dialog")
        self.setWindowTitle(_("Own data"))
        self.setAcceptDrops(True)
        self.own_data: OwnData | None = None
        """What is shown."""
        self._path: Path | None = None
        self._work = work = BackgroundWork("own data", self)
        work.yielded.connect(self._progress)
        work.returned.connect(self._show_own_data)
        work.errored.connect(self._failed)
        self._make_parts()
        self._lay_out()
        self._show_own_data(None)
        self._tell(_(_HINT))
        self.setMinimumSize(460, 320)
        resize_for_text(self, 680, 460)

    def _make_parts(self) -> None:
        self.folder = make_push_button(
            _("Folder…"), "own_data_folder", _("Choose a folder of data")
        )
        self.file = make_push_button(_("File…"), "own_data_file", _("Choose a file of data"))
        self.my_digits = make_push_button(
            _("My digits"), "own_data_my_digits", _("Take the digits of the tab My digits")
        )
        self.color = make_chooser(
            "own_data_color",
            _("Colors"),
            _("Draw the pictures at 28 × 28 in gray, or at 32 × 32 in color"),
        )
        for text, _value in _COLORS:
            self.color.addItem(_(text))
        self.text = Label()
        self.text.setObjectName("own_data_text")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.bar = QProgressBar()
        self.bar.setObjectName("own_data_progress")
        self.table = QTableWidget(0, 5)
        self.use = make_push_button(
            _("Use these data"), "own_data_use", _("Put them into the list of datasets")
        )
        self.use.setDefault(True)
        self.cancel = make_push_button(_("Cancel"), "own_data_cancel", _("Do without them"))
        self.folder.clicked.connect(self._ask_for_folder)
        self.file.clicked.connect(self._ask_for_file)
        self.my_digits.clicked.connect(lambda: self.read(files.my_digits_file()))
        self.color.activated.connect(self._read_again)
        self.use.clicked.connect(self._use)
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(
            [_("Class"), _("Samples"), _("Train"), _("Validation"), _("Test")]
        )
        lay_out_as_table(table, "own_data_classes", _("Classes"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        above = QHBoxLayout()
        for part in (self.folder, self.file, self.my_digits):
            above.addWidget(part)
        above.addStretch(1)
        above.addWidget(self.color)
        self.text_area = ScrollArea(self.text)
        self.text_area.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        below = QHBoxLayout()
        below.addWidget(self.bar, 1)
        below.addStretch(0)
        below.addWidget(self.cancel)
        below.addWidget(self.use)
        whole = QVBoxLayout(self)
        whole.addLayout(above)
        whole.addWidget(self.text_area, 2)
        whole.addWidget(table, 5)
        whole.addLayout(below)

    # What to read

    def _ask_for_folder(self) -> None:
        ask_for_folder(self, _("Folder of data"), "own_folder_dialog", self.read)

    def _ask_for_file(self) -> None:
        kinds = (_(_KINDS), _("All files (*)"))
        ask_what_to_open(self, _("File of data"), "own_file_dialog", kinds, self.read)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder or file is welcome."""
        if path_of(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look into what was dropped."""
        path = path_of(event)
        if path is not None:
            event.acceptProposedAction()
            self.read(path)

    def read(self, path: Path) -> None:
        """Look into what lies there, in the background."""
        self._path = path
        color = _COLORS[self.color.currentIndex()][1]

        def look() -> Generator[Progress, None, OwnData]:
            return own_data.reading.inspect(path, color)

        self._show_own_data(None)
        self._tell(_("Looking into {path}…").format(path=path))
        self.bar.setRange(0, 0)
        self.bar.show()
        self._work.start(look)

    def _read_again(self) -> None:
        if self._path is not None:
            self.read(self._path)

    # How it goes

    def _progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        what = f"{progress.what[:1].upper()}{progress.what[1:]}"
        self.bar.setFormat(_("{what}: {count}").format(what=what, count="%v"))

    def _failed(self, problem: str) -> None:
        self.bar.hide()
        self._tell(problem)

    def _tell(self, text: str) -> None:
        self.text.setText(text)
        self.text_area.verticalScrollBar().setValue(0)

    # What was found

    def _show_own_data(self, own: OwnData | None) -> None:
        self.own_data = own
        self.bar.hide()
        self.use.setEnabled(own is not None)
        self.table.setVisible(own is not None)
        if own is None:
            return
        self._tell(describe(own))
        self._fill_table(own)
        self.use.setFocus()

    def _fill_table(self, own: OwnData) -> None:
        counts = own.counts().tolist()
        sample = own.sample(SAMPLES)
        labels = sample.labels.numpy()
        side = sample.images.shape[-1]
        table = self.table
        table.setRowCount(len(counts))
        table.setIconSize(QSize(SAMPLES * (side + 2), side))
        table.verticalHeader().setDefaultSectionSize(side + 6)
        for row, (name, numbers) in enumerate(zip(own.classes, counts, strict=True)):
            item = QTableWidgetItem(name)
            item.setToolTip(format_tooltip(name))
            table.setItem(row, 0, item)
            strip = QTableWidgetItem()
            images = sample.images.numpy()[np.flatnonzero(labels == row)]
            strip.setIcon(QIcon(_paint_strip(list(images), side)))
            table.setItem(row, 1, strip)
            for column, number in enumerate(numbers, start=2):
                item = QTableWidgetItem(f"{number:,}")
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(row, column, item)
        table.resizeColumnsToContents()

    def _use(self) -> None:
        if self.own_data is not None:
            self.chosen.emit(self.own_data)
            self.accept()

    def done(self, result: int) -> None:
        """Closed: what is under way ends."""
        self._work.cancel()
        super().done(result)

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        return self._work.end()


def describe(own: OwnData) -> str:
    """What was found, how it is drawn and divided, and what was left out: a sentence a line."""
    pictures = ngettext("{n:,} picture", "{n:,} pictures", len(own)).format(n=len(own))
    classes = ngettext("{n} class", "{n} classes", len(own.classes)).format(n=len(own.classes))
    first = [own.kind[:1].upper() + own.kind[1:], pictures, classes, own.sizes.replace("x", " × ")]
    lines = [own.dataset.path, " · ".join(part for part in first if part)]
    lines += [f"{sentence}." for sentence in (*own.notes, own.split)]
    lines += [_("Left out: {what}").format(what=sentence) for sentence in own.skipped]
    return "\n".join(lines)


def _paint_strip(images: list[NDArray[np.uint8]], side: int) -> QPixmap:
    """Pictures side by side."""
    strip = QPixmap(SAMPLES * (side + 2), side)
    strip.fill(Qt.GlobalColor.transparent)
    with QPainter(strip) as painter:
        for number, image in enumerate(images):
            painter.drawImage(number * (side + 2), 0, dataset_image(image))
    return strip


NOT_DATA = (".safetensors", ".json", ".ndjson", *PICTURE_ENDINGS)
"""Endings of what the window takes wherever it is dropped: networks, recipes, drawings, pictures.

Drawings to train on are chosen in the dialog.
"""


def path_of(event: QDropEvent, anything: bool = True) -> Path | None:
    """The one folder or file that is dragged; None for several, and for what is `NOT_DATA`.

    Args:
        event: of the drag.
        anything: whether endings do not matter.
    """
    paths = local_files(event.mimeData().urls())
    path = paths[0] if len(paths) == 1 else None
    if path is not None and not anything and path.suffix.lower() in NOT_DATA:
        return None
    return path


class OwnDataChooser(QObject):
    """Adds "Own data…" to `datasets`, and takes what is dropped on `area`.

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
        datasets.addItem(_("Own data…"), datasets.currentData())
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

    def _take(self, own: OwnData) -> None:
        name = own.dataset.name
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
