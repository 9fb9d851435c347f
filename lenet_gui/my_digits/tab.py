"""The My digits tab: drawings that were given their right label, and learning from them.

What the present network reads my digits as, found out in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lenet_gui.my_digits.grid import FilterBar, LabelBar, OwnDigitGrid, digit_to_sheet
from lenet_gui.my_digits.learning import LearningPanel
from lenet_gui.widgets.controls import make_action
from lenet_gui.widgets.file_dialogs import ask_what_to_open, ask_where_to_save
from lenet_gui.widgets.formatting import format_count
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.workers.latest import LatestWorker
from lenet_gui.workers.serial import SerialWorker
from trainer.drawing.sheet import Stroke
from trainer.my_digits import digit as own_digits
from trainer.my_digits.digit import OwnDigit, own_digit, render_digit
from trainer.my_digits.store import Imported, MyDigits
from trainer.networks.model import Model
from trainer.reading.predict import read_many
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _


class OwnReader(LatestWorker):
    """Ask with (model, digits); `done` has (model, the class it reads by the digit's id)."""

    def __init__(self) -> None:
        super().__init__()
        self._images: dict[str, NDArray[np.uint8]] = {}

    def work(self, request: tuple[Model, tuple[OwnDigit, ...]]) -> tuple[Model, dict[str, int]]:
        """Read all of them."""
        model, digits = request
        return model, read_digits(model, digits, self._images)


_KINDS = (N_("My digits (*.json)"), N_("My digits, packed (*.gz)"))


class MyDigitsTab(QWidget):
    """Browse, relabel, delete, pass on; and learn."""

    message = Signal(str)
    """Something to tell the user in passing."""
    added = Signal()
    """A digit that `add` was given is on the disk."""
    open_drawing = Signal(object)
    """Lay this `Sheet` on the Draw tab's paper."""
    use_model = Signal(object)
    """Read with this `Model` from now on: the user keeps what was learned, or takes it back."""

    learned = Signal(object)
    """The user keeps this `Model`, which was learned here."""

    def __init__(self, file: Path, data: Path) -> None:
        super().__init__()
        self.learning = LearningPanel(data)
        self.kept = MyDigits(file)
        self.model: Model | None = None
        self._undo: list[Callable[[], object]] = []  # what takes each change back
        self._file = SerialWorker(self)
        self._reader = OwnReader()
        self._reader.done.connect(self._show_reads)
        self._reader.failed.connect(self.message)
        self.grid = OwnDigitGrid()
        self.list = self.grid.list
        self.filter, self.labels = FilterBar(), LabelBar()
        self.note = Label()
        self.note.setObjectName("my_digits_note")
        self.note.setWordWrap(True)
        self.note.hide()
        self.undo = make_action(self, _("Undo"), _("Undo"), QKeySequence.StandardKey.Undo)
        self.undo.triggered.connect(self._take_back)
        self._lay_out()
        self._connect()
        self._show((), "")

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.filter)
        left.addWidget(self.grid, 1)
        left.addWidget(self.note)
        left.addWidget(self.labels)
        whole = QHBoxLayout(make_page(self))
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(18)
        whole.addLayout(left, 1)
        whole.addWidget(self.learning)

    def _connect(self) -> None:
        self.learning.use_model.connect(self._use)
        self.learning.message.connect(self.message)
        self.filter.changed.connect(self._filter_changed)
        self.filter.import_.clicked.connect(self._ask_what_to_import)
        self.filter.export.clicked.connect(self._ask_where_to_export)
        self.grid.relabel.connect(self.relabel)
        self.grid.delete.connect(self.delete)
        self.grid.open.connect(self._open)
        self.grid.selection_changed.connect(self._update_buttons)
        self.labels.chosen.connect(self.relabel)
        self.labels.delete.clicked.connect(self.delete)
        self.labels.undo.clicked.connect(self.undo.trigger)

    def _use(self, model: Model) -> None:
        """Read with what was learned, or again with what was there before."""
        self.use_model.emit(model)
        if self.learning.learned is not None and model is self.learning.learned.model:
            self.learned.emit(model)

    # What is kept

    def load(self) -> None:
        """Show what the file holds."""
        self._change(lambda: None)

    def showEvent(self, event: QShowEvent) -> None:
        """Another window may have kept something since."""
        super().showEvent(event)
        if self._file.isRunning():
            self.load()

    def add(
        self,
        label: int,
        strokes: tuple[Stroke, ...],
        image: NDArray[np.uint8],
        read_as: int | None,
        source: str = "",
    ) -> None:
        """Keep a drawing; the same one again gets its new label.

        Args:
            label: what it is, 0 to 9.
            strokes: as on the canvas; none where a picture was read.
            image: uint8 (28, 28), what was read; kept where there are no strokes.
            read_as: what the network took it for, if it said anything.
            source: of a dataset's picture, as in `OwnDigit`.
        """

        kept: list[OwnDigit] = []

        def keep() -> None:
            digit = own_digit(label, strokes, image.tobytes(), read_as, source=source)
            before = [each for each in self.kept.load() if each.ink == digit.ink]
            kept.append(self.kept.add(digit))
            if before:
                self._undo.append(lambda: self.kept.restore(before))
            else:
                self._undo.append(lambda: self.kept.delete([digit.id]))

        def tell() -> None:
            count = len(self.list.digits)
            words = _("Saved to My digits as {label} ({count} in all)")
            if kept[0].test_set or " test " in source:
                words = _(
                    "Saved to My digits as {label} ({count} in all). Being a test picture, it is "
                    "not used for training."
                )
            self.message.emit(words.format(label=label, count=format_count(count)))
            self.added.emit()

        self._change(keep, tell)

    def relabel(self, label: int) -> None:
        """The chosen ones are this digit."""
        chosen = [digit for digit in self.grid.chosen() if digit.label != label]
        if chosen:
            self._undo.append(lambda: self.kept.restore(chosen))
            self._change(lambda: self.kept.relabel([digit.id for digit in chosen], label))

    def delete(self) -> None:
        """Delete the chosen ones; undo brings them back."""
        chosen = self.grid.chosen()
        if chosen:
            self._undo.append(lambda: self.kept.restore(chosen))
            text = ngettext(
                "{count} digit deleted. Press Undo to restore it.",
                "{count} digits deleted. Press Undo to restore them.",
                len(chosen),
            ).format(count=format_count(len(chosen)))
            ids = [digit.id for digit in chosen]
            self._change(lambda: self.kept.delete(ids), lambda: self.message.emit(text))

    def _take_back(self) -> None:
        if self._undo:
            self._change(self._undo.pop())

    def remove(self, strokes: tuple[Stroke, ...], image: NDArray[np.uint8]) -> None:
        """Keep a drawing no longer: its label is taken back.

        Args:
            strokes: as `add` was given them.
            image: as `add` was given it.
        """

        def remove() -> None:
            ink = own_digit(0, strokes, image.tobytes()).ink
            kept = [each for each in self.kept.load() if each.ink == ink]
            self.kept.delete([each.id for each in kept])
            self._undo.append(lambda: self.kept.restore(kept))

        self._change(remove, lambda: self.message.emit(_("Removed from My digits")))

    def _change(
        self, change: Callable[[], object], then: Callable[[], object] = lambda: None
    ) -> None:
        """Change the file in the background, show what it holds then, and call `then`."""

        def work() -> tuple[tuple[OwnDigit, ...], str]:
            change()
            digits = self.kept.load()
            return digits, self.kept.problem()

        def done(changed: tuple[tuple[OwnDigit, ...], str]) -> None:
            self._show(*changed)
            then()

        self._file.do(work, done, self.message)
        self._update_buttons()

    # What is shown

    def _show(self, digits: tuple[OwnDigit, ...], problem: str) -> None:
        self.note.setText(problem)
        self.note.setVisible(bool(problem))
        self.filter.show_counts(digits)
        self.learning.show_digits(digits)
        with self._selection_kept():
            self.list.show_digits(digits)
        self._read()
        self._update_buttons()

    def _filter_changed(self) -> None:
        with self._selection_kept():
            bar = self.filter
            self.list.show_only(bar.label, bar.writer, bar.wrong.isChecked())
        self._update_buttons()

    @contextmanager
    def _selection_kept(self) -> Iterator[None]:
        ids = {digit.id for digit in self.grid.chosen()}
        row = self.grid.currentIndex().row()
        yield
        self.grid.choose(ids, row)
        self.grid.viewport().update()

    def set_model(self, model: Model) -> None:
        """The model on show is this one."""
        self.model = model
        self.learning.set_model(model)
        self._read()

    def _read(self) -> None:
        """Let the present network read all of them."""
        if self.model is not None:
            if not self._reader.isRunning():
                self._reader.start()
            self._reader.ask((self.model, self.list.digits))

    def _show_reads(self, result: tuple[Model, dict[str, int]]) -> None:
        model, reads = result
        if model is self.model:
            with self._selection_kept():
                self.list.show_reads(reads, model.classes)

    def _update_buttons(self) -> None:
        self.undo.setEnabled(bool(self._undo))
        self.labels.setVisible(bool(self.list.digits or self._undo))
        self.labels.show_for(len(self.grid.chosen()), bool(self._undo))

    def _open(self, digit: OwnDigit) -> None:
        self.open_drawing.emit(digit_to_sheet(digit))

    # Export and import

    def _ask_where_to_export(self) -> None:
        start = Path.home() / "my-digits.json"
        ask_where_to_save(self, _("Export my digits"), start, _KINDS, self.export_to)

    def export_to(self, path: Path) -> None:
        """Save all of my digits there; `message` tells how it went."""

        def save() -> str:
            digits = self.kept.load()
            own_digits.export(digits, path)
            text = ngettext(
                "Saved {count} digit as {path}", "Saved {count} digits as {path}", len(digits)
            )
            return text.format(count=format_count(len(digits)), path=path)

        self._file.do(save, self.message.emit, self.message)

    def _ask_what_to_import(self) -> None:
        kinds = (_("Digits as strokes (*.json *.json.gz *.gz)"), _("All files (*)"))
        ask_what_to_open(self, _("Import digits"), "import_dialog", kinds, self.import_from)

    def import_from(self, path: Path) -> None:
        """Add a file's digits; `message` tells how many, or what is wrong with it."""
        brought: list[Imported] = []

        def tell() -> None:
            known, added = brought[0].known, len(brought[0].added)
            words = ngettext("Added {count} digit", "Added {count} digits", added)
            if known:
                words = ngettext(
                    "Added {count} digit; {known} already here",
                    "Added {count} digits; {known} already here",
                    added,
                )
            self.message.emit(words.format(count=format_count(added), known=format_count(known)))

        def bring() -> None:
            brought.append(self.kept.import_(path))
            ids = [digit.id for digit in brought[0].added]
            if ids:
                self._undo.append(lambda: self.kept.delete(ids))

        self._change(bring, tell)

    # Closing

    def end(self) -> list[QThread]:
        """Stop helpers; what is to be written still is. Returns threads to be waited for."""
        self._file.end()
        self._reader.end()
        return [self._file, self._reader, *self.learning.end()]


def read_digits(
    model: Model, digits: tuple[OwnDigit, ...], images: dict[str, NDArray[np.uint8]]
) -> dict[str, int]:
    """The class that `model` recognizes in each digit, by the digit's id.

    Args:
        model: the network.
        digits: the user's own digits.
        images: uint8 (28, 28) by a digit's id, of an earlier call; changed to those of `digits`.
    """
    rendered = {d.id: images[d.id] if d.id in images else render_digit(d) for d in digits}
    images.clear()
    images.update(rendered)
    if not digits:
        return {}
    rows = read_many(model, np.stack(list(images.values())))
    return {name: int(np.argmax(row)) for name, row in zip(images, rows, strict=True)}
