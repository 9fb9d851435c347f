"""What each named recipe reaches, beside what its source reported."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import make_push_button, resize_for_text
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.lists import fill_row, lay_out_as_table
from lenet_gui.workers.serial import BackgroundTask
from trainer.recipes import published_results
from trainer.recipes.catalog import RECIPES
from trainer.recipes.published_results import PublishedResult, Results
from trainer.translation import N_
from trainer.translation import gettext as _

_COLUMNS = (
    N_("Recipe"),
    N_("Reported"),
    N_("Measured here"),
    N_("Runs"),
    N_("s/epoch"),
    N_("Command"),
)
_RIGHT = (3, 4)


class ResultsWindow(QDialog):
    """The table; a row's recipe can be put into the form."""

    chosen = Signal(str)
    """Put the recipe of this name into the form."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("results_window")
        self.setWindowTitle(_("Published results"))
        self._rows: tuple[PublishedResult, ...] = ()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.caption = Label(_("Reading…"))
        self.caption.setObjectName("results_caption")
        self.caption.setWordWrap(True)
        self.take = make_push_button(
            _("Load recipe"),
            "take_recipe",
            _("Choose the selected row's recipe, to train it here"),
        )
        self.close_button = make_push_button(_("Close"), "close_results", _("Close this table"))
        self._lay_out()
        resize_for_text(self, 940, 480)
        self.take.clicked.connect(self._take)
        self.close_button.clicked.connect(self.close)
        self.table.itemSelectionChanged.connect(self._update)
        self.table.doubleClicked.connect(self._take)
        self._update()

    def _lay_out(self) -> None:
        table = self.table
        lay_out_as_table(table, "results", _("Published results"))
        table.setHorizontalHeaderLabels([_(title) for title in _COLUMNS])
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in _RIGHT:
            table.model().setHeaderData(
                column, Qt.Orientation.Horizontal, right, Qt.ItemDataRole.TextAlignmentRole
            )
        buttons = QHBoxLayout()
        buttons.addWidget(self.take)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.addWidget(table, 1)
        whole.addWidget(self.caption)
        whole.addLayout(buttons)

    def open_table(self) -> None:
        """Show the window, and read the table in the background."""
        if self.isVisible():
            self.raise_()  # behind another window, perhaps
        self.show()
        self.activateWindow()
        BackgroundTask.begin(published_results.read, self._show, self.caption.setText, context=self)

    def _show(self, results: Results) -> None:
        self._rows = results.rows
        self.table.setRowCount(len(results.rows))
        for number, row in enumerate(results.rows):
            cells = (
                *(row.recipe, row.source_text(), row.ours_text(), f"{row.seeds}"),
                *(f"{row.seconds_per_epoch:.1f}", row.command),
            )
            fill_row(self.table, number, cells, right=_RIGHT)
        self.caption.setText(published_results.format_caption(results))
        self._widen()
        if results.rows:
            self.table.selectRow(0)
            self.table.setFocus()

    def _widen(self) -> None:
        """Give every column its room, as far as the screen does: else the table scrolls."""
        header, most = self.table.horizontalHeader(), self.screen().availableSize().width()
        wanted = self.width() + max(0, header.length() - self.table.viewport().width())
        self.resize(min(wanted, most), self.height())
        header.setStretchLastSection(wanted <= most)

    def _selected(self) -> str:
        """The selected row's recipe, if the program has it; else empty."""
        rows = self.table.selectionModel().selectedRows()
        name = self._rows[rows[0].row()].recipe if rows else ""
        return name if name in RECIPES else ""

    def _update(self) -> None:
        self.take.setEnabled(bool(self._selected()))

    def _take(self) -> None:
        if name := self._selected():
            self.chosen.emit(name)
            self.close()
