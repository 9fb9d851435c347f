"""What the user calls a run, and says of it: `notes.json` in the run's folder.

A file of its own: versions of the program that do not know it leave it alone, and the
training, which writes all other files, never touches it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.files import convert_write_errors, read_bounded, write_whole
from trainer.runs.record import RunError

NAME = "notes.json"
LONGEST_TITLE = 80
LONGEST_NOTE = 4000
"""Characters; of a longer text the rest is left out."""
_LARGEST = 64 << 10  # bytes of the file


@dataclass(frozen=True, slots=True)
class Notes:
    """Two texts; each may be empty."""

    title: str = ""  # one line that stands in place of recipe and time
    note: str = ""


def read_notes(folder: Path) -> Notes:
    """What is noted in a run's folder; empty if nothing is, or if it cannot be read."""
    try:
        values: Any = json.loads(read_bounded(folder / NAME, _LARGEST))
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
    path = folder / NAME
    with convert_write_errors(path, RunError):
        if notes == Notes():
            path.unlink(missing_ok=True)
        else:
            write_whole(path, json.dumps(asdict(notes), indent=1).encode())
    return notes
