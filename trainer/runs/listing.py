"""Read past runs from their folders. Needs no torch.

A damaged folder is reported and left out; the others are listed all the same. `RunListing` can be
refreshed again and again, and reads only what has changed.
"""

from __future__ import annotations

import json
import os
import stat
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainer.files import is_file, is_folder, open_plain, read_bounded, try_lock
from trainer.recipes.recipe import Recipe, RecipeError
from trainer.runs.record import (
    LOCK,
    NOTES_FILE,
    FinishedAlready,
    Notes,
    Record,
    RunError,
    RunState,
    read_notes,
)
from trainer.training.history import History
from trainer.translation import gettext as _

EPOCHS = "epochs"
_MARKS = ("run.json", "history.csv", "checkpoint.pt")
"""A folder with one of these files is a run's."""


_TAIL = 1024  # bytes at a history's end; a line has some sixty
_MOST_DIGITS = 16
_LARGEST_HISTORY = 256 << 20  # bytes; a line has some sixty, and an epoch a hundred lines


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run found on disk."""

    folder: Path
    recipe: Recipe
    record: Record
    busy: bool  # whether a process trains in it now
    has_checkpoint: bool
    step: int = 0  # the last one of its history
    notes: Notes = field(default_factory=Notes)

    @property
    def epochs(self) -> float:
        """The number of epochs trained, with the fraction of the last one."""
        steps = self.record.steps_per_epoch
        part = self.step / steps if steps else 0.0
        return min(max(float(self.record.epochs), part), float(self.recipe.epochs))

    @property
    def began(self) -> float:
        """When it began, in seconds since 1970; 0 if that is not known.

        The folder's name is no help: it has a local time, without its time zone.
        """
        return self.record.began

    @property
    def interrupted(self) -> bool:
        """Whether it was interrupted by a crash or a power failure."""
        return self.record.state is RunState.RUNNING and not self.busy

    @property
    def resumable(self) -> bool:
        """Whether `lifecycle.resume` can continue it."""
        open_end = self.record.state in (RunState.RUNNING, RunState.STOPPED, RunState.FAILED)
        return open_end and not self.busy and self.has_checkpoint


@dataclass(frozen=True, slots=True)
class Listed:
    """The runs in a folder at one moment."""

    root: Path
    runs: tuple[PastRun, ...] = ()  # newest first
    problems: tuple[str, ...] = ()  # a message on each run that can't be read
    folders: frozenset[Path] = frozenset()  # of all runs, also of those that can't be read
    readable: bool = True  # whether the folder could be read
    began: float = 0.0  # `time.monotonic` before it was looked at


_Marks = tuple[tuple[int, int] | None, ...]


class RunListing:
    """Lists a folder of runs again and again; for one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Marks, PastRun | str]] = {}

    def look(self, runs: Path) -> Listed:
        """List the runs; one that has not changed is the same object as before."""
        began = time.monotonic()
        if not is_folder(runs):
            self._known.clear()
            return Listed(runs, began=began)
        try:
            folders = sorted(runs.iterdir())
        except OSError as error:
            text = _("{folder} cannot be read: {reason}")
            problem = text.format(folder=runs, reason=error.strerror or error)
            return Listed(runs, problems=(problem,), readable=False, began=began)
        known, self._known = self._known, {}
        for folder in folders:
            marks = _marks(folder)
            if any(marks[: len(_MARKS)]):
                run = _read_again(folder, marks, known.get(folder))
                # Written just now, it may be written again with the same time and size.
                self._known[folder] = () if _are_fresh(marks) else marks, run
        listed_runs = [each for _, each in self._known.values()]
        past = [each for each in listed_runs if isinstance(each, PastRun)]
        return Listed(
            runs,
            tuple(sorted(past, key=lambda run: (run.began, run.folder.name), reverse=True)),
            tuple(each for each in listed_runs if isinstance(each, str)),
            frozenset(self._known),
            began=began,
        )


def _marks(folder: Path) -> _Marks:
    """Modification time, in ns, and size of each file that is read; None where there is none."""
    marks: list[tuple[int, int] | None] = []
    for name in (*_MARKS, "recipe.json", NOTES_FILE):
        try:
            status = os.stat(folder / name)  # noqa: PTH116  a Path's takes twice as long
        except OSError:
            marks.append(None)
        else:
            regular = stat.S_ISREG(status.st_mode)
            marks.append((status.st_mtime_ns, status.st_size) if regular else None)
    return tuple(marks)


_TICK = 100_000_000  # ns: clocks of file systems are no finer than some ms


def _are_fresh(marks: _Marks) -> bool:
    """Whether a file was written just now."""
    now = time.time_ns()
    return any(mark is not None and now - mark[0] < _TICK for mark in marks)


def _read_again(
    folder: Path, marks: _Marks, before: tuple[_Marks, PastRun | str] | None
) -> PastRun | str:
    """A run, or a message on what is wrong with it: the previous one if no file has changed."""
    if before is not None and before[0] == marks:
        past = before[1]
        if isinstance(past, PastRun) and (past.busy or past.record.state is RunState.RUNNING):
            busy = is_training(folder)
            return past if busy == past.busy else replace(past, busy=busy)
        return past
    try:
        return read_run(folder)
    except RunError as error:
        return str(error)


