"""The curves of runs, as the Train tab shows them, with hover, legend and differences.

matplotlib is imported only when curves are first seen, and only by `canvas`. Knows
neither runs on disk nor threads that train. Begin with `view`.
"""

__all__ = [
    "canvas",
    "differences",
    "hover",
    "view",
]
