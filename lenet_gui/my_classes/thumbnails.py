"""Drawings in small, each painted once for as long as it is shown often."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPalette, QPen, QPixmap

from lenet_gui.draw.canvas_painting import SHEET, paint_sheet
from trainer.drawing.sheet import PAPER, Sheet, fit_to_sheet
from trainer.my_classes.class_set import ClassDrawing, Strokes

_MOST = 2000
"""Pictures that are kept."""


class Thumbnails:
    """Pictures of drawings; the oldest are forgotten."""

    def __init__(self) -> None:
        self._made: dict[tuple[Strokes, int, float], QPixmap] = {}

    def paint(
        self, painter: QPainter, drawing: ClassDrawing, room: QRectF, palette: QPalette
    ) -> None:
        """A drawing on its paper.

        Args:
            painter: paints it.
            drawing: in any unit; it is brought to the paper's middle.
            room: a square, in the painter's units.
            palette: whose is the color of the frame.
        """
        ratio = painter.device().devicePixelRatioF()
        outline = QPainterPath()
        outline.addRoundedRect(room, 3, 3)
        painter.save()
        painter.setClipPath(outline)
        painter.drawPixmap(room.topLeft(), self._picture(drawing, round(room.width()), ratio))
        painter.restore()
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)

    def _picture(self, drawing: ClassDrawing, side: int, ratio: float) -> QPixmap:
        key = drawing.strokes, side, ratio
        made = self._made.pop(key, None)
        if made is None:
            made = QPixmap(round(side * ratio), round(side * ratio))
            made.setDevicePixelRatio(ratio)
            made.fill(SHEET)
            painter = QPainter(made)
            strokes = [[list(point) for point in stroke] for stroke in drawing.strokes]
            paint_sheet(painter, Sheet(fit_to_sheet(strokes)), side / PAPER)
            painter.end()
        self._made[key] = made  # the newest stands last
        if len(self._made) > _MOST:
            del self._made[next(iter(self._made))]
        return made
