"""What is drawn over the network's picture about one unit: field, connections and value.

With what the unit is connected in the stages before and after, and how strongly just now.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.network.layout import Layout
from trainer.networks.anatomy import Kind, Region, Stage, Unit, find_followers, find_sources
from trainer.networks.kernels import collect_kernels
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model


class MapLink(NamedTuple):
    """Some neighboring units of one map that a unit is computed from, or that see it."""

    stage: int
    region: Region  # of one map; of a flat stage, one unit
    product: float | None
    """What they add to the unit's sum, or the unit to theirs; None where that is not one number,
    or nothing is drawn."""


def incoming_links(inspection: Inspection, unit: Unit) -> list[MapLink]:
    """What a unit is computed from, a link for each map; none for a unit of the input.

    A convolution's product is its patch times its kernel; of the 1998
    network's outputs it is minus the squared difference that a unit of F6 adds
    to the penalty. Pooling has none.
    """
    if unit.stage == 0:
        return []
    stages = inspection.stages
    region = find_sources(stages, unit)
    before = unit.stage - 1
    values = inspection.values(before)
    products: list[float] | list[None] = [None] * len(region.maps)
    if values is not None and stages[unit.stage].kind != Kind.POOLING:
        products = _products(inspection, unit, region, values)
    return [
        MapLink(before, region._replace(maps=(number,)), product)
        for number, product in zip(region.maps, products, strict=True)
    ]


def outgoing_links(inspection: Inspection, unit: Unit) -> list[MapLink]:
    """What a unit is seen by in the next stage, a link for each map; none for an output."""
    stages = inspection.stages
    after = unit.stage + 1
    numbers = find_followers(stages, unit)
    if not numbers:
        return []
    rows, columns = _seen_by(stages[after], unit)
    products: list[float] | list[None] = [None] * len(numbers)
    value = inspection.value(unit)
    if stages[after].flat and value is not None:
        products = _list_given(inspection, unit, value)
    return [
        MapLink(after, Region((number,), rows[0], columns[0], rows[1], columns[1]), product)
        for number, product in zip(numbers, products, strict=True)
        if rows[0] < rows[1] and columns[0] < columns[1]
    ]


def _seen_by(following: Stage, unit: Unit) -> tuple[tuple[int, int], tuple[int, int]]:
    """First row and the one after the last, and columns, of the units that see a unit."""
    if following.flat:
        return (0, 1), (0, 1)

    def span(at: int, length: int) -> tuple[int, int]:
        # The window of unit n covers n * stride - padding up to that + window - 1.
        first = -((following.window - 1 - at - following.padding) // following.stride)
        last = (at + following.padding) // following.stride
        return max(0, first), min(length, last + 1)

    _, height, width = following.shape
    return span(unit.y, height), span(unit.x, width)


def _products(
    inspection: Inspection, unit: Unit, region: Region, values: NDArray[np.float32]
) -> list[float]:
    stage = inspection.stages[unit.stage]
    weights = _weights(inspection.model)
    if stage.kind == Kind.OUTPUT and weights.bitmaps is not None:
        return [float(d) for d in -((values[:, 0, 0] - weights.bitmaps[unit.map]) ** 2)]
    if stage.kind != Kind.CONVOLUTION:
        of_unit = weights.full[stage.name][unit.map]
        products = of_unit.reshape(values.shape) * values
        return [float(total) for total in products.sum((1, 2))]
    kernels = weights.convolutions[stage.name][unit.map]
    top, left = (at * stage.stride - stage.padding for at in (unit.y, unit.x))
    inside = (
        slice(region.top - top, region.bottom - top),
        slice(region.left - left, region.right - left),
    )
    patches = values[:, region.top : region.bottom, region.left : region.right]
    maps = list(region.maps)
    products = np.einsum("myx,myx->m", kernels[maps][:, *inside], patches[maps])
    return [float(total) for total in products]


def _list_given(inspection: Inspection, unit: Unit, value: float) -> list[float]:
    """What a unit adds to each unit of the full layer after it."""
    after = inspection.stages[unit.stage + 1]
    weights = _weights(inspection.model)
    if after.kind == Kind.OUTPUT and weights.bitmaps is not None:
        return [float(d) for d in -((value - weights.bitmaps[:, unit.map]) ** 2)]
    full = weights.full[after.name]
    shape = inspection.stages[unit.stage].shape
    column = full.reshape(len(full), *shape)[:, unit.map, unit.y, unit.x]
    return [float(product) for product in column * value]


class _Weights(NamedTuple):
    """A network's weights as arrays, by the stage that they make."""

    convolutions: dict[str, NDArray[np.float32]]  # (maps, maps before, 5, 5)
    full: dict[str, NDArray[np.float32]]  # (units, all units before)
    bitmaps: NDArray[np.float32] | None  # (10, 84), of the 1998 network


