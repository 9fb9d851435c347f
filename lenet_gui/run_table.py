"""The table of runs."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from lenet_gui.run_delegates import LineDelegate, ProgressDelegate, TickDelegate
from lenet_gui.run_list import LEFT, PROGRESS, RUN, SHOWN, SPEED, STATE, RunList


class RunTable(QTableView):
    """One line a run; the tick draws its curves, the selection is what the buttons work on."""

    menu_asked = Signal(QPoint)
    """The right button was pressed on a row, which is selected now; where on the screen."""

    def __init__(self, model: RunList) -> None:
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
