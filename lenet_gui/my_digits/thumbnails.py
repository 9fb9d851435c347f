"""How one of my digits looks in the grid: a small sheet of paper and what is known of it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen, QPixmap, QPixmapCache
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from lenet_gui.draw.canvas_painting import SHEET, paint_sheet
from lenet_gui.my_digits.own_digit_list import DIGIT_ROLE, READ_ROLE
from lenet_gui.widgets.cards import paint_card
from trainer.drawing.sheet import PAPER, Sheet, fitted
from trainer.my_digits.digit import OwnDigit

SIDE = 88
"""Of the sheet, in points."""
_MARGIN = 8
NARROWEST = SIDE + 4 * _MARGIN
"""Width of a card."""
_WRONG = {False: QColor("#b3261e"), True: QColor("#ff9a8f")}
"""For what is read wrongly, on light ground and on dark."""
_Index = QModelIndex | QPersistentModelIndex


def sheet_of(digit: OwnDigit, fit: bool = False) -> Sheet:
    """A digit as it is laid on the paper.

    Args:
        digit: with strokes or a picture.
        fit: to the paper's middle, at a usual size; else only what was not drawn on it is.
    """
    if digit.image is None and not fit and _drawn_here(digit):
        return Sheet(tuple(tuple((x, y, w) for x, y, w in stroke) for stroke in digit.strokes))
    if digit.image is None:
        return Sheet(fitted([[list(point) for point in stroke] for stroke in digit.strokes]))
    import numpy as np  # a picture needs it, and whoever has one has read it before

    from trainer.drawing.picture import Picture

    image = np.frombuffer(digit.image, np.uint8).reshape(28, 28)
    return Sheet((), Picture(image, image, f"my digits: a {digit.label}"))


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
        words = QRect(
            round(paper.left()),
            round(paper.bottom()) + 4,
            SIDE,
            round(card.bottom() - paper.bottom()) - 6,
        )
        _paint_words(painter, words, option, digit, index.data(READ_ROLE))
        painter.restore()


def _paint_words(
    painter: QPainter, room: QRect, option: QStyleOptionViewItem, digit: OwnDigit, read: int | None
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
    if read is not None and read != digit.label:
        dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
        painter.setPen(_WRONG[dark])
        painter.drawText(
            room.adjusted(0, 3, 0, 0), flags.AlignRight | flags.AlignTop, f"now {read}"
        )
    if digit.read_as is not None:
        right = digit.read_as == digit.label
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        told = "was read right" if right else f"was read as {digit.read_as}"
        painter.drawText(room, flags.AlignLeft | flags.AlignBottom, told)


def _ink(digit: OwnDigit, ratio: float) -> QPixmap:
    """The paper with what is drawn on it; Qt keeps the latest ones."""
    key = f"own-{digit.id}-{ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    made = QPixmap(round(SIDE * ratio), round(SIDE * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(SHEET)
    painter = QPainter(made)
    paint_sheet(painter, sheet_of(digit, fit=True), SIDE / PAPER)
    painter.end()
    QPixmapCache.insert(key, made)
    return made
