"""The memory that glibc keeps, given back to the system or not taken; elsewhere nothing is done.

Imports no torch.
"""

from __future__ import annotations

import ctypes
import sys

from trainer.runtime.workarounds import workarounds_enabled

_M_ARENA_MAX = -8  # of malloc.h
_ARENAS = 2


def limit_arenas() -> None:
    """Let all threads allocate from two arenas; to be called before there are threads.

    Else each thread that comes gets an arena of its own, up to eight for each core, and what is
    free in one of them serves no other thread.

    - Without it: 1,210 MB in place of 1,042 MB after 6,000 events of
      `python -m benchmarks.window.monkey --seed 21`, where 272 MB are allocated.
    - Versions: glibc 2.36.
    - Upstream: "malloc uses excessive memory for multi-threaded applications",
      https://sourceware.org/bugzilla/show_bug.cgi?id=11261.
    - Off: LENET_STUDIO_NO_WORKAROUNDS=1.
    - No longer needed once `test_glibc_still_makes_an_arena_for_each_thread` fails.
    """
    _call("mallopt", _M_ARENA_MAX, _ARENAS)


def release_free_memory() -> None:
    """Give memory that is free back to the system, which glibc would keep; elsewhere do nothing.

    Takes some ms, in which Python's lock is free.

    - Without it: 74 of 694 MB stay after one epoch of `mnist-sigmoid-adamw` in a thread, by
      VmRSS in /proc/self/status before and after the call, which took 6 ms.
    - Versions: glibc 2.36, PyTorch 2.14.1.
    - Upstream: "[CPU] Add API to release unused allocator memory",
      https://github.com/pytorch/pytorch/pull/192078.
    - Off: LENET_STUDIO_NO_WORKAROUNDS=1.
    - No longer needed once `test_glibc_still_keeps_what_is_freed` fails.
    """
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    if sys.platform.startswith("linux") and workarounds_enabled():
        function = getattr(ctypes.CDLL(None), name, None)
        if function is not None:  # musl has none
            function(*values)
