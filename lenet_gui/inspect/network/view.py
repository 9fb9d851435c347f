"""The whole network in one picture, live: every map of every stage, from the drawing to the answer.

Point at a unit and see what it is computed from. What the values are comes
with each `Inspection`, how they become colors with a `Shading`; `picture` paints,
this is where mouse and keyboard are, and where the arrow keys go.
"""

from __future__ import annotations

from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.network.layout import Layout, Tile
from lenet_gui.inspect.network.picture import NetworkPicture
from lenet_gui.inspect.shading import Shading
from lenet_gui.widgets.controls import TooltipWidget
from lenet_gui.widgets.labels import changes_look
from lenet_gui.widgets.live_updates import PAUSE
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import Intervention
from trainer.translation import N_
from trainer.translation import gettext as _

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
    distances: list[tuple[float, Tile]] = []
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
        distances.append((ahead + 0.3 * aside, other))
    return min(distances, key=lambda pair: pair[0], default=(0.0, None))[1]


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
    unit = tile.at(QPointF(x, y))
    assert unit is not None
    return unit


HOW = N_(
    "Point at a unit to see what it is computed from. Click to select it; click "
    "again to enlarge its map. Arrow keys move between units, Ctrl with arrow keys "
    "between maps; Enter enlarges the map, Esc deselects it."
)


def tooltip_at(picture: NetworkPicture, places: Layout, point: QPointF) -> str:
    """Of a kernel what it does, over the captions how to use the picture; else nothing."""
    if point.y() < places.caption:
        return _(HOW)
    for number, place in enumerate(places.first_kernels):
        if place.contains(point):
            return _("C1's kernel {number}: it makes the map beside it").format(number=number + 1)
    third = picture.third_map
    for number, place in enumerate(places.second_kernels):
        if place.contains(point):
            if number not in picture.inspection.stages[3].sees[third]:
                return _("Map {third} of C3 does not look at this map of S2").format(
                    third=third + 1
                )
            return _("Map {third} of C3 looks at this map of S2 through this kernel").format(
                third=third + 1
            )
    return ""


