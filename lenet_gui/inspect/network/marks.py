"""What is drawn over the network's picture about one unit: field, connections and value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from lenet_gui.inspect.network.network_lines import Link
from lenet_gui.inspect.network.network_places import Layout
from trainer.networks.anatomy import Region, Unit

if TYPE_CHECKING:
    from lenet_gui.inspect.common.style import Look

_FEW = 16  # connections that are all drawn, however weak
_MOST_LINES = 36  # of a full layer's connections: the strongest; more would be a grey plane
_SMALL = 7.0  # points
_WEAKEST = 0.08  # of the strongest product; what is less is not drawn


@dataclass(frozen=True, slots=True)
class Marks:
    """All that is drawn about a unit."""

    unit: Unit
    fields: dict[int, list[QRectF]]  # what it depends on, by stage, the next before it first
    incoming: list[Link]
    outgoing: list[Link]
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


def paint_marks(painter: QPainter, layout: Layout, marks: Marks, look: Look) -> None:
    """Connections beneath, then outlines; the value is painted by `paint_label`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    own = layout.tile(marks.unit).cell(marks.unit)
    for links, forward in ((marks.incoming, False), (marks.outgoing, True)):
        _paint_links(painter, layout, own, links, forward, look)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for stage, rects in marks.fields.items():
        if rects[0].width() < layout.tiles[stage][0].rect.width() - 0.5:
            outline(painter, rects, look)
        else:  # whole maps
            painter.setPen(QPen(_mixed(look.accent, 0.7, look), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([rect.adjusted(-2, -2, 1, 1) for rect in rects])
    if marks.outgoing and layout.tiles[marks.outgoing[0].stage][0].map is not None:
        seen = [field_rects(layout, link.stage, link.region)[0] for link in marks.outgoing]
        outline(painter, seen, look, faint=True)
    painter.restore()


def outline(painter: QPainter, rects: list[QRectF], look: Look, faint: bool = False) -> None:
    """Frames around places, to be seen on every colour: white in the accent's colour."""
    if not rects:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    casing, white = look.accent, QColor("white")
    if faint:
        casing, white = look.faint, QColor("#c8c8c8")
    ratio = painter.device().devicePixelRatioF()
    exact = [_on_pixels(rect, ratio) for rect in rects]
    # Around what is small, so that its own colour is seen; else on its outermost pixels.
    small = rects[0].width() < _SMALL
    # Lines of one pixel: one of three pixels takes ten times as long.
    lines = [(casing, 2), (white, 1)] if small else [(casing, 1), (casing, -1), (white, 0)]
    for colour, out in lines:
        painter.setPen(QPen(colour, 1))
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
    links: list[Link],
    forward: bool,
    look: Look,
) -> None:
    if not links:
        return
    largest = max((abs(link.product) for link in links if link.product is not None), default=0.0)
    tile = layout.tiles[links[0].stage][0]
    for link in _strongest(links, largest):
        share = None if link.product is None else link.product / max(largest, 1e-9)
        colour, strength = _colour(share, look), _strength(share)
        other = field_rects(layout, link.stage, link.region)[0]
        ends = (own, other) if forward else (other, own)
        # A window is a cone; a unit, or a map seen as a whole, a line.
        if tile.map is None or other.width() > tile.rect.width() - 0.5:
            width = 2 if abs(share or 0.0) > 0.6 else 1
            _paint_line(painter, *ends, _mixed(colour, strength, look), width)
        else:
            _paint_cone(painter, *ends, colour, strength)


def _strongest(links: list[Link], largest: float) -> list[Link]:
    """The links to draw, the strongest last; of many that are all nothing, some."""
    if len(links) <= _FEW:
        return sorted(links, key=lambda link: abs(link.product or 0.0))
    if largest == 0:
        return links[:: -(-len(links) // _MOST_LINES)]
    strong = [link for link in links if abs(link.product or 0.0) >= _WEAKEST * largest]
    return sorted(strong, key=lambda link: abs(link.product or 0.0))[-_MOST_LINES:]


def _colour(share: float | None, look: Look) -> QColor:
    """Of a connection, by the sign of its product."""
    if share is None:
        return look.accent
    return look.above if share > 0 else look.below


def _strength(share: float | None) -> float:
    """How much is seen of a connection, 0 to 1, by its product as a share of the largest one."""
    return 0.7 if share is None else 0.2 + 0.8 * abs(share)


def _mixed(colour: QColor, share: float, look: Look) -> QColor:
    """Between the ground and a colour: to paint what is transparent takes five times as long."""
    ground = look.colour(look.palette.ColorRole.Window)
    parts = ((ground.red(), colour.red()), (ground.green(), colour.green()))
    red, green = (round(g + (c - g) * share) for g, c in parts)
    return QColor(red, green, round(ground.blue() + (colour.blue() - ground.blue()) * share))


def _paint_line(
    painter: QPainter, first: QRectF, second: QRectF, colour: QColor, width: int
) -> None:
    painter.setPen(QPen(colour, width))
    painter.drawLine(QLineF(first.right(), first.center().y(), second.left(), second.center().y()))


def _paint_cone(
    painter: QPainter, first: QRectF, second: QRectF, colour: QColor, strength: float
) -> None:
    """From the right edge of one place to the left edge of another."""
    corners = (
        first.topRight(),
        second.topLeft(),
        second.bottomLeft(),
        first.bottomRight(),
    )
    fill, edge = QColor(colour), QColor(colour)
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
    painter: QPainter, place: QRectF, marks: Marks, fonts: tuple[QFont, QFont], look: Look
) -> None:
    """The unit's value, and beneath which unit it is."""
    role = look.palette.ColorRole
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.line, 1))
    ground = look.colour(role.ToolTipBase)
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
