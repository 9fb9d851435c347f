"""The images that excite a map most, in three rows of three, with what the map sees outlined."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.widgets.colormap import dataset_image
from lenet_gui.widgets.controls import TooltipWidget
from trainer.inspect.top_images import Best, Patch
from trainer.translation import gettext as _

_ACROSS = 3
_GAP = 6
_LEAST = 44
"""Of a tile's side: a digit can still be told."""
_VEIL = 120
"""How little is seen, of 255, of what the map does not see."""
_PATCH = QColor("#d9600a")  # seen on paper and on ink alike


@dataclass(frozen=True, slots=True, eq=False)
class ImageTile:
    """One image as it is shown."""

    best: Best
    drawn: QImage
    value: str
    description: str  # the whole of it in words


class TopImageGrid(TooltipWidget):
    """As large as it is given; its tiles are squares."""

    opened = Signal(object)
    """Look at this one (`trainer.inspect.top_images.Best`): clicked, or Enter."""
    menu_asked = Signal(object, QPoint)
    """A context menu for this one, at this place of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("exciting_grid")
        self.setAccessibleName(_("Images that the map responds to most"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Expanding)
        self.tiles: list[ImageTile] = []
        self.current = 0
        """Where the keys are."""
        self._over: int | None = None

    def show_best(self, images: list[Best], values: list[str], captions: list[str]) -> None:
        """Show these, the best first; each with its value and all of it in words."""
        self.tiles = [
            ImageTile(best, dataset_image(best.image), value, words)
            for best, value, words in zip(images, values, captions, strict=True)
        ]
        self._go(0)

    # Where things are

    def sizeHint(self) -> QSize:
        """Tiles in which a digit is well seen."""
        return self._size(84)

    def minimumSizeHint(self) -> QSize:
        """Tiles in which it can be told."""
        return self._size(_LEAST)

    def _size(self, side: int) -> QSize:
        gaps = (_ACROSS - 1) * _GAP
        return QSize(_ACROSS * side + gaps, _ACROSS * (side + self._words) + gaps)

    @property
    def _words(self) -> int:
        """The height of a tile's line."""
        return self.fontMetrics().height() + 2

    def tile_rect(self, number: int) -> QRectF:
        """Where a tile's image is painted; its line is below."""
        gaps = (_ACROSS - 1) * _GAP
        wide = (self.width() - gaps) // _ACROSS
        high = (self.height() - gaps) // _ACROSS - self._words
        side = max(1, min(wide, high))
        row, column = divmod(number, _ACROSS)
        # What is left over in width goes between the tiles, up to a point.
        gap = min(_GAP + 24, (self.width() - _ACROSS * side) // (_ACROSS - 1))
        left = (self.width() - _ACROSS * side - (_ACROSS - 1) * gap) // 2
        top = row * (side + self._words + _GAP)
        return QRectF(left + column * (side + gap), top, side, side)

    def _at(self, point: QPointF) -> int | None:
        for number in range(len(self.tiles)):
            if self.tile_rect(number).adjusted(0, 0, 0, self._words).contains(point):
                return number
        return None

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is under the mouse can be clicked."""
        self._hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under it."""
        self._hover(None)

    def _hover(self, number: int | None) -> None:
        if number == self._over:
            return
        self._over = number
        shape = Qt.CursorShape
        self.setCursor(shape.ArrowCursor if number is None else shape.PointingHandCursor)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click opens."""
        number = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self._go(number)
            self.opened.emit(self.tiles[number].best)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the mouse for what is under it, by the menu key for where the keys are."""
        number: int | None = self.current if self.tiles else None
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            number = self._at(QPointF(event.pos()))
        elif number is not None:
            at = self.mapToGlobal(self.tile_rect(number).center().toPoint())
        if number is not None:
            self.menu_asked.emit(self.tiles[number].best, at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys walk, Enter opens."""
        keys = Qt.Key
        steps = {keys.Key_Left: -1, keys.Key_Right: 1}
        steps |= {keys.Key_Up: -_ACROSS, keys.Key_Down: _ACROSS}
        step = steps.get(Qt.Key(event.key()), 0)
        if step and 0 <= self.current + step < len(self.tiles):
            self._go(self.current + step)
        elif event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space) and self.tiles:
            self.opened.emit(self.tiles[self.current].best)
        elif not step:
            super().keyPressEvent(event)

    def _go(self, number: int) -> None:
        self.current = number
        caption = self.tiles[number].description if self.tiles else ""
        self.setAccessibleDescription(caption)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys' frame is shown."""
        super().focusInEvent(event)
        self.update()

    def tooltip_at(self, point: QPointF) -> str:
        """The image beneath."""
        number = self._at(point)
        return "" if number is None else self.tiles[number].description

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """All tiles."""
        painter = QPainter(self)
        for number, tile in enumerate(self.tiles):
            paper, best = self.tile_rect(number), tile.best
            paint_image(painter, paper, tile.drawn, best.patch, self.palette())
            if number == self.current and self.hasFocus():
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 2))
                painter.drawRect(paper.adjusted(1, 1, -1, -1))
            elif number == self._over:
                painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
                painter.drawRect(paper.adjusted(0.5, 0.5, -0.5, -0.5))
            line = QRectF(paper.left(), paper.bottom() + 1, paper.width(), self._words)
            self._paint_words(painter, line, tile)

    def _paint_words(self, painter: QPainter, line: QRectF, tile: ImageTile) -> None:
        flags, role = Qt.AlignmentFlag, QPalette.ColorRole
        painter.setPen(self.palette().color(role.WindowText))
        painter.drawText(line, flags.AlignLeft | flags.AlignVCenter, tile.value)
        metrics = painter.fontMetrics()
        room = line.width() - metrics.horizontalAdvance(tile.value + "  ")
        cut = metrics.elidedText(tile.best.label, Qt.TextElideMode.ElideRight, int(room))
        painter.setPen(self.palette().color(role.PlaceholderText))
        painter.drawText(line, flags.AlignRight | flags.AlignVCenter, cut)


def place_on_tile(paper: QRectF, patch: Patch, side: int) -> QRectF:
    """A part of an image of `side` pixels, where the image is painted on `paper`."""
    left, top, right, bottom = (at * paper.width() / side for at in patch)
    return QRectF(paper.left() + left, paper.top() + top, right - left, bottom - top)


def paint_image(
    painter: QPainter, paper: QRectF, drawn: QImage, patch: Patch, palette: QPalette
) -> None:
    """An image; what a unit does not see of it lies behind a veil, what it sees is outlined."""
    painter.drawImage(paper, drawn)
    seen = place_on_tile(paper, patch, drawn.width())
    veil = palette.color(QPalette.ColorRole.Window)
    veil.setAlpha(_VEIL)
    for part in (
        QRectF(paper.left(), paper.top(), paper.width(), seen.top() - paper.top()),
        QRectF(paper.left(), seen.bottom(), paper.width(), paper.bottom() - seen.bottom()),
        QRectF(paper.left(), seen.top(), seen.left() - paper.left(), seen.height()),
        QRectF(seen.right(), seen.top(), paper.right() - seen.right(), seen.height()),
    ):
        painter.fillRect(part, veil)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(palette.color(QPalette.ColorRole.Mid))
    painter.drawRect(paper.adjusted(0.5, 0.5, -0.5, -0.5))
    if seen != paper:
        painter.setPen(QPen(_PATCH, 2))
        painter.drawRect(seen)
