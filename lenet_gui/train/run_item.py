"""One run as the list shows it, and what its training thread tells, turned into its figures.

Lives in the window's thread.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from lenet_gui.train.training_thread import TrainingThread
from lenet_gui.widgets.formatting import day_or_time, run_title
from trainer.curves.spec import LineStyle, style_of
from trainer.progress import Progress
from trainer.recipes.catalog import original_name
from trainer.recipes.recipe import Recipe
from trainer.runs.listing import PastRun
from trainer.runs.record import Finished, Notes, RunState, Started
from trainer.training.events import DeviceLost, Diverged, Epoch, NotCaptured, Snapshot, Step
from trainer.training.history import History
from trainer.translation import N_
from trainer.translation import gettext as _


class RowState(StrEnum):
    """How a run stands in the list."""

    QUEUED = "queued"  # waits for its turn
    WAITING = "waiting"  # its thread reads data
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


STATE_TEXTS = {
    RowState.QUEUED: N_("queued"),
    RowState.WAITING: N_("waiting"),
    RowState.TRAINING: N_("training"),
    RowState.PAUSED: N_("paused"),
    RowState.STOPPING: N_("stopping"),
    RowState.NO_DATA: N_("no data"),
    RowState.ELSEWHERE: N_("elsewhere"),
    RowState.INTERRUPTED: N_("interrupted"),
    RowState.STOPPED: N_("stopped"),
    RowState.FAILED: N_("failed"),
    RowState.DIVERGED: N_("diverged"),
    RowState.FINISHED: N_("finished"),
}
"""What is shown of each, before it is translated."""
PREPARING = N_("preparing")

_IN_THREAD = (RowState.WAITING, RowState.TRAINING, RowState.PAUSED, RowState.STOPPING)
_UNDER_WAY = (RowState.QUEUED, *_IN_THREAD)
_RESUMABLE = (RowState.INTERRUPTED, RowState.STOPPED, RowState.FAILED)
_NO_TWINS = (*_RESUMABLE, RowState.DIVERGED, RowState.NO_DATA, RowState.STOPPING)
"""States of runs that another one of the same recipe may follow unasked."""


@dataclass(eq=False)
class RunItem:
    """One run as a row of the list."""

    recipe: Recipe
    number: int  # decides its line's look
    state: RowState = RowState.WAITING
    thread: TrainingThread | None = None
    folder: Path | None = None
    history: History | None = field(default_factory=History)  # None: still on disk
    outdated: bool = False  # the history on disk is longer
    shown: bool = True  # its curves are drawn
    doing: str = ""  # such as "reading MNIST"
    started: str = ""
    began: float = field(default_factory=time.time)  # seconds since 1970
    progress: float = 0.0  # 0 to 1
    epochs: float = 0.0  # trained, with the part of the one under way
    images_per_second: float = 0.0
    seconds_left: float | None = None
    best: float | None = None  # validation accuracy, 0 to 1
    test: float | None = None
    problem: str = ""
    details: str = ""  # of a problem, for whoever looks for its cause
    device: str = ""  # where it trains, such as "cuda"; empty until it has begun
    before: RowState | None = None  # its state before it was taken up again; None if it was not
    kept: bool = True  # it left what is needed to go on
    notes: Notes = field(default_factory=Notes)
    twin: int = 1  # 2 for the second run that would have the same title, and so on
    past: PastRun | None = None  # as it was on disk when that was last looked at
    ended: float = -math.inf  # `time.monotonic` when its thread here ended

    @property
    def resumable(self) -> bool:
        """Whether it ended early, or never began, so that it may be trained on."""
        return self.state in _RESUMABLE and self.kept

    @property
    def under_way(self) -> bool:
        """Whether it trains here, or waits for its turn."""
        return self.state in _UNDER_WAY

    @property
    def in_thread(self) -> bool:
        """Whether a thread of this window works on it."""
        return self.state in _IN_THREAD

    @property
    def state_text(self) -> str:
        """Its state in words."""
        preparing = self.state is RowState.WAITING and self.doing
        return _(PREPARING) if preparing else _(STATE_TEXTS[self.state])

    @property
    def plain_title(self) -> str:
        """Its title, which another run may have as well."""
        return self.notes.title or run_title(self.recipe, self.started)

    @property
    def title(self) -> str:
        """The user's title, or recipe, what was changed of it, and time; no two runs have one."""
        return self._name_by_number(self.plain_title)

    @property
    def short_title(self) -> str:
        """The user's title, or recipe and time."""
        short = f"{original_name(self.recipe)} {self.started}".rstrip()
        return self._name_by_number(self.notes.title or short)

    def _name_by_number(self, title: str) -> str:
        return title if self.twin == 1 else f"{title} ({self.twin})"

    @property
    def style(self) -> LineStyle:
        """How its curves are drawn."""
        return style_of(self.number)

    def is_twin(self, recipe: Recipe) -> bool:
        """Whether it comes to the same network as `recipe` would, or has."""
        return self.state not in _NO_TWINS and _values(self.recipe) == _values(recipe)

    def follow(self, past: PastRun) -> None:
        """Take over what another program has done with this run by now."""
        later = RunItem.from_disk(past, self.number)
        names = ("state", "progress", "epochs", "best", "test", "problem", "kept", "notes", "past")
        known = self.past.step if self.past is not None else None
        self.outdated = self.outdated or (self.history is not None and known != past.step)
        for name in names:
            setattr(self, name, getattr(later, name))

    @staticmethod
    def from_disk(past: PastRun, number: int) -> RunItem:
        """A run of earlier; its history is read when it is shown."""
        record = past.record
        state = RowState.INTERRUPTED
        if not past.interrupted:  # a run under way is another window's, or another program's
            running = record.state is RunState.RUNNING
            state = RowState.ELSEWHERE if running else RowState(record.state.value)
        finished = state is RowState.FINISHED
        return RunItem(
            recipe=past.recipe,
            number=number,
            state=state,
            folder=past.folder,
            history=None,
            shown=False,
            started=day_or_time(record.started),
            began=past.began,
            progress=1.0 if finished else past.epochs / past.recipe.epochs,
            epochs=float(record.epochs) if finished else past.epochs,
            best=record.best_val_accuracy,
            test=record.test_accuracy,
            problem=record.problem,
            kept=past.has_checkpoint,
            notes=past.notes,
            past=past,
        )


