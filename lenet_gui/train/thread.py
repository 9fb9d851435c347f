"""One training run in one background thread, whose events it passes on."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from lenet_gui.workers.generator import GeneratorWorker
from trainer.recipes.recipe import Recipe
from trainer.runs.record import Finished
from trainer.training.events import Diverged, Step


class TrainingThread(GeneratorWorker):
    """Yields what `training_job.train` does, with the `Step` events in lists."""

    def __init__(
        self, recipe: Recipe, data: Path, runs: Path, device: str, folder: Path | None = None
    ) -> None:
        super().__init__(self._train, batch=Step, endings=(Diverged, Finished))
        self.setObjectName(f"training {recipe.name}")
        self._where = data, runs, device, folder
        self.recipe = recipe
        self.watching = False
        """Whether somebody looks at the network as it learns; set in the window's thread."""

    def _train(self) -> Generator[object, None, None]:
        from lenet_gui.train.training_job import train  # in the thread: it brings torch

        return train(self.recipe, *self._where, watching=lambda: self.watching)
