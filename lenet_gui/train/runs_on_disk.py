"""The folder of runs: looked at again and again in the background; and what is changed there.

A timer and not a file system's messages: those do not come from a network's folder, and a
history grows ten times a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile, QObject, QTimer, Signal

from lenet_gui.workers.serial import BackgroundTask
from trainer.files import convert_write_errors, is_there
from trainer.runs.listing import Listed, RunListing, is_training
from trainer.runs.record import RunError
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

UNREADABLE = N_("The folder of the runs cannot be read, so the list may be out of date")
_EVERY = 2000  # ms


class RunsOnDisk(QObject):
    """Call `look`, or `follow` to have it called while somebody looks at the list.

    Args:
        folder: gives the folder of runs.
    """

    listed = Signal(object)
    """What is there (`Listed`)."""
    failed = Signal(str, str)
    """That nothing could be looked at, and why."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._folder = folder
        self._listing = RunListing()
        self._looking = self._again = False
        self.timer = QTimer(self)
        """Looks again, while `follow` is on."""
        self.timer.setInterval(_EVERY)
        self.timer.timeout.connect(self.look)

    def follow(self, follow: bool) -> None:
        """Look from time to time, or no longer."""
        if follow:
            self.timer.start()
        else:
            self.timer.stop()

    def look(self) -> None:
        """Look once; what is there comes later."""
        if self._looking:
            self._again = True
            return
        self._looking, folder = True, self._folder()
        BackgroundTask.begin(
            lambda: self._listing.look(folder), self._looked, self._not_looked, context=self
        )

    def _looked(self, listed: Listed) -> None:
        self._looking = False
        self.listed.emit(listed)
        if self._again:
            self._again = False
            self.look()

    def _not_looked(self, problem: str) -> None:
        self._looking = self._again = False
        self.failed.emit(_(UNREADABLE), problem)


def explain_left_out(listed: Listed) -> str:
    """Why runs are not in the list; the problems themselves are details."""
    count = len(listed.problems)
    text = ngettext(
        "{n} run cannot be listed, because files in its folder are damaged",
        "{n} runs cannot be listed, because files in their folders are damaged",
        count,
    )
    return text.format(n=count) if listed.readable else _(UNREADABLE)


@dataclass(frozen=True, slots=True)
class Trashed:
    """What became of folders that were to be moved to the trash."""

    moved: tuple[Path, ...]
    left: tuple[Path, ...]  # there is no trash for them


def move_to_trash(folders: Sequence[Path]) -> Trashed:
    """Move runs' folders to the desktop's trash; call it in the background.

    Raises:
        RunError: somebody trains in one of them; then none is moved.
    """
    _check_idle(folders)
    there = [folder for folder in folders if is_there(folder)]
    left = [folder for folder in there if not QFile(str(folder)).moveToTrash()]
    return Trashed(tuple(folder for folder in folders if folder not in left), tuple(left))


def delete_for_good(folders: Sequence[Path]) -> Trashed:
    """Delete runs' folders; call it in the background.

    Raises:
        RunError: somebody trains in one of them, or it can't be deleted.
    """
    _check_idle(folders)
    for folder in folders:
        with convert_write_errors(folder, RunError):
            shutil.rmtree(folder)
    return Trashed(tuple(folders), ())


def _check_idle(folders: Sequence[Path]) -> None:
    busy = [folder.name for folder in folders if is_training(folder)]
    if busy:
        raise RunError(
            _(
                "{run} is being trained by another window or program. Stop it there, then delete it"
            ).format(run=busy[0])
        )
