"""The kernels that the maps are made with: small pictures between the two layers' maps.

Beneath each map of conv1 stands the kernel that made it and, outlined, the
kernel through which the chosen map of conv2 looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.widgets.colormap import diverging_table
from lenet_gui.widgets.controls import TooltipWidget
from lenet_gui.widgets.map_view import MapsView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.networks.kernels import Kernels

_GAP = 4.0
_LEAST, _MOST = 20, 36


class KernelsView(TooltipWidget):
    """A row of kernels, in columns with the maps of conv1."""

    def __init__(self, maps: MapsView) -> None:
        super().__init__()
        self.setObjectName("kernels")
        self.setAccessibleName("Kernels")
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
        self.setAccessibleDescription(f"of conv1, and of conv2 for its map {chosen + 1}")
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
        side = 5 * int(min(self.height(), (tile.width() - _GAP) / 2) / 5)
        side = side or int(min(self.height(), (tile.width() - _GAP) / 2))
        spare = tile.width() - 2 * side
        return (
            QRectF(tile.left(), 0, side, side),
            QRectF(tile.left() + side + min(spare, _GAP), 0, side, side),
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
                signs = "gray is zero" if colors else "blue is below zero, orange above"
                return f"conv1's kernel {number + 1}: it makes the map above ({signs})"
            if second.contains(point):
                if self._second and self._second[number] is None:
                    return f"Map {self.chosen + 1} of conv2 does not look at this map"
                return (
                    f"Through this kernel, map {self.chosen + 1} of conv2 looks at the map above; "
                    "click another map of conv2 for its kernels"
                )
        return ""


def _largest(values: NDArray[np.float32]) -> float:
    """The largest magnitude, so that all kernels of a layer are on one scale around zero."""
    # Brings numpy: not before the window shows.
    import numpy as np

    return max(float(np.nanmax(np.abs(values))), 1e-9)


def _picture(kernel: NDArray[np.float32], limit: float) -> QImage:
    """A kernel (1 or 3, 5, 5) as levels around 127.5, or in its three colors around gray."""
    # Brings numpy: not before the window shows.
    import numpy as np

    levels = np.round((kernel / limit + 1) * 127.5).astype(np.uint8)
    if len(levels) == 3:
        data = np.ascontiguousarray(levels.transpose(1, 2, 0)).tobytes()
        return QImage(data, 5, 5, 15, QImage.Format.Format_RGB888).copy()
    return QImage(levels[0].tobytes(), 5, 5, 5, QImage.Format.Format_Indexed8).copy()
