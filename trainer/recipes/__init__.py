"""Every number that a training run depends on, as pure data.

Knows no torch, no files of runs and no window. Begin with `recipe`; `catalog` has the named
recipes, `sharing` turns one into a short text and back, and `published_results` sets what
they reach here beside what their sources reported.
"""

__all__ = [
    "catalog",
    "own_dataset",
    "published_results",
    "recipe",
    "sharing",
    "words",
]
