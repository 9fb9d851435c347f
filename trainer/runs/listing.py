"""Runs of earlier, read back from their folders. Needs no torch.

A folder that is damaged is told and left out; the others are listed all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trainer.files import read_bounded, try_lock
from trainer.recipes.recipe import Recipe, RecipeError
from trainer.runs.record import LOCK, FinishedAlready, Record, RunError, RunState
from trainer.training.history import History

EPOCHS = "epochs"
_MARKS = ("run.json", "history.csv", "checkpoint.pt")
"""A folder with one of these is a run's."""


_LARGEST_HISTORY = 256 << 20  # bytes; a line has some sixty, and an epoch a hundred lines


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run found on disk."""

    folder: Path
    recipe: Recipe
    record: Record
    busy: bool  # somebody trains in it now
    has_checkpoint: bool

    @property
    def interrupted(self) -> bool:
        """Whether it was cut off, by a crash or a power failure."""
        return self.record.state is RunState.RUNNING and not self.busy

    @property
    def resumable(self) -> bool:
        """Whether `lifecycle.resume` can go on with it."""
        open_end = self.record.state in (RunState.RUNNING, RunState.STOPPED, RunState.FAILED)
        return open_end and not self.busy and self.has_checkpoint


def list_runs(runs: Path) -> tuple[list[PastRun], list[str]]:
    """All runs in a folder, newest first, and what is wrong with those left out."""
    found, problems = [], []
    if not runs.is_dir():
        return [], []
    try:
        folders = sorted(runs.iterdir())
    except OSError as error:
        return [], [f"{runs} cannot be read: {error.strerror or error}"]
    for folder in folders:
        if not any((folder / name).is_file() for name in _MARKS):
            continue
        try:
            found.append(read_run(folder))
        except RunError as error:
            problems.append(str(error))
    return sorted(found, key=_start, reverse=True), problems


def _start(run: PastRun) -> tuple[float, str]:
    """When a run began: folders are named by local time, which is another elsewhere."""
    try:
        return datetime.fromisoformat(run.record.started).timestamp(), run.folder.name
    except (ValueError, OverflowError, OSError):  # a time that no clock has
        return 0.0, run.folder.name


def read_run(folder: Path) -> PastRun:
    """One run's recipe and record.

    Raises:
        RunError: its files are missing or damaged.
    """
    try:
        recipe = Recipe.from_json(_text(folder / "recipe.json"))
        record = read_record(folder)
    except FileNotFoundError as error:
        raise RunError(f"{folder.name} is damaged: {_name(error)} is missing") from None
    except OSError as error:
        why = f"{_name(error)} cannot be read ({error.strerror or error})"
        raise RunError(f"{folder.name} is damaged: {why}") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise RunError(f"{folder.name} is damaged: {error}") from None
    has_checkpoint = (folder / "checkpoint.pt").is_file()
    return PastRun(folder, recipe, record, is_training(folder), has_checkpoint)


def _text(path: Path, most: int = 1 << 20) -> str:
    """A file's text; of `most` bytes at most, as damage may be anything.

    Raises:
        OSError, UnicodeDecodeError: it can't be read.
    """
    try:
        return read_bounded(path, most).decode()
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def _name(error: OSError) -> str:
    return Path(str(error.filename)).name


def read_record(folder: Path) -> Record:
    """What run.json says.

    Raises:
        OSError, ValueError, TypeError, RecursionError: nothing that can be.
    """
    return Record.of(json.loads(_text(folder / "run.json")))


def is_training(folder: Path) -> bool:
    """Whether somebody, in this program or another one, trains in a run's folder now."""
    try:
        with (folder / LOCK).open("rb") as file, try_lock(file) as free:
            return not free
    except OSError:  # no lock at all: nobody ever trained here, or an older version did
        return False


def check_resumable(folder: Path) -> None:
    """See whether there is anything left to do in a run's folder.

    Raises:
        FinishedAlready: there is nothing.
        RunError: it would only diverge again.
    """
    try:
        record = read_record(folder)
    except (OSError, ValueError, TypeError, RecursionError):
        return  # its checkpoint knows
    if record.state is RunState.FINISHED:
        raise FinishedAlready(f"{folder.name} is finished already: there is nothing left to train")
    if record.state is RunState.DIVERGED:
        raise RunError(f"{folder.name} can't go on: {record.problem}")


def check_recipe(folder: Path, recipe: Recipe) -> None:
    """See whether recipe.json is still the recipe that the run began with.

    A file that is missing or damaged is not minded: it is written anew.

    Raises:
        RunError: it is another one.
    """
    try:
        found = Recipe.from_json(_text(folder / "recipe.json"))
    except (OSError, UnicodeDecodeError):
        return
    except RecipeError:
        return
    if found != recipe:
        raise RunError(
            f"{folder.name} can't go on: recipe.json was changed since it began. Train the changed "
            "recipe as a run of its own, or put the old one back"
        )


def epoch_path(folder: Path, epoch: int) -> Path:
    """Where an epoch's model file lies, if it was kept; 0 is before the first step."""
    return folder / EPOCHS / f"{epoch:04}.safetensors"


def list_epochs(folder: Path) -> list[tuple[int, Path]]:
    """The epochs whose model files are there, in their order."""
    found = (folder / EPOCHS).glob("*.safetensors")
    return sorted((int(path.stem), path) for path in found if path.stem.isdecimal())


def read_history(folder: Path) -> History:
    """A run's curves, as far as they can be read: a line cut in the middle ends them.

    Raises:
        RunError: there is no history.
    """
    steps = read_run(folder).record.steps_per_epoch
    try:
        text = _text(folder / "history.csv", _LARGEST_HISTORY)
    except FileNotFoundError:
        raise RunError(
            f"{folder.name} has no history that can be read: history.csv is missing"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{folder.name} has no history that can be read: {error}") from None
    return History.of(text, steps)
