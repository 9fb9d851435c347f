"""One map as large as there is room for, its values in its squares.

`EnlargedPage` is what it shows of one reading, and where; `EnlargedMap` is the widget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolButton, QWidget

from lenet_gui.inspect.common.inspection import Inspection, map_name, unit_name
from lenet_gui.inspect.common.value_cells import ValueCells, number_format, paint_cells
from lenet_gui.inspect.enlarged_side import (
    SideGroup,
    build_lens,
    grid_rows,
    list_groups,
    paint_groups,
)
from lenet_gui.inspect.shading import Shading
from lenet_gui.widgets.formatting import format_rounded
from trainer.networks.anatomy import Kind, Stage, Unit
from trainer.translation import N_
from trainer.translation import gettext as _

EDGE, HEAD, _FOOT, _BETWEEN = 12, 34, 24, 16
_EMPTY = N_("Draw something to see its values.")


@dataclass(frozen=True, eq=False)
class EnlargedPage:
    """A map, or all of a flat stage, by one shading."""

    inspection: Inspection
    unit: Unit  # the chosen one
    shading: Shading

    @property
    def stage(self) -> Stage:
        """The map's stage."""
        return self.inspection.stages[self.unit.stage]

    @cached_property
    def cells(self) -> ValueCells | None:
        """The values; None where nothing is drawn."""
        values = self.inspection.values(self.unit.stage, self.shading.before)
        if values is None:
            return None
        levels = self.shading.levels(self.inspection, self.unit.stage)
        if self.stage.flat:
            values, levels = self._arrange_in_rows(values), self._arrange_in_rows(levels)
        else:
            values, levels = values[self.unit.map], levels[self.unit.map]
        return ValueCells(values, levels, tuple(self.shading.table))

    def _arrange_in_rows(self, units: NDArray[Any]) -> NDArray[Any]:
        """A flat stage's units in rows; where the last row is not full, 0, which is not shown."""
        grid = np.zeros(self.size, units.dtype)
        grid.ravel()[: units.size] = units.ravel()
        return grid

    @cached_property
    def groups(self) -> list[SideGroup]:
        """What stands beside it."""
        return list_groups(self.inspection, self.unit, self.shading)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        maps, height, width = self.stage.shape
        if self.stage.flat:
            return grid_rows(self.stage), math.ceil(maps / grid_rows(self.stage))
        return height, width

    def unit_of(self, row: int, column: int) -> Unit | None:
        """The unit shown there; None where the last row is not full."""
        if self.stage.flat:
            number = row * self.size[1] + column
            return Unit(self.unit.stage, number, 0, 0) if number < self.stage.shape[0] else None
        return Unit(self.unit.stage, self.unit.map, row, column)

    def place_of(self, unit: Unit) -> tuple[int, int]:
        """Row and column of a unit."""
        return divmod(unit.map, self.size[1]) if self.stage.flat else (unit.y, unit.x)

    def title(self) -> str:
        """The map, or the stage."""
        stage, units = self.stage, self.stage.shape[0]
        if stage.kind == Kind.OUTPUT:
            paper = self.inspection.model.recipe.network == "lenet5-1998"
            text = _("{layer}, minus the penalties") if paper else _("{layer}, {units} scores")
            return text.format(layer=stage.name, units=units)
        return (
            _("{name}, {units} units").format(name=stage.name, units=units)
            if stage.flat
            else map_name(stage, self.unit.map)
        )

    def describe(self, unit: Unit) -> str:
        """A unit with its value."""
        name = unit_name(self.stage, unit, self.inspection.model.classes)
        value = self.inspection.value(unit, self.shading.before)
        return name if value is None else f"{name}: {format_rounded(value, 4)}"


