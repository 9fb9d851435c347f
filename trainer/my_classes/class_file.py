"""A set of drawings as one file, which another person opens, and `--dataset` takes too.

JSON, gzipped where the name ends in .gz:

    {"format": "lenet-studio classes", "version": 1, "classes": ["cat", "tree"],
     "drawings": [{"label": "cat", "writer": "Ann", "strokes": [[[x, y, width], ...], ...]}]}

Drawings are imported from other files, too: of My digits, Quick, Draw!, and others.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from trainer.data.own.drawings import label_of, read_items
from trainer.drawing.rasterize import StrokesError
from trainer.drawing.stroke_files import LARGEST_FILE, check_memory, parse_json, strokes_of
from trainer.files import (
    convert_read_errors,
    convert_write_errors,
    decode_text,
    lock,
    read_bounded,
    write_whole,
)
from trainer.my_classes.class_set import (
    LONGEST_NAME,
    MOST_DRAWINGS,
    ClassDrawing,
    ClassSet,
    ClassSetError,
    EditHistory,
    check_name,
    make_drawing,
    merge_sets,
)
from trainer.translation import gettext as _

FORMAT = "lenet-studio classes"
VERSION = 1
_FIRST, _END = '"drawings":[\n', "\n]}"
"""Around the drawings, each of which is written as a line of its own."""


class ClassFileError(ClassSetError):
    """A file of classes that can't be read or written; the message says why."""


