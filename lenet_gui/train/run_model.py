"""The list of runs: those of today as they train, those of earlier days from their folders.

It follows the disk: what other windows and the command line train, and what was deleted.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.train.run_queue import RunQueue
from lenet_gui.widgets.formatting import format_duration, format_percent, format_tooltip
from trainer.runs.listing import Listed, PastRun
from trainer.runs.record import RunState
from trainer.translation import N_
from trainer.translation import gettext as _

COLUMNS = (
    "",
    N_("Run"),
    N_("State"),
    N_("Progress"),
    N_("Epochs"),
    N_("Images/s"),
    N_("Left"),
    N_("Best"),
    N_("Test"),
)
SHOWN, RUN, STATE, PROGRESS, EPOCHS, SPEED, LEFT, BEST, TEST = range(len(COLUMNS))
_TIPS = {
    SHOWN: N_("Tick runs to draw their curves"),
    LEFT: N_("Estimated time left"),
    BEST: N_("Best accuracy on the validation images so far"),
    TEST: N_("Accuracy on the test images"),
}
PROGRESS_ROLE = Qt.ItemDataRole.UserRole
STYLE_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex

_STATES = list(RowState)
_SORT_KEYS: dict[int, Callable[[RunItem], Any]] = {
    SHOWN: lambda run: not run.shown,
    RUN: lambda run: run.title.casefold(),
    STATE: lambda run: _STATES.index(run.state),
    PROGRESS: lambda run: run.progress,
    EPOCHS: lambda run: run.epochs,
    SPEED: lambda run: run.images_per_second if run.in_thread else 0.0,
    LEFT: lambda run: (run.seconds_left if run.in_thread else None) or math.inf,
    BEST: lambda run: -1.0 if run.best is None else run.best,
    TEST: lambda run: -1.0 if run.test is None else run.test,
}


class RunModel(QAbstractTableModel):
    """All runs, newest first, until they are sorted otherwise."""

    shown_changed = Signal()
    """Other runs' curves are to be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunItem] = []
        self.queue = RunQueue()
        self._count = 0
        self._sorted = False  # by a column
        self._named: dict[RunItem, str] = {}  # the plain title that each was numbered for

    def next_number(self) -> int:
        """A number that no run of this session has yet."""
        self._count += 1
        return self._count - 1

    def add(self, run: RunItem) -> None:
        """A new run, on top."""
        self._insert(run, 0)

    def _insert(self, run: RunItem, row: int) -> None:
        self._tell_apart(run)
        self.beginInsertRows(QModelIndex(), row, row)
        self.runs.insert(row, run)
        self.endInsertRows()

    def _tell_apart(self, run: RunItem) -> None:
        """Number a run whose title another one has already."""
        title = run.plain_title
        if self._named.get(run) == title:
            return
        self._named.pop(run, None)
        taken = {other.twin for other, known in self._named.items() if known == title}
        run.twin = next(n for n in range(1, len(taken) + 2) if n not in taken)
        self._named[run] = title

    def add_past(self, past: Iterable[PastRun], but_running: bool = False) -> list[RunItem]:
        """Runs of earlier, each where its time belongs; returns those that are new.

        Args:
            past: what was found on disk; those that are listed already are left alone.
            but_running: leave out those that somebody trains now, or has begun to.
        """
        known = {run.folder for run in self.runs}
        new = []
        for past_run in past:
            running = past_run.record.state is RunState.RUNNING
            if past_run.folder not in known and not (but_running and running):
                run = RunItem.from_disk(past_run, self.next_number())
                place = bisect.bisect(self.runs, -run.began, key=lambda other: -other.began)
                self._insert(run, 0 if self._sorted else place)
                new.append(run)
        return new

    def follow(self, listed: Listed) -> list[RunItem]:
        """Show what others did with the runs, add theirs, and take deleted ones away.

        A run that trains here, or ended here after the disk was looked at, is known better.

        Returns:
            The runs that are new.
        """
        by_folder = {past.folder: past for past in listed.runs}
        for run in list(self.runs):
            if run.folder is None or run.in_thread or run.ended >= listed.began:
                continue
            past = by_folder.get(run.folder)
            if past is None:
                gone = run.folder.parent == listed.root and run.folder not in listed.folders
                if gone and listed.readable:
                    self.remove(run)
            elif run.past is not past and run.state is not RowState.QUEUED:
                if run.past is None and run.state.value == past.record.state.value:
                    run.past = past  # it ended here: what it left is no news
                else:
                    run.follow(past)
                    self.refresh(run)
        # The folder of a run that has just begun here is not known to be its own yet.
        preparing = any(run.in_thread and run.folder is None for run in self.runs)
        return self.add_past(listed.runs, but_running=preparing)

    def remove(self, run: RunItem) -> None:
        """Take a row away."""
        row = self.runs.index(run)
        self.beginRemoveRows(QModelIndex(), row, row)
        self.runs.remove(run)
        self._named.pop(run, None)
        self.endRemoveRows()

    def refresh(self, run: RunItem) -> None:
        """Show a row's new figures."""
        if run not in self.runs:
            return  # its thread had still something to tell after it was removed
        self._tell_apart(run)
        row = self.runs.index(run)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows that are there; by no column (-1), the newest run comes first."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [self.runs[index.row()] for index in before]
        self.runs.sort(key=lambda run: -run.began)  # the order among equals
        self._sorted = column in _SORT_KEYS
        if self._sorted:
            descending = order == Qt.SortOrder.DescendingOrder
            self.runs.sort(key=_SORT_KEYS[column], reverse=descending)
        rows = {run: row for row, run in enumerate(self.runs)}
        after = [
            self.index(rows[run], index.column()) for run, index in zip(kept, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """One row for each run."""
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Figures of a run."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _(COLUMNS[section])
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return _(_TIPS.get(section, ""))
        if role == Qt.ItemDataRole.TextAlignmentRole and section > PROGRESS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """The first column is a check box."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == SHOWN else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One figure of one run."""
        run = self.runs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(run, index.column())
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == SHOWN:
            return Qt.CheckState.Checked if run.shown else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            text = run.problem or run.doing
            lines = (run.title, run.notes.note, text, str(run.folder or ""))
            return format_tooltip("\n".join(filter(None, lines)))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > PROGRESS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == PROGRESS_ROLE:
            return run.progress
        if role == STYLE_ROLE:
            return run.style
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Show or hide a run's curves."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        run = self.runs[index.row()]
        run.shown = Qt.CheckState(value) == Qt.CheckState.Checked
        self.refresh(run)
        self.shown_changed.emit()
        return True

    @staticmethod
    def _text(run: RunItem, column: int) -> str:
        trains = run.in_thread and run.epochs > 0
        left = run.seconds_left if trains else None
        texts = (
            "",
            run.title,
            run.state_text,
            f"{run.progress:.0%}",
            f"{_tenths(run.epochs)}/{run.recipe.epochs}",
            f"{run.images_per_second:,.0f}" if trains else "",
            format_duration(left) if left else "",
            format_percent(run.best),
            format_percent(run.test),
        )
        return texts[column]


def _tenths(epochs: float) -> str:
    """Such as "3" or "0.4"; never more than there were."""
    whole, tenth = divmod(math.floor(epochs * 10 + 1e-6), 10)
    return f"{whole}.{tenth}" if tenth else f"{whole}"