class PagePlaces:
    """Where a page's parts are painted.

    Args:
        page: what is shown.
        room: the widget's size.
        font: of its numbers.
    """

    def __init__(self, page: EnlargedPage, room: QSize, font: QFont) -> None:
        rows, columns = page.size
        inside = QRectF(QPointF(0, 0), room.toSizeF())
        inside = inside.adjusted(EDGE, HEAD + 4, -EDGE, -_FOOT - 4)
        wide = min(max(inside.width() * 0.3, 140.0), 320.0)
        left = inside.width() - wide - _BETWEEN
        self.side = max(2, int(min(left / columns, inside.height() / rows)))
        """Of a square, in whole pixels."""
        whole = self.side * columns + _BETWEEN + wide
        first = round(inside.left() + max(0.0, (inside.width() - whole) / 2))
        self.map = QRectF(first, inside.top(), self.side * columns, self.side * rows)
        beside = QRectF(self.map.right() + _BETWEEN, inside.top(), wide, inside.height())
        self.lens: QRectF | None = None
        """For the units around one, where the squares have no room for numbers."""
        if page.cells is not None and number_format(font, self.side, page.cells.values) is None:
            self.lens = QRectF(beside)
            self.lens.setHeight(min(wide, 220.0) + 2 * QFontMetricsF(font).height())
            beside.setTop(self.lens.bottom() + 12)
        self.beside = beside
        self._page = page

    def unit_rect(self, unit: Unit) -> QRectF:
        """Where a unit is painted."""
        row, column = self._page.place_of(unit)
        left, top = self.map.left() + column * self.side, self.map.top() + row * self.side
        return QRectF(left, top, self.side, self.side)

    def unit_at(self, at: QPointF) -> Unit | None:
        """The unit painted there."""
        if not self.map.contains(at):
            return None
        rows, columns = self._page.size
        row = min(int((at.y() - self.map.top()) / self.side), rows - 1)
        column = min(int((at.x() - self.map.left()) / self.side), columns - 1)
        return self._page.unit_of(row, column)


def small_font(font: QFont) -> QFont:
    """For what stands beside a map."""
    smaller = QFont(font)
    smaller.setPixelSize(max(9, round(QFontMetricsF(font).height() * 0.72)))
    return smaller


def paint_still(
    painter: QPainter, page: EnlargedPage, places: PagePlaces, palette: QPalette
) -> None:
    """Paint what does not change as the mouse moves."""
    roles = QPalette.ColorRole
    if page.cells is None:
        painter.fillRect(places.map, palette.color(roles.AlternateBase))
        painter.setPen(palette.color(roles.PlaceholderText))
        centered = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(places.map.adjusted(8, 8, -8, -8), centered, _(_EMPTY))
    else:
        paint_cells(painter, places.map, page.cells)
        _paint_unused(painter, page, places, palette)
    font = painter.font()
    if page.stage.kind == Kind.OUTPUT:
        _paint_classes(painter, page, places)
    painter.setFont(small_font(font))
    paint_groups(painter, places.beside, page.groups, palette)
    painter.setFont(font)


def _paint_unused(
    painter: QPainter, page: EnlargedPage, places: PagePlaces, palette: QPalette
) -> None:
    """Take away the squares that stand for no unit."""
    rows, columns = page.size
    units = page.stage.shape[0]
    if page.stage.flat and units < rows * columns:
        first = places.unit_rect(Unit(page.unit.stage, units, 0, 0))
        unused = QRectF(first.topLeft(), places.map.bottomRight())
        painter.fillRect(unused, palette.color(QPalette.ColorRole.Window))


def _paint_classes(painter: QPainter, page: EnlargedPage, places: PagePlaces) -> None:
    """Each output's class, in its corner."""
    if page.cells is None:
        return
    font = small_font(painter.font())
    font.setBold(True)
    painter.setFont(font)
    metrics, inks = QFontMetricsF(font), page.cells.inks()
    for number, name in enumerate(page.inspection.model.classes):
        place = places.unit_rect(Unit(page.unit.stage, number, 0, 0)).adjusted(5, 3, -5, -3)
        painter.setPen(inks[number])
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignTop, text)


def paint_lens(
    painter: QPainter, page: EnlargedPage, places: PagePlaces, unit: Unit, palette: QPalette
) -> None:
    """Paint the units around one, where there is a lens."""
    if places.lens is None or page.cells is None:
        return
    font = painter.font()
    painter.setFont(small_font(font))
    paint_groups(painter, places.lens, [build_lens(page.cells, *page.place_of(unit))], palette)
    painter.setFont(font)


