"""`lenet train` and `lenet resume`, by one process or by several; and `lenet gate`.

Of several, which torchrun starts, the first prints and writes what one alone would. When
one of them dies, torchrun starts all again with the same command; they go on at the run's
last checkpoint. A run that diverged would only diverge again: then they end as if all were
well while torchrun would start them again, and with status 1 when it won't.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import signal
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from trainer import files
from trainer.cli.common import check_out, check_seed, check_threads, load_recipe
from trainer.cli.data import resolve_dataset
from trainer.cli.output import Reporter, show_progress
from trainer.data import loading, pen
from trainer.data.labelled_images import concatenate
from trainer.errors import UserError
from trainer.networks.gate import save
from trainer.recipes.recipe import Recipe
from trainer.runs import lifecycle, listing
from trainer.runs.record import FinishedAlready, Started
from trainer.runtime import devices, process_group, torchrun
from trainer.runtime.process_group import Group
from trainer.training import training
from trainer.training.events import Diverged, Step
from trainer.training.gate import BOLD_WIDTHS, MOST_REJECTED_OF_A_FORM, Allowance, train_gate
from trainer.translation import gettext as _


def choose_recipe(options: argparse.Namespace) -> Recipe:
    """The recipe to train, with what the command line changes of it."""
    recipe = load_recipe(options.recipe)
    names = ("dataset", "epochs", "streamed", "batch_size", "seed", "arithmetic")
    changes = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.dataset is not None:
        changes["dataset"] = resolve_dataset(options.dataset, options.json)
    recipe = dataclasses.replace(recipe, **changes)
    return _exactly(options, recipe) if options.exact else recipe


def find_data(recipe: Recipe, options: argparse.Namespace) -> Path:
    """The folder of datasets, with those that the recipe needs and that can be downloaded."""
    data = files.data_folder(options.data)
    for name in loading.list_missing(recipe.dataset, data):
        show_progress(loading.download(name, data), options.json)
    return data


def _exactly(options: argparse.Namespace, recipe: Recipe) -> Recipe:
    """The recipe with one step an image, as the paper trains."""
    if recipe.network != "lenet5-1998":
        raise UserError(
            _(
                "--exact is for recipes with the network lenet5-1998, and {name} has {network}: "
                "try --recipe lenet5-1998"
            ).format(name=recipe.name, network=recipe.network)
        )
    if options.batch_size not in (None, 1):
        raise UserError(_("--exact takes one image a step: leave --batch-size out"))
    return dataclasses.replace(recipe, batch_size=1)


def train(options: argparse.Namespace) -> int:
    """Train, test, and leave a run's folder; 130 if stopped by Ctrl-C, 1 if it diverged."""
    check_threads(options)
    if torchrun.is_launched():
        return train_in_group(options)
    recipe = choose_recipe(options)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = devices.choose(options.device)
    data = find_data(recipe, options)
    run = lifecycle.run(recipe, data=data, runs=files.runs_folder(options.runs), device=device)
    if not options.threads and recipe.arithmetic == "auto":
        run = training.limit_to_one_thread_when_contended(run)
    return train_to_end(run, recipe, options.json)


def resume(options: argparse.Namespace) -> int:
    """Go on with a run; as `train`, and 0 if it is finished already."""
    check_threads(options)
    if torchrun.is_launched():
        return resume_in_group(options)
    try:
        kept = lifecycle.load_resumable(options.run)
    except FinishedAlready as finished:
        return report_finished(options.run, str(finished), options.json)
    name = options.device or re.split("[:,]", kept.record.device)[0] or "auto"
    device = devices.choose(name)
    data = find_data(kept.recipe, options)
    run = lifecycle.resume(options.run, data=data, device=device, threads=options.threads)
    return train_to_end(run, kept.recipe, options.json)


def report_finished(folder: Path, text: str, as_json: bool) -> int:
    """Say that a run has nothing left to do; returns the exit status."""
    record = listing.read_record(folder)
    if as_json:
        end = {"run": str(folder), "test_accuracy": record.test_accuracy}
        print(json.dumps(end | {"seconds": round(record.seconds, 3)}))
    else:
        print(text)
    return 0


def train_to_end(
    run: Generator[object, None, None],
    recipe: Recipe,
    as_json: bool,
    stops: Callable[[object, bool], bool] | None = None,
) -> int:
    """Run a run to its end, or until Ctrl-C or another request to end, and show it.

    Args:
        run: the events of `lifecycle.run`.
        recipe: what it trains by.
        as_json: show it as JSON lines.
        stops: asked after each event, with whether Ctrl-C was pressed, whether to
            stop; Ctrl-C alone decides if None.

    Returns:
        the exit status.
    """
    stopped = False
    with (
        Interrupt(patient=stops is not None) as interrupt,
        closing(run) as events,
        Reporter(recipe, as_json) as reporter,
    ):
        for event in events:
            reporter.show(event)
            stopped = (
                interrupt.interrupted if stops is None else stops(event, interrupt.interrupted)
            )
            if stopped:
                break
    reporter.end(stopped)
    return interrupt.status if stopped else 1 if reporter.diverged else 0


