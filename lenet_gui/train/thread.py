"""One training run in one background thread: iterates the run and passes its events on.

The run is a new one, or one of earlier that is taken up again.

The generator is made, iterated and closed inside the thread, so that its files
are finished there too. Nothing of the window is touched from here.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from PySide6.QtCore import QThread, Signal

from trainer.errors import UserError
from trainer.recipes.recipe import Recipe
from trainer.runtime import cpu as heap
from trainer.training.events import Diverged, Snapshot, Step

_log = logging.getLogger(__name__)
_STEPS_EVERY = 0.1  # seconds between two messages to the window
_WEIGHTS_EVERY = 0.2  # seconds between two looks at the network


class TrainingThread(QThread):
    """Start it once; `finished` (QThread's own) comes last, whatever happened."""

    stepped = Signal(list)
    """The `Step` events since the last time, about ten times a second."""
    happened = Signal(object)
    """Every other event of `lifecycle.run`."""
    snapped = Signal(object, object)
    """While `watching`: this thread, and the network as it is now (`Snapshot`)."""
    remembered = Signal(object)
    """Of a run taken up again, its `History` until then; comes before `Started`."""
    data_missing = Signal(str, str)
    """The dataset is not on this computer: its name, and where it was looked for."""
    failed = Signal(str)
    """Why the run could not go on; its files so far are kept."""
    stopped = Signal()
    """It ended because `stop` asked it to."""

    _training = 0
    """How many of them train."""
    _counting = threading.Lock()

    def __init__(
        self, recipe: Recipe, data: Path, runs: Path, device: str, folder: Path | None = None
    ) -> None:
        super().__init__()
        self.setObjectName(f"training {recipe.name}")
        self._folder = folder  # of a run to take up again; None for a new one
        self.recipe, self._data, self._runs, self._device = recipe, data, runs, device
        self._going = threading.Event()
        self._going.set()
        self._steps: list[Any] = []
        self._told = 0.0
        self.waiting = False
        """Whether it does nothing, because of `pause`."""
        self.watching = False
        """Whether somebody looks at the network as it learns; set in the window's thread."""
        self._snapped = 0.0

    def pause(self) -> None:
        """Wait before the next step."""
        self._going.clear()

    def go_on(self) -> None:
        """Train on after `pause`."""
        self._going.set()

    def stop(self) -> None:
        """End before the next step; the run can be taken up again."""
        self.requestInterruption()
        self._going.set()

    def run(self) -> None:
        """The thread."""
        with self._counting:
            TrainingThread._training += 1
        try:
            self._train()
        except UserError as error:
            self.failed.emit(str(error))
        except Exception as error:  # a run that fails must not take the window along
            _log.exception("training failed")
            self.failed.emit(f"{type(error).__name__}: {error}")
        finally:
            with self._counting:
                TrainingThread._training -= 1
            heap.release_free_memory()

    def _train(self) -> None:
        import torch

        from trainer.data import loading
        from trainer.runs import lifecycle, record
        from trainer.runtime import cpu, devices
        from trainer.training import training

        cpu.lower_priority()
        torch.set_num_threads(cpu.threads_per_run(self._training))  # holds for this thread alone
        device = devices.choose(self._device)
        if self._folder is not None:
            events = lifecycle.resume(
                self._folder, data=self._data, device=device, watched=self._watched
            )
        else:
            events = lifecycle.run(
                self.recipe,
                data=self._data,
                runs=self._runs,
                device=device,
                watched=self._watched,
            )
        events = training.limit_to_one_thread_when_contended(events)
        try:
            with closing(events):
                ending = False  # nothing is left to pause or to stop
                while ending or not self._asked_to_stop():
                    event = next(events, None)
                    if event is None:
                        self._tell_steps()
                        return
                    self._pass_on(event)
                    ending = ending or isinstance(event, Diverged | record.Finished)
        except loading.DataMissing as error:
            self.data_missing.emit(error.name, str(error))
            return
        self._tell_steps()
        self.stopped.emit()

    def _asked_to_stop(self) -> bool:
        """Whether the run shall end here; waits while it is paused."""
        self.waiting = not self._going.is_set()
        self._going.wait()
        self.waiting = False
        return self.isInterruptionRequested()

    def _watched(self) -> bool:
        """Whether it is time for another look at the network."""
        return self.watching and time.monotonic() - self._snapped > _WEIGHTS_EVERY

    def _pass_on(self, event: object) -> None:
        from trainer.runs import listing
        from trainer.runs.record import Started

        if isinstance(event, Snapshot):
            self._snapped = time.monotonic()
            self.snapped.emit(self, event)
            return
        if isinstance(event, Step):
            self._steps.append(event)
            if time.monotonic() - self._told > _STEPS_EVERY:
                self._tell_steps()
            return
        self._tell_steps()
        if self._folder is not None and isinstance(event, Started):
            self.remembered.emit(listing.read_history(self._folder))
        self.happened.emit(event)

    def _tell_steps(self) -> None:
        self._told = time.monotonic()
        if self._steps:
            self.stepped.emit(self._steps)
            self._steps = []
