"""How what lies on the paper is painted: ink, pictures, and what is written beside them.

On the paper, around each of several digits: its box, what it is read as and how surely.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from trainer.drawing.sheet import PAPER, PEN_WIDTH, Drawing, Point, Sheet, Stroke

if TYPE_CHECKING:
    from trainer.drawing.picture import Picture
    from trainer.reading.punctuation import Box


INK, SHEET = QColor("#1b1b1f"), QColor("#ffffff")
"""Paper is white and ink dark in a dark window too: it stands for real paper."""
FAINT = QColor("#76767b")
"""Of words on the paper: no ink, and still to be read easily."""
_COARSE = 56
"""Pictures of fewer pixels a side are shown as the squares that they consist of."""


def paint_sheet(painter: QPainter, sheet: Sheet, scale: float) -> None:
    """All ink, or the picture, from the painter's origin on.

    Args:
        painter: its scale is changed.
        sheet: what to paint.
        scale: the painter's units for a unit of the paper.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    if sheet.picture is not None:
        smooth = len(sheet.picture.shown) >= _COARSE
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(QRectF(0, 0, PAPER, PAPER), _as_ink(sheet.picture))
    paint_lines(painter, lines_of(sheet.strokes))


def lines_of(strokes: tuple[Stroke, ...]) -> Iterator[tuple[Point, Point]]:
    """Their pieces, each from one point to the next; a dot to itself."""
    for stroke in strokes:
        yield from zip(stroke, stroke[1:] or stroke, strict=False)


def paint_lines(painter: QPainter, lines: Iterable[tuple[Point, Point]]) -> None:
    """Pieces of ink; those of one width at once, which takes a fraction of the time."""
    for width, alike in itertools.groupby(lines, lambda line: (line[0][2] + line[1][2]) / 2):
        painter.setPen(_pen(width))
        segments = [QLineF(a[0], a[1], b[0], b[1]) for a, b in alike]
        painter.drawLines([line for line in segments if not line.isNull()])
        for line in segments:
            if line.isNull():
                painter.drawPoint(line.p1())  # Qt draws nothing for a line without length


def paint_line(painter: QPainter, a: QPointF, b: QPointF, width: float) -> None:
    """A straight piece of ink with round ends, `width` times the usual pen; a dot if a is b."""
    painter.setPen(_pen(width))
    if a == b:
        painter.drawPoint(a)  # Qt draws nothing for a line without length
    else:
        painter.drawLine(a, b)


_AT_ONCE = 100
"""Pieces of ink drawn from one look at the clock to the next."""


def paint_some(painter: QPainter, lines: Iterator[tuple[Point, Point]], until: float) -> bool:
    """Paint pieces until `time.perf_counter()` is `until`; whether those were all."""
    while True:
        some = list(itertools.islice(lines, _AT_ONCE))
        paint_lines(painter, some)
        if len(some) < _AT_ONCE:
            return True
        if time.perf_counter() >= until:
            return False


def wipe_line(painter: QPainter, a: QPointF, b: QPointF, width: float) -> None:
    """Paper where a round eraser went from a to b."""
    style, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(SHEET, width, style, cap, join))
    if a == b:
        painter.drawPoint(a)
    else:
        painter.drawLine(a, b)


