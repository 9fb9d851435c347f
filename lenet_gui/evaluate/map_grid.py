"""Several images with their conv1 and conv2 maps, one below the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.evaluate.gallery_cards import picture
from lenet_gui.widgets import colormap
from lenet_gui.widgets.map_view import colours

if TYPE_CHECKING:
    from trainer.evaluation.map_rows import MapRows

_GAP, _BETWEEN, _ROW_GAP = 3, 14, 12
_WORDS = 86
_COLUMNS = 2 + 3 + 8
"""The image takes two rows and columns of tiles, conv1 2x3, conv2 2x8."""
_LEAST, _MOST = 24, 64
_WRONG = {False: QColor("#b3261e"), True: QColor("#ff9a8f")}


@dataclass(frozen=True, slots=True)
class _Row:
    """One image, ready to be painted."""

    image: QImage
    layers: tuple[QImage, QImage]  # all maps of a layer in one column
    sides: tuple[int, int]  # of each map


class MapGrid(QWidget):
    """As wide as it is given; as high as its rows need."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_grid")
        self.setAccessibleName("Images with their feature maps")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rows: MapRows | None = None
        self._drawn: list[_Row] = []

    def show_rows(self, rows: MapRows) -> None:
        """Show these."""
        self.rows = rows
        self._drawn = [_row(rows, number) for number in range(len(rows))]
        told = (f"{a} ({c:.0%})" for a, c in zip(rows.answers, rows.confidences, strict=True))
        self.setAccessibleDescription("Read as " + ", ".join(told))
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Tiles in which something can be seen."""
        wide = _COLUMNS * (_LEAST + _GAP) + 2 * _BETWEEN + _WORDS
        return QSize(wide, self._height(wide))

    def sizeHint(self) -> QSize:
        """What the rows need at this width."""
        return QSize(560, self._height(self.width()))

    def hasHeightForWidth(self) -> bool:
        """It has."""
        return True

    def heightForWidth(self, width: int) -> int:
        """What the rows need."""
        return self._height(width)

    def _tile(self, width: int) -> int:
        room = width - 2 * _BETWEEN - _WORDS
        return min(max(room // _COLUMNS - _GAP, _LEAST), _MOST)

    def _height(self, width: int) -> int:
        high = 2 * (self._tile(width) + _GAP) + _ROW_GAP
        return self.fontMetrics().height() + 6 + len(self._drawn) * high

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows that are seen."""
        if self.rows is None:
            return
        painter = QPainter(self)
        unit = self._tile(self.width()) + _GAP
        head = self.fontMetrics().height() + 6
        lefts = (0, 2 * unit + _BETWEEN, 5 * unit + 2 * _BETWEEN)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for left, name in zip(lefts, ("input", "conv1", "conv2"), strict=True):
            painter.drawText(QRectF(left, 0, 120, head - 6), Qt.AlignmentFlag.AlignVCenter, name)
        for number, row in enumerate(self._drawn):
            top = head + number * (2 * unit + _ROW_GAP)
            band = QRectF(0, top, self.width(), 2 * unit)
            if band.intersects(QRectF(event.rect())):
                self._paint_row(painter, row, top, unit, lefts)
                self._paint_words(painter, number, lefts[2] + 8 * unit + 6, top, 2 * unit)

    def _paint_row(
        self, painter: QPainter, row: _Row, top: int, unit: int, lefts: tuple[int, int, int]
    ) -> None:
        painter.drawImage(QRectF(lefts[0], top, 2 * unit - _GAP, 2 * unit - _GAP), row.image)
        side = unit - _GAP
        for layer, across in ((0, 3), (1, 8)):
            image, high = row.layers[layer], row.sides[layer]
            for number in range(2 * across):
                down, right = divmod(number, across)
                tile = QRectF(lefts[1 + layer] + right * unit, top + down * unit, side, side)
                painter.drawImage(tile, image, QRectF(0, number * high, image.width(), high))

    def _paint_words(self, painter: QPainter, number: int, left: int, top: int, high: int) -> None:
        assert self.rows is not None
        rows, flags = self.rows, Qt.AlignmentFlag
        right = rows.labels[number] == rows.answers[number]
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        text = self.palette().color(QPalette.ColorRole.Text)
        room = QRectF(left, top, self.width() - left, high / 2 - 1)
        font = QFont(self.font())
        font.setBold(True)
        if len(rows.answers[number]) < 3:
            font.setPointSizeF(font.pointSizeF() * 1.5)
        painter.setFont(font)
        painter.setPen(text if right else _WRONG[dark])
        painter.drawText(room, flags.AlignLeft | flags.AlignBottom, rows.answers[number])
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        told = f"{rows.confidences[number] * 100:.1f} %"
        told += "" if right else f"\nis {rows.labels[number]}"
        room.translate(0, high / 2)
        room.setHeight(high)
        painter.drawText(room, flags.AlignLeft | flags.AlignTop, told)


def _row(rows: MapRows, number: int) -> _Row:
    levels, table = rows.levels(number), colours("viridis")
    return _Row(
        picture(rows.images[number]),
        (colormap.picture(levels[0], table), colormap.picture(levels[1], table)),
        (levels[0].shape[1], levels[1].shape[1]),
    )