def _values(recipe: Recipe) -> list[Any]:
    """All that a run's result depends on."""
    names = (spec.name for spec in dataclasses.fields(recipe))
    return [getattr(recipe, name) for name in names if name not in ("name", "description")]


class RunEvents(QObject):
    """Listens to one run's thread."""

    refreshed = Signal(object)
    """The run has new figures (`RunItem`)."""
    began = Signal(object)
    """Its training begins (`RunItem`)."""
    ended = Signal(object)
    """It ended, in whatever way but for want of data (`RunItem`)."""
    gone = Signal(object)
    """Its thread is gone (`RunItem`); comes last."""
    data_missing = Signal(object, str, str)
    """It can't start: the run, the dataset's name, and where it was looked for."""
    failed = Signal(str, str)
    """Something that the user should know at once, and its details."""

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
            # A run that is resumed goes on with its curves.
            self.run.history, self.run.outdated = value, False
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
        run.epochs = last.step / last.steps_per_epoch
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
            self._start(event)
        elif isinstance(event, Epoch):
            self._epoch(event)
        elif isinstance(event, DeviceLost):
            run.device = "cpu"
            run.problem = _("{device} failed; the run goes on on the CPU").format(
                device=event.device.upper()
            )
            self.failed.emit(f"{run.title}: {run.problem}", event.reason)
        elif isinstance(event, NotCaptured):
            text = _("{run}: {device} trains more slowly than it could").format(
                run=run.title, device=event.device.upper()
            )
            self.failed.emit(text, str(event))
        elif isinstance(event, Diverged):
            run.state, run.problem = RowState.DIVERGED, str(event)
        elif isinstance(event, Finished):
            run.test = event.test_accuracy
            if run.state is not RowState.DIVERGED:
                run.state = RowState.FINISHED
        self.refreshed.emit(run)

    def _start(self, event: Started) -> None:
        run = self.run
        self._started = True
        run.folder, run.device = event.folder, event.device
        if not run.before:
            run.started = _time_of(event)
            run.progress = 0.0
        run.problem = event.note
        run.state = RowState.TRAINING if run.state is RowState.WAITING else run.state
        self.began.emit(run)

    def _epoch(self, event: Epoch) -> None:
        assert self.run.history is not None
        figures = (event.epoch, event.val_loss, event.val_accuracy)
        self.run.history.add("validation", *figures, **_when(event))
        if event.best:
            self.run.best = event.val_accuracy

    def _failed(self, problem: str) -> None:
        self._end = (RowState.FAILED, problem)
        if self.run.thread is not None:
            self.run.details = self.run.thread.details

    def _missing(self, name: str, problem: str) -> None:
        self._end = (RowState.NO_DATA, "")
        self.run.state = self.run.before or RowState.NO_DATA
        self.data_missing.emit(self.run, name, problem)

    def _finished(self) -> None:
        """Only now may the run be taken up again: two threads must not train it."""
        run, (state, problem) = self.run, self._end
        run.past, run.ended = None, time.monotonic()
        if run.before and not self._started and state is not RowState.NO_DATA:
            state = run.before  # what could not even be resumed stays what it was
        if state is not RowState.NO_DATA:
            if run.state not in (RowState.FINISHED, RowState.DIVERGED):
                run.state, run.problem = state, problem or run.problem
            self.ended.emit(run)
        self.gone.emit(run)
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
