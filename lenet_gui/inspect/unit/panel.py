"""How the chosen unit's value comes about, number by number, as the pen moves.

The arithmetic is a page of parts one below the other, painted where they are seen.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QThread, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.inspect.common.inspection import Inspection, unit_name
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.unit.account import build_account
from lenet_gui.inspect.unit.blocks import Block, Jump, Target, Unfold
from lenet_gui.widgets.controls import TooltipWidget
from lenet_gui.widgets.formatting import decimals_for, format_number
from lenet_gui.widgets.labels import Label, ScrollArea, changes_look
from trainer.inspect.arithmetic import explain_unit
from trainer.networks.anatomy import Unit
from trainer.translation import N_
from trainer.translation import gettext as _

MARGIN = 8
_STEPS = {
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
}
_OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Spot(NamedTuple):
    """Something on the page that can be pointed at."""

    block: int
    key: int


class UnitPage(TooltipWidget):
    """Give it parts with `show_blocks`; it is as high as they are."""

    activated = Signal(object)
    """What a click or Return leads to (`Target`), but for other places of the page."""
    pointed = Signal(object)
    """The unit that is pointed at (`Unit`), or None."""
    wanted = Signal(QRectF, bool)
    """This place of the page should be seen; whether at the top."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("unit_page")
        self.setAccessibleName(_("Arithmetic of the selected unit"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.blocks: list[Block] = []
        self.tops: list[float] = []
        self.spot: Spot | None = None
        """What is pointed at, by the mouse or the arrow keys."""
        self._look = PageStyle(QFont(self.font()), QPalette(self.palette()))
        self._room = self._high = 0.0

    def sizeHint(self) -> QSize:
        """As high as the parts."""
        return QSize(270, int(self._high))

    def show_blocks(self, blocks: list[Block], keep: bool) -> None:
        """Show these parts.

        Args:
            blocks: from above.
            keep: they are the same ones with new numbers.
        """
        self.blocks = blocks
        if not keep:
            self.spot = None
        self._arrange()

    def _arrange(self) -> None:
        self.tops, top = [], 2.0
        for block in self.blocks:
            self.tops.append(top)
            top += block.arrange(max(150.0, self._room - 2 * MARGIN), self._look)
        self._high = top + MARGIN
        if self.minimumHeight() != int(self._high):
            self.setFixedHeight(int(self._high))
        self.update()

    def set_room(self, width: int) -> None:
        """Fill this width, whether or not there is more."""
        if width != self._room:
            self._room = float(width)
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Other colors or letters."""
        super().changeEvent(event)
        if changes_look(event):
            self._look = PageStyle(QFont(self.font()), QPalette(self.palette()))
            self._arrange()

    # What is where

    def place(self, spot: Spot) -> QRectF:
        """Where something is, in the page's pixels."""
        return self.blocks[spot.block].place(spot.key).translated(MARGIN, self.tops[spot.block])

    def block_place(self, number: int) -> QRectF:
        """Where a part is, in the page's pixels."""
        ends = [*self.tops[1:], self._high]
        return QRectF(0, self.tops[number], self.width(), ends[number] - self.tops[number])

    def spot_at(self, point: QPointF) -> Spot | None:
        """What is at a point."""
        for number, block in enumerate(self.blocks):
            if self.block_place(number).contains(point):
                key = block.key_at(point - QPointF(MARGIN, self.tops[number]))
                return None if key is None else Spot(number, key)
        return None

    def describe(self, spot: Spot) -> str:
        """What is at a spot, in words."""
        return self.blocks[spot.block].describe(spot.key)

    def tooltip_at(self, point: QPointF) -> str:
        """What is at a point, in words."""
        spot = self.spot_at(point)
        return "" if spot is None else self.describe(spot)

    def _target(self, spot: Spot) -> Target | None:
        return self.blocks[spot.block].target(spot.key)

    # Mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is under the mouse is marked."""
        self._point(self.spot_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse points at nothing."""
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click goes where it leads."""
        spot = self.spot_at(event.position())
        if spot is not None and event.button() == Qt.MouseButton.LeftButton:
            self._point(spot)
            self._go(spot)

    def _point(self, spot: Spot | None) -> None:
        if spot == self.spot:
            return
        for one in (self.spot, spot):
            if one is not None and one.block < len(self.blocks):
                self.update(self.block_place(one.block).toAlignedRect())
        self.spot = spot
        target = None if spot is None else self._target(spot)
        shape = Qt.CursorShape
        self.setCursor(shape.ArrowCursor if target is None else shape.PointingHandCursor)
        self.pointed.emit(target if isinstance(target, Unit) else None)

    def _go(self, spot: Spot) -> None:
        target = self._target(spot)
        if isinstance(target, Jump):
            self.wanted.emit(self.block_place(target.block), True)
        elif target is not None:
            self.activated.emit(target)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go about, Return goes where what they point at leads."""
        key = Qt.Key(event.key())
        if key in _STEPS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._step(_STEPS[key])
        elif key in _OPENING and self.spot is not None:
            self._go(self.spot)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """With Tab, the first thing is pointed at."""
        super().focusInEvent(event)
        if self.spot is None and event.reason() == Qt.FocusReason.TabFocusReason:
            self._step(QPointF(0, 1))

    def _step(self, direction: QPointF) -> None:
        """Point at the nearest thing in a direction."""
        spots = [Spot(n, key) for n, block in enumerate(self.blocks) for key in block.pointable()]
        if not spots:
            return
        if self.spot is None:
            nearest: Spot | None = spots[0]
        else:
            here = self.place(self.spot)
            ways = [(_way(here, self.place(spot), direction), spot) for spot in spots]
            nearest = min(
                ((way, spot) for way, spot in ways if way is not None), default=(0, None)
            )[1]
        if nearest is None:
            return
        self._point(nearest)
        self.setAccessibleDescription(self.describe(nearest))
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )
        self.wanted.emit(self.place(nearest), False)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The parts that are seen."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._look.color(QPalette.ColorRole.Window))
        exposed = QRectF(event.rect())
        for number, block in enumerate(self.blocks):
            if not self.block_place(number).intersects(exposed):
                continue
            current = self.spot.key if self.spot and self.spot.block == number else None
            painter.save()
            painter.translate(MARGIN, self.tops[number])
            block.paint(painter, self._look, current)
            painter.restore()


def _way(here: QRectF, there: QRectF, direction: QPointF) -> float | None:
    """How far something is in a direction; None where it lies in another one."""
    way = there.center() - here.center()
    along = QPointF.dotProduct(way, direction)
    # What overlaps across is straight ahead, however far its middle is to the side.
    if direction.x():
        aside = max(0.0, there.top() - here.bottom(), here.top() - there.bottom())
        ahead = there.left() >= here.right() - 1 or there.right() <= here.left() + 1
    else:
        aside = max(0.0, there.left() - here.right(), here.left() - there.right())
        ahead = there.top() >= here.bottom() - 1 or there.bottom() <= here.top() + 1
    if along <= 0 or not ahead:
        return None
    side = abs(QPointF.dotProduct(way, QPointF(direction.y(), direction.x())))
    return along + 3 * aside + 0.05 * side


_NOTHING_CHOSEN = N_(
    "Click any unit to see how its value is computed: its inputs, its weights, their "
    "sum, the activation, and the pooling.\n\n"
    "The arrow keys move between units."
)
_NOTHING_DRAWN = N_("Draw something to see this unit's arithmetic as the pen moves.")


class UnitPanel(QWidget):
    """Give it readings with `show_inspection` and the unit with `show_unit`."""

    unit_asked = Signal(object)
    """A unit that was clicked here should be chosen (`Unit`)."""
    unit_pointed = Signal(object)
    """The unit whose number is pointed at here (`Unit`), or None."""
    message = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("unit_panel")
        self.setAccessibleName(_("Arithmetic"))
        self._inspection: Inspection | None = None
        self._unit: Unit | None = None
        self._shown: tuple[Unit, object, bool] | None = None
        self._unfolded = False
        self.name, self.value, self.note = _label("unit_name"), _label("unit_value"), Label()
        self.name.setWordWrap(True)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.note.setObjectName("description")
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.page = UnitPage()
        self.page.activated.connect(self._follow)
        self.page.pointed.connect(self.unit_pointed)
        self.page.wanted.connect(self.make_visible)
        self._above = QVBoxLayout()
        self.area = _Scroll(self.page, self._content())
        self._lay_out()
        self._show()

    def _content(self) -> QWidget:
        """What scrolls: something about the layer, a note or the page."""
        note = QVBoxLayout()
        note.setContentsMargins(8, 2, 8, 0)
        note.addWidget(self.note)
        widget = QWidget()
        inside = QVBoxLayout(widget)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2)
        inside.addLayout(self._above)
        inside.addLayout(note)
        inside.addWidget(self.page)
        inside.addStretch(1)
        return widget

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setContentsMargins(8, 6, 8, 2)
        heading.addWidget(self.name, 1)
        heading.addWidget(self.value)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(heading)
        whole.addWidget(self.area, 1)

    def set_heading_widget(self, widget: QWidget) -> None:
        """Put something above the arithmetic, such as a text about the layer."""
        while (item := self._above.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
        self._above.addWidget(widget)

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Tell of this reading from now on."""
        self._inspection = inspection
        self._show()

    def show_unit(self, unit: Unit | None) -> None:
        """Tell of this unit from now on."""
        if unit != self._unit:
            # Of a unit beside it, the same part is of interest.
            if unit is None or self._unit is None or unit.stage != self._unit.stage:
                self.area.verticalScrollBar().setValue(0)
            self._unit, self._unfolded = unit, False
        self._show()

    def end(self) -> list[QThread]:
        """It has no threads."""
        return []

    def _show(self) -> None:
        inspection, unit = self._inspection, self._unit
        if inspection is None or unit is None or not _exists(inspection, unit):
            self._show_nothing("", _(_NOTHING_CHOSEN))
            return
        name = unit_name(inspection.stages[unit.stage], unit, inspection.reading.classes)
        name = name[0].upper() + name[1:]
        if inspection.prediction is None:
            self._show_nothing(name, _(_NOTHING_DRAWN))
            return
        arithmetic = explain_unit(inspection.model, inspection.prediction, inspection.stages, unit)
        self.name.setText(name)
        self.value.setText(
            f"= {format_number(arithmetic.value, decimals_for(abs(arithmetic.value)))}"
        )
        self.note.hide()
        shown = (unit, inspection.model, self._unfolded)
        self.page.show_blocks(
            build_account(inspection, arithmetic, self._unfolded), keep=shown == self._shown
        )
        self._shown = shown
        self.page.show()

    def _show_nothing(self, name: str, note: str) -> None:
        self.name.setText(name)
        self.value.setText("")
        self.note.setText(note)
        self.note.show()
        self.page.hide()
        self._shown = None

    def _follow(self, target: object) -> None:
        if isinstance(target, Unfold):
            self._unfolded = not self._unfolded
            self._show()
        else:
            self.unit_asked.emit(target)

    def make_visible(self, place: QRectF, top: bool = False) -> None:
        """Scroll so far that a place of the page is seen, or until it is at the top."""
        bar = self.area.verticalScrollBar()
        height = self.area.viewport().height()
        place = place.translated(0, self.page.y())
        if top or place.top() < bar.value():
            bar.setValue(int(place.top()) - 4)
        elif place.bottom() > bar.value() + height:
            bar.setValue(int(place.bottom()) - height + 4)


class _Scroll(ScrollArea):
    """Tells the page how much room it has."""

    def __init__(self, page: UnitPage, content: QWidget) -> None:
        super().__init__(content)
        self.setObjectName("unit_scroll")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page = page

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The page is as wide as what scrolls."""
        self._page.set_room(self.room)
        super().resizeEvent(event)


def _label(name: str) -> QLabel:
    label = Label()
    label.setObjectName(name)
    font = QFont(label.font())
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _exists(inspection: Inspection, unit: Unit) -> bool:
    """Whether this network has such a unit: another one may have come since it was chosen."""
    shape = inspection.stages[unit.stage].shape
    return all(0 <= at < size for at, size in zip(unit[1:], shape, strict=True))
