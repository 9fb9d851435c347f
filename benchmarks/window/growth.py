"""What a process with windows holds: memory, threads, files, and objects of Qt and Python."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from benchmarks.measurement import Row
from benchmarks.process_memory import resident_memory


class Growth:
    """How much there is of what a process holds, and what came since.

    Args:
        kinds: count Python's objects by their kind, too; only while no other thread runs: one that
            is making a tuple fails when somebody else has a reference to it.
    """

    def __init__(self, kinds: bool = False) -> None:
        gc.collect()
        _give_back()
        self.memory = resident_memory()
        self.allocated = _allocated_memory()
        self.threads = len(list(Path("/proc/self/task").iterdir()))
        self.files = len(list(Path("/proc/self/fd").iterdir()))
        self.python_blocks = sys.getallocatedblocks()
        self.qt_kinds: Counter[str] = Counter()
        for top in QApplication.topLevelWidgets():
            if isValid(top):
                self.qt_kinds[type(top).__name__] += 1
                self.qt_kinds.update(
                    child.metaObject().className() for child in top.findChildren(QObject)
                )
        objects = gc.get_objects() if kinds else []
        self.kinds = Counter(type(one).__qualname__ for one in objects)

    def __str__(self) -> str:
        counts = f"{self.threads} threads, {self.files} files, {self.qt_kinds.total()} Qt objects"
        used = f"{self.memory:.0f} MB, {self.allocated or 0:.0f} MB of them allocated"
        return f"{used}, {counts}, {self.python_blocks} Python blocks"

    def row(self) -> Row:
        """What there is."""
        return {
            "memory": round(self.memory, 1),
            "allocated": self.allocated and round(self.allocated, 1),
            "threads": self.threads,
            "files": self.files,
            "qt_objects": self.qt_kinds.total(),
            "python_blocks": self.python_blocks,
        }

    def since(self, before: Growth) -> Row:
        """What came."""
        return {
            "memory": round(self.memory - before.memory, 1),
            "allocated": self.allocated
            and before.allocated
            and round(self.allocated - before.allocated, 1),
            "threads": self.threads - before.threads,
            "files": self.files - before.files,
            "qt_objects": self.qt_kinds.total() - before.qt_kinds.total(),
        }

    def tell_since(self, before: Growth) -> None:
        """Print the kinds of which most came."""
        for title, now, then in (
            ("Qt", self.qt_kinds, before.qt_kinds), ("Python", self.kinds, before.kinds),
        ):  # fmt: skip
            for kind, more in (now - then).most_common(25):
                print(f"{title}: {more} more of {kind}, {now[kind]} in all", file=sys.stderr)


def _give_back() -> None:
    """Let the C library return what it keeps for later, which is no growth."""
    with contextlib.suppress(OSError, AttributeError):  # another library than GNU's
        ctypes.CDLL(None).malloc_trim(0)


class _Information(ctypes.Structure):
    """What `mallinfo2` tells, in bytes and counts."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks"),
            *("uordblks", "fordblks", "keepcost"),
        )
    )


def _allocated_memory() -> float | None:
    """Megabytes that the C library has handed out, to Qt, PyTorch, and Python's large objects.

    Without what lies between them, which it can't give back. None where it does not tell.
    """
    try:
        ask = ctypes.CDLL(None).mallinfo2  # glibc 2.33
    except (OSError, AttributeError):
        return None
    ask.restype = _Information
    found = ask()
    return float(found.uordblks + found.hblkhd) / 1e6
