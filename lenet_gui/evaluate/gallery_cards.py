"""How one test image looks in the gallery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from lenet_gui.widgets.cards import paint_card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lenet_gui.evaluate.thread import Evaluation

SIDE = 76
"""Of the image, in points."""
_MARGIN = 8
_WRONG = {False: QColor("#b3261e"), True: QColor("#ff9a8f")}
"""For what is read wrongly, on light ground and on dark."""
_Index = QModelIndex | QPersistentModelIndex
_CARD_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """One image and what is known of it."""

    number: int  # in the test split, from 0
    image: NDArray[np.uint8]  # (28, 28) or (3, 32, 32)
    label: str
    answers: tuple[tuple[str, float], ...]  # each network's, and how surely, 0 to 1
    right: tuple[bool, ...]  # whether that is right

    @property
    def told(self) -> str:
        """The same in words."""
        names = ("",) if len(self.answers) == 1 else ("A: ", "B: ")
        reads = [
            f"{name}read as {answer}, {share:.1%}"
            for name, (answer, share) in zip(names, self.answers, strict=True)
        ]
        return f"Image {self.number + 1:,}: {self.label}; {'; '.join(reads)}"

    def lines(self) -> list[tuple[str, bool]]:
        """Each network's answer in short, and whether it is right."""
        if len(self.answers) == 1:
            answer, share = self.answers[0]
            return [(f"{answer}  {_short(share)}", self.right[0])]
        return [
            (f"{name} {answer}  {_short(share)}", right)
            for name, (answer, share), right in zip("AB", self.answers, self.right, strict=True)
        ]


def _short(share: float) -> str:
    return f"{share * 100:.1f} %"


def narrowest(evaluation: Evaluation, metrics: QFontMetrics) -> int:
    """How wide a card must be for its words; very long names are cut."""
    names = evaluation.first.model.classes
    longest = max(metrics.horizontalAdvance(name) for name in names)
    words = longest + metrics.horizontalAdvance(" 100.0 %" + "A " * (evaluation.second is not None))
    return min(max(SIDE, words), 150) + 4 * _MARGIN - 8


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
        card: Card = index.data(_CARD_ROLE)
        room = QRectF(option.rect).adjusted(3, 3, -3, -3)
        palette: QPalette = option.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, room, option.state, palette)
        place = QRectF(room.center().x() - SIDE / 2, room.top() + _MARGIN, SIDE, SIDE)
        painter.drawImage(place, picture(card.image))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        words = room.adjusted(_MARGIN, SIDE + _MARGIN + 4, -_MARGIN, -3)
        _paint_words(painter, words, option, card)
        painter.restore()


def picture(image: NDArray[np.uint8]) -> QImage:
    """An image of a dataset: grey ones as ink on white paper."""
    import numpy as np  # whoever has an image has imported it

    if image.ndim == 2:
        data = (255 - image).tobytes()
        height, width = image.shape
        return QImage(data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    colours = np.ascontiguousarray(np.moveaxis(image, 0, 2))
    height, width = colours.shape[:2]
    made = QImage(colours.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return made.copy()


def _paint_words(
    painter: QPainter, words: QRectF, option: QStyleOptionViewItem, card: Card
) -> None:
    """What it is; then each answer, in colour where it is wrong."""
    palette: QPalette = option.palette
    metrics, flags = option.fontMetrics, Qt.AlignmentFlag
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    font = QFont(option.font)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    high = float(metrics.height())
    line = QRectF(words.left(), words.top(), words.width(), high)
    told = metrics.elidedText(f"is {card.label}", Qt.TextElideMode.ElideRight, int(line.width()))
    painter.drawText(line, flags.AlignHCenter | flags.AlignVCenter, told)
    for text, right in card.lines():
        line.translate(0, high)
        colour = palette.color(QPalette.ColorRole.Text) if right else _WRONG[dark]
        painter.setPen(colour)
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(line.width()))
        painter.drawText(line, flags.AlignHCenter | flags.AlignVCenter, cut)
