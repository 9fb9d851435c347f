"""What stands beside an enlarged map: what its values are multiplied with, and a lens."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPalette, QPen

from lenet_gui.inspect.common.inspection import Inspection, map_label
from lenet_gui.inspect.common.value_cells import ValueCells, paint_cells
from lenet_gui.inspect.shading import (
    Shading,
    color_limit,
    find_incoming_weights,
    has_initial_weights,
)
from lenet_gui.widgets.colormap import diverging_table
from lenet_gui.widgets.formatting import format_value
from trainer.networks.anatomy import Kind, Stage, Unit
from trainer.networks.kernels import incoming_weights
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.translation import N_
from trainer.translation import gettext as _

LENS = 5
"""Units that the lens shows, each way."""
_GAP = 6.0
_LARGEST_CELL = 40.0
_OF_KERNELS = {
    "trained": "{weights}",
    "initial": N_("{weights}, before training"),
    "change": N_("{weights}, what training added"),
}
F6_ROWS = 12


@dataclass(frozen=True, slots=True, eq=False)
class SideGroup:
    """Pictures beneath one title."""

    title: str
    blocks: tuple[tuple[str, ValueCells], ...] = ()  # each with what stands beneath it
    outlined: tuple[int, int] | None = None  # row and column, in the one block
    of_weights: bool = False  # what the unit multiplies the stage before with


def grid_rows(stage: Stage) -> int:
    """Rows in which a flat stage's units are shown: F6 as its bitmaps are.

    Many outputs make about a square, whose last row need not be full.
    """
    units = stage.shape[0]
    if stage.kind == Kind.OUTPUT:
        return math.ceil(units / max(2, round(math.sqrt(units) * 0.75)))
    return {120: 15, 84: F6_ROWS}[units]


def list_groups(inspection: Inspection, unit: Unit, shading: Shading) -> list[SideGroup]:
    """What belongs beside the map of a unit."""
    stage = inspection.stages[unit.stage]
    if stage.kind == Kind.INPUT:
        return []
    if stage.kind == Kind.POOLING:
        return [SideGroup(_pooling(inspection, unit))]
    # All units of a map have the same.
    subject = inspection.model, inspection.stages, unit._replace(y=0, x=0)
    groups = [_weights(*subject, shading.kernels, shading.dark)]
    if stage.kind == Kind.CONVOLUTION and has_initial_weights(inspection.model):
        other = "initial" if shading.kernels == "trained" else "trained"
        groups.append(_weights(*subject, other, shading.dark))
    if stage.name == "F6" and inspection.model.recipe.network == "lenet5-1998":
        groups[:0] = _compare(inspection, shading)
    return groups


def build_lens(cells: ValueCells, row: int, column: int) -> SideGroup:
    """The units around one, large; at a border, those that there are."""
    rows, columns = cells.size
    top = min(max(0, row - LENS // 2), max(0, rows - LENS))
    left = min(max(0, column - LENS // 2), max(0, columns - LENS))
    part = cells.part(top, left, min(LENS, rows), min(LENS, columns))
    return SideGroup(
        _("Around row {row}, column {column}").format(row=row + 1, column=column + 1),
        (("", part),),
        (row - top, column - left),
    )


@lru_cache(maxsize=32)
def _weights(
    model: Model, stages: tuple[Stage, ...], unit: Unit, which: str, dark: bool
) -> SideGroup:
    """Kept: they are asked for with each reading, and do not change."""
    stage, before = stages[unit.stage], stages[unit.stage - 1]
    if stage.kind == Kind.OUTPUT and model.recipe.network == "lenet5-1998":
        which = "trained"  # the bitmaps are fixed
    values, largest = find_incoming_weights(model, stages, unit, which)
    if values is None:
        return SideGroup(_("The weights before training are not known."))
    if which == "initial":  # on the trained ones' scale, to be compared with them
        largest = find_incoming_weights(model, stages, unit, "trained")[1]
    if before.flat:
        values = values.reshape(1, grid_rows(before), -1)
    several = len(values) > 1
    blocks = [
        (map_label(before, number) if several else "", _color_signed(kernel, largest, dark))
        for number, kernel in enumerate(values)
        if kernel[0, 0] == kernel[0, 0]  # NaN: there is no such connection
    ]
    return SideGroup(_title(model, stages, unit, which), tuple(blocks), of_weights=True)


def _title(model: Model, stages: tuple[Stage, ...], unit: Unit, which: str) -> str:
    stage, before = stages[unit.stage], stages[unit.stage - 1]
    if stage.kind == Kind.OUTPUT and model.recipe.network == "lenet5-1998":
        return _("Bitmap of {label}, which F6 is compared with").format(
            label=model.classes[unit.map]
        )
    place = _("the input") if before.kind == Kind.INPUT else before.name
    if stage.kind == Kind.OUTPUT:
        text = _("Weights of class {label} over {layer}")
    elif before.flat:
        text = _("Weights of unit {unit} over {layer}")
    elif stage.flat:
        text = _("Kernels of unit {unit} over {layer}")
    else:
        several = len(stage.sees[unit.map]) > 1
        text = _("Kernels over {layer}") if several else _("Kernel over {layer}")
    shown = _OF_KERNELS[which]
    weights = text.format(
        label=model.classes[unit.map] if stage.kind == Kind.OUTPUT else "",
        unit=unit.map + 1,
        layer=place,
    )
    return (_(shown) if shown != "{weights}" else shown).format(weights=weights)


def _color_signed(values: NDArray[np.float32], largest: float, dark: bool) -> ValueCells:
    levels = np.clip(np.round((values / largest + 1) * 127.5), 0, 255).astype(np.uint8)
    return ValueCells(values, levels, tuple(diverging_table(dark)))


def _compare(inspection: Inspection, shading: Shading) -> Iterator[SideGroup]:
    """The bitmap that F6 comes nearest to."""
    prediction = inspection.prediction
    if prediction is None:
        return
    output = Unit(len(inspection.stages) - 1, prediction.digit, 0, 0)
    bitmap = incoming_weights(inspection.model.network, inspection.stages, output)
    penalty = -(inspection.value(output) or 0.0)
    assert bitmap is not None
    name = inspection.model.classes[prediction.digit]
    title = _("Nearest bitmap: {name}, penalty {penalty}").format(
        name=name, penalty=format_value(penalty)
    )
    cells = _color_signed(bitmap.reshape(F6_ROWS, -1), color_limit(bitmap), shading.dark)
    yield SideGroup(title, (("", cells),))


def _pooling(inspection: Inspection, unit: Unit) -> str:
    stages, network = inspection.stages, inspection.model.network
    before = stages[unit.stage - 1].name
    if not isinstance(network, LeNet1998):
        largest = inspection.model.recipe.pooling == "max"
        text = _("Each unit is the mean of 2~×~2 units of {layer}.")
        if largest:
            text = _("Each unit is the largest of 2~×~2 units of {layer}.")
        text = text.format(layer=before)
    else:
        layer = network.pool1 if unit.stage == 2 else network.pool2
        weight, bias = (float(each[unit.map].detach()) for each in (layer.weight, layer.bias))
        sign = "+" if bias >= 0 else "−"
        text = _(
            "Each unit is the sum of 2~×~2 units of {before}, times~{weight}, {sign}~{bias}, "
            "squashed."
        ).format(
            before=before, weight=format_value(weight), sign=sign, bias=format_value(abs(bias))
        )
    return text.replace("~", "\N{NO-BREAK SPACE}")


def paint_groups(
    painter: QPainter, room: QRectF, groups: list[SideGroup], palette: QPalette
) -> None:
    """Paint groups below one another, with the same height for each, to be compared."""
    wrapped, metrics = Qt.TextFlag.TextWordWrap, QFontMetricsF(painter.font())
    titles = [metrics.boundingRect(room, wrapped, group.title).height() + 4 for group in groups]
    drawn = [high for group, high in zip(groups, titles, strict=True) if group.blocks]
    spare = room.height() - (sum(titles) - sum(drawn)) - 2 * _GAP * (len(groups) - 1)
    each = spare / len(drawn) - max(drawn) if drawn else 0.0
    top = room.top()
    for group, high in zip(groups, titles, strict=True):
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(QRectF(room.left(), top, room.width(), high), wrapped, group.title)
        top += high
        if group.blocks:
            box = QRectF(room.left(), top, room.width(), each)
            top += _paint_blocks(painter, box, group, palette)
        top += 2 * _GAP


def _paint_blocks(painter: QPainter, room: QRectF, group: SideGroup, palette: QPalette) -> float:
    """Returns the height that they take."""
    metrics = QFontMetricsF(painter.font())
    label = metrics.height() if group.blocks[0][0] else 0.0
    alike = _together(group)
    rows, columns = group.blocks[0][1].size
    across, cell = _fit(len(group.blocks), (rows, columns), room, label)
    if cell < 1:
        return 0.0
    wide, high = columns * cell, rows * cell
    for number, (name, cells) in enumerate(group.blocks):
        row, column = divmod(number, across)
        left, top = room.left() + column * (wide + _GAP), room.top() + row * (high + label + _GAP)
        place = QRectF(left, top, wide, high)
        paint_cells(painter, place, cells, alike)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))
        if name:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            if metrics.horizontalAdvance(name) > wide:
                name = name.split()[-1]
            painter.drawText(QPointF(left, place.bottom() + metrics.ascent() + 1), name)
        if group.outlined is not None:
            y, x = group.outlined
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
            painter.drawRect(QRectF(left + x * cell, top + y * cell, cell, cell))
    return math.ceil(len(group.blocks) / across) * (high + label + _GAP)


def _together(group: SideGroup) -> NDArray[np.float32]:
    """All values of a group: they are told with the same decimals."""
    return np.concatenate([cells.values.ravel() for _other, cells in group.blocks])


def _fit(count: int, size: tuple[int, int], room: QRectF, label: float) -> tuple[int, float]:
    """In how many columns blocks of cells are largest, and their cells' side in whole pixels."""

    def side(across: int) -> float:
        down = math.ceil(count / across)
        wide = (room.width() - (across - 1) * _GAP) / across / size[1]
        high = (room.height() / down - label - _GAP) / size[0]
        return float(int(min(wide, high, _LARGEST_CELL)))

    best = max(range(1, count + 1), key=lambda across: (side(across), across))
    return best, side(best)
