"""Write a run's folder, so that the run can be interrupted at any moment and resumed.

After each event, all of its results are on disk. What the folder has beyond its checkpoint is
removed when the run is resumed, and trained again.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import torch

from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import report
from trainer.files import (
    convert_write_errors,
    is_there,
    make_new_folder,
    move_into_place,
    part_beside,
    write_whole,
)
from trainer.networks import model as weights
from trainer.progress import Progress
from trainer.runs import checkpoint as checkpoints
from trainer.runs.checkpoint import Checkpoint
from trainer.runs.listing import EPOCHS, epoch_path, list_epochs
from trainer.runs.record import RunError, RunState
from trainer.runs.tensorboard import Board
from trainer.training.events import Chosen, DeviceLost, Epoch, Event, Snapshot, State, Step
from trainer.training.history import History, Row, parse_rows
from trainer.translation import gettext as _

MOST_EPOCH_FILES = 200
MOST_EPOCH_BYTES = 64 << 20
_CHECKPOINT_EVERY = 10.0  # seconds, within an epoch


def make_run_folder(runs: Path, name: str, start: Checkpoint) -> Path:
    """Make a new run's folder, with a checkpoint of the start.

    Raises:
        RunError: it can't be written; nothing of it is left.
    """
    with convert_write_errors(runs, RunError):
        path = make_new_folder(runs, name)
        try:
            write_whole(path / "recipe.json", start.recipe.to_json().encode())
            write_whole(path / "run.json", _json(start.record.to_values()))
            write_whole(path / "history.csv", start.history.encode())
            checkpoints.save(start, path)
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise
    return path


class RunFolder:
    """Writes one run's files.

    Args:
        path: the folder; nobody else writes it.
        kept: the checkpoint to continue from; `open` restores the folder to it.
        device: the name of the one that trains.
        classes: the dataset's.
        began: `time.monotonic` when the run was started or resumed.
    """

    def __init__(
        self, path: Path, kept: Checkpoint, device: str, classes: tuple[str, ...], began: float
    ) -> None:
        self.path, self.classes = path, classes
        self.record = replace(
            kept.record,
            state=RunState.RUNNING,
            problem="",
            device=device,
            threads=torch.get_num_threads(),
            resumed=kept.record.resumed + bool(kept.step),
            versions=checkpoints.find_versions(),
        )
        self._kept = kept
        self._began = began - kept.record.seconds
        self._lines = kept.history.splitlines(keepends=True)
        self._board: Board | None = None
        self._saved = time.monotonic()

    def open(self) -> None:
        """Restore all files to the state of the checkpoint."""
        with self._writing():
            for place in self._own_folders():  # which nobody else writes
                for left_over in place.glob(".*.part"):
                    left_over.unlink(missing_ok=True)
            write_whole(self.path / "recipe.json", self._kept.recipe.to_json().encode())
            self._write_history()
            self._restore_models()
            self._write_record()
            self._open_board()

    def keep(self, event: Event, state: Callable[[], State]) -> None:
        """Write an event's results, before it is yielded to the caller.

        Args:
            event: of the training.
            state: returns the training's state right after this event.
        """
        with self._writing():
            if isinstance(event, DeviceLost):
                self.record.device = f"cpu, after {event.device} failed: {event.reason}"
            elif isinstance(event, Chosen):
                self._keep_choice(event, state)
            elif isinstance(event, Step):
                self._keep_step(event)
                if time.monotonic() - self._saved > _CHECKPOINT_EVERY:
                    self._save(state())
            elif isinstance(event, Epoch):
                self._keep_epoch(event)
                self._save(state())
                self._thin_out()

    def _keep_choice(self, event: Chosen, state: Callable[[], State]) -> None:
        """Keep the arithmetic for a run that is interrupted before its first checkpoint."""
        self.record.arithmetic, self.record.threads = event.arithmetic, event.threads
        self._write_record()
        if not self._kept.step:
            self._save(state())

    def _keep_step(self, event: Step) -> None:
        if self.record.steps_per_epoch != event.steps_per_epoch:
            self.record.steps_per_epoch = event.steps_per_epoch
            self._write_record()
        if event.step <= _step(self._lines[-1]):  # a device failed: some steps are repeated
            self._lines = [line for line in self._lines if _step(line) < event.step]
            self._write_history()
            self._open_board()
        self.append_row(_row(event, "train", event.loss, event.accuracy))

    def _keep_epoch(self, event: Epoch) -> None:
        summary = {"epochs": event.epoch, "val_accuracy": event.val_accuracy}
        model = weights.from_weights(
            weights=event.weights,
            recipe=self._kept.recipe,
            classes=self.classes,
            history=summary,
            name=self.path.name,
            temperature=event.temperature,
        )
        file = epoch_path(self.path, event.epoch)
        file.parent.mkdir(exist_ok=True)
        weights.save(model, file)
        self.append_row(_row(event, "validation", event.val_loss, event.val_accuracy))
        self.record.epochs = event.epoch
        _link_or_copy(file, self.path / "last.safetensors")
        if event.best:
            self.record.best_epoch = event.epoch
            self.record.best_val_accuracy = event.val_accuracy
            _link_or_copy(file, self.path / "best.safetensors")
        self._write_record()
        if self._board is not None:
            self._board.flush()

    def keep_initial(self, start: Snapshot) -> None:
        """Write the initial network, as epoch 0."""
        summary = {"epochs": 0.0}
        model = weights.from_weights(
            start.weights, self._kept.recipe, self.classes, summary, self.path.name
        )
        file = epoch_path(self.path, 0)
        with self._writing():
            file.parent.mkdir(exist_ok=True)
            weights.save(model, file)

    def append_row(self, row: Row) -> None:
        """Append a line to history.csv, flushed to disk, and to TensorBoard."""
        self._lines.append(row.line())
        with (self.path / "history.csv").open("a", encoding="utf-8") as file:
            file.write(row.line())
        if self._board is not None:
            self._board.add(row)

    def checkpoint(self, state: State) -> None:
        """Write a checkpoint."""
        with self._writing():
            self._save(state)

    def _save(self, state: State) -> None:
        self.record.arithmetic = state.get("arithmetic", "")
        self.record.threads = state.get("threads", self.record.threads)
        self.record.seconds = time.monotonic() - self._began
        new = replace(
            self._kept,
            record=replace(self.record),
            history="".join(self._lines),
            state=state,
        )
        checkpoints.save(new, self.path)
        self._kept, self._saved = new, time.monotonic()

    def _own_folders(self) -> list[Path]:
        """Folders in which files may be deleted: none behind a symbolic link out of the run's."""
        epochs = self.path / EPOCHS
        return [self.path] if epochs.is_symlink() else [self.path, epochs]

    def _own_epochs(self) -> list[tuple[int, Path]]:
        """The epochs' files that may be deleted."""
        return list_epochs(self.path) if len(self._own_folders()) > 1 else []

    def _restore_models(self) -> None:
        """Restore the model files to those of the checkpoint's epochs."""
        for epoch, path in self._own_epochs():
            if epoch > self.record.epochs:
                path.unlink()
        for name, epoch in (("best", self.record.best_epoch), ("last", self.record.epochs)):
            path = self.path / f"{name}.safetensors"
            if not epoch:
                path.unlink(missing_ok=True)
            elif _epoch_of(path) != epoch:
                kept = epoch_path(self.path, epoch)
                if _epoch_of(kept) == epoch:
                    _link_or_copy(kept, path)
                elif name == "best":
                    text = _(
                        "{run} can't go on: {file} is missing or damaged, and {other} too. Its "
                        "recipe can be trained anew."
                    )
                    names = {"file": path.name, "other": f"{EPOCHS}/{kept.name}"}
                    raise RunError(text.format(run=self.path.name, **names))

    def _thin_out(self) -> None:
        """Delete epochs' files beyond `MOST_EPOCH_FILES` and `MOST_EPOCH_BYTES`."""
        size = max(1, epoch_path(self.path, self.record.epochs).stat().st_size)
        most = min(MOST_EPOCH_FILES, MOST_EPOCH_BYTES // size)
        kept = epochs_to_keep(self.record.epochs, self.record.best_epoch, most)
        for epoch, path in self._own_epochs():
            if epoch and epoch not in kept:  # how it began stays
                path.unlink()

    def test(self, digits: LabelledImages) -> Generator[Progress, None, None]:
        """Test the best weights, and write the result beside them."""
        path = self.path / "best.safetensors"
        best = weights.load(path)
        tested = yield from report.evaluate_in_full(best, digits, self._kept.recipe.dataset)
        best.history["test_accuracy"] = self.record.test_accuracy = tested.accuracy
        values = {
            "dataset": self._kept.recipe.dataset.split("+")[0],
            "epoch": self.record.best_epoch,
            "count": len(tested),
            "accuracy": tested.accuracy,
            "loss": tested.loss,
            "calibration_error": tested.calibration_error,
            "classes": [asdict(figures) for figures in tested.per_class],
            "confusion": tested.confusion.tolist(),  # row: what it is; column: what it is read as
        }
        with self._writing():
            weights.save(best, path)
            write_whole(self.path / "test.json", _json(values))

    def finish(self, state: RunState, problem: str) -> None:
        """Say in run.json how it ended, and draw the curves.

        Nothing more is raised of a run that failed.
        """
        self.record.state, self.record.problem = state, problem
        self.record.seconds = time.monotonic() - self._began
        silence = (
            contextlib.suppress(RunError) if state is RunState.FAILED else contextlib.nullcontext()
        )
        with silence, self._writing():
            if self._board is not None:
                self._board.close()
            self._write_record()
        # After the record: a window that is closed may not wait until they are drawn.
        with silence, self._writing():
            if state is not RunState.FAILED and len(self._lines) > 1:
                self._draw_curves()

    def _draw_curves(self) -> None:
        from trainer.curves import export  # matplotlib takes a second to import

        history = History.of("".join(self._lines), self.record.steps_per_epoch)
        export.save(self.path.name, history, self.path)

    def _open_board(self) -> None:
        if self._board is not None:
            self._board.close()
        self._board = Board(self.path, self.record.began, parse_rows("".join(self._lines)))

    def _write_history(self) -> None:
        write_whole(self.path / "history.csv", "".join(self._lines).encode())

    def _write_record(self) -> None:
        write_whole(self.path / "run.json", _json(self.record.to_values()))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Convert errors of writing to one that says what to do.

        Raises:
            RunError: a file can't be written.
        """
        try:
            yield
        except OSError as error:
            text = _("{path} cannot be written: {reason}")
            why = text.format(path=self.path, reason=error.strerror or error)
        except weights.ModelError as error:
            why = str(error)
        else:
            return
        text = _("{problem}. {advice}")
        raise RunError(text.format(problem=why, advice=self._advise()))

    def _advise(self) -> str:
        """A sentence on what to do after a failure to write, by what is in the folder now."""
        try:
            step = checkpoints.load(self.path).step
        except RunError:
            if is_there(self.path):
                return _(
                    "No checkpoint can be read there now, so its recipe has to be trained anew."
                )
            return _(
                "The folder is gone, and with it what the run had done: train its recipe anew, "
                "or bring the folder back and resume the run."
            )
        if not step:
            return _(
                "Put that right (if the disk is full, free some space), then resume the run: it "
                "begins anew."
            )
        return _(
            "Put that right (if the disk is full, free some space), then resume the run: what it "
            "had done up to step {step} is kept."
        ).format(step=step)


def epochs_to_keep(done: int, best: int, most: int) -> set[int]:
    """The epochs whose model files are kept.

    Every one, or every second, fourth, eighth, ... from the first on, so that with the start (0),
    the best and the last they are at most `most`. An epoch that is dropped once is never needed
    again.

    Args:
        done: how many epochs are trained.
        best: the one with the highest validation accuracy.
        most: how many files to keep; 4 are kept at least.
    """
    stride = 1
    while 3 + math.ceil(done / stride) > max(4, most):
        stride *= 2
    return {0, *range(1, done + 1, stride), best, done}


def _row(event: Step | Epoch, split: str, loss: float, accuracy: float) -> Row:
    """One row, rounded as in history.csv, so that TensorBoard has the same figures."""
    exact = (loss, accuracy, event.learning_rate, event.seconds)
    return Row(event.epoch, event.step, split, *(float(f"{value:.6g}") for value in exact))


def _step(line: str) -> int:
    """A history line's step; 0 of the header."""
    cell = "".join(line.split(",")[1:2])
    return int(cell) if cell.isdecimal() else 0


def _epoch_of(path: Path) -> int | None:
    """Which epoch's weights a model file holds; None if it is not there or damaged."""
    try:
        return int(weights.load(path).history["epochs"])
    except (weights.ModelError, KeyError):
        return None


def _json(values: object) -> bytes:
    return json.dumps(values, indent=1).encode()


def _link_or_copy(path: Path, other: Path) -> None:
    """Give a file, which nobody changes in place, a second name; or a copy, where that can't be.

    Args:
        path: the file.
        other: in a folder of the same disk; what is there is replaced.

    Raises:
        OSError: it can't be written; what was there is untouched.
    """
    beside = part_beside(other)
    try:
        os.link(path, beside)
        move_into_place(beside, other)
        beside.unlink(missing_ok=True)  # left where both were the same file already
    except OSError:  # such as on a memory card's file system
        beside.unlink(missing_ok=True)
        write_whole(other, path.read_bytes())
