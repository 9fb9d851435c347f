"""The window of pictures of several digits: the picture, the table, and what can be done with it.

Reading happens in a thread of its own and can be canceled; what was read so far stays.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.pages.digit_table import COLUMNS, DigitTable
from lenet_gui.pages.page_view import CloseUp, LabelButtons, PageView
from lenet_gui.widgets.colormap import pixels_of
from lenet_gui.widgets.controls import make_push_button, resize_for_text
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.lists import lay_out_as_table
from lenet_gui.workers.latest import DetachedWorker
from lenet_gui.workers.serial import BackgroundTask, LongTask
from trainer.files import save_file
from trainer.networks.model import Model
from trainer.pages.files import list_files, load_page, read_files
from trainer.pages.page import FilePage, RefusedFile, make_csv
from trainer.pages.reader import read_page
from trainer.progress import Progress
from trainer.reading.verdict import Verdict
from trainer.runtime import cpu
from trainer.translation import gettext as _
from trainer.translation import ngettext

Source = Path | QImage


@dataclass(frozen=True, slots=True, eq=False)
class PageCorrection:
    """What a digit on a picture should have been read as."""

    label: int
    image: NDArray[np.uint8]  # (28, 28), what was read
    read_as: int | None  # None where it was read as no digit
    source: str  # which picture, and where on it


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A page's picture that is to be shown."""

    number: int  # of the page in the table
    page: FilePage
    pasted: QImage | None  # the picture, where it has no file


class PageLoader(DetachedWorker):
    """Reads a page's picture again to show it: the newest that is asked for, and only that page."""

    def work(self, request: _Wanted) -> tuple[int, QImage]:
        """The page's number in the table, and its picture; empty if it is gone from the file."""
        if request.pasted is not None:
            return request.number, request.pasted
        colors = load_page(request.page.path, request.page.number)
        if colors is None:
            return request.number, QImage()
        rows, columns = colors.shape[:2]
        kind = QImage.Format.Format_RGB888
        return request.number, QImage(colors.tobytes(), columns, rows, 3 * columns, kind).copy()


