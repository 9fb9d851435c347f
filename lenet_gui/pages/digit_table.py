"""The digits of all pages in a table that can be sorted: those that are least sure first."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from lenet_gui.widgets.formatting import format_percent
from trainer.pages.page import (
    FilePage,
    PageDigit,
    correct_digit,
    remove_digits,
    sort_by_doubt,
)
from trainer.reading.verdict import Verdict
from trainer.translation import N_
from trainer.translation import gettext as _

COLUMNS = (N_("Picture"), N_("Line"), N_("Place"), N_("Digit"), N_("Confidence"), N_("Note"))
_NOTES = {
    Verdict.SURE: "",
    Verdict.UNSURE: N_("unsure: or {second}?"),
    Verdict.REJECTED: N_("not a digit?"),
}
_ORDER = {Verdict.REJECTED: 0, Verdict.UNSURE: 1, Verdict.SURE: 2}
Index = QModelIndex | QPersistentModelIndex


class DigitTable(QAbstractTableModel):
    """A row for each digit. Knows what was corrected; the pages given stay as they were read."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[FilePage] = []
        """As they were read."""
        self.corrected: dict[tuple[int, int], int] = {}
        """What a person said: by page and digit."""
        self.removed: set[tuple[int, int]] = set()
        """What a person said is no digit: page and digit."""
        self._shown: list[FilePage] = []  # with corrections
        self._rows: list[tuple[int, int]] = []  # page and digit
        self._places: dict[tuple[int, int], tuple[int, int]] = {}  # line and place, 1 first

    # Content

    def add(self, page: FilePage) -> None:
        """Add what was read, at the end until the table is sorted."""
        number = len(self.pages)
        self.pages.append(page)
        self._shown.append(page)
        first = len(self._rows)
        count = len(page.page.digits)
        at = 0
        for line, digits in enumerate(page.page.lines, 1):
            for place in range(1, len(digits) + 1):
                self._places[number, at] = line, place
                at += 1
        if count:
            self.beginInsertRows(QModelIndex(), first, first + count - 1)
            self._rows += [(number, n) for n in sort_by_doubt(page.page)]
            self.endInsertRows()

    def correct(self, row: int, label: int) -> None:
        """The digit in this row is that one."""
        page, number = self._rows[row]
        self.removed.discard((page, number))
        self.corrected[page, number] = label
        shown = self._shown[page]
        corrected = correct_digit(shown.page, number, label)
        self._shown[page] = dataclasses.replace(shown, page=corrected)
        last = self.index(row, len(COLUMNS) - 1)
        self.dataChanged.emit(self.index(row, 0), last)

    def remove(self, row: int) -> None:
        """What was read in this row is no digit; it is one again if it was removed before."""
        self.removed ^= {self._rows[row]}
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def removed_of(self, page: int) -> frozenset[int]:
        """Which digits of a page are none."""
        return frozenset(number for of, number in self.removed if of == page)

    def count_doubtful(self) -> int:
        """How many digits are unsure, or like none, of which nobody has said what they are."""
        return sum(
            self._shown[page].page.digits[number].verdict != Verdict.SURE
            for page, number in self._rows
            if (page, number) not in self.removed
        )

    @property
    def changed(self) -> bool:
        """Whether anything was corrected."""
        return bool(self.corrected or self.removed)

    def page_of(self, row: int) -> tuple[int, int]:
        """Which page the row's digit is on, and which digit of it."""
        return self._rows[row]

    def row_of(self, page: int, number: int) -> int:
        """The row of a page's digit."""
        return self._rows.index((page, number))

    def shown(self, page: int) -> FilePage:
        """A page with what was corrected."""
        return self._shown[page]

    @property
    def all_shown(self) -> list[FilePage]:
        """All pages with what was corrected, and without what is no digit."""
        return [
            dataclasses.replace(each, page=remove_digits(each.page, self.removed_of(number)))
            for number, each in enumerate(self._shown)
        ]

    def name_place(self, row: int) -> str:
        """Where the row's digit stands, for a correction's source."""
        page, number = self._rows[row]
        line, place = self._places[page, number]
        each = self.pages[page]
        return f"picture {each.path.name}, page {each.number}, line {line}, digit {place}"

    # What Qt asks for

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        """How many digits there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        """As many as there are titles."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """A column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _(COLUMNS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 0:
            page, _number = self._rows[index.row()]
            return str(self.pages[page].path)
        return None

    def _text(self, row: int, column: int) -> str:
        page, number = self._rows[row]
        each = self._shown[page]
        digit = each.page.digits[number]
        line, place = self._places[page, number]
        confidence = format_percent(digit.confidence)
        if (page, number) in self.corrected or (page, number) in self.removed:
            confidence = ""
        texts = (each.name, str(line), str(place), each.page.classes[digit.digit], confidence)
        return (*texts, self._note(page, number, digit))[column]

    def _note(self, page: int, number: int, digit: PageDigit) -> str:
        if (page, number) in self.removed:
            return _("left out")
        if (page, number) in self.corrected:
            return _("corrected")
        second = self.pages[page].page.classes[digit.second]
        return _(_NOTES[digit.verdict]).format(second=second)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; the note's puts those first that are least sure."""

        def key(row: tuple[int, int]) -> Any:
            digit = self._shown[row[0]].page.digits[row[1]]
            keys: tuple[Any, ...] = (
                row[0], self._places[row][0], self._places[row][1], digit.digit, digit.confidence,
                self._doubt(row),
            )  # fmt: skip
            return keys[column], row

        self._reorder(key, descending=order == Qt.SortOrder.DescendingOrder)

    def _doubt(self, row: tuple[int, int]) -> Any:
        digit = self._shown[row[0]].page.digits[row[1]]
        return _ORDER[digit.verdict], digit.confidence, row

    def _reorder(self, key: Any, descending: bool) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [(index, self._rows[index.row()]) for index in before]
        self._rows.sort(key=key, reverse=descending)
        places = {row: n for n, row in enumerate(self._rows)}
        for index, row in kept:
            self.changePersistentIndex(index, self.index(places[row], index.column()))
        self.layoutChanged.emit()
