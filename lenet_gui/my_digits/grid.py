"""The grid of my digits: a list model, the look of one digit, and the bars around them.

Choose some, relabel and delete by keys, open one by double click. Newest first, by digit,
or only those that were misread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QPixmapCache,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from lenet_gui.draw.canvas_painting import SHEET, paint_sheet
from lenet_gui.widgets.controls import ThemedCheckBox, make_label_button, make_push_button
from lenet_gui.widgets.formatting import cut_text, format_count, format_day, format_tooltip
from lenet_gui.widgets.labels import make_caption
from lenet_gui.widgets.lists import CardList, make_chooser, paint_card, wrong_color
from trainer.drawing.picture import Picture
from trainer.drawing.sheet import PAPER, Sheet, fit_to_sheet
from trainer.my_digits.digit import WRITER, OwnDigit
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

DIGIT_ROLE = Qt.ItemDataRole.UserRole
"""The row's `OwnDigit`."""
READ_ROLE = Qt.ItemDataRole.UserRole + 1
"""What the present network reads it as; None while that is not known."""


class OwnDigitList(QAbstractListModel):
    """The digits that pass the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.digits: tuple[OwnDigit, ...] = ()
        """All of them, oldest first."""
        self.rows: list[OwnDigit] = []
        """Those shown."""
        self.reads: dict[str, str] = {}
        self.label: int | None = None
        self.writer: str | None = None
        self.wrong_only = False

    def show_digits(self, digits: tuple[OwnDigit, ...]) -> None:
        """Show others than so far."""
        self.digits = digits
        self._filter()

    def show_reads(self, reads: dict[str, int], classes: tuple[str, ...]) -> None:
        """What the present network reads each as, by id, and what its classes are called."""
        self.reads = {key: classes[number] for key, number in reads.items()}
        self._filter()

    def show_only(self, label: int | None, writer: str | None, wrong_only: bool) -> None:
        """Show those with this label and of this writer (None: all), perhaps only those misread."""
        self.label, self.writer, self.wrong_only = label, writer, wrong_only
        self._filter()

    def wrong(self, digit: OwnDigit) -> bool:
        """Whether the present network reads it as something else than it is."""
        return self.reads.get(digit.id, str(digit.label)) != str(digit.label)

    def _filter(self) -> None:
        rows = [
            digit
            for digit in reversed(self.digits)
            if self.label in (None, digit.label)
            and self.writer in (None, digit.writer)
            and (not self.wrong_only or self.wrong(digit))
        ]
        if [digit.id for digit in rows] == [digit.id for digit in self.rows]:
            self.rows = rows  # the same pictures: what is selected stays so
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    # What views ask

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many are shown."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The digit, and words for it."""
        digit = self.rows[index.row()]
        if role == DIGIT_ROLE:
            return digit
        if role == READ_ROLE:
            return self.reads.get(digit.id)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._describe(digit)
        if role == Qt.ItemDataRole.ToolTipRole:
            return format_tooltip(self._describe(digit))
        return None

    def _describe(self, digit: OwnDigit) -> str:
        words = [_("Label {digit}").format(digit=digit.label)]
        if digit.read_as is not None:
            words.append(_("Recognized as {read_as}").format(read_as=digit.read_as))
        if digit.id in self.reads:
            words.append(
                _("the current network predicts {reads}").format(reads=self.reads[digit.id])
            )
        words.append(_("saved {when}").format(when=format_day(digit.when[:10])))
        if digit.writer != WRITER:
            words.append(_("written by {writer}").format(writer=digit.writer))
        return ", ".join(words)


SIDE = 88
"""Of the sheet, in points."""
_MARGIN = 8
NARROWEST = SIDE + 4 * _MARGIN
"""Width of a card."""
_Index = QModelIndex | QPersistentModelIndex


def digit_to_sheet(digit: OwnDigit, fit: bool = False) -> Sheet:
    """A digit as it is laid on the paper.

    Args:
        digit: with strokes or a picture.
        fit: to the paper's middle, at a usual size; else only what was not drawn on it is.
    """
    if digit.image is None and not fit and _drawn_here(digit):
        return Sheet(tuple(tuple((x, y, w) for x, y, w in stroke) for stroke in digit.strokes))
    if digit.image is None:
        return Sheet(fit_to_sheet([[list(point) for point in stroke] for stroke in digit.strokes]))

    image = np.frombuffer(digit.image, np.uint8).reshape(28, 28)
    name = _("My digits · label {label}").format(label=digit.label)
    return Sheet((), Picture(image, image, name, digit.source))


def _drawn_here(digit: OwnDigit) -> bool:
    """Whether its strokes have the paper's unit: the canvas keeps a width with each point."""
    points = [point for stroke in digit.strokes for point in stroke]
    return all(len(p) > 2 and 0 <= p[0] <= PAPER and 0 <= p[1] <= PAPER for p in points)


