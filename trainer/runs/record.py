"""What a run says of itself in run.json, the events of its start and its end, and its notes.

Pure data: whoever lists runs needs neither torch nor the training.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any

from trainer.errors import UserError
from trainer.files import convert_write_errors, read_bounded, write_whole
from trainer.translation import gettext as _

LOCK = "run.lock"


class RunError(UserError):
    """A run's folder that can't be made, written, read or gone on with; the message says why."""


class FinishedAlready(RunError):
    """A run that has nothing left to do."""


class RunState(StrEnum):
    """How a run can stand; one that was killed says "running" for ever."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"


@dataclass(slots=True)
class Record:
    """What run.json holds."""

    state: RunState = RunState.RUNNING
    device: str = ""
    processes: int = 1  # that train together
    threads: int = 0  # of each on the CPU; 0 in the runs of older versions, which did not tell
    arithmetic: str = ""  # one of `lenet5.ARITHMETICS`; empty until the first step
    seed: int = 0
    started: str = ""  # local time, ISO 8601
    resumed: int = 0  # how often
    seconds: float = 0.0
    epochs: int = 0  # done
    steps_per_epoch: int = 0
    best_epoch: int = 0
    best_val_accuracy: float | None = None  # 0 to 1
    test_accuracy: float | None = None
    problem: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(values: Any) -> Record:
        """The record that these values of a JSON object make.

        Raises:
            ValueError, TypeError: they make none.
        """
        record = Record(**values)
        for kind, names in _FIELDS.items():
            for name in names:
                value = getattr(record, name)
                beyond = isinstance(value, int | float) and not abs(value) <= _LARGEST
                if not isinstance(value, kind) or isinstance(value, bool) or beyond:
                    text = _("{name} is {value}")
                    raise ValueError(text.format(name=name, value=repr(value)[:40]))
        record.state = RunState(record.state)
        return record

    @property
    def began(self) -> float:
        """When the run began, in seconds since 1970; 0 where that is not known."""
        try:
            return datetime.fromisoformat(self.started).timestamp()
        except (ValueError, OverflowError, OSError):  # a time that no clock has
            return 0.0

    def to_values(self) -> dict[str, Any]:
        """The values of the JSON object that `of` reads; plain `str`, `int`, `float`, `dict`."""
        return asdict(self) | {"state": self.state.value}


_LARGEST = 1e15
"""No number of a run is larger; beyond it, a float does not hold every whole one."""

_FIELDS: dict[type | UnionType, tuple[str, ...]] = {
    str: ("state", "device", "arithmetic", "started", "problem"),
    int: (
        "processes",
        "threads",
        "seed",
        "resumed",
        "epochs",
        "steps_per_epoch",
        "best_epoch",
    ),
    int | float: ("seconds",),
    int | float | None: ("best_val_accuracy", "test_accuracy"),
    dict: ("versions",),
}
"""What a record's values must be; a `bool`, which Python takes for an `int`, is none of them."""


@dataclass(frozen=True, slots=True)
class Started:
    """The run's folder is made, or found, and training begins."""

    folder: Path
    device: str
    step: int = 0  # batches trained before, where a run goes on
    note: str = ""  # why it may not go on exactly as it would have; empty if it does


@dataclass(frozen=True, slots=True)
class Finished:
    """The run went through, or diverged; all its files are written."""

    folder: Path
    test_accuracy: float | None  # of the best epoch; None where there is none
    seconds: float  # from its start, data and test included, but no time between


NOTES_FILE = "notes.json"
"""A file of its own: versions of the program that do not know it leave it alone, and the training,
which writes all other files, never touches it."""
LONGEST_TITLE = 80
LONGEST_NOTE = 4000
"""Characters; of a longer text the rest is left out."""
_LARGEST_NOTES = 64 << 10  # bytes of the file


@dataclass(frozen=True, slots=True)
class Notes:
    """What the user calls a run, and says of it: two texts; each may be empty."""

    title: str = ""  # one line that stands in place of recipe and time
    note: str = ""


def read_notes(folder: Path) -> Notes:
    """What is noted in a run's folder; empty if nothing is, or if it cannot be read."""
    try:
        values: Any = json.loads(read_bounded(folder / NOTES_FILE, _LARGEST_NOTES))
        title, note = values["title"], values["note"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Notes()
    if not isinstance(title, str) or not isinstance(note, str):
        return Notes()
    return shorten(Notes(title, note))


def shorten(notes: Notes) -> Notes:
    """The notes as they are kept: a title of one line, and both of a limited length."""
    title = " ".join(notes.title.split())[:LONGEST_TITLE].rstrip()
    return Notes(title, notes.note.strip()[:LONGEST_NOTE])


def write_notes(folder: Path, notes: Notes) -> Notes:
    """Keep notes in a run's folder; returns them as they were kept. Empty ones leave no file.

    Raises:
        RunError: the folder is gone, or cannot be written.
    """
    notes = shorten(notes)
    path = folder / NOTES_FILE
    with convert_write_errors(path, RunError):
        if notes == Notes():
            path.unlink(missing_ok=True)
        else:
            write_whole(path, json.dumps(asdict(notes), indent=1).encode())
    return notes
