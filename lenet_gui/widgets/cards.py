"""What every list of cards has in common."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle


def lay_out_as_cards(view: QListView) -> None:
    """Cards of one size side by side, as many as there is room for; several can be chosen."""
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setMovement(QListView.Movement.Static)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setSpacing(0)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.verticalScrollBar().setSingleStep(24)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.viewport().setAutoFillBackground(False)


def paint_card(painter: QPainter, room: QRectF, state: QStyle.StateFlag, palette: QPalette) -> None:
    """A card's ground, in the accent color's frame where it is chosen or the keys are."""
    role = QPalette.ColorRole
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    over = bool(state & QStyle.StateFlag.State_MouseOver)
    current = bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setBrush(palette.color(role.AlternateBase if chosen else role.Base))
    edge = palette.color(role.Accent if chosen or current else role.AlternateBase)
    if over and not chosen:
        edge = palette.color(role.Mid)
    style = Qt.PenStyle.DotLine if current and not chosen else Qt.PenStyle.SolidLine
    painter.setPen(QPen(edge, 2 if chosen else 1, style))
    painter.drawRoundedRect(room, 6, 6)
