"""Test images with what they are and what they are read as; a click opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle

from lenet_gui.evaluate.gallery_cards import Card, CardDelegate, narrowest
from lenet_gui.widgets.cards import lay_out_as_cards

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lenet_gui.evaluate.thread import Evaluation

CARD_ROLE = Qt.ItemDataRole.UserRole
"""The row's `Card`."""
_Index = QModelIndex | QPersistentModelIndex


class GalleryList(QAbstractListModel):
    """Images of a report by their numbers; a card is made when it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self._evaluation: Evaluation | None = None

    def show_images(self, evaluation: Evaluation, numbers: NDArray[np.int64]) -> None:
        """Show these, in this order."""
        self.beginResetModel()
        self._evaluation, self.numbers = evaluation, numbers.tolist()
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many are shown."""
        return 0 if parent.isValid() else len(self.numbers)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The card, and words for it."""
        if role == CARD_ROLE:
            return self.card(index.row())
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.card(index.row()).told
        return None

    def card(self, row: int) -> Card:
        """One image with what is known of it."""
        assert self._evaluation is not None
        number, first = self.numbers[row], self._evaluation.first
        return Card(
            number,
            first.images[number],
            first.classes[first.labels[number]],
            tuple(
                (each.model.classes[each.answers[number]], float(each.confidences[number]))
                for each in self._evaluation.reports
            ),
            tuple(bool(each.answers[number] == each.labels[number])
                  for each in self._evaluation.reports),
        )  # fmt: skip


class Gallery(QListView):
    """The list; Ctrl and Shift choose several, a plain click or Return opens one."""

    opened = Signal(int)
    """Look at the image of this number."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gallery")
        self.setAccessibleName("Images")
        self.list = GalleryList()
        self.setModel(self.list)
        self._cards = CardDelegate(self)
        self.setItemDelegate(self._cards)
        lay_out_as_cards(self)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._pressed = QPoint()
        self._narrowest = 96

    def show_images(self, evaluation: Evaluation, numbers: NDArray[np.int64]) -> None:
        """Show these images, in this order."""
        self._cards.lines = len(evaluation.reports)
        self._narrowest = narrowest(evaluation, self.fontMetrics())
        self._share_width()
        self.list.show_images(evaluation, numbers)
        self.scrollToTop()
        if len(numbers):
            self.setCurrentIndex(self.list.index(0))
            self.clearSelection()

    def chosen(self) -> list[int]:
        """The numbers of the selected ones, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.list.numbers[row] for row in rows]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cards share the width: none is left over at the right."""
        self._share_width()
        super().resizeEvent(event)

    def _share_width(self) -> None:
        # Qt keeps the scroll bar's place free, whether it is seen or not.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        room = self.maximumViewportSize().width() - bar - 1
        self._cards.width = max(self._narrowest, room // max(1, room // self._narrowest))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """What is pressed and released on the same card is opened."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """With Ctrl or Shift it is only chosen."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if plain and index.isValid() and index == self.indexAt(self._pressed):
            self.opened.emit(self.list.numbers[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens; the rest moves about."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.opened.emit(self.list.numbers[self.currentIndex().row()])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cards; where there are none, that."""
        super().paintEvent(event)
        if not self.list.numbers:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            text = "There is no such image."
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, text)