_HINT = N_("Arrows walk over units, Page keys over maps; Esc closes.")


class EnlargedMap(QWidget):
    """Covers the network's picture while it is shown; the owner hides it when it says `closed`."""

    pointed = Signal(object)
    """Unit | None under the mouse."""
    chosen = Signal(object)
    """The `Unit` that was clicked, or that the keys went to."""
    closed = Signal()
    """It is wanted no more."""
    menu_asked = Signal(object, QPoint)
    """A context menu for this `Unit`, at this place of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("enlarged_map")
        self.setAccessibleName(_("Enlarged map"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the picture beneath rests
        self.page: EnlargedPage | None = None
        """What is shown."""
        self.pointed_unit: Unit | None = None
        self._still: QPixmap | None = None  # the page without marks, as it was painted last
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("close_enlarged")
        self.close_button.setText("×")
        self.close_button.setAutoRaise(True)
        self.close_button.setAccessibleName(_("Close the enlarged map"))
        self.close_button.setToolTip(_("Close (Esc)"))
        self.close_button.setFixedSize(28, 28)
        self.close_button.clicked.connect(self.closed)

    # What is shown

    @property
    def unit(self) -> Unit | None:
        """The unit that is chosen; its map is shown."""
        return None if self.page is None else self.page.unit

    def show_map(self, inspection: Inspection | None, unit: Unit, shading: Shading) -> None:
        """Show the map of `unit`, or its whole stage if that is flat."""
        self._turn_to(None if inspection is None else EnlargedPage(inspection, unit, shading))

    def show_inspection(self, inspection: Inspection | None) -> None:
        """The same map of a newer reading; of another network, the nearest there is."""
        if inspection is None or self.page is None:
            self._turn_to(None)
            return
        stage, number, y, x = self.page.unit
        maps, height, width = inspection.stages[stage].shape
        unit = Unit(stage, min(number, maps - 1), min(y, height - 1), min(x, width - 1))
        self._turn_to(EnlargedPage(inspection, unit, self.page.shading))

    def set_shading(self, shading: Shading) -> None:
        """The same in other colors."""
        if self.page is not None:
            self._turn_to(EnlargedPage(self.page.inspection, self.page.unit, shading))

    def _turn_to(self, page: EnlargedPage | None) -> None:
        self.page, self._still = page, None
        if page is not None and self.pointed_unit is not None:
            stage, number, y, x = self.pointed_unit
            maps, height, width = page.stage.shape
            if stage != page.unit.stage or number >= maps or y >= height or x >= width:
                self.pointed_unit = None
            elif not page.stage.flat:
                self.pointed_unit = Unit(stage, page.unit.map, y, x)
        text = "" if page is None else f"{page.describe(page.unit)}. {_(_HINT)}"
        self.setAccessibleDescription(text)
        self.update()

    # Places

    def places(self) -> PagePlaces | None:
        """Where everything is painted."""
        return None if self.page is None else PagePlaces(self.page, self.size(), self.font())

    def unit_rect(self, unit: Unit) -> QRectF:
        """Where a unit of what is shown is painted."""
        places = self.places()
        return QRectF() if places is None else places.unit_rect(unit)

    def unit_at(self, at: QPointF) -> Unit | None:
        """The unit painted there."""
        places = self.places()
        return None if places is None else places.unit_at(at)

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a unit."""
        self._point(self.unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse points at no unit."""
        self._point(None)

    def _point(self, unit: Unit | None) -> None:
        if unit != self.pointed_unit:
            self.pointed_unit = unit
            self.update()
            self.pointed.emit(unit)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a unit."""
        unit = self.unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self._choose(unit)

    def _choose(self, unit: Unit) -> None:
        if self.page is not None and unit != self.page.unit:
            self._turn_to(EnlargedPage(self.page.inspection, unit, self.page.shading))
            self.chosen.emit(unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the units and the maps; close."""
        keys, key = Qt.Key, event.key()
        steps = {keys.Key_Left: (0, -1), keys.Key_Right: (0, 1)}
        steps |= {keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0)}
        if key == keys.Key_Escape:
            self.closed.emit()
        elif self.page is not None and key in steps:
            self._walk(self.page, *steps[keys(key)])
        elif self.page is not None and key in (keys.Key_PageUp, keys.Key_PageDown):
            self._turn(self.page, 1 if key == keys.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def _walk(self, page: EnlargedPage, down: int, across: int) -> None:
        row, column = page.place_of(page.unit)
        row, column = row + down, column + across
        if 0 <= row < page.size[0] and 0 <= column < page.size[1]:
            self._choose(page.unit_of(row, column) or page.unit)

    def _turn(self, page: EnlargedPage, step: int) -> None:
        """To the same unit of the next map."""
        number = page.unit.map + step
        if not page.stage.flat and 0 <= number < page.stage.shape[0]:
            self._choose(page.unit._replace(map=number))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the mouse for what is under it, by the keyboard for what is chosen."""
        if self.unit is None:
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            unit = self.unit_at(QPointF(event.pos())) or self.unit
            self.menu_asked.emit(unit, event.globalPos())
        else:
            corner = self.unit_rect(self.unit).bottomRight().toPoint()
            self.menu_asked.emit(self.unit, self.mapToGlobal(corner))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The × stays in its corner."""
        self._still = None
        self.close_button.move(self.width() - 28 - 4, 3)

    def changeEvent(self, event: QEvent) -> None:
        """Other colors or another font."""
        super().changeEvent(event)
        self._still = None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page, marks on it, and what is pointed at."""
        painter, palette = QPainter(self), self.palette()
        page, places = self.page, self.places()
        if page is None or places is None:
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
            return
        ratio = self.devicePixelRatioF()
        if self._still is None or self._still.devicePixelRatio() != ratio:
            self._still = self._painted(page, places, ratio)
        painter.drawPixmap(0, 0, self._still)
        unit = self.pointed_unit or page.unit
        self._paint_heading(painter, page, unit)
        self._paint_marks(painter, page, places)
        paint_lens(painter, page, places, unit, palette)

    def _painted(self, page: EnlargedPage, places: PagePlaces, ratio: float) -> QPixmap:
        """All that stays as the mouse moves."""
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        palette, roles = self.palette(), QPalette.ColorRole
        pixmap.fill(palette.color(roles.Base))
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        paint_still(painter, page, places, palette)
        painter.setPen(palette.color(roles.PlaceholderText))
        foot = QRectF(self.rect()).adjusted(EDGE, 0, -EDGE, -6)
        hint = QFontMetricsF(self.font()).elidedText(
            _(_HINT), Qt.TextElideMode.ElideRight, foot.width()
        )
        painter.drawText(foot, Qt.AlignmentFlag.AlignBottom, hint)
        painter.setPen(palette.color(roles.Mid))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        return pixmap

    def _paint_heading(self, painter: QPainter, page: EnlargedPage, unit: Unit) -> None:
        head, center = QRectF(EDGE, 2, self.width() - 2 * EDGE - 30, HEAD - 2), Qt.AlignmentFlag
        font, title = self.font(), page.title()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(head, center.AlignVCenter, title)
        head.setLeft(head.left() + QFontMetricsF(font).horizontalAdvance(title) + 14)
        painter.setFont(self.font())
        value = page.describe(unit)  # without what the title tells already
        value = value.removeprefix(title).removeprefix(page.stage.name).lstrip(",: ")
        painter.drawText(head, center.AlignVCenter, value)

    def _paint_marks(self, painter: QPainter, page: EnlargedPage, places: PagePlaces) -> None:
        """The chosen unit, and the one pointed at, to be seen on any color."""
        palette, roles = self.palette(), QPalette.ColorRole
        for unit, role in ((self.pointed_unit, roles.Text), (page.unit, roles.Accent)):
            if unit is not None:
                place = places.unit_rect(unit)
                painter.setPen(QPen(palette.color(roles.Base), 4))
                painter.drawRect(place)
                painter.setPen(QPen(palette.color(role), 2))
                painter.drawRect(place)
