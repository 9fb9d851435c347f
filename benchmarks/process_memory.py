"""The memory that this process holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def resident_memory() -> float:
    """Megabytes that are in memory now; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_memory() -> float:
    """The most megabytes that were ever in memory."""
    import resource  # not on Windows

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