@lru_cache(maxsize=2)
def _weights(model: Model) -> _Weights:
    network = model.network
    of_maps = collect_kernels(network)

    def flat(layer: object) -> NDArray[np.float32]:
        weights: NDArray[np.float32] = layer.weight.detach().flatten(1).numpy()  # type: ignore[attr-defined]
        return weights

    full = {"C5": flat(network.fc1), "F6": flat(network.fc2)}
    bitmaps = None
    if isinstance(network, LeNet1998):
        bitmaps = network.bitmaps.numpy()
    else:
        full["output"] = flat(network.fc3)
    return _Weights({"C1": of_maps.conv1, "C3": of_maps.conv2}, full, bitmaps)


_FEW = 16  # connections that are all drawn, however weak
_MOST_LINES = 36  # of a full layer's connections: the strongest; more would be a gray plane
_SMALL = 7.0  # points
_WEAKEST = 0.08  # of the strongest product; what is less is not drawn


@dataclass(frozen=True, slots=True)
class Marks:
    """All that is drawn about a unit."""

    unit: Unit
    fields: dict[int, list[QRectF]]  # what it depends on, by stage, the next before it first
    incoming: list[MapLink]
    outgoing: list[MapLink]
    value: str  # "" on a clean sheet
    name: str


def field_rects(layout: Layout, stage: int, region: Region) -> list[QRectF]:
    """Where a region of some maps is painted, a rectangle for each map."""
    tiles = layout.tiles[stage]
    if tiles[0].map is None:
        if len(region.maps) == tiles[0].rows * tiles[0].columns:
            return [tiles[0].rect]
        return [tiles[0].cell(Unit(stage, number, 0, 0)) for number in region.maps]
    return [tiles[number].cells(*region[1:]) for number in region.maps]


def marked_room(layout: Layout, marks: Marks, others: list[QRectF]) -> QRectF:
    """What `paint_marks` paints in, and some other places, to whole points."""
    following = [field_rects(layout, link.stage, link.region)[0] for link in marks.outgoing]
    rects = [rect for field in marks.fields.values() for rect in field] + following + others
    room = rects[0]
    for rect in rects[1:]:
        room = room | rect
    return QRectF(room.adjusted(-4, -4, 4, 4).toAlignedRect())


def paint_marks(painter: QPainter, layout: Layout, marks: Marks, look: PageStyle) -> None:
    """Connections beneath, then outlines; the value is painted by `paint_label`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    own = layout.tile(marks.unit).cell(marks.unit)
    for links, forward in ((marks.incoming, False), (marks.outgoing, True)):
        _paint_links(painter, layout, own, links, forward, look)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for stage, rects in marks.fields.items():
        if rects[0].width() < layout.tiles[stage][0].rect.width() - 0.5:
            paint_outline(painter, rects, look)
        else:  # whole maps
            painter.setPen(QPen(_mix(look.accent, 0.7, look), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([rect.adjusted(-2, -2, 1, 1) for rect in rects])
    if marks.outgoing and layout.tiles[marks.outgoing[0].stage][0].map is not None:
        fields = [field_rects(layout, link.stage, link.region)[0] for link in marks.outgoing]
        paint_outline(painter, fields, look, faint=True)
    painter.restore()


def paint_outline(
    painter: QPainter, rects: list[QRectF], look: PageStyle, faint: bool = False
) -> None:
    """Frames around places, to be seen on every color: white in the accent's color."""
    if not rects:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    casing, white = look.accent, QColor("white")
    if faint:
        casing, white = look.faint, QColor("#c8c8c8")
    ratio = painter.device().devicePixelRatioF()
    exact = [_on_pixels(rect, ratio) for rect in rects]
    # Around what is small, so that its own color is seen; else on its outermost pixels.
    small = rects[0].width() < _SMALL
    # Lines of one pixel: one of three pixels takes ten times as long.
    lines = [(casing, 2), (white, 1)] if small else [(casing, 1), (casing, -1), (white, 0)]
    for color, out in lines:
        painter.setPen(QPen(color, 1))
        painter.drawRects([rect.adjusted(-out, -out, out - 1, out - 1) for rect in exact])


def _on_pixels(rect: QRectF, ratio: float) -> QRectF:
    """With its edges between the screen pixels that Qt gives to what is inside and outside."""
    corners = (rect.left(), rect.top(), rect.right(), rect.bottom())
    left, top, right, bottom = (round(at * ratio) / ratio for at in corners)
    return QRectF(left, top, right - left, bottom - top)


