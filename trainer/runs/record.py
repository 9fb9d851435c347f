"""A run's record (run.json), the events of its start and end, and its notes.

Pure data: to list runs needs neither torch nor the training.
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
    """A run folder that can't be made, written, read or resumed; the message says why."""


class FinishedAlready(RunError):
    """A run that is finished and can't be resumed."""


class RunState(StrEnum):
    """The state of a run; one that was killed remains "running"."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"


@dataclass(slots=True)
class Record:
    """The content of run.json."""

    state: RunState = RunState.RUNNING
    device: str = ""
    processes: int = 1  # that train together
    threads: int = 0  # of each on the CPU; 0 in runs of older versions
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
        """A record from the values of a JSON object.

        Raises:
            ValueError, TypeError: a value is missing, unknown, or can't be.
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
        """When the run began, in seconds since 1970; 0 if that is not known."""
        try:
            return datetime.fromisoformat(self.started).timestamp()
        except (ValueError, OverflowError, OSError):  # a time that no clock has
            return 0.0

    def to_values(self) -> dict[str, Any]:
        """The values of the JSON object that `of` reads; plain `str`, `int`, `float`, `dict`."""
        return asdict(self) | {"state": self.state.value}


_LARGEST = 1e15
"""The largest magnitude of a run's numbers; a float still holds every integer up to there."""

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
"""The types of a record's values; a `bool`, which is an `int` in Python, is refused."""


@dataclass(frozen=True, slots=True)
class Started:
    """Event: the run's folder is ready, and training begins."""

    folder: Path
    device: str
    step: int = 0  # batches trained before, where a run is resumed
    note: str = ""  # why a resumed run may not be reproducible; empty if it is


@dataclass(frozen=True, slots=True)
class Finished:
    """Event: the run is finished, or diverged, and all its files are written."""

    folder: Path
    test_accuracy: float | None  # of the best epoch; None where there is none
    seconds: float  # with loading and testing, without the time between stop and resume


NOTES_FILE = "notes.json"
"""A file of its own, so that older versions of the program, and the training, which writes all
other files, leave it alone."""
LONGEST_TITLE = 80
LONGEST_NOTE = 4000
"""Characters; longer texts are cut."""
_LARGEST_NOTES = 64 << 10  # bytes of the file


@dataclass(frozen=True, slots=True)
class Notes:
    """The user's name and note for a run; each may be empty."""

    title: str = ""  # one line that stands in place of recipe and time
    note: str = ""


def read_notes(folder: Path) -> Notes:
    """Read a run's notes; empty if there are none, or they can't be read."""
    try:
        values: Any = json.loads(read_bounded(folder / NOTES_FILE, _LARGEST_NOTES))
        title, note = values["title"], values["note"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Notes()
    if not isinstance(title, str) or not isinstance(note, str):
        return Notes()
    return shorten(Notes(title, note))


def shorten(notes: Notes) -> Notes:
    """Notes with a title of one line, and both texts cut to their longest length."""
    title = " ".join(notes.title.split())[:LONGEST_TITLE].rstrip()
    return Notes(title, notes.note.strip()[:LONGEST_NOTE])


def write_notes(folder: Path, notes: Notes) -> Notes:
    """Write notes into a run's folder, or delete the file if they are empty.

    Returns:
        the notes as written, cut to their longest lengths.

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
