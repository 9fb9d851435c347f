"""Lists of cards, lists to choose from, and plain tables; what the first window doesn't show."""

from __future__ import annotations

from collections.abc import Container, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHeaderView,
    QListView,
    QStyle,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
)

from lenet_gui.widgets.formatting import format_tooltip


class CardList(QListView):
    """Cards of one size side by side, as many as there is room for; several can be chosen.

    Args:
        name: as an object.
        title: for screen readers.
    """

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(24)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)

    def placeholder_text(self) -> str:
        """What is said where there are no cards."""
        raise NotImplementedError

    def share_width(self, narrowest: int) -> int:
        """How wide a card is so that none of the view's width is left over at the right."""
        # Qt keeps the scroll bar's place free, whether it is seen or not.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        room = self.maximumViewportSize().width() - bar - 1
        return max(narrowest, room // max(1, room // narrowest))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cards; where there are none, why."""
        super().paintEvent(event)
        if self.model().rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        room = self.viewport().rect().adjusted(12, 8, -12, -8)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, self.placeholder_text())


def wrong_color(palette: QPalette) -> QColor:
    """For what is misread, as bright as the ground needs."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    return QColor("#ff9a8f" if dark else "#b3261e")


def lay_out_as_table(table: QTableView, name: str, title: str) -> None:
    """Rows to read and to choose one of, without a grid; columns are as wide as what they hold.

    Args:
        table: has its columns.
        name: as an object.
        title: for screen readers.
    """
    table.setObjectName(name)
    table.setAccessibleName(title)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)  # else the first of several lines ends in "…" as well
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 10)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)


def fill_row(
    table: QTableWidget, row: int, texts: Sequence[str], right: Container[int] = ()
) -> None:
    """Fill a table's row; a cell that is too narrow tells its text in the tooltip.

    Args:
        table: has the row.
        row: its number.
        texts: of its cells.
        right: the columns of numbers.
    """
    for column, text in enumerate(texts):
        item = QTableWidgetItem(text)
        item.setToolTip(format_tooltip(text))
        if column in right:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.setItem(row, column, item)


def make_chooser(name: str, title: str, tip: str = "", characters: int = 0) -> QComboBox:
    """A list to choose from, still empty.

    Args:
        name: as an object.
        title: for screen readers.
        tip: the tooltip.
        characters: of which there is room at least, however long the texts are; 0 for no such
            limit.
    """
    chooser = QComboBox()
    chooser.setObjectName(name)
    chooser.setAccessibleName(title)
    chooser.setToolTip(tip)
    if characters:
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        chooser.setSizeAdjustPolicy(policy)
        chooser.setMinimumContentsLength(characters)
    return chooser


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
