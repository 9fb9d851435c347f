"""Places in the network's picture: which unit is painted where.

Knows nothing of values, and not why something stands where it stands
(`network_layout`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF

from trainer.networks.anatomy import Unit


@dataclass(frozen=True)
class Tile:
    """One map in the picture; of a flat stage, all its units as a grid, row by row."""

    stage: int
    map: int | None  # None: a flat stage
    rect: QRectF
    rows: int
    columns: int

    @cached_property
    def source(self) -> QRectF:
        """Where its values are in the picture of all of a stage's maps, one below the other."""
        return QRectF(0, (self.map or 0) * self.rows, self.columns, self.rows)

    @cached_property
    def between(self) -> list[QRectF]:
        """Lines between its cells."""
        rect, line = self.rect, 1.0
        across, down = rect.width() / self.columns, rect.height() / self.rows
        lines = [
            QRectF(rect.left() + n * across, rect.top(), line, rect.height())
            for n in range(1, self.columns)
        ]
        return lines + [
            QRectF(rect.left(), rect.top() + n * down, rect.width(), line)
            for n in range(1, self.rows)
        ]

    def unit(self, row: int, column: int) -> Unit:
        """The unit of one cell."""
        if self.map is None:
            return Unit(self.stage, row * self.columns + column, 0, 0)
        return Unit(self.stage, self.map, row, column)

    def place(self, unit: Unit) -> tuple[int, int]:
        """The row and column of one of its units."""
        if self.map is None:
            return divmod(unit.map, self.columns)
        return unit.y, unit.x

    def cells(self, top: int, left: int, bottom: int, right: int) -> QRectF:
        """Where some cells are painted; `bottom` and `right` are the first outside."""
        across, down = self.rect.width() / self.columns, self.rect.height() / self.rows
        return QRectF(
            self.rect.left() + left * across,
            self.rect.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )

    def cell(self, unit: Unit) -> QRectF:
        """Where one of its units is painted."""
        row, column = self.place(unit)
        return self.cells(row, column, row + 1, column + 1)

    def at(self, point: QPointF) -> Unit | None:
        """The unit painted there; None outside."""
        if not self.rect.contains(point):
            return None
        across = (point.x() - self.rect.left()) / self.rect.width()
        down = (point.y() - self.rect.top()) / self.rect.height()
        return self.unit(
            min(self.rows - 1, int(down * self.rows)),
            min(self.columns - 1, int(across * self.columns)),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each part of the picture stands, in points."""

    tiles: tuple[tuple[Tile, ...], ...]  # for each stage: its maps, or one tile for a flat one
    bands: tuple[QRectF, ...]  # each stage's part of the width, all of the height
    first_kernels: tuple[QRectF, ...]  # left of each map of C1
    second_kernels: tuple[QRectF, ...]  # right of each map of S2: the chosen C3 map's
    letters: float  # the height of ordinary letters
    caption: float  # the height of what stands over the columns
    bitmap: float  # a pixel of the outputs' bitmaps; 0 where there are none

    def tile(self, unit: Unit) -> Tile:
        """Where a unit's map stands."""
        tiles = self.tiles[unit.stage]
        return tiles[0] if tiles[0].map is None else tiles[unit.map]

    def map_rect(self, unit: Unit) -> QRectF:
        """Where all of a unit's map is painted; of a flat stage, the unit."""
        tile = self.tile(unit)
        return tile.cell(unit) if tile.map is None else tile.rect

    def block(self, stage: int) -> QRectF:
        """What a stage's maps cover together."""
        tiles = self.tiles[stage]
        return tiles[0].rect.united(tiles[-1].rect)

    def at(self, point: QPointF) -> Unit | None:
        """The unit painted there."""
        for stage, band in enumerate(self.bands):
            if band.left() <= point.x() < band.right():
                found = (tile.at(point) for tile in self.tiles[stage])
                return next((unit for unit in found if unit is not None), None)
        return None
