"""Runs whose dataset is not there: kept until it is, or until something else is trained."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lenet_gui.train.run_model import Run
from lenet_gui.widgets.dataset_offer import DataOffer
from trainer.recipes.catalog import edited
from trainer.recipes.recipe import DIGIT_DATASETS


class WaitingRuns(QObject):
    """Listens to the offer that is made in the runs' place."""

    start = Signal(object)
    """Start a run by this `Recipe`."""
    resume = Signal(object)
    """Train this `Run` on."""
    folder_chosen = Signal(Path)
    """Datasets are there now; comes before the runs that waited for them."""

    def __init__(self, offer: DataOffer) -> None:
        super().__init__(offer)
        self._offer = offer
        self._runs: list[Run] = []
        offer.ready.connect(self._try_again)
        offer.folder_chosen.connect(self._use_folder)
        offer.pen_chosen.connect(self._train_on_pen)
        offer.dismissed.connect(self._runs.clear)

    def add(self, run: Run, name: str, problem: str, data: Path) -> None:
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

    def _taken(self) -> list[Run]:
        taken = list(self._runs)
        self._runs.clear()
        return taken

    def _try_again(self) -> None:
        for run in self._taken():
            if run.folder is None:
                self.start.emit(run.recipe)
            elif run.resumable:
                self.resume.emit(run)

    def _use_folder(self, folder: Path) -> None:
        self.folder_chosen.emit(folder)
        self._try_again()

    def _train_on_pen(self) -> None:
        for run in self._taken():
            self.start.emit(edited(run.recipe, dataset="pen"))
