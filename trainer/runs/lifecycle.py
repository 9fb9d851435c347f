"""A run: a training that leaves a folder behind, and can go on from there.

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
together, the first one does so as if it were alone; the others (`train_as_worker`) write
no files and say nothing, and learn from their parts of the batches.
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
    """Train by `recipe` from data folder to tested model file, yielding what happens.

    Ended early (by closing the generator between two events), the folder says
    "stopped", holds the best and last weights so far, and `resume` goes on
    exactly there; ended otherwise, at most ten seconds earlier.

    Args:
        recipe: every number of the run.
        data: folder of datasets.
        runs: folder in which the run's own is made.
        device: where to train.
        watched: asked after each `Step` whether a `Snapshot` shall follow it.
        group: who trains with this process, which is the first of them, while the others
            iterate `lifecycle.train_as_worker`; nobody if None.

    Raises:
        datasets.DataError: the dataset can't be had.
        RunError: the folder can't be written.
    """
    began = time.monotonic()
    with convert_write_errors(runs, RunError):  # told now rather than after the data is read
        check_writable(runs)
    digits, test = yield from _data(recipe, data)
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
    with _alone(path):
        started = Started(path, checkpoint.describe_place(device, record.processes))
        yield from _go_on(started, start, digits, test, device, began, watched, group)


def resume(
    folder: Path,
    *,
    data: Path,
    device: torch.device,
    threads: int | None = None,
    watched: Watched | None = None,
    group: Group | None = None,
) -> RunEvents:
    """Go on with a run that was stopped or cut off; the same events as those of `run`.

    On the CPU, with as many threads and the same versions, it ends with the
    same weights and history as if it had never stopped.

    Args:
        folder: the run's.
        data: as in `run`.
        device: where to go on.
        threads: of the CPU; as many as it had if None. Holds for the thread that
            iterates, until the run ends.
        watched: as in `run`.
        group: as in `run`.

    Raises:
        FinishedAlready: nothing is left to do.
        RunError: the run can't go on, or somebody else trains in its folder.
        datasets.DataError: the dataset can't be had.
    """
    began = time.monotonic()
    load_resumable(folder)  # told before a lock is made in a folder that is no run's
    with _alone(folder):
        kept = load_resumable(folder)
        with cpu.use_threads(threads or kept.record.threads):
            digits, test = yield from _data(kept.recipe, data)
            if checkpoint.fingerprint(digits) != kept.data:
                raise RunError(_explain_other_data(folder.name, kept.recipe.dataset, data))
            checkpoint.check_state(kept, folder, digits)
            processes = group.size if group is not None else 1
            note = checkpoint.describe_differences(kept.record, device, processes)
            kept = replace(kept, record=replace(kept.record, processes=processes))
            place = checkpoint.describe_place(device, processes)
            started = Started(folder, place, kept.step, note)
            yield from _go_on(started, kept, digits, test, device, began, watched, group)


def _explain_other_data(name: str, dataset: str, data: Path) -> str:
    """Why a run can't go on with other data than it began with, and what can be done."""
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
    """Where `resume` would go on.

    Raises:
        FinishedAlready: nothing is left to do.
        RunError: the run can't go on.
    """
    if not is_folder(folder):
        raise RunError(_("{folder} is not a run's folder").format(folder=folder))
    listing.check_resumable(folder)
    kept = checkpoint.load(folder)
    listing.check_recipe(folder, kept.recipe)
    return kept


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep every other program, and every other thread, from training in a run's folder.

    Raises:
        RunError: somebody does.
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


def _data(
    recipe: Recipe, data: Path
) -> Generator[Progress, None, tuple[LabelledImages, LabelledImages]]:
    """Training and test set."""
    digits = yield from loading.load(recipe.dataset, "train", data)
    return digits, (yield from loading.load(recipe.dataset, "test", data))


def _go_on(
    started: Started,
    kept: Checkpoint,
    digits: LabelledImages,
    test: LabelledImages,
    device: torch.device,
    began: float,
    watched: Watched | None,
    group: Group | None,
) -> RunEvents:
    """Train from a checkpoint, which may be that of the very start, to the end."""
    group = group or process_group.ALONE

    folder = RunFolder(started.folder, kept, str(device), digits.classes, began)
    work = training.Training(kept.recipe, digits, device, kept.state, group)
    state, problem = RunState.STOPPED, ""  # as it stays if the caller ceases to iterate
    try:
        folder.open()
        if not kept.step:
            folder.keep_initial(training.initial_snapshot(kept.recipe, digits))
        yield started
        broadcast_start(group, kept)
        for event in work:
            if isinstance(event, Diverged):
                state, problem = RunState.DIVERGED, str(event)
            folder.keep(event, work.state)
            yield event
            if watched is not None and isinstance(event, Step) and watched():
                snapshot = work.present()
                assert snapshot is not None  # there has been a step
                yield snapshot
        if not problem:
            yield from folder.test(test)
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
    """What all must begin with."""

    data: int  # `checkpoint.fingerprint` of the training set
    threads: int  # of the CPU, for each process
    state: dict[str, Any]  # of `training.Training`


def broadcast_start(group: Group, kept: checkpoint.Checkpoint) -> None:
    """Tell the others where the run goes on: in the first process, before its first step."""
    group.broadcast_from_first(lambda: _Start(kept.data, torch.get_num_threads(), kept.state))


def train_as_worker(
    recipe: Recipe, data: Path, device: torch.device, group: Group
) -> Generator[Event, None, None]:
    """Train with the first process of a group.

    Args:
        recipe: the run's.
        data: this machine's folder of datasets.
        device: where this process trains.
        group: not its first process.

    Yields:
        what the first process's training does, `Progress` apart.

    Raises:
        datasets.DataError: the dataset can't be had.
        RunError: it is not the one that the first process has.
    """
    digits = result_of(loading.load(recipe.dataset, "train", data))
    begun: _Start = group.broadcast_from_first()
    if checkpoint.fingerprint(digits) != begun.data:
        text = _(
            "{dataset} in {folder} is not what the run's first process has: every machine needs "
            "the same data"
        )
        raise RunError(text.format(dataset=dataset_title(recipe.dataset), folder=data))
    with cpu.use_threads(begun.threads):
        yield from training.train(recipe, digits, device, begun.state, group)
