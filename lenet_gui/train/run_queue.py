"""Runs that wait: for their turn, or for a dataset that is not there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.widgets.dataset_offer import DatasetOffer
from trainer.recipes.catalog import edit_recipe
from trainer.recipes.recipe import DIGIT_DATASETS

MOST_AT_ONCE = (1, 2, 3, 4)
"""What can be chosen."""
AT_ONCE = 2
"""What is chosen at first: "with ReLU beside it" means at the same time."""


class RunQueue(QObject):
    """Runs begin in the order in which they were added.

    A run that is paused keeps its place: whoever pauses wants the computer for something else.
    """

    limits = MOST_AT_ONCE[0], MOST_AT_ONCE[-1]
    """The fewest and the most that `at_once` can be chosen to be."""
    turn = Signal(object)
    """This `RunItem` shall begin: give it a thread."""
    changed = Signal(object)
    """This `RunItem` waits for its turn."""

    def __init__(self) -> None:
        super().__init__()
        self._at_once = AT_ONCE
        self._held = False
        self._training: set[RunItem] = set()
        self.waiting: list[RunItem] = []
        """In their order."""

    @property
    def at_once(self) -> int:
        """How many runs train at the same time, at most."""
        return self._at_once

    @at_once.setter
    def at_once(self, most: int) -> None:
        self._at_once = most
        self._go_on()

    def add(self, run: RunItem) -> None:
        """Let a run begin when it is its turn, which may be now."""
        run.state = RowState.QUEUED
        self.waiting.append(run)
        self._go_on()
        if run in self.waiting:
            self.changed.emit(run)

    def take_out(self, run: RunItem) -> None:
        """Let a run that waits for its turn not begin; one that was resumed is as before."""
        self.waiting.remove(run)
        run.state = run.before or RowState.STOPPED

    def hold(self, held: bool) -> None:
        """Let no run begin, as nobody would give it a thread; or go on."""
        self._held = held
        self._go_on()

    def _go_on(self) -> None:
        while self.waiting and not self._held and len(self._training) < self._at_once:
            run = self.waiting.pop(0)
            self._training.add(run)
            run.state = RowState.WAITING
            self.turn.emit(run)

    def leave(self, run: RunItem) -> None:
        """A run's thread is gone: whose turn is next begins."""
        self._training.discard(run)
        self._go_on()


class WaitingRuns(QObject):
    """Listens to the offer that is made in the runs' place."""

    start = Signal(object)
    """Start a run by this `Recipe`."""
    resume = Signal(object)
    """Train this `RunItem` on."""
    folder_chosen = Signal(Path)
    """Datasets are there now; comes before the runs that waited for them."""

    def __init__(self, offer: DatasetOffer) -> None:
        super().__init__(offer)
        self._offer = offer
        self._runs: list[RunItem] = []
        offer.ready.connect(self._try_again)
        offer.folder_chosen.connect(self._use_folder)
        offer.pen_chosen.connect(self._train_on_pen)
        offer.dismissed.connect(self._runs.clear)

    def add(self, run: RunItem, name: str, problem: str, data: Path) -> None:
        """Let a run wait, and offer what can be done about it.

        Args:
            run: a new one without a folder, or one to be taken up again.
            name: the missing dataset.
            problem: what to say.
            data: where it is missing.
        """
        self._runs.append(run)
        # Clothes are no digits, and a run that goes on can't do so with other data.
        pen = all(r.recipe.dataset in DIGIT_DATASETS and r.folder is None for r in self._runs)
        self._offer.offer(name, problem, data, pen)

    def _take(self) -> list[RunItem]:
        taken = list(self._runs)
        self._runs.clear()
        return taken

    def _try_again(self) -> None:
        for run in self._take():
            if run.folder is None:
                self.start.emit(run.recipe)
            elif run.resumable:
                self.resume.emit(run)

    def _use_folder(self, folder: Path) -> None:
        self.folder_chosen.emit(folder)
        self._try_again()

    def _train_on_pen(self) -> None:
        for run in self._take():
            self.start.emit(edit_recipe(run.recipe, dataset="pen"))
