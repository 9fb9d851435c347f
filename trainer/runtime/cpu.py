"""Training that gives way: to a window beside it, and to other programs.

Between two steps all of a run's CPU threads wait for the last of them. Where
another program keeps one core busy, that one comes late each time, and training
with two threads can become thirty times slower than with one.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Generator
from contextlib import closing
from typing import Any

import torch

from trainer.training.events import Step

_log = logging.getLogger(__name__)
_SLOWER = 3.0  # times, at which one thread is better
_IN_A_ROW = 3  # events: a single slow one says nothing
_NICE = 10  # 0 is usual, 19 least: the window gets nine tenths of a core that both want


class Pace:
    """Notices when training has become, and stays, several times slower than it was."""

    def __init__(self) -> None:
        self._best = 0.0
        self._slow = 0

    def fell(self, speed: float) -> bool:
        """Whether it has now.

        Args:
            speed: of the steps since the last call, in any unit.
        """
        self._best = max(self._best, speed)
        self._slow = self._slow + 1 if speed * _SLOWER < self._best else 0
        return self._slow >= _IN_A_ROW


def watched(run: Generator[Any, None, None]) -> Generator[Any, None, None]:
    """The events of `run`, which goes on with one CPU thread where more have become too slow.

    To be iterated in the thread whose number of threads was set. A run to which that
    happened is not, to the last bit, the one that another day would have brought.
    """
    pace = Pace()
    with closing(run):
        for event in run:
            yield event
            if not isinstance(event, Step) or torch.get_num_threads() == 1:
                continue
            if pace.fell(event.images_per_second):
                torch.set_num_threads(1)
                _log.warning("Other programs keep the processor busy: training uses one thread now")


def give_way() -> None:
    """Let other threads of this program go first; for the calling thread, and what it starts."""
    if sys.platform.startswith("linux"):  # elsewhere a thread has no such number of its own
        thread = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(now, _NICE))


def share(runs: int) -> int:
    """How many CPU threads each of `runs` that train at once gets; one core is left free."""
    return max(1, (_cores() - 1) // max(1, runs))


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
