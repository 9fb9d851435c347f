"""A bar for each map of a layer: the answer's probability without it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy

from lenet_gui.widgets.controls import TooltipWidget

_LEAST = 40


class AblationBars(TooltipWidget):
    """Low bars are maps that the answer needs; a line tells its probability with all of them."""

    picked = Signal(int)
    """The map whose bar was clicked, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("worth")
        self.setAccessibleName("The answer's probability without each map")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_LEAST)
        self.setMaximumHeight(3 * _LEAST)
        self.values: tuple[float, ...] = ()
        self._whole = 0.0
        self._chosen = 0
        self._name = ""

    def sizeHint(self) -> QSize:
        """High enough to compare."""
        return QSize(260, 70)

    def show_values(
        self,
        values: Sequence[float] | None,
        whole: float = 0.0,
        chosen: int = 0,
        name: str = "",
    ) -> None:
        """Show probabilities, 0 to 1.

        Args:
            values: of the answer, without each map; None for no bars.
            whole: of the answer, with all maps.
            chosen: the map to mark.
            name: what one map is called, such as "C3, map".
        """
        self.values = tuple(values or ())
        self._whole, self._chosen, self._name = whole, chosen, name
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self.values else Qt.CursorShape.ArrowCursor
        )
        told = (f"{n + 1}: {p:.0%}" for n, p in enumerate(self.values))
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def bar(self, number: int) -> QRectF:
        """The room of a map's bar, as high as a probability of 1."""
        width = self.width() / max(1, len(self.values))
        return QRectF(number * width, 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars and the line."""
        if not self.values:
            return
        painter = QPainter(self)
        role = QPalette.ColorRole
        gap = 2.0 if len(self.values) <= 20 else 0.5
        for number, value in enumerate(self.values):
            room = self.bar(number).adjusted(gap / 2, 0, -gap / 2, 0)
            painter.fillRect(room, self.palette().color(role.AlternateBase))
            filled = QRectF(room)
            filled.setTop(room.bottom() - value * room.height())
            chosen = number == self._chosen
            painter.fillRect(filled, self.palette().color(role.Highlight if chosen else role.Mid))
        height = self.height() * (1 - self._whole)
        painter.setPen(QPen(self.palette().color(role.WindowText), 1))
        painter.drawLine(QPointF(0, max(0.5, height)), QPointF(self.width(), max(0.5, height)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses the map."""
        number = self._at(event.position())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(number)

    def tooltip_at(self, point: QPointF) -> str:
        """The bar's value."""
        number = self._at(point)
        if number is None:
            return ""
        return f"without {self._name} {number + 1}: {self.values[number] * 100:.1f} %"

    def _at(self, position: QPointF) -> int | None:
        if not self.values:
            return None
        return min(max(0, int(position.x() / self.bar(0).width())), len(self.values) - 1)
