"""What an enlarged map shows of one reading, and where; without the widget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPalette

from lenet_gui.inspect.common.inspection import map_name, unit_name
from lenet_gui.inspect.common.value_cells import ValueCells, number_format, paint_cells
from lenet_gui.inspect.enlarged.side import (
    SideGroup,
    build_lens,
    grid_rows,
    list_groups,
    paint_groups,
)
from lenet_gui.widgets.formatting import format_rounded
from trainer.networks.anatomy import Kind, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lenet_gui.inspect.common.inspection import Inspection
    from lenet_gui.inspect.shading.values import Shading
    from trainer.networks.anatomy import Stage

EDGE, HEAD, _FOOT, _BETWEEN = 12, 34, 24, 16
_EMPTY = "Draw something to see its values."


@dataclass(frozen=True, eq=False)
class EnlargedPage:
    """A map, or all of a flat stage, by one shading."""

    inspection: Inspection
    unit: Unit  # the chosen one
    shading: Shading

    @property
    def stage(self) -> Stage:
        """Of the map."""
        return self.inspection.stages[self.unit.stage]

    @cached_property
    def cells(self) -> ValueCells | None:
        """The values; None where nothing is drawn."""
        values = self.inspection.values(self.unit.stage, self.shading.before)
        if values is None:
            return None
        levels = self.shading.levels(self.inspection, self.unit.stage)
        if self.stage.flat:
            values, levels = self._gridded(values), self._gridded(levels)
        else:
            values, levels = values[self.unit.map], levels[self.unit.map]
        return ValueCells(values, levels, tuple(self.shading.table))

    def _gridded(self, units: NDArray[Any]) -> NDArray[Any]:
        """A flat stage's units in rows; where the last row is not full, 0, which is not shown."""
        made = np.zeros(self.size, units.dtype)
        made.ravel()[: units.size] = units.ravel()
        return made

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
            return f"{stage.name}, " + ("minus the penalties" if paper else f"{units} scores")
        return f"{stage.name}, {units} units" if stage.flat else map_name(stage, self.unit.map)

    def told(self, unit: Unit) -> str:
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
    made = QFont(font)
    made.setPixelSize(max(9, round(QFontMetricsF(font).height() * 0.72)))
    return made


def paint_still(
    painter: QPainter, page: EnlargedPage, places: PagePlaces, palette: QPalette
) -> None:
    """Paint what does not change as the mouse moves."""
    roles = QPalette.ColorRole
    if page.cells is None:
        painter.fillRect(places.map, palette.color(roles.AlternateBase))
        painter.setPen(palette.color(roles.PlaceholderText))
        centered = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(places.map.adjusted(8, 8, -8, -8), centered, _EMPTY)
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
