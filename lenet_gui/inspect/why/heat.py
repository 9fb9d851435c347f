"""Drawings side by side, each with how much its pixels speak for a class and against it.

With the menu by which such a picture is copied or saved like the network's maps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    qRgb,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from lenet_gui.inspect.common import image_files
from lenet_gui.inspect.common.image_files import Mosaic
from lenet_gui.inspect.common.value_cells import ValueCells
from lenet_gui.inspect.why.methods import format_signed
from lenet_gui.widgets.colormap import diverging_table
from lenet_gui.widgets.controls import TooltipWidget
from trainer.translation import gettext as _

INK = 0.42
"""How much of the way from paper to text the color of the drawing beneath is."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """A drawing and a value for each of its pixels."""

    image: NDArray[np.uint8]  # (28, 28)
    values: NDArray[np.float32]  # (28, 28)

    @property
    def limit(self) -> float:
        """The largest magnitude, which has the full color."""
        return max(float(abs(self.values).max()), 1e-9)


def render_heat_map(heat: HeatMap, dark: bool, palette: QPalette) -> QImage:
    """The drawing in gray, and over it the values' colors: the larger, the less of it is seen.

    Returns:
        RGB, 28x28: a value of 0 leaves the drawing as it is, the largest covers it.
    """
    role = QPalette.ColorRole
    paper, text = _rgb(palette.color(role.Base)), _rgb(palette.color(role.WindowText))
    below, above = (_rgb(QColor.fromRgb(diverging_table(dark)[end])) for end in (0, 255))
    ground = paper + (text - paper) * (heat.image[..., None] / 255 * INK)
    share = (heat.values / heat.limit).clip(-1, 1)[..., None]
    color = np.where(share < 0, below, above)
    mixed = ground + (color - ground) * np.abs(share)
    data = np.ascontiguousarray(mixed.round().astype(np.uint8))
    return QImage(data.tobytes(), 28, 28, 28 * 3, QImage.Format.Format_RGB888).copy()


def _rgb(color: QColor) -> NDArray[np.float64]:
    return np.array([color.red(), color.green(), color.blue()], np.float64)


_GAP = 8.0
_LEAST, _MOST = 56, 196  # a picture's side, in pixels


class HeatRow(TooltipWidget):
    """Pictures under titles; one of them is chosen, by a click or the arrow keys."""

    picked = Signal(int)
    """Another picture was chosen, counted from the left."""
    menu_asked = Signal(int, QPoint)
    """The context menu of this picture, which has something on it, at this place of the screen."""

    def __init__(self, titles: tuple[str, ...]) -> None:
        super().__init__()
        self.setObjectName("why_pictures")
        self.setAccessibleName(
            _("What each pixel speaks for, by {methods}").format(methods=", ".join(titles))
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy.Policy
        sizes = QSizePolicy(policy.Expanding, policy.Preferred)
        sizes.setHeightForWidth(True)
        self.setSizePolicy(sizes)
        self.setMinimumWidth(round(len(titles) * _LEAST + (len(titles) - 1) * _GAP))
        self.titles = titles
        self.heats: list[HeatMap | None] = [None] * len(titles)
        self.pale = [False] * len(titles)
        """Which pictures are of an older drawing than the newest."""
        self.chosen = 0
        self._pictures: list[tuple[HeatMap, bool, QImage] | None] = [None] * len(titles)
        self._describe()

    def sizeHint(self) -> QSize:
        """Three pictures and their lines, at a width that shows strokes."""
        return QSize(300, self.heightForWidth(300))

    def heightForWidth(self, width: int) -> int:
        """Squares with a line above and one beneath."""
        return round(self._side(width) + 2 * self._line() + 4)

    def show_heat(self, number: int, heat: HeatMap | None) -> None:
        """Show this in place `number`; None for nothing."""
        self.heats[number], self.pale[number] = heat, False
        if number == self.chosen:
            self._describe()
        self.update(self.column(number).toAlignedRect())

    def mark_outdated(self, number: int) -> None:
        """Paint a picture pale until another is shown in its place."""
        if not self.pale[number]:
            self.pale[number] = True
            self.update(self.column(number).toAlignedRect())

    # Places

    def _line(self) -> int:
        return self.fontMetrics().height() + 2

    def _side(self, width: int) -> int:
        count = len(self.titles)
        return max(_LEAST, min(_MOST, int((width - _GAP * (count - 1)) / count)))

    def place(self, number: int) -> QRectF:
        """Where picture `number` is painted."""
        side, count = self._side(self.width()), len(self.titles)
        spare = self.width() - side * count
        gap = max(_GAP, min(3 * _GAP, spare / max(1, count - 1)))
        return QRectF(round(number * (side + gap)), self._line(), side, side)

    def column(self, number: int) -> QRectF:
        """A picture with its title and its line beneath."""
        return self.place(number).adjusted(0, -self._line(), 0, self._line() + 4)

    # Choosing

    def choose(self, number: int) -> None:
        """Frame this picture."""
        if number != self.chosen:
            self.chosen = number
            self._describe()
            self.update()
            self.picked.emit(number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        if event.button() == Qt.MouseButton.LeftButton:
            for number in range(len(self.titles)):
                if self.column(number).contains(event.position()):
                    self.choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the next one."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self.choose(min(len(self.titles) - 1, max(0, self.chosen + step)))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Of the picture under the mouse; by the keyboard, of the chosen one."""
        places, at = range(len(self.titles)), event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            point = QPointF(event.pos())
            pointed = [number for number in places if self.column(number).contains(point)]
        else:
            pointed = [self.chosen]
            at = self.mapToGlobal(self.place(self.chosen).center().toPoint())
        for number in pointed:
            if self.heats[number] is not None:
                self.menu_asked.emit(number, at)

    def _describe(self) -> None:
        title, heat = self.titles[self.chosen], self.heats[self.chosen]
        text = _("nothing yet") if heat is None else _("from {ends}").format(ends=self._ends(heat))
        self.setAccessibleDescription(
            _("{title} selected: {told}. Press Left or Right to select another.").format(
                title=title, told=text
            )
        )

    # What is where

    def tooltip_at(self, point: QPointF) -> str:
        """The value of the pixel that lies there."""
        for number, heat in enumerate(self.heats):
            place = self.place(number)
            if heat is None or not place.contains(point):
                continue
            within = (point - place.topLeft()) * (28 / place.width())
            row, column = min(27, int(within.y())), min(27, int(within.x()))
            value, ink = float(heat.values[row, column]), int(heat.image[row, column])
            return _("Row {row}, column {column}: {value} (ink {ink} of 255)").format(
                row=row + 1, column=column + 1, value=format_signed(value), ink=ink
            )
        return _("Click a picture to choose what to lay over the input")

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Titles, pictures, scales."""
        painter = QPainter(self)
        role = QPalette.ColorRole
        for number, title in enumerate(self.titles):
            if not self.column(number).intersects(QRectF(event.rect())):
                continue
            place, heat = self.place(number), self.heats[number]
            chosen = number == self.chosen
            painter.fillRect(place, self.palette().color(role.Base))
            if heat is not None:
                painter.setOpacity(0.35 if self.pale[number] else 1.0)
                painter.drawImage(place, self._picture(number, heat))
                painter.setOpacity(1.0)
            self._paint_lines(painter, number, title, heat)
            wide = 2.0 if chosen else 1.0
            painter.setPen(QPen(self.palette().color(role.Accent if chosen else role.Mid), wide))
            inset = wide / 2
            painter.drawRect(place.adjusted(inset, inset, -inset, -inset))
            if chosen and self.hasFocus():
                painter.drawRect(place.adjusted(4, 4, -4, -4))

    def _paint_lines(
        self, painter: QPainter, number: int, title: str, heat: HeatMap | None
    ) -> None:
        role, place = QPalette.ColorRole, self.place(number)
        line, flags = self._line(), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        chosen = number == self.chosen
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if chosen else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self.palette().color(role.WindowText if chosen else role.PlaceholderText))
        fitted = painter.fontMetrics().elidedText(
            title, Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(QRectF(place.x(), 0, place.width(), line), flags, fitted)
        painter.setFont(self.font())
        if heat is not None:
            painter.setPen(self.palette().color(role.PlaceholderText))
            beneath = QRectF(place.x(), place.bottom() + 2, place.width(), line)
            painter.drawText(beneath, flags, f"± {format_signed(heat.limit)[1:]}")

    @staticmethod
    def _ends(heat: HeatMap) -> str:
        low, high = float(heat.values.min()), float(heat.values.max())
        return _("{low} to {high}").format(low=format_signed(low), high=format_signed(high))

    def _picture(self, number: int, heat: HeatMap) -> QImage:
        """The heat in the present palette's colors, painted anew only when it must be."""
        dark = self.palette().color(QPalette.ColorRole.Base).lightness() < 128
        kept = self._pictures[number]
        if kept is None or kept[0] is not heat or kept[1] != dark:
            kept = (heat, dark, render_heat_map(heat, dark, self.palette()))
            self._pictures[number] = kept
        return kept[2]


