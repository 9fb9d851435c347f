"""The network's picture: each part of it, made anew only when what it is made from is another.

Knows no widget; `view` says how large it is, what is pointed at, and when to paint.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFont, QFontInfo, QImage, QPainter, QPalette, QPixmap, QRegion

from lenet_gui.inspect.common.inspection import Inspection, unit_name
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.network import painting
from lenet_gui.inspect.network.layout import Layout, TextPlaces, lay_out_network
from lenet_gui.inspect.network.marks import (
    Marks,
    field_rects,
    incoming_links,
    label_rect,
    marked_room,
    outgoing_links,
    paint_label,
    paint_marks,
    paint_outline,
)
from lenet_gui.inspect.network.outputs import Outputs, describe_outputs, output_rows, score_text
from lenet_gui.inspect.shading import Shading, color_limit, find_shown_kernels, render_kernel
from lenet_gui.widgets.formatting import format_value
from trainer.networks.anatomy import Kind, Unit, find_receptive_fields
from trainer.networks.interventions import Intervention
from trainer.translation import gettext as _

_Layer = tuple[tuple[Unit | None, Unit | None], QRectF, QPixmap]
"""Marks as they were painted: of which units, where, and their picture."""
_Kernels = tuple[list[QImage | None], list[list[QImage | None]]]

_LONGEST_NAME = 16
"""Letters of a class's name that the last column has room for."""
_USUAL_LETTERS = 13.0
"""The height, in pixels, of a window's text for which the picture's letters are made; where it is
larger, so are they."""


