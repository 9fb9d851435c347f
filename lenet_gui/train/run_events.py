"""What a training thread tells, turned into a row's figures. Lives in the window's thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from lenet_gui.train.run_model import Run
from trainer.progress import Progress
from trainer.runs.record import Finished, Started
from trainer.training.events import DeviceLost, Diverged, Epoch, NotCaptured, Step
from trainer.training.history import History


class RunEvents(QObject):
    """Listens to one run's thread."""

    refreshed = Signal(object)
    """The run has new figures (`Run`)."""
    ended = Signal(object)
    """Its thread is gone (`Run`)."""
    data_missing = Signal(object, str, str)
    """It can't start: the run, the dataset's name, and where it was looked for."""

    told = Signal(str)
    """Something that the user should know at once."""

    def __init__(self, run: Run, parent: QObject) -> None:
        super().__init__(parent)
        self.run = run
        self._end = ("stopped", "")  # state and problem, once its thread is gone
        self._started = False
        assert run.thread is not None
        run.thread.remembered.connect(self._remembered)
        run.thread.stepped.connect(self._stepped)
        run.thread.happened.connect(self._happened)
        run.thread.failed.connect(self._failed)
        run.thread.data_missing.connect(self._missing)
        run.thread.stopped.connect(self._stopped)
        run.thread.finished.connect(self._finished)

    def _remembered(self, history: History) -> None:
        """A run that is taken up again goes on with its curves."""
        self.run.history = history

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
            run.state = "training" if run.state == "waiting" else run.state
        elif isinstance(event, Epoch):
            self._epoch(event)
        elif isinstance(event, DeviceLost):
            run.device = "cpu"
            run.problem = f"{event.device} failed ({event.reason}); it goes on on the CPU"
            self.told.emit(f"{run.title}: {run.problem}")
        elif isinstance(event, NotCaptured):
            self.told.emit(f"{run.title}: {event}")
        elif isinstance(event, Diverged):
            run.state, run.problem = "diverged", str(event)
        elif isinstance(event, Finished):
            run.test = event.test_accuracy
            run.state = "diverged" if run.state == "diverged" else "finished"
        self.refreshed.emit(run)

    def _epoch(self, event: Epoch) -> None:
        assert self.run.history is not None
        figures = (event.epoch, event.val_loss, event.val_accuracy)
        self.run.history.add("validation", *figures, **_when(event))
        if event.best:
            self.run.best = event.val_accuracy

    def _failed(self, problem: str) -> None:
        # A run that could not even be taken up again stays what it was.
        refused = self.run.before and not self._started
        self._end = (self.run.before if refused else "failed", problem)

    def _missing(self, name: str, problem: str) -> None:
        self._end = ("no data", "")
        self.run.state = self.run.before or "no data"
        self.data_missing.emit(self.run, name, problem)

    def _stopped(self) -> None:
        if self.run.before and not self._started:
            self._end = (self.run.before, "")

    def _finished(self) -> None:
        """Only now may the run be taken up again: two threads must not train it."""
        state, problem = self._end
        if state != "no data":
            if self.run.state not in ("finished", "diverged"):
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
