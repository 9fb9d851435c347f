"""What the network's picture tells about itself: how to use it, and what its kernels are."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from lenet_gui.inspect.network.network_places import Layout
from lenet_gui.inspect.network.picture import NetworkPicture

HOW = (
    "Point at a unit to see what it is computed from. A click chooses it, a second one shows "
    "its map large. Arrow keys go from unit to unit, with Ctrl from map to map, Enter shows the "
    "map large, Esc lets go."
)


def told_at(picture: NetworkPicture, places: Layout, point: QPointF) -> str:
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