class NetworkPicture:
    """What is painted of one inspection, in one size, font and palette."""

    def __init__(self, inspection: Inspection, shading: Shading) -> None:
        self.inspection, self.shading = inspection, shading
        self.interventions: tuple[Intervention, ...] = ()
        self.spot: tuple[int, ...] | None = None
        """The stages that are not dimmed; None for all."""
        self.third_map = 0
        """The map of C3 whose kernels stand beside S2."""
        self._size, self._ratio = QSize(1, 1), 1.0
        self._font, self._palette = QFont(), QPalette()
        self._overlay: NDArray[np.floating] | None = None
        self._look: PageStyle | None = None
        self._layout: Layout | None = None
        self._ground = QPixmap()
        self._kernels: _Kernels | None = None
        self._heat: QImage | None = None
        self._images: list[QImage | None] | None = None
        self._outputs: Outputs | None = None
        self._marks: Marks | None = None
        self._layer: _Layer | None = None
        self._changing: QRegion | None = None

    # What it is made from

    def show_inspection(self, inspection: Inspection) -> None:
        """Another reading."""
        before, self.inspection = self.inspection, inspection
        if before.model is not inspection.model:
            self._kernels = None
        classes = (before.reading.classes, inspection.reading.classes)
        if before.stages != inspection.stages or classes[0] != classes[1]:
            self._forget_places()
        self._forget_values()

    def set_shading(self, shading: Shading) -> None:
        """Paint with other colors from now on."""
        self.shading = shading
        self._forget_values()
        self._kernels = self._layer = None

    def set_place(self, size: QSize, ratio: float, font: QFont, palette: QPalette) -> None:
        """Another size, number of screen pixels to a point, font or palette."""
        wanted = (size, ratio, font, palette)
        if wanted == (self._size, self._ratio, self._font, self._palette) and self._look:
            return
        self._size, self._ratio, self._font, self._palette = size, ratio, font, palette
        self._look = None
        self._forget_places()
        self._forget_values()

    def show_overlay(self, values: NDArray[np.floating] | None) -> None:
        """Values (28, 28) to lay over the input, or None."""
        self._overlay = values
        self._heat = None

    def _forget_places(self) -> None:
        self._layout = self._kernels = self._heat = self._layer = self._changing = None

    def renew_marks(self) -> None:
        """Paint the marks of the present reading, not of the one that they were painted for."""
        self._layer = None

    def _forget_values(self) -> None:
        self._images = self._outputs = self._marks = None

    # Its parts

    @property
    def look(self) -> PageStyle:
        """Colors and fonts."""
        if self._look is None:
            self._look = PageStyle(self._font, self._palette)
        return self._look

    @property
    def places(self) -> Layout:
        """Where everything stands."""
        if self._layout is None:
            self._layout = self._laid_out()
        return self._layout

    def _laid_out(self) -> Layout:
        stages, classes = self.inspection.stages, self.inspection.reading.classes
        size, look = QSizeF(self._size), self.look
        bitmaps = self.inspection.model.recipe.network == "lenet5-1998"
        longest = min(_LONGEST_NAME, max(map(len, classes), default=1))
        larger = max(1.0, QFontInfo(self._font).pixelSize() / _USUAL_LETTERS)
        words = TextPlaces(longest, bitmaps, larger)
        layout = lay_out_network(stages, size, words, self._ratio)
        small = look.sized(layout.letters * 0.92)
        if painting.count_caption_lines(layout, stages, classes, small) == 3:
            layout = lay_out_network(stages, size, words, self._ratio, lines=3)
            small = look.sized(layout.letters * 0.92)
        self._ground = painting.paint_background(
            layout, stages, classes, look, self._size, self._ratio
        )
        rows = layout.tiles[-1][0]
        self._rows = output_rows(rows, layout.letters, look, layout.bitmap, classes)
        large = look.sized(layout.letters * 1.2)
        large.setBold(True)
        self._fonts = (large, small)
        return layout

    def changing(self) -> QRegion:
        """What another reading of the same network changes: maps and answers, not the marks."""
        if self._changing is None:
            blocks = [self.places.block(number) for number in range(len(self.places.tiles))]
            rects = [block.adjusted(-2, -2, 2, 2).toAlignedRect() for block in blocks]
            self._changing = functools.reduce(QRegion.united, map(QRegion, rects))
        return self._changing

    def prepare(self) -> None:
        """All that takes time, before it is painted."""
        inspection, places = self.inspection, self.places
        if self._images is not None:
            return
        self._images = [None] * len(inspection.stages)
        if inspection.prediction is not None:
            self._images = [
                painting.prepare_stage_image(
                    self.shading.image(inspection, number), places.tiles[number]
                )
                for number in range(len(inspection.stages) - 1)
            ]
        self._outputs = describe_outputs(inspection, self.look)

    @property
    def outputs(self) -> Outputs:
        """What the last column says."""
        if self._outputs is None:
            self._outputs = describe_outputs(self.inspection, self.look)
        return self._outputs

    def _kernel_images(self) -> _Kernels:
        """C1's, and those of each map of C3."""
        if self._kernels is None:
            self._kernels = self._shade_kernels()
        return self._kernels

    def _shade_kernels(self) -> _Kernels:
        shown, dark = find_shown_kernels(self.inspection, self.shading), self.look.dark
        if shown is None:
            return [None] * 6, [[None] * 6] * 16
        first, third = color_limit(shown.conv1), color_limit(shown.conv2)
        return (
            [render_kernel(kernel, first, dark) for kernel in shown.conv1],
            [[render_kernel(k[None], third, dark) for k in kernels] for kernels in shown.conv2],
        )

    def marks(self, unit: Unit) -> Marks:
        """What is drawn about a unit."""
        if self._marks is None or self._marks.unit != unit:
            inspection, places = self.inspection, self.places
            fields = {
                stage: field_rects(places, stage, region)
                for stage, region in find_receptive_fields(inspection.stages, unit).items()
            }
            self._marks = Marks(
                unit=unit,
                fields=fields,
                incoming=incoming_links(inspection, unit),
                outgoing=outgoing_links(inspection, unit),
                value=self.value(unit),
                name=self.name(unit),
            )
        return self._marks

    def name(self, unit: Unit) -> str:
        """What a unit is called."""
        return unit_name(self.inspection.stages[unit.stage], unit, self.inspection.reading.classes)

    def value(self, unit: Unit) -> str:
        """A unit's value in words; "" on a clean sheet."""
        value = self.inspection.value(unit, self.shading.before)
        if value is None:
            return ""
        if self.inspection.stages[unit.stage].kind != Kind.OUTPUT:
            return format_value(value)
        name = _("penalty {value}") if self.outputs.penalties else _("score {value}")
        return name.format(value=score_text(self.outputs, unit.map))

    # Painting

    def paint(
        self, painter: QPainter, region: QRegion, pointed: Unit | None, chosen: Unit | None
    ) -> None:
        """Paint what lies in a region.

        Args:
            painter: clipped to the region.
            region: that is to be painted.
            pointed: the unit under the mouse.
            chosen: the one that the user chose; marked too, and shown if none is pointed at.
        """
        self.prepare()
        assert self._images is not None
        places, look, exposed = self.places, self.look, QRectF(region.boundingRect())
        corner, size = exposed.topLeft() * self._ratio, exposed.size() * self._ratio
        painter.drawPixmap(exposed, self._ground, QRectF(corner, size))
        framed = self.shading.colors != "viridis"
        for number, tiles in enumerate(places.tiles[:-1]):
            if region.intersects(places.bands[number].toAlignedRect()):
                painting.paint_maps(painter, tiles, self._images[number], framed, look)
        first, third = self._kernel_images()
        painting.paint_kernels(painter, places.first_kernels, first, look)
        painting.paint_kernels(painter, places.second_kernels, third[self.third_map], look)
        self._rows.paint(painter, self.outputs)
        self._paint_over(painter)
        self._paint_marks(painter, pointed, chosen)

    def _paint_over(self, painter: QPainter) -> None:
        """Heat over the input, the maps that are held, the columns that are dimmed."""
        places, look = self.places, self.look
        if self._overlay is not None and self.inspection.prediction is not None:
            if self._heat is None:
                self._heat = painting.make_heat_image(self._overlay, look)
            painting.paint_heat(painter, places.tiles[0], self._heat)
        if self.interventions:
            numbers = {stage.active: n for n, stage in enumerate(self.inspection.stages)}
            held = [
                Unit(numbers[intervention.layer], intervention.map, 0, 0)
                for intervention in self.interventions
            ]
            painting.paint_held(painter, [places.map_rect(unit) for unit in held], look)
        if self.spot is not None:
            dimmed = [band for n, band in enumerate(places.bands) if n not in self.spot]
            painting.paint_dimmed(painter, dimmed, look)

    def _paint_marks(self, painter: QPainter, pointed: Unit | None, chosen: Unit | None) -> None:
        units = (pointed, chosen)
        if pointed is None and chosen is None:
            if self.spot is None:
                drawn = self.inspection.prediction is not None
                painting.paint_hint(painter, self.places, drawn, self.look)
            return
        if self._layer is None or self._layer[0] != units:
            self._layer = self._marked(pointed, chosen)
        _, place, layer = self._layer
        painter.drawPixmap(place.topLeft(), layer)

    def _marked(self, pointed: Unit | None, chosen: Unit | None) -> _Layer:
        """All marks as one picture: connections take long to paint, and it is used again."""
        places, look, unit = self.places, self.look, pointed or chosen
        assert unit is not None
        marks = self.marks(unit)
        bounds = QRectF(0, 0, self._size.width(), self._size.height())
        label = label_rect(places, marks, self._fonts, bounds)
        cells = [places.tile(each).cell(each) for each in (pointed, chosen) if each is not None]
        room = marked_room(places, marks, [*cells, label]) & bounds
        layer = QPixmap(room.size().toSize() * self._ratio)
        layer.setDevicePixelRatio(self._ratio)
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        painter.translate(-room.topLeft())
        paint_marks(painter, places, marks, look)
        for cell in cells:
            paint_outline(painter, [cell], look)
        if self.inspection.stages[unit.stage].kind != Kind.OUTPUT:  # whose row says it all
            paint_label(painter, label, marks, self._fonts, look)
        painter.end()
        return (pointed, chosen), room, layer
