"""A run's folder: everything that a training leaves behind.

    2026-11-21_141500_studio/
        recipe.json         every number of the run
        run.json            state, device, versions, seconds, accuracies
        history.csv         epoch, step, split, loss, accuracy, learning_rate, seconds
        best.safetensors    the epoch with the highest validation accuracy
        last.safetensors    the newest epoch

`past_runs` reads such folders back.
"""

from __future__ import annotations

import csv
import io
import json
import platform
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.errors import UserError
from trainer.files import check_writable, new_folder, write_whole, writing
from trainer.progress import Progress
from trainer.recipes import Recipe

if TYPE_CHECKING:
    import torch

    from trainer.training import Epoch, Event, Step

HISTORY_COLUMNS = ("epoch", "step", "split", "loss", "accuracy", "learning_rate", "seconds")

STATES = ("running", "finished", "stopped", "diverged", "failed")
"""How a run can stand; one that was killed says "running" for ever."""


class RunError(UserError):
    """A run's folder that can't be made, written or read; the message says why."""


@dataclass(frozen=True, slots=True)
class Started:
    """The run's folder is made and training begins."""

    folder: Path
    device: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The run went through, or diverged; all its files are written."""

    folder: Path
    test_accuracy: float | None  # of the best epoch; None where there is none
    seconds: float  # from its start, data and test included


@dataclass(frozen=True, slots=True)
class History:
    """A run's curves; for each split equally long lists."""

    epochs: dict[str, list[float]] = field(default_factory=lambda: {"train": [], "validation": []})
    losses: dict[str, list[float]] = field(default_factory=lambda: {"train": [], "validation": []})
    accuracies: dict[str, list[float]] = field(
        default_factory=lambda: {"train": [], "validation": []}
    )

    def add(self, split: str, epochs: float, loss: float, accuracy: float) -> None:
        """One point; `epochs` is how many were trained by then, with fractions.

        Where a run was taken up again, after its device failed, what it does
        anew takes the place of what it had done.
        """
        while self.epochs[split] and self.epochs[split][-1] >= epochs:
            for column in (self.epochs, self.losses, self.accuracies):
                column[split].pop()
        self.epochs[split].append(epochs)
        self.losses[split].append(loss)
        self.accuracies[split].append(accuracy)


@dataclass(slots=True)
class Record:
    """What run.json holds."""

    state: str = "running"  # one of STATES
    device: str = ""
    started: str = ""  # local time, ISO 8601
    seconds: float = 0.0
    epochs: int = 0  # done
    steps_per_epoch: int = 0
    best_epoch: int = 0
    best_val_accuracy: float | None = None  # 0 to 1
    test_accuracy: float | None = None
    problem: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def run(
    recipe: Recipe, *, data: Path, runs: Path, device: torch.device
) -> Generator[Event | Started | Finished, None, None]:
    """Train by `recipe` from data folder to tested model file, yielding what happens.

    Ended early (by closing the generator, or by Ctrl-C between two events), the
    folder holds the best and last weights so far and says "stopped".

    Raises:
        datasets.DataError: the dataset can't be had.
        RunError: the folder can't be written.
    """
    from trainer import datasets, training

    began = time.monotonic()
    with writing(runs, RunError):  # told now rather than after the data is read
        check_writable(runs)
    digits = yield from datasets.load(recipe.dataset, "train", data)
    test = yield from datasets.load(recipe.dataset, "test", data)
    folder = _Folder(recipe, runs, str(device), digits.classes)
    state, problem = "stopped", ""  # as it stays if the caller ceases to iterate
    try:
        yield Started(folder.path, str(device))
        for event in training.train(recipe, digits, device):
            folder.keep(event)
            yield event
            if isinstance(event, training.Diverged):
                problem = str(event)
        if not problem:
            yield from folder.test(test)
        state = "diverged" if problem else "finished"
    except Exception as error:
        state, problem = "failed", str(error)
        raise
    finally:
        folder.finish(state, problem, time.monotonic() - began)
    yield Finished(folder.path, folder.record.test_accuracy, time.monotonic() - began)


class _Folder:
    """Writes one run's files."""

    def __init__(self, recipe: Recipe, runs: Path, device: str, classes: tuple[str, ...]) -> None:
        self.recipe, self.classes = recipe, classes
        now = datetime.now().astimezone()
        self.record = Record(
            device=device, started=now.isoformat(timespec="seconds"), versions=_versions()
        )
        with writing(runs, RunError):
            self.path = new_folder(runs, f"{now:%Y-%m-%d_%H%M%S}_{recipe.name}")
            write_whole(self.path / "recipe.json", recipe.to_json().encode())
            write_whole(self.path / "history.csv", (",".join(HISTORY_COLUMNS) + "\n").encode())
            self._write_record()

    def keep(self, event: Event) -> None:
        """Write what an event brought, before anybody else hears of it."""
        from trainer.training import DeviceLost, Epoch, Step

        with writing(self.path, RunError):
            if isinstance(event, DeviceLost):
                self.record.device = f"cpu, after {event.device} failed: {event.reason}"
            elif isinstance(event, Step):
                if self.record.steps_per_epoch != event.steps_per_epoch:
                    self.record.steps_per_epoch = event.steps_per_epoch
                    self._write_record()
                self._append(event, "train", event.loss, event.accuracy)
            elif isinstance(event, Epoch):
                self._append(event, "validation", event.val_loss, event.val_accuracy)
                self._keep_weights(event)

    def _append(self, event: Step | Epoch, split: str, loss: float, accuracy: float) -> None:
        row = (event.epoch, event.step, split, f"{loss:.6g}", f"{accuracy:.6g}")
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(
            (*row, f"{event.learning_rate:.6g}", f"{event.seconds:.3f}")
        )
        with (self.path / "history.csv").open("a", encoding="utf-8") as file:
            file.write(line.getvalue())

    def _keep_weights(self, event: Epoch) -> None:
        from trainer import weights

        self.record.epochs, self.record.seconds = event.epoch, event.seconds
        if event.best:
            self.record.best_epoch = event.epoch
            self.record.best_val_accuracy = event.val_accuracy
        summary = {"epochs": event.epoch, "val_accuracy": event.val_accuracy}
        model = weights.from_weights(
            event.weights, self.recipe, self.classes, summary, self.path.name, event.temperature
        )
        weights.save(model, self.path / "last.safetensors")
        if event.best:
            weights.save(model, self.path / "best.safetensors")
        self._write_record()

    def test(self, digits: Any) -> Generator[Progress, None, None]:
        """Test the best weights, and write the result beside them."""
        from trainer import training, weights

        best = weights.load(self.path / "best.safetensors")
        score = yield from training.evaluating(best.network, digits, self.recipe)
        self.record.test_accuracy = score.accuracy
        best.history["test_accuracy"] = score.accuracy
        weights.save(best, self.path / "best.safetensors")

    def finish(self, state: str, problem: str, seconds: float) -> None:
        """Say in run.json how it ended."""
        self.record.state, self.record.problem, self.record.seconds = state, problem, seconds
        with writing(self.path, RunError):
            self._write_record()

    def _write_record(self) -> None:
        write_whole(self.path / "run.json", json.dumps(asdict(self.record), indent=1).encode())


def _versions() -> dict[str, str]:
    import torch

    from trainer import __version__

    return {
        "lenet-studio": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "system": platform.platform(),
    }
