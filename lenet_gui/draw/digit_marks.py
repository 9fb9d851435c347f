"""On the paper, around each of several digits: its box, what it is read as and how surely."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

ACCENT = QColor("#2358b8")
"""The accent colour on paper, which is white in a dark window too."""
_MARGIN = 3.0
"""From the ink to its box, in the widget's pixels."""

Box = tuple[float, float, float, float]
"""left, top, right, bottom"""


@dataclass(frozen=True, slots=True)
class Mark:
    """One digit's box."""

    box: Box  # of its ink, on the paper
    text: str
    chosen: bool  # the one that bars and maps are about


def paint_marks(
    painter: QPainter, sheet: QRectF, scale: float, marks: tuple[Mark, ...], drawing: bool
) -> None:
    """Thin boxes with a word above each.

    Args:
        painter: of the widget.
        sheet: the paper, in the widget's pixels.
        scale: the widget's pixels for a unit of the paper.
        marks: from left to right.
        drawing: the pen is down: no word dances above the digit that is being drawn.
    """
    font = QFont(painter.font())
    font.setPointSizeF(font.pointSizeF() * 0.9)
    painter.setFont(font)
    taken: list[QRectF] = []
    for mark in marks:
        box = place(mark, sheet, scale)
        shown = QColor(ACCENT)
        shown.setAlphaF(1.0 if mark.chosen else 0.55)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(shown, 1.6 if mark.chosen else 1.0))
        painter.drawRoundedRect(box, 3, 3)
        if mark.chosen and drawing:
            continue
        word = _word_place(mark.text, QFontMetricsF(font), box, sheet, taken)
        taken.append(word)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 215))
        painter.drawRoundedRect(word, 3, 3)
        painter.setPen(ACCENT)
        painter.drawText(word, Qt.AlignmentFlag.AlignCenter, mark.text)


def place(mark: Mark, sheet: QRectF, scale: float) -> QRectF:
    """A mark's box in the widget's pixels, within the paper."""
    left, top, right, bottom = mark.box
    box = QRectF(QPointF(left, top) * scale, QPointF(right, bottom) * scale)
    box = box.translated(sheet.topLeft()).adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    return box.intersected(sheet.adjusted(2, 2, -2, -2))


def _word_place(
    text: str, metrics: QFontMetricsF, box: QRectF, sheet: QRectF, taken: list[QRectF]
) -> QRectF:
    """Above the box, or below it at the paper's top; higher where another word stands."""
    size = (metrics.horizontalAdvance(text) + 6, metrics.height())
    word = QRectF(0, 0, *size)
    word.moveCenter(QPointF(box.center().x(), box.top() - size[1] / 2 - 1))
    step = -size[1]
    if word.top() < sheet.top() + 2:
        word.moveTop(box.bottom() + 1)
        step = size[1]
    word.moveLeft(min(max(word.left(), sheet.left() + 2), sheet.right() - 2 - word.width()))
    while any(word.intersects(other) for other in taken):
        word.translate(0, step)
    return word
