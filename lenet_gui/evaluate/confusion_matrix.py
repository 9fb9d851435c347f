"""The confusion matrix: what is taken for what; a cell opens its images."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip

from lenet_gui.widgets.controls import TooltipWidget
from lenet_gui.widgets.formatting import format_count, format_percent, format_tooltip
from trainer.evaluation.report import Report, error_shades
from trainer.translation import gettext as _
from trainer.translation import ngettext

Cell = tuple[int, int]
"""What the images are, and what they are read as."""
_STRONGEST = {False: QColor("#b3400f"), True: QColor("#ff8a3d")}
"""Of the most frequent error, on light ground and on dark."""
_READABLE = 15.0
"""Cells of at least this side have room for their count."""
_LONGEST_NAME = 0.3
"""Of the width, or of the height: longer names of classes are cut."""
_KEYS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things are painted."""

    left: float  # of the cells
    top: float
    side: float
    upright: bool  # whether the columns' names fit above them as they are


class ConfusionView(TooltipWidget):
    """Rows are what the images are, columns what they are read as."""

    cell_chosen = Signal(int, int)
    """Show the images of this row and column."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion")
        self.setAccessibleName(_("Confusion matrix"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(280, 280)
        self.report: Report | None = None
        self.cell: Cell = (0, 0)
        """Where the keys are."""
        self._hovered: Cell | None = None
        self._shades: list[list[float]] = []
        self._counts: list[list[int]] = []

    def sizeHint(self) -> QSize:
        """Large enough to be read from afar."""
        return QSize(460, 460)

    def show_report(self, report: Report) -> None:
        """Show this network's answers."""
        self.report = report
        self._counts = report.confusion.tolist()
        self._shades = error_shades(report.confusion).tolist()
        self._go_to(self.cell)

    def _go_to(self, cell: Cell) -> None:
        last = len(self._counts) - 1
        self.cell = (min(max(cell[0], 0), last), min(max(cell[1], 0), last))
        self.setAccessibleDescription(self.describe(self.cell))
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )
        self.update()

    def describe(self, cell: Cell) -> str:
        """A cell in words."""
        if self.report is None:
            return ""
        row, column = cell
        count, of_all = self._counts[row][column], sum(self._counts[row])
        is_, read = self.report.classes[row], self.report.model.classes[column]
        share = format_percent(count / of_all if of_all else 0.0, 1)
        return ngettext(
            "{share} of class {label}: {count} image of {all} recognized as {answer}",
            "{share} of class {label}: {count} images of {all} recognized as {answer}",
            count,
        ).format(
            share=share,
            label=is_,
            count=format_count(count),
            all=format_count(of_all),
            answer=read,
        )

    # Mouse and keys

    def cell_at(self, point: QPointF) -> Cell | None:
        """The cell there, if any."""
        if self.report is None:
            return None
        places = self._places()
        column = (point.x() - places.left) // places.side
        row = (point.y() - places.top) // places.side
        number = len(self._counts)
        if 0 <= row < number and 0 <= column < number:
            return int(row), int(column)
        return None

    def center(self, cell: Cell) -> QPoint:
        """The middle of a cell, in the widget's pixels."""
        return self._box(cell, self._places()).center().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The cell under the mouse is framed."""
        cell = self.cell_at(event.position())
        if cell != self._hovered:
            self._hovered = cell
            hand = Qt.CursorShape.PointingHandCursor
            self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else hand)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse points at no cell."""
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click shows a cell's images."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go_to(cell)
            self.cell_chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go about, Return shows a cell's images."""
        key = Qt.Key(event.key())
        if self.report is not None and key in _KEYS and not event.modifiers():
            down, right = _KEYS[key]
            self._go_to((self.cell[0] + down, self.cell[1] + right))
            text = format_tooltip(self.describe(self.cell))
            QToolTip.showText(self.mapToGlobal(self.center(self.cell)), text, self)
        elif self.report is not None and key in _OPENING:
            self.cell_chosen.emit(*self.cell)
        else:
            super().keyPressEvent(event)

    def tooltip_at(self, point: QPointF) -> str:
        """What the cell at that point counts."""
        cell = self.cell_at(point)
        return "" if cell is None else self.describe(cell)

    # Painting

    def _places(self) -> _Places:
        assert self.report is not None
        metrics, number = self.fontMetrics(), len(self._counts)
        rows = max(metrics.horizontalAdvance(name) for name in self.report.classes)
        columns = max(metrics.horizontalAdvance(name) for name in self.report.model.classes)
        # Long names may not take the cells' room: they are cut, and told in full by the tooltip.
        rows = min(rows, int(_LONGEST_NAME * self.width()))
        columns = min(columns, int(_LONGEST_NAME * self.height()))
        left = rows + metrics.height() + 14.0
        room = (self.width() - left - 2) / number
        upright = columns <= room - 4
        top = metrics.height() * 2 + 10.0 if upright else columns + metrics.height() + 14.0
        side = max(4.0, float(int(min(room, (self.height() - top - 2) / number))))
        return _Places(left, top, side, upright)

    @staticmethod
    def _box(cell: Cell, places: _Places) -> QRectF:
        return QRectF(
            places.left + cell[1] * places.side,
            places.top + cell[0] * places.side,
            places.side,
            places.side,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, cells, and frames around the cells under mouse and keys."""
        if self.report is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places()
        self._paint_names(painter, places)
        font = self._count_font(places.side)
        for row, counts in enumerate(self._counts):
            for column, count in enumerate(counts):
                self._paint_cell(painter, font, (row, column), count, places)
        edge = self.palette().color(QPalette.ColorRole.Mid)
        whole = QRectF(places.left, places.top, *(2 * [places.side * len(self._counts)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(edge, 1))
        painter.drawRect(whole)
        text = self.palette().color(QPalette.ColorRole.Text)
        accent = self.palette().color(QPalette.ColorRole.Accent)
        if self._hovered is not None:
            painter.setPen(QPen(text, 1.5))
            painter.drawRect(self._box(self._hovered, places).adjusted(1, 1, -1, -1))
        if self.hasFocus():
            painter.setPen(QPen(accent, 2.5))
            painter.drawRect(self._box(self.cell, places).adjusted(1, 1, -1, -1))

    def _count_font(self, side: float) -> QFont:
        """Of the counts: the longest one fits into its cell."""
        font = QFont(self.font())
        font.setPixelSize(round(min(side * 0.36, self.fontInfo().pixelSize() * 1.25)))
        longest = format_count(max(map(max, self._counts)))
        wide = QFontMetricsF(font).horizontalAdvance(longest)
        font.setPixelSize(max(6, int(font.pixelSize() * min(1.0, (side - 5) / wide))))
        return font

    def _paint_cell(
        self, painter: QPainter, font: QFont, cell: Cell, count: int, places: _Places
    ) -> None:
        palette, box = self.palette(), self._box(cell, places)
        ground = palette.color(QPalette.ColorRole.Base)
        shade = self._shades[cell[0]][cell[1]]
        right = cell[0] == cell[1]
        color = palette.color(QPalette.ColorRole.AlternateBase) if right else ground
        if shade:
            color = _mix(ground, _STRONGEST[ground.lightness() < 128], 0.1 + 0.9 * shade)
        painter.fillRect(box, color)
        if not count or box.width() < _READABLE:  # its color and its tooltip tell
            return
        ink = palette.color(QPalette.ColorRole.PlaceholderText)
        if not right:
            ink = QColor("#1b1b1f" if _bright(color) else "#ffffff")
        font.setBold(not right)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, format_count(count))

    def _paint_names(self, painter: QPainter, places: _Places) -> None:
        assert self.report is not None
        metrics, flags = self.fontMetrics(), Qt.AlignmentFlag
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        across = places.side * len(self._counts)
        high = float(metrics.height())
        above = QRectF(places.left, 0, across, high)
        painter.drawText(above, flags.AlignCenter, _("recognized as"))
        painter.save()
        painter.translate(0, places.top + across)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, across, high), flags.AlignCenter, _("true class"))
        painter.restore()
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        if places.side < high:  # of many classes, the names stand as close as their cells
            font = QFont(painter.font())
            font.setPixelSize(max(4, int(places.side)))
            painter.setFont(font)
        letters = QFontMetricsF(painter.font())

        def fitting(name: str, room: float) -> str:
            return letters.elidedText(name, Qt.TextElideMode.ElideRight, room)

        for number, name in enumerate(self.report.classes):
            box = QRectF(0, places.top + number * places.side, places.left - 8, places.side)
            text = fitting(name, box.width())
            painter.drawText(box, flags.AlignRight | flags.AlignVCenter, text)
        for number, name in enumerate(self.report.model.classes):
            painter.save()
            painter.translate(places.left + number * places.side, places.top - 5)
            if places.upright:
                box = QRectF(0, -high, places.side, high)
                painter.drawText(box, flags.AlignCenter, name)
            else:
                painter.rotate(-90)
                box = QRectF(0, 0, places.top - high - 10, places.side)
                text = fitting(name, box.width())
                painter.drawText(box, flags.AlignVCenter, text)
            painter.restore()


def _mix(ground: QColor, color: QColor, share: float) -> QColor:
    """`ground` with that share of `color`."""
    parts = zip(_parts(ground), _parts(color), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in parts))


def _bright(color: QColor) -> bool:
    """Whether dark ink is read on it better than white."""
    linear = (math.pow(part, 2.2) for part in _parts(color))
    shares = zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    return sum(share * part for share, part in shares) > 0.18


def _parts(color: QColor) -> tuple[float, float, float]:
    return color.redF(), color.greenF(), color.blueF()
