"""Networks and the images to test them on, loaded; imported in threads, because it brings torch."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from lenet_gui.workers.model_source import ModelSource
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import report
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.runtime import cpu


def load_for_test(
    sources: list[ModelSource], dataset: str, data: Path
) -> Generator[Progress, None, tuple[list[Model], LabelledImages]]:
    """Load the networks and a dataset's test split, all on the CPU.

    The calling thread may use all cores but one from then on.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: folder of datasets.

    Raises:
        DataMissing: the dataset is not there.
        UserError: a network can't be read, or knows other classes.
    """
    cpu.use_run_threads()
    models = [source.load() for source in sources]
    images = yield from loading.load(dataset, "test", data)
    for model in models:
        report.check(model, images.classes, DATASETS[dataset])
    return models, images