class PagesWindow(QDialog):
    """Reads pictures of several digits, and shows what it made of them."""

    corrected = Signal(object)
    """A digit is another one than was read (`PageCorrection`)."""

    # What is done in the background ends with one of these: they go with the window.
    _saved = Signal(str)
    _failed = Signal(str)

    def __init__(self, parent: QWidget | None, model: Model, sources: Sequence[Source]) -> None:
        super().__init__(parent)
        self.setObjectName("pages_window")
        self.setWindowTitle(_("Pictures of several digits"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pixels = {n: source for n, source in enumerate(sources) if isinstance(source, QImage)}
        self._refused: list[str] = []
        self._page, self._picture = -1, QImage()  # on show
        self.digits = DigitTable()
        self.view, self.close_up = PageView(), CloseUp()
        self.labels = LabelButtons(model.classes)
        self.table = QTableView()
        self.status = Label()
        self.status.setObjectName("pages_status")
        self.status.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Progress"))
        self._make_buttons()
        self._lay_out()
        resize_for_text(self, 980, 560)
        self.loader = PageLoader()
        self.loader.done.connect(self._show_picture)
        self.loader.failed.connect(self._refuse)
        self.loader.start()
        self._saved.connect(self._update)
        self._failed.connect(self._refuse)
        self.view.chosen.connect(self._choose)
        self.labels.chosen.connect(self.correct)
        self.labels.removed.connect(self.remove)
        self.table.selectionModel().currentRowChanged.connect(
            lambda now, _before: self._show(now.row())
        )
        self.finished.connect(self._end)  # by Escape, which is no closing
        self.worker = LongTask(lambda: _read(model, sources))
        self.worker.yielded.connect(self._take)
        self.worker.errored.connect(self._refuse)
        self.worker.finished.connect(self._finish)
        self._update()
        self.worker.start()

    # Layout

    def _make_buttons(self) -> None:
        make = make_push_button
        self.cancel = make(_("Cancel"), "cancel_pages", _("Stop; what was read so far stays"))
        self.copy_text = make(_("Copy text"), "copy_text", _("Copy the digits, line by line"))
        self.copy_table = make(
            _("Copy table"), "copy_table", _("Copy a row for each digit, as CSV")
        )
        self.save = make(_("Save table…"), "save_table", _("Save a row for each digit, as CSV"))
        self.close_button = make(_("Close"), "close_pages", _("Close this window"))
        self.cancel.clicked.connect(self._cancel)
        self.copy_text.clicked.connect(self._copy_text)
        self.copy_table.clicked.connect(lambda: self._copy(self._csv(), _("The table was copied")))
        self.save.clicked.connect(self._ask_where)
        self.close_button.clicked.connect(self.close)

    def _lay_out(self) -> None:
        table = self.table
        table.setModel(self.digits)
        lay_out_as_table(table, "pages_table", _("Digits that were read"))
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, letters in enumerate((17, 4, 5, 5, 11)):
            table.setColumnWidth(column, letters * self.fontMetrics().averageCharWidth() + 14)
        header.setSortIndicator(len(COLUMNS) - 1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.sortIndicatorChanged.connect(self.digits.sort)
        table.installEventFilter(self)
        pictures = QWidget()
        stacked = QVBoxLayout(pictures)
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.addWidget(self.view, 1)
        stacked.addWidget(self.close_up)
        halves = QSplitter()
        halves.addWidget(pictures)
        halves.addWidget(table)
        halves.setChildrenCollapsible(False)
        halves.setStretchFactor(0, 1)
        halves.setStretchFactor(1, 1)
        halves.setSizes([460, 500])
        running = QHBoxLayout()
        running.addWidget(self.bar, 1)
        running.addWidget(self.cancel)
        buttons = QHBoxLayout()
        for button in (self.copy_text, self.copy_table, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.addWidget(halves, 1)
        whole.addWidget(self.labels)
        whole.addWidget(self.status)
        whole.addLayout(running)
        whole.addLayout(buttons)

    # Reading

    def _take(self, event: object) -> None:
        if isinstance(event, Progress):
            self.bar.setMaximum(event.total)
            self.bar.setValue(event.done)
        elif isinstance(event, RefusedFile):
            self._refuse(event.reason)
        elif isinstance(event, FilePage):
            self.digits.add(event)
            if not event.page.digits:
                self._refused.append(_("{file}: no digits found").format(file=event.name))
            self.table.setColumnHidden(0, len(self.digits.pages) == 1)
            if self._page < 0 and event.page.digits:
                self._choose_row(0)
        self._update()

    def _refuse(self, why: str) -> None:
        self._refused.append(why)
        self._update()

    def _finish(self) -> None:
        self.bar.hide()
        self.cancel.hide()
        if len(self.digits.pages) > 1:
            header = self.table.horizontalHeader()
            self.digits.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
            if self.digits.rowCount() and not self.digits.changed:
                self._choose_row(0)
        self._update()

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.worker.stop()

    def _update(self, text: str = "") -> None:
        """Say how many digits there are, and what could not be read."""
        count, pages = self.digits.rowCount() - len(self.digits.removed), len(self.digits.pages)
        doubtful = self.digits.count_doubtful()
        count_text = ngettext("{n} digit", "{n} digits", count).format(n=count)
        where = ngettext("on {n} picture", "on {n} pictures", pages).format(n=pages)
        said = [
            _("{digits} {where}, {n} unsure").format(digits=count_text, where=where, n=doubtful)
        ]
        if count:
            said.append(_("Click a digit, and press the right one's key or button to correct it"))
        if text:
            said = [text]
        self.status.setText("\n".join([". ".join(said), *self._refused[-3:]]))
        for button in (self.copy_text, self.copy_table, self.save):
            button.setEnabled(count > 0)
        self.labels.setEnabled(self.table.currentIndex().isValid())

    # Choosing and correcting

    def _choose(self, number: int) -> None:
        """A digit was clicked on the picture."""
        self._choose_row(self.digits.row_of(self._page, number))
        self.table.setFocus()

    def _choose_row(self, row: int) -> None:
        index = self.digits.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.scrollTo(index)

    def _show(self, row: int) -> None:
        if row < 0:
            return
        page, number = self.digits.page_of(row)
        if page != self._page:
            self._page, self._picture = page, QImage()
            self.view.show_page(self.digits.shown(page).page, QImage())
            each = self.digits.pages[page]
            self.loader.ask(_Wanted(page, each, self._pasted(each)))
        self._mark(page, number)
        self.labels.setEnabled(True)

    def _mark(self, page: int, number: int) -> None:
        """Show a page as it is corrected, and one of its digits as the chosen one."""
        shown = self.digits.shown(page).page
        self.view.set_page(shown, self.digits.removed_of(page))
        self.view.set_current(number)
        self.close_up.show_digit(self._picture, shown.width, shown.digits[number])

    def _show_picture(self, loaded: tuple[int, QImage]) -> None:
        number, image = loaded
        if number == self._page:
            self._picture = image
            self.view.show_page(self.digits.shown(number).page, image)
            self._mark(*self.digits.page_of(self.table.currentIndex().row()))

    def _pasted(self, page: FilePage) -> QImage | None:
        return next(iter(self._pixels.values()), None) if page.path == _PASTED else None

    def correct(self, label: int) -> None:
        """The chosen digit is this one; the next is chosen."""
        row = self.table.currentIndex().row()
        if row < 0:
            return
        page, number = self.digits.page_of(row)
        before = self.digits.pages[page].page.digits[number]
        if not 0 <= label < len(self.digits.pages[page].page.classes):
            return
        self.digits.correct(row, label)
        read_as = None if before.verdict == Verdict.REJECTED else before.digit
        place = self.digits.name_place(row)
        image = np.frombuffer(before.image, np.uint8).reshape(28, 28)
        self.corrected.emit(PageCorrection(label, image, read_as, place))
        self._go_on(row)

    def remove(self) -> None:
        """What was read where the chosen digit stands is no digit; the next one is chosen."""
        row = self.table.currentIndex().row()
        if row >= 0:
            self.digits.remove(row)
            self._go_on(row)

    def _go_on(self, row: int) -> None:
        self._mark(*self.digits.page_of(row))
        if row + 1 < self.digits.rowCount():
            self._choose_row(row + 1)
        self._update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A digit's key means the same in the table, which would look for a text."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._correct_by_key(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit's key corrects the chosen one."""
        if not self._correct_by_key(event):
            super().keyPressEvent(event)

    def _correct_by_key(self, event: QKeyEvent) -> bool:
        free = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        digit = event.key() - Qt.Key.Key_0
        if 0 <= digit <= 9 and not free:
            self.correct(digit)
            return True
        if event.key() == Qt.Key.Key_Delete and not free:
            self.remove()
            return True
        return False

    # Copy and save

    def _copy_text(self) -> None:
        pages = self.digits.all_shown
        if len(pages) == 1:
            text = pages[0].page.text
        else:
            text = "\n\n".join(f"{each.name}\n{each.page.text}" for each in pages)
        self._copy(text, _("The digits were copied"))

    def _copy(self, text: str, sentence: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._update(sentence)

    def _csv(self) -> str:
        return make_csv(self.digits.all_shown)

    def _ask_where(self) -> None:
        kinds = (_("Table (*.csv)"),)
        ask_where_to_save(
            self, _("Save the table"), Path.home() / "digits.csv", kinds, self.save_to
        )

    def save_to(self, path: Path) -> None:
        """Save the table; the line below says how it went."""
        content = self._csv().encode()

        def save() -> str:
            save_file(path, content)
            return _("Saved {file}").format(file=path)

        BackgroundTask.begin(save, self._saved, self._failed, context=self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Reading ends with the window."""
        self._end()
        super().closeEvent(event)

    def _end(self) -> None:
        self.worker.stop()
        self.loader.end()


_PASTED = Path("clipboard")


def _read(model: Model, sources: Sequence[Source]) -> Generator[Any, None, None]:
    """All pages of files, folders and pixels, in a thread of its own."""
    cpu.use_background_threads()
    for source in sources:
        if isinstance(source, QImage):
            yield FilePage(_PASTED, 1, 1, read_page(model, pixels_of(source)))
    paths = list_files(source for source in sources if isinstance(source, Path))
    yield from read_files(model, paths)
