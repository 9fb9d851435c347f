"""Train the named recipes, and write what they reach to assets/results.json.

    python -m benchmarks.recognition.recipes --data DATA --runs RUNS [--recipes NAME ...]
                                             [--seeds 1 2 3]

Each recipe is trained once per seed (those of 100 epochs with the first alone),
by `lenet train`, with one thread. A run that `RUNS` has finished already is
not trained again, so that the table can be filled over several nights; with
`--gather` nothing is trained. "Seconds per epoch" is the fastest epoch of a
run: what else the machine did meanwhile is not the recipe's.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.measurement import today
from trainer.files import data_folder, write_whole
from trainer.recipes.catalog import RECIPES, SOURCES
from trainer.recipes.published_results import RESULTS
from trainer.runs.listing import PastRun, list_runs, read_history
from trainer.runs.record import RunState

_LONG = 100  # epochs from which one seed is enough
_NOT_HERE = ("ninety-nine", "studio", "handwriting")
"""They read other people's handwriting, and no published figure is about them."""


def compared() -> list[str]:
    """The recipes in the table."""
    return [name for name in RECIPES if name not in _NOT_HERE]


def finished(runs: Path) -> dict[tuple[str, int], PastRun]:
    """The newest finished run of each named recipe and seed, with the recipe as it is now."""
    found = {}
    for past in reversed(list_runs(runs)[0]):
        name, seed = past.recipe.name, past.recipe.seed
        if past.record.state is RunState.FINISHED and name in RECIPES:
            # The same but for the seed, whatever the two are called.
            now = RECIPES[name]
            same = dataclasses.replace(
                past.recipe, seed=now.seed, name=name, description=now.description
            )
            if same == now:
                found[name, seed] = past
            else:
                print(f"left out, the recipe has changed since: {past.folder}", file=sys.stderr)
    return found


def train(name: str, seed: int, data: Path, runs: Path) -> None:
    """One run, in a process of its own."""
    command = [sys.executable, "-m", "trainer", "train", "--recipe", name, "--seed", str(seed)]
    places = ["--data", str(data), "--runs", str(runs), "--threads", "1"]
    subprocess.run([*command, *places], check=True)


def figures(past: PastRun) -> dict[str, Any]:
    """A run's line of the table's file."""
    history = read_history(past.folder)
    ends = [0.0, *history.seconds["validation"]]
    epochs = [after - before for before, after in itertools.pairwise(ends)]
    assert past.record.test_accuracy is not None and past.record.best_val_accuracy is not None
    return {
        "seed": past.recipe.seed,
        "test_accuracy": round(past.record.test_accuracy, 6),
        "val_accuracy": round(past.record.best_val_accuracy, 6),
        "best_epoch": past.record.best_epoch,
        "epochs": past.record.epochs,
        "seconds_per_epoch": round(min(epochs), 2),
    }


def rows(found: dict[tuple[str, int], PastRun]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The table's rows, as far as there are runs."""
    for name in compared():
        mine = [found[key] for key in sorted(found) if key[0] == name]
        if not mine:
            continue
        source = SOURCES.get(name)
        yield (
            name,
            {
                "dataset": RECIPES[name].dataset,
                "split": source.split if source else "test",
                "reported": source.reported if source else None,
                "told": source.in_words if source else "",
                "command": f"lenet train --recipe {name}",
                "runs": [figures(past) for past in mine],
            },
        )


def main() -> None:
    """Train what is missing and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--recipes", nargs="*", choices=compared(), default=compared())
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("--gather", action="store_true", help="train nothing")
    parser.add_argument("--out", type=Path, default=Path("assets") / RESULTS)
    options = parser.parse_args()
    done = finished(options.runs)
    for name in [] if options.gather else options.recipes:
        for seed in options.seeds[:1] if RECIPES[name].epochs >= _LONG else options.seeds:
            if (name, seed) not in done:
                train(name, seed, data_folder(options.data), options.runs)
    machine = f"{os.cpu_count()} cores, no GPU, one thread, {platform.system()}, "
    machine += f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}"
    table = {
        "machine": machine,
        "date": today(),
        "recipes": dict(rows(finished(options.runs))),
    }
    write_whole(options.out, (json.dumps(table, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