def list_runs(runs: Path) -> tuple[list[PastRun], list[str]]:
    """All runs in a folder, newest first, and a message on each that can't be read."""
    listed = RunListing().look(runs)
    return list(listed.runs), list(listed.problems)


def read_run(folder: Path) -> PastRun:
    """One run's recipe and record.

    Raises:
        RunError: its files are missing or damaged.
    """
    try:
        recipe = Recipe.from_json(_text(folder / "recipe.json"))
        record = read_record(folder)
    except FileNotFoundError as error:
        text = _("{run} is damaged: {file} is missing")
        raise RunError(text.format(run=folder.name, file=_name(error))) from None
    except OSError as error:
        text = _("{run} is damaged: {file} cannot be read ({reason})")
        reason = error.strerror or error
        raise RunError(text.format(run=folder.name, file=_name(error), reason=reason)) from None
    except (ValueError, TypeError, RecursionError) as error:
        text = _("{run} is damaged: {reason}")
        raise RunError(text.format(run=folder.name, reason=error)) from None
    has_checkpoint = is_file(folder / "checkpoint.pt")
    step, notes = _last_step(folder), read_notes(folder)
    return PastRun(folder, recipe, record, is_training(folder), has_checkpoint, step, notes)


def _last_step(folder: Path) -> int:
    """The step of the last whole line of a run's history; 0 if there is none."""
    try:
        with open_plain(folder / "history.csv") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read(_TAIL).split(b"\n")[:-1]  # what follows the last one is cut off
    except OSError:
        return 0
    for line in reversed(lines):
        cells = line.split(b",")
        if len(cells) > 1 and cells[1].isdigit() and len(cells[1]) < _MOST_DIGITS:
            return int(cells[1])
    return 0


def _text(path: Path, most: int = 1 << 20) -> str:
    """The text of a file of at most `most` bytes, since a damaged file may be of any size.

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
    """Read run.json.

    Raises:
        OSError, ValueError, TypeError, RecursionError: it can't be read, or is damaged.
    """
    return Record.of(json.loads(_text(folder / "run.json")))


def is_training(folder: Path) -> bool:
    """Whether a process, this one or another, trains in a run's folder now."""
    try:
        with open_plain(folder / LOCK) as file, try_lock(file) as free:
            return not free
    except OSError:  # no lock at all: nobody ever trained here, or an older version did
        return False


def check_resumable(folder: Path) -> None:
    """Check that a run is neither finished nor diverged.

    Raises:
        FinishedAlready: it is finished.
        RunError: it diverged, and would do so again.
    """
    try:
        record = read_record(folder)
    except (OSError, ValueError, TypeError, RecursionError):
        return  # the checkpoint decides
    if record.state is RunState.FINISHED:
        text = _("{run} is finished already: there is nothing left to train")
        raise FinishedAlready(text.format(run=folder.name))
    if record.state is RunState.DIVERGED:
        text = _("{run} can't go on: {reason}")
        raise RunError(text.format(run=folder.name, reason=record.problem))


def check_recipe(folder: Path, recipe: Recipe) -> None:
    """Check that recipe.json is still the recipe that the run began with.

    A missing or damaged file is ignored: it will be rewritten.

    Raises:
        RunError: it is another one.
    """
    try:
        written = Recipe.from_json(_text(folder / "recipe.json"))
    except (OSError, UnicodeDecodeError):
        return
    except RecipeError:
        return
    if written != recipe:
        text = _(
            "{run} can't go on: recipe.json was changed since it began. Train the changed recipe "
            "as a run of its own, or put the old one back"
        )
        raise RunError(text.format(run=folder.name))


def epoch_path(folder: Path, epoch: int) -> Path:
    """The path of an epoch's model file, if it was kept; epoch 0 is before the first step."""
    return folder / EPOCHS / f"{epoch:04}.safetensors"


def list_epochs(folder: Path) -> list[tuple[int, Path]]:
    """Numbers and paths of the epochs' model files, ascending."""
    paths = (folder / EPOCHS).glob("*.safetensors")
    return sorted((int(path.stem), path) for path in paths if path.stem.isdecimal())


def read_history(folder: Path) -> History:
    """Read a run's history, up to the first line that is damaged or incomplete.

    Raises:
        RunError: there is none, or it can't be read.
    """
    steps = read_run(folder).record.steps_per_epoch
    try:
        lines = _text(folder / "history.csv", _LARGEST_HISTORY)
    except FileNotFoundError:
        text = _("{run} has no history that can be read: history.csv is missing")
        raise RunError(text.format(run=folder.name)) from None
    except (OSError, UnicodeDecodeError) as error:
        text = _("{run} has no history that can be read: {reason}")
        raise RunError(text.format(run=folder.name, reason=error)) from None
    return History.of(lines, steps)
