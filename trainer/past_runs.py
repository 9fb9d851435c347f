"""Runs of earlier, read back from their folders. Needs no torch.

A folder that is damaged is told and left out; the others are listed all the same.
"""

from __future__ import annotations

import csv
import json
import math
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from trainer.recipes import Recipe
from trainer.runs import STATES, History, Record, RunError

FRESH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run found on disk."""

    folder: Path
    recipe: Recipe
    record: Record
    fresh: bool  # written to within the last `FRESH_SECONDS`: it may still be running


def past_runs(runs: Path) -> tuple[list[PastRun], list[str]]:
    """All runs in a folder, newest first, and what is wrong with those left out."""
    found, problems = [], []
    if not runs.is_dir():
        return [], []
    for folder in sorted(runs.iterdir(), reverse=True):
        if not (folder / "run.json").is_file():
            continue
        try:
            found.append(read_run(folder))
        except RunError as error:
            problems.append(str(error))
    return found, problems


def read_run(folder: Path) -> PastRun:
    """One run's recipe and record.

    Raises:
        RunError: its files are missing or damaged.
    """
    try:
        recipe = Recipe.from_json((folder / "recipe.json").read_text(encoding="utf-8"))
        values: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        record = _checked(Record(**values))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise RunError(f"{folder.name} is damaged: {error}") from None
    return PastRun(folder, recipe, record, _fresh(folder))


def _fresh(folder: Path) -> bool:
    try:
        age = time.time() - (folder / "history.csv").stat().st_mtime
    except OSError:
        return False
    return age < FRESH_SECONDS


def _checked(record: Record) -> Record:
    """`record` itself, if each value is of the kind that it is declared to be.

    Raises:
        ValueError: one is not.
    """
    if record.state not in STATES:
        raise ValueError(f"state is {record.state!r}")
    kinds = {
        "str": (str,),
        "int": (int,),
        "float": (int, float),
        "float | None": (int, float, type(None)),
        "dict[str, str]": (dict,),
    }
    for spec in fields(record):
        value = getattr(record, spec.name)
        if not isinstance(value, kinds[str(spec.type)]) or isinstance(value, bool):
            raise ValueError(f"{spec.name} is {value!r}")
    return record


def read_history(folder: Path) -> History:
    """A run's curves, as far as they can be read: a line cut in the middle ends them.

    Raises:
        RunError: there is no history.
    """
    history = History()
    steps = max(1, read_run(folder).record.steps_per_epoch)
    try:
        with (folder / "history.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if None in row.values():
                    break
                point = int(row["step"]) / steps, float(row["loss"]), float(row["accuracy"])
                if not all(map(math.isfinite, point)):
                    break
                history.add(row["split"], *point)
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{folder.name} has no history that can be read: {error}") from None
    except (ValueError, TypeError, KeyError, csv.Error):
        return history
    return history
