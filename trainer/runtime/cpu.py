"""Training gives way: to a window beside it, and to other programs.

Between two steps all of a run's CPU threads wait for the last of them. Where
another program keeps one core busy, that one comes late each time, and training
with two threads can become thirty times slower than with one.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_NICE = 10  # 0 is usual, 19 least: the window gets nine tenths of a core that both want


def lower_priority() -> None:
    """Let other threads of this program go first; for the calling thread, and what it starts."""
    if sys.platform.startswith("linux"):  # elsewhere a thread has no such number of its own
        thread = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(now, _NICE))


def use_background_threads() -> None:
    """Compute with one CPU thread in the calling thread from now on.

    More would make work on single images slower, and take cores from the pen and from training.
    """
    torch.set_num_threads(1)


def use_run_threads(runs: int = 1) -> None:
    """Compute with the CPU threads of one of `runs` in the calling thread from now on."""
    torch.set_num_threads(threads_per_run(runs))


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Let the calling thread compute with so many, then as before; 0 changes nothing."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def threads_per_run(runs: int) -> int:
    """How many CPU threads each of `runs` that train at once gets; one core is left free."""
    return max(1, (count_cores() - 1) // max(1, runs))


def count_cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
