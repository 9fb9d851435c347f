"""What a training thread tells, turned into a row's figures. Lives in the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from lenet_gui.run_list import Run
from trainer.progress import Progress
from trainer.runs import Finished, Started

if TYPE_CHECKING:
    from trainer.training import Epoch, Step


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
        assert run.thread is not None
        run.thread.stepped.connect(self._stepped)
        run.thread.happened.connect(self._happened)
        run.thread.failed.connect(self._failed)
        run.thread.data_missing.connect(self._missing)
        run.thread.stopped.connect(self._stopped)
        run.thread.finished.connect(self._finished)

    def _stepped(self, steps: list[Step]) -> None:
        run, last = self.run, steps[-1]
        assert run.history is not None
        for step in steps:
            epochs = step.step / step.steps_per_epoch
            run.history.add("train", epochs, step.loss, step.accuracy)
        total = last.steps_per_epoch * run.recipe.epochs
        run.progress = last.step / total
        run.epoch = last.epoch
        run.images_per_second = sum(s.images_per_second for s in steps) / len(steps)
        run.seconds_left = last.seconds / last.step * (total - last.step)
        self.refreshed.emit(run)

    def _happened(self, event: object) -> None:
        from trainer.training import DeviceLost, Diverged, Epoch

        run = self.run
        if isinstance(event, Progress):
            run.doing = event.what
            if run.folder is None:  # until it trains, the bar is that of what comes first
                run.progress = event.done / event.total if event.total else 0.0
        elif isinstance(event, Started):
            run.folder = event.folder
            run.started = _time_of(event)
            run.progress = 0.0
            run.state = "training" if run.state == "waiting" else run.state
        elif isinstance(event, Epoch):
            self._epoch(event)
        elif isinstance(event, DeviceLost):
            run.problem = f"{event.device} failed ({event.reason}); it goes on on the CPU"
            self.told.emit(f"{run.title}: {run.problem}")
        elif isinstance(event, Diverged):
            run.state, run.problem = "diverged", str(event)
        elif isinstance(event, Finished):
            run.test = event.test_accuracy
            run.state = "diverged" if run.state == "diverged" else "finished"
        self.refreshed.emit(run)

    def _epoch(self, event: Epoch) -> None:
        assert self.run.history is not None
        self.run.history.add("validation", event.epoch, event.val_loss, event.val_accuracy)
        if event.best:
            self.run.best = event.val_accuracy

    def _failed(self, problem: str) -> None:
        self.run.state, self.run.problem = "failed", problem

    def _missing(self, name: str, problem: str) -> None:
        self.run.state = "no data"
        self.data_missing.emit(self.run, name, problem)

    def _stopped(self) -> None:
        if self.run.state not in ("finished", "diverged"):
            self.run.state = "stopped"

    def _finished(self) -> None:
        if self.run.state == "no data":
            return
        self.ended.emit(self.run)


def _time_of(event: Started) -> str:
    """The time in the folder's name, as "14:15:00"."""
    stamp = event.folder.name  # 2026-11-21_141500_...
    return f"{stamp[11:13]}:{stamp[13:15]}:{stamp[15:17]}"
