"""`lenet train` and `lenet resume` as torchrun starts them: in several processes.

The first process prints and writes what one alone would. When one of them dies,
torchrun starts all again with the same command; they go on at the run's last
checkpoint. A run that diverged would only diverge again: then they end as if all
were well while torchrun would start them again, and with status 1 when it won't.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch

from trainer import commands, distributed, files, following, launch, record, runs
from trainer.distributed import Group
from trainer.events import Diverged, Step
from trainer.recipes import Recipe
from trainer.record import Started


def train(given: argparse.Namespace) -> int:
    """As `commands.train`, in each process of a group."""
    with distributed.joined() as group:
        assert group.memory is not None  # it is no group of one's own
        begun = group.agreed(group.memory.folder)
        if begun is not None:
            return _go_on(begun, given, group)
        recipe = group.agreed(lambda: commands.recipe_asked_for(given))
        device = group.device(given.device)
        data = group.first_on_each_machine(lambda: commands.data_for(recipe, given))
        if given.threads:
            torch.set_num_threads(given.threads)
        if not group.first:
            return _help(recipe, data, device, group)
        folder = files.runs_folder(given.runs)
        run = runs.run(recipe, data=data, runs=folder, device=device, group=group)
        return _status(commands.trained(run, recipe, given.json, _stops(group)), group)


def resume(given: argparse.Namespace) -> int:
    """As `commands.resume`, in each process of a group; the first one reads the run's folder."""
    with distributed.joined() as group:
        return _go_on(given.run, given, group)


def _go_on(folder: Path, given: argparse.Namespace, group: Group) -> int:
    """Go on with the run in `folder`, where there is anything left to do."""
    recipe, name, told = group.agreed(lambda: _where_it_stands(folder))
    if recipe is None:
        return commands.finished_already(folder, told, given.json) if group.first else 0
    device = group.device(given.device or name)
    data = group.first_on_each_machine(lambda: commands.data_for(recipe, given))
    if not group.first:
        return _help(recipe, data, device, group)
    run = runs.resume(folder, data=data, device=device, threads=given.threads, group=group)
    return _status(commands.trained(run, recipe, given.json, _stops(group)), group)


def _where_it_stands(folder: Path) -> tuple[Recipe | None, str, str]:
    """A run's recipe and kind of device; no recipe, but words, if it is finished."""
    try:
        kept = runs.where_it_stands(folder)
    except record.FinishedAlready as finished:
        return None, "", str(finished)
    return kept.recipe, re.split("[:,]", kept.record.device)[0] or "auto", ""


def _stops(group: Group) -> Callable[[object, bool], bool]:
    """For `commands.trained`: all stop after the same step, whoever heard Ctrl-C."""

    def stops(event: object, asked: bool) -> bool:
        if group.memory is not None and isinstance(event, Started):
            group.memory.keep(event.folder)
        return isinstance(event, Step) and group.any(asked)

    return stops


def _help(recipe: Recipe, data: Path, device: torch.device, group: Group) -> int:
    """Take part in a run that the first process writes and shows; returns the exit status."""
    stops = _stops(group)
    with (
        commands.Interrupt(patient=True) as interrupt,
        closing(following.follow(recipe, data, device, group)) as events,
    ):
        for event in events:
            if stops(event, interrupt.asked):
                return 130
            if isinstance(event, Diverged):
                return _status(1, group)
    return 0


def _status(found: int, group: Group) -> int:
    """With which status to end, where one process alone would with `found`."""
    if found != 1:  # not diverged
        return found
    return 0 if group.any(launch.starts_again()) else 1
