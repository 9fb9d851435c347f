"""The list of runs: those of today as they train, those of earlier days from their folders.

What a training thread tells, turned into a row's figures. Lives in the window's thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from lenet_gui.train.training_thread import TrainingThread
from lenet_gui.widgets.formatting import (
    day_or_time,
    format_duration,
    format_percent,
    format_tooltip,
    run_title,
)
from trainer.curves.spec import LineStyle, style_of
from trainer.progress import Progress
from trainer.recipes.catalog import original_name
from trainer.recipes.recipe import Recipe
from trainer.runs.listing import PastRun
from trainer.runs.record import Finished, RunState, Started
from trainer.training.events import DeviceLost, Diverged, Epoch, NotCaptured, Snapshot, Step
from trainer.training.history import History

COLUMNS = ("", "Run", "State", "Progress", "Epoch", "Images/s", "Left", "Best", "Test")
SHOWN, RUN, STATE, PROGRESS, _EPOCH, SPEED, LEFT = range(7)
PROGRESS_ROLE = Qt.ItemDataRole.UserRole
STYLE_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class RowState(StrEnum):
    """How a run stands in the list; the text is shown."""

    WAITING = "waiting"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping"
    NO_DATA = "no data"
    ELSEWHERE = "elsewhere"  # another window or program trains it
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    FAILED = "failed"
    DIVERGED = "diverged"
    FINISHED = "finished"


_UNDER_WAY = (RowState.WAITING, RowState.TRAINING, RowState.PAUSED, RowState.STOPPING)
_RESUMABLE = (RowState.INTERRUPTED, RowState.STOPPED, RowState.FAILED)


@dataclass(eq=False)
class RunItem:
    """One row."""

    recipe: Recipe
    number: int  # decides its line's look
    state: RowState = RowState.WAITING
    thread: TrainingThread | None = None
    folder: Path | None = None
    history: History | None = field(default_factory=History)  # None: still on disk
    shown: bool = True  # its curves are drawn
    doing: str = ""  # such as "reading MNIST"
    started: str = ""
    progress: float = 0.0  # 0 to 1
    epoch: int = 0
    images_per_second: float = 0.0
    seconds_left: float | None = None
    best: float | None = None  # validation accuracy, 0 to 1
    test: float | None = None
    problem: str = ""
    device: str = ""  # where it trains, such as "cuda"; empty until it has begun
    before: RowState | None = None  # its state before it was taken up again; None if it was not
    kept: bool = True  # it left what is needed to go on

    @property
    def resumable(self) -> bool:
        """Whether it ended early, and here, so that it may be trained on."""
        return self.state in _RESUMABLE and self.folder is not None and self.kept

    @property
    def under_way(self) -> bool:
        """Whether its thread still works."""
        return self.state in _UNDER_WAY

    @property
    def title(self) -> str:
        """Recipe, what was changed of it, and time: as short as tells runs apart."""
        return run_title(self.recipe, self.started)

    @property
    def short_title(self) -> str:
        """Recipe and time."""
        return f"{original_name(self.recipe)} {self.started}".rstrip()

    @property
    def style(self) -> LineStyle:
        """How its curves are drawn."""
        return style_of(self.number)

    def follow(self, later: RunItem) -> None:
        """Take over what another program has done with this run by now."""
        for name in ("state", "progress", "epoch", "best", "test", "problem", "kept", "history"):
            setattr(self, name, getattr(later, name))

    @staticmethod
    def from_disk(past: PastRun, number: int) -> RunItem:
        """A run of earlier; its history is read when it is shown."""
        record = past.record
        state = RowState.INTERRUPTED
        if not past.interrupted:  # a run under way is another window's, or another program's
            running = record.state is RunState.RUNNING
            state = RowState.ELSEWHERE if running else RowState(record.state.value)
        return RunItem(
            recipe=past.recipe,
            number=number,
            state=state,
            folder=past.folder,
            history=None,
            shown=False,
            started=day_or_time(record.started),
            progress=1.0 if state is RowState.FINISHED else record.epochs / past.recipe.epochs,
            epoch=record.epochs,
            best=record.best_val_accuracy,
            test=record.test_accuracy,
            problem=record.problem,
            kept=past.has_checkpoint,
        )


class RunModel(QAbstractTableModel):
    """All runs, newest first."""

    shown_changed = Signal()
    """Other runs' curves are to be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunItem] = []
        self._count = 0

    def next_number(self) -> int:
        """A number that no run of this session has yet."""
        self._count += 1
        return self._count - 1

    def add(self, run: RunItem) -> None:
        """A new run, on top."""
        self.beginInsertRows(QModelIndex(), 0, 0)
        self.runs.insert(0, run)
        self.endInsertRows()

    def add_past(self, past: list[PastRun]) -> None:
        """Runs of earlier, below; of those listed already, what others did with them since."""
        known = {run.folder: run for run in self.runs}
        for found in past:
            run = known.get(found.folder)
            if run is not None and run.state is RowState.ELSEWHERE:
                run.follow(RunItem.from_disk(found, run.number))
                self.refresh(run)
        new = [RunItem.from_disk(p, self.next_number()) for p in past if p.folder not in known]
        if new:
            first = len(self.runs)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self.runs += new
            self.endInsertRows()

    def remove(self, run: RunItem) -> None:
        """Take a row away."""
        row = self.runs.index(run)
        self.beginRemoveRows(QModelIndex(), row, row)
        self.runs.remove(run)
        self.endRemoveRows()

    def refresh(self, run: RunItem) -> None:
        """Show a row's new figures."""
        if run not in self.runs:
            return  # its thread had still something to tell after it was removed
        row = self.runs.index(run)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Runs."""
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Figures of a run."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
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
            lines = (run.title, run.problem or run.doing, str(run.folder or ""))
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
        speed = f"{run.images_per_second:,.0f}" if run.under_way and run.epoch else ""
        left = format_duration(run.seconds_left) if run.under_way and run.seconds_left else ""
        texts = (
            "",
            run.title,
            "preparing" if run.state is RowState.WAITING and run.doing else run.state.value,
            f"{run.progress:.0%}",
            f"{run.epoch}/{run.recipe.epochs}",
            speed,
            left,
            format_percent(run.best),
            format_percent(run.test),
        )
        return texts[column]


class RunEvents(QObject):
    """Listens to one run's thread."""

    refreshed = Signal(object)
    """The run has new figures (`RunItem`)."""
    ended = Signal(object)
    """Its thread is gone (`RunItem`)."""
    data_missing = Signal(object, str, str)
    """It can't start: the run, the dataset's name, and where it was looked for."""

    told = Signal(str)
    """Something that the user should know at once."""

    def __init__(self, run: RunItem, parent: QObject) -> None:
        super().__init__(parent)
        self.run = run
        self._end = (RowState.STOPPED, "")  # state and problem, once its thread is gone
        self._started = False
        assert run.thread is not None
        run.thread.yielded.connect(self._yielded)
        run.thread.errored.connect(self._failed)
        run.thread.data_missing.connect(self._missing)
        run.thread.finished.connect(self._finished)

    def _yielded(self, value: object) -> None:
        if isinstance(value, list):
            self._stepped(value)
        elif isinstance(value, History):
            self.run.history = value  # a run that is resumed goes on with its curves
        elif not isinstance(value, Snapshot):
            self._happened(value)

    def _stepped(self, steps: list[Step]) -> None:
        run, last = self.run, steps[-1]
        assert run.history is not None
        for step in steps:
            epochs = step.step / step.steps_per_epoch
            run.history.add("train", epochs, step.loss, step.accuracy, **_when(step))
        total = last.steps_per_epoch * run.recipe.epochs
        run.progress = last.step / total
        run.epoch = last.epoch
        run.images_per_second = sum(s.images_per_second for s in steps) / len(steps)
        run.seconds_left = last.seconds / last.step * (total - last.step)
        self.refreshed.emit(run)

    def _happened(self, event: object) -> None:
        run = self.run
        if isinstance(event, Progress):
            run.doing = event.what
            if run.folder is None:  # until it trains, the bar is that of what comes first
                run.progress = event.done / event.total if event.total else 0.0
        elif isinstance(event, Started):
            self._started = True
            run.folder, run.device = event.folder, event.device
            if not run.before:
                run.started = _time_of(event)
                run.progress = 0.0
            run.problem = event.note
            run.state = RowState.TRAINING if run.state is RowState.WAITING else run.state
        elif isinstance(event, Epoch):
            self._epoch(event)
        elif isinstance(event, DeviceLost):
            run.device = "cpu"
            run.problem = f"{event.device} failed ({event.reason}); it goes on on the CPU"
            self.told.emit(f"{run.title}: {run.problem}")
        elif isinstance(event, NotCaptured):
            self.told.emit(f"{run.title}: {event}")
        elif isinstance(event, Diverged):
            run.state, run.problem = RowState.DIVERGED, str(event)
        elif isinstance(event, Finished):
            run.test = event.test_accuracy
            if run.state is not RowState.DIVERGED:
                run.state = RowState.FINISHED
        self.refreshed.emit(run)

    def _epoch(self, event: Epoch) -> None:
        assert self.run.history is not None
        figures = (event.epoch, event.val_loss, event.val_accuracy)
        self.run.history.add("validation", *figures, **_when(event))
        if event.best:
            self.run.best = event.val_accuracy

    def _failed(self, problem: str) -> None:
        self._end = (RowState.FAILED, problem)

    def _missing(self, name: str, problem: str) -> None:
        self._end = (RowState.NO_DATA, "")
        self.run.state = self.run.before or RowState.NO_DATA
        self.data_missing.emit(self.run, name, problem)

    def _finished(self) -> None:
        """Only now may the run be taken up again: two threads must not train it."""
        state, problem = self._end
        if self.run.before and not self._started and state is not RowState.NO_DATA:
            state = self.run.before  # what could not even be resumed stays what it was
        if state is not RowState.NO_DATA:
            if self.run.state not in (RowState.FINISHED, RowState.DIVERGED):
                self.run.state, self.run.problem = state, problem or self.run.problem
            self.ended.emit(self.run)
        self.deleteLater()


def _when(event: Step | Epoch) -> Any:
    """Where in the run an event happened, as a history takes it."""
    return {
        "step": event.step,
        "seconds": event.seconds,
        "learning_rate": event.learning_rate,
    }


def _time_of(event: Started) -> str:
    """The time in the folder's name, as "14:15:00"."""
    stamp = event.folder.name  # 2026-11-21_141500_...
    return f"{stamp[11:13]}:{stamp[13:15]}:{stamp[15:17]}"
