"""The table of runs, and how a run's tick, progress and line are painted in it."""

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
    QGuiApplication,
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
    QLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.train.run_item import STATE_TEXTS
from lenet_gui.train.run_model import (
    BEST,
    EPOCHS,
    LEFT,
    PROGRESS,
    PROGRESS_ROLE,
    RUN,
    SHOWN,
    SPEED,
    STATE,
    STYLE_ROLE,
    TEST,
    RunModel,
)
from lenet_gui.widgets import controls, lists
from trainer.curves.spec import LineStyle
from trainer.translation import gettext as _

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


_WIDEST = {
    PROGRESS: "",
    EPOCHS: "100.5/100",
    SPEED: "100,000",
    LEFT: "0:00:00",
    BEST: "100.00 %",
    TEST: "100.00 %",
}
"""No column jumps while figures come in: each has room for its longest one, or its title."""
_FIRST_TO_GO = (SPEED, LEFT, EPOCHS, TEST, PROGRESS, BEST)
"""The order in which columns are left out where room is scarce."""
_NAME, _LINE = 18, 38  # characters of a run's name, and the pixels of its line, that are seen


class RunTable(QTableView):
    """One line a run; the tick draws its curves, the selection is what the buttons work on."""

    menu_asked = Signal(QPoint)
    """The menu of the rows that are selected is wanted; where on the screen."""
    delete_asked = Signal()
    """The Delete key was pressed."""
    opened = Signal()
    """A run's name was double-clicked."""

    def __init__(self, model: RunModel) -> None:
        super().__init__()
        self._runs = model
        self._offered: QWidget | None = None
        self.setModel(model)
        lists.lay_out_as_table(self, "runs", _("Runs"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        # Titles differ at the end: the recipe's name comes first, and the time last.
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegateForColumn(SHOWN, TickDelegate(self))
        self.setItemDelegateForColumn(RUN, LineDelegate(self))
        self.setItemDelegateForColumn(PROGRESS, ProgressDelegate(self))
        self.setMinimumHeight(96)
        self._prepare_header()
        self.clicked.connect(self._select_ticked)
        self.doubleClicked.connect(self._open)

    def _prepare_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(RUN, QHeaderView.ResizeMode.Stretch)
        # A third click on a title sorts by no column, which is by time.
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _open(self, index: QModelIndex) -> None:
        if index.column() == RUN:
            self.opened.emit()

    def _select_ticked(self, index: QModelIndex) -> None:
        """A click on the tick alone would leave another run selected."""
        keys = QGuiApplication.keyboardModifiers()
        if index.column() == SHOWN and keys == Qt.KeyboardModifier.NoModifier:
            self.selectRow(index.row())

    def _fit_columns(self) -> None:
        """In a narrow window the run's name goes before what else is told."""
        metrics = self.fontMetrics()
        states = max(metrics.horizontalAdvance(_(text)) for text in STATE_TEXTS.values())
        widths = {SHOWN: 30, STATE: states + 12}
        for column, text in _WIDEST.items():
            title = str(self._runs.headerData(column, Qt.Orientation.Horizontal))
            room = max(metrics.horizontalAdvance(each) for each in (text, title))
            widths[column] = room + 18
        left = self.viewport().width() - metrics.averageCharWidth() * _NAME - _LINE
        left -= sum(widths.values())
        for column in _FIRST_TO_GO:
            self.setColumnHidden(column, left < 0)
            left += widths[column] if left < 0 else 0
        for column, width in widths.items():
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns share the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
            self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks the selected rows, Delete deletes them."""
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        if event.key() == Qt.Key.Key_Space and not event.modifiers() and rows:
            ticked = all(self._runs.runs[row].shown for row in rows)
            state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
            for row in rows:
                index = self._runs.index(row, SHOWN)
                self._runs.setData(index, state, Qt.ItemDataRole.CheckStateRole)
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the selected rows, or with the row below the pointer alone."""
        place, where = event.pos(), event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).center()
            where = self.viewport().mapToGlobal(place)
        index = self.indexAt(place)
        if not index.isValid():
            return
        if not self.selectionModel().isRowSelected(index.row()):
            self.selectRow(index.row())
        self.menu_asked.emit(where)

    def offer(self, button: QWidget) -> None:
        """Give a button that is of use while there are no runs a place below the hint."""
        self._offered = button
        place = QVBoxLayout(self.viewport())
        place.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # rows need no button
        place.addWidget(button, 1, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hint while there are no runs."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            hint = _("No runs yet. Choose a recipe and click Train.")
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            room = self.viewport().rect()
            if self._offered is not None and not self._offered.isHidden():
                room.setBottom(self._offered.y())
            painter.drawText(room, wrapped, hint)