def save(kept: ClassSet, path: Path) -> None:
    """Write a set; what was there stays whole until it is.

    Raises:
        ClassFileError: it can't be written.
    """
    head = {"format": FORMAT, "version": VERSION, "classes": kept.classes}
    drawings = ",\n".join(map(_encode, kept.drawings))
    begin = json.dumps(head, separators=(",", ":"))[:-1]
    content = (
        f"{begin},{_FIRST}{drawings}{_END}" if drawings else f'{begin},"drawings":[]}}'
    ).encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    with convert_write_errors(path, ClassFileError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


@lru_cache(maxsize=MOST_DRAWINGS)
def _encode(drawing: ClassDrawing) -> str:
    """A drawing as JSON; it is kept, as a set is saved after each drawing that is added."""
    item = {"label": drawing.label, "writer": drawing.writer, "strokes": drawing.strokes}
    return json.dumps(item, separators=(",", ":"), allow_nan=False)


def load(path: Path) -> ClassSet:
    """Read a set.

    Raises:
        ClassFileError: it can't be read, or holds none.
    """
    try:
        with convert_read_errors(path, ClassFileError):
            text = decode_text(read_bounded(path, LARGEST_FILE))
        check_memory(text)
        values = _parse(text)
    except StrokesError as error:
        raise ClassFileError(
            _("{path} cannot be read: {reason}").format(path=path, reason=error)
        ) from None
    except (ValueError, RecursionError):
        raise ClassFileError(_("{path} is no file of classes").format(path=path)) from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ClassFileError(_("{path} is no file of classes").format(path=path))
    if values.get("version") != VERSION:
        raise ClassFileError(
            _("{path} is of a newer version of this program: update it to open the file").format(
                path=path
            )
        )
    try:
        return _set_of(values)
    except ClassSetError as error:
        raise ClassFileError(f"{path}: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise ClassFileError(
            _("{path} is damaged: a class or a drawing is not whole").format(path=path)
        ) from None


def _parse(text: str) -> Any:
    """JSON; line by line where it can be: Python's threads wait for one call that parses it all.

    Raises:
        ValueError, RecursionError: it is none.
    """
    begin, separator, drawings = text.partition(_FIRST)
    if separator and drawings.endswith(_END):
        with contextlib.suppress(ValueError, TypeError):
            values = json.loads(begin + '"drawings":[]}')
            values["drawings"] = [json.loads(d) for d in drawings[: -len(_END)].split(",\n")]
            return values
    return parse_json(text)


def _set_of(values: dict[str, Any]) -> ClassSet:
    drawn = ClassSet()
    for name in values["classes"]:
        drawn = drawn.with_class(name)
    return drawn.with_drawings(
        make_drawing(item["label"], item["strokes"], item.get("writer", ""))
        for item in values["drawings"]
    )


def load_merged(paths: Sequence[Path]) -> ClassSet:
    """The sets of several files as one, such as those of a whole class of pupils.

    Drawings of which it is not said who drew them get their file's name.

    Raises:
        ClassFileError: one can't be read; then none is.
        ClassSetError: together they are too many.
    """
    return merge_sets(load(path).signed(path.name.split(".")[0][:40] or "?") for path in paths)


_Stamp = tuple[int, int, int]
"""Of a file: it is another one once it was replaced."""


class KeptClasses:
    """A set that the window keeps in a file, which need not exist yet; one thread may use it.

    Another window may write the file, too: what was changed here since it was last read is put
    into what it holds now, and neither window's drawings are lost. Changes can be undone as long
    as the program runs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.history = EditHistory(ClassSet())
        self._on_disk = ClassSet()  # what the file held when it was last read or written
        self._stamp: _Stamp | None = None

    @property
    def now(self) -> ClassSet:
        """The set, with all changes."""
        return self.history.now

    def refresh(self) -> ClassSet:
        """Take in what another window has written since.

        Raises:
            ClassSetError: the file can't be read, or both together are too many; nothing changed.
        """
        stamp = self._look()
        if stamp != self._stamp:
            # A file that is gone is no reason to forget its drawings.
            others = load(self.path) if stamp is not None else self._on_disk
            self.history.take_in(self._on_disk, others)
            self._on_disk = others if stamp is not None else ClassSet()
            self._stamp = stamp
        return self.now

    def save(self) -> ClassSet:
        """Write what was changed, with what another window has written since.

        Raises:
            ClassSetError: it can't be written, or what is there can't be read; the file is as it
                was, and the changes are still here.
        """
        with convert_write_errors(self.path, ClassFileError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Another file is locked, as this one is replaced by each save.
            with self.path.with_suffix(".lock").open("ab") as beside, lock(beside):
                self.refresh()
                if self.now != self._on_disk:
                    save(self.now, self.path)
                    self._on_disk, self._stamp = self.now, self._look()
        return self.now

    def _look(self) -> _Stamp | None:
        """None if there is no file."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


MOST_OF_A_CLASS = 500
"""Drawings that are taken of a class: Quick, Draw! has a hundred thousand, and fewer do."""

_NOBODY = "me"
"""Whose drawings an export of My digits says that they are: anybody's."""


@dataclass(frozen=True, slots=True)
class ImportedDrawings:
    """What was found in a file."""

    drawn: ClassSet
    unusable: int  # drawings without strokes or label, or that can't be drawn
    surplus: int  # drawings above `MOST_OF_A_CLASS`


def import_drawings(path: Path, label: str) -> ImportedDrawings:
    """The drawings of a file; those without a label are of the class `label`.

    Args:
        path: a file of classes, or JSON as `trainer.drawing.stroke_files` reads it, with "label",
            "word" or "class", and perhaps "writer".
        label: of drawings that have none; those are unusable if it is empty.

    Raises:
        ClassSetError: it can't be read, or holds no drawing that can be used.
    """
    try:
        with convert_read_errors(path, ClassFileError):
            text = decode_text(read_bounded(path, LARGEST_FILE))
    except UnicodeDecodeError:
        raise ClassFileError(_("{path} is no text in JSON").format(path=path)) from None
    if FORMAT in text[:200]:
        return ImportedDrawings(load(path), 0, 0)
    try:
        items = read_items(text)
    except StrokesError as error:
        raise ClassFileError(f"{path}: {error}") from None
    return _collect(path, items, label)


def _collect(path: Path, items: list[Any], label: str) -> ImportedDrawings:
    drawings: list[ClassDrawing] = []
    counts, unusable, surplus = Counter[str](), 0, 0
    for item in items:
        name = label_of(item) or label
        if counts[name] >= MOST_OF_A_CLASS:
            surplus += 1
            continue
        drawing = _drawing(item, name) if name else None
        if drawing is None:
            unusable += 1
            continue
        counts[drawing.label] += 1
        drawings.append(drawing)
    if not drawings:
        raise ClassFileError(
            _("{path} holds no drawings that can be used: each needs strokes and a label").format(
                path=path
            )
        )
    collected = ClassSet()
    for name in dict.fromkeys(drawing.label for drawing in drawings):
        collected = collected.with_class(name)
    return ImportedDrawings(collected.with_drawings(drawings), unusable, surplus)


def _drawing(item: Any, label: str) -> ClassDrawing | None:
    """One drawing; None if it can't be drawn."""
    writer = item.get("writer") if isinstance(item, dict) else ""
    writer = writer if isinstance(writer, str) and writer != _NOBODY else ""
    try:
        strokes = [np.asarray(each).tolist() for each in strokes_of(item) if len(each)]
        return make_drawing(check_name(label), strokes, writer[:LONGEST_NAME])
    except (StrokesError, ClassSetError, ValueError, TypeError):
        return None