def _paint_links(
    painter: QPainter,
    layout: Layout,
    own: QRectF,
    links: list[MapLink],
    forward: bool,
    look: PageStyle,
) -> None:
    if not links:
        return
    largest = max((abs(link.product) for link in links if link.product is not None), default=0.0)
    tile = layout.tiles[links[0].stage][0]
    for link in _strongest(links, largest):
        share = None if link.product is None else link.product / max(largest, 1e-9)
        color, strength = _color(share, look), _strength(share)
        other = field_rects(layout, link.stage, link.region)[0]
        ends = (own, other) if forward else (other, own)
        # A window is a cone; a unit, or a map seen as a whole, a line.
        if tile.map is None or other.width() > tile.rect.width() - 0.5:
            width = 2 if abs(share or 0.0) > 0.6 else 1
            _paint_line(painter, *ends, _mix(color, strength, look), width)
        else:
            _paint_cone(painter, *ends, color, strength)


def _strongest(links: list[MapLink], largest: float) -> list[MapLink]:
    """The links to draw, the strongest last; of many that are all nothing, some."""
    if len(links) <= _FEW:
        return sorted(links, key=lambda link: abs(link.product or 0.0))
    if largest == 0:
        return links[:: -(-len(links) // _MOST_LINES)]
    strong = [link for link in links if abs(link.product or 0.0) >= _WEAKEST * largest]
    return sorted(strong, key=lambda link: abs(link.product or 0.0))[-_MOST_LINES:]


def _color(share: float | None, look: PageStyle) -> QColor:
    """Of a connection, by the sign of its product."""
    if share is None:
        return look.accent
    return look.above if share > 0 else look.below


def _strength(share: float | None) -> float:
    """How much is seen of a connection, 0 to 1, by its product as a share of the largest one."""
    return 0.7 if share is None else 0.2 + 0.8 * abs(share)


def _mix(color: QColor, share: float, look: PageStyle) -> QColor:
    """Between the ground and a color: to paint what is transparent takes five times as long."""
    ground = look.color(look.palette.ColorRole.Window)
    parts = ((ground.red(), color.red()), (ground.green(), color.green()))
    red, green = (round(g + (c - g) * share) for g, c in parts)
    return QColor(red, green, round(ground.blue() + (color.blue() - ground.blue()) * share))


def _paint_line(
    painter: QPainter, first: QRectF, second: QRectF, color: QColor, width: int
) -> None:
    painter.setPen(QPen(color, width))
    painter.drawLine(QLineF(first.right(), first.center().y(), second.left(), second.center().y()))


def _paint_cone(
    painter: QPainter, first: QRectF, second: QRectF, color: QColor, strength: float
) -> None:
    """From the right edge of one place to the left edge of another."""
    corners = (
        first.topRight(),
        second.topLeft(),
        second.bottomLeft(),
        first.bottomRight(),
    )
    fill, edge = QColor(color), QColor(color)
    fill.setAlphaF(0.25 * strength)
    edge.setAlphaF(strength)
    # Smooth edges come from the lines: a smooth surface takes five times as long.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF(corners))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, 1))
    painter.drawLines([QLineF(corners[0], corners[1]), QLineF(corners[3], corners[2])])


def label_rect(layout: Layout, marks: Marks, fonts: tuple[QFont, QFont], bounds: QRectF) -> QRectF:
    """Where the value stands: beside the unit's map, above the unit, inside the view."""
    value, name = (QFontMetricsF(font) for font in fonts)
    wide = max(value.horizontalAdvance(marks.value), name.horizontalAdvance(marks.name)) + 16
    high = (value.height() if marks.value else 0.0) + name.height() + 8
    own = layout.tile(marks.unit).cell(marks.unit)
    x = own.center().x() - wide / 2
    y = own.top() - high - 8
    if y < bounds.top() + layout.caption:
        y = own.bottom() + 8
    x = min(max(x, bounds.left() + 2), bounds.right() - wide - 2)
    return QRectF(round(x), round(y), round(wide), round(high))


def paint_label(
    painter: QPainter, place: QRectF, marks: Marks, fonts: tuple[QFont, QFont], look: PageStyle
) -> None:
    """The unit's value, and beneath which unit it is."""
    role = look.palette.ColorRole
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.line, 1))
    ground = look.color(role.ToolTipBase)
    ground.setAlphaF(0.95)
    painter.setBrush(ground)
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    inside = place.adjusted(8, 4, -8, -4)
    value, name = fonts
    across = Qt.AlignmentFlag.AlignHCenter
    painter.setFont(value)
    painter.setPen(look.text)
    painter.drawText(inside, across | Qt.AlignmentFlag.AlignTop, marks.value)
    painter.setFont(name)
    painter.setPen(look.faint)
    painter.drawText(inside, across | Qt.AlignmentFlag.AlignBottom, marks.name)
    painter.restore()