class PartsAnew:
    """Parts of the paper whose ink is drawn anew, a little at a time, and shown when it is whole.

    Where the eraser goes over a hundred thousand points, all those around it take longer to be
    drawn than the eraser takes to its next place.
    """

    def __init__(self) -> None:
        self.parts: list[QRectF] = []
        """Still to be drawn, on the paper; the first is under way."""
        self._lines: Iterator[tuple[Point, Point]] | None = None  # of the first, still to be drawn
        self._patch = QPixmap()

    def add(self, part: QRectF) -> None:
        """The ink there is another one now."""
        if self.parts and self.parts[0].intersects(part):
            self._lines = None
        self.parts.append(part)

    def clear(self) -> None:
        """All of the paper is drawn anew."""
        self.parts.clear()
        self._lines = None

    def draw(self, drawing: Drawing, ink: QPixmap, scale: float, until: float) -> Iterator[QRectF]:
        """Go on until `time.perf_counter()` is `until`; gives the parts that are done."""
        while self.parts:
            part, ratio = self.parts[0], ink.devicePixelRatio()
            corner, opposite = part.topLeft() * scale * ratio, part.bottomRight() * scale * ratio
            pixels = QRectF(corner, opposite).toAlignedRect().intersected(ink.rect())
            if self._lines is None:
                by = 2 / scale  # to whole pixels, and one for smooth edges
                (left, top), (right, bottom) = (
                    part.topLeft().toTuple(),
                    part.bottomRight().toTuple(),
                )
                self._lines = drawing.lines_near(left - by, top - by, right + by, bottom + by)
                self._patch = QPixmap(pixels.size())
                self._patch.fill(SHEET)
                self._patch.setDevicePixelRatio(ratio)
            place = QPointF(pixels.topLeft()) / ratio
            painter = QPainter(self._patch)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-place)
            painter.scale(scale, scale)
            whole = paint_some(painter, self._lines, until)
            painter.end()
            if not whole:
                return
            painter = QPainter(ink)
            painter.drawPixmap(place, self._patch)
            painter.end()
            self._lines = None
            yield self.parts.pop(0)
            if time.perf_counter() >= until:
                return


def _pen(width: float) -> QPen:
    style, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    return QPen(INK, PEN_WIDTH * width, style, cap, join)


def _as_ink(picture: Picture) -> QImage:
    """A picture in the paper's and the ink's colors."""
    height, width = picture.shown.shape
    gray = QImage(picture.shown.tobytes(), width, height, width, QImage.Format.Format_Indexed8)
    gray.setColorTable([_mix(level / 255).rgb() for level in range(256)])
    # A copy with memory of its own: the bytes above are gone when this returns.
    return gray.convertToFormat(QImage.Format.Format_RGB32)


def _mix(share: float) -> QColor:
    """The sheet's color with that share of ink on it, 0 to 1."""

    def between(sheet: int, ink: int) -> int:
        return round(sheet + (ink - sheet) * share)

    red, green = between(SHEET.red(), INK.red()), between(SHEET.green(), INK.green())
    return QColor(red, green, between(SHEET.blue(), INK.blue()))


def paint_hint(painter: QPainter, square: QRectF, font: QFont, text: str) -> None:
    """Words in the middle of the paper, which is `square` in the painter's units."""
    large = QFont(font)
    large.setPointSizeF(font.pointSizeF() * 1.4)
    wide = QFontMetricsF(large).horizontalAdvance(text)
    if wide > 0.8 * square.width():  # on a small paper
        large.setPointSizeF(large.pointSizeF() * 0.8 * square.width() / wide)
    painter.setFont(large)
    painter.setPen(FAINT)
    painter.drawText(square, Qt.AlignmentFlag.AlignCenter, text)


def paint_notice(painter: QPainter, square: QRectF, font: QFont, color: QColor, text: str) -> None:
    """A frame on the paper, and what becomes of a picture that is dropped."""
    painter.fillRect(square, _veil())
    painter.setPen(QPen(color, 3, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(square.adjusted(8, 8, -8, -8), 8, 8)
    paint_hint(painter, square, font, text)


def paint_caption(painter: QPainter, square: QRectF, font: QFont, caption: str) -> None:
    """What a picture is, in the paper's lower left corner, on a strip of its own."""
    if not caption:
        return
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    metrics = QFontMetricsF(small)
    text = metrics.elidedText(caption, Qt.TextElideMode.ElideMiddle, square.width() - 24)
    width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 6
    strip = QRectF(square.left() + 6, square.bottom() - 6 - height, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_veil())
    painter.drawRoundedRect(strip, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(small)
    painter.setPen(FAINT)
    painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, text)


def _veil() -> QColor:
    """Paper that what lies under it shines through faintly."""
    veil = QColor(SHEET)
    veil.setAlphaF(0.85)
    return veil


ACCENT = QColor("#2358b8")
"""The accent color on paper, which is white in a dark window too."""
_MARGIN = 3.0
"""From the ink to its box, in the widget's pixels."""


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
        box = place_mark(mark, sheet, scale)
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


def place_mark(mark: Mark, sheet: QRectF, scale: float) -> QRectF:
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
