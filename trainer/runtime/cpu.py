"""Training that gives way: to a window beside it, and to other programs.

Between two steps all of a run's CPU threads wait for the last of them. Where
another program keeps one core busy, that one comes late each time, and training
with two threads can become thirty times slower than with one.

Memory that is free, given back to the system.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading

_NICE = 10  # 0 is usual, 19 least: the window gets nine tenths of a core that both want


def lower_priority() -> None:
    """Let other threads of this program go first; for the calling thread, and what it starts."""
    if sys.platform.startswith("linux"):  # elsewhere a thread has no such number of its own
        thread = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(now, _NICE))


def threads_per_run(runs: int) -> int:
    """How many CPU threads each of `runs` that train at once gets; one core is left free."""
    return max(1, (count_cores() - 1) // max(1, runs))


def count_cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def release_free_memory() -> None:
    """Give back what glibc keeps for later; elsewhere, nothing happens.

    A run leaves 30 to 80 MB of it. Takes some ms, in which Python's lock is free.
    """
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:  # musl has none
            trim(0)
