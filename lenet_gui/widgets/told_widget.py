"""A painted widget whose tooltip says what is under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget


class ToldWidget(QWidget):
    """Subclasses say in `told_at` what there is."""

    def told_at(self, point: QPointF) -> str:
        """What there is at a point of the widget; "" for no tooltip."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Qt asks for a tooltip where the mouse rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.told_at(QPointF(event.pos())), self)
            return True
        return super().event(event)
