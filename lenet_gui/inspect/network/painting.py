"""Painting the network's picture: captions, maps, kernels, and what is laid over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.network.layout import Layout, Tile
from trainer.networks.anatomy import Stage
from trainer.translation import gettext as _
from trainer.translation import ngettext

_GRID = 6.0  # lines between units whose cells are at least so large
_APART = 9.0  # the least distance of two captions


def column_caption(stage: Stage, classes: tuple[str, ...], lines: int) -> list[str]:
    """What stands over a column, in two lines, or in three where there is little room."""
    maps, height, width = stage.shape
    counted = ngettext("{count} map", "{count} maps", maps).format(count=maps)
    size = f"{height} × {width}"
    if stage.name == "input":
        counted = "" if maps == 1 else _("{maps} colors").format(maps=maps)
    elif stage.name == "output":
        counted, size = f"{maps}", _("digits") if classes == tuple("0123456789") else _("classes")
    elif stage.flat:
        counted, size = f"{maps}", _("units")
    name = {"input": _("input"), "output": _("output")}.get(stage.name, stage.name)
    if lines == 2:
        return [name, f"{counted} {size}".strip()]
    return [name, counted or size, size if counted else ""]


def count_caption_lines(
    layout: Layout, stages: tuple[Stage, ...], classes: tuple[str, ...], font: QFont
) -> int:
    """Whether captions of two lines stand clear of one another, or it must be three."""
    wide = QFontMetricsF(font).horizontalAdvance
    end = -_APART
    for number, stage in enumerate(stages):
        half = wide(column_caption(stage, classes, 2)[1]) / 2
        middle = layout.block(number).center().x()
        if middle - half < end + _APART:
            return 3
        end = middle + half
    return 2


def _fit_captions(layout: Layout, captions: list[list[str]], font: QFont) -> float:
    """How much smaller their lower lines must be to stand clear of one another; 1 if they do."""
    wide = QFontMetricsF(font).horizontalAdvance
    halves = [max(wide(line) for line in caption[1:]) / 2 for caption in captions]
    middles = [layout.block(number).center().x() for number in range(len(captions))]
    shares = [
        (middles[n + 1] - middles[n] - _APART / 2) / (halves[n] + halves[n + 1])
        for n in range(len(captions) - 1)
    ]
    return min(1.0, *shares)


def paint_background(
    layout: Layout,
    stages: tuple[Stage, ...],
    classes: tuple[str, ...],
    look: PageStyle,
    size: QSize,
    ratio: float,
) -> QPixmap:
    """All that stays as it is while the pen moves: the ground and the captions."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(look.color(look.palette.ColorRole.Window))
    painter = QPainter(pixmap)
    lines = 2 if layout.caption < 3.6 * layout.letters + 6 else 3
    name = look.sized(layout.letters * 1.15)
    name.setWeight(QFont.Weight.DemiBold)
    captions = [column_caption(stage, classes, lines) for stage in stages]
    small = layout.letters * 0.92
    small *= _fit_captions(layout, captions, look.sized(small))
    for number, caption in enumerate(captions):
        middle = layout.block(number).center().x()
        place = QRectF(middle - 100, 2, 200, layout.letters * 1.5)
        for line, text in enumerate(caption):
            painter.setFont(look.sized(small) if line else name)
            painter.setPen(look.faint if line else look.text)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
            place.translate(0, layout.letters * (1.3 if line else 1.4))
    painter.end()
    return pixmap


def prepare_stage_image(image: QImage, tiles: tuple[Tile, ...]) -> QImage:
    """A stage's picture as it is painted: a flat stage's units in rows, as in its tile."""
    tile = tiles[0]
    if tile.map is not None:
        return image
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    # One pixel wide, 4 bytes a row: the same bytes are the rows of the grid.
    grid = QImage(
        image.constBits(), tile.columns, tile.rows, 4 * tile.columns, QImage.Format.Format_RGB32
    )
    return grid.copy()


