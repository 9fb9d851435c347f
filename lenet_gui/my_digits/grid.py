"""The grid of my digits: choose some, relabel and delete by keys, open one by double click."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle

from lenet_gui.my_digits.own_digit_list import DIGIT_ROLE, OwnDigitList
from lenet_gui.my_digits.thumbnails import NARROWEST, ThumbnailDelegate
from lenet_gui.widgets.cards import lay_out_as_cards
from trainer.my_digits.digit import OwnDigit

NONE_YET = (
    "Nothing here yet.\n\nOn the Draw tab, draw a digit and say what it should be,\n"
    "with the buttons 0 to 9 below the answer or with these keys.\n"
    "It is kept here, and the network can learn from it."
)
NONE_SHOWN = "None of your digits is like this."
_KEYS = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}


class OwnDigitGrid(QListView):
    """Thumbnails of what its list shows."""

    relabel = Signal(int)
    """The chosen ones are this digit."""
    delete = Signal()
    open = Signal(object)
    """Look at this `OwnDigit`."""
    selection_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("my_digits")
        self.setAccessibleName("My digits")
        self.list = OwnDigitList()
        self.setModel(self.list)
        self._cards = ThumbnailDelegate(self)
        self.setItemDelegate(self._cards)
        lay_out_as_cards(self)
        self.doubleClicked.connect(lambda index: self.open.emit(index.data(DIGIT_ROLE)))
        self.selectionModel().selectionChanged.connect(self.selection_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cards share the width: none is left over at the right."""
        # Qt keeps the scroll bar's place free, whether it is seen or not.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        room = self.maximumViewportSize().width() - bar - 1
        self._cards.width = max(NARROWEST, room // max(1, room // NARROWEST))
        super().resizeEvent(event)

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

    def shown_instead(self) -> str:
        """What is said where there is nothing to show."""
        if self.list.rows:
            return ""
        return NONE_SHOWN if self.list.digits else NONE_YET

    def paintEvent(self, event: QPaintEvent) -> None:
        """The grid; where there is nothing in it, why."""
        super().paintEvent(event)
        text = self.shown_instead()
        if not text:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        room = self.viewport().rect().adjusted(20, 20, -20, -20)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
