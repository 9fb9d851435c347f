"""How each class is read, as a table to be sorted by any column."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from lenet_gui.widgets.formatting import format_count, format_difference, format_percent
from trainer.evaluation.report import ClassFigures, Report
from trainer.translation import N_
from trainer.translation import gettext as _

COLUMNS = (N_("Class"), N_("Precision"), N_("Recall"), "F1", N_("Images"), N_("Misread"))
_TIPS = (
    N_("Click to see its misread images"),
    N_("Of the images recognized as this class, the share that belong to it"),
    N_("Of the images of this class, the share recognized as it"),
    N_("The harmonic mean of precision and recall"),
    N_("How many test images belong to this class"),
    N_("How many of them are recognized as another class"),
)
_Index = QModelIndex | QPersistentModelIndex


class ClassList(QAbstractTableModel):
    """A row a class; with a second report, its recall beside the first one's."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []
        """The classes' numbers, in the order shown."""
        self._report: Report | None = None
        self._second: Report | None = None
        self._sorted = (0, Qt.SortOrder.AscendingOrder)

    def show_reports(self, report: Report, second: Report | None) -> None:
        """Show these; the order stays."""
        self.beginResetModel()
        self._report, self._second = report, second
        self.rows = list(range(len(report.classes)))
        self._sort()
        self.endResetModel()

    def value(self, number: int, column: int) -> Any:
        """A class's figure; None where nothing can be said."""
        assert self._report is not None
        figures = self._report.per_class[number]
        if column >= len(COLUMNS):
            return _compare(figures, self._second, number)
        misread = figures.support - int(self._report.confusion[number, number])
        shares = (figures.precision, figures.recall, figures.f1)
        return (number, *shares, figures.support, misread)[column]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By this column; what is not known comes first."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._sort()
        self.layoutChanged.emit()

    def _sort(self) -> None:
        column, order = self._sorted

        def key(number: int) -> float:
            value = self.value(number, column)
            return -2.0 if value is None else float(value)

        if self._report is not None:
            self.rows.sort(key=key, reverse=order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """One row for each class."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """One column for each figure."""
        return 0 if parent.isValid() else len(COLUMNS) + (self._second is not None)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """The columns' names and what they mean."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (*map(_, COLUMNS), _("Recall, B − A"))[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                *map(_, _TIPS),
                _("The second network's recall minus this one's, in percentage points"),
            )[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A class's figure, as text, color or alignment."""
        number, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return _(_TIPS[0])
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        assert self._report is not None
        value = self.value(number, column)
        if column == 0:
            return self._report.classes[number]
        if column >= len(COLUMNS):
            return "–" if value is None else format_difference(value * 100, 2)
        if column in (4, 5):
            return format_count(value)
        return "–" if value is None else format_percent(value)


def _compare(figures: ClassFigures, second: Report | None, number: int) -> float | None:
    """How much more of a class the second network reads correctly."""
    theirs = None if second is None else second.per_class[number].recall
    return None if theirs is None or figures.recall is None else theirs - figures.recall


class ClassTable(QTableView):
    """The table; a click on a row asks for the misread images of that class."""

    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("classes")
        self.setAccessibleName(_("Results by class"))
        self.list = ClassList()
        self.setModel(self.list)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setMinimumSectionSize(self.fontMetrics().height() + 8)
        self.verticalHeader().setMaximumSectionSize(48)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(56)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.clicked.connect(self._chosen)
        self.activated.connect(self._chosen)  # Return

    def _chosen(self, index: QModelIndex) -> None:
        self.class_chosen.emit(self.list.rows[index.row()])
