"""A run as the processes see it that help the first one: they write no files and say nothing.

The first one trains as if it were alone, but for what it tells the others
beforehand; then each learns from its part of every batch.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from trainer.runs import checkpoint
from trainer.runs import environment
from trainer.data import loading
from trainer.runtime.process_group import Group
from trainer.progress import result_of
from trainer.recipes.recipe import Recipe
from trainer.runs.record import RunError
from trainer.training import training
from trainer.training.events import Event


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What all must begin with."""

    data: int  # `checkpoint.fingerprint` of the training set
    threads: int  # of the CPU, for each process
    state: dict[str, Any]  # of `training.Training`


def lead(group: Group, kept: checkpoint.Checkpoint) -> None:
    """Tell the others where the run goes on: in the first process, before its first step."""
    group.agreed(lambda: _Beginning(kept.data, environment.threads(), kept.state))


def follow(
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
    begun: _Beginning = group.agreed()
    if checkpoint.fingerprint(digits) != begun.data:
        raise RunError(
            f"{recipe.dataset} in {data} is not what the run's first process has: "
            "every machine needs the same data"
        )
    with environment.with_threads(begun.threads):
        yield from training.train(recipe, digits, device, begun.state, group)
