"""A run: a training that leaves a folder, from which it can be resumed.

    2026-11-21_141500_studio/
        recipe.json         every number of the run
        run.json            state, device, threads, seed, versions, seconds, accuracies
        history.csv         epoch, step, split, loss, accuracy, learning_rate, seconds
        curves.png, .svg    the history, drawn when the run ends
        best.safetensors    the epoch with the highest validation accuracy
        last.safetensors    the newest epoch
        epochs/0000.safetensors ...    the beginning and every epoch, thinned out if they are many
        test.json           the best epoch on the test set: accuracy, loss, each class, confusion
        checkpoint.pt       all that `resume` needs
        tensorboard/        the history for TensorBoard, where it is installed
        run.lock            held while somebody trains
        notes.json          title and note, if the user gave some: see `record`

`folder` writes these files, `listing` reads them back. Where several processes train
together, the first one does all of this; the others (`train_as_worker`) write no files and train on
their shards of the batches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import torch

from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.files import check_writable, convert_write_errors, is_folder, try_lock
from trainer.progress import Progress, result_of
from trainer.recipes.own_dataset import parse_own
from trainer.recipes.recipe import Recipe, dataset_title
from trainer.runs import checkpoint, listing
from trainer.runs import folder as run_folder
from trainer.runs.checkpoint import Checkpoint
from trainer.runs.folder import RunFolder
from trainer.runs.record import LOCK, Finished, Record, RunError, RunState, Started
from trainer.runtime import cpu, process_group
from trainer.runtime.process_group import Group
from trainer.training import training
from trainer.training.events import Diverged, Event, Snapshot, Step
from trainer.training.history import HEADER
from trainer.translation import gettext as _

_PATIENCE = 0.5  # seconds; whoever lists runs holds each lock for a moment

RunEvents = Generator[Event | Snapshot | Started | Finished, None, None]
Watched = Callable[[], bool]


def run(
    recipe: Recipe,
    *,
    data: Path,
    runs: Path,
    device: torch.device,
    watched: Watched | None = None,
    group: Group | None = None,
) -> RunEvents:
    """Train by `recipe`, from loading the data to testing the model, and write a run folder.

    If the generator is closed between two events, the run is "stopped": the folder holds the best
    and last weights so far, and `resume` continues exactly there. After a crash, it continues
    from at most ten seconds earlier.

    Args:
        recipe: every number of the run.
        data: folder of datasets.
        runs: folder in which the run's own is made.
        device: where to train.
        watched: called after each `Step`; returns whether to yield a `Snapshot` after it.
        group: the processes that train together, of which this is the first, while the others
            iterate `lifecycle.train_as_worker`; nobody if None.

    Raises:
        DataError: the dataset can't be had.
        RunError: the folder can't be written.
    """
    began = time.monotonic()
    with convert_write_errors(runs, RunError):  # fail before the data is read, not after
        check_writable(runs)
    digits, test = yield from _load_data(recipe, data)
    now = datetime.now().astimezone()
    record = Record(
        started=now.isoformat(timespec="seconds"),
        seed=recipe.seed,
        processes=group.size if group is not None else 1,
        threads=torch.get_num_threads(),
        versions=checkpoint.find_versions(),
    )
    start = checkpoint.Checkpoint(recipe, record, HEADER, checkpoint.fingerprint(digits), {})
    path = run_folder.make_run_folder(runs, f"{now:%Y-%m-%d_%H%M%S}_{recipe.name}", start)
    setup = _Setup(digits, test, device, watched, group or process_group.ALONE, began)
    with _hold_lock(path):
        started = Started(path, checkpoint.describe_place(device, record.processes))
        yield from _train(started, start, setup)


def resume(
    folder: Path,
    *,
    data: Path,
    device: torch.device,
    threads: int | None = None,
    watched: Watched | None = None,
    group: Group | None = None,
) -> RunEvents:
    """Continue a run that was stopped or interrupted; yields the same events as `run`.

    On the CPU, with as many threads and the same versions, it ends with the
    same weights and history as if it had never stopped.

    Args:
        folder: the run's.
        data: as in `run`.
        device: where to train.
        threads: of the CPU, for the thread that iterates, until the run ends; None for as many
            as the run had.
        watched: as in `run`.
        group: as in `run`.

    Raises:
        FinishedAlready: the run is finished.
        RunError: the run can't be continued, or another process trains in its folder.
        DataError: the dataset can't be had.
    """
    began = time.monotonic()
    load_resumable(folder)  # fail before a lock file is made in a folder that is no run's
    with _hold_lock(folder):
        kept = load_resumable(folder)
        with cpu.use_threads(threads or kept.record.threads):
            digits, test = yield from _load_data(kept.recipe, data)
            if checkpoint.fingerprint(digits) != kept.data:
                raise RunError(_explain_other_data(folder.name, kept.recipe.dataset, data))
            checkpoint.check_state(kept, folder, digits)
            processes = group.size if group is not None else 1
            note = checkpoint.describe_differences(kept.record, device, processes)
            kept = replace(kept, record=replace(kept.record, processes=processes))
            place = checkpoint.describe_place(device, processes)
            started = Started(folder, place, kept.step, note)
            setup = _Setup(digits, test, device, watched, group or process_group.ALONE, began)
            yield from _train(started, kept, setup)


def _explain_other_data(name: str, dataset: str, data: Path) -> str:
    """The message for a run whose data have changed, with what can be done."""
    own = parse_own(dataset)
    changed = _("{dataset} in {folder} is not the data that it began with")
    if own is not None:
        changed = _("{path} is not the data that it began with")
    if "pen" in dataset.split("+"):
        changed = _(
            "{dataset} in {folder} is not the data that it began with, or the run is of a version "
            "whose built-in digits had fewer forms"
        )
    path = own.path if own is not None else ""
    return _(
        "{run} can't go on: {reason}. The weights that it kept can still be used, and its recipe "
        "can be trained anew."
    ).format(run=name, reason=changed.format(dataset=dataset, folder=data, path=path))


def load_resumable(folder: Path) -> Checkpoint:
    """The checkpoint from which `resume` would continue.

    Raises:
        FinishedAlready: the run is finished.
        RunError: the run can't be continued.
    """
    if not is_folder(folder):
        raise RunError(_("{folder} is not a run's folder").format(folder=folder))
    listing.check_resumable(folder)
    kept = checkpoint.load(folder)
    listing.check_recipe(folder, kept.recipe)
    return kept


@contextmanager
def _hold_lock(folder: Path) -> Iterator[None]:
    """Keep all other processes and threads from training in a run's folder.

    Raises:
        RunError: one of them does.
    """
    with convert_write_errors(folder, RunError):
        file = (folder / LOCK).open("ab")
    with file, try_lock(file, _PATIENCE) as ours:
        if not ours:
            text = _(
                "{run} is being trained by another window or program: wait for it, or stop it there"
            )
            raise RunError(text.format(run=folder.name))
        yield


def _load_data(
    recipe: Recipe, data: Path
) -> Generator[Progress, None, tuple[LabelledImages, LabelledImages]]:
    """The training and the test split."""
    digits = yield from loading.load(recipe.dataset, "train", data)
    return digits, (yield from loading.load(recipe.dataset, "test", data))


@dataclass(frozen=True, slots=True, eq=False)
class _Setup:
    """What a run trains with."""

    digits: LabelledImages
    test: LabelledImages
    device: torch.device
    watched: Watched | None
    group: Group
    began: float  # `time.monotonic` when the run was started or resumed


def _train(started: Started, kept: Checkpoint, setup: _Setup) -> RunEvents:
    """Train from a checkpoint, which may be that of the very start, to the end."""
    folder = RunFolder(started.folder, kept, str(setup.device), setup.digits.classes, setup.began)
    work = training.Training(kept.recipe, setup.digits, setup.device, kept.state, setup.group)
    state, problem = RunState.STOPPED, ""  # as it stays if the caller ceases to iterate
    try:
        folder.open()
        if not kept.step:
            folder.keep_initial(training.initial_snapshot(kept.recipe, setup.digits))
        yield started
        broadcast_start(setup.group, kept)
        for event in work:
            if isinstance(event, Diverged):
                state, problem = RunState.DIVERGED, str(event)
            folder.keep(event, work.state)
            yield event
            if isinstance(event, Step) and setup.watched is not None and setup.watched():
                snapshot = work.present()
                assert snapshot is not None  # there has been a step
                yield snapshot
        if not problem:
            yield from folder.test(setup.test)
            state = RunState.FINISHED
    except GeneratorExit:  # between two events: so the state is whole
        if not problem:
            folder.checkpoint(work.state())
        raise
    except Exception as error:
        state, problem = RunState.FAILED, str(error)
        raise
    finally:
        folder.finish(state, problem)
    yield Finished(started.folder, folder.record.test_accuracy, folder.record.seconds)


@dataclass(frozen=True, slots=True)
class _Start:
    """What all processes must start with."""

    data: int  # `checkpoint.fingerprint` of the training set
    threads: int  # of the CPU, for each process
    state: dict[str, Any]  # of `training.Training`


def broadcast_start(group: Group, kept: checkpoint.Checkpoint) -> None:
    """Send the other processes the start: in the first process, before its first step."""
    group.broadcast_from_first(lambda: _Start(kept.data, torch.get_num_threads(), kept.state))


def train_as_worker(
    recipe: Recipe, data: Path, device: torch.device, group: Group
) -> Generator[Event, None, None]:
    """Train with the first process of a group.

    Args:
        recipe: the run's.
        data: this machine's folder of datasets.
        device: where this process trains.
        group: this process is not its first.

    Yields:
        the same events as the first process's training, without `Progress`.

    Raises:
        DataError: the dataset can't be had.
        RunError: the data are not those of the first process.
    """
    digits = result_of(loading.load(recipe.dataset, "train", data))
    start: _Start = group.broadcast_from_first()
    if checkpoint.fingerprint(digits) != start.data:
        text = _(
            "{dataset} in {folder} is not what the run's first process has: every machine needs "
            "the same data"
        )
        raise RunError(text.format(dataset=dataset_title(recipe.dataset), folder=data))
    with cpu.use_threads(start.threads):
        yield from training.train(recipe, digits, device, start.state, group)
