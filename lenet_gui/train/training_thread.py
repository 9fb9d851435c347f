"""One training run in one background thread, whose events it passes on.

The run is a new one, or an earlier one that is resumed.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lenet_gui.workers.generator import GeneratorWorker
from trainer.errors import UserError
from trainer.recipes.recipe import Recipe
from trainer.runs import lifecycle, listing
from trainer.runs.record import Finished, Started
from trainer.runtime import cpu, devices, memory
from trainer.training import training
from trainer.training.events import Diverged, Snapshot, Step
from trainer.translation import gettext as _

_log = logging.getLogger(__name__)
_WEIGHTS_EVERY = 0.2  # seconds between two looks at the network
_counting = threading.Lock()
_running = 0  # jobs that train now


def train(
    recipe: Recipe,
    data: Path,
    runs: Path,
    device: str,
    folder: Path | None,
    watching: Callable[[], bool],
) -> Generator[object, None, None]:
    """Train, in the calling thread; yields the events of `lifecycle.run`.

    Of a run that is resumed, its `History` until then comes before `Started`.

    Args:
        recipe: what to train.
        data: folder of datasets.
        runs: where a new run leaves its folder.
        device: one of `devices.NAMES`.
        folder: of a run to resume; None for a new one.
        watching: whether somebody looks at the network, so that a `Snapshot` is wanted.
    """
    seen = 0.0  # when the last snapshot was taken

    def watched() -> bool:
        return watching() and time.monotonic() - seen > _WEIGHTS_EVERY

    with _share_cpu():
        place = devices.choose(device)
        if folder is None:
            events = lifecycle.run(recipe, data=data, runs=runs, device=place, watched=watched)
        else:
            events = lifecycle.resume(folder, data=data, device=place, watched=watched)
        if recipe.arithmetic == "auto":  # else the clock may change nothing
            events = training.limit_to_one_thread_when_contended(events)
        with closing(events):
            for event in events:
                if isinstance(event, Snapshot):
                    seen = time.monotonic()
                if folder is not None and isinstance(event, Started):
                    yield listing.read_history(folder)
                yield event


@contextmanager
def _share_cpu() -> Iterator[None]:
    """Give way to the window, and share the CPU threads with the other runs."""
    global _running
    with _counting:
        _running += 1
    try:
        cpu.lower_priority()
        cpu.use_run_threads(_running)
        yield
    finally:
        with _counting:
            _running -= 1


class TrainingThread(GeneratorWorker):
    """Yields what `training_thread.train` does, with the `Step` events in lists."""

    def __init__(
        self, recipe: Recipe, data: Path, runs: Path, device: str, folder: Path | None = None
    ) -> None:
        super().__init__(self._train, batch=Step, endings=(Diverged, Finished))
        self.setObjectName(f"training {recipe.name}")
        self._where = data, runs, device, folder
        self.recipe = recipe
        self.watching = False
        """Whether somebody looks at the network as it learns; set in the window's thread."""
        self.details = ""
        """Of an error that is no `UserError`, for whoever looks for its cause."""

    def run(self) -> None:
        """The thread; what the training held is free once its generator is gone."""
        super().run()
        memory.release_free_memory()

    def _train(self) -> Generator[object, None, None]:
        return train(self.recipe, *self._where, watching=lambda: self.watching)

    def _report(self, error: Exception) -> None:
        """Say of a fault of the program, or of what it stands on, what can be done."""
        if isinstance(error, UserError):
            super()._report(error)
            return
        _log.error("%s failed", self.objectName(), exc_info=error)
        self.details = "".join(traceback.format_exception(error))
        self.errored.emit(
            _(
                "Training stopped because of an unexpected error. Resume the run, or choose "
                "another device and try again"
            )
        )
