"""A layer's maps side by side as pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.widgets.colormap import apply_table, color_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GAP = 6.0


class MapsView(QWidget):
    """Maps in rows and columns, all on one scale from the layer's least value to its largest."""

    picked = Signal(int)
    """Another map was chosen, by a click or the arrow keys, counted from 0."""

    def __init__(self, name: str, title: str, rows: int, columns: int, colors: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._rows, self._columns, self._colors = rows, columns, colors
        self._mosaic: QImage | None = None
        self._sources: list[QRectF] = []  # of each map in the mosaic
        self._tiles: list[QRectF] = []
        self._tiled = QSize()  # the size that they are of
        self.chosen: int | None = None
        """The map that is outlined; None where none can be chosen."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Expanding)
        self.setMinimumSize(columns * 34, rows * 34)

    def sizeHint(self) -> QSize:
        """Large enough to see strokes in."""
        return QSize(self._columns * 84, self._rows * 84)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take no more height than square tiles of this width need."""
        tile = int((self.width() - _GAP * (self._columns - 1)) / self._columns)
        self.setMaximumHeight(math.ceil(tile * self._rows + _GAP * (self._rows - 1)))

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return self._mosaic is None

    def show_maps(self, values: NDArray[np.floating] | NDArray[np.uint8] | None) -> None:
        """Show values of shape (maps, height, width), or with None an empty frame each."""
        if values is None:
            self._mosaic = None
        else:
            count, height, width = values.shape
            self._mosaic = apply_table(_levels(values), color_table(self._colors))
            if len(self._sources) != count or self._sources[0].height() != height:
                self._sources = [QRectF(0, n * height, width, height) for n in range(count)]
        self.update()

    def tile(self, number: int) -> QRectF:
        """Where map `number` is painted."""
        return self._all_tiles()[number]

    def _all_tiles(self) -> list[QRectF]:
        if self._tiled != self.size():
            self._tiled = self.size()
            self._tiles = [self._placed(each) for each in range(self._rows * self._columns)]
        return self._tiles

    def _placed(self, number: int) -> QRectF:
        across = (self.width() - _GAP * (self._columns - 1)) / self._columns
        down = (self.height() - _GAP * (self._rows - 1)) / self._rows
        # Whole pixels keep the squares of all maps the same size.
        side = max(1, int(min(across, down)))
        row, column = divmod(number, self._columns)
        # What whole pixels leave over is spread, so that the last tile ends at the widget's edge.
        spare = self.width() - self._columns * side - _GAP * (self._columns - 1)
        spread = min(spare, self._columns - 1) / max(1, self._columns - 1)
        return QRectF(round(column * (side + _GAP + spread)), row * (side + _GAP), side, side)

    # Choosing a map

    def choose(self, number: int | None) -> None:
        """Outline this map, and let another one be chosen; None for neither."""
        self.chosen = number
        choosing = number is not None
        focus, shape = Qt.FocusPolicy, Qt.CursorShape
        self.setFocusPolicy(focus.TabFocus if choosing else focus.NoFocus)
        self.setCursor(shape.PointingHandCursor if choosing else shape.ArrowCursor)
        self.setAccessibleDescription("" if number is None else f"map {number + 1} is chosen")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a map chooses it."""
        if event.button() == Qt.MouseButton.LeftButton and self.chosen is not None:
            for number in range(self._rows * self._columns):
                if self.tile(number).contains(event.position()):
                    self._pick(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from map to map."""
        keys = Qt.Key
        steps = {keys.Key_Left: -1, keys.Key_Right: 1}
        steps |= {keys.Key_Up: -self._columns, keys.Key_Down: self._columns}
        step = steps.get(Qt.Key(event.key()), 0)
        if step and self.chosen is not None:
            self._pick(self.chosen + step)
        else:
            super().keyPressEvent(event)

    def _pick(self, number: int) -> None:
        if number != self.chosen and 0 <= number < self._rows * self._columns:
            self.choose(number)
            self.picked.emit(number)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The maps, or where they will be."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
        if self._mosaic is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
            for tile in self._all_tiles():
                painter.fillRect(tile, self.palette().alternateBase())
                painter.drawRect(tile.adjusted(0, 0, -1, -1))
        else:
            for tile, source in zip(self._all_tiles(), self._sources, strict=True):
                painter.drawImage(tile, self._mosaic, source)
        if self.chosen is not None:
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 2))
            painter.drawRect(self.tile(self.chosen).adjusted(1, 1, -1, -1))
            if self.hasFocus():
                painter.drawRect(self.tile(self.chosen).adjusted(4, 4, -4, -4))


def _levels(values: NDArray[np.floating] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """From the least value of all to the largest as 0 to 255; levels as they are."""
    # Nothing of numpy's is imported: that would take as long as half of this.
    if values.dtype == "uint8":
        levels: NDArray[np.uint8] = values.view("uint8")
        return levels
    low, high = values.min(), values.max()
    # Cut off and not rounded, the largest would be 254 wherever its product is just below 255.
    scaled: NDArray[np.floating] = (values - low) * (255 / max(high - low, 1e-9))
    return scaled.round().astype("uint8")
