"""Where networks come from, so that another thread can load them, with images to test them on."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import report
from trainer.networks import model as weights
from trainer.networks.builtin import BuiltinNetwork
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.recipe import dataset_title
from trainer.runtime import cpu


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a network comes from: it is here, in a file, built in, or else the one that ships."""

    title: str
    model: Model | None = None
    path: Path | None = None
    builtin: BuiltinNetwork | None = None

    def load(self) -> Model:
        """The network, on the CPU.

        Raises:
            ModelError: its file can't be read.
        """
        if self.model is not None:
            return self.model
        if self.builtin is not None:
            return weights.load_named(Path(self.builtin.name))
        if self.path is None:
            return weights.load_shipped()
        return dataclasses.replace(weights.load(self.path), name=self.title)


def load_for_test(
    sources: list[ModelSource], dataset: str, data: Path
) -> Generator[Progress, None, tuple[list[Model], LabelledImages]]:
    """Load the networks and a dataset's test split, all on the CPU.

    The calling thread may use all cores but one from then on.

    Args:
        sources: the networks.
        dataset: as recipes name it.
        data: folder of datasets.

    Raises:
        DataMissing: the dataset is not there.
        UserError: a network can't be read, or knows other classes.
    """
    cpu.use_run_threads()
    models = [source.load() for source in sources]
    learned = [(model.recipe.dataset, model.classes) for model in models]
    images = yield from loading.load_for_test(dataset, data, learned)
    for model in models:
        report.check(model, images.classes, dataset_title(dataset))
    return models, images
