"""How a run's tick, progress and line are painted in the table.

The table of runs.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from lenet_gui.train.run_model import (
    LEFT,
    PROGRESS,
    PROGRESS_ROLE,
    RUN,
    SHOWN,
    SPEED,
    STATE,
    STYLE_ROLE,
    RunModel,
)
from lenet_gui.widgets import controls
from trainer.curves.spec import LineStyle

_Index = QModelIndex | QPersistentModelIndex


class TickDelegate(QStyledItemDelegate):
    """A check box that is seen on dark ground too."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The row's ground, the box, and the tick."""
        rect: QRect = option.rect
        palette: QPalette = option.palette
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        style = plain.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, plain, painter, plain.widget)
        box = QRectF(0, 0, controls.SIDE, controls.SIDE)
        box.moveCenter(QRectF(rect).center())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ticked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Checked
        controls.paint_check_mark(painter, box, ticked, palette)
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """A click anywhere in the cell ticks it, as the space bar does."""
        clicked = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease
        space = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if not clicked and not (space and event.type() == QEvent.Type.KeyPress):
            return False
        role = Qt.ItemDataRole.CheckStateRole
        ticked = Qt.CheckState(index.data(role)) == Qt.CheckState.Checked
        other = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
        return model.setData(index, other, role)


class ProgressDelegate(QStyledItemDelegate):
    """A thin bar for the progress column."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Track and bar."""
        super().paint(painter, _without_text(self, option, index), index)
        share = float(index.data(PROGRESS_ROLE))
        rect: QRect = option.rect
        track = QRectF(rect.adjusted(8, 0, -8, 0))
        track.setTop(rect.center().y() - 3)
        track.setHeight(6)
        palette: QPalette = option.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(track, 3, 3)
        track.setWidth(track.width() * min(1.0, share))
        painter.setBrush(palette.color(QPalette.ColorRole.Accent))
        if track.width() >= 1:
            painter.drawRoundedRect(track, min(3, track.width() / 2), 3)
        painter.restore()

    def displayText(self, value: Any, locale: Any) -> str:
        """No text: the bar says it."""
        return ""


def _without_text(
    delegate: QStyledItemDelegate, option: QStyleOptionViewItem, index: _Index
) -> QStyleOptionViewItem:
    plain = QStyleOptionViewItem(option)
    delegate.initStyleOption(plain, index)
    return plain


class LineDelegate(QStyledItemDelegate):
    """Beside a run's name, the line that stands for it in the curves."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The line, then the name."""
        rect: QRect = option.rect
        style: LineStyle = index.data(STYLE_ROLE)
        moved = QStyleOptionViewItem(option)
        moved.rect = rect.adjusted(34, 0, 0, 0)
        super().paint(painter, moved, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = option.palette.color(QPalette.ColorRole.Base)
        pen = QPen(QColor(style.on(ground.lightness() < 128)), 2)
        if style.dashes:
            pen.setDashPattern(list(style.dashes))
        painter.setPen(pen)
        middle = rect.center().y() + 1
        painter.drawLine(rect.left() + 4, middle, rect.left() + 30, middle)
        painter.restore()


class RunTable(QTableView):
    """One line a run; the tick draws its curves, the selection is what the buttons work on."""

    menu_asked = Signal(QPoint)
    """The right button was pressed on a row, which is selected now; where on the screen."""

    def __init__(self, model: RunModel) -> None:
        super().__init__()
        self.setObjectName("runs")
        self.setAccessibleName("Runs")
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegateForColumn(SHOWN, TickDelegate(self))
        self.setItemDelegateForColumn(RUN, LineDelegate(self))
        self.setItemDelegateForColumn(PROGRESS, ProgressDelegate(self))
        self.setShowGrid(False)
        self.setAlternatingRowColors(False)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(96)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # No column jumps while figures come in: each has room for its longest one.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(RUN, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(SHOWN, 30)
        widest = ("100/100", "Images/s", "0:00:00", "100.00 %", "100.00 %")
        for column, text in enumerate(widest, start=PROGRESS + 1):
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance(text) + 20)

        # A click on the tick alone would leave another run selected.
        self.clicked.connect(lambda index: self.selectRow(index.row()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the run's name goes before its speed."""
        super().resizeEvent(event)
        narrow = self.width() < 720
        for column in (SPEED, LEFT):
            self.setColumnHidden(column, narrow)
        self.setColumnWidth(PROGRESS, 70 if narrow else 90)
        self.setColumnWidth(STATE, 86)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the row below the pointer."""
        index = self.indexAt(event.pos())
        if index.isValid():
            self.selectRow(index.row())
            self.menu_asked.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hint while there are no runs."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            hint = "No runs yet: choose a recipe and press Train"
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, hint)
