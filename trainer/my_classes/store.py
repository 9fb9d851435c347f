"""The set of classes that the window keeps by itself, in a file that another window may write too.

What was changed here since the file was last read is put into what the file holds now; neither
window's drawings are lost. Changes can be undone as long as the program runs.
"""

from __future__ import annotations

from pathlib import Path

from trainer.files import convert_write_errors, lock
from trainer.my_classes import class_file
from trainer.my_classes.class_file import ClassFileError
from trainer.my_classes.class_set import ClassSet, EditHistory

_Stamp = tuple[int, int, int]
"""Of a file: it is another one once it was replaced."""


class KeptClasses:
    """A set that is kept in a file, which need not exist yet; one thread may use it."""

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
            others = class_file.load(self.path) if stamp is not None else self._on_disk
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
                    class_file.save(self.now, self.path)
                    self._on_disk, self._stamp = self.now, self._look()
        return self.now

    def _look(self) -> _Stamp | None:
        """None if there is no file."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