_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""What asks a program to end as Ctrl-C does: `kill` and the system, and a terminal that closes."""


class Interrupt:
    """Ctrl-C as a question to be answered between two events; a second one interrupts at once.

    So is what else asks a program to end, unless it is to be ignored, as nohup has it.

    Args:
        patient: a second one is the same question: whoever starts a group passes
            one Ctrl-C on more than once, and ends what is left of it by the others.
    """

    interrupted = False
    status = 128 + signal.SIGINT
    """With which to exit where it was answered."""

    def __init__(self, patient: bool = False) -> None:
        self._patient = patient
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        for number in [signal.SIGINT, *([] if self._patient else _ENDING)]:
            if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._ask)
        return self

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.interrupted, self.status = True, 128 + number
        if not self._patient:
            self._take_back()

    def _take_back(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def __exit__(self, *_error: object) -> None:
        self._take_back()


def train_in_group(options: argparse.Namespace) -> int:
    """As `train`, in each process of a group."""
    with process_group.join_group() as group:
        assert group.memory is not None  # it is no group of one's own
        folder = group.broadcast_from_first(group.memory.folder)
        if folder is not None:
            return _go_on(folder, options, group)
        recipe = group.broadcast_from_first(lambda: choose_recipe(options))
        device = group.device(options.device)
        data = group.first_on_each_machine(lambda: find_data(recipe, options))
        if options.threads:
            torch.set_num_threads(options.threads)
        if not group.first:
            return _help(recipe, data, device, group)
        runs = files.runs_folder(options.runs)
        run = lifecycle.run(recipe, data=data, runs=runs, device=device, group=group)
        return _status(train_to_end(run, recipe, options.json, _stops(group)), group)


def resume_in_group(options: argparse.Namespace) -> int:
    """As `resume`, in each process of a group; the first one reads the run's folder."""
    with process_group.join_group() as group:
        return _go_on(options.run, options, group)


def _go_on(folder: Path, options: argparse.Namespace, group: Group) -> int:
    """Go on with the run in `folder`, where there is anything left to do."""
    recipe, name, text = group.broadcast_from_first(lambda: _where_it_stands(folder))
    if recipe is None:
        return report_finished(folder, text, options.json) if group.first else 0
    device = group.device(options.device or name)
    data = group.first_on_each_machine(lambda: find_data(recipe, options))
    if not group.first:
        return _help(recipe, data, device, group)
    run = lifecycle.resume(folder, data=data, device=device, threads=options.threads, group=group)
    return _status(train_to_end(run, recipe, options.json, _stops(group)), group)


def _where_it_stands(folder: Path) -> tuple[Recipe | None, str, str]:
    """A run's recipe and kind of device; no recipe, but words, if it is finished."""
    try:
        kept = lifecycle.load_resumable(folder)
    except FinishedAlready as finished:
        return None, "", str(finished)
    return kept.recipe, re.split("[:,]", kept.record.device)[0] or "auto", ""


def _stops(group: Group) -> Callable[[object, bool], bool]:
    """For `train_to_end`: all stop after the same step, whoever heard Ctrl-C."""

    def stops(event: object, interrupted: bool) -> bool:
        if group.memory is not None and isinstance(event, Started):
            group.memory.keep(event.folder)
        return isinstance(event, Step) and group.any_rank(interrupted)

    return stops


def _help(recipe: Recipe, data: Path, device: torch.device, group: Group) -> int:
    """Take part in a run that the first process writes and shows; returns the exit status."""
    stops = _stops(group)
    with (
        Interrupt(patient=True) as interrupt,
        closing(lifecycle.train_as_worker(recipe, data, device, group)) as events,
    ):
        for event in events:
            if stops(event, interrupt.interrupted):
                return 130
            if isinstance(event, Diverged):
                return _status(1, group)
    return 0


def _status(status: int, group: Group) -> int:
    """With which status to end, where one process alone would with `status`."""
    if status != 1:  # not diverged
        return status
    return 0 if group.any_rank(torchrun.will_restart()) else 1


_MOST_EPOCHS = 1000
_LEARNED, _BOLD, _HELD_OUT = 700, 200, 400
"""Digits of each form to train on, with a hand's own pen and with a bold one, and to set the
threshold by. By their shares, the rare forms would be too few to be told from letters."""


def gate(options: argparse.Namespace) -> int:
    """Train the gate that tells digits from what is none, and write its file."""
    check_seed(options)
    if not 1 <= options.epochs <= _MOST_EPOCHS:
        text = _("{name} is {value!r}; it must be a whole number from {low} to {high}")
        told = text.format(name="--epochs", value=options.epochs, low=1, high=_MOST_EPOCHS)
        raise UserError(told)
    check_out(options.out)
    data = files.data_folder(options.data)
    for name in loading.list_missing("mnist", data):
        show_progress(loading.download(name, data), False)
    source = torch.Generator().manual_seed(options.seed)
    training, validation = [], []
    for name in ("mnist", "unipen"):
        digits = show_progress(loading.load(name, "train", data), False)
        learned, held_out = digits.split(0.05, torch.randperm(len(digits), generator=source))
        training.append(learned)
        validation.append(Allowance(held_out.images))
    training.append(show_progress(pen.load_forms(_LEARNED, options.seed), False))
    bold = pen.load_forms(_BOLD, options.seed + 2, BOLD_WIDTHS)
    training.append(show_progress(bold, False))
    others = show_progress(pen.load_forms(_HELD_OUT, options.seed + 1), False)
    for form in others.images.split(_HELD_OUT):
        validation.append(Allowance(form, MOST_REJECTED_OF_A_FORM))
    work = train_gate(concatenate(training), validation, options.seed, options.epochs)
    trained = show_progress(work, False)
    save(trained, options.out)
    print(
        _("{out}: what scores below {threshold:.2f} is refused").format(
            out=options.out, threshold=trained.threshold
        )
    )
    return 0