_HEATS, _INKS = 51, 5  # 255 colors: enough for a file, whose array has all digits


def build_menu(parent: QWidget, heat: HeatMap, name: str, message: SignalInstance) -> QMenu:
    """What can be done with a picture; deletes itself.

    Args:
        parent: the window part that asks where to save, whose palette has the ground.
        heat: the picture.
        name: such as "Gradient, why 8".
        message: is emitted with what became of it.
    """
    menu = image_files.build_mosaic_menu(
        parent, make_mosaic(heat, name, parent.palette()), name, message
    )
    menu.setObjectName("heat_menu")
    return menu


def make_mosaic(heat: HeatMap, name: str, palette: QPalette) -> Mosaic:
    """The picture in a few of its colors, and its values."""
    share = (heat.values / heat.limit).clip(-1, 1)
    warm = np.round((share + 1) / 2 * (_HEATS - 1))
    inked = np.round(heat.image / 255 * (_INKS - 1))
    levels = (inked * _HEATS + warm).astype(np.uint8)
    return Mosaic(name, (ValueCells(heat.values, levels, _table(palette)),), heat.values)


def _table(palette: QPalette) -> tuple[int, ...]:
    """Every ink with every heat over it."""
    paper, text = palette.base().color(), palette.windowText().color()
    ends = [QColor.fromRgb(diverging_table(paper.lightness() < 128)[end]) for end in (0, 255)]
    colors = []
    for ink in range(_INKS):
        ground = _between(paper, text, ink / (_INKS - 1) * INK)
        for heat in range(_HEATS):
            share = heat / (_HEATS - 1) * 2 - 1
            colors.append(_between(ground, ends[share > 0], abs(share)))
    codes = [qRgb(color.red(), color.green(), color.blue()) for color in colors]
    return (*codes, *codes[:1] * (256 - len(codes)))


def _between(first: QColor, second: QColor, share: float) -> QColor:
    def mixed(a: int, b: int) -> int:
        return round(a + (b - a) * share)

    return QColor(
        mixed(first.red(), second.red()),
        mixed(first.green(), second.green()),
        mixed(first.blue(), second.blue()),
    )