class ThumbnailDelegate(QStyledItemDelegate):
    """Paints a card: paper, label, what it was read as and what it is read as now."""

    width = NARROWEST
    """Of each card, in points."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The paper, a margin and two lines."""
        height = option.fontMetrics.height()
        return QSize(self.width, SIDE + 2 * height + 3 * _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One card."""
        digit: OwnDigit = index.data(DIGIT_ROLE)
        card = QRectF(option.rect).adjusted(3, 3, -3, -3)
        palette: QPalette = option.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, card, option.state, palette)
        paper = QRectF(card.center().x() - SIDE / 2, card.top() + _MARGIN, SIDE, SIDE)
        painter.drawPixmap(paper.topLeft(), _ink(digit, painter.device().devicePixelRatioF()))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(paper)
        wide = max(SIDE, round(card.width()) - 2 * _MARGIN)
        words = QRect(
            round(card.center().x() - wide / 2),
            round(paper.bottom()) + 4,
            wide,
            round(card.bottom() - paper.bottom()) - 6,
        )
        _paint_words(painter, words, option, digit, index.data(READ_ROLE))
        painter.restore()


def _paint_words(
    painter: QPainter, room: QRect, option: QStyleOptionViewItem, digit: OwnDigit, read: str | None
) -> None:
    """The label, large; what it is read as now, if that is wrong; what it was read as."""
    palette: QPalette = option.palette
    large = QFont(option.font)
    large.setBold(True)
    large.setPointSizeF(option.font.pointSizeF() * 1.25)
    painter.setFont(large)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    flags = Qt.AlignmentFlag
    painter.drawText(room, flags.AlignLeft | flags.AlignTop, str(digit.label))
    small = QFont(option.font)
    small.setPointSizeF(option.font.pointSizeF() * 0.9)
    painter.setFont(small)
    if read is not None and read != str(digit.label):
        painter.setPen(wrong_color(palette))
        beside = room.adjusted(painter.fontMetrics().horizontalAdvance("00"), 3, 0, 0)
        text = painter.fontMetrics().elidedText(
            _("now {read}").format(read=read), Qt.TextElideMode.ElideRight, beside.width()
        )
        painter.drawText(beside, flags.AlignRight | flags.AlignTop, text)
    if digit.read_as is not None:
        right = digit.read_as == digit.label
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        text = (
            _("Recognized") if right else _("Recognized as {read_as}").format(read_as=digit.read_as)
        )
        painter.drawText(room, flags.AlignLeft | flags.AlignBottom, text)


def _ink(digit: OwnDigit, ratio: float) -> QPixmap:
    """The paper with what is drawn on it; Qt keeps the latest ones."""
    key = f"own-{digit.id}-{ratio}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    painted = QPixmap(round(SIDE * ratio), round(SIDE * ratio))
    painted.setDevicePixelRatio(ratio)
    painted.fill(SHEET)
    painter = QPainter(painted)
    paint_sheet(painter, digit_to_sheet(digit, fit=True), SIDE / PAPER)
    painter.end()
    QPixmapCache.insert(key, painted)
    return painted


NONE_YET = N_(
    "Nothing here yet.\n\n"
    "On the Draw tab, draw a digit and give the right answer\n"
    "with the buttons 0 to 9 below the prediction, or with these keys.\n"
    "The drawing is saved here, and the network can learn from it."
)
NONE_SHOWN = N_("None of your digits match.")
_KEYS = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}


class OwnDigitGrid(CardList):
    """Thumbnails of what its list shows."""

    relabel = Signal(int)
    """The chosen ones are this digit."""
    delete = Signal()
    open = Signal(object)
    """Look at this `OwnDigit`."""
    selection_changed = Signal()

    def __init__(self) -> None:
        super().__init__("my_digits", _("My digits"))
        self.list = OwnDigitList()
        self.setModel(self.list)
        self._cards = ThumbnailDelegate(self)
        self.setItemDelegate(self._cards)
        self.doubleClicked.connect(lambda index: self.open.emit(index.data(DIGIT_ROLE)))
        self.selectionModel().selectionChanged.connect(self.selection_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cards share the width: none is left over at the right."""
        self._share()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Larger text takes wider cards."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._share()
            self.scheduleDelayedItemsLayout()

    def _share(self) -> None:
        longest = _("Recognized as {read_as}").format(read_as="0")
        words = self.fontMetrics().horizontalAdvance(longest) + 3 * _MARGIN
        self._cards.width = self.share_width(max(NARROWEST, words))

    def chosen(self) -> list[OwnDigit]:
        """The selected ones that are shown."""
        return [index.data(DIGIT_ROLE) for index in self.selectionModel().selectedIndexes()]

    def choose(self, ids: set[str], row: int) -> None:
        """Select these again, and let the keys go on at `row`, after the list changed."""
        if not self.list.rows:
            return
        flags = QItemSelectionModel.SelectionFlag
        current = self.list.index(min(max(row, 0), len(self.list.rows) - 1))
        self.selectionModel().setCurrentIndex(current, flags.NoUpdate)
        for number, digit in enumerate(self.list.rows):
            if digit.id in ids:
                self.selectionModel().select(self.list.index(number), flags.Select)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits relabel, Delete deletes, Return opens; the rest moves about."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        label = event.key() - Qt.Key.Key_0
        if plain and 0 <= label <= 9:
            self.relabel.emit(label)
        elif plain and event.key() in _KEYS:
            self.delete.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            if self.currentIndex().isValid():
                self.open.emit(self.currentIndex().data(DIGIT_ROLE))
        else:
            super().keyPressEvent(event)

    def placeholder_text(self) -> str:
        """What is said where there is nothing to show."""
        return _(NONE_SHOWN) if self.list.digits else _(NONE_YET)


class FilterBar(QWidget):
    """Which digits are shown, and where they come from and go to."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.digit = make_chooser(
            "my_digits_filter", _("Show which digits"), _("Show these digits only")
        )
        self.writer_choice = make_chooser(
            "my_digits_writer", _("Show whose digits"), _("Show this person's digits only")
        )
        for chooser in (self.digit, self.writer_choice):
            chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.wrong = ThemedCheckBox(_("Misread only"))
        self.wrong.setObjectName("my_digits_wrong")
        self.wrong.setToolTip(_("Show only the digits that the current network misreads"))
        self.import_ = make_push_button(
            _("Import…"), "import_button", _("Add digits from an exported file")
        )
        self.export = make_push_button(
            _("Export…"), "export_button", _("Save all your digits to a file")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self.digit, self.writer_choice, self.wrong):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.import_)
        row.addWidget(self.export)
        self.show_counts(())
        self.digit.currentIndexChanged.connect(self.changed)
        self.writer_choice.currentIndexChanged.connect(self.changed)
        self.wrong.toggled.connect(self.changed)

    @property
    def label(self) -> int | None:
        """The digit to show; None for all."""
        label: int | None = self.digit.currentData()
        return label

    def show_counts(self, digits: tuple[OwnDigit, ...]) -> None:
        """How many there are of each."""
        labels = [digit.label for digit in digits]
        texts = [_("All digits ({count})").format(count=format_count(len(labels)))]
        texts += [f"{label} ({format_count(labels.count(label))})" for label in range(10)]
        for number, text in enumerate(texts):
            if number < self.digit.count():
                self.digit.setItemText(number, text)
            else:
                self.digit.addItem(text, number - 1 if number else None)
        self.digit.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._show_writers(sorted({digit.writer for digit in digits}))
        self.export.setEnabled(bool(digits))

    @property
    def writer(self) -> str | None:
        """Whose digits to show; None for all."""
        writer: str | None = self.writer_choice.currentData()
        return writer

    def _show_writers(self, writers: list[str]) -> None:
        """Offer a choice where there are several."""
        box, chosen = self.writer_choice, self.writer
        if [box.itemData(n) for n in range(1, box.count())] != writers:
            blocker = QSignalBlocker(box)
            box.clear()
            box.addItem(_("All writers"), None)
            for writer in writers:
                box.addItem(_("Me") if writer == WRITER else cut_text(writer, 24), writer)
            box.setCurrentIndex(max(0, box.findData(chosen)) if chosen is not None else 0)
            blocker.unblock()
            if self.writer != chosen:
                self.changed.emit()
        box.setVisible(len(writers) > 1)


class LabelBar(QWidget):
    """What the chosen digits are, in one click; or away with them."""

    chosen = Signal(int)
    """The chosen ones are this digit."""

    def __init__(self) -> None:
        super().__init__()
        self.caption = make_caption("")
        self.buttons = [self._button(label) for label in range(10)]
        self.delete = make_push_button(
            _("Delete"), "delete_button", _("Delete the selected digits (Del)")
        )
        self.undo = make_push_button(
            _("Undo"), "undo_change_button", _("Undo the last change (Ctrl+Z)")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        row.addWidget(self.caption)
        row.addSpacing(4)
        for button in self.buttons:
            row.addWidget(button, 1)
        row.addSpacing(8)
        for wide in (self.delete, self.undo):
            wide.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(wide)
            row.addSpacing(3)
        row.addStretch(0)

    def _button(self, label: int) -> QToolButton:
        tip = _("Label the selected digits as {label} ({label})").format(label=label)
        button = make_label_button(str(label), f"relabel_{label}", tip)
        button.setAccessibleName(_("Label selected as {label}").format(label=label))
        button.setMaximumWidth(48)
        button.clicked.connect(lambda: self.chosen.emit(label))
        return button

    def show_for(self, chosen: int, can_undo: bool) -> None:
        """Enable what can be done with so many chosen digits."""
        self.caption.setText(
            ngettext(
                "Label {count} selected digit as:", "Label {count} selected digits as:", chosen
            ).format(count=format_count(chosen))
            if chosen
            else _("Label selected as:")
        )
        for button in (*self.buttons, self.delete):
            button.setEnabled(chosen > 0)
        self.undo.setEnabled(can_undo)
