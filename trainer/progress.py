"""Long work as a generator: it yields how far it is and returns its result.

Whoever runs it decides how to show the progress, and stops it by ceasing to
iterate; so the work itself holds no window, no bar and no cancel flag.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is."""

    what: str  # in a person's words, such as "reading MNIST"
    done: int
    total: int  # 0 if not known


def result_of(work: Generator[Any, None, Result]) -> Result:
    """Run `work` to its end, unseen, and return what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