def paint_maps(
    painter: QPainter, tiles: tuple[Tile, ...], image: QImage | None, framed: bool, look: PageStyle
) -> None:
    """A stage's maps, or where they will be; `framed` if their colors may be the ground's."""
    if image is None:
        painter.setPen(look.line)
        painter.setBrush(look.color(look.palette.ColorRole.AlternateBase))
        painter.drawRects([tile.rect.adjusted(0, 0, -1, -1) for tile in tiles])
        return
    for tile in tiles:
        painter.drawImage(tile.rect, image, tile.source)
    tile = tiles[0]
    if tile.map is None and tile.rect.width() >= _GRID * tile.columns:
        _paint_grid(painter, tile, framed, look)
    if framed:
        painter.setPen(look.line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRects([tile.rect.adjusted(-1, -1, 0, 0) for tile in tiles])


def _paint_grid(painter: QPainter, tile: Tile, framed: bool, look: PageStyle) -> None:
    role = look.palette.ColorRole
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color(role.AlternateBase if framed else role.Window))
    painter.drawRects(tile.between)


def paint_kernels(
    painter: QPainter, places: tuple[QRectF, ...], images: list[QImage | None], look: PageStyle
) -> None:
    """Kernels in their places; where there is no connection, nothing."""
    shown = [(place, image) for place, image in zip(places, images, strict=False) if image]
    for place, image in shown:
        painter.drawImage(place, image)
    painter.setPen(QPen(look.line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects([place.adjusted(-0.5, -0.5, 0.5, 0.5) for place, _other in shown])


def make_heat_image(values: NDArray[np.floating], look: PageStyle) -> QImage:
    """Values (h, w) as colors around zero that cover the more, the larger they are."""
    largest = max(float(np.abs(values).max()), 1e-9)
    share = np.clip(values / largest, -1, 1)
    ends = np.array([[c.red(), c.green(), c.blue()] for c in (look.below, look.above)], np.float32)
    alpha = np.abs(share) ** 0.7 * 235
    # ARGB32 premultiplied lies in memory as blue, green, red, alpha.
    colors = ends[(share > 0).astype(int)][..., ::-1] * (alpha / 255)[..., None]
    pixels = np.concatenate((colors, alpha[..., None]), 2).round().astype(np.uint8)
    height, width = values.shape
    data = pixels.tobytes()
    image = QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


def paint_heat(painter: QPainter, tiles: tuple[Tile, ...], heat: QImage) -> None:
    """Over the input; of an input with a border around the drawing, over what is inside it."""
    for tile in tiles:
        left = (tile.columns - heat.width()) / 2
        top = (tile.rows - heat.height()) / 2
        # The picture is faded first, so that only the heat has colors.
        painter.fillRect(tile.rect, QColor(127, 127, 127, 110))
        place = tile.cells(0, 0, 1, 1)
        across, down = place.width(), place.height()
        painter.drawImage(
            QRectF(
                tile.rect.left() + left * across,
                tile.rect.top() + top * down,
                heat.width() * across,
                heat.height() * down,
            ),
            heat,
        )


def paint_hint(painter: QPainter, layout: Layout, drawn: bool, look: PageStyle) -> None:
    """Below the input, as long as nothing is pointed at: what can be done here."""
    picture = layout.block(0)
    place = layout.bands[0].adjusted(4, 0, -2, 0)
    place.setTop(picture.bottom() + layout.letters)
    wanted = 6 * layout.letters
    place.setRight(min(max(picture.right(), place.left() + wanted), layout.bands[0].right()))
    painter.setFont(look.sized(0.92 * layout.letters * min(1.0, place.width() / wanted)))
    painter.setPen(look.faint)
    text = (
        _("Point at any unit. Click to select it; click again to enlarge its map.")
        if drawn
        else _("Draw something and watch it travel through the network.")
    )
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.drawText(place, flags, text)


def paint_held(painter: QPainter, places: list[QRectF], look: PageStyle) -> None:
    """Maps and units that are held at a value: framed, with a corner turned."""
    color = look.above
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, 2))
    painter.drawRects(places)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for place in places:
        side = min(14.0, place.width() * 0.45)
        corner = place.topRight()
        painter.drawPolygon([corner, corner - QPointF(side, 0), corner + QPointF(0, side)])


def paint_dimmed(painter: QPainter, bands: list[QRectF], look: PageStyle) -> None:
    """Columns that are not talked about just now."""
    veil = look.color(look.palette.ColorRole.Window)
    veil.setAlphaF(0.82)
    for band in bands:
        painter.fillRect(band, veil)
