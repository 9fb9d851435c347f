"""The page of a unit's arithmetic: parts one below the other, painted where they are seen."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
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
)
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.unit.blocks import Block, Jump, Target
from lenet_gui.widgets.controls import TooltipWidget
from trainer.networks.anatomy import Unit

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
        self.setAccessibleName("Arithmetic of the chosen unit")
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
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)
        if event.type() in kinds:
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

    def told(self, spot: Spot) -> str:
        """That in words."""
        return self.blocks[spot.block].told(spot.key)

    def tooltip_at(self, point: QPointF) -> str:
        """What is at a point, in words."""
        spot = self.spot_at(point)
        return "" if spot is None else self.told(spot)

    def _target(self, spot: Spot) -> Target | None:
        return self.blocks[spot.block].target(spot.key)

    # Mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is under the mouse is marked."""
        self._point(self.spot_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is."""
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
            found: Spot | None = spots[0]
        else:
            here = self.place(self.spot)
            ways = [(_way(here, self.place(spot), direction), spot) for spot in spots]
            found = min(((way, spot) for way, spot in ways if way is not None), default=(0, None))[
                1
            ]
        if found is None:
            return
        self._point(found)
        self.setAccessibleDescription(self.told(found))
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )
        self.wanted.emit(self.place(found), False)

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
