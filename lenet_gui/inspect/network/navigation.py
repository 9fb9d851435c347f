"""Where the arrow keys go in the network's picture. Knows only places.

What the network's picture tells about itself: how to use it, and what its kernels are.
"""

from __future__ import annotations

from itertools import chain

from PySide6.QtCore import QPointF, Qt

from lenet_gui.inspect.network.layout import Layout, Tile
from lenet_gui.inspect.network.picture import NetworkPicture
from trainer.networks.anatomy import Unit

DIRECTIONS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""Rows down and columns to the right for each arrow key."""


def move_unit(layout: Layout, unit: Unit, direction: tuple[int, int], whole_maps: bool) -> Unit:
    """The unit one step on; the same one at the picture's edge.

    Inside a map the next unit; over a map's edge, or with `whole_maps` from
    anywhere, the nearest map there, whose unit at about the same place is taken.
    """
    tile = layout.tile(unit)
    row, column = tile.place(unit)
    down, right = direction
    beside = (row + down, column + right)
    if not whole_maps and 0 <= beside[0] < tile.rows and 0 <= beside[1] < tile.columns:
        return tile.unit(*beside)
    nearest = _nearest(layout, tile, unit, direction)
    if nearest is None:
        return unit
    if whole_maps:
        # The same place of the other map, so that maps can be compared.
        there = ((row + 0.5) / tile.rows, (column + 0.5) / tile.columns)
        return nearest.unit(int(there[0] * nearest.rows), int(there[1] * nearest.columns))
    point = tile.cell(unit).center()
    return _entry(nearest, point, direction)


def _nearest(layout: Layout, tile: Tile, unit: Unit, direction: tuple[int, int]) -> Tile | None:
    """The next map in a direction: up and down only of the same stage."""
    down, right = direction
    at = tile.cell(unit).center() if tile.map is None else tile.rect.center()
    found: list[tuple[float, Tile]] = []
    for other in chain(*layout.tiles):
        if other is tile or (down and other.stage != tile.stage):
            continue
        place = other.rect.center()
        across, along = place.x() - tile.rect.center().x(), place.y() - at.y()
        ahead = across * right + along * down
        if ahead <= 1:
            continue
        # Straight ahead comes first; of what is ahead, the next column.
        aside = abs(along) if right else abs(across)
        if down and aside > tile.rect.width() / 2:
            continue
        found.append((ahead + 0.3 * aside, other))
    return min(found, key=lambda pair: pair[0], default=(0.0, None))[1]


def _entry(tile: Tile, point: QPointF, direction: tuple[int, int]) -> Unit:
    """The unit at a map's near edge, level with a point outside."""
    inside = tile.rect.adjusted(0.01, 0.01, -0.01, -0.01)
    down, right = direction
    x = min(max(point.x(), inside.left()), inside.right())
    y = min(max(point.y(), inside.top()), inside.bottom())
    if right:
        x = inside.left() if right > 0 else inside.right()
    else:
        y = inside.top() if down > 0 else inside.bottom()
    found = tile.at(QPointF(x, y))
    assert found is not None
    return found


HOW = (
    "Point at a unit to see what it is computed from. A click chooses it, a second one shows "
    "its map large. Arrow keys go from unit to unit, with Ctrl from map to map, Enter shows the "
    "map large, Esc lets go."
)


def tooltip_at(picture: NetworkPicture, places: Layout, point: QPointF) -> str:
    """Of a kernel what it does, over the captions how to use the picture; else nothing."""
    if point.y() < places.caption:
        return HOW
    for number, place in enumerate(places.first_kernels):
        if place.contains(point):
            return f"C1's kernel {number + 1}: it makes the map beside it"
    third = picture.third_map
    for number, place in enumerate(places.second_kernels):
        if place.contains(point):
            if number not in picture.inspection.stages[3].sees[third]:
                return f"Map {third + 1} of C3 does not look at this map of S2"
            return f"Map {third + 1} of C3 looks at this map of S2 through this kernel"
    return ""
