"""A layer's maps side by side, and between two layers the kernels that the maps are made with.

Beneath each map of conv1 stands the kernel that made it and, outlined, the
kernel through which the chosen map of conv2 looks at it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
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

from lenet_gui.widgets.colormap import apply_table, color_table, diverging_table
from lenet_gui.widgets.controls import TooltipWidget
from trainer.translation import gettext as _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.networks.kernels import Kernels


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
            self._tiles = [self._place(each) for each in range(self._rows * self._columns)]
        return self._tiles

    def _place(self, number: int) -> QRectF:
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
        self.setAccessibleDescription(
            "" if number is None else _("map {number} selected").format(number=number + 1)
        )
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


_KERNEL_GAP = 4.0
_LEAST, _MOST = 20, 36


class KernelsView(TooltipWidget):
    """A row of kernels, in columns with the maps of conv1."""

    def __init__(self, maps: MapsView) -> None:
        super().__init__()
        self.setObjectName("kernels")
        self.setAccessibleName(_("Kernels"))
        self._maps = maps
        self.kernels: Kernels | None = None
        self.chosen = 0
        """The map of conv2 whose kernels are shown, from 0."""
        self._first: list[QImage] = []
        self._second: list[QImage | None] = []  # None: not connected
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Expanding)
        self.setMinimumSize(maps.minimumWidth(), _LEAST)
        self.setMaximumHeight(_MOST)

    def sizeHint(self) -> QSize:
        """Large enough to see 5 x 5 squares in."""
        return QSize(self._maps.sizeHint().width(), 28)

    def show_kernels(self, kernels: Kernels | None, chosen: int) -> None:
        """Show kernels, conv2's for its map `chosen`; None for empty frames."""
        if kernels is self.kernels and chosen == self.chosen:
            return
        self.kernels, self.chosen = kernels, chosen
        if self.isVisible():
            self._prepare()
        else:
            self._first = []  # made when it is seen
        self.setAccessibleDescription(
            _("of conv1, and of conv2 for its map {chosen}").format(chosen=chosen + 1)
        )
        self.update()

    def _prepare(self) -> None:
        """The pictures of what is to be shown."""
        if self.kernels is None:
            self._first, self._second = [], []
            return
        conv1, conv2 = self.kernels.conv1, self.kernels.conv2
        self._first = [_picture(kernel, _largest(conv1)) for kernel in conv1]
        limit = _largest(conv2)
        self._second = [
            None if bool((kernel != kernel).any()) else _picture(kernel[None], limit)
            for kernel in conv2[self.chosen]
        ]

    def places(self, number: int) -> tuple[QRectF, QRectF]:
        """Where the kernels of conv1 and of conv2 beneath map `number` are painted."""
        tile = self._maps.tile(number)
        # Squares of whole pixels, all of one size.
        side = 5 * int(min(self.height(), (tile.width() - _KERNEL_GAP) / 2) / 5)
        side = side or int(min(self.height(), (tile.width() - _KERNEL_GAP) / 2))
        spare = tile.width() - 2 * side
        return (
            QRectF(tile.left(), 0, side, side),
            QRectF(tile.left() + side + min(spare, _KERNEL_GAP), 0, side, side),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kernels, or where they will be."""
        if self.kernels is not None and not self._first:
            self._prepare()
        painter = QPainter(self)
        ground = self.palette().color(QPalette.ColorRole.Window)
        colors = diverging_table(ground.lightness() < 128)
        for number in range(6):
            first, second = self.places(number)
            self._paint(painter, first, self._first[number] if self._first else None, colors)
            self._paint(painter, second, self._second[number] if self._second else None, colors)
            if not self._second or self._second[number] is not None:
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 1.5))
                painter.drawRect(second)

    def _paint(
        self, painter: QPainter, place: QRectF, image: QImage | None, colors: list[int]
    ) -> None:
        if image is None:
            painter.fillRect(place, self.palette().color(QPalette.ColorRole.AlternateBase))
            return
        if image.format() == QImage.Format.Format_Indexed8:
            image.setColorTable(colors)
        painter.drawImage(place, image)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    # What is what

    def tooltip_at(self, point: QPointF) -> str:
        """What lies there."""
        for number in range(6):
            first, second = self.places(number)
            if first.contains(point):
                colors = self.kernels is not None and self.kernels.conv1.shape[1] == 3
                signs = _("gray is zero") if colors else _("blue is below zero, orange above")
                return _("conv1's kernel {number}: it makes the map above ({signs})").format(
                    number=number + 1, signs=signs
                )
            if second.contains(point):
                if self._second and self._second[number] is None:
                    return _("Map {chosen} of conv2 does not look at this map").format(
                        chosen=self.chosen + 1
                    )
                return _(
                    "Through this kernel, map {chosen} of conv2 looks at the map above; click "
                    "another map of conv2 for its kernels"
                ).format(chosen=self.chosen + 1)
        return ""


def _largest(values: NDArray[np.float32]) -> float:
    """The largest magnitude, so that all kernels of a layer are on one scale around zero."""
    known = values[values == values]  # but for NaN, which stands for no connection
    return max(float(abs(known).max(initial=0.0)), 1e-9)


def _picture(kernel: NDArray[np.float32], limit: float) -> QImage:
    """A kernel (1 or 3, 5, 5) as levels around 127.5, or in its three colors around gray."""
    levels = ((kernel / limit + 1) * 127.5).round().astype("uint8")
    if len(levels) == 3:
        data = levels.transpose(1, 2, 0).tobytes()
        return QImage(data, 5, 5, 15, QImage.Format.Format_RGB888).copy()
    return QImage(levels[0].tobytes(), 5, 5, 5, QImage.Format.Format_Indexed8).copy()