class NetworkView(TooltipWidget):
    """Eight columns of maps; a unit can be pointed at and chosen."""

    pointed = Signal(object)
    """The unit under the mouse; None if it left."""
    chosen = Signal(object)
    """The unit that the user chose; None if let go."""
    opened = Signal(object)
    """Show this unit's map large."""
    menu_asked = Signal(object, QPoint)
    """A context menu for this unit is asked for, at this place of the screen."""
    painted = Signal()
    """A new inspection is on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("network_view")
        self.setAccessibleName(_("The network"))
        self.setAccessibleDescription(_(HOW))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Expanding)
        self.setMinimumSize(400, 320)
        self.picture: NetworkPicture | None = None
        """All that is painted; None before there is a network."""
        self.pointed_unit: Unit | None = None
        self.chosen_unit: Unit | None = None
        self._shading = Shading()
        self._interventions: tuple[Intervention, ...] = ()
        self._spot: tuple[int, ...] | None = None
        self._overlay: NDArray[np.floating] | None = None
        self._by_keys = self._new = False
        self._late = False  # the marks are of an earlier reading
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._paused)

    def sizeHint(self) -> QSize:
        """Large enough to see strokes in the maps."""
        return QSize(760, 620)

    # What is shown

    @property
    def inspection(self) -> Inspection | None:
        """The one that is shown."""
        return self.picture.inspection if self.picture else None

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Show a reading, or nothing for None; while hidden, nothing is computed."""
        before, marked = self.inspection, True
        if inspection is None:
            self.picture = None
        elif self.picture is None:
            self.picture = NetworkPicture(inspection, self._shading)
            self.picture.interventions, self.picture.spot = self._interventions, self._spot
            self.picture.show_overlay(self._overlay)
            self._place()
        else:
            self.picture.show_inspection(inspection)
            marked = self._renew_marks(before)
        self._drop_lost_units()
        self._new = True
        if self.isVisible():
            if self.picture is not None:
                self.picture.prepare()
            if self.picture is None or marked:
                self.update()
            else:
                self.update(self.picture.changing())

    def _renew_marks(self, before: Inspection | None) -> bool:
        """While the pen moves, marks follow it no faster than numbers can be read.

        Returns:
            Whether they, or what depends on there being a drawing, are others.
        """
        assert self.picture is not None
        now = self.picture.inspection
        same = (
            before is not None
            and before.model is now.model
            and (before.prediction is None) == (now.prediction is None)
        )
        if same and self._pause.isActive():
            self._late = True
            return False
        self._late = False
        self.picture.renew_marks()
        self._pause.start()
        return True

    def _paused(self) -> None:
        if self._late and self.picture is not None:
            self._renew_marks(None)
            self.update()

    def set_shading(self, shading: Shading) -> None:
        """Show values as these colors from now on."""
        self._shading = shading
        if self.picture is not None:
            self.picture.set_shading(shading)
        self.update()

    def show_interventions(self, interventions: tuple[Intervention, ...]) -> None:
        """Mark the maps that are held at a value."""
        self._interventions = interventions
        if self.picture is not None:
            self.picture.interventions = interventions
        self.update()

    def spotlight(self, stages: tuple[int, ...] | None) -> None:
        """Dim all other columns; None for none."""
        self._spot = stages
        if self.picture is not None:
            self.picture.spot = stages
        self.update()

    def show_overlay(self, values: NDArray[np.floating] | None) -> None:
        """Lay values of shape (28, 28), colored around zero, over the input; None for none."""
        self._overlay = values
        if self.picture is not None:
            self.picture.show_overlay(values)
        self.update()

    def choose(self, unit: Unit | None) -> None:
        """Choose a unit, or none, without a signal."""
        self.chosen_unit = unit if self._has(unit) else None
        text = ""
        if self.picture is not None and self.chosen_unit is not None:
            name, value = self.picture.name(self.chosen_unit), self.picture.value(self.chosen_unit)
            text = _("Selected: {name} {value}").format(name=name, value=value).strip() + ". "
        self.setAccessibleDescription(text + _(HOW))
        self._follow_unit()

    def point_at(self, unit: Unit | None) -> None:
        """As if the mouse were there, without a signal."""
        self.pointed_unit = unit if self._has(unit) else None
        self._follow_unit()

    def _follow_unit(self) -> None:
        """The kernels beside S2 are those of the C3 map that is looked at."""
        unit = self.pointed_unit or self.chosen_unit
        if self.picture is not None and unit is not None and unit.stage == 3:
            self.picture.third_map = unit.map
        self.update()

    def _has(self, unit: Unit | None) -> bool:
        if unit is None or self.picture is None:
            return False
        maps, height, width = self.picture.inspection.stages[unit.stage].shape
        return unit.map < maps and unit.y < height and unit.x < width

    def _drop_lost_units(self) -> None:
        """Another network need not have the units of the one before."""
        if not self._has(self.chosen_unit):
            self.chosen_unit = None
        if not self._has(self.pointed_unit):
            self.pointed_unit = None

    # Where things are, for who shows something beside them; there must be an inspection

    @property
    def places(self) -> Layout:
        """Where everything stands."""
        assert self.picture is not None
        self._place()
        return self.picture.places

    def unit_rect(self, unit: Unit) -> QRectF:
        """Where a unit is painted; of an output, its row."""
        return self.places.tile(unit).cell(unit)

    def map_rect(self, stage: int, map: int) -> QRectF:
        """Where a map is painted; of a flat stage, its unit."""
        return self.places.map_rect(Unit(stage, map, 0, 0))

    def field_rects(self) -> dict[int, list[QRectF]]:
        """The outlines that are painted about the unit pointed at, or else chosen, by stage."""
        unit = self.pointed_unit or self.chosen_unit
        return self.picture.marks(unit).fields if self.picture and unit else {}

    @property
    def label(self) -> str:
        """What the small label says; "" without one."""
        unit = self.pointed_unit or self.chosen_unit
        if self.picture is None or unit is None:
            return ""
        marks = self.picture.marks(unit)
        return f"{marks.value} {marks.name}".strip()

    # Painting

    def _place(self) -> None:
        if self.picture is not None:
            ratio = self.devicePixelRatioF()
            self.picture.set_place(self.size(), ratio, self.font(), self.palette())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The columns, and what is pointed at."""
        painter = QPainter(self)
        if self.picture is None:
            painter.fillRect(self.rect(), self.palette().window())
        else:
            self._place()
            self.picture.paint(painter, event.region(), self.pointed_unit, self.chosen_unit)
        if self._by_keys:
            painter.setPen(self.palette().accent().color())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
        if self._new:
            self._new = False
            self.painted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """It may have another size, and what came while it was hidden is prepared now."""
        super().showEvent(event)
        self._place()
        if self.picture is not None:
            self.picture.prepare()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has another place."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Light or dark, another font."""
        super().changeEvent(event)
        if changes_look(event):
            self._place()
            self.update()

    # Pointing and choosing

    def _set_pointed(self, unit: Unit | None) -> None:
        if unit != self.pointed_unit:
            self.point_at(unit)
            self.pointed.emit(unit)

    def _set_chosen(self, unit: Unit | None) -> None:
        if unit != self.chosen_unit:
            self.choose(unit)
            self.chosen.emit(unit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is under the mouse is pointed at."""
        if self.picture is not None:
            self._set_pointed(self.places.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self._set_pointed(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses; a second one on the same unit shows its map large."""
        if event.button() != Qt.MouseButton.LeftButton or self.picture is None:
            super().mousePressEvent(event)
            return
        unit = self.places.at(event.position())
        self._set_pointed(unit)
        if unit is not None and unit == self.chosen_unit:
            self.opened.emit(unit)
        else:
            self._set_chosen(unit)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the mouse for what is under it, by the menu key for what is chosen."""
        if self.picture is None:
            return
        unit, at = self.chosen_unit, event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            unit = self.places.at(QPointF(event.pos()))
        elif unit is not None:
            at = self.mapToGlobal(self.unit_rect(unit).bottomRight().toPoint())
        if unit is not None:
            self.menu_asked.emit(unit, at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter and Esc."""
        key, unit = Qt.Key(event.key()), self.chosen_unit
        if key in DIRECTIONS and self.picture is not None:
            self._walk(key, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and unit is not None:
            self.opened.emit(unit)
        elif key == Qt.Key.Key_Escape and unit is not None:
            self._set_chosen(None)
        else:
            super().keyPressEvent(event)

    def _walk(self, key: Qt.Key, whole_maps: bool) -> None:
        assert self.picture is not None
        self._set_pointed(None)  # what the keys choose is looked at, not what lies under the mouse
        if self.chosen_unit is None:
            _other, height, width = self.picture.inspection.stages[0].shape
            self._set_chosen(Unit(0, 0, height // 2, width // 2))
        else:
            self._set_chosen(move_unit(self.places, self.chosen_unit, DIRECTIONS[key], whole_maps))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by the keyboard sees where it is."""
        super().focusInEvent(event)
        reasons = Qt.FocusReason
        self._by_keys = event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And that it is gone."""
        super().focusOutEvent(event)
        self._by_keys = False
        self.update()

    # Tooltips

    def event(self, event: QEvent) -> bool:
        """Another screen may have finer pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._place()
        return super().event(event)

    def tooltip_at(self, point: QPointF) -> str:
        """Of captions and kernels."""
        return "" if self.picture is None else tooltip_at(self.picture, self.places, point)
