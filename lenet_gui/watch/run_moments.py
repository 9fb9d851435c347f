"""A run's saved epochs, found on disk, and any of its moments in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lenet_gui.train.run_model import Run
from lenet_gui.watch.epoch_models import Live, Saved
from lenet_gui.widgets.figures import percent
from trainer.runs import listing

if TYPE_CHECKING:
    from trainer.networks.model import Model


def saved_epochs(folder: Path) -> tuple[list[Saved], int | None]:
    """A run's saved epochs, in their order, and the best one where that is known."""
    files = [Saved(epoch, path) for epoch, path in listing.epoch_files(folder)]
    try:
        best = listing.read_record(folder).best_epoch
    except (OSError, ValueError, TypeError, RecursionError):
        return files, None
    return files, best or None


def moment_in_words(run: Run, shown: Saved | Live, model: Model) -> str:
    """Such as "epoch 3 of 20, step 1,234"."""
    paused = ", paused" if run.state == "paused" else ""
    if isinstance(shown, Live):
        snapshot = shown.snapshot
        return f"epoch {snapshot.epoch} of {run.recipe.epochs}, step {snapshot.step:,}{paused}"
    if not shown.epoch:
        return f"before its first step{paused}"
    accuracy = model.history.get("val_accuracy")
    figure = f", {percent(accuracy)}" if accuracy is not None else ""
    return f"after epoch {shown.epoch} of {run.recipe.epochs}{figure}{paused}"
