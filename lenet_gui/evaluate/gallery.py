"""Test images with what they are and what they are read as; a click opens one.

How one test image looks in the gallery.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from lenet_gui.evaluate.evaluation import Evaluation
from lenet_gui.widgets.colormap import dataset_image
from lenet_gui.widgets.formatting import format_count, format_percent, format_tooltip
from lenet_gui.widgets.lists import CardList, paint_card, wrong_color
from trainer.translation import gettext as _

SIDE = 76
"""Of the image, in points."""
_MARGIN = 8
CARD_ROLE = Qt.ItemDataRole.UserRole
"""The row's `Card`."""
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """One image and what is known of it."""

    number: int  # in the test split, from 0
    image: NDArray[np.uint8]  # (28, 28) or (3, 32, 32)
    label: str
    answers: tuple[tuple[str, float], ...]  # each network's, and how surely, 0 to 1
    right: tuple[bool, ...]  # whether that is right

    @property
    def description(self) -> str:
        """The same in words."""
        one = _("recognized as {answer}, {share}")
        two = _("{network}: recognized as {answer}, {share}")
        reads = [
            (one if len(self.answers) == 1 else two).format(
                network=name, answer=answer, share=_short(share)
            )
            for name, (answer, share) in zip("AB", self.answers, strict=False)
        ]
        return _("Image {number}: {label}; {answers}").format(
            number=format_count(self.number + 1), label=self.label, answers="; ".join(reads)
        )

    def lines(self) -> list[tuple[str, bool]]:
        """Each network's answer in short, with a sign, and whether it is right."""
        signs = ["✓" if right else "✗" for right in self.right]
        if len(self.answers) == 1:
            answer, share = self.answers[0]
            return [(f"{signs[0]} {answer}  {_short(share)}", self.right[0])]
        return [
            (f"{name} {sign} {answer}  {_short(share)}", right)
            for name, sign, (answer, share), right in zip(
                "AB", signs, self.answers, self.right, strict=True
            )
        ]


def _short(share: float) -> str:
    return format_percent(share, 1)


def minimum_card_width(evaluation: Evaluation, metrics: QFontMetrics) -> int:
    """How wide a card must be for its words; very long names are cut."""
    names = evaluation.first.model.classes
    longest = max(metrics.horizontalAdvance(name) for name in names)
    words = longest + metrics.horizontalAdvance(
        f"✗  {_short(1.0)}" + "A " * (evaluation.second is not None)
    )
    return max(SIDE, min(words, metrics.averageCharWidth() * 24)) + 4 * _MARGIN - 8


class CardDelegate(QStyledItemDelegate):
    """Paints a card: the image, what it is, and what it is read as."""

    width = SIDE + 3 * _MARGIN
    """Of each card, in points."""
    lines = 1
    """Answers on each card."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The image, a margin and its lines."""
        height = option.fontMetrics.height()
        return QSize(self.width, SIDE + (1 + self.lines) * height + 3 * _MARGIN + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One card."""
        card: Card = index.data(CARD_ROLE)
        room = QRectF(option.rect).adjusted(3, 3, -3, -3)
        palette: QPalette = option.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, room, option.state, palette)
        place = QRectF(room.center().x() - SIDE / 2, room.top() + _MARGIN, SIDE, SIDE)
        painter.drawImage(place, dataset_image(card.image))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        words = room.adjusted(_MARGIN, SIDE + _MARGIN + 4, -_MARGIN, -3)
        _paint_words(painter, words, option, card)
        painter.restore()


def _paint_words(
    painter: QPainter, words: QRectF, option: QStyleOptionViewItem, card: Card
) -> None:
    """What it is; then each answer, in color where it is wrong."""
    palette: QPalette = option.palette
    metrics, flags = option.fontMetrics, Qt.AlignmentFlag
    painter.setFont(option.font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    high = float(metrics.height())
    line = QRectF(words.left(), words.top(), words.width(), high)
    sentence = metrics.elidedText(
        _("label {label}").format(label=card.label), Qt.TextElideMode.ElideRight, int(line.width())
    )
    painter.drawText(line, flags.AlignHCenter | flags.AlignVCenter, sentence)
    for text, right in card.lines():
        line.translate(0, high)
        color = palette.color(QPalette.ColorRole.Text) if right else wrong_color(palette)
        painter.setPen(color)
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(line.width()))
        painter.drawText(line, flags.AlignHCenter | flags.AlignVCenter, cut)


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
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.card(index.row()).description
        if role == Qt.ItemDataRole.ToolTipRole:
            return format_tooltip(self.card(index.row()).description)
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


class Gallery(CardList):
    """The list; Ctrl and Shift choose several, a plain click or Return opens one."""

    opened = Signal(int)
    """Look at the image of this number."""

    def __init__(self) -> None:
        super().__init__("gallery", _("Images"))
        self.list = GalleryList()
        self.setModel(self.list)
        self._cards = CardDelegate(self)
        self.setItemDelegate(self._cards)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._pressed = QPoint()
        self._evaluation: Evaluation | None = None

    def show_images(self, evaluation: Evaluation, numbers: NDArray[np.int64]) -> None:
        """Show these images, in this order."""
        self._cards.lines = len(evaluation.reports)
        self._evaluation = evaluation
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

    def changeEvent(self, event: QEvent) -> None:
        """Larger text takes wider cards."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._share_width()
            self.scheduleDelayedItemsLayout()

    def _share_width(self) -> None:
        if self._evaluation is not None:
            narrowest = minimum_card_width(self._evaluation, self.fontMetrics())
            self._cards.width = self.share_width(narrowest)

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

    def placeholder_text(self) -> str:
        """That none is of the kind that is asked for."""
        return _("No such image.")
