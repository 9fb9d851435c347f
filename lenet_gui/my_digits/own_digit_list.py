"""My digits as a list for a view: newest first, by digit, or only those read wrongly."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from trainer.my_digits.digit import OwnDigit

DIGIT_ROLE = Qt.ItemDataRole.UserRole
"""The row's `OwnDigit`."""
READ_ROLE = Qt.ItemDataRole.UserRole + 1
"""What the present network reads it as; None while that is not known."""
_Index = QModelIndex | QPersistentModelIndex


class OwnDigitList(QAbstractListModel):
    """The digits that pass the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.digits: tuple[OwnDigit, ...] = ()
        """All of them, oldest first."""
        self.rows: list[OwnDigit] = []
        """Those shown."""
        self.reads: dict[str, int] = {}
        self.label: int | None = None
        self.wrong_only = False

    def show_digits(self, digits: tuple[OwnDigit, ...]) -> None:
        """Show others than so far."""
        self.digits = digits
        self._filter()

    def show_reads(self, reads: dict[str, int]) -> None:
        """What the present network reads each as, by id."""
        self.reads = reads
        self._filter()

    def show_only(self, label: int | None, wrong_only: bool) -> None:
        """Show those with this label (None: all), and of them perhaps only those read wrongly."""
        self.label, self.wrong_only = label, wrong_only
        self._filter()

    def wrong(self, digit: OwnDigit) -> bool:
        """Whether the present network reads it as something else than it is."""
        return self.reads.get(digit.id, digit.label) != digit.label

    def _filter(self) -> None:
        rows = [
            digit
            for digit in reversed(self.digits)
            if self.label in (None, digit.label) and (not self.wrong_only or self.wrong(digit))
        ]
        if [digit.id for digit in rows] == [digit.id for digit in self.rows]:
            self.rows = rows  # the same pictures: what is selected stays so
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    # What views ask

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many are shown."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The digit, and words for it."""
        digit = self.rows[index.row()]
        if role == DIGIT_ROLE:
            return digit
        if role == READ_ROLE:
            return self.reads.get(digit.id)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._told(digit)
        return None

    def _told(self, digit: OwnDigit) -> str:
        words = [f"A {digit.label}"]
        if digit.read_as is not None:
            words.append(f"was read as {digit.read_as}")
        if digit.id in self.reads:
            words.append(f"the present network reads {self.reads[digit.id]}")
        return ", ".join([*words, f"kept {digit.when[:10]}"])
