"""Long work as a generator, which yields its progress and returns its result.

The caller decides how to show the progress, and cancels the work by ceasing to iterate; so the
work itself knows no window, no progress bar and no cancel flag.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from trainer.translation import gettext as _

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of some work."""

    what: str  # for people, such as "reading MNIST"
    done: int
    total: int  # 0 if not known


def result_of(work: Generator[Any, None, Result]) -> Result:
    """Run `work` to its end, without showing progress, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


Event = TypeVar("Event")
Told = TypeVar("Told")


def transform(
    work: Generator[Event, None, Result], tell: Callable[[Event], Told | None]
) -> Generator[Told, None, Result]:
    """`work` with what `tell` makes of each of its values; None leaves one out."""
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        if (value := tell(event)) is not None:
            yield value


T = TypeVar("T")
shared_results: dict[tuple[str, ...], Any] = {}
_rendering = threading.Lock()


def once(
    key: tuple[str, ...], render: Generator[Progress, None, T]
) -> Generator[Progress, None, T]:
    """What `render` makes, now or when `key` was first asked for."""
    while not _rendering.acquire(timeout=0.1):
        yield Progress(_("waiting for pen digits"), 0, 0)  # another run renders them
    try:
        if key not in shared_results:
            shared_results[key] = yield from render
        result: T = shared_results[key]
        return result
    finally:
        _rendering.release()
