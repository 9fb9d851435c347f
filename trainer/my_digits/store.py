"""My digits: labeled drawings in an append-only file.

Each line is a JSON object for one change (added, relabeled, deleted), which is flushed to disk. An
incomplete line, after a crash, is ignored, and the next one begins on a new line. Several windows
may write to one file; each sees the others' changes when it loads it again. Lines that this program
cannot read, damaged or of a newer version, are left as they are. Knows nothing of rendering,
networks or Qt.
"""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.drawing.stroke_files import LARGEST_FILE
from trainer.files import (
    check_is_plain,
    convert_read_errors,
    convert_write_errors,
    is_there,
    lock,
    read_bounded,
)
from trainer.my_digits.digit import (
    LONGEST_NAME,
    WRITER,
    MyDigitsError,
    OwnDigit,
    Strokes,
    current_time,
    from_json,
    read_export,
    to_json,
)
from trainer.translation import gettext as _

VERSION = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import."""

    added: tuple[OwnDigit, ...]
    known: int  # drawings that were there already, or twice in the file


class MyDigits:
    """The entries of one file; any thread may use it. The file need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = self.newer = 0
        """How many lines could not be read: damaged ones, and those of a newer version."""
        self._lock = threading.RLock()
        self._without_lock = self._reported = False
        self._size_read = -1  # the file's length when it was last read
        self._entries: dict[str, OwnDigit] = {}  # deleted ones too, in the order first added
        self._deleted: set[str] = set()

    def load(self) -> tuple[OwnDigit, ...]:
        """All entries, oldest first, read again if the file has changed.

        Raises:
            MyDigitsError: the file can't be read.
        """
        with self._lock:
            with convert_read_errors(self.path, MyDigitsError):
                self._check_place()
                size = self.path.stat().st_size if is_there(self.path) else 0
                if size != self._size_read:
                    self._read(read_bounded(self.path, LARGEST_FILE) if size else b"")
            return self.entries()

    def entries(self) -> tuple[OwnDigit, ...]:
        """All entries, oldest first, as they were when the file was last read."""
        with self._lock:
            return tuple(e for e in self._entries.values() if e.id not in self._deleted)

    def problem(self) -> str:
        """A sentence on lines that could not be read, and, once, on missing locks; else empty."""
        sentences = []
        if self.damaged:
            sentences.append(_("{count} damaged").format(count=self.damaged))
        if self.newer:
            sentences.append(
                _("{count} of a newer version of this program").format(count=self.newer)
            )
        problems = []
        if sentences:
            problems.append(
                _("Lines that can't be read were left unchanged: {problems}, in {path}").format(
                    problems=", ".join(sentences), path=self.path
                )
            )
        if self._without_lock and not self._reported:
            self._reported = True
            problems.append(
                _(
                    "{parent} is on a file system without locks: save digits there from one window "
                    "at a time"
                ).format(parent=self.path.parent)
            )
        return ". ".join(problems)

    # Changes

    def add(self, digit: OwnDigit) -> OwnDigit:
        """Add a digit; a drawing that is there already only gets the new label.

        Returns:
            the entry: `digit`, or the older one with its label.

        Raises:
            MyDigitsError: the file can't be written; nothing is changed.
        """
        with self._lock:
            kept = next((e for e in self.load() if e.ink == digit.ink), None)
            if kept is None:
                self._append([_added(digit)])
                return digit
            self.relabel([kept.id], digit.label)
            return self._entries[kept.id]

    def restore(self, digits: Iterable[OwnDigit]) -> None:
        """Restore deleted digits, or earlier labels, by adding the digits again."""
        self._append([_added(digit) for digit in digits])

    def relabel(self, ids: Iterable[str], label: int) -> None:
        """Change the labels of entries."""
        with self._lock:
            self.load()
            changed = [i for i in ids if i in self._entries and self._entries[i].label != label]
            self._append([_record("relabel", id=i, label=label) for i in changed])

    def delete(self, ids: Iterable[str]) -> None:
        """Delete entries; their lines stay in the file, and `restore` undoes it."""
        self._append([_record("delete", id=i) for i in ids])

    # Export and import

    def import_(self, path: Path) -> Imported:
        """Add the digits of a file that `export` wrote, or of one in the same form.

        A drawing that is there already is skipped, whatever its label. Where the file names
        no writer, its own name does: who exported it is not who imports it.

        Raises:
            MyDigitsError: the file can't be read, or an entry is invalid; nothing is added.
        """
        name = path.name.split(".")[0][:LONGEST_NAME] or WRITER
        digits = [
            dataclasses.replace(digit, writer=name) if digit.writer == WRITER else digit
            for digit in read_export(path)
        ]
        with self._lock:
            known = {entry.ink for entry in self.load()}
            new: dict[tuple[Strokes, bytes | None], OwnDigit] = {}
            for digit in digits:
                if digit.ink not in known:
                    new.setdefault(digit.ink, digit)
            self._append([_added(digit) for digit in new.values()])
        return Imported(tuple(new.values()), len(digits) - len(new))

    # The file

    def _append(self, records: list[str]) -> None:
        """Append lines to the file, flushed to disk, and apply them."""
        if not records:
            return
        with self._lock, convert_write_errors(self.path, MyDigitsError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._check_place()
            with self.path.open("a+b", buffering=0) as file, lock(file) as held:
                self._without_lock |= not held
                size = file.seek(0, os.SEEK_END)
                content = "".join(records).encode()
                if size and not _ends_a_line(file, size):
                    content = b"\n" + content  # a crash cut the last line short
                try:
                    write_all(file, content)
                except OSError:
                    file.truncate(size)  # a full disk leaves no half line either
                    raise
                if size == self._size_read:
                    self._take(content.splitlines())
                    self._size_read = size + len(content)
            self.load()

    def _check_place(self) -> None:
        """See that the file, where there is one, can be read and written.

        Raises:
            OSError: it is a device or a pipe.
        """
        if is_there(self.path):
            check_is_plain(self.path)

    def _read(self, content: bytes) -> None:
        """Take over what the whole file says."""
        self._entries, self._deleted = {}, set()
        self.damaged = self.newer = 0
        # The last line may be cut short, or another window is just writing it: half an
        # object is no JSON, and so is never taken for a whole one.
        self._take(content.split(b"\n"))
        self._size_read = len(content)

    def _take(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if not line.strip():
                continue
            try:
                self._apply(json.loads(line))
            except _NewerError:
                self.newer += 1
            except (ValueError, KeyError, TypeError, RecursionError):
                self.damaged += 1

    def _apply(self, record: dict[str, Any]) -> None:
        """Do again what one line says was done.

        Raises:
            ValueError, KeyError, TypeError: it says nothing that can be.
        """
        if not isinstance(record, dict):
            raise ValueError("line")
        if record["version"] > VERSION:
            raise _NewerError
        number = str(record["id"])
        if record["do"] == "add":
            self._entries[number] = dataclasses.replace(from_json(record), id=number)
            self._deleted.discard(number)
        elif record["do"] == "delete":
            self._deleted.add(number)
        elif record["do"] == "relabel":
            label = record["label"]
            if type(label) is not int or not 0 <= label <= 9:
                raise ValueError("label")
            if number in self._entries:  # else the line that added it is damaged
                self._entries[number] = dataclasses.replace(self._entries[number], label=label)
        else:
            raise ValueError("do")


class _NewerError(Exception):
    """A line that a newer version of the program wrote."""


def _record(do: str, **what: Any) -> str:
    """One line of the file."""
    line = {"version": VERSION, "do": do, **what}
    if "when" not in line:
        line["when"] = current_time()
    return json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n"


def _added(digit: OwnDigit) -> str:
    return _record("add", id=digit.id, **to_json(digit))


def _ends_a_line(file: Any, size: int) -> bool:
    file.seek(size - 1)
    ends: bool = file.read(1) == b"\n"
    return ends


def write_all(file: Any, content: bytes) -> None:
    """One write where the system takes it whole; forced to the disk."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())
